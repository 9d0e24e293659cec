"""How long days off are known: the calendars of whole years that there are, without a gap.

Law kept: a year without a calendar ends what is known, whatever is known of later years.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from events.time import DAY, Instant, moment, parse_instant

SOON_DAYS: Final = 60
"""How long before the days off known end that is said, and alarmed."""


def last_year(years: Iterable[int], at: Instant) -> int | None:
    """The year with whose end no day off is known any more, as of an instant; None without calendars.

    >>> from events.time import parse_instant
    >>> [last_year(known, parse_instant("2026-12-01T00:00:00+08:00")) for known in ([2026], [2025], [2026, 2028])]
    [2026, 2025, 2026]
    """
    known = set(years)
    if not known:
        return None
    this = moment(at).year
    last = max((one for one in known if one <= this), default=this - 1)
    while last + 1 in known and last >= this:
        last += 1
    return last


def days_left(years: Iterable[int], at: Instant) -> int | None:
    """Whole days from an instant until then, negative once it is past; None without calendars.

    >>> from events.time import parse_instant
    >>> days_left([2026], parse_instant("2026-12-01T00:00:00+08:00")), days_left((), 0)
    (31, None)
    """
    last = last_year(years, at)
    return None if last is None else (parse_instant(f"{last + 1}-01-01T00:00:00+08:00") - at) // DAY
