"""Prometheus itself takes what deploy/ has for it: each alarm is raised by what it is about, and by that alone."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import yaml

from tests.docs.test_operating_pages import RULES, TREE, expressions

PROMETHEUS: Final = TREE / "deploy" / "prometheus"
ALERTS: Final = PROMETHEUS / "alerts.yaml"
LASTS: Final = "x40"
"""Values of a series: one a minute, for forty minutes."""
WORKER: Final = 'job="hazflow-worker",instance="w:8610"'
DOOR: Final = 'job="hazflow-door",instance="d:8081"'
DESK: Final = 'job="hazflow-desk",instance="k:8080"'
SERIES: Final[dict[str, tuple[tuple[str, str, str], ...]]] = {
    "HazflowTimeStandsStill": ((f"hazflow_time_stands_still{{{WORKER}}}", "1+0", "0+0"),),
    # Prometheus' clock begins at 0 here: ticks that stop after five minutes, and ticks that keep pace.
    "HazflowDoorSilent": ((f"hazflow_ticked_seconds{{{DOOR}}}", "0+0", "0+60"),),
    "HazflowProcessDown": ((f"up{{{DESK}}}", "0+0", "1+0"),),
    "HazflowLanesUnowned": (
        (f"hazflow_lanes{{{WORKER}}}", "1+0", "2+0"),
        (f'hazflow_time_seconds{{{WORKER},lane="0"}}', "0+60", "0+60"),
        (f'hazflow_time_seconds{{{WORKER},lane="1"}}', "0+60", "0+60"),
    ),
    "HazflowNotReady": ((f'hazflow_check_ok{{{WORKER},check="broker"}}', "0+0", "1+0"),),
    "HazflowLagging": ((f'hazflow_lag_records{{{WORKER},lane="0",topic="flow"}}', "60000+0", "40000+0"),),
    "HazflowCommitSlow": (
        (f'hazflow_commit_seconds_bucket{{{WORKER},le="0.5"}}', "0+0", "0+600"),
        (f'hazflow_commit_seconds_bucket{{{WORKER},le="2.0"}}', "0+600", "0+600"),
        (f'hazflow_commit_seconds_bucket{{{WORKER},le="+Inf"}}', "0+600", "0+600"),
    ),
    "HazflowAborts": ((f'hazflow_aborts_total{{{WORKER},lane="0"}}', "0+1", "0+0.1"),),
    "HazflowRestoring": ((f'hazflow_restore_remaining_records{{{WORKER},lane="0"}}', "9+0", "0+0"),),
    "HazflowIncomplete": ((f'hazflow_incomplete_keys{{{WORKER},detector="B2"}}', "1+0", "0+0"),),
    "HazflowRefusals": ((f'hazflow_refused_total{{{WORKER},provider="p",reason="not_json"}}', "0+50", "0+20"),),
    "HazflowQuarantineFilling": ((f'hazflow_quarantine_records{{{DESK},provider="p"}}', "60000+0", "40000+0"),),
    "HazflowIntakeTurnedAway": (
        (f'hazflow_intake_posts_total{{{DOOR},answer="unavailable"}}', "0+1", "0+0"),
        (f'hazflow_intake_posts_total{{{DOOR},answer="taken"}}', "0+1", "0+1"),
    ),
    "HazflowSpooling": ((f"hazflow_spool_bytes{{{DOOR}}}", "1+0", "0+0"),),
    "HazflowIntakeSlow": (
        (f'hazflow_intake_seconds_bucket{{{DOOR},le="2.0"}}', "0+0", "0+600"),
        (f'hazflow_intake_seconds_bucket{{{DOOR},le="5.0"}}', "0+600", "0+600"),
        (f'hazflow_intake_seconds_bucket{{{DOOR},le="+Inf"}}', "0+600", "0+600"),
    ),
    "HazflowProjectionBehind": (
        (f'hazflow_follower_lag_records{{{DESK},follower="projector"}}', "200000+0", "50000+0"),
    ),
    "HazflowRedisWaiting": ((f'hazflow_follower_refusals_total{{{DESK},follower="redis"}}', "0+1", "0+0"),),
    "HazflowDiskFilling": ((f"hazflow_disk_free_bytes{{{WORKER}}}", "4e9+0", "6e9+0"),),
    "HazflowCalendarEnds": ((f"hazflow_calendar_days{{{DESK}}}", "59+0", "61+0"),),
    "HazflowMemory": ((f"process_resident_memory_bytes{{{WORKER}}}", "9e9+0", "7e9+0"),),
}
"""By alarm: series, as they are when it must be raised, and as they are when it must not."""


def promtool(*arguments: object) -> None:
    """Prometheus' own judge; fails with what it says."""
    fetched = TREE / ".cache" / "prometheus" / "usr" / "bin" / "promtool"
    command = shutil.which("promtool") or str(fetched)
    done = subprocess.run([command, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alarm_is_tried() -> None:
    """Law: an alarm that nobody has seen raised is none."""
    assert SERIES.keys() == {rule["alert"] for rule in RULES}


def test_each_alarm_is_raised_by_what_it_is_about_alone(tmp_path: Path) -> None:
    """Law: its own trouble raises it and no other; an installation in good order raises none."""
    cases = [_case(alert) for alert in SERIES] + [_case(None)]
    path = tmp_path / "alerts_test.yaml"
    path.write_text(yaml.safe_dump({"rule_files": [str(ALERTS)], "evaluation_interval": "1m", "tests": cases}))
    promtool("test", "rules", path)


def test_prometheus_takes_its_configuration() -> None:
    """Law: the file that Compose mounts is one that Prometheus starts with."""
    promtool("check", "config", "--syntax-only", PROMETHEUS / "prometheus.yml")
    promtool("check", "rules", ALERTS)


def test_prometheus_takes_every_query_of_the_dashboard(tmp_path: Path) -> None:
    """Law: no panel stays empty because its query cannot be read."""
    asked = [
        {"record": f"panel:{number}", "expr": expression.replace("$__rate_interval", "1m")}
        for number, expression in enumerate(expressions())
    ]
    assert asked
    path = tmp_path / "panels.yaml"
    path.write_text(json.dumps({"groups": [{"name": "panels", "rules": asked}]}))
    promtool("check", "rules", path)


def _case(raised: str | None) -> dict[str, Any]:
    """Forty minutes of every series, those of one alarm gone bad: it is up at the end, alone."""
    series = [
        {"series": name, "values": (wrong if alert == raised else right) + LASTS}
        for alert, all_of_it in SERIES.items()
        for name, wrong, right in all_of_it
    ]
    up = [{"labels": f'{{alertname="{raised}"}}', "value": 1}] if raised else []
    asked = {
        "expr": 'count by (alertname) (ALERTS{alertstate="firing"})', "eval_time": "39m", "exp_samples": up,
    }  # fmt: skip
    return {"interval": "1m", "input_series": series, "promql_expr_test": [asked]}
