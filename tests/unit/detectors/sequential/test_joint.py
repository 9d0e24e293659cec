"""Two statistics that share errors: the exact probability of either, and limits that spend what was stated."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr
from scipy.stats import multivariate_normal

from detectors.sequential.joint import both_above, limit_after

EVERY = st.floats(-4.0, 4.0)
CORRELATIONS = st.floats(-1.0, 1.0)


@given(EVERY, EVERY, st.floats(-0.999, 0.999))
def test_it_is_the_bivariate_normal_distribution(first: float, second: float, correlation: float) -> None:
    """Owen's T gives what Genz's integration of the density gives."""
    oracle = multivariate_normal([0.0, 0.0], [[1.0, correlation], [correlation, 1.0]]).cdf([-first, -second])
    assert both_above(first, second, correlation) == pytest.approx(oracle, abs=1e-9)


@given(EVERY, st.sampled_from([0.0, 1.0, -1.0, 2.5]), CORRELATIONS)
def test_it_is_a_probability_and_symmetric(first: float, second: float, correlation: float) -> None:
    """Never NaN, at most either alone, whichever comes first; correlations of ±1 and limits of 0 among them."""
    both = both_above(first, second, correlation)
    assert 0.0 <= both <= min(ndtr(-first), ndtr(-second)) + 1e-12
    assert both == pytest.approx(both_above(second, first, correlation), abs=1e-12)


@pytest.mark.parametrize("correlation", [-1.0, 0.0, 0.4, 1.0])
def test_median_limits_follow_sheppard(correlation: float) -> None:
    """P(X > 0, Y > 0) = 1/4 + asin(r) / 2π (Sheppard 1899)."""
    assert both_above(0.0, 0.0, correlation) == pytest.approx(0.25 + math.asin(correlation) / (2 * math.pi))


@pytest.mark.parametrize("first", [-1.5, 0.0, 1.0, 2.5])
@pytest.mark.parametrize("second", [-2.0, 0.0, 1.0, 3.0])
@pytest.mark.parametrize("beyond", [0.0, 1e-13, 1e-9])
def test_statistics_that_are_the_same_or_opposite_have_the_probability_of_one(
    first: float, second: float, beyond: float
) -> None:
    """Rounding may put a correlation a little beyond ±1: it is taken as that, and nothing is NaN."""
    alike = both_above(first, second, 1.0 + beyond)
    opposite = both_above(first, second, -1.0 - beyond)
    assert alike == pytest.approx(float(ndtr(-max(first, second))), rel=1e-12)
    assert opposite == pytest.approx(max(float(ndtr(-first) - ndtr(second)), 0.0), abs=1e-15)
    assert both_above(first, second, 1.0 - 1e-9) == pytest.approx(alike, abs=1e-4)
    assert both_above(first, second, -1.0 + 1e-9) == pytest.approx(opposite, abs=1e-4)


@pytest.mark.parametrize(("correlation", "spend"), [(0.0, 0.01), (0.6, 0.01), (0.99, 1e-4), (-0.5, 0.05)])
def test_a_limit_is_the_lowest_that_spends_no_more(correlation: float, spend: float) -> None:
    """To the last digits: a little lower spends more."""
    limit = limit_after(2.5, correlation, spend)

    def spent(by: float) -> float:
        return float(ndtr(-by)) - both_above(2.5, by, correlation)

    assert spent(limit) <= spend * (1 + 1e-9)
    assert spent(limit - 1e-6) > spend


def test_a_statistic_that_says_the_same_again_may_say_it_from_the_same_limit_on() -> None:
    """Alike in all, it spends what lies between the two limits; opposite to it, it stands alone."""
    same = limit_after(2.5, 1.0, 0.01)
    assert float(ndtr(-same)) == pytest.approx(float(ndtr(-2.5)) + 0.01, rel=1e-9)
    assert float(ndtr(-limit_after(2.5, -1.0, 0.01))) == pytest.approx(0.01, rel=1e-9)


@given(st.floats(1.0, 5.0), CORRELATIONS, st.sampled_from([1e-6, 1e-3, 0.0025, 0.05]))
def test_a_limit_spends_what_was_stated_and_no_more(before: float, correlation: float, spend: float) -> None:
    """P(before ≤ its limit, this > its own) is the spending, and this limit is never above the lone one."""
    limit = limit_after(before, correlation, spend)
    alone = float(ndtr(-limit))
    assert alone - both_above(before, limit, correlation) == pytest.approx(spend, rel=1e-6)
    assert alone >= spend * (1.0 - 1e-9)


def test_a_spending_that_is_no_probability_is_refused() -> None:
    """Neither 0 nor 1 nor NaN leaves a limit."""
    for spend in (0.0, 1.0, math.nan):
        with pytest.raises(ValueError, match="probability"):
            limit_after(2.0, 0.5, spend)


@pytest.mark.parametrize(("correlation", "least"), [(0.0, 0.93), (0.5, 0.75), (0.95, 0.65), (1.0, 0.97)])
def test_eight_statistics_of_one_bias_keep_within_the_budget(correlation: float, least: float) -> None:
    """Any of eight exceeds its limit with 5 % at most: nearly that where independent or alike, less between."""
    draw, budget, number = np.random.default_rng(5), 0.05, 8
    own, bias = draw.normal(size=(200_000, number)), draw.normal(size=(200_000, 1))
    seen = math.sqrt(correlation) * bias + math.sqrt(1.0 - correlation) * own
    limits = [limit_after(40.0, 0.0, budget / number)]
    while len(limits) < number:
        limits.append(limit_after(limits[-1], correlation, budget / number))
    realised = float((seen > np.array(limits)).any(axis=1).mean())
    assert least * budget <= realised <= budget + 3 * math.sqrt(budget / 200_000)
