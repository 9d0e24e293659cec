"""Quantities: exact integers of one base unit per measure, a decimal string with a unit on the wire.

Law kept: nothing is rounded. What is finer than the base unit is refused, measures never mix.
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Final

import msgspec

LARGEST: Final = 10**15
"""The largest single quantity in base units: a million tonnes of anything that is weighed."""


class Measure(StrEnum):
    """What is measured; each has one base unit."""

    MASS = "mass"  # mg
    VOLUME = "volume"  # µL
    COUNT = "count"  # item
    ACTIVITY = "activity"  # Bq
    NEQ = "neq"  # net explosive quantity, mg


UNITS: Final[dict[str, tuple[Measure, int]]] = {
    "mg": (Measure.MASS, 1),
    "g": (Measure.MASS, 10**3),
    "kg": (Measure.MASS, 10**6),
    "t": (Measure.MASS, 10**9),
    "uL": (Measure.VOLUME, 1),
    "mL": (Measure.VOLUME, 10**3),
    "L": (Measure.VOLUME, 10**6),
    "m3": (Measure.VOLUME, 10**9),
    "item": (Measure.COUNT, 1),
    "Bq": (Measure.ACTIVITY, 1),
    "kBq": (Measure.ACTIVITY, 10**3),
    "MBq": (Measure.ACTIVITY, 10**6),
    "GBq": (Measure.ACTIVITY, 10**9),
    "TBq": (Measure.ACTIVITY, 10**12),
    "mg_neq": (Measure.NEQ, 1),
    "g_neq": (Measure.NEQ, 10**3),
    "kg_neq": (Measure.NEQ, 10**6),
}
SHOWN: Final = {
    Measure.MASS: "kg",
    Measure.VOLUME: "L",
    Measure.COUNT: "item",
    Measure.ACTIVITY: "MBq",
    Measure.NEQ: "kg_neq",
}
"""The unit in which people read each measure."""

_NEGATIVE: Final = re.compile(r"-\d+(\.\d+)?", re.ASCII)


class Quantity(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A quantity as reported: ``{"value": "12.5", "unit": "kg"}``."""

    value: Annotated[str, msgspec.Meta(max_length=64)]
    unit: Annotated[str, msgspec.Meta(max_length=16)]


class Fault(StrEnum):
    """Why a quantity cannot be taken."""

    NOT_A_NUMBER = "quantity_not_a_number"
    NEGATIVE = "quantity_negative"
    TOO_FINE = "quantity_too_fine"
    OVER_RANGE = "quantity_over_range"
    UNKNOWN_UNIT = "quantity_unit_unknown"


class Amount(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An exact quantity: ``base`` whole base units of ``measure``."""

    measure: Measure
    base: int


@lru_cache(maxsize=65_536)
def parse_quantity(value: str, unit: str) -> Amount | Fault:
    """The exact amount of a reported value and unit, or why there is none.

    >>> parse_quantity("12.5", "kg")
    Amount(measure=<Measure.MASS: 'mass'>, base=12500000)
    >>> parse_quantity("0.5", "item")
    <Fault.TOO_FINE: 'quantity_too_fine'>
    """
    known = UNITS.get(unit)
    if known is None:
        return Fault.UNKNOWN_UNIT
    whole, point, fraction = value.partition(".")
    if not (value.isascii() and whole.isdigit() and (fraction.isdigit() or not point)):
        return Fault.NEGATIVE if _NEGATIVE.fullmatch(value) else Fault.NOT_A_NUMBER
    measure, factor = known
    if not point:
        base = int(whole) * factor
        return Amount(measure, base) if base <= LARGEST else Fault.OVER_RANGE
    fraction = fraction.rstrip("0")
    scaled = int(whole + fraction) * factor
    base, rest = divmod(scaled, 10 ** len(fraction))
    if rest:
        return Fault.TOO_FINE
    return Amount(measure, base) if base <= LARGEST else Fault.OVER_RANGE


def show_quantity(base: int, measure: Measure) -> str:
    """The amount as people read it, exactly, in the measure's usual unit.

    >>> show_quantity(12_500_000, Measure.MASS)
    '12.5 kg'
    """
    unit = SHOWN[measure]
    number = Decimal(base) / UNITS[unit][1]
    return f"{number.normalize():f} {unit.replace('_neq', ' NEQ')}"


def quantity_of(base: int, measure: Measure) -> Quantity:
    """The wire form of an exact amount (what the simulator and mended reports send)."""
    unit = SHOWN[measure]
    return Quantity(f"{(Decimal(base) / UNITS[unit][1]).normalize():f}", unit)
