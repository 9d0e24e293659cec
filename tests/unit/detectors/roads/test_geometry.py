"""Distances on the ground against the geodesic, and the nearest place of a line against brute force."""

from __future__ import annotations

from itertools import pairwise
from math import cos, radians, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.roads.geometry import Nearest, Point, distance_m, distance_near, nearest, progress_m, scales

points = st.tuples(st.floats(118.0, 119.0), st.floats(25.5, 26.5))


@pytest.mark.parametrize(
    ("a", "b", "metres"),
    [
        ((119.30, 26.08), (119.50, 26.08), 20009.959),
        ((119.30, 26.08), (119.50, 25.90), 28261.022),
        ((118.03, 27.75), (118.30, 26.90), 97904.375),
        ((119.30, 26.08), (119.30, 26.17), 9971.092),
    ],
)
def test_two_points_are_as_far_apart_as_on_the_ellipsoid(a: Point, b: Point, metres: float) -> None:
    """Oracle: pyproj 3.7.2, Geod(ellps="WGS84")."""
    assert distance_m(a, b) == pytest.approx(metres, rel=2e-5)
    assert distance_m(b, a) == distance_m(a, b)


@given(st.lists(points, min_size=2, max_size=12), points)
def test_the_nearest_place_is_no_farther_than_any_other(line: list[Point], point: Point) -> None:
    """Every place of the line, sampled, is at least as far; and the nearest lies on the line."""
    found = nearest(line, point)
    (x0, y0), (x1, y1) = line[found.edge], line[found.edge + 1]
    sampled = [
        distance_m((ax + (bx - ax) * i / 20, ay + (by - ay) * i / 20), point)
        for (ax, ay), (bx, by) in pairwise(line)
        for i in range(21)
    ]
    assert found.distance_m <= min(sampled) * 1.005 + 0.01
    on_edge = [distance_m((x0 + (x1 - x0) * i / 400, y0 + (y1 - y0) * i / 400), point) for i in range(401)]
    assert found.distance_m == pytest.approx(min(on_edge), rel=0.01, abs=distance_m((x0, y0), (x1, y1)) / 400)


@given(st.lists(points, min_size=2, max_size=12), points, st.integers(0, 30))
def test_looking_near_an_edge_never_finds_less_than_the_truth(line: list[Point], point: Point, edge: int) -> None:
    """So what it finds to be inside is inside; around the nearest edge it finds the truth itself."""
    found = nearest(line, point)
    near, _ = distance_near(line, point, min(edge, len(line) - 2))
    assert near >= found.distance_m
    assert distance_near(line, point, found.edge) == (found.distance_m, found.edge)


def test_progress_runs_along_the_line() -> None:
    """From its start to its length, however it bends; a doubled point has no length."""
    line = ((119.30, 26.08), (119.50, 26.08), (119.50, 26.08), (119.50, 25.90))
    assert progress_m(line, nearest(line, (119.20, 26.08))) == 0.0
    assert progress_m(line, nearest(line, (119.50, 25.80))) == pytest.approx(20009.96 + 19940.5, rel=1e-4)


@pytest.mark.parametrize("lat", [0.0, 18.5, 26.0, 39.9, 53.5, -40.0])
def test_a_degree_is_as_long_as_on_the_ellipsoid(lat: float) -> None:
    """Within ten centimetres: WGS-84's radii of curvature, of its meridian and across it."""
    axis, flat = 6_378_137.0, 1 / 298.257223563
    square = flat * (2 - flat)
    root = 1 - square * sin(radians(lat)) ** 2
    across, along = axis / root**0.5 * cos(radians(lat)), axis * (1 - square) / root**1.5
    assert scales(lat) == pytest.approx((radians(across), radians(along)), abs=0.1)


def test_near_an_edge_one_behind_and_two_ahead_are_looked_at() -> None:
    """Farther off the truth may lie, and is not found; at both ends of the line fewer are there."""
    line = tuple((119.0 + nth / 100, 26.0) for nth in range(11))
    for edge in range(10):
        beside = (119.005 + edge / 100, 26.001)
        assert nearest(line, beside).edge == edge
        told = [
            last
            for last in range(10)
            if distance_near(line, beside, last) == (nearest(line, beside).distance_m, edge)
        ]
        assert told == [last for last in range(10) if edge - 2 <= last <= edge + 1]


def test_of_places_that_are_as_near_the_first_is_the_nearest() -> None:
    """Beyond both ends it is the end; where two edges meet it is the end of the first."""
    line = ((119.0, 26.0), (119.1, 26.0), (119.1, 26.1))
    whole = distance_m(line[0], line[1])
    for place, edge, along in (
        ((118.9, 26.0), 0, 0.0), ((119.1, 25.9), 0, whole), ((119.2, 26.0), 0, whole), ((119.1, 26.2), 1, None),
    ):  # fmt: skip
        found = nearest(line, place)
        length = distance_m(line[1], line[2]) if along is None else along
        assert found.edge == edge
        assert found.along_m == pytest.approx(length, rel=2e-3)
    corner = nearest(line, line[1])
    assert (corner.distance_m, corner.edge, round(corner.along_m)) == (0.0, 0, round(whole))
    assert nearest(((119.0, 26.0), (119.0, 26.0)), (119.0, 26.0)) == Nearest(0.0, 0, 0.0)
