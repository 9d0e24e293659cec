"""What a unit bought in a month, or in the thirty days over the end of one: how unusual it is, and what says so."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from detectors.buying import Ask
from detectors.claim import Severity
from detectors.detector import View
from detectors.e1_unusual_size import Parameters
from detectors.order_spans import Span, judged, month_of_orders, thirty_days_of_orders
from detectors.policy import Terms
from detectors.world import World
from events.registry import CalendarEntry, Category, ModelEntry
from events.time import civil_day
from ledger.fact import Movement
from ledger.reference import Reference, Registered
from models.baseline import Spread
from models.calibrate import Dependence
from models.habits import Buying, Habits, first_of, month_of, unusual
from models.thirty_days import ThirtyDays, bought, turned
from tests.detector_kit import FakeAreas, at, movement, register
from tests.habit_models import table_alone

MAY = month_of(civil_day(at("day 1 00:00")))
DAYS = range(first_of(MAY), first_of(MAY + 1))
SPRING = register(
    CalendarEntry(year=2026, holidays=tuple(date(2026, 2, 15) + timedelta(nth) for nth in range(9))),
    valid_from="day -400 00:00",
)
USUAL = (900.0, 1000.0, 1100.0, 950.0, 1050.0, 1000.0)
CLEAN = tuple([0.0] * 990 + [3.0] * 10)
"""Clean scores enough for the shipped budget: the limit is 3."""
PEERS = Buying(Spread(7.0, 0.4), Spread(8.0, 2.0), 12, Spread(7.5, 0.5))


def asked(*, habits: Habits | None = None, entries: tuple[Registered, ...] = (), **parameters: Any) -> Ask:
    """What E1 asks of a purchase of detonators in the evening of 4 May."""
    fact = movement("receive", "1 item", when="day 1 20:00", outside="民爆总厂")
    assert isinstance(fact.body, Movement)
    model = None if habits is None else table_alone(habits)
    world = World(FakeAreas(), {}, None if model is None else lambda _: model)
    for entry in (*entries, register(ModelEntry(digest="habits", category=Category.EXPLOSIVES))):
        world.put(entry)
    terms = Terms(Parameters(**parameters), Severity.YELLOW, True, "now", 0)
    return Ask(fact, fact.body, None, terms, View("unit:U1", Reference(), world))


def span(total: int, earlier: tuple[float, ...] = USUAL, *, factor: float = 1.0, days: range = DAYS) -> Span:
    """May so far, after half a year."""
    return Span("month", days, total, 4, factor, earlier)


def by(found: dict[str, Any] | None) -> object:
    """What speaks."""
    return None if found is None else found["by"]


def test_the_evidence_says_what_was_bought_and_what_is_usual() -> None:
    """Which days, how much in how many orders, against which months, how far, and what the limit rests on."""
    found = judged(span(2600), asked())
    score = unusual(USUAL, 2600.0)
    assert score is not None
    assert found == {
        "month": "2026-05", "span": "month", "first_day": "2026-05-01", "last_day": "2026-05-31", "by": "mean",
        "bought": 2600, "orders": 4, "largest": 1100, "usual": 1000, "times_mean": 2.6, "score": round(score, 3),
        "threshold": 12.0, "threshold_rests_on": "fixed_no_model", "months_known": 6, "season_factor": 1.0,
        "measure": "count",
    }  # fmt: skip


def test_a_season_is_taken_off_before_a_month_is_judged_and_put_back_on_what_is_usual() -> None:
    """In a season of twice the usual, 2,600 are as unusual as 1,300 are out of it."""
    assert judged(span(2600, factor=2.0), asked()) is None
    found = judged(span(5200, factor=2.0), asked())
    assert found is not None
    plain = judged(span(2600), asked())
    assert plain is not None
    shown = {"bought": 5200, "largest": 2200, "usual": 2000, "season_factor": 2.0}
    assert found == plain | shown


def test_only_the_last_half_year_must_be_surpassed() -> None:
    """A month of old that was larger is part of the mean alone."""
    found = judged(span(6000, (5000.0, *USUAL)), asked())
    assert found is not None
    assert (found["largest"], found["usual"], found["months_known"]) == (1100, round(11_000 / 7), 7)
    assert judged(span(5000, (*USUAL[1:], 5000.0)), asked()) is None


@pytest.mark.parametrize(
    ("total", "factor", "says"), [(2000, 2.0, "own"), (2001, 2.0, "mean"), (3001, 3.0, "mean"), (3000, 3.0, "own")]
)
def test_so_many_times_the_mean_speaks_by_itself(total: int, factor: float, says: str) -> None:
    """Above the factor, not at it; where the limit on scores is passed as well, the mean is named."""
    habits = Habits(own=CLEAN)
    assert by(judged(span(total), asked(habits=habits, mean_factor=factor))) == says


def test_a_mean_speaks_where_the_month_is_far_from_its_habit_too() -> None:
    """A unit whose months vary by as much: over the score that is asked for, not at it."""
    score = unusual(USUAL, 2600.0)
    assert score is not None
    assert by(judged(span(2600), asked(mean_score=score))) is None
    assert by(judged(span(2600), asked(mean_score=math.nextafter(score, 0.0)))) == "mean"


@pytest.mark.parametrize(("earlier", "total"), [((100.0, 3000.0) * 3, 3101), ((1.0, 0.0, 0.0, 1.0, 0.0, 1.0), 2)])
def test_twice_the_mean_is_twice_the_mean_however_months_vary(earlier: tuple[float, ...], total: int) -> None:
    """Of a unit that buys by fits and starts, and of one that buys now and then, unless a score is asked for."""
    assert by(judged(span(total, earlier), asked())) == "mean"
    assert by(judged(span(total, earlier), asked(mean_score=5.0))) is None
    assert by(judged(span(total - 1, earlier), asked())) is None


def test_its_own_habit_speaks_over_the_limit() -> None:
    """The fixed one without a model, the tolerance limit of clean months with one; over it, not at it."""
    score = unusual(USUAL, 1600.0)
    assert score is not None
    assert by(judged(span(1600), asked())) is None
    assert by(judged(span(1600), asked(fixed_score=math.nextafter(score, 0.0)))) == "own"
    assert by(judged(span(1600), asked(fixed_score=score))) is None
    found = judged(span(1600), asked(habits=Habits(own=CLEAN)))
    assert found is not None
    assert (found["by"], found["threshold"], found["threshold_rests_on"]) == ("own", 3.0, "tolerance")
    assert (found["clean_scores"], found["clean_units"], found["clean_worth"]) == (1000, 0, 1000)
    assert judged(span(1100), asked(habits=Habits(own=CLEAN))) is None


def test_a_unit_without_a_history_is_held_against_its_peers() -> None:
    """By the logarithm of what they buy a month; what is usual is their median."""
    table = Habits(buying=(("DET", PEERS),), peers=CLEAN)
    far = math.ceil(math.expm1(7.0 + 3.0 * 1.4826 * 0.4))
    found = judged(span(far, (1000.0, 0.0)), asked(habits=table))
    assert found is not None
    assert (found["by"], found["usual"]) == ("peers", round(math.expm1(7.0)))
    assert (found["score"], found["threshold"]) == (3.0, 3.0)
    assert (found["months_known"], found["times_mean"], found["largest"]) == (2, round(far / 500, 2), 1000)
    assert judged(span(far - 1, (1000.0, 0.0)), asked(habits=table)) is None
    alone = judged(span(far, ()), asked(habits=table))
    assert alone is not None
    assert (alone["times_mean"], alone["largest"], alone["months_known"]) == (0.0, 0, 0)


def test_what_peers_buy_is_made_even_for_the_season_too() -> None:
    """What is usual for them in it is shown."""
    table = Habits(buying=(("DET", PEERS),), peers=CLEAN)
    far = math.ceil(math.expm1(7.0 + 3.0 * 1.4826 * 0.4))
    found = judged(span(2 * far, (), factor=2.0), asked(habits=table))
    assert found is not None
    assert (found["by"], found["usual"]) == ("peers", round(2 * math.expm1(7.0)))
    assert judged(span(2 * far - 2, (), factor=2.0), asked(habits=table)) is None


def test_peers_say_nothing_of_a_unit_that_has_a_history() -> None:
    """Nor where none are published, and then nothing is said of a unit that has none."""
    table = Habits(buying=(("DET", PEERS),), peers=CLEAN, own=CLEAN)
    assert by(judged(span(10**6), asked(habits=table))) == "mean"
    assert judged(span(10**6, ()), asked(habits=Habits(peers=CLEAN))) is None
    assert judged(span(10**6, ()), asked()) is None


def test_the_mean_of_what_peers_speak_of_says_nothing() -> None:
    """Two months are no habit: twice their mean is for nobody to speak of, below the peers' limit."""
    table = Habits(buying=(("DET", Buying(Spread(9.0, 0.4), Spread(8.0, 2.0), 12)),), peers=CLEAN)
    assert judged(span(9000, (1000.0, 1000.0)), asked(habits=table)) is None


def test_a_ceiling_is_for_months_and_named_before_all_else() -> None:
    """Over it, not at it, whatever is usual and whether anything is; of thirty days it says nothing."""
    ceiling: dict[str, Any] = {"ceilings": {"DET": 1000, "EXP": 1}}
    assert by(judged(span(1000, ()), asked(**ceiling))) is None
    found = judged(span(1001, ()), asked(**ceiling))
    assert found is not None
    assert (found["by"], found["score"], found["usual"], found["threshold"]) == ("ceiling", 0.0, 0, 6.0)
    assert by(judged(span(9000), asked(**ceiling))) == "ceiling"
    assert by(judged(replace(span(1001, ()), of="thirty_days"), asked(**ceiling))) is None


def test_thirty_days_are_held_against_what_peers_buy_in_such() -> None:
    """Not against a month of theirs; a model of old has none."""
    table = Habits(
        buying=(("DET", PEERS),), peers=CLEAN, dependence=(("peers", Dependence(25, 1.0)),),
    )  # fmt: skip
    far = math.ceil(math.expm1(7.5 + 3.0 * 1.4826 * 0.5))
    days = replace(span(far, ()), of="thirty_days")
    found = judged(days, asked(habits=table))
    assert found is not None
    assert (found["by"], found["span"], found["usual"]) == ("peers", "thirty_days", round(math.expm1(7.5)))
    assert (found["threshold"], found["clean_units"]) == (3.0, 25)
    assert judged(replace(days, total=far - 1), asked(habits=table)) is None
    over_the_end = judged(replace(days, days=range(DAYS.start - 20, DAYS.start + 10)), asked(habits=table))
    assert over_the_end is not None
    named = ("month", "first_day", "last_day")
    assert [over_the_end[name] for name in named] == ["2026-05", "2026-04-11", "2026-05-10"]
    old = replace(table, buying=(("DET", replace(PEERS, thirty_days=Habits().dependence)),))
    assert judged(replace(days, total=10**9), asked(habits=old)) is None


@pytest.mark.parametrize(("fixed", "threshold"), [(2.0, 3.0), (12.0, 12.0)])
def test_clean_scores_of_a_model_of_old_say_little_of_thirty_days(fixed: float, threshold: float) -> None:
    """They are of calendar months: the higher of theirs and the fixed limit is taken, and named as fixed."""
    days = replace(span(10**6), of="thirty_days")
    found = judged(days, asked(habits=Habits(own=CLEAN), fixed_score=fixed))
    assert found is not None
    assert (found["threshold"], found["threshold_rests_on"]) == (threshold, "fixed_no_model")
    assert "clean_scores" not in found


SEASON = tuple(1.0 + month / 10 for month in range(12))
"""January as usual, each month a tenth more."""


def test_each_month_is_made_even_for_its_own_season() -> None:
    """By the peers' table; the month itself is shown as it was."""
    found = month_of_orders(MAY, (2600, 4), (900, 0, 1100), asked(habits=Habits(season=SEASON)))
    assert (found.of, found.days, found.total, found.orders) == ("month", DAYS, 2600, 4)
    assert found.factor == pytest.approx(1.4)
    assert found.earlier == pytest.approx((900 / 1.1, 0.0, 1100 / 1.3))
    assert found.even == pytest.approx(2600 / 1.4)
    low = month_of_orders(MAY, (2600, 4), (900,), asked(habits=Habits(season=(0.5,) * 12)))
    assert (low.factor, low.earlier, low.even) == (0.5, (1800.0,), 5200.0)
    plain = month_of_orders(MAY, (2600, 4), (900, 0, 1100), asked())
    assert (plain.factor, plain.earlier, plain.even) == (1.0, (900.0, 0.0, 1100.0), 2600.0)


def test_months_before_the_festival_are_made_even_for_it() -> None:
    """By as much of them as lies in its run-up, or by the peers' season where that is more; not unless asked."""
    festive: dict[str, Any] = {"festival_factor": 5.0, "festival_days": 31}
    months = month_of_orders(MAY, (1, 1), (100,) * 5, asked(entries=(SPRING,), **festive))
    # The run-up is 15 January to 22 February: seventeen days of January's, twenty-two of February's.
    assert months.earlier == pytest.approx((100, 100 / (1 + 4 * 17 / 31), 100 / (1 + 4 * 22 / 28), 100, 100))
    assert months.factor == 1.0
    twice = tuple(3.0 if month in (0, 4) else 1.0 for month in range(12))
    habits = Habits(season=twice)
    both = month_of_orders(MAY, (1, 1), (100,) * 5, asked(habits=habits, entries=(SPRING,), **festive))
    january = max(3.0, 1 + 4 * 17 / 31)
    assert both.earlier == pytest.approx((100, 100 / january, 100 / (1 + 4 * 22 / 28), 100, 100))
    assert both.factor == 3.0
    unasked = month_of_orders(MAY, (1, 1), (100,) * 5, asked(entries=(SPRING,), festival_factor=1.0))
    assert unasked.earlier == (100.0,) * 5


def thirty(*days: tuple[str, int]) -> ThirtyDays:
    """What is known after these purchases, whole months put behind as they end."""
    known, month = ThirtyDays(), month_of(civil_day(at(f"{days[0][0]} 09:00")))
    for day, base in days:
        on = civil_day(at(f"{day} 09:00"))
        if month_of(on) > month:
            known = turned(known, whole=True, idle=month_of(on) - month - 1, told=False)
            month = month_of(on)
        known = bought(known, on, base)
    return known


FIRST_OF_MAY = first_of(MAY) - civil_day(at("day 0 00:00"))


def test_thirty_days_within_one_month_say_nothing_that_the_month_does_not() -> None:
    """Only where something was bought in them before the month began."""
    within = thirty((f"day {FIRST_OF_MAY}", 5), ("day 1", 5))
    assert thirty_days_of_orders(within, civil_day(at("day 1 20:00")), asked()) is None
    over = thirty((f"day {FIRST_OF_MAY - 1}", 5), ("day 1", 7))
    found = thirty_days_of_orders(over, civil_day(at("day 1 20:00")), asked())
    assert found is not None
    assert (found.of, found.total, found.orders, found.earlier) == ("thirty_days", 12, 2, ())
    today = civil_day(at("day 1 20:00"))
    assert found.days == range(today - 29, today + 1)


def test_thirty_days_are_held_against_the_most_of_months_that_were_over_before_they_began() -> None:
    """Each made even for the season of its own days; a month without a purchase is nothing."""
    days = (("day -120", 300), ("day -110", 200), ("day -50", 400), ("day -20", 100), ("day 1", 7))
    known, today = thirty(*days), civil_day(at("day 1 20:00"))
    found = thirty_days_of_orders(known, today, asked())
    assert found is not None
    assert (found.total, found.earlier) == (107, (500.0, 0.0, 400.0))
    table = Habits(season=SEASON)
    even = thirty_days_of_orders(known, today, asked(habits=table))
    assert even is not None
    ends = [civil_day(at(f"day {day} 09:00")) for day in (-110, -50)]
    first, second = (table.over(range(end - 29, end + 1)) for end in ends)
    assert even.earlier == pytest.approx((500 / first, 0.0, 400 / second))
    assert even.factor == pytest.approx(table.over(range(today - 29, today + 1)))
