"""E2: far more orders than the unit's own weeks or its peers' have; orders just under a threshold."""

from __future__ import annotations

from datetime import date, timedelta

from msgspec.structs import replace

from detectors.claim import Finding, Status
from events.registry import CalendarEntry, Category, UnitEntry
from ledger.fact import Fact
from models.baseline import Spread
from models.habits import Buying, Habits
from tests.checks.folding import fold, steps, view_of
from tests.detector_kit import Bench, History, at, detector_of, movement, permit, register, watch
from tests.detector_words import mended
from tests.habit_models import in_force, with_habits

LIMIT = {"DET": 1000}
LAX = {"fixed_score": 0.01, "least_score": 0}
"""Any score is over the limit: what is left are the fewest orders and the multiple of the usual."""
LATER = "day 90 00:00"


def order(when: str, amount: str = "100 item", goods: str = "DET") -> Fact:
    """One purchase from a maker outside."""
    return movement("receive", amount, goods=goods, when=when, outside="民爆总厂")


def habit(weeks: int = 6) -> list[Fact]:
    """Three orders a week, on Mondays, Wednesdays and Fridays."""
    return [order(f"day {7 * week + day} 09:00") for week in range(weeks) for day in (1, 3, 5)]


def rush(day: int, number: int) -> list[Fact]:
    """So many orders on a day."""
    return [order(f"day {day} {8 + nth // 4:02}:{15 * (nth % 4):02}", "20 item") for nth in range(number)]


def of(*facts: Fact, now: str = "day 90 00:00", **parameters: object) -> History:
    return History("E2", "unit:U1", facts, at(now), parameters=dict(parameters))


def history() -> History:
    """Six usual weeks; then thirty orders within three days, and a split a month later."""
    split = [order(f"day {80 + nth} 09:00", "960 item") for nth in range(5)]
    rushed = [*rush(44, 10), *rush(45, 10), *rush(46, 10)]
    return of(*habit(), *rushed, *split, now="day 120 00:00", thresholds=LIMIT)


def found(*facts: Fact, now: str = "day 90 00:00", **parameters: object) -> list[Finding]:
    return watch(of(*facts, now=now, **parameters))


def test_a_rush_far_over_the_units_own_weeks_is_one_episode() -> None:
    """Said by the day's end; over when the rest after its last order is."""
    often, split = watch(history())
    claim = often.claim
    assert (claim.numbers["by"], claim.numbers["orders"], claim.numbers["usual_orders"]) == ("own", 31, 3)
    assert claim.anchor.startswith("U1/DET/2026-06-1")
    assert (claim.until, often.status) == (at("day 74 00:00"), Status.CLOSED)
    assert split.claim.numbers["by"] == "split"


def test_a_rush_again_before_it_rested_is_the_same_finding_and_after_it_another() -> None:
    """Four weeks of rest by the shipped policy; a policy of old names none: an episode is over with its week."""

    def rushes(again: int, **parameters: object) -> int:
        weeks = [order(f"day {7 * week + 1} 09:00", "50 item") for week in range(6, 13)]
        facts = sorted((*habit(), *weeks, *rush(44, 24), *rush(again, 40)), key=lambda fact: fact.order)
        return len(found(*facts, now="day 150 00:00", **parameters))

    assert (rushes(65), rushes(65, rest_days=0)) == (1, 2)
    assert rushes(80) == 2


def test_twice_the_usual_is_not_enough_by_chance() -> None:
    """Six or eight in a week of usually three: the tail of a negative binomial, not a ratio alone."""
    assert not found(*habit(), *rush(44, 9))
    assert found(*habit(), *rush(44, 9), fixed_score=1.5, least_score=0)
    assert not found(*habit(), *rush(44, 9), fixed_score=1.5)


def test_orders_just_under_a_threshold_are_a_split_and_orders_over_or_far_under_it_are_not() -> None:
    """Four in [900, 1000) within a fortnight."""
    near = [order(f"day {day} 09:00", "999 item") for day in (3, 6, 9, 12)]
    (finding,) = found(*near, thresholds=LIMIT)
    assert (finding.claim.since, finding.claim.until) == (at("day 12 09:00"), at("day 40 00:00"))
    numbers = finding.claim.numbers
    assert [numbers[name] for name in ("by", "near_orders", "orders", "limit")] == ["split", 4, 4, 1000]
    for amount in ("1000 item", "899 item"):
        assert not found(*(order(f"day {day} 09:00", amount) for day in (3, 6, 9, 12)), thresholds=LIMIT)
    assert found(*(order(f"day {day} 09:00", "900 item") for day in (3, 6, 9, 12)), thresholds=LIMIT)


def test_a_few_of_many_orders_that_happen_to_lie_there_are_no_split() -> None:
    """Sizes of all kinds: what lies just under the threshold is no more than its share."""
    sizes = [f"{200 + 100 * nth} item" for nth in range(8)]
    mixed = [order(f"day {day} {9 + nth}:00", size) for day in (3, 5, 8, 10) for nth, size in enumerate(sizes)]
    assert not found(*mixed, thresholds=LIMIT, fixed_score=300.0)


def test_four_in_more_than_a_fortnight_are_none() -> None:
    """The first has left the window when the fourth comes."""
    spaced = [order(f"day {day} 09:00", "999 item") for day in (1, 6, 11, 15)]
    assert not found(*spaced, thresholds=LIMIT)
    assert found(*spaced, thresholds=LIMIT, near_days=15)


def test_a_daily_standing_order_far_under_any_threshold_is_a_habit() -> None:
    """The look-alike: the same hundred every day, from the first day on."""
    assert not found(*(order(f"day {day} 09:00") for day in range(1, 60)), thresholds=LIMIT)


def test_the_quantity_of_a_permit_is_a_threshold_unless_it_is_for_one_order() -> None:
    """A one-time permit is meant to be used up by one order."""
    near = [order(f"day {day} 09:00", "980 item") for day in (3, 6, 9, 12)]
    often = permit("P1", ("DET", "1000 item"), unit="U1")
    once = permit("P1", ("DET", "1000 item"), unit="U1", one_time=True)
    assert len(watch(replace(of(*near), reference=(often,)))) == 1
    assert not watch(replace(of(*near), reference=(once,)))
    assert not watch(replace(of(*near, from_permits=False), reference=(often,)))


def test_a_new_unit_is_held_against_its_peers() -> None:
    """None while it is warming up, unless a table says how often peers order."""
    unit = (register(UnitEntry(name="甲", area="350111", roles=("use",)), unit="U1"),)
    told = of(*rush(2, 30))
    assert not watch(told)
    table = Habits(buying=(("DET/use", Buying(Spread(7.0, 0.3), Spread(4.0, 1.0), 9)),), peer_orders=(0.5,) * 3000)
    model = in_force(Category.EXPLOSIVES)
    (finding,) = watch(replace(told, world=model, models=with_habits(table), reference=unit))
    assert (finding.claim.numbers["by"], finding.claim.numbers["threshold_rests_on"]) == ("peers", "tolerance")
    assert not watch(replace(of(*rush(2, 7)), world=model, models=with_habits(table), reference=unit))


def test_stocking_up_before_days_off_is_let_pass() -> None:
    """A week that is too much in May is not before a week off."""
    off = register(CalendarEntry(year=2026, holidays=tuple(date(2026, 6, day) for day in range(18, 26))))
    told = of(*habit(), *rush(44, 16), fixed_score=4.0, days_off_factor=3.0)
    assert len(watch(told)) == 1
    assert not watch(replace(told, world=(off,)))


def test_a_correction_takes_the_split_back() -> None:
    """One of the four was 99."""
    near = [order(f"day {day} 09:00", "999 item") for day in (3, 6, 9, 12)]
    bench = Bench(of(*near, thresholds=LIMIT))
    for fact in near:
        bench.put(fact)
    bench.look(at("day 13 00:30"))
    assert len(bench.standing()) == 1
    bench.put(mended(near[1], amount=99))
    bench.look(at("day 13 01:00"))
    assert not bench.standing()


def test_the_week_that_days_off_are_asked_for_is_the_one_that_is_counted() -> None:
    """Seven days up to the rush: days off that ended before them, or begin too far behind, excuse nothing."""

    def told(first: date, lasts: int = 3) -> int:
        off = register(CalendarEntry(year=2026, holidays=tuple(first + timedelta(days=n) for n in range(lasts))))
        rushed = of(*habit(), *rush(44, 16), fixed_score=4.0, days_off_factor=3.0, before_days_off=10)
        return len(watch(replace(rushed, world=(off,))))

    rush_day = date(2026, 5, 4) + timedelta(days=43)
    assert (told(rush_day - timedelta(days=9)), told(rush_day - timedelta(days=8))) == (1, 0)
    assert (told(rush_day + timedelta(days=10)), told(rush_day + timedelta(days=11))) == (0, 1)


def test_before_the_festival_the_usual_is_as_many_times_more_as_policy_says() -> None:
    """A week wholly in the run-up counts with the whole factor, however small it is."""

    def told(factor: float) -> list[Finding]:
        year = register(CalendarEntry(year=2027, holidays=tuple(date(2027, 2, 5 + n) for n in range(8))))
        weeks = [order(f"day {7 * week + day} 09:00") for week in range(33, 39) for day in (1, 3, 5)]
        facts = (*weeks, *rush(274, 16))
        asked = of(
            *facts,
            now="day 330 00:00",
            fixed_score=0.1,
            least_score=0,
            times=1.0,
            days_off_factor=1.0,
            festival_factor=factor,
        )
        return watch(replace(asked, world=(year,)))

    factors = [float(told(factor)[0].claim.numbers["season_factor"]) for factor in (1.0, 1.5, 3.0)]
    assert factors == [1.0, 1.5, 3.0]


def test_a_split_rests_for_its_own_window_and_a_rush_for_a_week() -> None:
    """Where policy asks for no longer rest."""
    split = [order(f"day {day} 09:00", "999 item") for day in (3, 6, 9, 12)]
    (finding,) = found(*split, thresholds=LIMIT, rest_days=0, near_days=14)
    assert finding.claim.until == at("day 26 00:00")
    (rushed,) = found(*habit(), *rush(44, 30), rest_days=0, near_days=14)
    assert rushed.claim.until == at("day 51 00:00")


def test_of_two_thresholds_the_one_that_the_last_order_lies_just_under_is_named() -> None:
    """Four orders under a thousand, and then one just under five hundred, which is alone."""
    unit = permit("P1", ("DET", "500 item"), unit="U1")
    near = [order(f"day {day} 09:00", "999 item") for day in (3, 5, 7, 9)]
    told = of(*near, order("day 10 09:00", "499 item"), thresholds=LIMIT)
    (finding,) = watch(replace(told, reference=(unit,)))
    assert (finding.claim.since, finding.claim.numbers["limit"]) == (at("day 9 09:00"), 1000)
    assert finding.claim.numbers["orders"] == 4


def test_the_evidence_and_the_sentences_are_whole() -> None:
    """Of a rush how many orders against how many usually; of a split how many just under which threshold."""
    often, split = watch(history())
    assert often.claim.numbers == {
        "by": "own", "orders": 31, "usual_orders": 3.0, "weeks_known": 5, "season_factor": 1.0, "score": 12.094,
        "threshold": 8.0, "threshold_rests_on": "fixed_no_model", "amount": 20, "measure": "count",
    }  # fmt: skip
    assert split.claim.numbers == {
        "by": "split", "orders": 5, "near_orders": 5, "limit": 1000, "window_days": 14, "amount": 960,
        "measure": "count",
    }  # fmt: skip
    assert (often.claim.ref_count, split.claim.ref_count) == (31, 5)
    assert [ref.id for ref in split.claim.refs] == [fact.id for fact in history().facts[-3:]]
    assert (split.claim.area, split.claim.unit, split.claim.goods, split.claim.site) == (
        "350102",
        "U1",
        "DET",
        None,
    )
    rule = detector_of("E2", "unit")
    assert rule.explain(often, "en") == (
        "Unit U1 has placed 31 orders of DET within seven days, usually 3 a week (its own habit), since "
        "2026-06-18T08:15:00+08:00; score 12.1, threshold 8."
    )
    assert rule.explain(often, "zh") == (
        "单位 U1 七日内购入 DET 31 笔，通常每周 3 笔(本单位)，自 2026-06-18T08:15:00+08:00 起；得分 12.1，阈值 8。"
        "须核实。"
    )
    assert rule.explain(split, "en") == (
        "Since 2026-07-25T09:00:00+08:00, unit U1 has placed 5 orders of DET within 14 days, 5 of them just under "
        "the threshold of 1000 item."
    )
    assert rule.explain(split, "zh") == (
        "单位 U1 自 2026-07-25T09:00:00+08:00 起在 14 日内购入 DET 5 笔，其中 5 笔恰低于限值 1000 item，疑似拆分。"
        "须核实是否规避审批。"
    )


def test_a_split_is_so_many_orders_and_so_large_a_part_of_all_and_neither_less() -> None:
    """Three under the threshold of five orders are six tenths, of six they are not; two are too few."""
    near = [order(f"day {day} 09:00", "999 item") for day in (3, 4, 5)]
    other = [order(f"day {day} 08:00", "100 item") for day in (3, 4, 5)]
    for facts, number in (
        ((*near, *other[:2]), 1), ((*near, *other), 0), ((*near[:2], *other[:1]), 0),
    ):  # fmt: skip
        told = sorted(facts, key=lambda fact: fact.order)
        assert len(found(*told, thresholds=LIMIT, near_orders=3, near_share=0.6)) == number


def test_an_order_far_under_the_threshold_does_not_make_a_split_of_those_before() -> None:
    """The order that is judged must be one of them; each more that is prolongs the matter."""
    near = [order(f"day {day} 09:00", "999 item") for day in (3, 4, 5, 6)]
    (finding,) = found(*near, order("day 7 09:00"), thresholds=LIMIT)
    assert (finding.claim.numbers["orders"], finding.claim.until) == (4, at("day 34 00:00"))
    (longer,) = found(*near, order("day 7 09:00", "950 item"), thresholds=LIMIT)
    assert (longer.claim.numbers["near_orders"], longer.claim.until) == (5, at("day 35 00:00"))
    assert (longer.claim.since, longer.claim.ref_count) == (at("day 6 09:00"), 5)


def test_an_episode_is_over_at_its_very_instant_and_what_is_odd_then_is_another() -> None:
    """By time alone; the finding that ended keeps its last figures."""
    near = [order(f"day {day} 09:00", "999 item") for day in (3, 4, 5, 6)]
    over = at("day 34 00:00")
    for now, until in ((over - 1, None), (over, over)):
        (finding,) = watch(replace(of(*near, thresholds=LIMIT), now=now))
        assert finding.claim.until == until
    more = [order(f"day {day} 09:00", "999 item") for day in (31, 32, 33)]
    last = order("day 34 00:00", "999 item")
    first, second = watch(of(*near, *more, last, thresholds=LIMIT))
    assert (first.claim.until, second.claim.since) == (over, over)
    (one,) = watch(of(*near, *more, replace(last, at=over - 1), thresholds=LIMIT))
    assert one.claim.until == at("day 61 00:00")


def test_a_week_counts_from_the_fewest_orders_and_the_multiple_of_the_usual_on() -> None:
    """Eight orders at least, and twice the usual three; both to the order."""
    counts = {number: len(found(*habit(), *rush(43, number), now=LATER, **LAX)) for number in (4, 5, 6)}
    assert counts == {4: 0, 5: 0, 6: 1}, "two of the habit's orders lie in the seven days"
    assert len(found(*habit(), *rush(43, 10), now=LATER, **LAX, times=4.0)) == 1
    assert not found(*habit(), *rush(43, 9), now=LATER, **LAX, times=4.0)


def test_a_week_is_the_orders_own_day_and_the_six_before_it() -> None:
    """Four orders a week before count on the seventh day, not on the eighth."""
    quiet = [order(f"day {7 * week + 1} 09:00") for week in range(6)]
    for day, orders in ((49, [9]), (50, [])):
        told = found(*quiet, *rush(43, 4), *rush(day, 5), now=LATER, **LAX, times=1.0)
        assert [one.claim.numbers["orders"] for one in told] == orders, day


def test_what_is_usual_is_what_the_last_eight_weeks_had() -> None:
    """Weeks without an order count as such; what was longer ago is forgotten."""
    for day, usual, weeks in ((61, 3.0, 7), (201, 0.0, 8)):
        (rushed,) = found(*habit(), order(f"day {day - 1} 09:00"), *rush(day, 9), now="day 250 00:00", **LAX)
        assert (rushed.claim.numbers["usual_orders"], rushed.claim.numbers["weeks_known"]) == (usual, weeks)


def test_of_more_than_ten_goods_the_one_longest_not_ordered_is_forgotten_and_its_matter_ended() -> None:
    """State is bounded: the eleventh pushes the first out, at that instant; the others are still counted."""
    near = [order(f"day {day} 09:00", "999 item") for day in (3, 4, 5, 6)]
    others = [
        mended(order(f"day 8 {9 + nth:02}:00", goods="DET"), goods=f"G{nth}") for nth in range(10)
    ]  # fmt: skip
    others = [replace(fact, id=f"{fact.id}-{nth}") for nth, fact in enumerate(others)]
    told = of(*near, *others, thresholds=LIMIT)
    (finding,) = watch(told)
    assert finding.claim.until == others[-1].at
    *_, done = fold(detector_of("E2", "unit"), list(steps(told)), view_of(told))
    assert [one.goods for one in done.after.goods] == [f"G{nth}" for nth in range(10)]
    (stays,) = watch(of(*near, *others[:9], thresholds=LIMIT))
    assert stays.claim.until == at("day 34 00:00")
