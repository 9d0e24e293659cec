"""A vehicle's two days as hazflow's state version 1 kept them: the reports, and where the old lane was stopped.

Law kept: ``version_one.json`` beside this is what the code of then had stored of the vehicle at ``STOPPED``, in
base64; it is never made anew.
"""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path
from typing import Final

import msgspec

from events.log import Received, Tick
from events.report import Event
from simulator import stories as s

STOPPED: Final = s.at("day 2 08:44")


def parts() -> dict[str, bytes]:
    """The vehicle's state, part by part."""
    kept = msgspec.json.decode(Path(__file__).with_suffix(".json").read_bytes(), type=dict[str, str])
    return {part: b64decode(data) for part, data in kept.items()}


def log() -> list[Received | Tick]:
    """A trip with a detour and a blind spell; the next day another, in whose midst it is stopped; a late fix."""
    told: list[Event] = [*s.world(), *_trip(1), *_trip(2)]
    lines = [*map(s.received, told), s.received(_fix(2, 25, seconds=50), when="day 2 12:00")]
    ticks = [Tick(s.at(f"day {day} {hour:02d}:{half}0")) for day in (1, 2) for hour in range(24) for half in (0, 3)]
    ticks += [Tick(s.at(f"day {day} 06:00")) for day in range(3, 20)]
    return sorted([*ticks, *lines], key=lambda line: line.at if isinstance(line, Tick) else line.received_at)


def first(items: list[Received | Tick]) -> int:
    """How many of the items the old lane had taken."""
    return sum((one.at if isinstance(one, Tick) else one.received_at) <= STOPPED for one in items)


def _trip(day: int) -> list[Event]:
    name = f"C{day}"
    plan = s.plan(name, {"DET": "20 item"}, depart=f"day {day} 08:00", arrive_by=f"day {day} 11:00", vehicle="V1")
    fixes = [
        _fix(day, minute, seconds) for minute in range(50 + 55 * day) for seconds in (5, 45) if minute % 40 != 39
    ]
    return [plan, *fixes, s.stage(name, "arrive", when=f"day {day} 10:45")]


def _fix(day: int, minute: int, seconds: int) -> Event:
    """On the road; aside from minute 30 to 50; blind from 60 to 65; standing from minute 100 on."""
    where = s.along(min(minute + seconds / 60, 100.0) / 160, aside_m=2_000.0 if 30 <= minute < 50 else 0.0)
    return s.position(
        where, when=f"day {day} {8 + minute // 60:02d}:{minute % 60:02d}:{seconds:02d}", loaded=True,
        speed_kmh=0.0 if minute > 100 else 8.0, alarms=1 << 5 if 60 <= minute < 65 else 0,
    )  # fmt: skip
