"""Metrics, alarms, log events, dashboard: each is on its page, and each that is named exists."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from operating.log_events import LEVELS, LogEvent
from operating.metrics import SPECS, Metric
from tests.docs.test_pages_run import anchors

TREE = Path(__file__).parents[2]
METRICS = (TREE / "docs" / "metrics.md").read_text("utf-8")
ALARMS_PAGE = TREE / "docs" / "alarms.md"
ALARMS = ALARMS_PAGE.read_text("utf-8")
DASHBOARD = TREE / "deploy" / "grafana" / "hazflow.json"
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((TREE / "deploy" / "prometheus" / "alerts.yaml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
_SUFFIX = re.compile(r"_(bucket|count|sum)$")


def named(expressions: str) -> set[str]:
    """The metrics of ours that PromQL names, a histogram by its own name."""
    found = set(re.findall(r"\bhazflow_\w+", expressions))
    known = {metric.value for metric in Metric}
    return {name if name in known else _SUFFIX.sub("", name) for name in found}


def expressions() -> list[str]:
    """Every query of the dashboard."""
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", ())]


@pytest.mark.parametrize("metric", list(Metric))
def test_every_metric_has_its_row(metric: Metric) -> None:
    """Law: name, kind, labels, who shows it and what it means, as the table in the code says."""
    spec = SPECS[metric]
    labels = ", ".join(f"`{label.name}`" for label in spec.labels) or "–"
    roles = ", ".join(spec.roles)
    assert f"| `{metric}` | {spec.kind} | {labels} | {roles} | {' · '.join(spec.help)} |" in METRICS


def test_the_page_has_no_metric_that_is_not_there() -> None:
    """Law: what was taken out of the code leaves the page too."""
    assert named(METRICS) <= {metric.value for metric in Metric}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_every_alarm_says_what_it_means_and_what_to_do(rule: dict[str, Any]) -> None:
    """Law: its paragraph is where its own annotation points; its metrics exist; it is told in both languages."""
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    assert (TREE / page) == ALARMS_PAGE
    assert anchor == rule["alert"].lower()
    assert anchor in anchors(ALARMS_PAGE)
    (section,) = re.findall(rf"^### {rule['alert']}\n(.*?)(?=^#|\Z)", ALARMS, re.M | re.S)
    assert "**Means.**" in section
    assert "**Do.**" in section
    assert re.search(r"[一-鿿]", section)
    assert named(rule["expr"]) <= {metric.value for metric in Metric}
    assert re.search(r"[一-鿿].* · ", rule["annotations"]["summary"])
    assert rule["labels"]["severity"] in ("critical", "warning")


def test_the_page_has_no_alarm_that_is_not_there() -> None:
    """Law: an alarm that nobody raises any more is not explained."""
    assert set(re.findall(r"^### (Hazflow\w+)$", ALARMS, re.M)) == {rule["alert"] for rule in RULES}


@pytest.mark.parametrize("event", list(LogEvent))
def test_every_log_event_has_its_row(event: LogEvent) -> None:
    """Law: its level, what it means, and whether it asks for action."""
    level = {10: "debug", 20: "info", 30: "warning", 40: "error"}[LEVELS[event]]
    assert re.search(rf"^\| `{event}` \| {level} \| [^|]+ \| [^|]+ \|$", ALARMS, re.M)


def test_the_dashboard_shows_every_metric_and_no_other() -> None:
    """Law: what is measured is looked at; what is drawn exists."""
    assert named(" ".join(expressions())) == {metric.value for metric in Metric}


def test_the_dashboard_is_one_that_grafana_takes() -> None:
    """Law: ids of its own for each panel, places that do not overlap in a row, a data source that one chooses."""
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        assert panel["type"] == "row" or panel["datasource"]["uid"] == "${source}"


def test_scraping_asks_where_the_services_answer() -> None:
    """Law: Prometheus of the compose file asks the ports that it gives them."""
    services = yaml.safe_load((TREE / "deploy" / "compose.yaml").read_text("utf-8"))["services"]
    jobs = yaml.safe_load((TREE / "deploy" / "prometheus" / "prometheus.yml").read_text("utf-8"))["scrape_configs"]
    asked = {job["job_name"]: job for job in jobs}
    worker = services["worker"]["environment"]["HAZFLOW_METRICS_BIND"].rpartition(":")[2]
    assert asked["hazflow-worker"]["dns_sd_configs"][0]["port"] == int(worker)
    for name in ("door", "desk"):
        port = services[name]["environment"]["HAZFLOW_BIND"].rpartition(":")[2]
        assert asked[f"hazflow-{name}"]["static_configs"][0]["targets"] == [f"{name}:{port}"]
