"""What the two ends of a consignment owe each other: by when, and what becomes of it."""

from __future__ import annotations

from msgspec.structs import replace

from detectors.claim import Claim
from detectors.matching import Obligations, backed, deadline, obligation, swapped_for, unmatched_ways
from events.quantity import Measure
from events.registry import Category
from events.time import HOUR, Instant
from ledger.account import Trip, Way
from ledger.fact import Leg, Movement, Ref
from tests.detector_kit import at, movement

REF = movement("issue", "1 item", when="day 1 08:00").ref
MORNING, NOON = at("day 1 08:00"), at("day 1 12:00")


def way(goods: str = "DET", *, sent: int = 0, received: int = 0, lost: int = 0, at: Instant | None = None) -> Way:
    return Way(goods, Measure.COUNT, Category.EXPLOSIVES, sent, received, lost, sent_at=at)


def claim(anchor: str, speaks_at: Instant = NOON) -> Claim:
    return Claim(anchor, MORNING, speaks_at, (REF,), {}, "350102", "U1", Category.EXPLOSIVES, ref_count=1)


def test_goods_are_due_some_hours_after_the_planned_arrival_or_the_sending_if_that_is_later() -> None:
    """Without a plan a usual transit after they were sent."""
    planned = Trip(Leg("plan", "C1", arrive_by=NOON))
    in_time, late = way(sent=1, at=MORNING), way(sent=1, at=NOON + HOUR)
    assert deadline(planned, in_time, grace_h=12.0, transit_h=72.0) == NOON + 12 * HOUR
    assert deadline(planned, late, grace_h=1.5, transit_h=72.0) == NOON + 5 * HOUR // 2
    assert deadline(Trip(), in_time, grace_h=12.0, transit_h=72.0) == MORNING + 72 * HOUR
    assert obligation("consignment:C1", "EXP") == "C1/EXP"


def test_what_is_neither_received_nor_all_lost_is_unmatched() -> None:
    """A part that came, or all of it declared lost, is no unmatched sending."""
    ways = (
        way("A", sent=5), way("B", sent=5, lost=4), way("C", sent=5, lost=5), way("D", sent=5, received=1),
        way("E", received=5),
    )  # fmt: skip
    assert [one.goods for one in unmatched_ways(Trip(ways=ways))] == ["A", "B"]


def test_goods_that_came_unsent_stand_for_those_that_were_sent_and_did_not_come() -> None:
    """The first of them; what was sent itself, or did not come, is no swap."""
    came, sent, other = way("E", received=5), way("A", sent=5), way("B", sent=5)
    trip = Trip(ways=(sent, other, came))
    assert swapped_for(trip, came) is sent
    assert swapped_for(trip, sent) is None
    assert swapped_for(trip, way("F")) is None
    assert swapped_for(trip, way("G", sent=1, received=1)) is None
    assert swapped_for(Trip(ways=(came,)), came) is None


def test_what_is_met_before_it_may_be_said_is_never_said_and_later_it_is_closed() -> None:
    """To the very instant; what stays stands as it is told now."""
    known = Obligations((claim("C1/A"), claim("C1/B")))
    for when, closed in (("day 1 12:00", []), ("day 1 12:00:01", ["C1/A"])):
        fact = movement("receive", "1 item", when=when)
        left, made = known.become([claim("C1/C"), claim("C1/B")], fact)
        assert [one.anchor for one in left.open] == ["C1/B", "C1/C"]
        assert [one.anchor for one in made] == closed
        assert all(one.until == fact.at for one in made)
    assert [one.anchor for one in known.said(NOON)] == ["C1/A", "C1/B"]
    assert known.said(NOON - 1) == ()
    assert known.instants() == (NOON, NOON)
    assert known.of("C1/B") is known.open[1]
    assert known.of("C1/Z") is None


def test_a_claim_cites_what_there_is_and_informs_the_other_ends() -> None:
    """Each area once, and not the one that handles it."""
    ends: list[Movement | None] = [None]
    for area in ("350111", "350102", "350105", "350111"):
        body = movement("receive", "1 item", when="day 1 08:00").body
        assert isinstance(body, Movement)
        ends.append(replace(body, area=area))
    refs: tuple[Ref | None, ...] = (REF, None, replace(REF, id="other"))
    told = backed(claim("C1/A"), refs, ends)
    assert [ref.id for ref in told.refs] == [REF.id, "other"]
    assert (told.ref_count, told.informed_areas) == (2, ("350105", "350111"))
