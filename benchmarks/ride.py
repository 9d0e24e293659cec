"""What a fix on its road costs D2 by itself, and what numpy would take for it in batches of one vehicle's fixes.

CPU time, the least of seven rounds, on a road of 35 km of so many points: ``python -m benchmarks.ride``. The batch
is asked less: whether a fix is within reach of any edge, not how far along the road it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.detours import BEGINS, EVERY_S, SPEED_KMH
from detectors.roads.course import Course
from detectors.roads.edges import NUMBERS, Edges
from simulator.chance import chance
from simulator.roads import Drive, Floats, place_at, road

POINTS: Final = (8, 200)
BATCHES: Final = (1, 2, 10, 60)
HALF_WIDTH_M: Final = 300.0
ROUNDS, TIMES = 7, 2_000


def main() -> None:
    """Print a line for each road."""
    for points in POINTS:
        draw = chance(7, "ride", str(points))
        way = road((118.0, 26.0), (118.3, 26.2), draw)
        line = tuple(place_at(way, nth / (points - 1)) for nth in range(points))
        course = Course((("C1", ((line, HALF_WIDTH_M),), ()),))
        times, lons, lats, _ = Drive(line, BEGINS, SPEED_KMH).fixes(draw, EVERY_S)
        fixes = list(zip(times.tolist(), lons.tolist(), lats.tolist(), strict=True))[: len(times) // 2]
        ways = course.begin(*fixes[0])
        for fix in fixes[1:-1]:
            ways = course.go_on(ways, *fix) or ways
        alone = _micros(partial(course.ride, ways, *fixes[-1]))
        edges = Edges()
        edges.add(line[:-1], line[1:], HALF_WIDTH_M)
        matrix = np.array(edges.numbers).reshape(-1, NUMBERS)
        batches = ", ".join(f"{size}: {_batch(matrix, lons, lats, size):.2f}" for size in BATCHES)
        print(f"{points} points: {alone:.2f} µs a fix by itself; numpy, µs a fix in batches of {batches}")


def _batch(matrix: NDArray[np.float64], lons: Floats, lats: Floats, size: int) -> float:
    """Microseconds a fix in a batch of so many."""
    x, y = np.resize(lons, size), np.resize(lats, size)
    return _micros(lambda: _within(matrix, x, y)) / size


def _within(matrix: NDArray[np.float64], x: Floats, y: Floats) -> NDArray[np.bool_]:
    a, b, c, d, e, f, length, reach = matrix.T
    along, aside = np.outer(x, a) + np.outer(y, b) - c, np.outer(x, d) + np.outer(y, e) - f
    over = along - np.clip(along, 0.0, length)
    found: NDArray[np.bool_] = (aside * aside + over * over <= reach).any(axis=1)
    return found


def _micros(asked: Callable[[], object]) -> float:
    """Microseconds of CPU that a call takes."""
    least = float("inf")
    for _ in range(ROUNDS):
        begun = time.process_time()
        for _ in range(TIMES):
            asked()
        least = min(least, time.process_time() - begun)
    return least / TIMES * 1e6


if __name__ == "__main__":
    main()
