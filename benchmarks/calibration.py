"""Whether thresholds keep their budgets: realised against budgeted false alarms, over many calibrations.

The realised share of clean things above a threshold is taken from the distribution itself, not from a sample: the
only chance in it is that of the calibration. Then the shipped models on a clean province that they were not grown
on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.figure import Figure
from models.calibrate import Budget, limit
from simulator import clean, known_areas, of_size, simulate
from streams.assembly import read_places
from streams.model_files import SHIPPED, model_loader, shipped
from streams.scoring import scored, with_models

Floats = NDArray[np.float64]
SEED: Final = 20_261_125
OTHER_SEED: Final = 77
"""Of the clean province: the shipped models were grown on seed 1."""
SHIPPED_BUDGET: Final = Budget(1.0, 1_000.0)
"""That of E7's policy."""


@dataclass(frozen=True, slots=True)
class Clean:
    """Clean scores: how they are drawn, and the true share of them above a threshold."""

    name: str
    draw: Callable[[np.random.Generator, int], Floats]
    above: Callable[[float], float]


def _two_segments(draw: np.random.Generator, count: int) -> Floats:
    """Nine in ten of a quiet segment, one in ten of a segment of four times the spread."""
    return np.where(draw.random(count) < 0.1, 4.0, 1.0) * draw.normal(size=count)


KINDS: Final = (
    Clean("Gaussian", lambda draw, count: draw.normal(size=count), lambda at: float(stats.norm.sf(at))),
    Clean("t, 3 degrees", lambda draw, count: draw.standard_t(3, count), lambda at: float(stats.t.sf(at, 3))),
    Clean("lognormal", lambda draw, count: draw.lognormal(size=count), lambda at: float(stats.lognorm.sf(at, 1.0))),
    Clean(
        "two segments, pooled",
        _two_segments,
        lambda at: float(0.9 * stats.norm.sf(at) + 0.1 * stats.norm.sf(at / 4.0)),
    ),
)


def measure(*, quick: bool = False) -> list[Figure]:
    """Shares of calibrations that broke their budget, realised ÷ budgeted, and the shipped models on clean days."""
    draws = 200 if quick else 2_000
    found = [figure for count in (2_302, 20_000) for kind in KINDS for figure in _calibrations(kind, count, draws)]
    found += _segments(draws)
    return found + ([] if quick else list(shipped_models()))


def broken(kind: Clean, count: int, draws: int, budget: Budget) -> tuple[float, float]:
    """The share of calibrations whose threshold breaks the budget, and the mean of realised ÷ budgeted."""
    draw = np.random.default_rng(SEED)
    rates = []
    for _ in range(draws):
        found = limit(np.sort(kind.draw(draw, count)), budget)
        assert found is not None
        rates.append(kind.above(found.score) / budget.rate)
    return float(np.mean(np.array(rates) > 1.0)), float(np.mean(rates))


def _calibrations(kind: Clean, count: int, draws: int) -> Iterator[Figure]:
    over, mean = broken(kind, count, draws, Budget(1.0, 1_000.0))
    about = f"one in a thousand at 90 %, {count:,} clean scores, {draws:,} calibrations, seed {SEED}"
    yield Figure(f"{kind.name}: budget broken", 100 * over, "%", about)
    yield Figure(f"{kind.name}: realised ÷ budgeted", mean, "", about)


def _segments(draws: int) -> Iterator[Figure]:
    """One threshold for two segments is the noisy one's alone: what each of them then really raises."""
    draw, budget = np.random.default_rng(SEED), Budget(1.0, 1_000.0)
    pooled, own = [], []
    for _ in range(draws):
        found = limit(np.sort(_two_segments(draw, 20_000)), budget)
        alone = limit(np.sort(4.0 * draw.normal(size=2_302)), budget)
        assert found is not None
        assert alone is not None
        pooled.append((stats.norm.sf(found.score), stats.norm.sf(found.score / 4.0)))
        own.append(stats.norm.sf(alone.score / 4.0))
    quiet, noisy = np.mean(np.array(pooled), axis=0) / budget.rate
    about = "a tenth of the scores has four times the spread; realised ÷ budgeted"
    yield Figure("quiet segment under the pooled threshold", float(quiet), "", about)
    yield Figure("noisy segment under the pooled threshold", float(noisy), "", about)
    yield Figure("noisy segment under its own threshold", float(np.mean(own)) / budget.rate, "", about)


def shipped_models(counties: int = 30, days: int = 60) -> Iterator[Figure]:
    """E7's shipped models on a clean province of another seed: days scored, and raised by either threshold."""
    sized = clean(of_size(known_areas(), counties=counties, units_per_county=9, days=days), OTHER_SEED)
    log = simulate(sized, positions=False).log
    models = model_loader((SHIPPED,))
    found = scored(with_models(log, shipped()), read_places(), models, {})
    pooled, own, of = Counter[str](), Counter[str](), Counter[str]()
    for row in range(len(found)):
        cell = int(found.cell[row])
        model = models(str(found.model_digest[found.cell_model[cell]]))
        segment, category = str(found.cell_segment[cell]), str(found.cell_category[cell])
        name = f"{category} {segment}{'' if segment in model.strata else f' (by {model.stratum(segment)})'}"
        both = (_limit(model.clean), _limit(model.clean_of(segment)))
        of[name] += 1
        pooled[name] += bool(found.score[row] > both[0])
        own[name] += bool(found.score[row] > both[1])
    about = f"clean province, {counties} counties, {days} days, seed {OTHER_SEED}; budget 2 in 1,000"
    for name in sorted(of):
        yield Figure(f"{name}: days scored", of[name], "days", about)
        yield Figure(f"{name}: pooled threshold", 1_000 * pooled[name] / of[name], "in 1,000")
        yield Figure(f"{name}: own threshold", 1_000 * own[name] / of[name], "in 1,000")
    yield Figure("all: own thresholds", 1_000 * own.total() / max(of.total(), 1), "in 1,000", about)


_LIMITS: dict[int, float] = {}


def _limit(scores: Floats) -> float:
    known = _LIMITS.get(id(scores))
    if known is None:
        found = limit(scores, SHIPPED_BUDGET)
        known = _LIMITS[id(scores)] = np.inf if found is None else found.score
    return known
