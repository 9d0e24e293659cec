"""Whether thresholds keep their budgets: realised against budgeted false alarms, over many calibrations.

The realised share of clean things above a threshold is taken from the distribution itself, not from a sample: the
only chance in it is that of the calibration. Then the shipped models on clean provinces that they were not grown
on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.figure import Figure
from detectors.outlier_terms import OutlierTerms
from detectors.policy import read_policy
from models.calibrate import Budget, limit
from models.whatif import outlier_days, population, raise_under
from simulator import clean, known_areas, of_size, simulate
from streams.assembly import TREE, read_places, rule_parameters, rule_policies
from streams.model_files import SHIPPED, model_loader, shipped
from streams.scoring import scored, with_models

Floats = NDArray[np.float64]
SEED: Final = 20_261_125
OTHER_SEEDS: Final = (77, 78, 79)
"""Of the clean provinces: the shipped models were grown on seed 1."""


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
    """E7's shipped models and policy on clean provinces of other seeds: every warning is a false one."""
    terms = OutlierTerms(read_policy(rule_policies(TREE / "policies"), rule_parameters()))
    sized = of_size(known_areas(), counties=counties, units_per_county=9, days=days)
    for seed in OTHER_SEEDS:
        log = simulate(clean(sized, seed), positions=False).log
        found = scored(with_models(log, shipped()), read_places(), model_loader((SHIPPED,)), {})
        among = population(found)
        raised = raise_under(found, terms, among)
        about = f"clean province, {counties} counties, {days} days, seed {seed}: {len(found):,} unit-days"
        yield Figure("false alarms borne", float(raised.budgeted.sum()), "days", about)
        yield Figure("outlier days", float(outlier_days(found, raised, among).sum()), "days")
        yield Figure("false warnings", len(raised), "")
        yield Figure("units falsely warned of", len(np.unique(found.strand_unit[found.strand[raised.first]])), "")
