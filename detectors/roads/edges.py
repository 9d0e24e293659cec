"""Corridors made quick to ask: whether a place is inside for certain, near where the vehicle was last.

Law kept: a yes is true; a no says nothing (``locate`` decides then). An edge is measured in a plane of its own,
whose scales differ from the point's by less than two parts in a hundred: so much narrower is it taken.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, TypeAlias

import numpy as np

from detectors.roads.geometry import Line, Point
from ledger.fact import Leg

Routes: TypeAlias = tuple[tuple[Line, float], ...]
Stops: TypeAlias = tuple[tuple[float, float, float], ...]
AHEAD, BEHIND = 16, 4
"""How many edges from the last one are asked."""
NUMBERS: Final = 8
"""Numbers an edge: metres along are a·lon + b·lat - c, metres aside d·lon + e·lat - f; length; reach squared."""
NARROWER: Final = 0.98
LONGEST_DEG: Final = 0.1
"""A longer edge is cut: no plane holds for longer. Half a corridor is at most 10 km."""
NORTHMOST_DEG: Final = 75.0
_EAST_M, _NORTH_M = 111_412.84, 111_132.92


class Edges:
    """Lines and places with a reach in metres around each."""

    __slots__ = ("numbers",)

    def __init__(self) -> None:
        self.numbers = array("d")

    def find(self, lon: float, lat: float, last: int) -> int:
        """An edge within whose reach a place lies, sought around the last one (-1: anywhere); -1 if none."""
        numbers = self.numbers
        most = len(numbers) // NUMBERS
        near = range(last, min(last + AHEAD, most)) if last >= 0 else range(most)
        for edge in near:
            at = edge * NUMBERS
            a, b, c, d, e, f, length, reach = numbers[at : at + NUMBERS]
            along, aside = a * lon + b * lat - c, d * lon + e * lat - f
            over = -along if along < 0.0 else along - length if along > length else 0.0
            if aside * aside + over * over <= reach:
                return edge
        for edge in range(last - 1, max(last - BEHIND, 0) - 1, -1):
            at = edge * NUMBERS
            a, b, c, d, e, f, length, reach = numbers[at : at + NUMBERS]
            along, aside = a * lon + b * lat - c, d * lon + e * lat - f
            over = -along if along < 0.0 else along - length if along > length else 0.0
            if aside * aside + over * over <= reach:
                return edge
        return -1

    def add_place(self, lon: float, lat: float, radius: float) -> None:
        """Add a circle."""
        self.add(((lon, lat),), ((lon, lat),), radius)

    def add(self, starts: Sequence[Point], ends: Sequence[Point], half_width: float) -> None:
        """Add edges from these points to those."""
        begin, end = np.array(starts, float), np.array(ends, float)
        parts = np.maximum(np.ceil(np.abs(end - begin).max(axis=1) / LONGEST_DEG), 1).astype(int)
        if parts.max() > 1:
            which = np.repeat(np.arange(len(parts)), parts)
            nth = np.arange(len(which)) - np.repeat(np.cumsum(parts) - parts, parts)
            step = ((end - begin) / parts[:, None])[which]
            begin = begin[which] + step * nth[:, None]
            end = begin + step
        middle = (begin[:, 1] + end[:, 1]) / 2
        east = _EAST_M * np.cos(np.radians(middle))
        dx, dy = (end[:, 0] - begin[:, 0]) * east, (end[:, 1] - begin[:, 1]) * _NORTH_M
        length = np.hypot(dx, dy)
        still = length == 0.0
        ux, uy = np.where(still, 1.0, dx / np.where(still, 1.0, length)), dy / np.where(still, 1.0, length)
        a, b, d, e = ux * east, uy * _NORTH_M, -uy * east, ux * _NORTH_M
        c, f = a * begin[:, 0] + b * begin[:, 1], d * begin[:, 0] + e * begin[:, 1]
        reach = np.where(np.abs(middle) < NORTHMOST_DEG, (half_width * NARROWER) ** 2, -1.0)
        self.numbers.frombytes(np.stack((a, b, c, d, e, f, length, reach), axis=1).tobytes())


def corridors(legs: tuple[Leg, ...]) -> Edges:
    """All edges of the routes and all stops of some trips, made once for each."""
    return _corridors(tuple((leg.routes, leg.stops) for leg in legs))


def standing_places(legs: tuple[Leg, ...], gate_m: float) -> Edges:
    """All stops of some trips and the ends of their routes, made once for each."""
    return _places(tuple((tuple((line[0], line[-1]) for line, _ in leg.routes), leg.stops) for leg in legs), gate_m)


@lru_cache(maxsize=4_096)
def _places(trips: tuple[tuple[tuple[tuple[Point, Point], ...], Stops], ...], gate_m: float) -> Edges:
    edges = Edges()
    for ends, stops in trips:
        for place in (one for both in ends for one in both):
            edges.add_place(*place, gate_m)
        for lon, lat, radius in stops:
            edges.add_place(lon, lat, radius)
    return edges


@lru_cache(maxsize=4_096)
def _corridors(trips: tuple[tuple[Routes, Stops], ...]) -> Edges:
    edges = Edges()
    for routes, stops in trips:
        for line, half_width in routes:
            edges.add(line[:-1], line[1:], half_width)
        for lon, lat, radius in stops:
            edges.add_place(lon, lat, radius)
    return edges
