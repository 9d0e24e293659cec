"""C4: a site that reports nothing for longer than its own habit."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from detectors.claim import Status
from events.registry import SiteEntry
from events.time import HOUR
from ledger.fact import Fact
from tests.detector_kit import Bench, History, at, count, movement, register, watch


def shop(days: Iterable[int], *hours: int) -> tuple[Fact, ...]:
    """Sales at these hours of these days."""
    return tuple(movement("issue", "1 item", when=f"day {day} {hour:02}:00") for day in days for hour in hours)


def history() -> History:
    """Four sales a day, Mondays to Sundays; silent from day 9 noon to day 13."""
    return History(
        rule="C4",
        key="site:S1",
        facts=(*shop(range(1, 9), 8, 11, 14, 17), *shop((9,), 8, 11), *shop((13,), 9)),
        now=at("day 14 00:00"),
    )


def test_silence_beyond_the_sites_own_habit_is_claimed_from_the_deadline_to_the_next_report() -> None:
    """Mean interval 6 h: −ln(1e-4) × 6 h is 55 h; the last report anchors it."""
    told = history()
    (finding,) = watch(told)
    claim = finding.claim
    wait = claim.since - at("day 9 11:00")
    assert 50 * HOUR < wait < 60 * HOUR
    assert claim.numbers["wait_h"] == round(wait / HOUR, 1)
    assert claim.anchor == told.facts[-2].id
    assert (claim.until, finding.status) == (at("day 13 09:00"), Status.CLOSED)


def test_time_alone_opens_the_finding_at_the_deadline() -> None:
    """Nothing a minute before; open at the deadline, which it bears whatever tick brought it."""
    told = history()
    bench = Bench(told)
    for fact in told.facts[:-1]:
        bench.put(fact)
    (closed,) = watch(told)
    deadline = closed.claim.since
    bench.look(deadline - 1)
    assert not bench.told
    bench.look(deadline + 5 * HOUR)
    (finding,) = bench.standing()
    assert (finding.status, finding.claim.since) == (Status.OPEN, deadline)
    bench.look(deadline + 50 * HOUR)
    assert len(bench.told) == 1


def test_a_report_that_comes_late_withdraws_what_it_disproves() -> None:
    """Order does not matter: a report of the silent days, uploaded afterwards, leaves nothing standing."""
    told = history()
    bench = Bench(told)
    for fact in told.facts[:-1]:
        bench.put(fact)
    bench.look(at("day 12 00:00"))
    assert len(bench.standing()) == 1
    for fact in shop((10, 11), 8, 17):
        bench.put(fact)
    bench.look(at("day 12 01:00"))
    assert not bench.standing()


def test_a_store_that_always_reported_every_third_day_is_let_be() -> None:
    """The look-alike: two days of silence are its habit."""
    seldom = tuple(count("9 item", when=f"day {day} 10:00") for day in range(1, 60, 3))
    assert not watch(replace(history(), facts=seldom, now=at("day 66 00:00")))
    assert len(watch(replace(history(), facts=seldom, now=at("day 90 00:00")))) == 1


def test_a_weekend_off_is_no_silence_not_even_the_first() -> None:
    """Until a whole week is known Saturdays and Sundays do not count; afterwards the habit knows them."""
    weekdays = [day for day in range(1, 27) if (day - 1) % 7 < 5]
    told = replace(history(), facts=shop(weekdays, 8, 9, 10, 12, 13, 15, 17, 19), now=at("day 29 08:00"))
    assert not watch(told)


def test_a_busy_site_that_falls_silent_in_its_first_week_is_noticed_within_two_working_days() -> None:
    """The floor is 36 h on working days."""
    told = replace(history(), facts=shop((1, 2), 6, 8, 10, 12, 14, 16, 18), now=at("day 5 00:00"))
    (finding,) = watch(told)
    assert finding.claim.since == at("day 2 18:00") + 36 * HOUR


def test_a_burst_of_reports_is_one_report() -> None:
    """Many lines within an hour do not make a site look busy."""
    quick = [
        movement("issue", "1 item", when=f"day {day} 08:{minute:02}")
        for day in range(1, 15)
        for minute in range(20)
    ]
    told = replace(history(), facts=tuple(quick), now=at("day 16 08:00"))
    assert not watch(told)


def test_a_site_is_not_judged_before_its_habit_is_known() -> None:
    """Nine intervals are no habit."""
    few = tuple(count("9 item", when=f"day {day} 10:00") for day in range(1, 11))
    assert not watch(replace(history(), facts=few, now=at("day 90 00:00")))


def test_a_site_that_was_given_up_owes_no_report() -> None:
    """Deregistered before its deadline, it may keep quiet."""
    entry = SiteEntry(site="S1", name="S1", area="350102")
    told = replace(history(), facts=history().facts[:-1])
    assert len(watch(replace(told, reference=(register(entry, unit="U1"),)))) == 1
    assert not watch(replace(told, reference=(register(entry, unit="U1", valid_to="day 10 00:00"),)))
