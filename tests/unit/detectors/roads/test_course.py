"""How far along its routes a vehicle has come: never back, no faster than it can drive, leg by leg.

Law: what is quickly held along the edges around the last one is what a look at all of them says.
"""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.roads.course import MOST, Course, Way, begin, course_of, gone_on
from detectors.roads.geometry import distance_m, nearest, progress_m
from events.time import MINUTE, SECOND
from ledger.fact import Leg
from simulator.stories.relative import along

Line = tuple[tuple[float, float], ...]
Place = tuple[float, float]


def place(east: float, north: float = 0.0) -> Place:
    """A place by kilometres east and north of S1."""
    return along(east / 20.01, aside_m=north * 1_000)


def road(*points: Place) -> Line:
    return tuple(place(*point) for point in points)


STRAIGHT = road(*((n / 2, 0) for n in range(41)))
"""Twenty kilometres in forty edges."""
HAIRPIN = road((0, 0), (8, 0), (8, 0.2), (0, 0.2))
"""Out and back again, two hundred metres beside."""
STOP = place(10, 2)
COURSE = Course((("C1", ((STRAIGHT, 300.0),), ((*STOP, 200.0),)),))


def way(high: float, *, first: float = 0.0, at: int = 0, edge: int | None = None, route: int = 0) -> Way:
    """Come so many kilometres along the straight road, first seen at some."""
    return Way("C1", route, round(high * 2 - 0.5) if edge is None else edge, first * 1_000, high * 1_000, at)


def told(ways: tuple[Way, ...] | None) -> list[tuple[int, int, float, float]] | None:
    """Of each way: route and edge, kilometres first seen and come to."""
    if ways is None:
        return None
    return [(one.route, one.edge, round(one.first_m / 1_000, 1), round(one.high_m / 1_000, 1)) for one in ways]


@pytest.mark.parametrize(
    ("seconds", "east", "high"),
    [
        (60, 5.2, 5.2), (60, 6.2, 6.2), (60, 7.48, 7.5), (60, 7.52, None), (0, 5.49, 5.5), (0, 5.51, None),
        (600, 19.9, 19.9), (60, 4.51, 5.0), (60, 4.49, None), (600, 4.49, None),
    ],
)  # fmt: skip
def test_it_goes_on_by_what_can_be_driven_and_back_by_half_a_kilometre(
    seconds: int, east: float, high: float | None
) -> None:
    """Two kilometres a minute and five hundred metres ahead; back there how far it had come stays."""
    on = COURSE.go_on((way(5.0),), seconds * SECOND, *place(east))
    assert told(on) == (None if high is None else [(0, int(east * 2), 0.0, high)])


def test_when_it_was_last_there_is_known_unless_it_is_well_behind() -> None:
    """Three hundred metres back may be noise; farther back it may have driven on unseen since."""
    for back, since in ((0.01, MINUTE), (0.29, MINUTE), (0.31, 0)):
        (on,) = COURSE.go_on((way(5.0),), MINUTE, *place(5.0 - back)) or ()
        assert (on.at, round(on.high_m)) == (since, 5_000)
    assert gone_on(way(5.0), 9, 4_700.0, MINUTE) == way(5.0, at=MINUTE, edge=9)
    assert gone_on(way(5.0), 9, 4_699.9, MINUTE) == way(5.0, at=0, edge=9)
    assert gone_on(way(5.0), 9, 5_000.1, MINUTE) == Way("C1", 0, 9, 0.0, 5_000.1, MINUTE)


def test_at_a_permitted_stop_nothing_is_said_of_progress() -> None:
    """One way or several: they stay as they are; beside the stop and the road there is none."""
    both = (way(5.0, first=3.0), way(6.0, first=3.0))
    for ways in (both[:1], both):
        assert COURSE.ride(ways, MINUTE, *STOP) == ways
        assert COURSE.go_on(ways, MINUTE, *place(10, 2.3)) is None
        assert COURSE.go_on(ways, MINUTE, *place(10, 0.31)) is None


def test_only_a_route_of_three_kilometres_is_judged() -> None:
    """Of a shorter one nobody can tell where it is."""
    for length, judged in ((2.99, False), (3.01, True)):
        course = Course((("C1", ((road((0, 0), (length, 0)), 300.0),), ()),))
        assert course.judges() is judged
        assert bool(course.places(*place(1))) is judged
        assert bool(course.of_these((way(1.0),))) is judged
    legs = (Leg("plan", "C1", routes=((STRAIGHT, 300.0),)), Leg("plan", "C2", routes=((HAIRPIN, 300.0),)))
    assert set(course_of(legs).places(*place(1))) == {("C1", 0), ("C2", 0)}
    assert course_of(legs) is course_of(legs)


def test_it_has_come_to_the_end_within_a_kilometre_of_it_if_it_was_seen_to_drive() -> None:
    """From somewhere a kilometre before there; of several ways one is enough."""
    for first, high, done in (
        (0.0, 19.02, True), (0.0, 18.98, False), (18.01, 19.1, True), (18.2, 19.1, False), (19.5, 19.9, False),
    ):  # fmt: skip
        assert COURSE.done((way(high, first=first),)) is done
        assert COURSE.done((way(5.0), way(high, first=first))) is done


def test_from_its_start_on_it_is_known_which_way_it_goes() -> None:
    """Within a kilometre of the start, or after a kilometre driven; a hairpin is two ways until then."""
    for first, high, known in (
        (1.0, 1.0, True), (1.001, 1.001, False), (3.0, 3.999, False), (3.0, 4.0, True), (0.0, 0.0, True),
    ):  # fmt: skip
        assert way(high, first=first).known is known
    course = Course((("C1", ((HAIRPIN, 300.0),), ()),))
    assert told(course.begin(7, *place(0.9, 0.1))) == [(0, 0, 0.9, 0.9)]
    assert told(course.begin(7, *place(4, 0.1))) == [(0, 0, 4.0, 4.0), (0, 2, 12.2, 12.2)]
    ways = course.begin(0, *place(4, 0.1))
    assert {one.at for one in ways} == {0}
    back = course.go_on(ways, 2 * MINUTE, *place(2.9, 0.1))
    assert told(back) == [(0, 2, 12.2, 13.3)]  # the way out, which is still in doubt, is not how it came
    little = course.go_on(ways, MINUTE, *place(3.6, 0.1))
    assert told(little) == [(0, 0, 4.0, 4.0), (0, 2, 12.2, 12.6)]


def test_what_lies_on_several_edges_begins_as_many_ways_up_to_a_bound() -> None:
    """All of them of one instant; one that is known leaves no doubtful other of its own route alone."""
    many = {("C1", 0): [(edge, 2_000.0 + edge) for edge in range(MOST + 4)]}
    assert [one.edge for one in begin(many, 7)] == list(range(MOST))
    mixed = {("C1", 0): [(0, 500.0), (5, 9_000.0)], ("C1", 1): [(3, 4_000.0)], ("C2", 0): [(1, 1_000.0)]}
    assert [(one.consignment, one.route, one.first_m, one.high_m, one.at) for one in begin(mixed, 7)] == [
        ("C1", 0, 500.0, 500.0, 7), ("C1", 1, 4_000.0, 4_000.0, 7), ("C2", 0, 1_000.0, 1_000.0, 7),
    ]  # fmt: skip


def test_noise_may_have_moved_a_fix_by_three_hundred_metres_from_where_it_can_be() -> None:
    """From half a kilometre behind how far it had come to as far as it can have driven; aside and at both ends."""
    course = Course((("C1", ((HAIRPIN, 150.0),), ()),))
    here = way(4.0, edge=0)
    for east, north, seconds, may in (
        (4, 0.29, 0, True), (4, 0.31, 0, False), (4.6, 0.2, 0, True), (4.75, 0.2, 0, False),
        (3.3, 0.2, 0, True), (3.25, 0.2, 0, False), (6.6, 0.2, 60, True), (6.75, 0.2, 60, False),
        (4, -0.29, 0, True), (8.29, 0.1, 240, True), (8.31, 0.1, 240, False),
    ):  # fmt: skip
        assert course.may_be_on(here, seconds * SECOND, *place(east, north)) is may, (east, north, seconds)


legs = st.lists(st.tuples(st.floats(0, 6), st.floats(0, 6)), min_size=3, max_size=8, unique=True)


@given(legs, st.tuples(st.floats(-0.5, 6.5), st.floats(-0.5, 6.5)))
def test_a_place_lies_on_a_route_where_it_comes_near(points: list[Place], here: Place) -> None:
    """The nearest place of all is among them, if it is near enough; all of them are, and none is given twice."""
    line = road(*points)
    course = Course((("C1", ((line, 300.0),), ()),))
    found = course.places(*place(*here)).get(("C1", 0), [])
    there = nearest(line, place(*here))
    for edge, m in found:
        own = nearest(line[edge : edge + 2], place(*here))
        behind = sum(distance_m(a, b) for a, b in pairwise(line[: edge + 1]))
        assert own.distance_m <= 300.0
        assert m == pytest.approx(behind + own.along_m, rel=0.004, abs=5)
    assert len(dict(found)) == len(found)
    if there.distance_m < 280.0 and course.judges():
        expected = pytest.approx(progress_m(line, there), rel=0.004, abs=5)
        assert any(m == expected for _, m in found)


@given(st.lists(st.floats(-0.4, 1.9), min_size=1, max_size=20), st.floats(-0.25, 0.25))
def test_minute_by_minute_it_is_as_far_as_its_farthest_place(steps: list[float], aside: float) -> None:
    """On a straight road, whatever noise there is aside, as long as it never falls half a kilometre back."""
    ways, east, most = COURSE.begin(0, *place(0.5, aside)), 0.5, 0.5
    for nth, step in enumerate(steps, 1):
        east = min(max(east + step, most - 0.45, 0.0), 20.0)
        most = max(most, east)
        rode = COURSE.ride(ways, nth * MINUTE, *place(east, aside))
        gone = COURSE.go_on(ways, nth * MINUTE, *place(east, aside))
        assert rode == gone
        assert gone is not None
        ways = gone
        assert [one.high_m for one in ways] == [pytest.approx(most * 1_000, abs=15)]
