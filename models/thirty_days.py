"""Thirty days of buying, wherever a month ends among them, and the most of them in each earlier month.

Law: a function of the purchases in order of their days; what is kept is a bucket for each of thirty days with any,
and one number a month. The same code goes along live and over clean history.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

import msgspec

from models.habits import MOST_MONTHS, month_of

LASTS: Final = 30
"""Days that are added up: what is split over the end of a month lies within them."""

Peak: TypeAlias = tuple[int, int]
"""The most of any thirty days that end in one month, in base units, and the civil day they end on."""
Bucket: TypeAlias = tuple[int, int, int]
"""A civil day, what was bought on it in base units, in how many orders."""


class ThirtyDays(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The days up to the latest purchase; the most of this month so far; that of each whole month before, oldest
    first."""

    days: tuple[Bucket, ...] = ()
    peak: Peak = (0, 0)
    peaks: tuple[Peak, ...] = ()

    @property
    def total(self) -> int:
        """What was bought in them, in base units."""
        return sum(base for _, base, _ in self.days)

    @property
    def orders(self) -> int:
        """In how many orders."""
        return sum(orders for _, _, orders in self.days)


class Reach(NamedTuple):
    """The civil days that are added up, and over how many months' ends they reach back."""

    days: range
    ends: int


def reach(day: int) -> Reach:
    """The thirty days up to a civil day.

    >>> reach(20_576).ends, reach(20_603).ends  # 3 and 30 May 2026
    (1, 0)
    """
    days = range(day - LASTS + 1, day + 1)
    return Reach(days, month_of(day) - month_of(days.start))


def bought(known: ThirtyDays, day: int, base: int) -> ThirtyDays:
    """With one more purchase, of the month that the latest one is of, not before it.

    >>> thirty = bought(bought(ThirtyDays(), 100, 7), 129, 5)
    >>> thirty.total, bought(thirty, 130, 1).total, thirty.peak
    (12, 6, (12, 129))
    """
    days = tuple(bucket for bucket in known.days if bucket[0] > day - LASTS)
    today = (day, base, 1)
    if days and days[-1][0] == day:
        _, before, orders = days[-1]
        days, today = days[:-1], (day, before + base, orders + 1)
    days = (*days, today)
    total = sum(bucket[1] for bucket in days)
    return ThirtyDays(days, max(known.peak, (total, day)), known.peaks)


def turned(known: ThirtyDays, *, whole: bool, idle: int, told: bool) -> ThirtyDays:
    """As a later month begins: this one's most put behind where it was a ``whole`` one, and ``idle`` months without
    a purchase. What was ``told`` of is not added up again."""
    peaks = (*known.peaks, *((known.peak,) if whole else ()), *((0, 0),) * idle)[-MOST_MONTHS:]
    return ThirtyDays(() if told else known.days, (0, 0), peaks)


def ended_before(known: ThirtyDays, ends: int) -> tuple[Peak, ...]:
    """The most of each month that was over before days began that reach back over so many months' ends."""
    return known.peaks[: max(0, len(known.peaks) - ends)]
