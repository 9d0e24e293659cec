"""C1: uploaded on a later day than it happened."""

from __future__ import annotations

from msgspec.structs import replace

from detectors.claim import Status
from tests.detector_kit import Bench, History, at, count, movement, watch


def history() -> History:
    """An afternoon uploaded the next morning, with one report of the day before; then a day on time."""
    return History(
        rule="C1",
        key="site:S1",
        facts=(
            movement("issue", "1 item", when="day 1 15:00", received="day 3 09:12"),
            movement("issue", "1 item", when="day 2 09:00", received="day 2 09:05"),
            movement("issue", "2 item", when="day 2 14:00", received="day 3 09:13"),
            count("90 item", when="day 2 18:30", received="day 3 09:15"),
            movement("issue", "3 item", when="day 3 10:00", received="day 3 10:05"),
            movement("issue", "3 item", when="day 4 10:00", received="day 4 10:05"),
        ),
        now=at("day 5 00:00"),
    )


def test_what_a_site_uploads_late_on_one_day_is_one_warning() -> None:
    """Anchored at the first event in event order; closed once the day is over; it counts and measures."""
    told = history()
    (finding,) = watch(told)
    claim = finding.claim
    assert (claim.anchor, claim.since, claim.until) == (told.facts[0].id, at("day 1 15:00"), at("day 3 09:15"))
    assert claim.numbers == {"received_day": "2026-05-06", "reports": 3, "longest_delay_h": 42.2}
    assert finding.status is Status.CLOSED


def test_each_day_of_late_uploads_is_a_warning_of_its_own() -> None:
    """Received on two days: two episodes, though they overlap in event time."""
    facts = (
        movement("issue", "1 item", when="day 1 10:00", received="day 2 09:00"),
        movement("issue", "1 item", when="day 1 11:00", received="day 4 09:00"),
        movement("issue", "1 item", when="day 1 12:00", received="day 2 09:01"),
        movement("issue", "1 item", when="day 3 12:00", received="day 4 09:01"),
    )
    found = watch(replace(history(), facts=facts))
    assert [finding.claim.numbers["reports"] for finding in found] == [2, 2]
    assert [finding.claim.until for finding in found] == [at("day 2 09:01"), at("day 4 09:01")]


def test_uploaded_before_midnight_is_on_time() -> None:
    """The look-alike: ten to midnight, uploaded with half a minute to spare; midnight itself is late."""
    kept = movement("issue", "1 item", when="day 1 23:50", received="day 1 23:59:30")
    assert not watch(replace(history(), facts=(kept,)))
    missed = movement("issue", "1 item", when="day 1 23:50", received="day 2 00:00")
    assert len(watch(replace(history(), facts=(missed,)))) == 1
    assert not watch(replace(history(), facts=(missed,), parameters={"grace_min": 5}))


def test_a_correction_makes_nothing_late() -> None:
    """A higher version of a fact keeps the original's receipt, so content mended later is no late upload."""
    told = replace(history(), facts=())
    first = movement("issue", "1 item", when="day 1 10:00", received="day 1 10:01", id="e1")
    mended = movement("issue", "2 item", when="day 1 10:00", received="day 1 10:01", id="e1", version=2)
    bench = Bench(told)
    bench.put(first)
    bench.look(at("day 1 11:00"))
    bench.put(mended)
    bench.look(at("day 3 11:00"))
    assert not bench.told


def test_the_warning_is_open_while_its_day_may_bring_more() -> None:
    """Said at once, revised by each further late report of that day, closed at midnight."""
    told = history()
    bench = Bench(told)
    bench.put(told.facts[0])
    bench.look(at("day 3 09:12"))
    assert [finding.status for finding in bench.standing()] == [Status.OPEN]
    bench.put(told.facts[2])
    bench.look(at("day 3 09:13"))
    (finding,) = bench.standing()
    assert (finding.revision, finding.claim.numbers["reports"]) == (2, 2)
    bench.look(at("day 4 00:00"))
    (finding,) = bench.standing()
    assert (finding.status, finding.claim.until) == (Status.CLOSED, at("day 3 09:13"))
