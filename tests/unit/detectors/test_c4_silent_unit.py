"""C4: a site that reports nothing for longer than its own habit."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from detectors.claim import Status
from events.registry import SiteEntry
from events.time import HOUR, MINUTE
from ledger.fact import Fact
from tests.detector_kit import Bench, History, at, count, detector_of, movement, register, watch


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


def test_the_evidence_and_the_sentence_are_whole() -> None:
    """The last report, the mean of the intervals, the longest silence, and the wait that follows from them."""
    told, rule = history(), detector_of("C4", "site")
    (finding,) = watch(told)
    claim = finding.claim
    assert claim.since == claim.speaks_at == at("day 11 20:07")
    assert claim.numbers == {
        "last_report_at": at("day 9 11:00"), "mean_interval_h": 6.2, "longest_silence_h": 15.0, "wait_h": 57.1,
    }  # fmt: skip
    assert [ref.id for ref in claim.refs] == [told.facts[-2].id, told.facts[-1].id]
    assert (claim.ref_count, claim.area, claim.unit, claim.site, claim.category) == (
        2, "350102", "U1", "S1", "explosives",
    )  # fmt: skip
    assert rule.explain(finding, "en") == (
        "S1 last reported at 2026-05-12T11:00:00+08:00, then nothing until 2026-05-16T09:00:00+08:00. It used to "
        "report every 6.2 h, silent lately for 15.0 h at most; after 57.1 h, at 2026-05-14T20:07:00+08:00, a "
        "report was overdue."
    )
    assert rule.explain(finding, "zh") == (
        "S1 最后一次上报发生于 2026-05-12T11:00:00+08:00，此后直到 2026-05-16T09:00:00+08:00 才恢复上报。其惯常间隔"
        "平均 6.2 小时,近期最长 15.0 小时；最多可等 57.1 小时，应不迟于 2026-05-14T20:07:00+08:00 上报。"
    )
    (silent,) = watch(replace(told, facts=told.facts[:-1]))
    assert "nothing since. It used" in rule.explain(silent, "en")
    assert "此后至今未报" in rule.explain(silent, "zh")


def test_the_wait_is_the_quantile_of_the_mean_in_whole_minutes() -> None:
    """Every twelve hours: 9.21 times as long is 110 hours and 32 minutes, rounded up; a report then is in time."""
    facts = shop(range(1, 12), 8, 20)
    due = at("day 11 20:00") + round(9.210340371976182 * 12 * HOUR)
    due = -(-(due - at("day 11 20:00")) // MINUTE) * MINUTE + at("day 11 20:00")
    told = replace(history(), facts=facts, now=due)
    assert watch(told)[0].claim.since == due
    assert not watch(replace(told, now=due - 1))
    next_ = movement("issue", "1 item", when="day 20 08:00", id="next")
    assert not watch(replace(told, facts=(*facts, replace(next_, at=due)), now=due + HOUR))
    (finding,) = watch(replace(told, facts=(*facts, replace(next_, at=due + 1)), now=due + HOUR))
    assert finding.claim.until == due + 1


def test_the_longest_silence_of_the_last_four_weeks_counts_with_a_quarter_more() -> None:
    """Forty-two hours off once: for four weeks from then on 52 and a half may pass, afterwards what is usual."""
    busy = [
        fact for fact in shop(range(1, 45), 6, 9, 12, 15, 18)
        if not at("day 10 18:00") < fact.at < at("day 12 12:00")
    ]  # fmt: skip
    waits = []
    for last in ("day 40 12:00", "day 40 15:00"):
        facts = tuple(fact for fact in busy if fact.at <= at(last))
        (finding,) = watch(replace(history(), facts=facts, now=at("day 90 00:00")))
        waits.append(float(finding.claim.numbers["wait_h"]))
    assert waits[0] == 52.5
    assert waits[1] < 45.0


def test_a_silence_beyond_the_deadline_teaches_no_more_than_the_deadline() -> None:
    """Of four days two were too many: the next silence may be a quarter longer than what was allowed then."""
    told = history()
    busy = (*told.facts, *shop((13,), 12, 15, 18), *shop((14,), 8, 11))
    first, second = watch(replace(told, facts=busy, now=at("day 30 00:00")))
    allowed = first.claim.since - at("day 9 11:00")
    assert second.claim.numbers["longest_silence_h"] == round(allowed / HOUR, 1)
    wait = second.claim.since - at("day 14 11:00")
    assert wait == -(-round(1.25 * allowed) // MINUTE) * MINUTE


def test_an_hour_apart_is_another_report_and_a_minute_less_is_the_same_burst() -> None:
    """Of twelve reports an hour apart the habit is known; of twelve at 59 minutes it is not, nor of eleven more."""
    for apart, known in ((60, True), (59, False)):
        facts = tuple(
            movement("issue", "1 item", when=f"day 1 {6 + nth * apart // 60:02}:{nth * apart % 60:02}")
            for nth in range(12)
        )
        told = replace(history(), facts=facts, now=at("day 30 00:00"))
        assert bool(watch(told)) is known, apart


def test_ten_intervals_are_a_habit() -> None:
    """Of daily counts eleven, not ten."""
    for number, found in ((10, 0), (11, 1)):
        facts = tuple(count("9 item", when=f"day {day} 10:00") for day in range(1, number + 1))
        assert len(watch(replace(history(), facts=facts, now=at("day 90 00:00")))) == found


def test_once_a_week_is_known_weekends_count_to_the_very_minute() -> None:
    """Known since Friday: a report of the Thursday after lets the weekend pass, one of that midnight does not."""
    hourly = shop((5,), *range(12))
    for when, due in (("day 11 23:59", "day 17 11:59"), ("day 12 00:00", "day 15 12:00")):
        told = replace(history(), facts=(*hourly, count("9 item", when=when)), parameters={"longest_factor": 1.0})
        _, finding = watch(replace(told, now=at("day 30 00:00")))
        assert finding.claim.since == at(due), when


def test_a_site_that_is_registered_again_is_watched_and_one_at_its_deadline_no_more_is_not() -> None:
    """Given up at the very deadline it owes nothing; a minute later it did."""
    entry = SiteEntry(site="S1", name="S1", area="350102")
    told = replace(history(), facts=history().facts[:-1])
    due = "day 11 20:07"
    for until, found in ((due, 0), ("day 11 20:08", 1)):
        assert len(watch(replace(told, reference=(register(entry, unit="U1", valid_to=until),)))) == found
    other = register(replace(entry, site="S2"), unit="U1", valid_to="day 10 00:00")
    assert len(watch(replace(told, reference=(other,)))) == 1


def test_of_silences_that_are_equally_long_the_newest_are_remembered() -> None:
    """Twice a day for weeks, then hourly for weeks: half a day of silence is still known, and a quarter more."""
    facts = (*shop(range(1, 22), 8, 20), *shop(range(22, 42), *range(24)))
    told = replace(history(), facts=facts, now=at("day 60 00:00"), parameters={"floor_h": 1})
    assert watch(told)[-1].claim.numbers["wait_h"] == 15.0
