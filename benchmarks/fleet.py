"""A fleet at work, for the benchmark of positions: trips on permitted roads, reported every ten to thirty seconds.

Law kept: who breaks which rule is decided beforehand and told along, so that the answers can be checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import ceil
from typing import Final, TypeAlias

from msgspec import Struct

from events.intake import encode
from events.log import Received, Tick
from events.quantity import quantity_of
from events.registry import Point
from events.report import Consignment, Load, Party, Plan, Position, Registry, Route
from events.time import DAY, HOUR, MINUTE, SECOND, Instant, moment
from simulator.chance import Chance, chance
from simulator.goods import CATALOGUE
from simulator.roads import Drive, bulge, metres, road

GOODS: Final = "EMULSION"
BEGINS: Final[Instant] = 1_777_852_800 * SECOND  # 2026-05-04T08:00+08:00
PROVIDER: Final = "fleet"
POINT_EVERY_M: Final = 400.0
"""How far apart the points of a permitted road are: as a navigation system draws them."""
SPEED_KMH: Final = 50.0
WRONGS: Final = {"D1": 0.01, "D2": 0.02, "D6": 0.02}
"""The share of trips that drive without a plan, leave the road, or fall silent on it."""
Dated: TypeAlias = tuple[Instant, bytes]


class Fleet(Struct, frozen=True):
    """A log, how many positions it holds, and the (rule, vehicle) pairs that it must raise, no others."""

    log: list[Received | Tick]
    positions: int
    wrongs: frozenset[tuple[str, str]]


def fleet(vehicles: int, minutes: int, *, seed: int = 11) -> Fleet:
    """Some vehicles for some minutes of one day: loaded out, empty back, standing in between; then the night."""
    dated: list[Dated] = [(BEGINS - DAY, _goods())]
    wrongs: set[tuple[str, str]] = set()
    positions = 0
    for number in range(vehicles):
        name = f"闽A{number:05}"
        told, wrong = _morning(name, chance(seed, name), BEGINS + minutes * MINUTE)
        positions += sum(raw.startswith(_POSITION) for _, raw in told)
        wrongs |= {(rule, name) for rule in wrong}
        dated += told
    dated.sort(key=lambda pair: pair[0])
    return Fleet([*_ticking(dated), Tick(BEGINS + minutes * MINUTE + DAY)], positions, frozenset(wrongs))


_POSITION: Final = b'{"kind":"position"'


def _morning(vehicle: str, draw: Chance, until: Instant) -> tuple[list[Dated], set[str]]:
    """One vehicle's reports as they are received, and the rules that it breaks."""
    depot = (117.9 + float(draw.uniform(-0.6, 0.6)), 26.4 + float(draw.uniform(-0.6, 0.6)))
    every = float(draw.integers(10, 31))
    now = BEGINS + int(draw.integers(35, 75)) * MINUTE
    told: list[Dated] = _standing(vehicle, depot, (BEGINS, now), every, loaded=False)
    wrongs: set[str] = set()
    trip, name = 0, ""
    while now < until:
        away = (depot[0] + float(draw.uniform(0.1, 0.35)), depot[1] + float(draw.uniform(-0.25, 0.25)))
        sketch = road(depot, away, draw)
        line = _dense(sketch)
        wrong = str(draw.choice([*WRONGS, ""], p=[*WRONGS.values(), 1 - sum(WRONGS.values())]))
        out = Drive(_dense(bulge(sketch, 4_000.0)) if wrong == "D2" else line, now, SPEED_KMH)
        silent = (out.when(0.4), out.when(0.4) + 16 * MINUTE) if wrong == "D6" else (0, 0)
        if silent[1] > out.ends - 2 * MINUTE:
            wrong, silent = "", (0, 0)
        loaded = out.ends < until - 5 * MINUTE
        if loaded:
            trip += 1
            name = f"C{vehicle[1:]}-{trip}"
            wrongs |= {wrong} - {""}
        if loaded and wrong != "D1":
            told.append((now - 30 * MINUTE, _plan(name, vehicle, line, now, out.ends + HOUR)))
            told.append((out.ends + 90 * SECOND, _stage(name, out.ends)))
        told += _driven(vehicle, out, draw, every, loaded=loaded, silent=silent)
        back = out.ends + int(draw.integers(8, 20)) * MINUTE
        told += _standing(vehicle, away, (out.ends, back), every, loaded=False)
        home = Drive(line[::-1], back, SPEED_KMH)
        told += _driven(vehicle, home, draw, every, loaded=False)
        now = home.ends + int(draw.integers(35, 60)) * MINUTE
        told += _standing(vehicle, depot, (home.ends, now), every, loaded=False)
    return [(at, raw) for at, raw in told if at < until], wrongs


def _driven(
    vehicle: str,
    drive: Drive,
    draw: Chance,
    every: float,
    *,
    loaded: bool,
    silent: tuple[Instant, Instant] = (0, 0),
) -> list[Dated]:
    """The fixes of a drive; a few pass through a blind zone and come together, minutes late, some come twice."""
    times, lons, lats, speeds = drive.fixes(draw, every)
    blind = drive.when(0.6) if draw.random() < 0.05 else 0
    told = []
    for at, lon, lat, speed in zip(times.tolist(), lons.tolist(), lats.tolist(), speeds.tolist(), strict=True):
        if silent[0] < at < silent[1]:
            continue
        raw = _position(vehicle, at, (lon, lat), speed, loaded=loaded)
        back = blind + 4 * MINUTE
        told.append(((back if blind < at < back else at) + int(draw.integers(200, 3_000)) * 1_000, raw))
        if draw.random() < 0.005:
            told.append((told[-1][0] + 2 * SECOND, raw))
    return told


def _standing(
    vehicle: str, place: Point, span: tuple[Instant, Instant], every: float, *, loaded: bool
) -> list[Dated]:
    """A parked vehicle's fixes: the receiver says the same place each time."""
    first, pace = span[0] + 7 * SECOND, int(every) * SECOND
    return [(at + 900_000, _position(vehicle, at, place, 0.0, loaded=loaded)) for at in range(first, span[1], pace)]


def _position(vehicle: str, at: Instant, place: Point, speed: float, *, loaded: bool) -> bytes:
    return encode(
        Position(
            version=1, occurred_at=moment(at), vehicle=vehicle, lon=round(place[0], 6), lat=round(place[1], 6),
            speed_kmh=round(speed, 1), heading=90.0, loaded=loaded,
        )
    )  # fmt: skip


def _plan(name: str, vehicle: str, line: tuple[Point, ...], depart: Instant, arrive_by: Instant) -> bytes:
    plan = Plan(
        shipper=Party(unit="U1", site="S1"), consignee=Party(unit="U2", site="S2"),
        loads=(Load(goods=GOODS, quantity=quantity_of(10**9, CATALOGUE[GOODS].measure)),), vehicle=vehicle,
        depart_at=moment(depart), arrive_by=moment(arrive_by), carrier="U9", routes=(Route(line=line),),
    )  # fmt: skip
    told = moment(depart - 30 * MINUTE)
    return encode(
        Consignment(version=1, id=f"{name}-p", occurred_at=told, consignment=name, stage="plan", plan=plan)
    )


def _stage(name: str, at: Instant) -> bytes:
    return encode(Consignment(version=1, id=f"{name}-a", occurred_at=moment(at), consignment=name, stage="arrive"))


def _goods() -> bytes:
    since = moment(BEGINS - 30 * DAY)
    entry = CATALOGUE[GOODS]
    return encode(Registry(version=1, id="goods", occurred_at=since, unit="*", valid_from=since, entry=entry))


def _dense(line: tuple[Point, ...]) -> tuple[Point, ...]:
    """The road with as many points as a navigation system's."""
    points = [line[0]]
    for a, b in pairwise(line):
        parts = ceil(metres(a, b) / POINT_EVERY_M)
        points += [
            (round(a[0] + (b[0] - a[0]) * i / parts, 6), round(a[1] + (b[1] - a[1]) * i / parts, 6))
            for i in range(1, parts + 1)
        ]
    return tuple(points)


def _ticking(dated: list[Dated]) -> Iterator[Received | Tick]:
    """As it is received live: a tick each second."""
    at = BEGINS - DAY
    for received_at, raw in dated:
        second = received_at // SECOND * SECOND
        if second > at:
            if second - at < HOUR:
                yield from (Tick(one) for one in range(at + SECOND, second + 1, SECOND))
            else:
                yield Tick(second)
            at = second
        yield Received(raw, PROVIDER, received_at)
