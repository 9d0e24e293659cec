"""A unit's days, from its movements: what E7 judges by, and what its forest is grown on. One code for both.

Law kept: a unit-day is a function of the set of the unit's movements that day; measures never mix.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from events.quantity import Measure
from events.registry import Category, UnitEntry
from events.time import civil_day, day_text, hour_of_day
from ledger.fact import Fact, Movement
from models.baseline import EVERYBODY
from models.unit_day import Direction, UnitDay, observe

Strand: TypeAlias = tuple[Category, Measure]
"""What a unit keeps days of: one run of days for each category and measure that it moves."""

_DIRECTION: Final[Mapping[str, Direction]] = {
    "receive": "in",
    "return": "in",
    "issue": "out",
    "consume": "consume",
    "produce": "produce",
}


def strand(movement: Movement) -> Strand:
    """Which run of days a movement belongs to."""
    return movement.category, movement.measure


def anchor(unit: str, category: str, measure: str, day: int) -> str:
    """What names a run of strange days: the strand, and the run's first day.

    >>> anchor("U1", "explosives", "count", 20_585)
    'U1/explosives/count/2026-05-12'
    """
    return f"{unit}/{category}/{measure}/{day_text(day)}"


def segment(of: Strand, unit: UnitEntry | None) -> str:
    """The peers of a unit: those of the same measure and the same activities.

    >>> segment((Category.CHEMICALS, Measure.MASS), UnitEntry(name="甲", area="350102", roles=("use", "store")))
    'mass/store+use'
    """
    return f"{of[1]}/{'+'.join(sorted(unit.roles))}" if unit is not None and unit.roles else EVERYBODY


def counted(day: UnitDay, fact: Fact, movement: Movement) -> UnitDay:
    """The day with one more movement of the unit's own sites; late is what came after the day it happened on."""
    return observe(
        day,
        direction=_DIRECTION.get(movement.operation, "other"),
        quantity=movement.amount,
        hour=hour_of_day(fact.at),
        counterparty=movement.counterparty_unit or movement.outside,
        corrected=fact.revision > 0,
        late=civil_day(fact.received_at) > civil_day(fact.at),
    )
