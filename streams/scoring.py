"""Scoring a log: every unit-day with its score by the model in force, as columns for "what if".

Law kept: the days, baselines, peers and models are those that E7 sees live, so the scores are the same bits; the
rows go through the forest in batches. A day is scored once it is over; one whose unit is warming up has no row.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from detectors.season import nearness
from detectors.unit_days import Strand, segment
from events.intake import encode
from events.log import Received, Tick
from events.registry import Category
from events.time import Instant, civil_day, day_start
from models.baseline import Trailing, absorb
from models.features import Baseline, times, vector
from models.forest import CHUNK, score
from models.scored import COLUMNS, FORMAT, LEVELS, Scored, checked
from models.season import Nearness
from streams.assembly import Places
from streams.days_moved import DaysMoved, Moved, last_of
from streams.founding import PROVIDER, model_entry

if TYPE_CHECKING:
    from models.artefact import Model
    from models.features import Floats

BATCH: Final = 8 * CHUNK
"""Rows of one model that are scored together."""
Cell = tuple[str, str, str, str]
"""Category, digest of the model, segment, areas: what days are judged alike by."""
K = TypeVar("K", Cell, tuple[str, Strand])


def scored(
    items: Iterable[Received | Tick],
    places: Places,
    models: Callable[[str], Model],
    named: Mapping[Category, str],
) -> Scored:
    """Score the unit-days of a log; ``named`` are models (digests) that stand for whatever is in force."""
    scoring = _Scoring(DaysMoved(places, models), models, named)
    for moved in scoring.walked.walk(items):
        for one in moved:
            scoring.take(one)
    return scoring.done()


def with_models(items: Iterable[Received | Tick], digests: Mapping[Category, str]) -> Iterator[Received | Tick]:
    """The log with models in force from its first record on, as an empty installation is founded with."""
    founded = False
    for item in items:
        if not founded:
            founded = True
            at = item.at if isinstance(item, Tick) else item.received_at
            for category, digest in digests.items():
                yield Received(encode(model_entry(category, digest, at, at)), PROVIDER, at)
        yield item


class _Scoring:
    """A log half scored: each strand's trailing days, the rows so far, and those that wait for their score."""

    def __init__(self, walked: DaysMoved, models: Callable[[str], Model], named: Mapping[Category, str]) -> None:
        self.walked, self._models, self._named = walked, models, named
        self._trailing: dict[tuple[str, Strand], Trailing] = {}
        self._strands: dict[tuple[str, Strand], int] = {}
        self._cells: dict[Cell, int] = {}
        self._strand, self._cell, self._events = array("q"), array("q"), array("q")
        self._day, self._score, self._times, self._even = array("q"), array("d"), array("d"), array("d")
        self._waiting: dict[str, list[tuple[int, Floats, Floats]]] = {}
        self._near: dict[int, Nearness] = {}

    def take(self, moved: Moved) -> None:
        """One strand's next day: a row where it can be scored, and a day of its baseline in any case."""
        place = moved.unit, moved.of
        trailing = self._trailing.get(place, Trailing())
        self._trailing[place] = absorb(trailing, moved.day)
        last = last_of(moved.day.day)
        if moved.day.day >= civil_day(self.walked.time):
            return
        model = self._model(moved.of[0], last)
        if model is None or not len(model.clean):
            return
        entry = self.walked.unit(moved.unit, last)
        peers = segment(moved.of, entry)
        base, off = Baseline(trailing, model.card.peers.of(peers)), times(moved.day, trailing)
        row, even = (vector(moved.day, base, model.card.spec, *one) for one in ((), (off,)))
        if row is None or even is None:
            return
        if moved.day.day not in self._near:
            self._near[moved.day.day] = nearness(self.walked.world.reference, last, moved.day.day)
        area = moved.area if entry is None else entry.area
        areas = LEVELS.join(self.walked.world.areas.chain(area, day_start(moved.day.day)))
        cell = (moved.of[0].value, model.digest, peers, areas)
        self._strand.append(self._strands.setdefault(place, len(self._strands)))
        self._cell.append(self._cells.setdefault(cell, len(self._cells)))
        self._day.append(moved.day.day)
        self._events.append(moved.day.count)
        self._times.append(off.most)
        self._score.append(0.0)
        self._even.append(0.0)
        waiting = self._waiting.setdefault(model.digest, [])
        waiting.append((len(self._score) - 1, row, even))
        if len(waiting) >= BATCH:
            self._flush(model.digest)

    def done(self) -> Scored:
        """All rows, scored, by strand and day; strands, cells and models by name."""
        for digest in list(self._waiting):
            self._flush(digest)
        strands, strand = _sorted(self._strands, self._strand)
        cells, cell = _sorted(self._cells, self._cell)
        whose = [(digest, self._models(digest).stratum(peers)) for _, digest, peers, _ in cells]
        models = sorted(set(whose))
        cleans = [self._models(digest).clean_of(stratum) for digest, stratum in models]
        known = [self._models(digest).dependence(stratum).effects for digest, stratum in models]
        deepest = max(map(len, known), default=1)
        effects = [effect for of in known for effect in (*of, *of[-1:] * (deepest - len(of)))]
        day = np.array(self._day, dtype=np.int64)
        order = np.lexsort((day, strand))
        columns: dict[str, object] = {
            "strand": strand[order],
            "day": day[order],
            "score": np.array(self._score)[order],
            "times": np.array(self._times)[order],
            "even": np.array(self._even)[order],
            "cell": cell[order],
            "events": np.array(self._events)[order],
            "strand_unit": [unit for unit, _ in strands],
            "strand_category": [of[0].value for _, of in strands],
            "strand_measure": [of[1].value for _, of in strands],
            "cell_category": [one[0] for one in cells],
            "cell_model": [models.index(one) for one in whose],
            "cell_segment": [one[2] for one in cells],
            "cell_chain": [one[3] for one in cells],
            "model_digest": [digest for digest, _ in models],
            "model_effect": effects,
            "model_clean": np.concatenate((np.empty(0), *cleans)),
            "model_from": np.cumsum([0, *map(len, cleans)]),
            "day_first": [min(self._near, default=0)],
            "day_near": self._all_near(),
            "until": [self.walked.time],
            "format": [FORMAT],
        }
        return checked({name: np.array(column, dtype=COLUMNS[name]) for name, column in columns.items()})

    def _all_near(self) -> list[int]:
        """Until and since of every civil day from the first to the last with a row."""
        days = range(min(self._near), max(self._near) + 1) if self._near else range(0)
        found = (self._near.get(day, Nearness()) for day in days)
        return [number for near in found for number in (*near.festival, *near.days_off)]

    def _model(self, category: Category, at: Instant) -> Model | None:
        named = self._named.get(category)
        return self.walked.world.model(category, at) if named is None else self._models(named)

    def _flush(self, digest: str) -> None:
        waiting = self._waiting.pop(digest)
        flat = self._models(digest).flat
        plain, even = (score(flat, np.array([one[which] for one in waiting])).tolist() for which in (1, 2))
        for (place, _, _), one, other in zip(waiting, plain, even, strict=True):
            self._score[place], self._even[place] = one, min(one, other)


def _sorted(known: Mapping[K, int], of: array[int]) -> tuple[list[K], NDArray[np.int64]]:
    """The things known in their own order, and for each row its thing's place there."""
    names = sorted(known)
    places = np.empty(len(names), dtype=np.int64)
    for place, name in enumerate(names):
        places[known[name]] = place
    return names, places[np.array(of, dtype=np.int64)]
