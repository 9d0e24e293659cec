"""A unit-day is the same whatever the order of its events."""

import random
from typing import TypedDict

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.unit_day import DIRECTIONS, PARTIES, Direction, UnitDay, is_round, observe


class Event(TypedDict):
    """The arguments of one `observe`."""

    direction: Direction
    quantity: int
    hour: int
    counterparty: str | None
    corrected: bool
    late: bool


events = st.fixed_dictionaries(
    {
        "direction": st.sampled_from(DIRECTIONS),
        "quantity": st.integers(0, 10**15),
        "hour": st.integers(0, 23),
        "counterparty": st.none() | st.integers(0, 99).map(str),
        "corrected": st.booleans(),
        "late": st.booleans(),
    }
)


def told(events: list[Event]) -> UnitDay:
    day = UnitDay(20_000)
    for event in events:
        day = observe(day, **event)
    return day


@given(st.lists(events, max_size=40).flatmap(lambda e: st.tuples(st.just(e), st.permutations(e))))
def test_the_order_of_events_changes_nothing(two: tuple[list[Event], list[Event]]) -> None:
    """Sums, a maximum and the smallest of a set: any order ends in the same value."""
    assert told(two[0]) == told(two[1])


def deal(party: str, quantity: int = 1, hour: int = 12) -> Event:
    return {
        "direction": "out",
        "quantity": quantity,
        "hour": hour,
        "counterparty": party,
        "corrected": False,
        "late": False,
    }


def test_the_set_of_counterparties_is_bounded_and_still_commutes() -> None:
    """Past 64 counterparties the day keeps 64 of them, the same ones in any order, in under 1 KiB."""
    many = [deal(f"unit-{i}") for i in range(300)]
    shuffled = many.copy()
    random.Random(1).shuffle(shuffled)
    assert told(many) == told(shuffled)
    assert len(told(many).parties) == PARTIES
    assert len(msgspec.msgpack.encode(told(many))) < 1024


def test_night_is_from_22_to_6() -> None:
    """22:00 to 05:59 are night, 06:00 and 21:59 are not."""
    assert [told([deal("x", hour=hour)]).night for hour in (21, 22, 23, 0, 5, 6)] == [0, 1, 1, 1, 1, 0]


def test_round_quantities_have_two_leading_digits() -> None:
    """25 kg and 3 t are round, 25.3 kg and nothing at all are not."""
    assert [is_round(q) for q in (25_000_000, 3_000_000_000, 99, 25_300_000, 101, 0)] == [True] * 3 + [False] * 3


@pytest.mark.parametrize(("quantity", "hour"), [(-1, 3), (1, 24), (1, -1)])
def test_an_impossible_event_is_refused(quantity: int, hour: int) -> None:
    """Negative quantities and hours outside the day never reach the sums."""
    with pytest.raises(ValueError):
        told([deal("x", quantity=quantity, hour=hour)])
