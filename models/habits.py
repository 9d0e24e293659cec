"""What buying is usual: how much a month, how many orders a week, from how far; for a unit and for its peers.

Law: no unit's state is read while another is judged: peers are known only by the table in the model. Scores are
functions of counts and integer sums, higher is stranger, and the same code scores live and on clean history.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

from models.baseline import CROWD, Spread, middle
from models.calibrate import Dependence

FEWEST_MONTHS: Final = 3
"""Earlier whole months that a unit's own habit takes."""
MOST_MONTHS: Final = 12
"""Earlier months that it is taken over."""
HALF_YEAR: Final = 6
"""The months whose largest must be surpassed."""
FEWEST_WEEKS: Final = 4
"""Earlier weeks that a unit's own habit of ordering takes."""
MOST_WEEKS: Final = 8
"""Earlier weeks that it is taken over."""
DAYS: Final = 7 * (MOST_WEEKS + 1)
"""Days of which a unit's orders are counted singly."""
LEAST_SPREAD: Final = 0.1
"""Least spread of a month's logarithm (10 %): equal months would make every other one infinite."""
LEAST_ORDERS: Final = 0.5
"""The least usual number of orders a week: of a thing never ordered, one order is no wonder."""
_EPOCH: Final = date(1970, 1, 1).toordinal()


class Buying(msgspec.Struct, frozen=True):
    """What peers buy of one goods: ``quantity`` is of log(1 + base units a month), ``orders`` of orders a week.

    ``thirty_days`` is of log(1 + the most base units of any thirty days that end in a month); models of old have
    none.
    """

    quantity: Spread
    orders: Spread
    units: int
    thirty_days: Spread | UnsetType = UNSET


class Habits(msgspec.Struct, frozen=True):
    """The published table of a category, and what clean history scored.

    ``buying`` is by goods, and by goods/roles where units of those activities are enough. ``season`` are factors
    of January to December; empty where less than a year was seen. ``own`` and ``peers`` are clean
    scores of months, ``orders`` and ``peer_orders`` of weeks, against the unit's own habit and its peers'; ``km``
    are distances of first trades: each in ascending order. ``dependence`` says of each of them by its name of how
    many units it is and what it is worth; models of old have none: theirs are of calendar months alone, each taken
    for one.
    """

    buying: tuple[tuple[str, Buying], ...] = ()
    season: tuple[float, ...] = ()
    own: tuple[float, ...] = ()
    peers: tuple[float, ...] = ()
    orders: tuple[float, ...] = ()
    peer_orders: tuple[float, ...] = ()
    km: tuple[float, ...] = ()
    dependence: tuple[tuple[str, Dependence], ...] | UnsetType = UNSET

    def of(self, goods: str, roles: str) -> Buying | None:
        """What peers buy of a goods: those of the same activities, else all that buy it, else not known."""
        table = dict(self.buying)
        return table.get(f"{goods}/{roles}", table.get(goods))

    def factor(self, month: int) -> float:
        """The season's factor of a month (months since January 1970); 1 where no season is known."""
        return self.season[month % 12] if self.season else 1.0

    def over(self, days: range) -> float:
        """The season's factor of some civil days: of each month's as much as it has of them."""
        if not self.season:
            return 1.0
        first, last = month_of(days.start), month_of(days.stop - 1)
        ends = (days.start, *(first_of(month) for month in range(first + 1, last + 1)), days.stop)
        lengths = [until - since for since, until in pairwise(ends)]
        return sum(self.factor(first + nth) * length for nth, length in enumerate(lengths)) / len(days)

    def hangs_together(self, which: str) -> Dependence | None:
        """How one kind of clean scores hangs together; None in a model of old."""
        return None if self.dependence is UNSET else dict(self.dependence).get(which)


@lru_cache(maxsize=65_536)
def month_of(day: int) -> int:
    """The month of a civil day, counted from January 1970.

    >>> month_of(0), month_of(31), month_of(20_577)
    (0, 1, 676)
    """
    on = date.fromordinal(day + _EPOCH)
    return (on.year - 1970) * 12 + on.month - 1


def first_of(month: int) -> int:
    """The first civil day of a month.

    >>> first_of(0), first_of(1), month_of(first_of(676))
    (0, 31, 676)
    """
    return date(1970 + month // 12, month % 12 + 1, 1).toordinal() - _EPOCH


def unusual(months: Sequence[float], quantity: float) -> float | None:
    """How unusual a month's quantity is after a unit's earlier months (oldest first): 0 unless it surpasses each
    of the last six; then robust deviations of its logarithm from the median of months with any. None while few.

    >>> unusual([100, 110], 500), unusual([100, 110, 90, 105], 110)
    (None, 0.0)
    >>> round(unusual([100, 110, 90, 105], 500) or 0, 1)
    15.8
    """
    if sum(one > 0 for one in months[-MOST_MONTHS:]) < FEWEST_MONTHS:
        return None
    if quantity <= max(months[-HALF_YEAR:]):
        return 0.0
    logs = [math.log1p(one) for one in months[-MOST_MONTHS:] if one > 0]
    median = middle(logs)
    spread = 1.4826 * middle(abs(one - median) for one in logs)
    return (math.log1p(quantity) - median) / max(spread, LEAST_SPREAD)


def frequent(weeks: Sequence[int], orders: int, factor: float = 1.0) -> float | None:
    """−log₁₀ of the chance of so many orders in a week, or more, after a unit's earlier weeks; None while few.

    >>> frequent([3, 2, 3], 9) is None, round(frequent([3, 2, 3, 4, 3, 3], 4) or 0, 1)
    (True, 0.5)
    >>> round(frequent([3, 2, 3, 4, 3, 3], 14) or 0, 1)
    4.1
    """
    if len(weeks) < FEWEST_WEEKS:
        return None
    usual = middle(weeks)
    spread = 1.4826 * middle(abs(one - usual) for one in weeks)
    return rarity(usual * factor, spread * factor, orders, weeks=len(weeks))


def crowded(peers: Buying, orders: int, factor: float = 1.0) -> float:
    """−log₁₀ of the chance that a peer orders so often in a week, or more often."""
    usual, spread = peers.orders.median * factor, 1.4826 * peers.orders.mad * factor
    return rarity(usual, spread, orders, weeks=CROWD)


def weeks_of(daily: Sequence[int]) -> list[int]:
    """The sums of the whole weeks that end with the last day, oldest first.

    >>> weeks_of([9, 1, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0])
    [2, 2]
    """
    whole = len(daily) // 7
    begins = len(daily) - 7 * whole
    return [sum(daily[begins + 7 * week : begins + 7 * week + 7]) for week in range(whole)]


def rarity(usual: float, spread: float, orders: int, *, weeks: int) -> float:
    """−log₁₀ P(X ≥ orders): X is Poisson about the usual number, or negative binomial where weeks vary by more.

    The variance is widened by what the median of so many weeks is itself uncertain (π/2 of it, over their number).
    """
    mean = max(usual, LEAST_ORDERS)
    variance = max(mean, spread * spread) * (1.0 + math.pi / (2.0 * weeks))
    size = mean * mean / (variance - mean)
    share = size / (size + mean)
    log = math.lgamma(orders + size) - math.lgamma(size) - math.lgamma(orders + 1)
    log += size * math.log(share) + orders * math.log1p(-share)
    tail, term, n = 0.0, 1.0, orders
    while term > 1e-12 * (tail or 1.0):
        tail += term
        term *= (n + size) / (n + 1) * (1.0 - share)
        n += 1
    return max(0.0, -(log + math.log(tail)) / math.log(10.0))
