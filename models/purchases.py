"""Clean purchases in, the table of what is usual and its clean scores out.

Law: a function of the set of purchases; the order in which they come is no matter. What calibrates is a month or a
week of a unit that the table never saw: the units are dealt into folds, and each is held against a table of the
others. The table that is kept is of all of them.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
import numpy as np

from models.baseline import CROWD, Spread, middle
from models.calibrate import FOLDS, Dependence, deal, hang_together
from models.habits import (
    DAYS,
    FEWEST_WEEKS,
    Buying,
    Habits,
    crowded,
    frequent,
    month_of,
    unusual,
    weeks_of,
)
from models.thirty_days import Peak, ThirtyDays, bought, ended_before, reach, turned

KINDS: Final = ("own", "peers", "orders", "peer_orders", "km")
"""The kinds of clean scores that a table carries."""
Scores = list[tuple[float, str]]
"""Scores, and the unit that each is of."""


class Bought(msgspec.Struct, frozen=True):
    """What one unit bought of one goods in clean history: ``orders`` are (civil day, base units) in order."""

    unit: str
    roles: str
    goods: str
    orders: tuple[tuple[int, int], ...]


class Met(msgspec.Struct, frozen=True):
    """A first trade in clean history: whose, and how far away the other side is."""

    unit: str
    km: float


def habits(purchases: Iterable[Bought], met: Iterable[Met], until_day: int) -> Habits:
    """The table and clean scores of a category; months and weeks that ``until_day`` cuts short are left out."""
    series = _in_order(purchases, until_day)
    found = _scores(series, met)
    clean = {kind: tuple(sorted(round(score, 6) for score, _ in found[kind])) for kind in KINDS}
    dependence = tuple((kind, _dependence(found[kind])) for kind in KINDS)
    return msgspec.structs.replace(_table(series), **clean, dependence=dependence)


def clean_scores(purchases: Iterable[Bought], met: Iterable[Met], until_day: int) -> Mapping[str, Scores]:
    """The clean scores by kind, each with its unit."""
    return _scores(_in_order(purchases, until_day), met)


def _in_order(purchases: Iterable[Bought], until_day: int) -> list[_Series]:
    return [_Series(one, until_day) for one in sorted(purchases, key=lambda one: (one.unit, one.goods))]


def _scores(series: Sequence[_Series], met: Iterable[Met]) -> dict[str, Scores]:
    """Each unit's scores against a table of the other folds'."""
    found: dict[str, Scores] = {kind: [] for kind in KINDS}
    found["km"] = [(one.km, one.unit) for one in met]
    number = deal(one.of.unit for one in series)
    for fold in range(FOLDS):
        held = [one for one in series if number[one.of.unit] % FOLDS == fold]
        if held:
            others = _table([one for one in series if number[one.of.unit] % FOLDS != fold])
            for one in held:
                _score(one, others, found)
    return found


def _table(series: Sequence[_Series]) -> Habits:
    """What is usual among some units, by goods and by goods and activities, where months are enough."""
    season = _season(series)
    of: dict[str, list[_Series]] = defaultdict(list)
    for one in series:
        of[one.of.goods].append(one)
        of[f"{one.of.goods}/{one.of.roles}"].append(one)
    crowds = {name: own for name, own in of.items() if sum(len(one.months) for one in own) >= CROWD}
    seasonal = Habits(season=season)
    return Habits(tuple(sorted((name, _buying(own, seasonal)) for name, own in crowds.items())), season)


def _score(one: _Series, table: Habits, found: Mapping[str, Scores]) -> None:
    """What a unit's months and weeks score against its own and against a table that it is not in."""
    usual, unit = table.of(one.of.goods, one.of.roles), one.of.unit
    thirty = one.most_unusual(table)
    even = [total / table.factor(month) for month, total in one.months]
    for at, (month, _) in enumerate(one.months):
        both = [score for score in (unusual(even[:at], even[at]), thirty.get(month)) if score is not None]
        if both:
            found["own"].append((max(both), unit))
    found["orders"] += [(score, unit) for score in one.rarest()]
    if usual is not None:
        found["peers"] += [(score, unit) for score in _against(usual, even, one.peaks_in(table))]
        found["peer_orders"] += [(score, unit) for score in one.most_crowded(usual)]


def _against(usual: Buying, months: Sequence[float], peaks: Sequence[float]) -> Iterable[float]:
    """Each month, or the most of any thirty days that end in it, whichever is farther above what peers buy."""
    thirty = usual.thirty_days
    for month, peak in zip(months, peaks, strict=True):
        far = usual.quantity.distance(math.log1p(month))
        yield max(0.0, far, far if isinstance(thirty, msgspec.UnsetType) else thirty.distance(math.log1p(peak)))


def _dependence(scores: Scores) -> Dependence:
    """How some scores hang together. Of equal ones a unit's second comes after every unit's first, so that no depth
    within them finds a unit crowded that is not."""
    seen: Counter[tuple[float, str]] = Counter()
    placed = []
    for score, unit in sorted(scores, key=lambda one: one[1]):
        placed.append((-round(score, 6), seen[score, unit], unit))
        seen[score, unit] += 1
    number = {unit: place for place, unit in enumerate(sorted({unit for _, unit in scores}))}
    return hang_together(np.array([number[unit] for _, _, unit in sorted(placed)], dtype=np.intp))


class _Series:
    """A unit's buying of one goods as whole months and weeks, those without an order included."""

    __slots__ = ("daily", "days", "months", "of")

    def __init__(self, of: Bought, until_day: int) -> None:
        self.of = of
        totals: dict[int, int] = defaultdict(int)
        first = of.orders[0][0]
        self.daily = [0] * max(0, until_day - first)
        self.days: dict[int, int] = defaultdict(int)
        for day, amount in of.orders:
            totals[month_of(day)] += amount
            self.days[day] += amount
            if day < until_day:
                self.daily[day - first] += 1
        begins = month_of(first) + 1  # the first month may have begun before the unit did
        self.months = [(month, totals[month]) for month in range(begins, month_of(until_day))]

    def thirty_days(self) -> Iterable[tuple[int, ThirtyDays]]:
        """Each day with an order in a whole month or the one before them, and the thirty days up to it."""
        known, last = ThirtyDays(), month_of(self.of.orders[0][0])
        first, until = last, last + 1 + len(self.months)
        for day in sorted(self.days):
            month = month_of(day)
            if month >= until:
                return
            if month > last:
                known = turned(known, whole=last > first, idle=month - last - 1, told=False)
                last = month
            known = bought(known, day, self.days[day])
            yield day, known

    def most_unusual(self, table: Habits) -> dict[int, float]:
        """By month the most unusual thirty days that reach over its beginning, against those of earlier months."""
        found: dict[int, float] = {}
        for day, known in self.thirty_days():
            over = reach(day)
            if over.ends:
                earlier = [_even(peak, table) for peak in ended_before(known, over.ends)]
                score = unusual(earlier, known.total / table.over(over.days)) if earlier else None
                if score is not None:
                    found[month_of(day)] = max(found.get(month_of(day), 0.0), score)
        return found

    def peaks_in(self, table: Habits) -> list[float]:
        """The most of any thirty days that end in each whole month, made even for the season."""
        most = {month_of(day): known.peak for day, known in self.thirty_days()}
        return [_even(most.get(month, (0, 0)), table) for month, _ in self.months]

    def rarest(self) -> list[float]:
        """The rarest moment of each week: every day with an order is held against the weeks before it."""
        found: dict[int, float] = {}
        for day, count in enumerate(self.daily):
            weeks = weeks_of(self.daily[max(0, day + 1 - DAYS) : day + 1])
            if len(weeks) > FEWEST_WEEKS:
                score = frequent(weeks[:-1], weeks[-1]) if count else None
                found[day // 7] = max(found.get(day // 7, 0.0), score or 0.0)
        return list(found.values())

    def most_crowded(self, usual: Buying) -> list[float]:
        """The same against peers: the seven days of each week's days with an order."""
        found: dict[int, float] = {}
        for day, count in enumerate(self.daily[: len(self.daily) // 7 * 7]):
            score = crowded(usual, sum(self.daily[max(0, day - 6) : day + 1])) if count else 0.0
            found[day // 7] = max(found.get(day // 7, 0.0), score)
        return list(found.values())


def _even(peak: Peak, table: Habits) -> float:
    total, day = peak
    return total / table.over(reach(day).days) if total else 0.0


def _buying(series: Sequence[_Series], season: Habits) -> Buying:
    logs = [math.log1p(total / season.factor(month)) for one in series for month, total in one.months]
    return Buying(
        quantity=_spread(logs),
        orders=_spread([float(week) for one in series for week in weeks_of(one.daily)]),
        units=len({one.of.unit for one in series}),
        thirty_days=_spread([math.log1p(peak) for one in series for peak in one.peaks_in(season)]),
    )


def _season(series: Iterable[_Series]) -> tuple[float, ...]:
    """What each month of the year is to a unit's median month, in the middle of all units; () below a year."""
    shares: dict[int, list[float]] = defaultdict(list)
    for one in series:
        usual = middle(total for _, total in one.months) if len(one.months) >= 12 else 0.0
        for month, total in one.months if usual else ():
            shares[month % 12].append(total / usual)
    if len(shares) < 12 or min(map(len, shares.values())) < CROWD:
        return ()
    return tuple(round(max(middle(shares[month]), 0.1), 3) for month in range(12))


def _spread(values: list[float]) -> Spread:
    median = middle(values) if values else 0.0
    return Spread(median, middle(abs(value - median) for value in values) if values else 0.0)
