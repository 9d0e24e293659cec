"""How well D2 tells detours from noise, by the corridor's half width: false alarms a thousand trips, detours found.

Trips of 20 to 45 km on permitted roads with the noise of real tracks (lateral error p95 16.5 m, p99 56 m, in runs),
a fix each 30 s. A detour drives the middle third of the road so many metres beside it; who turns back does so at
two thirds of the road, for so many metres, and comes again. Each trip goes through the rule itself with its shipped
terms, or another margin: ``python -m benchmarks.detours [--trips 1000]``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import cos, hypot, radians
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.catalogue import catalogue
from detectors.claim import Claim
from detectors.detector import Step, View
from detectors.policy import join_files
from detectors.world import World
from events.registry import Category, Point, PolicyEntry
from events.rejection import Source
from events.time import DAY, HOUR, MINUTE, SECOND, Instant
from ledger.account import Driving, apply
from ledger.fact import INWARD, STANDING, Cell, Fact, Fix, Leg
from ledger.reference import Reference, Registered
from simulator.chance import Chance, chance
from simulator.roads import DEGREE_M, Drive, Floats, fraction_of, length, place_at, road

WIDTHS_M: Final = (30, 50, 100, 200, 300, 500)
MARGINS_M: Final = (0, 100)
ASIDE_M: Final = (150, 300, 600, 1_200)
BACK_M: Final = (2_000, 3_000)
BEGINS: Final[Instant] = 1_777_852_800 * SECOND
SPEED_KMH: Final = 50.0
EVERY_S: Final = 30.0
RULE: Final = "D2"
SOURCE: Final = Source("position", 0, 0)


class Nowhere:
    """A map of one county."""

    def chain(self, code: str, at: Instant) -> tuple[str, ...]:
        """The code alone."""
        return (code,)

    def county(self, lon: float, lat: float) -> str | None:
        """Everywhere the same."""
        return "350102"

    def distance_km(self, one: str, other: str, at: Instant) -> float | None:
        """No way at all."""
        return 0.0


def main() -> None:
    """Print the table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trips", type=int, default=1_000)
    trips = parser.parse_args().trips
    ways = ", ".join(f"{aside} m" for aside in ASIDE_M)
    print(f"{trips} honest trips and {trips} detours of each of {ways}\n")
    heads = [
        "half width", "margin", "false alarms in 1,000 trips", *(f"found at {aside} m" for aside in ASIDE_M),
        *(f"turned back {back} m" for back in BACK_M),
    ]  # fmt: skip
    print("| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    for width in WIDTHS_M:
        for margin in MARGINS_M:
            view = view_of(margin)
            false = sum(_alarmed(width, nth, 0.0, view) for nth in range(trips))
            found = [sum(_alarmed(width, nth, float(aside), view) for nth in range(trips)) for aside in ASIDE_M]
            found += [sum(_alarmed(width, nth, -float(back), view) for nth in range(trips)) for back in BACK_M]
            shares = [f"{100 * one / trips:.1f} %" for one in found]
            print(f"| {width} m | {margin} m | {1_000 * false / trips:.1f} | " + " | ".join(shares) + " |")


def _alarmed(width: int, nth: int, aside: float, view: View) -> bool:
    """Whether the rule claims anything on one trip, the same road for every width; turning back is negative."""
    draw = chance(7, "detours", str(nth))
    a = (118.0 + float(draw.uniform(-0.5, 0.5)), 26.4 + float(draw.uniform(-0.4, 0.4)))
    b = (a[0] + float(draw.uniform(0.15, 0.35)), a[1] + float(draw.uniform(-0.2, 0.2)))
    line = road(a, b, draw)
    driven = _beside(line, aside) if aside > 0 else _back(line, -aside) if aside else line
    drive = Drive(driven, BEGINS, SPEED_KMH)
    return any(True for _ in claims(line, float(width), cells(drive, draw), view))


def _beside(line: tuple[Point, ...], aside: float) -> tuple[Point, ...]:
    """The road with its middle third driven so many metres to the left of where it goes on the whole."""
    (x0, y0), (x1, y1) = line[0], line[-1]
    east = cos(radians((y0 + y1) / 2))
    dx, dy = (x1 - x0) * east, y1 - y0
    away = aside / DEGREE_M / hypot(dx, dy)
    total, behind = length(line), 0.0
    points: list[Point] = [line[0]]
    for a, b in pairwise(line):
        step = length((a, b))
        for nth in range(1, 41):
            part = nth / 40
            x, y = a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part
            shifted = 1 / 3 <= (behind + step * part) / total <= 2 / 3
            points.append((x - dy * away / east, y + dx * away) if shifted else (x, y))
        behind += step
    return tuple(points)


def _back(line: tuple[Point, ...], back: float) -> tuple[Point, ...]:
    """The road driven to two thirds, so many metres back, and from there to its end."""
    total = length(line)
    turns, again = 2 / 3, 2 / 3 - back / total
    fractions = [fraction_of(line, nth) for nth in range(len(line))]
    out = [point for point, at in zip(line, fractions, strict=True) if at < turns]
    between = [point for point, at in zip(line, fractions, strict=True) if again < at < turns]
    on = [point for point, at in zip(line, fractions, strict=True) if at > again]
    return (*out, place_at(line, turns), *between[::-1], place_at(line, again), *on)


def cells(drive: Drive, draw: Chance) -> Iterator[Cell]:
    """What a drive says, a minute at a time."""
    return minutes_of(drive.fixes(draw, EVERY_S))


def minutes_of(fixes: tuple[NDArray[np.int64], Floats, Floats, Floats]) -> Iterator[Cell]:
    """Fixes (times, longitudes, latitudes, speeds in km/h) a minute at a time: the first and the last of each."""
    times, lons, lats, speeds = fixes
    minutes: dict[int, list[Fix]] = {}
    for at, lon, lat, speed in zip(times.tolist(), lons.tolist(), lats.tolist(), speeds.tolist(), strict=True):
        minutes.setdefault(at // MINUTE, []).append(Fix(at, lon, lat, speed))
    for minute in minutes.values():
        yield Cell(min(minute), max(minute), 0, loaded=True)


def claims(line: Sequence[Point], width: float, driven: Iterator[Cell], view: View) -> Iterator[Claim]:
    """What the rule claims of a trip on a permitted road with a corridor so many metres to either side."""
    rule = next(one for one in catalogue() if one.card.id == RULE)
    arrives = BEGINS + int(length(line) / SPEED_KMH * 3.6) * SECOND + 3 * HOUR
    leg = Leg(
        "plan", "C1", "V1", "U1", "S1", "U2", "S2", (), BEGINS - MINUTE, arrives,
        category=Category.EXPLOSIVES, routes=((tuple(line), width),),
    )  # fmt: skip
    account = apply(Driving(), Fact("C1", BEGINS - HOUR, STANDING, 1, 0, BEGINS - HOUR, SOURCE, leg))
    state = rule.start()
    for cell in driven:
        minute = cell.first.at // MINUTE
        fact = Fact(f"V1@{minute}", minute * MINUTE, INWARD, 0, 0, cell.last.at, SOURCE, cell)
        state, made = rule.see(state, Step(fact, account, account), view)
        yield from made


def view_of(margin: int) -> View:
    """The rule's shipped terms with another margin, in metres."""
    rules = {detector.card.id: detector.Parameters for detector in catalogue() if detector.card.id == RULE}
    world = World(Nowhere(), rules)
    path = next(Path("policies").glob("d2_*.toml"))
    text = path.read_text("utf-8").replace("margin_m = 100", f"margin_m = {margin}")
    entry = PolicyEntry(digest="detours", text=join_files({path.name: text}))
    since = BEGINS - 30 * DAY
    world.put(Registered("policy", 1, "*", since, since, None, entry))
    return View("vehicle:V1", Reference(), world)


if __name__ == "__main__":
    main()
