"""What other terms of E7 would have raised, from scored unit-days alone: threshold, episodes, counts, difference.

Law: the episodes are those that E7 makes live under the same terms: a day is an outlier when its score is above the
limit of its model's clean scores for the budget in its cell, and no season explains it; outlier days of one strand
are one warning as long as no scored day between them is ordinary and each comes at most ``bridge_days`` after the
one before it. An episode is judged by the terms of each of its days, and told, or silenced, by those of its first.

How: rows stand by strand and day, so an episode is a run of neighbouring rows. Only rows above the lowest limit are
looked at: ten million rows cost one comparison each, and the few that are left do not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from events.time import Instant, civil_day, day_start, moment
from models.calibrate import Budget, limit
from models.scored import LEVELS, Scored
from models.season import Season

Rows = NDArray[np.intp]
Flags = NDArray[np.bool_]
Table = NDArray[np.float64]
MONDAY: Final = 3
"""1970-01-01 was a Thursday: the Monday of its week is day −3."""


class Terms(msgspec.Struct, frozen=True):
    """What E7 goes by in one place: the budget, which days belong together, whether it speaks at all.

    ``waits``: how long after the day is over it speaks, in microseconds; ``season``: what days off explain.
    """

    budget: Budget
    bridge_days: int
    enabled: bool = True
    waits: Instant = 0
    season: Season = Season()


class Policy(Protocol):
    """One set of terms; ``units`` are those that have terms of their own."""

    @property
    def units(self) -> frozenset[str]:
        """The units that the policy names."""
        ...

    def terms(self, category: str, areas: tuple[str, ...], unit: str) -> Terms:
        """The terms for a category, an area with its superiors (nearest first), and a unit."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Raised:
    """The warnings that one set of terms raises, in the order of strands and days.

    ``first`` and ``last`` are their rows; ``open`` says which have not ended when the log ends. ``budgeted`` is how
    many false alarms the terms bear, by week and cell, out of the days scored there.
    """

    first: Rows
    last: Rows
    open: Flags
    budgeted: Table

    def __len__(self) -> int:
        return len(self.first)


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """How many unit-days were scored, by ISO week (from ``week`` on, in weeks since 1970) and cell."""

    week: int
    days: int
    scored: Table


def population(scored: Scored) -> Population:
    """Count the scored unit-days; ``days`` is how many civil days they span."""
    cells = len(scored.cell_chain)
    if not len(scored):
        return Population(0, 0, np.zeros((0, cells)))
    first, last = int(scored.day.min()), int(scored.day.max())
    week = week_of(first)
    # One place a civil day and cell: a table of days is small, and rows are spared a division.
    place = scored.day.astype(np.int64)
    place -= first
    place *= cells
    place += scored.cell
    daily = np.bincount(place, minlength=(last - first + 1) * cells).reshape(-1, cells)
    weeks = (np.arange(first, last + 1) + MONDAY) // 7 - week
    found = np.zeros((week_of(last) - week + 1, cells))
    np.add.at(found, weeks, daily)
    return Population(week, last - first + 1, found)


def raise_under(scored: Scored, policy: Policy, among: Population) -> Raised:
    """The warnings of a policy over scored unit-days; ``among`` is their population."""
    named = list(_named(scored, policy.units))
    codes = [
        *((cell, "") for cell in range(len(scored.cell_chain))),
        *(code for one in named for code in one.codes),
    ]
    bars = _bars(scored, policy, codes)
    rows = np.flatnonzero(scored.score > (bars.limit.min() if codes else np.inf))
    code = scored.cell[rows].astype(np.intp)
    at = len(scored.cell_chain)
    for one in named:
        begin, end = np.searchsorted(rows, (one.begin, one.end))
        code[begin:end] = at + np.searchsorted(one.cells, code[begin:end])
        at += len(one.cells)
    outlier = scored.score[rows] > bars.limit[code]
    outlier &= ~_explained(scored, rows, code, bars)
    first, last = _runs(scored, rows[outlier], bars.bridge[code[outlier]])
    of = code[np.searchsorted(rows, first)]
    told = bars.enabled[of] & (scored.day[first] <= bars.told_until[of])
    bridge = bars.bridge[code[np.searchsorted(rows, last)]]
    is_open = _is_open(scored, last, bridge)
    return Raised(first[told], last[told], is_open[told], _budgeted(scored, bars.rate, named, among))


def difference(now: Raised, then: Raised) -> tuple[Rows, Rows]:
    """Which of ``then`` meet none of ``now`` (gained), and which of ``now`` meet none of ``then`` (lost).

    Two warnings meet when they share a day of a strand: the rest are the same, longer, shorter, joined or divided.
    """
    return np.flatnonzero(~_meets(then, now)), np.flatnonzero(~_meets(now, then))


def counted(scored: Scored, raised: Raised, among: Population) -> Table:
    """How many warnings begin, by week and cell."""
    return _begun(scored, raised, among, np.ones(len(raised)))


def outlier_days(scored: Scored, raised: Raised, among: Population) -> Table:
    """How many outlier days the warnings have that begin, by week and cell: what a budget of alarms is spent on."""
    return _begun(scored, raised, among, (raised.last - raised.first + 1).astype(np.float64))


def grouped(table: Table, names: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """A table by week and cell summed over the cells of each name, by name: its weeks."""
    known, of = np.unique(np.array(names, dtype=np.str_), return_inverse=True)
    found = np.zeros((len(known), len(table)))
    np.add.at(found, of, table.T)
    return {str(name): found[place] for place, name in enumerate(known)}


def chain(scored: Scored, cell: int) -> tuple[str, ...]:
    """A cell's county and its superiors on the day, nearest first."""
    return tuple(str(scored.cell_chain[cell]).split(LEVELS))


def week_of(day: int) -> int:
    """The number of the ISO week of a civil day; week 0 holds 1970-01-01.

    >>> week_of(0), week_of(3), week_of(4)
    (0, 0, 1)
    """
    return (day + MONDAY) // 7


def week_text(week: int) -> str:
    """An ISO week as people write it.

    >>> week_text(week_of(20_577))
    '2026-W19'
    """
    year, number, _ = moment(day_start(week * 7 - MONDAY)).isocalendar()
    return f"{year}-W{number:02}"


def _explained(scored: Scored, rows: Rows, code: Rows, bars: _Bars) -> Flags:
    """Which rows are ordinary once their times the usual are taken off, and the season allows as many."""
    if not len(rows):
        return np.zeros(0, dtype=bool)
    near = scored.near()
    allowed = np.array([[season.allows(day) for day in near] for season in bars.seasons])
    most = allowed[bars.season[code], scored.day[rows] - scored.day_first[0]]
    explained: Flags = (most > 1.0) & (scored.times[rows] <= most) & (scored.even[rows] <= bars.limit[code])
    return explained


@dataclass(frozen=True, slots=True)
class _Named:
    """The rows [begin, end) of one strand whose unit a policy names, and the cells that they are in."""

    unit: str
    begin: int
    end: int
    cells: Rows

    @property
    def codes(self) -> list[tuple[int, str]]:
        return [(cell, self.unit) for cell in self.cells.tolist()]


def _named(scored: Scored, units: frozenset[str]) -> Iterator[_Named]:
    for strand in np.flatnonzero(np.isin(scored.strand_unit, sorted(units))).tolist() if units else ():
        begin, end = np.searchsorted(scored.strand, np.array((strand, strand + 1), dtype=np.uint32)).tolist()
        cells = np.unique(scored.cell[begin:end]).astype(np.intp)
        yield _Named(str(scored.strand_unit[strand]), begin, end, cells)


@dataclass(frozen=True, slots=True)
class _Bars:
    """The terms of each code (a cell, or a cell for a named unit) as columns.

    ``told_until`` is a day, ``season`` a place in the seasons.
    """

    limit: NDArray[np.float64]
    rate: NDArray[np.float64]
    bridge: NDArray[np.int64]
    enabled: Flags
    told_until: NDArray[np.int64]
    season: Rows
    seasons: tuple[Season, ...]


def _bars(scored: Scored, policy: Policy, codes: Sequence[tuple[int, str]]) -> _Bars:
    until = int(scored.until[0])
    known: dict[tuple[str, str, str], Terms] = {}
    limits: dict[tuple[int, Budget], float] = {}
    seasons: dict[Season, int] = {}
    columns: list[tuple[float, float, int, bool, int, int]] = []
    for cell, unit in codes:
        place = (str(scored.cell_category[cell]), str(scored.cell_chain[cell]), unit)
        terms = known.get(place)
        if terms is None:
            terms = known[place] = policy.terms(place[0], chain(scored, cell), unit)
        model = int(scored.cell_model[cell])
        score = limits.get((model, terms.budget))
        if score is None:
            found = limit(scored.clean(model), terms.budget, scored.effects(model))
            score = limits[model, terms.budget] = np.inf if found is None else found.score
        rate = terms.budget.rate if terms.enabled else 0.0
        told, season = civil_day(until - terms.waits) - 1, seasons.setdefault(terms.season, len(seasons))
        columns.append((score, rate, terms.bridge_days, terms.enabled, told, season))
    score_, rate_, bridge, enabled, told_until, season_ = zip(*columns, strict=True) if columns else ((),) * 6
    return _Bars(
        np.array(score_, np.float64), np.array(rate_, np.float64), np.array(bridge, np.int64),
        np.array(enabled, np.bool_), np.array(told_until, np.int64), np.array(season_, np.intp), tuple(seasons),
    )  # fmt: skip


def _runs(scored: Scored, rows: Rows, bridge: NDArray[np.int64]) -> tuple[Rows, Rows]:
    """The first and last rows of each run of outlier rows."""
    strand, day = scored.strand[rows], scored.day[rows].astype(np.int64)
    goes_on = (rows[1:] == rows[:-1] + 1) & (strand[1:] == strand[:-1]) & (day[1:] - day[:-1] <= bridge[:-1])
    begins = np.concatenate((np.ones(min(len(rows), 1), np.bool_), ~goes_on))
    ends = np.concatenate((~goes_on, np.ones(min(len(rows), 1), np.bool_)))
    return rows[begins], rows[ends]


def _is_open(scored: Scored, last: Rows, bridge: NDArray[np.int64]) -> Flags:
    """Which runs may still go on: no scored day has come since, nor the day on which nothing could prolong them."""
    after = np.minimum(last + 1, len(scored) - 1)
    alone = (last + 1 == len(scored)) | (scored.strand[after] != scored.strand[last])
    flags: Flags = alone & (civil_day(int(scored.until[0])) < scored.day[last].astype(np.int64) + bridge + 1)
    return flags


def _begun(scored: Scored, raised: Raised, among: Population, each: NDArray[np.float64]) -> Table:
    found = np.zeros_like(among.scored)
    weeks = (scored.day[raised.first].astype(np.int64) + MONDAY) // 7 - among.week
    np.add.at(found, (weeks, scored.cell[raised.first]), each)
    return found


def _budgeted(scored: Scored, rate: NDArray[np.float64], named: Sequence[_Named], among: Population) -> Table:
    cells = len(scored.cell_chain)
    found: Table = among.scored * rate[:cells]
    at = cells
    for one in named:
        cell = scored.cell[one.begin : one.end].astype(np.intp)
        weeks = (scored.day[one.begin : one.end].astype(np.int64) + MONDAY) // 7 - among.week
        own = rate[at + np.searchsorted(one.cells, cell)]
        np.add.at(found, (weeks, cell), own - rate[cell])
        at += len(one.cells)
    return found


def _meets(these: Raised, those: Raised) -> Flags:
    """Which of these share a row with any of those; both are apart from each other and in order."""
    if not len(those):
        return np.zeros(len(these), np.bool_)
    at = np.searchsorted(those.last, these.first)
    inside = at < len(those)
    met: Flags = inside & (those.first[np.minimum(at, len(those) - 1)] <= these.last)
    return met
