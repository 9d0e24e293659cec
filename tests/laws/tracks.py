"""Random tracks of one vehicle, with everything on them that the rules of the road look at.

Law kept: a track is drawn from its seed alone; fixes and trips come in some order, some late, some twice.
"""

from __future__ import annotations

from itertools import pairwise
from random import Random
from typing import Final

from msgspec import Struct

from events.registry import Category, RestrictedAreaEntry
from events.rejection import Source
from events.time import MINUTE, SECOND, Instant
from ledger.fact import INWARD, STANDING, Cell, Fact, Fix, Leg
from ledger.reference import Registered
from simulator.stories.relative import at
from tests.detector_words import register

DEGREE_M: Final = 105_000.0
KEY: Final = "vehicle:V1"
BEGINS: Final = at("day 1 20:00")
"""Late enough for a track to pass midnight."""


def _square(name: str, west: float, south: float, size: float, *hours: tuple[int, int],
            categories: tuple[Category, ...] = ()) -> Registered:  # fmt: skip
    outline = ((west, south), (west + size, south), (west + size, south + size), (west, south + size))
    entry = RestrictedAreaEntry(
        restricted_area=name, name=name, outline=outline, hours=hours, categories=categories
    )
    return register(entry, valid_from="day -30 00:00")


AREAS: Final = (
    _square("R1", 119.27, 26.03, 0.03),
    _square("R2", 119.31, 26.02, 0.05, (22 * 60, 60)),
    _square("R3", 119.36, 26.05, 0.2, categories=(Category.EXPLOSIVES, Category.CHEMICALS)),
)
"""Where vehicles must not go: at all hours, at night, with two categories."""
Route = tuple[tuple[tuple[float, float], ...], float]


class Told(Struct, frozen=True):
    """What reaches a vehicle's key between two looks, and the time of the look behind it."""

    facts: tuple[Fact, ...]
    now: Instant
    restart: bool = False


def track(seed: int) -> list[Told]:
    """One to three trips or none, some hours of fixes, then quiet days until all of it is closed."""
    rnd = Random(seed)
    routes = [_route(rnd) for _ in range(3)]
    received = [(fix.received_at + _delay(rnd), fix) for fix in _fixes(rnd, routes)]
    received += [(fix.received_at, fix) for _, fix in received if rnd.random() < 0.03]
    received += [(leg.received_at, leg) for leg in _legs(rnd, routes)]
    received.sort(key=lambda pair: pair[0])
    told = [Told((), BEGINS)]
    most = rnd.choice((1, 3, 20, 200))
    while received:
        size = rnd.randint(1, most)
        batch, received = received[:size], received[size:]
        told.append(Told(tuple(fact for _, fact in batch), batch[-1][0], rnd.random() < 0.02))
    last = told[-1].now
    return [*told, *(Told((), last + hours * 60 * MINUTE, hours == 30) for hours in (1, 5, 30, 55, 80))]


def _route(rnd: Random) -> Route:
    """A road: straight, winding, there and back, or round in a circle; many points or few."""
    x, y = 119.3 + rnd.uniform(-0.05, 0.05), 26.05 + rnd.uniform(-0.05, 0.05)
    points = [(x, y)]
    step, bend = rnd.choice((0.004, 0.03, 0.15)), rnd.choice((0.0, 0.5, 3.1, 1.2))
    dx, dy = step, rnd.uniform(-step, step)
    for _ in range(rnd.randint(1, 12)):
        if rnd.random() < bend / 3:
            dx, dy = (dy, -dx) if bend < 3 else (-dx, -dy)
        x, y = x + dx, y + dy
        points.append((round(x, 6), round(y, 6)))
    return tuple(points), rnd.choice((50.0, 300.0, 300.0, 3_000.0))


def _legs(rnd: Random, routes: list[Route]) -> list[Fact]:
    """Plans, some corrected, some arrived or cancelled, some heard of much later."""
    told = []
    for number in range(rnd.choice((0, 1, 1, 2, 3))):
        name = f"C{number}"
        depart = BEGINS + rnd.randint(-60, 120) * MINUTE
        arrive_by = depart + rnd.randint(20, 200) * MINUTE
        heard = depart + rnd.choice((-60, -60, 10, 100, 26 * 60)) * MINUTE
        for version in range(1, rnd.choice((2, 2, 3))):
            chosen = tuple(rnd.sample(routes, rnd.choice((0, 1, 1, 1, 2))))
            stops = ((*rnd.choice(routes[number][0]), 500.0),) if rnd.random() < 0.3 else ()
            leg = Leg(
                "plan", name, "V1", "U1", "S1", "U2", "S2", (), depart, arrive_by + (version - 1) * 30 * MINUTE,
                None, "U9", None, None, chosen, stops, rnd.choice((None, *Category)),
                rnd.choice((None, None, (0, 1_439), (21 * 60, 22 * 60 + 30), (23 * 60, 30))),
                rnd.choice((None, None, 30.0, 60.0)), rnd.choice(((), (), ("R1",), ("R1", "R2"))),
            )  # fmt: skip
            told.append(_leg(f"p|{name}", heard + (version - 1) * rnd.randint(5, 90) * MINUTE, version, leg))
        if rnd.random() < 0.25:
            anew, made = tuple(rnd.sample(routes, 1)), depart + rnd.randint(-40, 150) * MINUTE
            leg = Leg(
                "plan", name, "V1", "U1", "S1", "U2", "S2", (), made + rnd.randint(0, 60) * MINUTE,
                made + rnd.randint(60, 200) * MINUTE, None, "U9", None, None, anew,
            )  # fmt: skip
            told.append(_leg(f"a|{name}", made + rnd.choice((1, 40)) * MINUTE, 1, leg, made))
        if rnd.random() < 0.6:
            ends = depart + rnd.randint(10, 240) * MINUTE
            stage = rnd.choice(("arrive", "arrive", "cancel"))
            told.append(_leg(f"e|{name}", ends + rnd.randint(0, 30) * MINUTE, 1, Leg(stage, name), ends))
    return told


def _leg(name: str, received_at: Instant, version: int, leg: Leg, when: Instant | None = None) -> Fact:
    happened = leg.depart_at if when is None else when
    return Fact(name, happened, STANDING, version, 0, received_at, Source("consignment", 0, 0), leg)


def _fixes(rnd: Random, routes: list[Route]) -> list[Fact]:
    """Stretches of driving on a road or beside it, of standing, silence, leaps and faults."""
    now = BEGINS
    told: list[Fact] = []
    x, y = routes[0][0][0]
    loaded: bool | None = None
    for _ in range(rnd.randint(2, 9)):
        mode = rnd.choice(("drive", "drive", "drive", "aside", "stand", "silent", "leap", "nowhere", "frozen"))
        alarms = rnd.choice((0, 0, 0, 0, 1, 1 << 4, 1 << 8))
        loaded = rnd.choice((loaded, loaded, True, False, None))
        every, line = rnd.choice((10, 20, 30, 55, 90)), rnd.choice(routes)[0]
        if mode == "silent":
            now += rnd.choice((5, 9, 12, 40, 300)) * MINUTE
            continue
        pace = rnd.choice((1.0, 5.0, 15.0, 25.0, 35.0))
        way = _along(line if rnd.random() < 0.8 else line[::-1], pace * every)
        spoken = rnd.choice((50.0, pace * 3.6, pace * 3.6, 0.0))
        aside = rnd.choice((200.0, 900.0, 5_000.0)) / DEGREE_M if mode == "aside" else 0.0
        for nth in range(rnd.choice((3, 20, 60))):
            if mode in ("drive", "aside") and nth < len(way):
                x, y = way[nth]
            place, speed = (x, y + aside), spoken if mode != "stand" else rnd.choice((0.0, 0.0, 0.0, 4.0, 120.0))
            if mode == "leap" and nth % 7 == 3:
                place = (x + rnd.choice((0.02, 2.0)), y)
            elif mode == "nowhere":
                place = (0.0, 0.0)
            elif mode == "frozen":
                speed = 40.0
            elif mode != "stand":
                place = (place[0] + rnd.gauss(0, 10) / DEGREE_M, place[1] + rnd.gauss(0, 10) / DEGREE_M)
            told.append(_fix(len(told), now, (*place, speed), alarms, loaded))
            now += every * SECOND + rnd.choice((0, 0, 333_333))
    return told


def _along(line: tuple[tuple[float, float], ...], metres: float) -> list[tuple[float, float]]:
    """Places along a line, so many metres apart, roughly."""
    places = []
    for (x0, y0), (x1, y1) in pairwise(line):
        parts = max(int(((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5 * DEGREE_M / metres), 1)
        places += [(x0 + (x1 - x0) * i / parts, y0 + (y1 - y0) * i / parts) for i in range(parts)]
    return places


def _fix(number: int, when: Instant, place: tuple[float, float, float], alarms: int, loaded: bool | None) -> Fact:
    fix = Fix(when, *place)
    cell = Cell(fix, fix, alarms, loaded is True, loaded is False)
    minute = when // MINUTE
    source = Source("position", number % 3 // 2, number)
    return Fact(f"V1@{minute}", minute * MINUTE, INWARD, 0, 0, when + SECOND, source, cell)


def _delay(rnd: Random) -> Instant:
    """Most come at once, some seconds later, a few after a blind zone or hours."""
    return rnd.choice((*(0,) * 30, 3, 20, 70, 300, 1_500, 20_000)) * SECOND
