"""What is a purchase, from whom; who is a peer; and what a threshold on a score rests on."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from detectors.buying import (
    Ask,
    Bar,
    Which,
    ask,
    bar_of,
    bought_from,
    habits_of,
    peers_of,
    roles_of,
    traded_with,
)
from detectors.claim import Severity
from detectors.detector import View
from detectors.e1_unusual_size import Parameters
from detectors.policy import Terms, join_files
from detectors.world import World
from events.registry import Activity, Category, ModelEntry, PolicyEntry, UnitEntry
from ledger.fact import Movement
from ledger.reference import Reference
from models.baseline import Spread
from models.calibrate import Dependence
from models.habits import Buying, Habits
from tests.detector_kit import FakeAreas, at, movement, register
from tests.habit_models import table_alone

FIXED = 12.0


def moved(operation: str = "receive", **fields: Any) -> Movement:
    """A movement of detonators at S1, of unit U1."""
    body = movement(operation, "1 item", when="day 3 08:00", **fields).body
    assert isinstance(body, Movement)
    return body


@pytest.mark.parametrize(
    ("fields", "seller"),
    [
        ({"counterparty_unit": "U2"}, "U2"),
        ({"outside": "总厂"}, "总厂"),
        ({"counterparty_unit": "U2", "outside": "总厂"}, "U2"),
        ({}, None),
        ({"counterparty_unit": "U1"}, None),
        ({"counterparty_unit": "U1", "outside": "总厂"}, None),
    ],
)
def test_a_purchase_is_from_somebody_else(fields: dict[str, Any], seller: str | None) -> None:
    """Named as a unit or as somebody outside; between a unit's own sites nothing is bought."""
    assert bought_from(moved(**fields), "U1") == seller
    assert traded_with(moved(**fields), "U1") == seller
    assert traded_with(moved("issue", **fields), "U1") == seller


@pytest.mark.parametrize("operation", ["issue", "return", "produce", "open", "consume", "adjust", "destroy"])
def test_only_what_comes_in_is_bought_and_only_by_whom_it_reports(operation: str) -> None:
    """Another unit's report of the same trade is its own."""
    assert bought_from(moved(operation, counterparty_unit="U2"), "U1") is None
    trades = "U2" if operation == "issue" else None
    assert traded_with(moved(operation, counterparty_unit="U2"), "U1") == trades
    assert bought_from(moved(counterparty_unit="U3"), "U2") is None
    assert traded_with(moved(counterparty_unit="U3"), "U2") is None


def test_peers_are_those_of_the_same_activities() -> None:
    """In whatever order they stand; who is not registered, or with none, has those without any."""
    activities: tuple[Activity, ...] = ("use", "purchase", "store")
    for roles in permutations(activities):
        assert roles_of(UnitEntry(name="甲", area="350102", roles=roles)) == "purchase+store+use"
    assert roles_of(UnitEntry(name="甲", area="350102")) == roles_of(None) == "*"


def test_a_movement_is_judged_by_the_terms_of_the_county_in_which_its_unit_is_registered() -> None:
    """Else by those of the site's county; in force when it happened."""
    fact = movement("receive", "1 item", when="day 3 08:00", outside="总厂")
    assert isinstance(fact.body, Movement)
    unit = register(UnitEntry(name="甲", area="350302", roles=("use",)), unit="U1", valid_from="day 3 08:00")
    late = register(UnitEntry(name="甲", area="350302", roles=("use",)), unit="U1", valid_from="day 3 08:01")
    text = 'severity = "red"\ninform_unit = "now"\n[[override]]\narea = "350302"\nseverity = "blue"\n'
    world = World(FakeAreas(), {"E1": Parameters})
    world.put(register(PolicyEntry(digest="p", text=join_files({"e1_.toml": text}))))
    here = ask("E1", fact, fact.body, View("unit:U1", Reference((late,)), world))
    there = ask("E1", fact, fact.body, View("unit:U1", Reference((unit,)), world))
    assert (here.entry, here.area, here.terms.severity) == (None, "350102", Severity.RED)
    assert (there.entry, there.area, there.terms.severity) == (unit.entry, "350302", Severity.BLUE)
    assert (there.fact, there.moved) == (fact, fact.body)


def view_of(*models: tuple[str, Category, str], **tables: Habits | None) -> View:
    """A key of a world in which models are in force for a category from a day on, each with its table."""
    world = World(FakeAreas(), {}, lambda digest: table_alone(tables[digest], digest))
    for digest, category, since in models:
        world.put(register(ModelEntry(digest=digest, category=category), valid_from=since, id=f"{digest}/{since}"))
    return View("unit:U1", Reference(), world)


ALONE = ("one", Category.EXPLOSIVES, "day 1 00:00")


def asked(view: View, *, entry: UnitEntry | None = None, when: str = "day 3 08:00", **fields: Any) -> Ask:
    """What E1 asks of a purchase in that world."""
    goods = fields.pop("goods", "DET")
    fact = movement("receive", "1 kg" if goods == "EXP" else "1 item", goods=goods, when=when, outside="总厂")
    assert isinstance(fact.body, Movement)
    terms = Terms(Parameters(**fields), Severity.YELLOW, True, "now", 0)
    return Ask(fact, fact.body, entry, terms, view)


def buying(median: float) -> Buying:
    """What some peers buy."""
    return Buying(Spread(median, 1.0), Spread(4.0, 1.0), 9)


def test_the_habits_are_those_of_the_model_in_force() -> None:
    """Of its category and day; a model without a table of habits has none."""
    one, two = Habits(own=(1.0,)), Habits(own=(2.0,))
    models = (ALONE, ("two", Category.EXPLOSIVES, "day 5 00:00"), ("none", Category.CHEMICALS, "day 1 00:00"))
    view = view_of(*models, one=one, two=two, none=None)
    days = ("day 0 23:59", "day 1 00:00", "day 4 23:59", "day 5 00:00")
    found = [habits_of(view, "explosives", at(day)) for day in days]
    assert found == [None, ("one", one), ("one", one), ("two", two)]
    assert habits_of(view, "chemicals", at("day 5 00:00")) is None


def test_peers_of_the_same_activities_come_first() -> None:
    """Else all that buy the goods; none where the table has none of it, or where there is no table."""
    table = Habits(buying=(("DET", buying(1.0)), ("DET/use", buying(2.0)), ("EXP/use", buying(3.0))))
    user, maker = (UnitEntry(name="甲", area="350102", roles=roles) for roles in (("use",), ("produce",)))
    view = view_of(ALONE, one=table)
    for _ in range(2):
        found = [peers_of(asked(view, entry=entry)) for entry in (user, maker, None)]
        assert found == [buying(2.0), buying(1.0), buying(1.0)]
    assert peers_of(asked(view, entry=maker, goods="EXP")) is None
    assert peers_of(asked(view, entry=user, goods="EXP")) == buying(3.0)
    assert peers_of(asked(view_of(), entry=user)) is None


def test_each_model_has_its_own_peers() -> None:
    """What was worked out of one is not said of the next."""
    models = (ALONE, ("two", Category.EXPLOSIVES, "day 5 00:00"))
    tables = {"one": Habits(buying=(("DET", buying(1.0)),)), "two": Habits(buying=(("DET", buying(2.0)),))}
    view = view_of(*models, **tables)
    for when, median in (("day 3 08:00", 1.0), ("day 6 08:00", 2.0), ("day 3 08:00", 1.0)):
        assert peers_of(asked(view, when=when)) == buying(median)


def bar(table: Habits | None, which: Which = "own", **budget: Any) -> Bar:
    """The threshold by a model with this table (None: no model); shipped: one false alarm in 250, at 90 %."""
    view = view_of() if table is None else view_of(ALONE, one=table)
    return bar_of(asked(view, **budget), which, FIXED)


CLEAN = tuple(nth / 100 for nth in range(1000))
"""A thousand clean scores, 0 to 9.99."""


def test_without_clean_scores_the_threshold_is_the_fixed_one() -> None:
    """No model, or one that has none of this kind: it says so, and counts none."""
    for found in (bar(None), bar(Habits(peers=CLEAN))):
        assert (found.score, found.rests_on, found.found, found.units) == (FIXED, "fixed_no_model", None, 0)
        assert found.numbers() == {}


def test_with_enough_clean_scores_it_is_the_tolerance_limit() -> None:
    """Of a thousand at one in 250 and 90 %: the second highest, whatever the fixed one is."""
    found = bar(Habits(own=CLEAN))
    assert (found.score, found.rests_on) == (9.98, "tolerance")
    assert found.numbers() == {"clean_scores": 1000, "clean_units": 0, "clean_worth": 1000}
    few = bar(Habits(own=CLEAN), alarms_per_week=25.0)
    assert few.rests_on == "tolerance"
    assert few.score < 9.2


@pytest.mark.parametrize(("highest", "threshold"), [(3.0, FIXED), (15.0, 15.0)])
def test_with_too_few_clean_scores_it_is_the_higher_of_theirs_and_the_fixed_one(
    highest: float, threshold: float
) -> None:
    """575 are needed for one in 250 at 90 %."""
    found = bar(Habits(own=(*[0.0] * 573, highest)))
    assert (found.score, found.rests_on) == (threshold, "fixed_too_few")
    assert found.numbers() == {"clean_scores": 574, "clean_units": 0, "clean_worth": 574}
    enough = bar(Habits(own=(*[0.0] * 574, highest)))
    assert (enough.score, enough.rests_on) == (highest, "tolerance")


def test_many_scores_of_units_too_unlike_are_worth_few() -> None:
    """Enough in number, not in worth: the highest of them is the threshold, and it says what it rests on."""
    table = Habits(own=CLEAN, dependence=(("own", Dependence(30, 10.0)), ("peers", Dependence(40, 1.0))))
    found = bar(table)
    assert (found.score, found.rests_on) == (9.99, "too_few")
    assert found.numbers() == {"clean_scores": 1000, "clean_units": 30, "clean_worth": 100}
    assert bar(Habits(peers=CLEAN, dependence=table.dependence), "peers").rests_on == "tolerance"
    for number, rests_on in ((574, "fixed_too_few"), (575, "too_few")):
        assert bar(Habits(own=CLEAN[:number], dependence=table.dependence)).rests_on == rests_on


def test_each_kind_of_score_budget_and_fixed_threshold_has_its_own_bar() -> None:
    """What is kept for one is not another's, in one world asked time and again."""
    table = Habits(own=CLEAN, peers=tuple(score + 1 for score in CLEAN), km=(0.0,) * 20)
    view = view_of(ALONE, one=table)
    for _ in range(2):
        assert bar_of(asked(view), "own", FIXED).score == 9.98
        assert bar_of(asked(view), "peers", FIXED).score == pytest.approx(10.98)
        assert bar_of(asked(view), "km", FIXED).score == FIXED
        assert bar_of(asked(view), "km", 300.0).score == 300.0
        assert bar_of(asked(view, alarms_per_week=25.0), "own", FIXED).score < 9.2
        assert bar_of(asked(view, scored_per_week=2500.0), "own", FIXED).rests_on == "fixed_too_few"
        assert bar_of(asked(view, confidence=0.5), "own", FIXED).score < 9.98
