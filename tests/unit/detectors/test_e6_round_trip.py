"""E6: numbers that come back by another way, or pass through several hands; returns and repairs raise nothing."""

from __future__ import annotations

import itertools
from typing import Any

from msgspec.structs import replace

from detectors.claim import Finding
from ledger.fact import Fact
from tests.detector_kit import History, at, movement, watch
from tests.detector_words import run

BOX = (run(1, 50),)


def hop(giver: str, taker: str, day: int, *, hour: int = 9, numbers: object = BOX) -> tuple[Fact, Fact]:
    """One unit gives a box to another, which has it an hour later."""
    told: Any = {"serials": numbers}
    out, came = f"day {day} {hour:02d}:00", f"day {day} {hour + 1:02d}:00"
    sent = movement("issue", "50 item", site=f"S-{giver}", unit=giver, when=out, **told)
    got = movement("receive", "50 item", site=f"S-{taker}", unit=taker, when=came, **told)
    return sent, got


def way(*units: str, every: int = 2) -> tuple[Fact, ...]:
    """A box goes from unit to unit, one hop every so many days."""
    hops = itertools.pairwise(units)
    return tuple(fact for n, (giver, taker) in enumerate(hops) for fact in hop(giver, taker, 1 + every * n))


def passing(minutes: int) -> tuple[Fact, ...]:
    """From a maker over two dealers, each of whom keeps it for some minutes, to a user."""
    times = [("M", "B", 9, 0), ("B", "C", 10, minutes), ("C", "D", 11, 2 * minutes)]
    facts: list[Fact] = [movement("produce", "50 item", site="S-M", unit="M", when="day 9 08:00", serials=BOX)]
    for giver, taker, hour, minute in times:
        facts.append(movement("issue", "50 item", site=f"S-{giver}", unit=giver, serials=BOX,
                              when=f"day 10 {hour:02d}:{minute:02d}"))  # fmt: skip
        facts.append(movement("receive", "50 item", site=f"S-{taker}", unit=taker, serials=BOX,
                              when=f"day 10 {hour + 1:02d}:{minute:02d}"))  # fmt: skip
    return tuple(facts)


def history() -> History:
    """A circle over two others; three weeks later the same over three; and a box that nobody opens."""
    return History(
        rule="E6",
        key="serial:M1/T1/0",
        facts=(*way("A", "B", "C", "A"), *passing(20)),
        now=at("day 40 00:00"),
    )


def said(*facts: Fact, **parameters: float) -> list[Finding]:
    """What is found."""
    return watch(replace(history(), facts=facts, parameters=parameters))


def test_a_circle_is_told_with_its_way() -> None:
    """Given away on day 1, back on day 5 from another than it was given to."""
    (found,) = said(*way("A", "B", "C", "A"))
    numbers = found.claim.numbers
    assert (numbers["reason"], numbers["way"], numbers["total"]) == ("circle", "A > B > C > A", 50)
    assert (found.claim.since, found.claim.until) == (at("day 5 10:00"), at("day 5 10:00"))
    assert found.claim.numbers["way_days"] == 4.0
    assert found.claim.ref_count == 4


def test_what_comes_back_the_way_it_went_is_a_return_or_a_repair() -> None:
    """From who it was given to, or through the same dealer both ways; and what is booked as returned."""
    assert not said(*way("A", "B", "A"))
    assert not said(*way("A", "B", "C", "B", "A"))
    back = movement("return", "50 item", site="S-A", unit="A", when="day 5 10:00", serials=BOX)
    assert not said(*way("A", "B", "C"), back)


def test_a_circle_may_be_longer_and_only_a_part_of_the_box() -> None:
    """Ten of the fifty come round by three others; the rest is where it was sold."""
    ten = (run(11, 20),)
    on = (*hop("C", "D", 5, numbers=ten), *hop("D", "A", 7, numbers=ten))
    (found,) = said(*way("A", "B", "C"), *on)
    assert (found.claim.numbers["way"], found.claim.numbers["serials"]) == ("A > B > C > D > A", "11-20")


def test_a_window_and_a_number_of_hands_bound_it() -> None:
    """What comes back after the window is another trade; more hands may be asked for."""
    assert said(*way("A", "B", "C", "A", every=14))
    assert not said(*way("A", "B", "C", "A", every=16))
    assert said(*way("A", "B", "C", "A", every=16), window_days=40.0)
    assert not said(*way("A", "B", "C", "A"), least_hands=3)
    assert said(*way("A", "B", "C", "D", "A"), least_hands=3)


def test_stores_of_one_unit_are_one_hand() -> None:
    """From store to store of a unit and back is no trade."""
    moved = []
    for n, (giver, taker) in enumerate((("S1", "S2"), ("S2", "S3"), ("S3", "S1"))):
        moved.append(movement("issue", "50 item", site=giver, unit="A", when=f"day {n + 1} 09:00", serials=BOX))
        moved.append(movement("receive", "50 item", site=taker, unit="A", when=f"day {n + 1} 10:00", serials=BOX))
    assert not said(*moved)


def test_passing_through_two_hands_is_told_and_through_one_is_direct_delivery() -> None:
    """Twenty minutes each: nobody unloads, checks and loads in that time at two stores; forty may be."""
    (found,) = said(*passing(20))
    assert (found.claim.numbers["reason"], found.claim.numbers["way"]) == ("passage", "M > B > C > D")
    assert not said(*passing(40))
    assert not said(*passing(20)[:5])
    assert said(*passing(40), dwell_min=40.0)


def test_who_is_only_known_by_giving_away_has_not_passed_it_through() -> None:
    """Where the first hand got it nobody said: that is no passage."""
    unknown = tuple(fact for fact in passing(20) if fact.body and fact.body.operation != "produce")  # type: ignore[union-attr]
    (found,) = said(*unknown)
    assert found.claim.numbers["way"] == "M > B > C > D"
    assert not said(*unknown, pass_hands=3)


def test_what_is_used_up_or_goes_out_to_a_shift_is_on_no_way() -> None:
    """A shift takes and brings back; what was consumed comes back by no way."""
    used = movement("consume", "50 item", site="S-C", unit="C", when="day 4 09:00", serials=BOX)
    assert not said(*way("A", "B", "C"), used, *hop("C", "A", 5))
    out = movement("issue", "50 item", site="S-C", unit="C", when="day 4 09:00", shift="N", serials=BOX)
    assert said(*way("A", "B", "C"), out, *hop("C", "A", 5))


def test_a_block_follows_so_many_ways() -> None:
    """Those that rested longest are let go: they raise nothing any more."""
    lone = [
        movement("receive", "1 item", site=f"S-{n}", unit=f"U{n}", when=f"day 4 {8 + n // 30:02d}:{n % 30:02d}",
                 serials=(run(100 + n),))
        for n in range(60)
    ]  # fmt: skip
    assert not said(*way("A", "B", "C"), *lone, *hop("C", "A", 5))


def test_what_went_before_the_window_does_not_hide_the_circle_in_it() -> None:
    """The maker sold the box long ago; what its buyer does with it now is told from its own hands on."""
    sold = hop("M", "A", 1)
    round_ = tuple(
        fact for n, pair in enumerate((("A", "B"), ("B", "C"), ("C", "A"))) for fact in hop(*pair, 20 + 7 * n)
    )
    (found,) = said(*sold, *round_)
    assert found.claim.numbers["way"] == "A > B > C > A"


def test_a_store_between_two_stores_of_one_unit_is_no_hand_of_the_way() -> None:
    """B carries the box from one store to another before it sells it on: the way names B once."""
    first, last = hop("A", "B", 1), (*hop("B", "C", 5), *hop("C", "A", 7))
    out = movement("issue", "50 item", site="S-B", unit="B", when="day 3 09:00", serials=BOX)
    came = movement("receive", "50 item", site="S-B2", unit="B", when="day 3 10:00", serials=BOX)
    (found,) = said(*first, out, came, *last)
    assert (found.claim.numbers["way"], found.claim.numbers["hands"]) == ("A > B > C > A", 4)
