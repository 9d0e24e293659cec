"""A threshold-only what-if over ten million scored unit-days: two sets of E7's terms, and what differs.

Mix: 27,400 strands of a year, 84 counties in 9 prefectures, two categories with a model each of 20,000 clean
scores, one unit and one area with terms of their own; budgets of 2 and of 5 false alarms in a thousand. The
columns' own answer is checked against the slow twin on a sample of strands. Run `python -m benchmarks what-if`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from benchmarks.figure import Figure, WrongAnswer
from benchmarks.plain_what_if import plainly
from benchmarks.province import Watch
from events.time import day_start
from models.calibrate import Budget
from models.scored import COLUMNS, FORMAT, Scored, checked
from models.whatif import Policy, Raised, Terms, counted, difference, population, raise_under
from streams.scored_file import read_scored, write_scored

MANY: Final = 10_000_000
FEW: Final = 50_000
SAMPLED: Final = 40
"""Strands that the slow twin goes through."""
FIRST_DAY: Final = 20_089
PRESENT: Final = Terms(Budget(2.0, 1_000.0, 0.9), 3)
PROPOSED: Final = Terms(Budget(5.0, 1_000.0, 0.9), 3)
CLEAN: Final = 20_000


class Told(Struct, frozen=True):
    """Terms for all, and those of some areas and units."""

    usual: Terms
    areas: Mapping[str, Terms] = {}
    named: Mapping[str, Terms] = {}

    @property
    def units(self) -> frozenset[str]:
        """The units named."""
        return frozenset(self.named)

    def terms(self, category: str, areas: tuple[str, ...], unit: str) -> Terms:
        """The unit's, else the nearest area's, else everybody's."""
        found = next((self.areas[area] for area in areas if area in self.areas), self.usual)
        return self.named.get(unit, found)


def measure(*, quick: bool = False) -> list[Figure]:
    """Make the columns, ask, check, and ask again from the file."""
    scored = made(FEW if quick else MANY)
    present = Told(PRESENT, named={"U7": replace(PRESENT, bridge_days=7)})
    proposed = Told(PROPOSED, areas={"350100": replace(PROPOSED, bridge_days=1)}, named=present.named)
    watch = Watch()
    among = population(scored)
    now, then = raise_under(scored, present, among), raise_under(scored, proposed, among)
    counts = [counted(scored, side, among) for side in (now, then)]
    gained, lost = difference(now, then)
    wall, cpu = watch.wall, watch.cpu
    for policy in (present, proposed):
        check(scored, policy)
    if [int(count.sum()) for count in counts] != [len(now), len(then)] or not len(gained):
        raise WrongAnswer("the warnings by week and county do not add up to the warnings")
    says = (
        f"CPU {cpu:.2f} s; {len(scored):,} unit-days, {len(scored.strand_unit):,} strands, "
        f"{len(scored.cell_chain)} cells; {len(now):,} warnings now, {len(then):,} then, "
        f"{len(gained):,} gained, {len(lost):,} lost"
    )
    return [
        Figure("what-if, two sets of terms", wall, "s", says),
        Figure("what-if, a scored unit-day", cpu / len(scored) * 1e9, "ns", "CPU"),
        _lax(scored, present),
        *_from_file(scored),
    ]


def _lax(scored: Scored, present: Policy) -> Figure:
    """The worst question: terms so lax that a fifth of all days are above the limit."""
    lax, watch = Told(replace(PROPOSED, budget=Budget(200.0, 1_000.0, 0.9))), Watch()
    among = population(scored)
    then = raise_under(scored, lax, among)
    difference(raise_under(scored, present, among), then)
    says = f"CPU {watch.cpu:.2f} s; 200 alarms in a thousand: {len(then):,} warnings"
    return Figure("what-if, a fifth of all days raised", watch.wall, "s", says)


def made(rows: int) -> Scored:
    """Scored unit-days as a year has them: strands of some 365 active days, in counties, with strange spells."""
    chance = np.random.default_rng(20261125)
    strands = max(rows // 365, 1)
    strand = np.arange(rows) * strands // rows
    begins = np.searchsorted(strand, np.arange(strands))
    # Each strand's days go up by one, now and then by more: weekends and idle days.
    steps = 1 + (chance.random(rows) < 0.1) * chance.integers(1, 4, rows)
    steps[begins] = 0
    along = np.cumsum(steps)
    day = FIRST_DAY + along - along[begins][strand]
    # Strange days come in spells of four: what bridges and ordinary days make of them is to be measured too.
    spell = np.convolve(chance.random(rows) < 0.001, np.ones(4))[:rows] > 0
    chains = [f"35{n % 9 + 1:02}{n + 1:02}/35{n % 9 + 1:02}00/350000" for n in range(84)]
    categories = ("chemicals", "explosives")
    clean = np.sort(chance.beta(9.0, 14.0, size=(2, CLEAN)), axis=1)
    score = np.minimum(chance.beta(9.0, 14.0, rows) + 0.3 * spell, 1.0)
    columns = {
        "strand": strand,
        "day": day,
        "score": score,
        "times": np.exp(chance.normal(0.0, 0.7, rows)),
        "even": score * chance.uniform(0.7, 1.0, rows),
        "cell": (strand * len(chains) * 2 // strands),
        "events": chance.integers(1, 30, rows),
        "strand_unit": [f"U{number}" for number in range(strands)],
        "strand_category": [categories[number * 2 // strands] for number in range(strands)],
        "strand_measure": ["mass"] * strands,
        "cell_category": [category for category in categories for _ in chains],
        "cell_model": [model for model, _ in enumerate(categories) for _ in chains],
        "cell_segment": ["*"] * (2 * len(chains)),
        "cell_chain": chains * 2,
        "model_digest": ["a", "b"],
        "model_effect": [1.0, 3.0],
        "model_clean": clean.ravel(),
        "model_from": [0, CLEAN, 2 * CLEAN],
        "day_first": [FIRST_DAY],
        "day_near": _near(int(day.max()) - FIRST_DAY + 1),
        "until": [day_start(int(day.max()) + 2)],
        "format": [FORMAT],
    }
    return checked({name: np.array(column, dtype=COLUMNS[name]) for name, column in columns.items()})


def _near(days: int) -> NDArray[np.int64]:
    """How near days off are: a festival of eight days every 354, and no others."""
    on = np.arange(days) % 354
    until, since = np.where(on < 8, 0, 354 - on), np.where(on < 8, on + 347, on - 7)
    return np.stack([until, since, until, since], axis=1).ravel()


def check(scored: Scored, policy: Policy) -> None:
    """Hold the columns' answer against the slow twin's on some strands, the named unit's among them."""
    strands = np.unique(np.append(np.linspace(0, len(scored.strand_unit) - 1, SAMPLED).astype(np.int64), 7))
    part = _of_strands(scored, strands)
    raised = raise_under(part, policy, population(part))
    if _rows(raised) != [(one.first, one.last, one.open) for one in plainly(part, policy).warned]:
        raise WrongAnswer("the warnings of the columns are not those of one unit-day after another")
    whole = raise_under(scored, policy, population(scored))
    kept = np.isin(scored.strand[whole.first], strands)
    if int(kept.sum()) != len(raised):
        raise WrongAnswer("the sampled strands raise other warnings among all the others")


def _of_strands(scored: Scored, strands: NDArray[np.int64]) -> Scored:
    rows = np.isin(scored.strand, strands)
    of_rows = ("strand", "day", "score", "times", "even", "cell", "events")
    return checked({name: c[rows] if name in of_rows else c for name, c in scored.columns().items()})


def _rows(raised: Raised) -> list[tuple[int, int, bool]]:
    return list(zip(raised.first.tolist(), raised.last.tolist(), raised.open.tolist(), strict=True))


def _from_file(scored: Scored) -> list[Figure]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "scored.npz"
        watch = Watch()
        digest = write_scored(path, scored)
        wrote = watch.wall
        watch = Watch()
        _, again = read_scored(path)
        took, cpu = watch.wall, watch.cpu
        if digest != again:
            raise WrongAnswer("the file does not hold what was written")
        size = path.stat().st_size / 1e6
    return [
        Figure("what-if, read and prove the file", took, "s", f"CPU {cpu:.2f} s; {size:,.0f} MB, digest checked"),
        Figure("what-if, write the file", wrote, "s"),
    ]
