"""The trips that a vehicle is on, from the plans that it knows.

Law kept: a plan allows from its departure until it ends: reported as arrived or cancelled, else a while overdue.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from events.registry import Category
from events.time import DAY, Instant, civil_day, day_start
from ledger.account import Driving
from ledger.fact import Leg, Ref
from ledger.reference import REACH_ON_ROADS

LATENESS: Final = REACH_ON_ROADS
"""How long after its end a vehicle's day is still open."""

REMEMBERED: Final = 7 * DAY
"""How long after its planned arrival a trip tells what a vehicle carries for whom."""


class OnRoad(NamedTuple):
    """A trip under way: its plan, the plan's citation, and when it ends at the latest."""

    leg: Leg
    ref: Ref
    ends: Instant


def under_way(driving: Driving, at: Instant, *, overdue: Instant, early: Instant = 0) -> tuple[OnRoad, ...]:
    """The trips under way at an instant, the one that departs last at the end.

    A trip counts until ``overdue`` after its planned arrival unless it has ended, and from ``early`` before its
    planned departure.
    """
    if not driving.plans:
        return ()
    known = driving.heard_before(closes(at))
    ended = {end.consignment: end.at for end in known.ended}
    found = []
    for plan in known.plans:
        leg = plan.leg
        if leg.depart_at - early <= at < leg.arrive_by + overdue:
            ends = min(ended.get(leg.consignment, leg.arrive_by + overdue), leg.arrive_by + overdue)
            if at < ends:
                found.append(OnRoad(leg, plan.ref, ends))
    return tuple(found)


def latest_trip(driving: Driving, at: Instant) -> Leg | None:
    """The trip that departed last before an instant, whatever became of it; none that is over for long."""
    known = driving.heard_before(closes(at)).plans
    return next((plan.leg for plan in reversed(known) if plan.leg.depart_at <= at < _forgotten(plan.leg)), None)


def _forgotten(leg: Leg) -> Instant:
    """Until when a trip counts as a vehicle's last: no longer than it is held, whenever it is let go of."""
    return leg.arrive_by + REMEMBERED


def closes(at: Instant) -> Instant:
    """When a vehicle's day closes: what is heard of trips from then on no longer speaks of it.

    It bears on the receipt of the plan, so that lanes whose clocks run apart judge alike.
    """
    return day_start(civil_day(at) + 1) + LATENESS


def unit_of(leg: Leg) -> str:
    """The unit that answers for the road: the carrier, else the shipper; empty where the plan names neither."""
    return leg.carrier or leg.shipper_unit or ""


def category_of(leg: Leg) -> Category:
    """The category carried; chemicals, the commonest on the road, where the plan does not say."""
    return leg.category or Category.CHEMICALS
