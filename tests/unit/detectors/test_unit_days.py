"""A unit's days as E7 and its forest know them: what is counted of each movement, and who a unit's peers are."""

from __future__ import annotations

from itertools import permutations

import pytest
from msgspec.structs import replace

from detectors.unit_days import anchor, counted, segment, strand
from events.quantity import Measure
from events.registry import Activity, Category, UnitEntry
from events.time import civil_day
from ledger.fact import Fact, Movement
from models.baseline import EVERYBODY
from models.unit_day import Direction, UnitDay, observe
from tests.detector_kit import at, movement

DAY = civil_day(at("day 3 00:00"))


def seen(fact: Fact) -> UnitDay:
    """The third day with this movement alone."""
    assert isinstance(fact.body, Movement)
    return counted(UnitDay(DAY), fact, fact.body)


@pytest.mark.parametrize(
    ("operation", "direction"),
    [
        ("receive", "in"), ("return", "in"), ("issue", "out"), ("consume", "consume"), ("produce", "produce"),
        ("open", "other"), ("adjust", "other"), ("destroy", "other"), ("declare_loss", "other"),
    ],
)  # fmt: skip
def test_each_operation_is_counted_in_its_direction(operation: str, direction: Direction) -> None:
    """With its amount, its hour in Shanghai and its partner."""
    fact = movement(operation, "12 item", when="day 3 22:59", counterparty_unit="U2")
    assert seen(fact) == observe(
        UnitDay(DAY), direction=direction, quantity=12, hour=22, counterparty="U2", corrected=False, late=False
    )


def expected(*, counterparty: str | None = None, corrected: bool = False, late: bool = False) -> UnitDay:
    """A day with one receipt of an item at eight."""
    return observe(
        UnitDay(DAY), direction="in", quantity=1, hour=8, counterparty=counterparty, corrected=corrected, late=late
    )


def test_a_partner_is_a_unit_or_somebody_outside() -> None:
    """The unit where both are named, nobody where none is."""
    outside = movement("receive", "1 item", when="day 3 08:00", outside="总厂")
    both = movement("receive", "1 item", when="day 3 08:00", outside="总厂", counterparty_unit="U2")
    assert seen(outside) == expected(counterparty="总厂")
    assert seen(both) == expected(counterparty="U2")
    assert seen(movement("receive", "1 item", when="day 3 08:00")) == expected()


def test_a_correction_and_a_report_after_its_day_are_counted_as_such() -> None:
    """The first correction is one already; midnight in Shanghai makes a report late."""
    fact = movement("receive", "1 item", when="day 3 08:00", received="day 3 23:59:59")
    assert seen(fact) == expected()
    assert seen(replace(fact, revision=1)) == expected(corrected=True)
    assert seen(replace(fact, received_at=at("day 4 00:00"))) == expected(late=True)


def test_measures_and_categories_never_mix() -> None:
    """Each movement belongs to one run of days; what names a strange one is the strand and its first day."""
    found = {}
    for goods, amount in (("DET", "1 item"), ("EXP", "1 kg"), ("ACE", "1 L")):
        moved = movement("receive", amount, goods=goods, when="day 3 08:00").body
        assert isinstance(moved, Movement)
        found[goods] = strand(moved)
    assert found == {
        "DET": (Category.EXPLOSIVES, Measure.COUNT),
        "EXP": (Category.EXPLOSIVES, Measure.MASS),
        "ACE": (Category.CHEMICALS, Measure.VOLUME),
    }
    assert anchor("U1", *found["EXP"], DAY) == "U1/explosives/mass/2026-05-06"


def test_peers_are_those_of_the_same_measure_and_activities() -> None:
    """In whatever order these were registered; a unit of none, or that is not registered, is held against all."""
    of = (Category.CHEMICALS, Measure.MASS)
    activities: tuple[Activity, ...] = ("use", "store", "purchase")
    for roles in permutations(activities):
        assert segment(of, UnitEntry(name="甲", area="350102", roles=roles)) == "mass/purchase+store+use"
    assert segment(of, UnitEntry(name="甲", area="350102", roles=("use",))) == "mass/use"
    assert segment(of, UnitEntry(name="甲", area="350102")) == EVERYBODY
    assert segment(of, None) == EVERYBODY
