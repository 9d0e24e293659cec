"""Clocks: when something owed is due, and which line of policy set it.

Law kept: urgent is never later. For every clock the red length is at most the orange one, and so on.
The Fujian measures set no hours for signing; those are local policy and every due time says so.
"""

from __future__ import annotations

import re
from enum import StrEnum

from msgspec import Struct

from events.time import HOUR, Instant, civil_day, day_start

_LENGTH = re.compile(r"^([1-9][0-9]{0,3}) (h|d)$")


class Reading(StrEnum):
    """How a length is read: hours as they pass, or calendar days, due at midnight after the last."""

    HOURS = "h"
    CALENDAR_DAYS = "d"


class Start(StrEnum):
    """What starts a clock."""

    RAISED = "raised"
    SIGNED = "signed"


START_NAMES = {
    Start.RAISED: ("自预警发出起", "from when the warning is raised"),
    Start.SIGNED: ("自签收起", "from signing"),
}


class Length(Struct, frozen=True):
    """So many hours or calendar days."""

    count: int
    reading: Reading

    def due(self, start: Instant) -> Instant:
        """When something that started at ``start`` is due.

        >>> Length(2, Reading.HOURS).due(0) == 2 * HOUR
        True
        >>> Length(1, Reading.CALENDAR_DAYS).due(0) == 40 * HOUR  # 08:00 in Shanghai: midnight of the morrow
        True
        """
        if self.reading is Reading.HOURS:
            return start + self.count * HOUR
        return day_start(civil_day(start) + self.count + 1)

    def text(self) -> tuple[str, str]:
        """The length in Chinese and English."""
        if self.reading is Reading.HOURS:
            return f"{self.count} 小时", f"{self.count} hour" + ("s" if self.count > 1 else "")
        return f"{self.count} 个自然日", f"{self.count} calendar day" + ("s" if self.count > 1 else "")


class Clock(Struct, frozen=True):
    """One obligation's clock: what it is for, what starts it, how long by severity, on what basis."""

    id: str
    line: int | None
    start: Start
    name: tuple[str, str]
    basis: tuple[str, str]
    lengths: dict[str, Length]


def parse_length(text: str) -> Length | None:
    """The length that ``text`` says (``"2 h"``, ``"5 d"``); None if it says none.

    >>> parse_length("5 d")
    Length(count=5, reading=<Reading.CALENDAR_DAYS: 'd'>)
    """
    found = _LENGTH.match(text)
    return Length(int(found[1]), Reading(found[2])) if found else None
