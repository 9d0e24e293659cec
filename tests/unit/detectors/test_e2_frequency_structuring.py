"""E2: far more orders than the unit's own weeks or its peers' have; orders just under a threshold."""

from __future__ import annotations

from datetime import date, timedelta

from msgspec.structs import replace

from detectors.claim import Finding, Status
from events.registry import CalendarEntry, Category, UnitEntry
from ledger.fact import Fact
from models.baseline import Spread
from models.habits import Buying, Habits
from tests.detector_kit import Bench, History, at, movement, permit, register, watch
from tests.detector_words import mended
from tests.habit_models import in_force, with_habits

LIMIT = {"DET": 1000}


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
