"""Distances on the ground: between two points, and from a point to a line, in metres.

Law kept: a local plane, scaled by the WGS-84 ellipsoid's own radii. Measured against the geodesic (pyproj 3.7.2, at
20 to 45° N): two points up to 100 km apart within 0.002 %; a point and a line, whose plane is the point's, within
0.03 % at 10 km and 0.31 % at 100 km. Edges of a line are straight in longitude and latitude, as they are drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import cos, hypot, radians

from msgspec import Struct

Point = tuple[float, float]
"""(longitude, latitude), WGS-84 degrees."""
Line = tuple[Point, ...]


class Nearest(Struct, frozen=True, gc=False):
    """Where a line comes nearest to a point: metres aside, which edge, and metres along that edge."""

    distance_m: float
    edge: int
    along_m: float


def scales(lat: float) -> tuple[float, float]:
    """Metres a degree of longitude and of latitude at a latitude (series of the WGS-84 ellipsoid).

    >>> [round(scale) for scale in scales(26.0)]
    [100118, 110788]
    """
    phi = radians(lat)
    once, twice = cos(phi), cos(2 * phi)
    return (
        once * (111412.84 - 93.5 * (2 * twice - 1) + 0.118 * (2 * cos(4 * phi) - 2 * twice + 1)),
        111132.92 - 559.82 * twice + 1.175 * (2 * twice * twice - 1),
    )


def distance_m(a: Point, b: Point) -> float:
    """Metres between two points.

    >>> round(distance_m((119.3, 26.08), (119.4, 26.08)))
    10005
    """
    east, north = scales((a[1] + b[1]) / 2)
    return hypot((b[0] - a[0]) * east, (b[1] - a[1]) * north)


def nearest(line: Sequence[Point], point: Point) -> Nearest:
    """The nearest place of a line (two points or more) to a point; of equal ones the first.

    >>> line = ((119.0, 26.0), (119.1, 26.0), (119.1, 26.1))
    >>> found = nearest(line, (119.05, 26.01))
    >>> round(found.distance_m), found.edge, round(progress_m(line, found))
    (1108, 0, 5005)
    """
    return Nearest(*_span(line, point, 0, len(line) - 1))


def progress_m(line: Sequence[Point], place: Nearest) -> float:
    """Metres along a line from its start to a place on it."""
    return sum(distance_m(a, b) for a, b in pairwise(line[: place.edge + 1])) + place.along_m


def distance_near(line: Sequence[Point], point: Point, edge: int) -> tuple[float, int]:
    """As ``nearest``, but only of the few edges around ``edge``: never less than the true distance."""
    found = _span(line, point, max(edge - 1, 0), min(edge + 3, len(line) - 1))
    return found[0], found[1]


def _span(line: Sequence[Point], point: Point, start: int, stop: int) -> tuple[float, int, float]:
    """(metres aside, edge, metres along that edge) over the edges from ``start`` to before ``stop``."""
    x, y = point
    east, north = scales(y)
    best, reach, best_edge, best_along = float("inf"), float("inf"), start, 0.0
    bx, by = (line[start][0] - x) * east, (line[start][1] - y) * north
    for edge in range(start, stop):
        ax, ay = bx, by
        bx, by = (line[edge + 1][0] - x) * east, (line[edge + 1][1] - y) * north
        # An edge that lies wholly on one side, farther than the best so far, cannot be nearer.
        if (ax > reach and bx > reach) or (ax < -reach and bx < -reach):
            continue
        if (ay > reach and by > reach) or (ay < -reach and by < -reach):
            continue
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy
        part = -(ax * dx + ay * dy) / length if length else 0.0
        part = 0.0 if part < 0.0 else min(part, 1.0)
        px, py = ax + part * dx, ay + part * dy
        square = px * px + py * py
        if square < best:
            best, reach, best_edge, best_along = square, square**0.5, edge, part * length**0.5
    return reach, best_edge, best_along
