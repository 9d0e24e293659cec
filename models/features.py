"""A unit-day as a row of numbers: which, in what order, under which names in Chinese and English.

Law: the row is a function of the day, the unit's own baseline and the published peers, and of nothing
else; the specification travels with the forest that was grown on it, and one that names a feature this
program cannot compute is refused. A unit without enough own days has no row (None), not a row of zeros.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.baseline import Peer, Trailing, absorb, middle
from models.unit_day import DIRECTIONS, UnitDay

Floats = NDArray[np.float64]


class Feature(msgspec.Struct, frozen=True):
    """One column: `unit` is what its numbers count, `zh` and `en` are for people."""

    name: str
    unit: str
    zh: str
    en: str


class FeatureSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """The columns in order. A unit has a row once it has `warm` own active days, and `span` days after the oldest.

    A unit that is known from working days alone would have its first weekends held against them.
    """

    version: str
    warm: int
    features: tuple[Feature, ...]
    span: int = 0

    def __post_init__(self) -> None:
        unknown = [feature.name for feature in self.features if feature.name not in COLUMNS]
        if unknown or len(set(self.names)) != len(self.features) or self.warm < 1 or self.span < 0:
            raise ValueError(f"feature specification {self.version!r} cannot be computed here: {unknown or self}")

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names in order."""
        return tuple(feature.name for feature in self.features)


class Baseline(msgspec.Struct, frozen=True):
    """What a day is held against: the unit's own earlier days and its peers."""

    trailing: Trailing
    peer: Peer


class Times(NamedTuple):
    """How many times its usual entries and its usual quantity a unit's day has."""

    events: float = 1.0
    quantity: float = 1.0

    @property
    def most(self) -> float:
        """The larger of both, once at least: what a season must allow for, to explain the day."""
        return max(1.0, *self)


ONCE: Final = Times()
"""As much as usual: nothing is taken off."""


class Seen(NamedTuple):
    """A day and its baseline, with what several columns need; ``times`` are taken off what depends on them."""

    day: UnitDay
    base: Baseline
    events: float
    throughput: float
    times: Times


def times(day: UnitDay, trailing: Trailing) -> Times:
    """A day with entries, against the medians of the unit's own active days before it.

    >>> from models.baseline import Active
    >>> before = Trailing((Active(1, 100, 2), Active(2, 300, 3), Active(3, 200, 9)))
    >>> times(UnitDay(4, events=(0, 6, 0, 0, 0), totals=(0, 1000, 0, 0, 0)), before)
    Times(events=2.0, quantity=5.0)
    >>> times(UnitDay(4, events=(0, 1, 0, 0, 0), totals=(0, 10, 0, 0, 0)), before).most
    1.0
    """
    if not trailing.days:
        return ONCE
    events, quantity = middle(d.events for d in trailing.days), middle(d.throughput for d in trailing.days)
    return Times(max(day.count, 1) / max(events, 1.0), max(day.throughput, 1) / max(quantity, 1.0))


def vector(day: UnitDay, baseline: Baseline, spec: FeatureSpec, off: Times = ONCE) -> Floats | None:
    """The day's row (float64, one value a feature), or None for an idle day or a unit still warming up.

    ``off`` are times that a season explains: the row is that of a day with so many times less, or more.
    """
    known = baseline.trailing.days
    if day.count == 0 or len(known) < spec.warm or day.day - known[0].day < spec.span:
        return None
    seen = Seen(day, baseline, day.count / off.events, day.throughput / off.quantity, off)
    return np.array([COLUMNS[feature.name](seen) for feature in spec.features], dtype=np.float64)


def rows(days: Iterable[UnitDay], peer: Peer, spec: FeatureSpec) -> Iterator[tuple[UnitDay, Floats]]:
    """A unit's days in order, each with its row against the days before it: what training feeds on."""
    trailing = Trailing()
    for day in days:
        row = vector(day, Baseline(trailing, peer), spec)
        if row is not None:
            yield day, row
        trailing = absorb(trailing, day)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _events(at: int) -> Callable[[Seen], float]:
    return lambda seen: math.log1p(seen.day.events[at] / seen.times.events)


def _quantity(at: int) -> Callable[[Seen], float]:
    return lambda seen: math.log1p(seen.day.totals[at] / seen.times.quantity)


def _net(seen: Seen) -> float:
    into, out, consumed, produced, _ = seen.day.totals
    return _share(into + produced - out - consumed, seen.day.throughput)


def _ratio(now: float, usual: float) -> float:
    return math.log((now + 1.0) / (usual + 1.0))


def _first_time(seen: Seen) -> float:
    known = set(seen.base.trailing.parties)
    return sum(party not in known for party in seen.day.parties) / max(1.0, seen.times.events)


def _parties(seen: Seen) -> float:
    """Between what so many times the entries leave of the parties and all: as near to the peers' as may be."""
    least, most = sorted((float(len(seen.day.parties)), len(seen.day.parties) / seen.times.events))
    return min(max(least, math.expm1(seen.base.peer.parties.median)), most)


def _mean(values: list[int]) -> float:
    return sum(values) / len(values)


COLUMNS: Final[dict[str, Callable[[Seen], float]]] = {
    **{f"events_{direction}": _events(i) for i, direction in enumerate(DIRECTIONS)},
    **{f"quantity_{direction}": _quantity(i) for i, direction in enumerate(DIRECTIONS)},
    "net_share": _net,
    "largest_share": lambda s: min(1.0, _share(s.day.largest, s.day.throughput) * s.times.events),
    "counterparties": _parties,
    "first_time": _first_time,
    "night_share": lambda s: _share(s.day.night, s.day.count),
    "corrected_share": lambda s: _share(s.day.corrected, s.day.count),
    "late_share": lambda s: _share(s.day.late, s.day.count),
    "round_share": lambda s: _share(s.day.rounded, s.day.count),
    "weekend": lambda s: float((s.day.day + 3) % 7 >= 5),
    "own_median": lambda s: _ratio(s.throughput, middle(d.throughput for d in s.base.trailing.days)),
    "own_mean": lambda s: _ratio(s.throughput, _mean([d.throughput for d in s.base.trailing.days])),
    "own_events": lambda s: _ratio(s.events, middle(d.events for d in s.base.trailing.days)),
    "peer_quantity": lambda s: s.base.peer.throughput.distance(math.log1p(s.throughput)),
    "peer_events": lambda s: s.base.peer.events.distance(math.log1p(s.events)),
    "peer_parties": lambda s: s.base.peer.parties.distance(math.log1p(_parties(s))),
}
"""How each feature is computed; 1970-01-01 was a Thursday."""

_ZH: Final = ("入库", "出库", "使用", "生产", "其他")
_EN: Final = ("received", "issued", "consumed", "produced", "other")

STANDARD: Final = FeatureSpec(
    version="unit-day-2",
    warm=5,
    span=14,
    features=(
        *(
            Feature(f"events_{d}", "log(1+n)", f"{zh}笔数", f"{en} entries")
            for d, zh, en in zip(DIRECTIONS, _ZH, _EN, strict=True)
        ),
        *(
            Feature(f"quantity_{d}", "log(1+base units)", f"{zh}数量", f"{en} quantity")
            for d, zh, en in zip(DIRECTIONS, _ZH, _EN, strict=True)
        ),
        Feature("net_share", "ratio", "净流入占比", "net inflow share"),
        Feature("largest_share", "ratio", "最大单笔占比", "share of the largest entry"),
        Feature("counterparties", "count", "往来单位数", "counterparties"),
        Feature("first_time", "count", "首次往来单位数", "first-time counterparties"),
        Feature("night_share", "ratio", "夜间（22–6时）占比", "share at night (22–06)"),
        Feature("corrected_share", "ratio", "更正占比", "share of corrections"),
        Feature("late_share", "ratio", "迟报占比", "share reported late"),
        Feature("round_share", "ratio", "整数量占比", "share of round quantities"),
        Feature("weekend", "0/1", "周末", "weekend"),
        Feature("own_median", "log ratio", "与本单位近期中位数之比", "against the unit's own median"),
        Feature("own_mean", "log ratio", "与本单位近期均值之比", "against the unit's own mean"),
        Feature("own_events", "log ratio", "笔数与本单位近期之比", "entries against the unit's own"),
        Feature("peer_quantity", "robust z", "数量与同类单位之差", "quantity against peers"),
        Feature("peer_events", "robust z", "笔数与同类单位之差", "entries against peers"),
        Feature("peer_parties", "robust z", "往来单位数与同类单位之差", "counterparties against peers"),
    ),
)
"""The unit-day features of version 2, which waits for two weeks; a change of any column is a new version."""
