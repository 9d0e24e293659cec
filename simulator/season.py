"""The Spring Festival: who sells more before it, who rests on its days off, and who comes back late.

Law kept: without a festival every day is as any other, to the byte. What trades do is data; how far a unit goes
with its trade is its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from msgspec import Struct

from events.registry import CalendarEntry
from events.time import civil_day, day_start, moment
from simulator.chance import chance
from simulator.config import Config

DAYS_OFF: Final = 9
"""Days off of the festival."""
SWELLS: Final = 7
"""Days in which a run-up comes to its height."""


class Season(Struct, frozen=True):
    """What the festival makes of a trade: ``rush`` times the entries, ``larger`` of the size, in ``before`` days.

    On the days off, and for ``away`` days after them, it works at ``rests`` of its pace; then for ``slow`` days at
    half of it.
    """

    rush: float = 1.5
    larger: float = 1.0
    before: int = 10
    rests: float = 0.0
    away: int = 0
    slow: int = 4


SEASONS: Final[Mapping[str, Season]] = {
    "fireworks_wholesale": Season(rush=4.0, larger=1.5, before=45, rests=0.3, away=3, slow=40),
    "fireworks_shop": Season(rush=4.0, larger=1.5, before=45, rests=1.5, slow=40),
    "blasting": Season(away=12),
    "explosives_maker": Season(away=6),
    "explosives_dealer": Season(away=6),
    "chemical_plant": Season(rush=1.2, rests=0.6),
    "chlorine_works": Season(rush=1.2, rests=0.6),
    "laboratory": Season(rush=1.0, away=18),
    "hospital": Season(rush=1.2, rests=0.3, slow=0),
    "testing": Season(away=6),
    "gun_range": Season(rush=1.0, rests=1.3, slow=0),
    "guard_depot": Season(rush=1.3, before=20, rests=0.7, slow=0),
    "implement_shop": Season(rush=1.3, rests=1.3),
}
"""By trade; the others go by the default: more in ten days before, closed, and slow to begin with."""


def in_season(config: Config, trade: str, unit: str, day: int) -> tuple[float, float]:
    """Times the usual entries and times the usual size of a unit's day."""
    if config.festival is None:
        return 1.0, 1.0
    season, begins = SEASONS.get(trade, Season()), civil_day(config.festival)
    back = begins + DAYS_OFF + season.away
    if begins <= day < back:
        return season.rests, 1.0
    if back <= day < back + season.slow:
        return 0.5, 1.0
    if not begins - season.before <= day < begins:
        return 1.0, 1.0
    own = float(chance(config.seed, "festival", unit).uniform(0.5, 1.0))
    own *= min(1.0, (day - begins + season.before + 1) / SWELLS)
    return 1.0 + (season.rush - 1.0) * own, 1.0 + (season.larger - 1.0) * own


def calendar(config: Config) -> CalendarEntry | None:
    """The year's days off as the registry has them: the festival's alone."""
    if config.festival is None:
        return None
    begins = civil_day(config.festival)
    off = tuple(_date(day) for day in range(begins, begins + DAYS_OFF))
    return CalendarEntry(year=off[0].year, holidays=off)


def _date(day: int) -> date:
    return moment(day_start(day)).date()
