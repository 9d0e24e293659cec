"""Facts: where they stand in event order, and minutes that merge.

Law: at one instant what comes in is booked before what goes out, and counts come last; merging does not care for
order or repetition.
"""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from events.quantity import Measure
from events.registry import Category
from ledger.fact import (
    COUNTED,
    INWARD,
    OUTWARD,
    STANDING,
    Cell,
    Count,
    Detail,
    Fix,
    Leg,
    Movement,
    merge_cells,
    rank_of,
)
from tests.detector_kit import at, cell, count, movement, plan

_fix = st.builds(
    Fix, st.integers(0, 59), st.sampled_from((119.0, 119.5)), st.just(26.0), st.sampled_from((0.0, 60.0))
)
_cells = st.builds(Cell, _fix, _fix, st.integers(0, 7), st.booleans(), st.booleans())


@pytest.mark.parametrize("operation", ["open", "receive", "produce", "return", "issue", "consume", "destroy"])
def test_what_comes_in_is_before_what_goes_out_at_one_instant(operation: str) -> None:
    """Counts come last; an adjustment goes by its direction."""
    inward = operation in ("open", "receive", "produce", "return")
    fact = movement(operation, "1 item", when="day 1 08:00")
    assert fact.body is not None
    assert rank_of(fact.body) == (INWARD if inward else OUTWARD)
    for direction, rank in (("in", INWARD), ("out", OUTWARD)):
        adjusted = movement("adjust", "1 item", when="day 1 08:00", direction=direction)
        assert adjusted.body is not None
        assert rank_of(adjusted.body) == rank
    counted = count("1 item", when="day 1 08:00")
    assert counted.body is not None
    assert rank_of(counted.body) == COUNTED
    assert STANDING < INWARD < OUTWARD < COUNTED


def test_facts_stand_by_time_then_by_rank_then_by_id_and_standing_ones_before_all() -> None:
    """Whatever order they came in; a plan that stands for a vehicle is known from the beginning of time."""
    standing = plan("C1", ("DET", "1 item"), depart="day 9 08:00", arrive_by="day 9 09:00", standing=True)
    again = replace(standing, id="zzz", at=at("day 1 00:00"))
    came = movement("receive", "1 item", when="day 1 08:00", id="b")
    went = movement("issue", "1 item", when="day 1 08:00", id="a")
    seen = count("1 item", when="day 1 08:00", id="0")
    before = movement("issue", "1 item", when="day 1 07:59", id="z")
    rightly = [standing, again, before, came, went, seen]
    for order in permutations(rightly):
        assert sorted(order, key=lambda fact: fact.order) == rightly
    assert standing.order[0] == 0
    assert came.order[0] == came.at


def test_a_minute_takes_the_first_the_last_and_all_that_was_said() -> None:
    """Alarm bits and load flags of either count."""
    one = cell("day 1 08:00:05", (119.3, 26.1), alarms=0b01, loaded=True).body
    other = cell("day 1 08:00:01", (119.2, 26.1), alarms=0b10, empty=True).body
    assert isinstance(one, Cell)
    assert isinstance(other, Cell)
    both = merge_cells(one, other)
    assert (both.first, both.last) == (other.first, max(one.last, other.last))
    assert (both.alarms, both.loaded, both.empty) == (0b11, True, True)


@given(_cells, _cells, _cells)
def test_merging_does_not_care_for_order_or_repetition(a: Cell, b: Cell, c: Cell) -> None:
    """Commutative, associative, idempotent."""
    assert merge_cells(a, b) == merge_cells(b, a)
    assert merge_cells(a, merge_cells(b, c)) == merge_cells(merge_cells(a, b), c)
    both = merge_cells(a, b)
    assert merge_cells(both, a) == both


def test_what_a_report_leaves_out_is_not_made_up() -> None:
    """A minute without alarms, a count that is no estimate, a movement of nobody's."""
    fix = Fix(0, 119.3, 26.1, 0.0)
    assert Cell(fix, fix) == Cell(fix, fix, alarms=0, loaded=False, empty=False)
    counted = Count(1, Measure.COUNT, Category.EXPLOSIVES, "DET", "S1", "U1", "350102")
    assert (counted.method, counted.estimated, counted.serials, counted.activity) == ("count", False, (), None)
    moved = Movement("issue", 1, Measure.COUNT, Category.EXPLOSIVES, "DET", "S1", "U1", "350102")
    assert (moved.natural_person, moved.more, moved.more.identified) == (False, Detail(), None)
    leg = Leg("depart", "C1")
    assert (leg.depart_at, leg.arrive_by, leg.loads, leg.routes, leg.stops, leg.areas) == (0, 0, (), (), (), ())
