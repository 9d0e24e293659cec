"""Milestones: a permitted road by a few places on it, each with how far it is from there to the end.

Law kept: few enough to be kept with a trip; what is left of the road is known to within half the way between two.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Final, TypeAlias

from detectors.roads.geometry import Line, distance_m
from ledger.fact import Fix

Milestone: TypeAlias = tuple[float, float, float]
"""Longitude, latitude, metres left to the end of its route."""
MOST: Final = 24
"""Milestones of all routes of a trip."""


@lru_cache(maxsize=4_096)
def milestones(routes: tuple[tuple[Line, float], ...]) -> tuple[Milestone, ...]:
    """The milestones of some routes: their ends, and places at even distances between.

    >>> road = milestones(((((119.3, 26.08), (119.4, 26.08)), 300.0),))
    >>> len(road), round(road[0][2]), road[-1]
    (24, 10005, (119.4, 26.08, 0.0))
    """
    each = max(MOST // max(len(routes), 1), 2)
    return tuple(mark for line, _ in routes for mark in _along(line, each))


def left_m(road: tuple[Milestone, ...], fix: Fix) -> float:
    """Metres of road left from the milestone nearest to a fix."""
    place = (fix.lon, fix.lat)
    return min((distance_m((lon, lat), place), left) for lon, lat, left in road)[1]


def to_end_m(road: tuple[Milestone, ...], fix: Fix) -> float:
    """Metres from a fix to the nearest end of any route, as the crow flies."""
    place = (fix.lon, fix.lat)
    return min(distance_m((lon, lat), place) for lon, lat, left in road if left == 0.0)


def _along(line: Line, marks: int) -> list[Milestone]:
    steps = [distance_m(a, b) for a, b in pairwise(line)]
    total, spacing = sum(steps), sum(steps) / (marks - 1)
    found: list[Milestone] = []
    behind = 0.0
    for (a, b), step in zip(pairwise(line), steps, strict=True):
        while len(found) < marks - 1 and step > 0 and len(found) * spacing <= behind + step:
            part = (len(found) * spacing - behind) / step
            found.append((a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part, total - len(found) * spacing))
        behind += step
    return [*found, (*line[-1], 0.0)]
