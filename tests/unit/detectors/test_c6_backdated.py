"""C6: much of several days entered at once, something of long ago, and clocks that run ahead."""

from __future__ import annotations

from msgspec.structs import replace

from detectors.claim import Finding, Status
from events.time import civil_day
from ledger.fact import Fact
from tests.checks.folding import fold, steps, view_of
from tests.detector_kit import Bench, History, at, detector_of, movement, watch


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


def late(day: int, hour: int, received: str, *, site: str = "S1") -> Fact:
    """A sale entered later."""
    return movement("issue", "1 item", site=site, when=f"day {day} {hour:02}:00", received=received)


def found(*facts: Fact, **parameters: int) -> list[Finding]:
    """What is found of these, received by day 15."""
    return watch(replace(history(), facts=facts, parameters=parameters))


def test_the_sentences_say_how_many_of_which_days_and_by_how_much_a_clock_is_ahead() -> None:
    """Whole, in both languages."""
    rule = detector_of("C6", "site")
    filled, ahead, old = watch(history())
    assert rule.explain(filled, "en") == (
        "On 2026-05-07 S1 entered 9 report(s) of 3 earlier day(s), the first of 2026-05-04T09:00:00+08:00; the "
        "longest had waited for 3 days."
    )
    assert rule.explain(filled, "zh") == (
        "S1 于 2026-05-07 补录了此前 3 个日期的 9 笔记录，最早一笔发生于 2026-05-04T09:00:00+08:00，最长间隔 3 日。"
    )
    assert rule.explain(ahead, "en") == (
        "From 2026-05-08T10:03:00+08:00 on S1 sent 3 report(s) of events that were yet to happen, by up to 180 s: "
        "its clock is wrong, or the time was written by hand."
    )
    assert rule.explain(ahead, "zh") == (
        "S1 自 2026-05-08T10:03:00+08:00 起有 3 笔记录的发生时间晚于接收时间，最多超前 180 秒："
        "上报设备时钟不准，或时间系人为填写。"
    )
    facts = history().facts
    assert [ref.id for ref in filled.claim.refs] == [fact.id for fact in facts[:9]]
    assert [ref.id for ref in ahead.claim.refs] == [fact.id for fact in facts[9:13]]
    assert (filled.claim.goods, ahead.claim.goods, old.claim.goods) == (None, None, None)
    assert (ahead.claim.speaks_at, old.claim.speaks_at) == (at("day 6 00:30"), at("day 14 00:30"))


def test_a_report_is_long_past_from_the_fifth_civil_day_on() -> None:
    """By the calendar, not by hours; one such is enough, and what the same day entered of other days is counted."""
    assert not found(late(1, 0, "day 5 23:59"))
    (finding,) = found(late(1, 23, "day 6 00:01"))
    assert finding.claim.numbers["longest_delay_days"] == 5
    (finding,) = found(late(1, 23, "day 6 00:01"), late(5, 10, "day 6 09:00"))
    numbers = finding.claim.numbers
    assert (numbers["reports"], numbers["days"], numbers["longest_delay_days"]) == (2, 2, 5)
    assert (finding.claim.since, finding.claim.until) == (at("day 1 23:00"), at("day 6 09:00"))


def test_a_back_fill_needs_both_its_reports_and_its_days() -> None:
    """So many reports of so many days, neither one less; several of one day are one day."""
    facts = [late(day, hour, "day 4 20:00") for day in (1, 2, 3) for hour in (9, 10)]
    assert len(found(*facts, bulk_events=6, bulk_days=3)) == 1
    assert not found(*facts, bulk_events=7, bulk_days=3)
    assert not found(*facts, bulk_events=6, bulk_days=4)
    assert not found(*facts[:-1], bulk_events=6, bulk_days=3)


def test_each_day_that_received_is_a_matter_of_its_own_while_more_may_come() -> None:
    """Two evenings that each entered three days; a report that was received on its own day belongs to neither."""
    facts = sorted(
        (*(late(day, 9, "day 4 20:00") for day in (1, 2, 3)), *(late(day, 10, "day 5 20:00") for day in (2, 3, 4)),
         movement("issue", "1 item", when="day 3 15:00", received="day 3 15:01")),
        key=lambda fact: fact.order,
    )  # fmt: skip
    two = found(*facts, bulk_events=3, bulk_days=3)
    assert [(one.claim.numbers["received_day"], one.claim.numbers["reports"]) for one in two] == [
        ("2026-05-07", 3), ("2026-05-08", 3),
    ]  # fmt: skip


def test_what_a_day_received_is_forgotten_when_reports_of_that_day_come() -> None:
    """Nothing more of earlier days can follow in event order: state is bounded."""
    told = replace(history(), facts=(late(1, 9, "day 3 20:00"), late(2, 9, "day 3 20:00")))
    *_, done = fold(detector_of("C6", "site"), list(steps(told)), view_of(told))
    assert [one.day for one in done.after.entered] == [civil_day(at("day 3 00:00"))]
    on = movement("issue", "1 item", when="day 3 09:00", received="day 3 09:01")
    told = replace(told, facts=(*told.facts, on))
    *_, done = fold(detector_of("C6", "site"), list(steps(told)), view_of(told))
    assert (done.after.entered, done.after.ahead) == ((), None)


def test_a_clock_that_was_right_in_between_is_wrong_anew() -> None:
    """Each run is a matter; the most that it was ahead by is said in whole seconds, rounded up."""
    wrong = [movement("issue", "1 item", when=f"day 5 1{n}:{n + 2:02}", received=f"day 5 1{n}:00") for n in (0, 2)]
    wrong[1] = replace(wrong[1], received_at=wrong[1].received_at - 1)
    right = movement("issue", "1 item", when="day 5 11:00", received="day 5 11:00")
    first, second = found(wrong[0], right, wrong[1])
    assert (first.claim.numbers["ahead_s"], first.claim.until) == (120, at("day 5 11:00"))
    assert (second.claim.numbers["ahead_s"], second.claim.until) == (241, None)
    (one,) = found(wrong[1], replace(wrong[0], at=at("day 5 12:30"), received_at=at("day 5 12:28")))
    assert one.claim.numbers == {"reports": 2, "ahead_s": 241}
