"""A stretch of time in which a vehicle's trips stay the same, so that they need not be asked for each fix.

Law kept: within a window ``under_way`` says the same at each instant, for every grace up to the longest that a
policy gives; where the grace itself decides there is no window.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from detectors.roads.trips import closes
from events.time import Instant, civil_day, day_start
from ledger.account import Driving
from ledger.fact import Leg

_NEVER: Final = 2**62


class Window(Struct, frozen=True):
    """From ``since`` to before ``until``: the trip under way (empty: none), what is due, if a route binds."""

    since: Instant
    until: Instant
    trip: str
    legs: tuple[Leg, ...]
    routed: bool


def window_at(driving: Driving, at: Instant, grace: Instant) -> Window | None:
    """The window around an instant; None where a plan is overdue, so that its grace must be asked for."""
    day = civil_day(at)
    since, until = day_start(day), day_start(day + 1)
    known = driving.heard_before(closes(at))
    ended = {end.consignment: end.at for end in known.ended}
    due: list[Leg] = []
    lingering: list[Leg] = []
    for plan in known.plans:
        leg = plan.leg
        over = ended.get(leg.consignment, _NEVER)
        for edge in (leg.depart_at, min(over, leg.arrive_by), min(over, leg.arrive_by + grace)):
            if edge <= at:
                since = max(since, edge)
            else:
                until = min(until, edge)
        if leg.depart_at <= at < min(over, leg.arrive_by + grace):
            lingering.append(leg)
            if at < min(over, leg.arrive_by):
                due.append(leg)
    if not lingering:
        return Window(since, until, "", (), routed=False)
    if not due or lingering[-1] is not due[-1]:
        return None
    return Window(since, until, due[-1].consignment, tuple(due), routed=any(leg.routes for leg in lingering))
