"""Training: clean histories in, an artefact out.

Law: a function of the set of histories, the window and the seed; the order in which histories come is no
matter. What calibrates is a day of a unit that forest and peers never saw: the units are dealt into folds, and each
fold's days are scored by what was grown on the others. The forest that is kept is grown on all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.artefact import FORMAT, Artefact, Card
from models.baseline import EVERYBODY, Peers, publish
from models.calibrate import FEWEST_UNITS, FOLDS, Dependence, Units, deal, hang_together
from models.features import STANDARD, FeatureSpec, Floats, rows
from models.forest import flatten, score, train
from models.habits import Habits
from models.unit_day import UnitDay

if TYPE_CHECKING:
    from sklearn.ensemble import IsolationForest

FINENESS = 2.0**20
"""Clean scores are rounded up to so many parts of one: they pack, and no processor's last digit names a model."""
SILENT = 100
"""One row of so many shows what a share that never varied would look like if it did."""
FEWEST = 50
"""Fewest rows that grow a forest worth the name."""
STRATUM = 1_200
"""Fewest clean scores on which a segment's threshold rests alone. One in a thousand at 90 % takes 2,302 independent
ones: with fewer the highest of them is the threshold."""


class History(msgspec.Struct, frozen=True):
    """One unit's clean days in order, all of one measure; `segment` names its peers."""

    unit: str
    segment: str
    days: tuple[UnitDay, ...]


class Growth(msgspec.Struct, frozen=True):
    """How a forest is grown: seed, number of trees, rows a tree."""

    seed: int
    trees: int = 100
    psi: int = 256


class TooLittle(ValueError):
    """The histories give too few rows for a forest."""


def fit(
    histories: Iterable[History],
    *,
    window: tuple[int, int],
    growth: Growth,
    spec: FeatureSpec = STANDARD,
    habits: Habits | None = None,
) -> Artefact:
    """Grow, calibrate and describe a forest; `window` is the training time [from, until) in microseconds.

    Each segment with enough clean scores of its own is calibrated by them: where the tail of all scores lies in
    one segment, one threshold for all would be that segment's alone.
    """
    ordered = sorted(histories, key=lambda history: (history.unit, history.segment))
    if len({(history.unit, history.segment) for history in ordered}) < len(ordered):
        raise ValueError("two histories of one unit in one segment: their days must be one history")
    grown = _grow(ordered, growth, spec)
    clean = _calibrate(ordered, growth, spec)
    strata = _strata(clean)
    card = Card(
        format=FORMAT,
        spec=spec,
        peers=grown.peers,
        window=window,
        data=blake2b(msgspec.msgpack.encode(ordered), digest_size=16).hexdigest(),
        rows=len(grown.table),
        seed=growth.seed,
        trees=growth.trees,
        psi=growth.psi,
        habits=habits,
        dependence=tuple((name, one.dependence) for name, one in ((EVERYBODY, clean), *strata.items())),
    )
    return Artefact(
        forest=grown.forest,
        card=card,
        clean=clean.ascending,
        usual=np.median(grown.table, axis=0),
        strata={name: one.ascending for name, one in strata.items()},
    )


@dataclass(frozen=True, slots=True)
class _Grown:
    """What some histories yield: the table of peers, the rows, and the forest grown on them."""

    peers: Peers
    table: Floats
    forest: IsolationForest


def _grow(histories: Sequence[History], growth: Growth, spec: FeatureSpec) -> _Grown:
    samples = [(history.segment, day) for history in histories for day in history.days if day.count]
    if not samples:
        raise TooLittle("no unit-day with any event")
    peers = publish(samples)
    found = [row for one in histories for _, row in rows(one.days, peers.of(one.segment), spec)]
    if len(found) < FEWEST:
        raise TooLittle(f"{len(found)} rows are too few for a forest, {FEWEST} are needed")
    table = np.array(found)
    forest = train(with_silent(table, spec), seed=growth.seed, trees=growth.trees, psi=growth.psi)
    return _Grown(peers, table, forest)


@dataclass(frozen=True, slots=True)
class _Clean:
    """Clean scores, the strangest first, and of each the unit (a number) and the segment."""

    scores: Floats
    units: Units
    segments: NDArray[np.str_]

    def of(self, segment: str) -> _Clean:
        """Those of one segment."""
        own = self.segments == segment
        return _Clean(self.scores[own], self.units[own], self.segments[own])

    @property
    def ascending(self) -> Floats:
        """The scores as they are kept."""
        return self.scores[::-1].copy()

    @property
    def dependence(self) -> Dependence:
        """How the scores hang together, rounded up."""
        return hang_together(self.units)


def _calibrate(histories: Sequence[History], growth: Growth, spec: FeatureSpec) -> _Clean:
    """Every scored day of every unit, by a forest and peers that never saw the unit; none of a single unit."""
    number = deal(history.unit for history in histories)
    scores = [np.empty(0)]
    units: list[int] = []
    segments: list[str] = []
    for fold in range(min(FOLDS, len(number)) if len(number) > 1 else 0):
        grown = _grow([one for one in histories if number[one.unit] % FOLDS != fold], growth, spec)
        held = [one for one in histories if number[one.unit] % FOLDS == fold]
        found = [(row, one) for one in held for _, row in rows(one.days, grown.peers.of(one.segment), spec)]
        if found:
            scores.append(score(flatten(grown.forest), np.array([row for row, _ in found])))
            units += [number[one.unit] for _, one in found]
            segments += [one.segment for _, one in found]
    clean = np.ceil(np.concatenate(scores) * FINENESS) / FINENESS
    order = np.lexsort((np.array(units, dtype=np.intp), -clean))
    return _Clean(clean[order], np.array(units, dtype=np.intp)[order], np.array(segments, dtype=np.str_)[order])


def _strata(clean: _Clean) -> dict[str, _Clean]:
    """The clean scores of each segment that has enough, of enough units."""
    own = {str(name): clean.of(str(name)) for name in np.unique(clean.segments) if name != EVERYBODY}
    return {
        name: found
        for name, found in own.items()
        if len(found.scores) >= STRATUM and found.dependence.units >= FEWEST_UNITS
    }


def with_silent(table: Floats, spec: FeatureSpec) -> Floats:
    """The rows that grow a forest: the table, and for each share that never varied in it a few rows where it does.

    A tree never splits on a column that is constant: without these, a night full of work would look like any day
    to a forest grown where nobody worked at night. They are rows of the table, evenly chosen, with the share
    spread evenly over (0, 1); they calibrate nothing.
    """
    few = max(1, len(table) // SILENT)
    parts = [table]
    for column, feature in enumerate(spec.features):
        if feature.unit == "ratio" and np.ptp(table[:, column]) == 0.0:
            extra = table[np.arange(few) * len(table) // few]
            extra[:, column] = (np.arange(few) + 0.5) / few
            parts.append(extra)
    return np.concatenate(parts)
