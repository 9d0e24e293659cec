"""How far along its permitted routes a vehicle has come: one road is told from itself by progress.

Laws kept: progress never falls; it rises no faster than a vehicle can drive. Where a place lies on several parts of
a road, each is a way that it may have come; one that is known makes the doubtful others of its route forgotten.
What ``ride`` says of a fix is what ``go_on`` says of it; where it says nothing, ``go_on`` decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, TypeAlias

import numpy as np
from msgspec import Struct

from detectors.roads.edges import NUMBERS, Edges, Routes, Stops
from events.time import HOUR, Instant
from ledger.fact import Leg

SLACK_M: Final = 500.0
"""So far back is no turning back: noise, a yard, reversing."""
NEAR_M: Final = 300.0
"""Within so much of where it can be a vehicle is there, but for noise; further off it may be on a part beside."""
DROVE_M: Final = 1_000.0
"""After so much progress it is known which way a vehicle goes; so near to an end is at it."""
SHORTEST_M: Final = 3_000.0
"""Of a shorter route no progress is kept."""
_M_A_MICROSECOND: Final = 120_000 / HOUR
MOST: Final = 16
"""More ways than these are not told apart."""
_STEPS: Final = 16
"""How many edges a fix may lie ahead of the last one before all are asked."""


class Way(Struct, frozen=True, array_like=True, gc=False):
    """A way that a vehicle may have come: which route, the edge where it is, metres along: where it was first
    seen, and how far it came; ``at`` is when it was last there, or near."""

    consignment: str
    route: int
    edge: int
    first_m: float
    high_m: float
    at: Instant

    def reach_m(self, at: Instant) -> float:
        """How far along it can have come by an instant."""
        return self.high_m + SLACK_M + _M_A_MICROSECOND * (at - self.at)

    @property
    def known(self) -> bool:
        """Whether it is known that the vehicle goes this way: from the start, or for a while."""
        return self.first_m <= DROVE_M or self.high_m - self.first_m >= DROVE_M


Ways: TypeAlias = tuple[Way, ...]
Places: TypeAlias = dict[tuple[str, int], list[tuple[int, float]]]
"""Of each route that a place lies on: the edges where it does, and how far along each is."""


class _Line:
    """One route: its edges, how far along each begins, how long it is."""

    __slots__ = ("_begins", "_end_m", "_matrix", "_numbers", "_starts", "total_m")

    def __init__(self, edges: Edges) -> None:
        self._numbers = edges.numbers
        self._matrix = np.array(self._numbers).reshape(-1, NUMBERS)
        ends = np.cumsum(self._matrix[:, 6])
        self._starts: list[float] = [0.0, *ends[:-1].tolist()]
        self._begins = np.array(self._starts)
        self.total_m = float(ends[-1])
        self._end_m = self.total_m - DROVE_M

    def done(self, way: Way) -> bool:
        """Whether a known way has come to the end; on no route that is judged can it have begun there."""
        return way.high_m >= self._end_m and way.known

    def hold(self, way: Way, at: Instant, lon: float, lat: float) -> Way | None:
        """The way gone on to a fix along the edges around its last one; None if that is not how it came."""
        edge, high = way.edge, way.high_m
        square, along, over, reach = self._measure(edge, lon, lat)
        if over != 0.0:
            step = 1 if over > 0.0 else -1
            for _ in range(_STEPS):
                if not 0 <= edge + step < len(self._starts):
                    break
                nearer = self._measure(edge + step, lon, lat)
                if nearer[0] > square:
                    break
                edge += step
                square, along, over, reach = nearer
                if over * step <= 0.0:
                    break
        if square > reach:
            return None
        m = self._starts[edge] + along
        if m < high - SLACK_M or m > high + SLACK_M + _M_A_MICROSECOND * (at - way.at):
            return None
        if m < high:
            return gone_on(way, edge, m, at)
        return Way(way.consignment, way.route, edge, way.first_m, m, at)

    def places(self, lon: float, lat: float) -> list[tuple[int, float]]:
        """Where a place lies on it: edges within reach that it is beside, or whose end is nearest; metres along."""
        a, b, c, d, e, f, length, reach = self._matrix.T
        along, aside = a * lon + b * lat - c, d * lon + e * lat - f
        held = np.clip(along, 0.0, length)
        square = aside * aside + (along - held) ** 2
        padded = np.concatenate(([np.inf], square, [np.inf]))
        nearer = (square < padded[:-2]) & (square <= padded[2:])
        within = (along > 0.0) & (along < length)
        near = np.flatnonzero((square <= reach) & (nearer | within)).tolist()
        return [(edge, self._starts[edge] + float(held[edge])) for edge in near]

    def may_hold(self, way: Way, at: Instant, lon: float, lat: float) -> bool:
        """Whether a place is so near to where the way can have come to that noise may have moved it from there."""
        a, b, c, d, e, f, length, _ = self._matrix.T
        first, last = way.high_m - SLACK_M - self._begins, way.reach_m(at) - self._begins
        along, aside = a * lon + b * lat - c, d * lon + e * lat - f
        over = along - np.clip(along, np.clip(first, 0.0, length), np.clip(last, 0.0, length))
        near = aside * aside + over * over <= NEAR_M * NEAR_M
        return bool((near & (first <= length) & (last >= 0.0)).any())

    def _measure(self, edge: int, lon: float, lat: float) -> tuple[float, float, float, float]:
        """Of a place: metres from an edge squared, along it, past its end (behind its start: negative); reach."""
        at = edge * NUMBERS
        a, b, c, d, e, f, length, reach = self._numbers[at : at + NUMBERS]
        along, aside = a * lon + b * lat - c, d * lon + e * lat - f
        if along < 0.0:
            return aside * aside + along * along, 0.0, along, reach
        over = along - length
        if over > 0.0:
            return aside * aside + over * over, length, over, reach
        return aside * aside, along, 0.0, reach


class Course:
    """The routes of the trips that are due, and their stops, where nothing is said of progress."""

    __slots__ = ("_lines", "_stops")

    def __init__(self, trips: tuple[tuple[str, Routes, Stops], ...]) -> None:
        self._lines: dict[tuple[str, int], _Line] = {}
        self._stops = Edges()
        for consignment, routes, stops in trips:
            for number, (line, half_width) in enumerate(routes):
                edges = Edges()
                edges.add(line[:-1], line[1:], half_width)
                if (made := _Line(edges)).total_m >= SHORTEST_M:
                    self._lines[consignment, number] = made
            for lon, lat, radius in stops:
                self._stops.add_place(lon, lat, radius)

    def of_these(self, ways: Ways) -> Ways:
        """Those of some ways that are on its routes."""
        return tuple(way for way in ways if (way.consignment, way.route) in self._lines)

    def judges(self) -> bool:
        """Whether any route is long enough."""
        return bool(self._lines)

    def done(self, ways: Ways) -> bool:
        """Whether a trip has come to its end: where the vehicle goes then is not asked."""
        if len(ways) == 1:
            (way,) = ways
            return self._lines[way.consignment, way.route].done(way)
        return any(self._lines[way.consignment, way.route].done(way) for way in ways)

    def ride(self, ways: Ways, at: Instant, lon: float, lat: float) -> Ways | None:
        """The ways behind a fix that goes on along one, or is at a stop; None: ``go_on`` decides."""
        if len(ways) == 1:
            (way,) = ways
            on = self._lines[way.consignment, way.route].hold(way, at, lon, lat)
            if on is not None:
                return (on,)
            return ways if self._stops.find(lon, lat, -1) >= 0 else None
        moved = [self._lines[way.consignment, way.route].hold(way, at, lon, lat) for way in ways]
        if any(moved):
            return _settled(ways, moved)
        return ways if self._stops.find(lon, lat, -1) >= 0 else None

    def places(self, lon: float, lat: float) -> Places:
        """Where a place lies on which routes."""
        found = {key: line.places(lon, lat) for key, line in self._lines.items()}
        return {key: places for key, places in found.items() if places}

    def go_on(self, ways: Ways, at: Instant, lon: float, lat: float) -> Ways | None:
        """The ways behind a fix within reach of a route; None where none of them leads there."""
        rode = self.ride(ways, at, lon, lat)
        if rode is not None:
            return rode
        places = self.places(lon, lat)
        moved = [_leads(way, places.get((way.consignment, way.route), []), at) for way in ways]
        return _settled(ways, moved) if any(moved) else None

    def may_be_on(self, way: Way, at: Instant, lon: float, lat: float) -> bool:
        """Whether a vehicle that is seen at a place may yet be where a way leads, but for noise."""
        return self._lines[way.consignment, way.route].may_hold(way, at, lon, lat)

    def begin(self, at: Instant, lon: float, lat: float) -> Ways:
        """All ways that a vehicle may be on which is first seen at a place; at a start that one alone."""
        return begin(self.places(lon, lat), at)


def begin(places: Places, at: Instant) -> Ways:
    """All ways that may lead on from some places."""
    ways = tuple(_begun(places, at))
    sure = {(way.consignment, way.route) for way in ways if way.known}
    return tuple(way for way in ways if way.known or (way.consignment, way.route) not in sure)[:MOST]


def gone_on(way: Way, edge: int, m: float, at: Instant) -> Way:
    """The way at a later fix; one well behind how far it came leaves open since when it may have driven on."""
    high = way.high_m
    since = at if m >= high - NEAR_M else way.at
    return Way(way.consignment, way.route, edge, way.first_m, m if m > high else high, since)


def course_of(legs: tuple[Leg, ...]) -> Course:
    """The course of some trips, made once for each."""
    return _course(tuple((leg.consignment, leg.routes, leg.stops) for leg in legs))


@lru_cache(maxsize=4_096)
def _course(trips: tuple[tuple[str, Routes, Stops], ...]) -> Course:
    return Course(trips)


def _begun(places: Places, at: Instant) -> Iterator[Way]:
    for (consignment, route), found in places.items():
        for edge, m in found:
            yield Way(consignment, route, edge, m, m, at)


def _leads(way: Way, places: list[tuple[int, float]], at: Instant) -> Way | None:
    """The way gone on to the place on its route that is nearest to how far it came, if it can lead there."""
    ahead = [(abs(m - way.high_m), edge, m) for edge, m in places if way.high_m - SLACK_M <= m <= way.reach_m(at)]
    return gone_on(way, *min(ahead)[1:], at) if ahead else None


def _settled(ways: Ways, moved: list[Way | None]) -> Ways:
    """The ways with those that went on; one that by that is known leaves no doubtful other of its route."""
    after = tuple(new or way for way, new in zip(ways, moved, strict=True))
    sure = {(new.consignment, new.route) for way, new in zip(ways, moved, strict=True) if new and new.known}
    return tuple(way for way in after if way.known or (way.consignment, way.route) not in sure)
