"""Small tracks of one lorry, always the same, on the road from S1 to S2: twenty kilometres due east in an hour."""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from events.registry import RestrictedAreaEntry
from events.rejection import Source
from events.time import MINUTE, SECOND, Instant
from ledger.fact import INWARD, Cell, Fact, Fix
from simulator.stories.relative import along, straight
from tests.detector_kit import at, plan, register, stage

ROUTE: Final = (straight("S1", "S2").line, 300.0)
TOWN = register(
    RestrictedAreaEntry(
        restricted_area="R1", name="R1",
        outline=(along(0.5, aside_m=-400.0), along(0.6, aside_m=-400.0), along(0.55, aside_m=900.0)),
        hours=((9 * 60 + 31, 11 * 60),),
    ),
    valid_from="day -30 00:00",
)  # fmt: skip
"""A triangle over the road's eleventh kilometre, forbidden from 09:31 on."""


def fix(when: Instant, place: tuple[float, float], *, speed: float = 20.0, alarms: int = 0, load: int = 0,
        late: int = 1) -> Fact:  # fmt: skip
    """One fix, received so many seconds later; load: 1 says loaded, 2 empty."""
    minute, seen = when // MINUTE, Fix(when, *place, speed)
    body = Cell(seen, seen, alarms, load == 1, load == 2)
    source = Source("position", 0, when // SECOND % 100_000)
    return Fact(f"V1@{minute}", minute * MINUTE, INWARD, 0, 0, when + late * SECOND, source, body)


def drive(first: str, minutes: int, *, begins: float = 0.0, aside: float = 0.0, speed: float = 20.0,
          pace: float = 1 / 60, **said: int) -> list[Fact]:  # fmt: skip
    """Two fixes a minute, at :05 and :35, so many sixtieths of the road a minute, ``aside`` metres off it."""
    return [
        fix(
            at(first) + (5 + 30 * half) * SECOND,
            along(begins + pace * half / 2, aside_m=aside),
            speed=speed,
            **said,
        )
        for half in range(2 * minutes)
    ]


def trip(name: str = "C1", *, depart: str = "day 1 09:00", arrive_by: str = "day 1 10:30", **said: Any) -> Fact:
    return plan(
        name, ("DET", "100 item"), depart=depart, arrive_by=arrive_by, told="day 1 07:00", carrier="U9",
        standing=True, **({"routes": (ROUTE,)} | said),
    )  # fmt: skip


def arrives(name: str = "C1", when: str = "day 1 10:02", how: str = "arrive") -> Fact:
    return stage(how, name, when=when, received=when, standing=True)


STANDS: dict[str, Any] = {"pace": 0.0, "speed": 0.0}
TRACKS: dict[str, tuple[Fact, ...]] = {
    "no trip": tuple(drive("day 1 09:00", 40)),
    "an ordinary trip": (
        trip(depart="day 1 08:00", arrive_by="day 1 09:15"), *drive("day 1 08:00", 60), arrives(when="day 1 09:02"),
    ),
    "a trip not yet over": (trip(), *drive("day 1 09:00", 40)),
    "beyond the planned arrival": (trip(arrive_by="day 1 09:40"), *drive("day 1 09:00", 60)),
    "a trip that begins and ends amid a drive": (
        trip(depart="day 1 09:10", arrive_by="day 1 10:00"), *drive("day 1 09:00", 50), arrives(when="day 1 09:40"),
    ),
    "a stop": (
        trip(), *drive("day 1 09:00", 20), *drive("day 1 09:20", 36, begins=1 / 3, **STANDS),
        *drive("day 1 09:56", 10, begins=1 / 3),
    ),
    "a stop too short to be told": (
        trip(), *drive("day 1 09:00", 20), *drive("day 1 09:20", 10, begins=1 / 3, **STANDS),
        *drive("day 1 09:30", 20, begins=1 / 3),
    ),
    "a detour": (
        trip(), *drive("day 1 09:00", 10), *drive("day 1 09:10", 12, begins=1 / 6, aside=1_000.0),
        *drive("day 1 09:22", 20, begins=0.3667),
    ),
    "a forbidden town": (trip(), *drive("day 1 09:00", 20), *drive("day 1 09:20", 40, begins=1 / 3), arrives()),
    "too fast": (
        trip(speed_limit_kmh=30.0), *drive("day 1 09:00", 10),
        *drive("day 1 09:10", 6, begins=1 / 6, pace=1 / 20, speed=60.0), *drive("day 1 09:16", 10, begins=0.4667),
    ),
    "by night": (
        trip(depart="day 1 23:30", arrive_by="day 2 01:00", hours=(6 * 60, 24 * 60 - 1)),
        *drive("day 1 23:30", 60), arrives(when="day 2 00:32"),
    ),
    "a silence": (trip(), *drive("day 1 09:00", 20), *drive("day 1 09:35", 20, begins=1 / 3), arrives()),
    "a blind terminal": (
        trip(), *drive("day 1 09:00", 10), *drive("day 1 09:10", 5, begins=1 / 6, alarms=1 << 8),
        *drive("day 1 09:15", 20, begins=0.25), arrives(),
    ),
    "a blind minute": (
        trip(), *drive("day 1 09:00", 12), *drive("day 1 09:12", 1, begins=0.2, alarms=1 << 8),
        *drive("day 1 09:13", 15, begins=13 / 60),
    ),
    "unloaded under way": (
        trip(), *drive("day 1 09:00", 15, load=1), *drive("day 1 09:15", 15, begins=0.25, load=2),
        *drive("day 1 09:30", 30, begins=0.5, **STANDS),
    ),
    "turned back": (
        trip(), *drive("day 1 09:00", 30), *drive("day 1 09:30", 15, begins=0.5, pace=-1 / 60),
        *drive("day 1 09:45", 30, begins=0.25),
    ),
    "two trips": (
        trip(arrive_by="day 1 09:40"), trip("C2", depart="day 1 09:20", arrive_by="day 1 10:20"),
        *drive("day 1 09:00", 60), arrives("C1", "day 1 09:30"), arrives("C2", "day 1 10:01"),
    ),
    "called off": (trip(), *drive("day 1 09:00", 30), arrives(when="day 1 09:20", how="cancel")),
    "a plan heard of on the way": (
        trip(received="day 1 09:25"), *drive("day 1 09:00", 20), *drive("day 1 09:20", 30, begins=1 / 3, **STANDS),
    ),
    "a plan for a time long ridden over": (
        trip(received="day 1 12:00"), *drive("day 1 09:00", 20), *drive("day 1 11:30", 50, begins=1 / 3),
    ),
    "half an hour heard of late": (
        trip(), *drive("day 1 09:00", 15), *drive("day 1 09:15", 20, begins=0.25, aside=700.0, late=1_500),
        *drive("day 1 09:35", 25, begins=0.5833),
    ),
    "each third fix heard of late": tuple(
        replace(one, received_at=one.received_at + 200 * SECOND) if nth % 3 == 0 else one
        for nth, one in enumerate(drive("day 1 09:00", 20))
    ),
}  # fmt: skip
