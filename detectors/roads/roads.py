"""On which trip a vehicle is at a fix, by whose terms it is judged there, and what a claim says of the trip.

Law kept: a trip is loaded until a fix says that the vehicle is empty; where no plan is under way there is no trip.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from detectors.claim import Claim, Number
from detectors.detector import View
from detectors.policy import Terms
from detectors.roads.place import counties_along, county_at
from detectors.roads.trips import OnRoad, category_of, latest_trip, under_way, unit_of
from events.time import MINUTE, Instant
from ledger.account import Driving
from ledger.fact import Cell, Fact, Fix, Leg, Ref


class Road(NamedTuple):
    """The trips under way at a fix, the one that departed last at the end, the county, and the terms there."""

    trips: tuple[OnRoad, ...]
    area: str
    terms: Terms[Any]

    @property
    def trip(self) -> OnRoad:
        """The trip that is judged."""
        return self.trips[-1]

    @property
    def legs(self) -> tuple[Leg, ...]:
        """The plans of all trips under way."""
        return tuple(trip.leg for trip in self.trips)


def road_at(rule: str, driving: Driving, fix: Fix, view: View) -> Road | None:
    """The road that a vehicle is on; None off all trips. The rule's terms have ``grace_min``."""
    latest = latest_trip(driving, fix.at)
    if latest is None:
        return None
    area = county_at(view.world.areas, fix)
    terms = view.terms(rule, fix.at, category=category_of(latest), area=area, unit=unit_of(latest))
    trips = under_way(driving, fix.at, overdue=terms.parameters.grace_min * MINUTE)
    return Road(trips, area, terms) if trips else None


def says_empty(cell: Cell) -> bool:
    """Whether a minute says that the vehicle carries nothing."""
    return cell.empty and not cell.loaded


def claim_on(road: Road, fact: Fact, since: Instant, numbers: Mapping[str, Number], view: View) -> Claim:
    """A claim about a trip where the vehicle is: the counties along its road are informed."""
    leg = road.trip.leg
    return Claim(
        anchor=fact.id,
        since=since,
        speaks_at=road.terms.speaks(since),
        refs=(road.trip.ref, fact.ref),
        numbers={
            "consignment": leg.consignment,
            "from": leg.shipper_site or "",
            "to": leg.consignee_site or "",
            **numbers,
        },
        area=road.area,
        unit=unit_of(leg),
        category=category_of(leg),
        informed_areas=tuple(code for code in counties_along(view.world.areas, leg) if code != road.area),
        ref_count=2,
    )


def citing(claim: Claim, *more: Ref) -> Claim:
    """The claim with further citations, each once."""
    refs = tuple(dict.fromkeys((*claim.refs, *more)))
    return replace(claim, refs=refs, ref_count=len(refs))
