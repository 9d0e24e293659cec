"""On which trip a vehicle is judged, by whose terms, and all that a claim says of that trip."""

from __future__ import annotations

import pytest

from detectors.claim import Claim
from detectors.detector import View
from detectors.roads.roads import Road, citing, claim_on, road_at, says_empty
from events.registry import Category
from events.rejection import Source
from events.time import MINUTE
from ledger.account import Driving, Planned
from ledger.fact import Cell, Fix, Leg, Ref
from ledger.reference import Reference
from simulator.stories.relative import HOME
from tests.detector_kit import at, cell, world

ROUTE = (((HOME["S1"], HOME["S2"]), 300.0),)
"""From S1 in county 350102 to S2 in county 350111."""
VIEW = View("vehicle:V1", Reference(), world(overrides={"D3": {"grace_min": 30}}))


def ref(name: str) -> Ref:
    return Ref(name, Source("consignment", 0, 0))


def planned(name: str, departs: str, arrives: str, carrier: str | None = "U9") -> Planned:
    leg = Leg(
        "plan", name, "V1", "U1", "S1", "U2", "S2", depart_at=at(departs), arrive_by=at(arrives), carrier=carrier,
        routes=ROUTE, category=Category.EXPLOSIVES,
    )  # fmt: skip
    return Planned(leg, ref(name), 0)


FIRST = planned("C1", "day 1 08:00", "day 1 10:00")
SECOND = planned("C2", "day 1 09:00", "day 1 09:30", carrier=None)
DRIVING = Driving((FIRST, SECOND))


def road(when: str, lon: float = 119.45) -> Road | None:
    return road_at("D3", DRIVING, Fix(at(when), lon, 26.08, 40.0), VIEW)


def test_a_vehicle_is_judged_on_the_trip_that_departed_last_until_its_grace_is_over() -> None:
    """In the county where it is; the others that are under way stand beside it."""
    for when, trips in (
        ("day 1 07:59:59", []), ("day 1 08:00", ["C1"]), ("day 1 08:59:59", ["C1"]), ("day 1 09:00", ["C1", "C2"]),
        ("day 1 09:59:59", ["C1", "C2"]), ("day 1 10:00", ["C1"]), ("day 1 10:29:59", ["C1"]),
        ("day 1 10:30", []),
    ):  # fmt: skip
        found = road(when)
        assert [leg.consignment for leg in (found.legs if found else ())] == trips
        if found:
            assert found.trip.leg.consignment == trips[-1]
            assert found.area == "350111"
            assert found.terms.parameters.grace_min == 30


@pytest.mark.parametrize(
    ("lon", "area", "informed"), [(119.35, "350102", ("350111",)), (119.45, "350111", ("350102",)),
                                  (110.0, "350000", ("350102", "350111"))],
)  # fmt: skip
def test_a_claim_says_whose_trip_it_is_and_who_else_must_know(
    lon: float, area: str, informed: tuple[str, ...]
) -> None:
    """The county where it is handles, the others on its road are informed; plan and minute are cited."""
    found = road("day 1 08:30", lon)
    assert found is not None
    minute = cell("day 1 08:30", (lon, 26.08))
    since = minute.at - 20 * MINUTE
    assert claim_on(found, minute, since, {"more": 7, "to": "elsewhere"}, VIEW) == Claim(
        minute.id, since, since, (ref("C1"), minute.ref),
        {"consignment": "C1", "from": "S1", "to": "elsewhere", "more": 7},
        area, "U9", Category.EXPLOSIVES, informed_areas=informed, ref_count=2,
    )  # fmt: skip


def test_without_a_carrier_the_shipper_answers() -> None:
    """Of the second trip nobody drives but who sends it."""
    found = road("day 1 09:10")
    assert found is not None
    assert claim_on(found, cell("day 1 09:10", (119.45, 26.08)), 0, {}, VIEW).unit == "U1"


def test_what_is_cited_again_is_cited_once() -> None:
    """In the order in which it was first cited."""
    claim = Claim("x", 0, 0, (ref("a"), ref("b")), {}, "350102", "U9", Category.EXPLOSIVES, ref_count=2)
    more = citing(claim, ref("b"), ref("c"), ref("a"), ref("c"))
    assert (more.refs, more.ref_count) == ((ref("a"), ref("b"), ref("c")), 3)


def test_a_minute_says_empty_where_no_fix_of_it_says_loaded() -> None:
    """One that says both was loaded for a part of it."""
    here = Fix(0, 119.3, 26.08, 0.0)
    for loaded, empty, says in (
        (False, False, False),
        (True, False, False),
        (True, True, False),
        (False, True, True),
    ):
        assert says_empty(Cell(here, here, 0, loaded=loaded, empty=empty)) is says
