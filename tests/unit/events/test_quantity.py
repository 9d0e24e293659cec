"""Quantities: exact integers or a named fault.

Law: nothing is rounded; what is finer than the base unit is refused, and measures never mix.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.quantity import (
    LARGEST,
    SHOWN,
    UNITS,
    Amount,
    Fault,
    Measure,
    parse_quantity,
    quantity_of,
    show_quantity,
)


@given(st.integers(0, LARGEST), st.sampled_from(Measure))
def test_an_exact_amount_survives_the_wire(base: int, measure: Measure) -> None:
    """What quantity_of writes parse_quantity reads: to the last base unit."""
    wire = quantity_of(base, measure)
    assert parse_quantity(wire.value, wire.unit) == Amount(measure, base)


@given(st.decimals(0, 10**6, places=8), st.sampled_from(sorted(UNITS)))
def test_a_value_is_taken_exactly_or_not_at_all(value: Decimal, unit: str) -> None:
    """Against rational arithmetic: the base units are whole and equal, or the value is refused."""
    measure, factor = UNITS[unit]
    exact = Fraction(value) * factor
    parsed = parse_quantity(f"{value:f}", unit)
    if exact.denominator != 1:
        assert parsed is Fault.TOO_FINE
    elif exact > LARGEST:
        assert parsed is Fault.OVER_RANGE
    else:
        assert parsed == Amount(measure, int(exact))


@pytest.mark.parametrize(
    ("value", "unit", "fault"),
    [
        ("0.0000001", "kg", Fault.TOO_FINE),
        ("0.5", "item", Fault.TOO_FINE),
        ("1000001", "t", Fault.OVER_RANGE),
        ("9" * 64, "mg", Fault.OVER_RANGE),
        ("-1", "kg", Fault.NEGATIVE),
        ("-0", "kg", Fault.NEGATIVE),
        ("1e3", "kg", Fault.NOT_A_NUMBER),
        ("1,000", "kg", Fault.NOT_A_NUMBER),
        (" 1", "kg", Fault.NOT_A_NUMBER),
        ("1\n", "kg", Fault.NOT_A_NUMBER),
        ("1.", "kg", Fault.NOT_A_NUMBER),
        ("", "kg", Fault.NOT_A_NUMBER),
        ("٣", "kg", Fault.NOT_A_NUMBER),
        ("NaN", "kg", Fault.NOT_A_NUMBER),
        ("1", "KG", Fault.UNKNOWN_UNIT),
        ("1", "", Fault.UNKNOWN_UNIT),
    ],
)
def test_what_cannot_be_taken_exactly_has_a_named_fault(value: str, unit: str, fault: Fault) -> None:
    """One fault each, so that the reporter knows what to mend."""
    assert parse_quantity(value, unit) is fault


def test_needless_zeros_are_no_fineness() -> None:
    """ "1.000" pieces are one piece; the largest amount is still taken."""
    assert parse_quantity("1.000", "item") == Amount(Measure.COUNT, 1)
    assert parse_quantity("007.50", "kg") == Amount(Measure.MASS, 7_500_000)
    assert parse_quantity("1000000", "t") == Amount(Measure.MASS, LARGEST)


@given(st.integers(-(10**20), 10**20), st.sampled_from(Measure))
def test_what_people_read_is_exact_too(base: int, measure: Measure) -> None:
    """Shown amounts, sums of many among them, lose no digit and need no exponent."""
    number, _, _ = show_quantity(base, measure).partition(" ")
    assert Fraction(number) * UNITS[SHOWN[measure]][1] == base
