"""One administrative area (行政区划), dated: its codes, names, level, superiors and heirs.

Law kept: ``id`` is never reused and never parsed. Codes come and go, are reused and moved; the id stays.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from events.time import Instant


class Level(StrEnum):
    """The three levels at which authorities sit."""

    COUNTY = "county"
    PREFECTURE = "prefecture"
    PROVINCE = "province"


RANK = {Level.COUNTY: 0, Level.PREFECTURE: 1, Level.PROVINCE: 2}
LEVEL_NAMES = {
    Level.COUNTY: ("县级", "county level"),
    Level.PREFECTURE: ("设区市级", "prefecture level"),
    Level.PROVINCE: ("省级", "province level"),
}


class Dated(Struct, frozen=True):
    """A value that held from ``start`` until ``end`` (excluded; None: still)."""

    value: str
    start: Instant
    end: Instant | None

    def holds(self, at: Instant) -> bool:
        """Whether the value was in force at ``at``."""
        return self.start <= at and (self.end is None or at < self.end)


class Area(Struct, frozen=True, kw_only=True):
    """One area while it lived; ``successors[0]`` inherits its cases, and is in force when it ends."""

    id: str
    zh: str
    en: str
    level: Level
    start: Instant
    end: Instant | None
    codes: tuple[Dated, ...]
    parents: tuple[Dated, ...]
    successors: tuple[str, ...] = ()
    addressee: bool = True
    source: str = ""

    def in_force(self, at: Instant) -> bool:
        """Whether the area existed at ``at``."""
        return self.start <= at and (self.end is None or at < self.end)

    def code(self, at: Instant) -> str | None:
        """The code it bore at ``at``, if any: development zones bear none."""
        return next((c.value for c in self.codes if c.holds(at)), None)
