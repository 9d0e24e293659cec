"""How well D2 tells a part left out from noise, on roads that run beside or back along themselves.

Roads of 20 to 45 km, in whose middle stand four hairpin legs of 2 km side by side, or a spur that is driven there
and back. Honest trips drive all of it; others drive straight on. Beside the noise of real tracks (lateral error p95
16.5 m, p99 56 m, in runs) each is driven with runs of mismatches too: every quarter of an hour on the average two
to six minutes in which all fixes stand 50 to 290 m aside. A fix each 30 s, the rule itself with its shipped terms:
``python -m benchmarks.order [--trips 1000] [--found 200]``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from math import cos, hypot, pi, radians, sin
from typing import Final, TypeAlias

from benchmarks.detours import BEGINS, EVERY_S, SPEED_KMH, claims, minutes_of, view_of
from detectors.detector import View
from events.registry import Point
from simulator.chance import Chance, chance
from simulator.roads import DEGREE_M, Drive, Floats, aside, road

WIDTHS_M: Final = (50, 100, 300, 500)
GAPS_M: Final = (100, 400)
"""How far apart the legs of a hairpin run."""
LEGS: Final = 4
LEG_M: Final = 2_000.0
SPURS_M: Final = (2_000, 3_000, 5_000)
MARGIN_M: Final = 100
MISMATCH_M: Final = (50.0, 290.0)
MISMATCH_FIXES: Final = (4, 13)
FIXES_BETWEEN: Final = 30

Line: TypeAlias = tuple[Point, ...]
Shape: TypeAlias = Callable[[Line], Line]


def main() -> None:
    """Print the table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trips", type=int, default=1_000)
    parser.add_argument("--found", type=int, default=200)
    asked = parser.parse_args()
    view = view_of(MARGIN_M)
    honest: list[tuple[str, Shape]] = [(f"hairpins {gap} m apart", _hairpins(gap)) for gap in GAPS_M]
    honest.append((f"spur of {SPURS_M[1] // 1000} km", _spur(SPURS_M[1])))
    parts: list[tuple[str, Shape]] = [(f"{2 * spur // 1000} km of spur", _spur(spur)) for spur in SPURS_M]
    parts += [(f"{LEGS * LEG_M / 1000:.0f} km of hairpins {gap} m apart", _hairpins(gap)) for gap in GAPS_M]
    heads = [
        "half width", "noise", *(f"{name}" for name, _ in honest),
        *(f"left out {name}" for name, _ in parts),
    ]  # fmt: skip
    print(f"{asked.trips} honest trips: told as out of order, as off the road, of a thousand")
    print(f"{asked.found} trips that leave out a part: told\n")
    print("| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    for width in WIDTHS_M:
        for mismatched in (False, True):
            trips = _Trips(width, view, mismatched=mismatched)
            false = [
                ", ".join(f"{1_000 * one:.1f}" for one in trips.shares(asked.trips, shape)) for _, shape in honest
            ]
            found = [f"{100 * trips.shares(asked.found, shape, cut=True)[0]:.1f} %" for _, shape in parts]
            noise = "mismatches" if mismatched else "real tracks"
            print(f"| {width} m | {noise} | " + " | ".join((*false, *found)) + " |", flush=True)


class _Trips:
    """Trips on roads with corridors of one width, under one kind of noise."""

    def __init__(self, width: int, view: View, *, mismatched: bool) -> None:
        self._width, self._view, self._mismatched = float(width), view, mismatched

    def shares(self, trips: int, shape: Shape, *, cut: bool = False) -> tuple[float, float]:
        """Of trips along a road of a shape, all driven or cut short: told as out of order, as off the road."""
        told = [self._told(nth, shape, cut=cut) for nth in range(trips)]
        return sum(True in kinds for kinds in told) / trips, sum(False in kinds for kinds in told) / trips

    def _told(self, nth: int, shape: Shape, *, cut: bool) -> set[bool]:
        """Whether what is claimed of one trip is about the order of its road, of each claim."""
        draw = chance(11, "order", str(nth))
        a = (118.0 + float(draw.uniform(-0.5, 0.5)), 26.4 + float(draw.uniform(-0.4, 0.4)))
        b = (a[0] + float(draw.uniform(0.15, 0.35)), a[1] + float(draw.uniform(-0.2, 0.2)))
        straight = road(a, b, draw)
        line = shape(straight)
        fixes = Drive(straight if cut else line, BEGINS, SPEED_KMH).fixes(draw, EVERY_S)
        if self._mismatched:
            _mismatch(fixes[1], fixes[2], draw)
        return {"kind" in claim.numbers for claim in claims(line, self._width, minutes_of(fixes), self._view)}


def _hairpins(gap: float) -> Shape:
    """A road with legs to the left and back again at its middle point, so many metres apart."""

    def bent(line: Line) -> Line:
        half = len(line) // 2
        (x0, y0), (x1, y1) = line[half], line[half + 1]
        east = cos(radians(y0))
        span = hypot((x1 - x0) * east, y1 - y0)
        on, left = ((x1 - x0) * east / span, (y1 - y0) / span), (-(y1 - y0) / span, (x1 - x0) * east / span)
        points: list[Point] = []
        for nth in range(LEGS + 1):
            for out in (nth % 2, (nth + 1) % 2)[: 1 if nth == LEGS else 2]:
                ahead, beside = nth * gap / DEGREE_M, out * LEG_M / DEGREE_M
                x, y = on[0] * ahead + left[0] * beside, on[1] * ahead + left[1] * beside
                points.append((x0 + x / east, y0 + y))
        return (*line[:half], *points, *line[half + 1 :])

    return bent


def _spur(reach: float) -> Shape:
    """A road that leads so many metres aside at its middle point and comes back the same way."""

    def led(line: Line) -> Line:
        half = len(line) // 2
        return (*line[: half + 1], aside(line, half, reach), *line[half:])

    return led


def _mismatch(lon: Floats, lat: Floats, draw: Chance) -> None:
    """Move runs of fixes aside, each run by as much in one direction."""
    for _ in range(int(draw.poisson(len(lon) / FIXES_BETWEEN))):
        at, turn = int(draw.integers(len(lon))), float(draw.uniform(0, 2 * pi))
        run = slice(at, at + int(draw.integers(*MISMATCH_FIXES)))
        away = float(draw.uniform(*MISMATCH_M)) / DEGREE_M
        lon[run] += away * cos(turn) / cos(radians(float(lat[at])))
        lat[run] += away * sin(turn)


if __name__ == "__main__":
    main()
