"""Training: clean histories in, an artefact out.

Law: a function of the set of histories, the window and the seed; the order in which histories come is no
matter. Rows that calibrate never grow the forest: each unit's weeks are dealt to one or the other, so that
a day and its near-copies of the same week stay together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b

import msgspec
import numpy as np

from models.artefact import FORMAT, Artefact, Card
from models.baseline import EVERYBODY, publish
from models.features import STANDARD, FeatureSpec, Floats, rows
from models.forest import flatten, score, train
from models.habits import Habits
from models.unit_day import UnitDay, fingerprint

HELD_OUT = 3
"""Of ten weeks, how many calibrate."""
SILENT = 100
"""One row of so many shows what a share that never varied would look like if it did."""
FEWEST = 50
"""Fewest rows that grow a forest worth the name."""
STRATUM = 1_200
"""Fewest clean scores on which a segment's threshold rests alone. One in a thousand at 90 % takes 2,302: with fewer
the highest of them is the threshold."""


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
    samples = [(history.segment, day) for history in ordered for day in history.days if day.count]
    if not samples:
        raise TooLittle("no unit-day with any event")
    peers = publish(samples)
    growing: list[Floats] = []
    holding: list[Floats] = []
    whose: list[str] = []
    for history in ordered:
        for day, row in rows(history.days, peers.of(history.segment), spec):
            if _held_out(history.unit, day):
                holding.append(row)
                whose.append(history.segment)
            else:
                growing.append(row)
    if len(growing) < FEWEST:
        raise TooLittle(f"{len(growing)} rows are too few for a forest, {FEWEST} are needed")
    table = np.array(growing)
    forest = train(with_silent(table, spec), seed=growth.seed, trees=growth.trees, psi=growth.psi)
    scores = score(flatten(forest), np.array(holding)) if holding else np.empty(0)
    card = Card(
        format=FORMAT,
        spec=spec,
        peers=peers,
        window=window,
        data=blake2b(msgspec.msgpack.encode(ordered), digest_size=16).hexdigest(),
        rows=len(growing),
        seed=growth.seed,
        trees=growth.trees,
        psi=growth.psi,
        habits=habits,
    )
    return Artefact(
        forest=forest,
        card=card,
        clean=np.sort(scores),
        usual=np.median(table, axis=0),
        strata=_strata(scores, whose),
    )


def _strata(scores: Floats, whose: Sequence[str]) -> dict[str, Floats]:
    """The clean scores of each segment that has enough, ascending."""
    owners = np.array(whose)
    own = {name: np.sort(scores[owners == name]) for name in sorted(set(whose))}
    return {name: found for name, found in own.items() if len(found) >= STRATUM and name != EVERYBODY}


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


def _held_out(unit: str, day: UnitDay) -> bool:
    return fingerprint(f"{unit}/{(day.day + 3) // 7}") % 10 < HELD_OUT
