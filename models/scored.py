"""Scored unit-days as columns: what E7's forests made of a log, kept so that thresholds can be asked about.

Law: rows stand by strand, then by day, so that neighbours of one strand are neighbours in the columns; the digest
is that of the content. Beside the rows stand everything that a threshold depends on: category, model with its clean
scores, and the area with its superiors as they were on the day. Asking "what if" needs nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from hashlib import blake2b
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.season import Near, Nearness

FORMAT: Final = 3
Texts = NDArray[np.str_]
LEVELS: Final = "/"
"""Between an area and its superior in ``cell_chain``."""

COLUMNS: Final[dict[str, str]] = {
    "strand": "<u4",
    "day": "<i4",
    "score": "<f8",
    "times": "<f8",
    "even": "<f8",
    "cell": "<u4",
    "events": "<u4",
    "strand_unit": "U",
    "strand_category": "U",
    "strand_measure": "U",
    "cell_category": "U",
    "cell_model": "<u4",
    "cell_segment": "U",
    "cell_chain": "U",
    "model_digest": "U",
    "model_effect": "<f8",
    "model_clean": "<f8",
    "model_from": "<i8",
    "day_first": "<i4",
    "day_near": "<i2",
    "until": "<i8",
    "format": "<i8",
}
"""Every column and its type; U is text, as wide as its widest."""


class ScoredRefused(ValueError):
    """These columns are not scored unit-days that this program takes; the message says why."""


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """A row for each unit-day that was scored, and the tables of strands, cells and models that rows point into.

    Rows: ``strand`` and ``cell`` are places in their tables, ``day`` counts Shanghai civil days from 1970-01-01,
    ``score`` is s(x) in (0, 1], ``events`` how many movements the day had; ``times`` how many times its usual it
    was, ``even`` the score once they are taken off, not over the plain one.
    Strands: the unit, category and measure whose days follow each other.
    Cells: what days are judged alike by: category, ``cell_model`` (a place in the models), segment of peers, and
    ``cell_chain``, the county and its superiors on the day, nearest first (350102/350100/350000).
    Models: digest, the design effects of the clean scores (of each model as many), and those scores of the n-th
    from ``model_from[n]`` to ``model_from[n + 1]``, ascending; a digest stands there once for everybody's scores
    and once for each segment that is calibrated by its own.
    Days: ``day_near`` has, for each civil day from ``day_first`` (one value) on, days until and since the Spring
    Festival, and days until and since three days off in a row (`models.season.Nearness`).
    ``until`` (one value): the instant that the log's time had come to, microseconds UTC.
    """

    strand: NDArray[np.uint32]
    day: NDArray[np.int32]
    score: NDArray[np.float64]
    times: NDArray[np.float64]
    even: NDArray[np.float64]
    cell: NDArray[np.uint32]
    events: NDArray[np.uint32]
    strand_unit: Texts
    strand_category: Texts
    strand_measure: Texts
    cell_category: Texts
    cell_model: NDArray[np.uint32]
    cell_segment: Texts
    cell_chain: Texts
    model_digest: Texts
    model_effect: NDArray[np.float64]
    model_clean: NDArray[np.float64]
    model_from: NDArray[np.int64]
    day_first: NDArray[np.int32]
    day_near: NDArray[np.int16]
    until: NDArray[np.int64]
    format: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.score)

    def clean(self, model: int) -> NDArray[np.float64]:
        """The clean scores of a model, in ascending order."""
        return self.model_clean[self.model_from[model] : self.model_from[model + 1]]

    def effects(self, model: int) -> tuple[float, ...]:
        """The design effects of a model's clean scores."""
        each = len(self.model_effect) // len(self.model_digest)
        return tuple(self.model_effect[model * each : (model + 1) * each].tolist())

    def near(self) -> list[Nearness]:
        """How near days off are to each civil day from ``day_first`` on."""
        table = self.day_near.reshape(-1, 4).tolist()
        return [Nearness(Near(*four[:2]), Near(*four[2:])) for four in table]

    def columns(self) -> dict[str, NDArray[Any]]:
        """Every column by its name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def digest(self) -> str:
        """What names the content, on whatever machine it was written."""
        digest = blake2b(digest_size=16)
        for name, column in self.columns().items():
            text = COLUMNS[name] == "U"
            digest.update(f"{name} {len(column)}\n".encode())
            digest.update("\0".join(column.tolist()).encode() if text else np.ascontiguousarray(column).data)
        return digest.hexdigest()


def checked(columns: dict[str, NDArray[Any]]) -> Scored:
    """The columns as scored unit-days; refused where one is missing, of another type, or points nowhere."""
    if columns.keys() != COLUMNS.keys():
        raise ScoredRefused(f"columns missing or unknown: {sorted(columns.keys() ^ COLUMNS.keys())}")
    for name, column in columns.items():
        kind = column.dtype.kind if COLUMNS[name] == "U" else column.dtype.str
        if kind != COLUMNS[name] or column.ndim != 1:
            raise ScoredRefused(f"column {name} is {column.dtype}, {column.ndim} dimensions: not {COLUMNS[name]}")
    found = Scored(**columns)
    if found.format.tolist() != [FORMAT]:
        raise ScoredRefused(f"format {found.format.tolist()} is not known here, only {FORMAT}")
    tables = (
        (found.score, found.times, found.even, found.strand, found.day, found.cell, found.events),
        (found.strand_unit, found.strand_category, found.strand_measure),
        (found.cell_chain, found.cell_category, found.cell_model, found.cell_segment),
        (found.until, found.format, found.day_first),
    )
    if any(len(column) != len(table[0]) for table in tables for column in table):
        raise ScoredRefused("columns of one table are of different lengths")
    if not (_within(found) and _in_order(found)):
        raise ScoredRefused("a row points to a strand, cell or model that is not there, or stands out of order")
    return found


def _within(found: Scored) -> bool:
    """Whether every row, cell and model points into its table."""
    below = (
        (found.strand, found.strand_unit),
        (found.cell, found.cell_chain),
        (found.cell_model, found.model_digest),
    )
    starts = found.model_from
    first, days = int(found.day_first[0]), len(found.day_near) // 4
    near = not len(found) or first <= int(found.day.min()) <= int(found.day.max()) < first + days
    pointed = all(not len(column) or int(column.max()) < len(table) for column, table in below)
    return (near and len(found.day_near) == 4 * days and pointed) and (
        len(starts) == len(found.model_digest) + 1
        and int(starts[0]) == 0
        and int(starts[-1]) == len(found.model_clean)
        and bool((starts[1:] > starts[:-1]).all())
        and len(found.model_effect) >= len(found.model_digest)
        and len(found.model_effect) % max(1, len(found.model_digest)) == 0
        and bool((found.model_effect >= 1.0).all())
    )


def _in_order(found: Scored) -> bool:
    """Whether rows stand by strand and day, each day once, with scores that are numbers."""
    above, below = found.strand[:-1], found.strand[1:]
    later = found.day[1:] > found.day[:-1]
    numbers = all(bool(np.isfinite(column).all()) for column in (found.score, found.times, found.even))
    return numbers and bool(((above < below) | ((above == below) & later)).all())
