"""C6: much of several days entered at once, something of long ago, and clocks that run ahead."""

from __future__ import annotations

from msgspec.structs import replace

from detectors.claim import Status
from tests.detector_kit import Bench, History, at, movement, watch


def history() -> History:
    """Three days' sales entered within an hour; a sale of six days ago; three sales that are yet to happen."""
    filled = tuple(
        movement("issue", "1 item", when=f"day {day} {hour:02}:00", received="day 4 20:30")
        for day in (1, 2, 3)
        for hour in (9, 10, 11)
    )
    ahead = tuple(
        movement("issue", "1 item", when=f"day 5 1{n}:03", received=f"day 5 1{n}:00") for n in range(3)
    )  # fmt: skip
    normal = movement("issue", "1 item", when="day 5 16:00", received="day 5 16:01")
    old = movement("issue", "1 item", when="day 7 09:00", received="day 13 09:00")
    return History(
        rule="C6", key="site:S1", facts=(*filled, *ahead, normal, old), parameters={"bulk_events": 9},
        now=at("day 15 00:00"),
    )  # fmt: skip


def test_each_received_day_and_each_run_of_a_wrong_clock_is_one_warning() -> None:
    """Nine of three days, three ahead by three minutes until the clock was right, one of six days ago."""
    filled, ahead, old = watch(history())
    assert filled.claim.numbers == {
        "received_day": "2026-05-07", "reports": 9, "days": 3, "longest_delay_days": 3,
    }  # fmt: skip
    assert (filled.claim.since, filled.claim.until) == (at("day 1 09:00"), at("day 4 20:30"))
    assert ahead.claim.numbers == {"reports": 3, "ahead_s": 180}
    assert (ahead.claim.since, ahead.claim.until) == (at("day 5 10:03"), at("day 5 16:00"))
    assert (old.claim.numbers["reports"], old.claim.numbers["longest_delay_days"]) == (1, 6)


def test_what_a_day_received_is_judged_when_it_is_over() -> None:
    """Until half past midnight more of it may come."""
    bench = Bench(history())
    for fact in history().facts[:9]:
        bench.put(fact)
    bench.look(at("day 5 00:29"))
    assert not bench.told
    bench.look(at("day 5 00:30"))
    assert [finding.status for finding in bench.told] == [Status.CLOSED]


def test_an_evening_s_batch_and_one_day_s_outage_are_no_back_fill() -> None:
    """The look-alikes: a store without network uploads at night, or what one day left, or a few of three days."""
    batch = tuple(
        movement("issue", "1 item", when=f"day 1 {hour:02}:{minute}", received="day 1 23:50")
        for hour in range(8, 18)
        for minute in (10, 40)
    )
    assert not watch(replace(history(), facts=batch))
    next_day = tuple(replace(fact, received_at=at("day 2 08:00")) for fact in batch)
    assert not watch(replace(history(), facts=next_day))
    assert not watch(replace(history(), facts=history().facts[:8]))


def test_a_minute_ahead_is_let_pass() -> None:
    """Clocks differ by seconds: sixty are allowed, sixty-one are not."""
    even = movement("issue", "1 item", when="day 1 10:01", received="day 1 10:00")
    assert not watch(replace(history(), facts=(even,)))
    more = movement("issue", "1 item", when="day 1 10:01:01", received="day 1 10:00")
    assert len(watch(replace(history(), facts=(more,)))) == 1


def test_a_correction_makes_nothing_late_and_one_that_voids_takes_it_back() -> None:
    """A higher version keeps the first receipt; without one of the nine it is no back-fill any more."""
    bench = Bench(history())
    for fact in history().facts[:9]:
        bench.put(fact)
        bench.put(replace(fact, version=2))
    bench.look(at("day 5 01:00"))
    assert len(bench.standing()) == 1
    bench.put(replace(history().facts[4], version=3, body=None))
    bench.look(at("day 5 02:00"))
    assert not bench.standing()
