"""What a simulated province is asked to be: its areas, its size, its seed, its calendar.

Law kept: the same configuration gives the same bytes; the seed is the only source of chance.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from events.time import DAY, Instant, parse_instant

FIRST_DAY: Final = parse_instant("2026-05-04T00:00:00+08:00")
"""The first instant of the shipped week, a Monday."""
SEED: Final = 20_260_504
CENTRES: Final = Path(__file__).with_name("centres.csv")


class Area(Struct, frozen=True):
    """A county: its code, its name, and roughly where its middle is (degrees)."""

    code: str
    name: str
    lon: float
    lat: float


class Config(Struct, frozen=True, kw_only=True):
    """A province to simulate.

    ``long_history`` sites of chemicals and explosives report ``long_days`` before the first day, and
    ``short_history`` other sites ``short_days``, so that statistics have warmed up. ``pace`` scales how
    much is reported a day. ``diversions`` and ``look_alikes`` say how many of each scenario to stage (as
    far as the province is large enough). The last tick stands ``settle_hours`` after the last day: long
    enough for every deadline of the week, short of the 36 hours after which a province that stopped
    reporting would itself be an anomaly. ``festival`` is when the days off of the Spring Festival begin; None,
    the default, is a year that has none.
    """

    areas: tuple[Area, ...]
    seed: int = SEED
    starts: Instant = FIRST_DAY
    days: int = 7
    units_per_county: int = 4
    trips_per_day: int = 100
    pace: float = 1.0
    long_history: int = 0
    long_days: int = 91
    short_history: int = 0
    short_days: int = 28
    diversions: int = 1
    look_alikes: int = 1
    tick_minutes: int = 15
    settle_hours: int = 6
    festival: Instant | None = None

    @property
    def ends(self) -> Instant:
        """The first instant after the last day."""
        return self.starts + self.days * DAY


def tiny(areas: Iterable[Area], seed: int = SEED) -> Config:
    """A day of a few units in the first three areas, some 2,000 events: for tests."""
    return Config(areas=tuple(areas)[:3], seed=seed, days=1, units_per_county=9, trips_per_day=8)


def sample(areas: Iterable[Area], seed: int = SEED) -> Config:
    """A week of the whole province, over 200,000 events, with a quarter of history for some sites."""
    return Config(
        areas=tuple(areas), seed=seed, pace=0.65, long_history=24, short_history=24, diversions=2, look_alikes=2
    )


def of_size(areas: Iterable[Area], *, counties: int, units_per_county: int, days: int, seed: int = SEED) -> Config:
    """A province of any size: the first ``counties`` areas, trips and history in proportion."""
    chosen = tuple(areas)[:counties]
    units = len(chosen) * units_per_county
    return Config(
        areas=chosen,
        seed=seed,
        days=days,
        units_per_county=units_per_county,
        trips_per_day=max(2, units * 3 // 10),
        long_history=min(24, units // 10),
        short_history=min(24, units // 10),
    )


def clean(config: Config, seed: int) -> Config:
    """The same province with another seed and nothing staged: what models are trained on."""
    return msgspec.structs.replace(config, seed=seed, diversions=0, look_alikes=0)


def known_areas(path: Path = CENTRES) -> tuple[Area, ...]:
    """The counties of Fujian with rough centres, from the committed table."""
    rows = (line.split(",") for line in path.read_text("utf-8").splitlines() if line[:1].isdigit())
    return tuple(Area(code, name, float(lon), float(lat)) for code, name, lon, lat in rows)
