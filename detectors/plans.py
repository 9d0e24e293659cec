"""What a vehicle's plans alone make true: trips aboard, and rules that judge them whatever its positions say.

Laws kept: such a rule carries nothing from fact to fact. Its state is what the vehicle is on, which trips are told
of at any time; so what it claims is a function of the plans, and is over seven days after it ended.
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import replace

from detectors.claim import Claim
from detectors.detector import Step, View
from detectors.roads.place import PROVINCE, counties_along
from events.identity import home_of
from events.registry import VehicleEntry
from events.time import Instant
from ledger.account import Driving
from ledger.fact import Leg, Ref


class Aboard(NamedTuple):
    """A trip of a vehicle: its plan, the plan's citation, and until when it is aboard."""

    leg: Leg
    ref: Ref
    ends: Instant


class PlanRule:
    """What rules over a vehicle's plans share: they speak by ``at`` alone, of what the vehicle is on."""

    __slots__ = ()

    def start(self) -> Driving:
        """On nothing."""
        return Driving()

    def see(self, state: Driving, step: Step, view: View) -> tuple[Driving, tuple[Claim, ...]]:
        """What the vehicle is on by now."""
        return (step.after if isinstance(step.after, Driving) else state), ()


def aboard(driving: Driving) -> list[Aboard]:
    """The trips of a vehicle in order of departure: until reported as over, else until their planned arrival.

    What was over before it departed never was.
    """
    ended = {end.consignment: end.at for end in driving.ended}
    trips = (
        Aboard(plan.leg, plan.ref, ended.get(plan.leg.consignment, plan.leg.arrive_by)) for plan in driving.plans
    )
    return [trip for trip in trips if trip.ends > trip.leg.depart_at]


def vehicle_entry(view: View, at: Instant) -> VehicleEntry | None:
    """What is registered of the key's vehicle at an instant."""
    return view.reference.in_force(VehicleEntry, home_of(view.key), at)


def origin(view: View, leg: Leg) -> str:
    """The county where a trip's permitted route begins: who can hold the vehicle before it is under way."""
    begins = next((line[0] for line, _ in leg.routes), None)
    return (view.world.areas.county(*begins) if begins is not None else None) or PROVINCE


def passed(view: View, leg: Leg, origin: str) -> tuple[str, ...]:
    """The other counties that it passes."""
    return tuple(code for code in counties_along(view.world.areas, leg) if code != origin)


def until(claim: Claim, ends: Instant, now: Instant) -> Claim:
    """The claim as it stands by now."""
    return claim if now < ends else replace(claim, until=ends)
