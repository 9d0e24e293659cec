"""How far outside of all that is permitted a vehicle is; and the milestones by which what is left is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.roads.corridor import Cursor, advance, at_stop, locate
from detectors.roads.edges import corridors, standing_places
from detectors.roads.geometry import distance_m
from detectors.roads.milestones import MOST, left_m, milestones, to_end_m
from ledger.fact import Fix, Leg
from simulator.stories.relative import along

Line = tuple[tuple[float, float], ...]


def road(*points: tuple[float, float]) -> Line:
    """A line by (kilometres east, metres north) of S1."""
    return tuple(along(east / 20, aside_m=north) for east, north in points)


def fix(east: float, north: float = 0.0) -> Fix:
    lon, lat = along(east / 20, aside_m=north)
    return Fix(0, lon, lat, 40.0)


STRAIGHT = road((0, 0), (5, 0), (10, 0), (15, 0), (20, 0))
WIDE_NORTH = road((0, 2_000), (20, 2_000))
BOTH = Leg("plan", "C1", routes=((STRAIGHT, 300.0), (WIDE_NORTH, 1_200.0)))
OTHER = Leg("plan", "C2", routes=((road((0, -3_000), (20, -3_000)), 300.0),))


def test_the_corridor_that_a_place_is_least_outside_of_speaks() -> None:
    """Of all routes of all trips, by what lies beyond half their width: the wide one farther off may be nearer."""
    for east, north, consignment, route, edge, excess in (
        (7, 100, "C1", 0, 1, -200), (7, 700, "C1", 1, 0, 100), (7, 400, "C1", 0, 1, 100),
        (12, -2_500, "C2", 0, 0, 200), (17, -1_000, "C1", 0, 3, 700),
    ):  # fmt: skip
        cursor, aside = locate((BOTH, OTHER), fix(east, north))
        assert cursor == Cursor(consignment, route, edge)
        assert aside.excess_m == pytest.approx(excess, abs=5)


def test_the_cursor_goes_on_while_the_vehicle_stays_inside() -> None:
    """Along the edges as they come; outside, on another trip, or on a route that is gone, it says nothing."""
    start = Cursor("C1", 0, 0)
    assert advance(start, (BOTH,), fix(2)) is start
    assert advance(start, (OTHER, BOTH), fix(7)) == Cursor("C1", 0, 1)
    assert advance(start, (BOTH,), fix(12)) == Cursor("C1", 0, 2)
    assert advance(start, (BOTH,), fix(7, 400)) is None
    assert advance(start, (OTHER,), fix(2)) is None
    assert advance(Cursor("C1", 2, 0), (BOTH,), fix(2)) is None
    assert advance(Cursor("C1", 1, 0), (BOTH,), fix(2, 1_000)) == Cursor("C1", 1, 0)


def test_a_stop_is_a_circle_and_its_edge_belongs_to_it() -> None:
    """Of any trip under way."""
    stop = along(0.5, aside_m=1_000.0)
    here = fix(10, 800)
    metres = distance_m(stop, (here.lon, here.lat))
    for radius, inside in ((metres, True), (metres - 0.01, False)):
        assert at_stop((OTHER, Leg("plan", "C3", stops=((*stop, radius),))), here) is inside


@given(st.floats(-1.0, 21.0), st.floats(-4_000.0, 4_000.0))
def test_what_is_quickly_found_inside_is_inside(east: float, north: float) -> None:
    """Edges may doubt what lies at a corridor's border, and what is well inside never."""
    stop = along(0.3, aside_m=-1_500.0)
    leg = Leg("plan", "C1", routes=BOTH.routes, stops=((*stop, 400.0),))
    here = fix(east, north)
    _, aside = locate((leg,), here)
    beyond = min(aside.excess_m, distance_m(stop, (here.lon, here.lat)) - 400.0)
    found = corridors((leg,)).find(here.lon, here.lat, -1)
    if found >= 0:
        assert beyond <= 0.0
    if beyond < -50.0:
        assert found >= 0


def test_from_the_last_edge_a_few_are_asked_ahead_and_fewer_behind() -> None:
    """Where the vehicle cannot have come to so soon nothing is said: then all that is known decides."""
    line = road(*((n / 2, 0) for n in range(41)))
    edges = corridors((Leg("plan", "C1", routes=((line, 100.0),)),))
    here = fix(10.25)
    for last, found in ((20, 20), (5, 20), (4, -1), (24, 20), (25, -1)):
        assert edges.find(here.lon, here.lat, last) == found, last
    first = fix(0.25)
    assert [edges.find(first.lon, first.lat, last) for last in (0, 1, 4, 5)] == [0, 0, 0, -1]


def test_vehicles_may_stand_at_stops_and_at_both_ends_of_every_route() -> None:
    """Within the gate's metres; on the road between them they may not."""
    stop = along(0.5, aside_m=1_000.0)
    places = standing_places((Leg("plan", "C1", routes=BOTH.routes, stops=((*stop, 200.0),)),), 500.0)
    for east, north, may in (
        (0, 400, True), (20, -400, True), (0, 2_400, True), (20, 1_600, True), (10, 850, True), (10, 0, False),
        (0, 600, False), (10, 750, False),
    ):  # fmt: skip
        here = fix(east, north)
        assert (places.find(here.lon, here.lat, -1) >= 0) is may, (east, north)


def test_milestones_stand_evenly_from_the_start_to_the_end_of_each_route() -> None:
    """Two dozen of all routes together; each says what is left of its own road."""
    bent = road((0, 0), (10, 0), (10, 10_000))
    for routes in (((bent, 300.0),), ((bent, 300.0), (STRAIGHT, 300.0), (WIDE_NORTH, 300.0))):
        marks = milestones(routes)
        each = MOST // len(routes)
        assert len(marks) == each * len(routes)
        for number, (line, _) in enumerate(routes):
            own = marks[number * each : (number + 1) * each]
            assert (own[0][:2], own[-1][:2]) == (line[0], line[-1])
            total = own[0][2]
            assert total == pytest.approx(20_000, rel=0.02)
            for nth, (_, _, left) in enumerate(own):
                assert left == pytest.approx(total * (1 - nth / (each - 1)), abs=0.01)


def test_what_is_left_is_told_by_the_nearest_milestone_and_by_the_nearest_end() -> None:
    """Half the way between two milestones is as well as the first is known; an end is as the crow flies."""
    marks = milestones(((STRAIGHT, 300.0), (WIDE_NORTH, 300.0)))
    assert left_m(marks, fix(5)) == pytest.approx(15_000, abs=1_000)
    assert left_m(marks, fix(20)) == 0.0
    assert to_end_m(marks, fix(17)) == pytest.approx(3_000, rel=0.02)
    assert to_end_m(marks, fix(20, 1_900)) == pytest.approx(100, abs=2)
