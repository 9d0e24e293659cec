"""A threshold keeps its budget as surely as it says, and says when it cannot."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import betaincinv

from models.calibrate import Basis, Budget, clean_needed, conformal_p, hang_together, limit, tolerance_rank

Floats = NDArray[np.float64]
WEEKLY = Budget(alarms_per_week=2.0, scored_per_week=2000.0)


@given(st.integers(1, 5000), st.floats(1e-4, 0.4), st.floats(0.01, 0.5))
def test_the_rank_is_the_largest_whose_beta_quantile_is_within_the_rate(
    count: int, rate: float, delta: float
) -> None:
    """Against scipy's inverse beta: rank k fits, rank k + 1 would not."""
    rank, missed = tolerance_rank(count, rate, delta)
    assert rank == 0 or betaincinv(rank, count + 1 - rank, 1 - delta) <= rate * (1 + 1e-9)
    assert rank == count or betaincinv(rank + 1, count - rank, 1 - delta) > rate * (1 - 1e-9)
    assert missed <= delta or rank == 0


def test_one_in_a_thousand_at_ninety_percent_needs_2302_clean_scores() -> None:
    """n ≥ ln δ / ln(1 − q)."""
    assert clean_needed(1e-3, 0.1) == 2302


@pytest.mark.parametrize(("count", "basis"), [(2301, Basis.TOO_FEW), (2302, Basis.TOLERANCE)])
def test_too_few_clean_scores_are_told_apart(count: int, basis: Basis) -> None:
    """One score short of enough, the limit is visibly a fallback, with the confidence it has left."""
    found = limit(np.linspace(0.0, 1.0, count), WEEKLY)
    assert found is not None
    assert found.basis is basis
    assert (found.confidence >= WEEKLY.confidence) is (basis is Basis.TOLERANCE)
    assert found.needed == 2302


def test_without_clean_scores_there_is_no_threshold() -> None:
    """None, never 0: a threshold of 0 would raise everything."""
    assert limit(np.empty(0), WEEKLY) is None


def test_the_budget_is_broken_about_as_rarely_as_promised() -> None:
    """600 calibrations of 3,000 lognormal scores: the true rate exceeds q in no more than about 10 %."""
    draw, broken, realised = np.random.default_rng(5), 0, 0.0
    for _ in range(600):
        ranks = np.sort(draw.uniform(size=3000))
        found = limit(ranks, WEEKLY)
        assert found is not None
        rate = 1.0 - found.score
        broken += rate > WEEKLY.rate
        realised += rate / WEEKLY.rate / 600
    assert broken / 600 < 0.13
    assert realised < 1.0


@given(st.lists(st.integers(0, 20), min_size=1, max_size=60), st.integers(0, 20))
def test_conformal_p_counts_ties_against_the_alarm(clean: list[int], score: int) -> None:
    """p = (1 + #{clean ≥ s}) / (n + 1), straight from the definition."""
    ordered: Floats = np.sort(np.array(clean, dtype=np.float64))
    assert conformal_p(ordered, score) == (1 + sum(c >= score for c in clean)) / (len(clean) + 1)


def test_a_larger_budget_never_raises_the_threshold() -> None:
    """Monotone in the budget, so an analyst's dial has one direction."""
    clean = np.sort(np.random.default_rng(0).normal(size=20_000))
    for effects in ((1.0,), (1.5, 30.0), (1.0, 2.0, 4.0, 8.0, 16.0)):
        found = [limit(clean, Budget(alarms, 2000.0), effects) for alarms in (0.5, 2.0, 40.0, 41.0, 99.0, 500.0)]
        scores = [one.score for one in found if one is not None]
        assert scores == sorted(scores, reverse=True)
        assert len(scores) == 6


def test_units_that_differ_only_deep_among_the_scores_count_for_less_where_a_budget_reaches_there() -> None:
    """One score in thirty is any unit's; below these each unit has a level of its own."""
    draw = np.random.default_rng(3)
    levels = np.repeat(draw.normal(size=100), 100)
    far = draw.random(10_000) < 1 / 30
    scores = np.where(far, 9.0 + draw.random(10_000), levels + 0.1 * draw.normal(size=10_000))
    depends = hang_together(np.argsort(-scores) // 100)
    assert depends.effect < 3
    assert depends.deeper[1] > 25
    assert list(depends.effects) == sorted(depends.effects)
    clean = np.sort(scores)
    for alarms, worth in ((1.0, depends.effect), (10.0, depends.deeper[1]), (20.0, depends.deeper[2])):
        found = limit(clean, Budget(alarms, 100.0), depends.effects)
        assert found is not None
        assert found.worth == int(10_000 / worth)


@pytest.mark.parametrize(("alarms", "scored", "sure"), [(0, 10, 0.9), (10, 10, 0.9), (1, 10, 1.0), (-1, 10, 0.9)])
def test_an_impossible_budget_is_refused(alarms: float, scored: float, sure: float) -> None:
    """No alarms at all, an alarm for everything, or certainty cannot be promised by any threshold."""
    with pytest.raises(ValueError):
        Budget(alarms, scored, sure)
