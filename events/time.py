"""Event time as a value: whole microseconds since 1970 UTC, and civil days of Asia/Shanghai.

Law kept: nothing here reads a clock; a time without a zone is never guessed at.
Asia/Shanghai has been UTC+8 without summer time since 1991-09-15, so a civil day is plain arithmetic.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Final, TypeAlias

Instant: TypeAlias = int
"""Microseconds since 1970-01-01T00:00:00Z."""

MICROSECOND: Final = 1
SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_OFFSET: Final = 8 * HOUR


def instant(moment: datetime) -> Instant:
    """The instant of an aware ``moment``, exact to the microsecond.

    >>> instant(datetime(1970, 1, 1, 8, tzinfo=SHANGHAI))
    0
    """
    if moment.tzinfo is None:
        raise ValueError("a time needs a zone, such as 2026-05-01T08:00:00+08:00")
    span = moment - _EPOCH
    return span.days * DAY + span.seconds * SECOND + span.microseconds


_FIRST: Final = instant(datetime(1, 1, 1, tzinfo=UTC))
_LAST: Final = instant(datetime.max.replace(tzinfo=SHANGHAI))


def parse_instant(text: str) -> Instant:
    """The instant of an RFC 3339 text that names its zone.

    >>> parse_instant("1970-01-02T08:00:00+08:00") == DAY
    True
    """
    return instant(datetime.fromisoformat(text))


def moment(at: Instant) -> datetime:
    """The aware Shanghai datetime of an instant; one that the calendar cannot hold reads as its first or last.

    "For ever" is often reported as 9999-12-31T23:59:59Z, which in Shanghai is in the year 10000.

    >>> moment(10**18) == moment(10**19)
    True
    """
    if not _FIRST <= at <= _LAST:
        at = _FIRST if at < _FIRST else _LAST
    return (_EPOCH + timedelta(microseconds=at)).astimezone(SHANGHAI)


def format_instant(at: Instant) -> str:
    """RFC 3339 in Shanghai time, without needless fractions.

    >>> format_instant(0)
    '1970-01-01T08:00:00+08:00'
    """
    return moment(at).isoformat()


def civil_day(at: Instant) -> int:
    """The number of the Shanghai civil day that holds ``at`` (1970-01-01 is 0)."""
    return (at + _OFFSET) // DAY


def day_start(day: int) -> Instant:
    """The first instant of a civil day.

    >>> civil_day(day_start(20_000)), civil_day(day_start(20_000) - 1)
    (20000, 19999)
    """
    return day * DAY - _OFFSET


def day_text(day: int) -> str:
    """A civil day as ``YYYY-MM-DD``.

    >>> day_text(0)
    '1970-01-01'
    """
    return moment(day_start(day)).date().isoformat()


def hour_of_day(at: Instant) -> int:
    """The Shanghai hour, 0 to 23, of an instant."""
    return (at + _OFFSET) % DAY // HOUR
