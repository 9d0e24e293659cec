"""Datums: places in GCJ-02 or BD-09, as Chinese maps draw them, brought to WGS-84, in which all is reckoned.

Law kept: what comes out, brought back by the published formulas, is what came in, to a micrometre or so. Outside
the published box GCJ-02 is WGS-84. The formulas are the ones in public use, for there is no official text of them.
"""

from __future__ import annotations

from collections.abc import Callable
from math import atan2, cos, hypot, pi, radians, sin, sqrt
from typing import Final

from events.registry import Datum, Point

AXIS_M: Final = 6_378_245.0
"""The Krasovsky ellipsoid's half axis."""
SQUARED_ECCENTRICITY: Final = 0.00669342162296594323
ROUNDS: Final = 12
"""Each brings an inverse nearer by a factor of hundreds; two or three are enough."""
_TURN: Final = pi * 3000 / 180


def to_wgs84(point: Point, datum: Datum) -> Point:
    """(longitude, latitude) in WGS-84 of a point in a datum.

    >>> [round(degrees, 6) for degrees in to_wgs84((121.531541859215, 31.17530398364597), "gcj02")]
    [121.527211, 31.177428]
    """
    match datum:
        case "wgs84":
            return point
        case "gcj02":
            return _undone(gcj02, point)
        case "bd09":
            return _undone(gcj02, _undone(bd09, point))


def gcj02(point: Point) -> Point:
    """A point of WGS-84 as GCJ-02 has it.

    >>> [round(degrees, 6) for degrees in gcj02((113.912316, 22.543847))]
    [113.917176, 22.540796]
    """
    lon, lat = point
    if not (72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271):
        return point
    x, y = lon - 105.0, lat - 35.0
    root, waves = 0.1 * sqrt(abs(x)), 20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 2.0 * root
    north += (waves + 20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + root
    east += (waves + 20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    phi = radians(lat)
    magic = 1 - SQUARED_ECCENTRICITY * sin(phi) ** 2
    degree = pi / 180.0
    north /= AXIS_M * (1 - SQUARED_ECCENTRICITY) / (magic * sqrt(magic)) * degree
    east /= AXIS_M / sqrt(magic) * cos(phi) * degree
    return lon + east, lat + north


def bd09(point: Point) -> Point:
    """A point of GCJ-02 as BD-09 has it."""
    x, y = point
    z = hypot(x, y) + 0.00002 * sin(y * _TURN)
    theta = atan2(y, x) + 0.000003 * cos(x * _TURN)
    return z * cos(theta) + 0.0065, z * sin(theta) + 0.006


def _undone(shift: Callable[[Point], Point], point: Point) -> Point:
    """The point that a shift brings to this one: taken back step by step until nothing is left."""
    lon, lat = point
    for _ in range(ROUNDS):
        x, y = shift((lon, lat))
        dx, dy = point[0] - x, point[1] - y
        lon, lat = lon + dx, lat + dy
        if abs(dx) + abs(dy) < 1e-13:
            break
    return lon, lat
