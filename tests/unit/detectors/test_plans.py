"""What a vehicle is on by its plans, and what rules over plans share."""

from __future__ import annotations

from detectors.detector import Step, View
from detectors.plans import Aboard, PlanRule, aboard, origin, passed, until, vehicle_entry
from detectors.roads.place import PROVINCE
from events.registry import VehicleEntry
from ledger.account import Driving, apply
from ledger.fact import Fact, Leg
from ledger.reference import Reference
from tests.detector_kit import at, plan, stage, vehicle, world
from tests.unit.detectors.probes import claim

VIEW = View("vehicle:V1", Reference((vehicle("V1", "5 t", valid_from="day 2 00:00"),)), world())
FIRST = plan("C1", ("DET", "1 item"), depart="day 1 08:00", arrive_by="day 1 12:00", standing=True)
SECOND = plan("C2", ("DET", "1 item"), depart="day 1 06:00", arrive_by="day 1 18:00", standing=True)


def on(*facts: Fact) -> Driving:
    """What a vehicle is on that knows these."""
    driving = Driving()
    for fact in facts:
        after = apply(driving, fact)
        assert isinstance(after, Driving)
        driving = after
    return driving


def leg(fact: Fact) -> Leg:
    """What a fact says of a trip."""
    assert isinstance(fact.body, Leg)
    return fact.body


def ended(when: str) -> Fact:
    """That the first trip arrived."""
    return stage("arrive", "C1", when=when, standing=True)


def test_a_trip_is_aboard_until_it_is_reported_as_over_or_was_planned_to_be() -> None:
    """In order of departure, each with its plan's citation."""
    late = at("day 1 14:00")
    assert aboard(on(FIRST, SECOND, ended("day 1 14:00"))) == [
        Aboard(leg(SECOND), SECOND.ref, at("day 1 18:00")), Aboard(leg(FIRST), FIRST.ref, late),
    ]  # fmt: skip
    assert aboard(Driving()) == []


def test_what_was_over_by_its_departure_never_was() -> None:
    """A minute later it was aboard for that minute."""
    assert aboard(on(FIRST, ended("day 1 08:00"))) == []
    assert aboard(on(FIRST, ended("day 1 08:01"))) == [Aboard(leg(FIRST), FIRST.ref, at("day 1 08:01"))]


def test_a_rule_over_plans_carries_what_the_vehicle_is_on_and_says_nothing_of_a_fact() -> None:
    """It begins with nothing."""
    rule, known = PlanRule(), on(FIRST)
    assert rule.start() == Driving()
    assert rule.see(Driving(), Step(FIRST, Driving(), known), VIEW) == (known, ())


def test_a_vehicle_is_what_is_registered_of_it_at_the_time() -> None:
    """Of this key's vehicle."""
    entry = vehicle_entry(VIEW, at("day 2 00:00"))
    assert isinstance(entry, VehicleEntry)
    assert entry.vehicle == "V1"
    assert vehicle_entry(VIEW, at("day 2 00:00") - 1) is None
    assert vehicle_entry(View("vehicle:V2", VIEW.reference, VIEW.world), at("day 3 00:00")) is None


def test_a_trip_begins_in_the_county_of_its_first_route_and_passes_the_others() -> None:
    """One without a route, or off the map, is the province's matter."""
    there, other = ((119.30, 26.10), (119.50, 26.10)), ((119.50, 25.90), (119.50, 26.10))

    def ways(*lines: tuple[tuple[float, float], ...]) -> Leg:
        return leg(
            plan("C1", depart="day 1 08:00", arrive_by="day 1 12:00", routes=tuple((way, 100.0) for way in lines))
        )

    assert [origin(VIEW, ways(there, other)), origin(VIEW, ways(other, there))] == ["350102", "350302"]
    assert [origin(VIEW, ways()), origin(VIEW, ways(((0.0, 0.0), (119.30, 26.10))))] == [PROVINCE, PROVINCE]
    assert sorted(passed(VIEW, ways(there, other), "350102")) == ["350111", "350302"]


def test_a_claim_of_plans_ends_with_the_trip() -> None:
    """At its very end."""
    stands = claim("C1")
    assert until(stands, 10, 9) is stands
    assert until(stands, 10, 10) == claim("C1", until=10)
