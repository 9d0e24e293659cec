"""What every detector's withdrawn findings say: which fact took them back (law 3), whatever the batch (law 4)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from detectors.catalogue import catalogue
from detectors.claim import Finding, Status
from detectors.detector import Detector
from events.identity import kind_of
from events.time import DAY
from ledger.fact import Cell, Fact
from tests.checks.histories import history_of
from tests.detector_kit import LATENESS, Bench, History

every_detector = pytest.mark.parametrize(
    "detector", catalogue(), ids=[f"{detector.card.id}-{detector.card.key}" for detector in catalogue()]
)
NEVER_CLOSED = dict.fromkeys(LATENESS, 4_000 * DAY)


def told(history: History) -> Bench:
    """A history told and asked at its end, with all of it still held singly."""
    bench = Bench(history, lateness=NEVER_CLOSED)
    for fact in history.facts:
        bench.put(fact)
    bench.look(history.now)
    return bench


def taken_back(facts: Sequence[Fact]) -> list[Fact]:
    """Each report taken back by a correction; a vehicle's minutes cannot be."""
    return [replace(fact, version=fact.version + 1, body=None) for fact in facts if not isinstance(fact.body, Cell)]


def last_words(findings: Sequence[Finding]) -> dict[str, Finding]:
    """The latest revision of each."""
    return {finding.id: finding for finding in findings}


@every_detector
def test_a_correction_that_takes_the_facts_back_is_named_by_what_it_withdraws(detector: Detector) -> None:
    """Report by report: what is withdrawn says that this one did it; in the end none that cites one stands."""
    history = history_of(detector)
    bench = told(history)
    for fact in taken_back(history.facts):
        before = len(bench.told)
        bench.put(fact)
        bench.look(history.now)
        for finding in bench.told[before:]:
            by = finding.withdrawn_by
            assert (by is not None) is (finding.status is Status.WITHDRAWN)
            assert by is None or by.id == fact.id
    if kind_of(history.key) != "vehicle" and not getattr(type(detector), "by_papers", False):
        assert not bench.standing()
    if kind_of(history.key) != "vehicle":
        assert not [finding for finding in bench.standing() if finding.claim.refs]


@every_detector
def test_which_fact_is_named_does_not_depend_on_the_batch(detector: Detector) -> None:
    """All corrections at one look name what each by itself names, where that is one of them."""
    history = history_of(detector)
    singly, at_once = told(history), told(history)
    gone = taken_back(history.facts)
    if kind_of(history.key) == "vehicle":
        gone = gone[:1]
    for fact in gone:
        singly.put(fact)
        singly.look(history.now)
        at_once.put(fact)
    at_once.look(history.now)
    alone, together = last_words(singly.told), last_words(at_once.told)
    known = {
        name for name, finding in last_words(told(history).told).items() if finding.status is not Status.WITHDRAWN
    }
    for name in known:
        assert together[name].status is alone[name].status
        assert together[name].withdrawn_by == alone[name].withdrawn_by, (name, together[name].claim.anchor)
