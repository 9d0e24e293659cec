"""Roads: schematic lines between sites, and the fixes of a vehicle driven along one.

Law kept: a clean fix stays within 290 m of the road, as real tracks did (lateral error p95 16.5 m, p99 56 m,
in runs); fixes come every 30 to 60 s. Distances are taken on a plane through the county: schematic.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import cos, hypot, radians
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from events.registry import Point
from events.time import MINUTE, SECOND, Instant
from simulator.chance import Chance

Floats: TypeAlias = NDArray[np.float64]

DEGREE_M = 111_195.0
_ORDINARY_M, _RUN_M, _WORST_M = 7.5, 45.0, 290.0


def metres(a: Point, b: Point) -> float:
    """The distance between two places, on a plane.

    >>> round(metres((119.0, 26.0), (119.0, 26.1)))
    11120
    """
    return hypot((b[0] - a[0]) * cos(radians((a[1] + b[1]) / 2)), b[1] - a[1]) * DEGREE_M


def road(a: Point, b: Point, draw: Chance) -> tuple[Point, ...]:
    """A road between two places: five to eight points that swing to either side of the straight line."""
    inner = int(draw.integers(3, 7))
    at = np.linspace(0, 1, inner + 2)
    swing = np.concatenate(([0.0], draw.uniform(-0.06, 0.06, inner), [0.0]))
    lon = a[0] + (b[0] - a[0]) * at - (b[1] - a[1]) * swing
    lat = a[1] + (b[1] - a[1]) * at + (b[0] - a[0]) * swing
    return tuple((round(x, 6), round(y, 6)) for x, y in zip(lon.tolist(), lat.tolist(), strict=True))


def length(line: Sequence[Point]) -> float:
    """The length of a line in metres."""
    return sum(metres(a, b) for a, b in pairwise(line))


def bulge(line: tuple[Point, ...], aside_m: float) -> tuple[Point, ...]:
    """The line with its middle segment driven by way of a place ``aside_m`` metres off it."""
    half = (len(line) - 1) // 2
    (x0, y0), (x1, y1) = line[half], line[half + 1]
    span = metres(line[half], line[half + 1])
    dx, dy = (x1 - x0) * cos(radians(y0)), y1 - y0
    away = aside_m / max(span, 1.0)
    off = (round((x0 + x1) / 2 - dy * away / cos(radians(y0)), 6), round((y0 + y1) / 2 + dx * away, 6))
    return (*line[: half + 1], off, *line[half + 1 :])


def aside(line: Sequence[Point], index: int, aside_m: float) -> Point:
    """A place so many metres beside the line's point ``index``, across the way that leads on from it."""
    (x0, y0), (x1, y1) = line[index], line[index + 1]
    east = cos(radians(y0))
    dx, dy = (x1 - x0) * east, y1 - y0
    away = aside_m / max(metres(line[index], line[index + 1]), 1.0)
    return round(x0 - dy * away / east, 6), round(y0 + dx * away, 6)


def fraction_of(line: Sequence[Point], index: int) -> float:
    """How far along the line its point ``index`` stands, 0 to 1."""
    return length(line[: index + 1]) / length(line)


def place_at(line: Sequence[Point], fraction: float) -> Point:
    """The place at a fraction of the line, 0 to 1."""
    left = fraction * length(line)
    for a, b in pairwise(line):
        step = length((a, b))
        if left <= step:
            return a[0] + (b[0] - a[0]) * left / step, a[1] + (b[1] - a[1]) * left / step
        left -= step
    return line[-1]


class Drive:
    """A line driven from ``start``, at a steady speed, with pauses of (fraction of the way, minutes)."""

    __slots__ = ("_along", "_knots", "_lat", "_lon", "_times", "ends", "start")

    def __init__(
        self, line: Sequence[Point], start: Instant, speed_kmh: float, pauses: Sequence[tuple[float, float]] = ()
    ) -> None:
        steps = [metres(a, b) for a, b in pairwise(line)]
        self._along = np.concatenate(([0.0], np.cumsum(steps)))
        self._lon = np.array([p[0] for p in line])
        self._lat = np.array([p[1] for p in line])
        total, pace = float(self._along[-1]), speed_kmh / 3.6
        times, knots, rested = [0.0], [0.0], 0.0
        for fraction, minutes in sorted(pauses):
            arrives = fraction * total / pace + rested
            rested += minutes * 60
            times += [arrives, arrives + minutes * 60]
            knots += [fraction * total] * 2
        times.append(total / pace + rested)
        knots.append(total)
        self._times, self._knots = np.array(times), np.array(knots)
        self.start = start
        self.ends = start + int(times[-1]) * SECOND

    def when(self, fraction: float) -> Instant:
        """When the vehicle first reaches a fraction of the way."""
        total = float(self._along[-1])
        return self.start + int(np.interp(fraction * total, self._knots, self._times)) * SECOND

    def fixes(self, draw: Chance, every_s: float = 45.0) -> tuple[NDArray[np.int64], Floats, Floats, Floats]:
        """Times, longitudes, latitudes and speeds (km/h) of its position reports, noise included."""
        seconds = np.arange(5.0, float(self._times[-1]), every_s)
        seconds = np.floor(seconds + draw.uniform(-every_s / 5, every_s / 5, len(seconds)).clip(-4.0))
        at = np.interp(seconds, self._times, self._knots)
        ahead = np.interp(seconds + 5.0, self._times, self._knots)
        east, north = _noise(draw, len(seconds)), _noise(draw, len(seconds))
        lat = np.interp(at, self._along, self._lat)
        lon = np.interp(at, self._along, self._lon) + east / (DEGREE_M * np.cos(np.radians(lat)))
        speed = (ahead - at) / 5.0 * 3.6 * draw.uniform(0.94, 1.06, len(seconds))
        times = (self.start + seconds * SECOND).astype(np.int64)
        return times, lon, lat + north / DEGREE_M, speed


def _noise(draw: Chance, number: int) -> Floats:
    """Metres of error along one axis: small mostly, larger in runs of a few minutes, never over 200."""
    error = draw.normal(0.0, _ORDINARY_M, number)
    for _ in range(int(draw.poisson(number / 400))):
        at = int(draw.integers(number))
        error[at : at + int(draw.integers(3, 7))] += draw.choice([-1.0, 1.0]) * draw.exponential(_RUN_M)
    worst = _WORST_M / 2**0.5
    return np.clip(error, -worst, worst)


def near(at: Instant, minutes: float) -> tuple[Instant, Instant]:
    """The span of ``minutes`` that begins at an instant."""
    return at, at + int(minutes * MINUTE)
