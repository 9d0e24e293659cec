"""C9: a book that holds something and that nobody counted for longer than its category allows."""

from __future__ import annotations

from msgspec.structs import replace

from detectors.claim import Status
from tests.detector_kit import Bench, History, at, count, detector_of, movement, watch


def history() -> History:
    """Crossbows opened on day 1, counted on day 4, then only estimated; counted again on day 20."""
    return History(
        rule="C9",
        key="book:S1/BOW",
        facts=(
            movement("open", "9 item", goods="BOW", when="day 1 08:00"),
            count("9 item", goods="BOW", when="day 4 18:00"),
            movement("issue", "1 item", goods="BOW", when="day 6 10:00"),
            count("8 item", goods="BOW", when="day 9 18:00", estimated=True),
            count("8 item", goods="BOW", when="day 20 18:00"),
        ),
        parameters={"interval_days": 10},
        now=at("day 22 00:00"),
    )


def test_it_stands_from_the_deadline_until_the_next_count() -> None:
    """Anchored at the last count; ten days after its day, an estimate notwithstanding."""
    (finding,) = watch(history())
    claim = finding.claim
    assert (claim.anchor, claim.since, claim.until) == (
        history().facts[1].id, at("day 15 00:00"), at("day 20 18:00"),
    )  # fmt: skip
    assert claim.numbers == {
        "last_counted_at": at("day 4 18:00"), "runs_from": "count", "interval_days": 10, "due": at("day 15 00:00"),
    }  # fmt: skip


def test_a_new_book_is_due_from_its_opening() -> None:
    """The deadline passes in silence."""
    told = replace(history(), facts=history().facts[:1], now=at("day 12 00:00"))
    (finding,) = watch(told)
    assert (finding.claim.since, finding.claim.numbers["runs_from"]) == (at("day 12 00:00"), "opening")
    assert finding.status is Status.OPEN
    assert not watch(replace(told, now=at("day 11 23:59")))


def test_the_sentence_says_from_what_the_days_run_and_when_it_was_over() -> None:
    """From a count, or from when there was first something to count."""
    rule, told = detector_of("C9", "book"), history()
    (counted,) = watch(told)
    (never,) = watch(replace(told, facts=told.facts[:1], now=at("day 12 00:00")))
    assert rule.explain(counted, "en") == (
        "BOW at S1 was last counted at 2026-05-07T18:00:00+08:00; it was to be counted within 10 days, by "
        "2026-05-18T00:00:00+08:00: that was over only at 2026-05-23T18:00:00+08:00."
    )
    assert rule.explain(never, "en") == (
        "BOW at S1 has not been counted since there was any, at 2026-05-04T08:00:00+08:00; it was to be counted "
        "within 10 days, by 2026-05-15T00:00:00+08:00: nobody has."
    )
    assert "上次盘存为 2026-05-07T18:00:00+08:00" in rule.explain(counted, "zh")
    assert "自 2026-05-04T08:00:00+08:00 有结存以来未盘存" in rule.explain(never, "zh")
    assert rule.explain(never, "zh").endswith("至今未盘。")


def test_a_count_on_the_last_day_is_in_time() -> None:
    """The look-alike: the day itself does not count, its last minute does."""
    last = count("8 item", goods="BOW", when="day 14 23:59")
    facts = (*history().facts[:3], last)
    assert not watch(replace(history(), facts=facts, now=at("day 24 23:00")))


def test_an_empty_book_owes_no_count() -> None:
    """What is sold out needs no counting; what is bought again begins anew; emptied late ends it."""
    opened = history().facts[0]
    sold = movement("issue", "9 item", goods="BOW", when="day 3 10:00")
    assert not watch(replace(history(), facts=(opened, sold)))
    again = movement("receive", "2 item", goods="BOW", when="day 9 10:00")
    (finding,) = watch(replace(history(), facts=(opened, sold, again)))
    assert finding.claim.since == at("day 20 00:00")
    late = movement("issue", "9 item", goods="BOW", when="day 13 10:00")
    (finding,) = watch(replace(history(), facts=(opened, late)))
    assert (finding.claim.since, finding.claim.until) == (at("day 12 00:00"), at("day 13 10:00"))


def test_a_count_that_is_reported_late_takes_it_back() -> None:
    """It was counted in time and uploaded after the deadline."""
    bench = Bench(history())
    for fact in history().facts[:2]:
        bench.put(fact)
    bench.look(at("day 15 08:00"))
    assert [finding.status for finding in bench.told] == [Status.OPEN]
    bench.put(count("9 item", goods="BOW", when="day 13 18:00", received="day 15 09:00"))
    bench.look(at("day 15 09:00"))
    assert [finding.status for finding in bench.told] == [Status.OPEN, Status.WITHDRAWN]
