"""What is usual: for a unit its own last active days, for its peers a published dated table.

Law: no unit's state is read while another is judged; peers are known only by the table in the model. A
unit's own baseline is bounded (28 days, 128 counterparties) and says None until it has seen enough days.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec

from models.unit_day import UnitDay

DAYS = 28
"""Active days that a unit's own baseline spans."""
KNOWN = 128
"""Counterparties remembered, the most recent first."""
CROWD = 30
"""Fewest unit-days that make a segment of its own; smaller ones are judged by everybody's table."""
EVERYBODY = "*"
NARROWEST = 0.05
"""Least spread of a logarithm (5 %): without it a segment of equal days makes every other day infinite."""
FARTHEST = 20.0
"""Distances are cut here; a tree cannot tell 20 from 200 anyway."""


class Active(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One earlier day on which the unit moved something: throughput in base units, and events."""

    day: int
    throughput: int
    events: int


class Trailing(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A unit's last active days, oldest first, and the counterparties it knows, latest first."""

    days: tuple[Active, ...] = ()
    parties: tuple[int, ...] = ()


def absorb(trailing: Trailing, day: UnitDay) -> Trailing:
    """The baseline after a closed day; days come in order, a day without events leaves no trace.

    >>> after = absorb(Trailing(), UnitDay(5, events=(1, 0, 0, 0, 0), totals=(300, 0, 0, 0, 0)))
    >>> after.days
    (Active(day=5, throughput=300, events=1),)
    """
    if day.count == 0:
        return trailing
    if trailing.days and day.day <= trailing.days[-1].day:
        raise ValueError(f"day {day.day} does not come after day {trailing.days[-1].day}")
    active = Active(day.day, day.throughput, day.count)
    known = (*day.parties, *(party for party in trailing.parties if party not in day.parties))
    return Trailing((*trailing.days, active)[-DAYS:], known[:KNOWN])


class Spread(msgspec.Struct, frozen=True, gc=False):
    """Median and median absolute deviation of a logarithm over a segment's unit-days."""

    median: float
    mad: float

    def distance(self, value: float) -> float:
        """Robust z of a value: deviations of 1.4826·MAD from the median, cut at ±`FARTHEST`.

        >>> round(Spread(2.0, 0.5).distance(3.4826), 6)
        2.0
        """
        z = (value - self.median) / max(1.4826 * self.mad, NARROWEST)
        return min(max(z, -FARTHEST), FARTHEST)


class Peer(msgspec.Struct, frozen=True, gc=False):
    """What unit-days of one segment look like; each is of log(1 + x)."""

    throughput: Spread
    events: Spread
    parties: Spread


class Peers(msgspec.Struct, frozen=True, gc=False):
    """The published table of segments, by name in ascending order; `EVERYBODY` is always there."""

    segments: tuple[tuple[str, Peer], ...]

    def of(self, segment: str) -> Peer:
        """The segment's peers, or everybody where the segment is too small to have a line."""
        table = dict(self.segments)
        return table.get(segment, table[EVERYBODY])


def publish(samples: Iterable[tuple[str, UnitDay]]) -> Peers:
    """Make the table from (segment, unit-day) samples of clean history; the order of samples is no matter."""
    groups: dict[str, list[UnitDay]] = {EVERYBODY: []}
    for segment, day in samples:
        groups[EVERYBODY].append(day)
        if segment != EVERYBODY:
            groups.setdefault(segment, []).append(day)
    if not groups[EVERYBODY]:
        raise ValueError("peers need at least one unit-day")
    kept = {name: days for name, days in groups.items() if name == EVERYBODY or len(days) >= CROWD}
    return Peers(tuple((name, _peer(kept[name])) for name in sorted(kept)))


def middle(values: Iterable[float]) -> float:
    """The median.

    >>> middle([3, 1, 2]), middle([1, 2, 3, 10])
    (2.0, 2.5)
    """
    ordered = sorted(values)
    half = len(ordered) // 2
    return float(ordered[half]) if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _peer(days: list[UnitDay]) -> Peer:
    return Peer(
        throughput=_spread([math.log1p(day.throughput) for day in days]),
        events=_spread([math.log1p(day.count) for day in days]),
        parties=_spread([math.log1p(len(day.parties)) for day in days]),
    )


def _spread(values: list[float]) -> Spread:
    median = middle(values)
    return Spread(median, middle(abs(value - median) for value in values))
