"""The metrics: a closed table, bounded labels, and nothing that is not moved by the code."""

from __future__ import annotations

import pytest

from operating.meter import Meter
from operating.metrics import OTHER, SPECS, Metric, Role, of_role
from tests.kafka.test_observed import MOVED_BY_A_DESK, MOVED_BY_A_WORKER
from tests.metered import moved, series, value
from tests.unit.cli.test_observed import MOVED_AT_THE_DOOR
from tests.unit.streams.test_metering import MOVED_BY_THE_ENGINE


def test_every_metric_is_moved_by_a_test_of_what_moves_it() -> None:
    """Law: no metric stands still for ever; those tests run the job, and see each of theirs change."""
    assert set(Metric) == MOVED_BY_THE_ENGINE | MOVED_BY_A_WORKER | MOVED_BY_A_DESK | MOVED_AT_THE_DOOR


@pytest.mark.parametrize("metric", list(Metric))
def test_a_metric_says_what_it_is_in_both_languages(metric: Metric) -> None:
    """Law: named as Prometheus wants it, with help, and shown by some process."""
    spec = SPECS[metric]
    assert metric.value.startswith("hazflow_")
    assert metric.value.endswith("_total") is (spec.kind == "counter")
    assert all(spec.help)
    assert spec.roles
    assert (spec.kind == "histogram") is bool(spec.buckets)


@pytest.mark.parametrize("role", list(Role))
def test_a_process_shows_its_own_metrics_and_its_memory(role: Role) -> None:
    """Law: what is of another process is not shown at 0, where nobody would ever move it."""
    shown = Meter(role).show()
    named = {metric for metric in Metric if f"# TYPE {metric.value.removesuffix('_total')}".encode() in shown}
    assert {metric for metric in named if role in SPECS[metric].roles} >= set(of_role(role))
    assert value(shown, Metric.CHECK) == 0
    assert b"process_resident_memory_bytes" in shown
    with pytest.raises(KeyError):
        Meter(role).add(next(metric for metric in Metric if role not in SPECS[metric].roles))


def test_a_label_has_no_more_values_than_its_bound() -> None:
    """Law 11: providers without end make no series without end; what is beyond is counted together."""
    meter = Meter(Role.WORKER)
    for number in range(200):
        meter.add(Metric.REFUSED, "not_json", f"provider-{number}")
    kept = series(meter.show())[Metric.REFUSED]
    assert len(kept) == SPECS[Metric.REFUSED].labels[1].most + 1
    assert value(meter.show(), Metric.REFUSED, OTHER) == 150
    meter.add(Metric.REFUSED, "not_json", "provider-3")
    assert value(meter.show(), Metric.REFUSED, "provider-3") == 2


def test_what_is_known_beforehand_is_there_from_the_start() -> None:
    """Law: a rate needs a first value: the first red warning counts, not only the second."""
    assert value(Meter(Role.WORKER).show(), Metric.WARNINGS, "red", "open") == 0
    assert len(series(Meter(Role.WORKER).show())[Metric.WARNINGS]) == 12


def test_a_lane_that_left_is_shown_no_more() -> None:
    """Law: the series of what is another's now end, and others' stay."""
    meter = Meter(Role.WORKER)
    meter.set(Metric.LAG_RECORDS, "1", "flow", to=3)
    meter.set(Metric.LAG_RECORDS, "2", "flow", to=4)
    meter.forget(Metric.LAG_RECORDS, "1")
    assert series(meter.show())[Metric.LAG_RECORDS] == {'{lane="2",topic="flow"}': 4}


def test_what_changes_by_itself_is_looked_at_when_it_is_shown() -> None:
    """Law: a clock that nobody reads is not late; each showing reads it."""
    meter, seen = Meter(Role.DOOR), iter((1.0, 2.0))
    meter.refresh(lambda: meter.set(Metric.TICKED, to=next(seen)))
    assert moved(meter.show(), meter.show()) == {Metric.TICKED}
