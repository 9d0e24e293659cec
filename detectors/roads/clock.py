"""Minutes of the Shanghai day: whether an instant lies within permitted or restricted hours, and until when.

Law kept: hours are (first, last), the last not included; over midnight where the first is the greater; the whole
day where both are the same.
"""

from __future__ import annotations

from typing import TypeAlias

from events.time import DAY, MINUTE, Instant, civil_day, day_start

Hours: TypeAlias = tuple[int, int]
"""(first, last) minutes of the Shanghai day."""


def within(hours: Hours, at: Instant) -> bool:
    """Whether an instant lies within hours.

    >>> [within((22 * 60, 6 * 60), hour * 60 * MINUTE - 8 * 60 * MINUTE) for hour in (5, 6, 21, 22)]
    [True, False, False, True]
    """
    first, last = hours
    minute = (at - day_start(civil_day(at))) // MINUTE
    if first == last:
        return True
    return first <= minute < last if first < last else minute >= first or minute < last


def changes_at(hours: Hours, at: Instant) -> Instant:
    """The first instant behind ``at`` at which hours may begin or end.

    >>> changes_at((22 * 60, 6 * 60), -8 * 60 * MINUTE) == -2 * 60 * MINUTE
    True
    """
    day = day_start(civil_day(at))
    bounds = [start + minute * MINUTE for start in (day, day + DAY) for minute in hours]
    return min(bound for bound in bounds if bound > at)


def clock_text(hours: Hours) -> str:
    """Hours as people write them.

    >>> clock_text((1_320, 360))
    '22:00-06:00'
    """
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in hours)
