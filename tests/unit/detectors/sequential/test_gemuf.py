"""GEMUF is the Mahalanobis distance of the whole series, and has the χ² quantiles of any table."""

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.sequential.balance import (
    BalanceState,
    Degenerate,
    Measured,
    Period,
    Sitmuf,
    Uncertainty,
    Why,
    whiten,
)
from detectors.sequential.gemuf import Gemuf, GemufState, accumulate, gemuf_threshold, read
from detectors.sequential.threshold import LONGEST
from tests.unit.detectors.sequential.test_balance import covariance, year


def run(history: list[Period]) -> Gemuf | None:
    """The statistic over a history."""
    whitened, state = BalanceState(), GemufState()
    for period in history:
        whitened, balance = whiten(whitened, period)
        state = accumulate(state, balance)
    return read(state)


def test_it_is_the_quadratic_form_over_the_full_covariance() -> None:
    """MUFᵀ·Cov⁻¹·MUF of sixty irregular weeks with changing instruments."""
    history = year(4)
    cov: NDArray[np.float64] = np.array([[float(cell) for cell in row] for row in covariance(history)])
    muf = np.array([float(period.muf) for period in history])
    found = run(history)
    assert found is not None
    assert found.periods == 60
    assert found.total == pytest.approx(float(muf @ np.linalg.solve(cov, muf)), rel=1e-9)


@pytest.mark.parametrize(
    ("periods", "probability", "printed"),
    [(1, 0.05, "3.841"), (12, 0.05, "21.026"), (12, 0.01, "26.217"), (30, 0.05, "43.773"), (100, 0.05, "124.342")],
)
def test_thresholds_are_the_tabled_quantiles(periods: int, probability: float, printed: str) -> None:
    """χ² quantiles as any table prints them."""
    assert f"{gemuf_threshold(periods, probability):.3f}" == printed


def test_before_the_first_balance_there_is_no_gemuf() -> None:
    """None while warming up; a degenerate balance has no degree of freedom and no NaN."""
    assert read(GemufState()) is None
    assert accumulate(GemufState(), Degenerate(Why.NO_UNCERTAINTY, 3, 0.0)) == GemufState()


def test_a_wrong_instrument_record_shows() -> None:
    """Papers that state half of the true error make the statistic impossible: p says so."""
    draw = np.random.default_rng(3)
    gauge = Uncertainty("gauge", 0.002, 0.0)
    stock = [Measured(round(10**9 * (1 + 0.004 * draw.normal())), gauge) for _ in range(41)]
    found = run([Period((), (), a, b) for a, b in itertools.pairwise(stock)])
    assert found is not None
    assert found.p < 1e-6
    assert math.isfinite(found.total)


@pytest.mark.parametrize(
    ("periods", "probability"), [(0, 0.05), (LONGEST + 1, 0.05), (12, 0.0), (12, 1.0), (12, -0.1), (12, math.nan)]
)
def test_an_impossible_budget_is_refused(periods: int, probability: float) -> None:
    """No periods or no probability: no threshold."""
    with pytest.raises(ValueError):
        gemuf_threshold(periods, probability)


def test_the_probability_of_a_statistic_is_that_of_the_threshold_it_would_be() -> None:
    """Over few periods and over as many as there may be; each balance adds its square and a degree of freedom."""
    for periods, probability in ((1, 0.05), (12, 0.3), (LONGEST, 1e-6)):
        found = read(GemufState(gemuf_threshold(periods, probability), periods))
        assert found is not None
        assert found.p == pytest.approx(probability, rel=1e-9)
    one = accumulate(GemufState(2.0, 5), Sitmuf(value=-3.0, muf=1, expected=0.0, sigma=1.0))
    assert one == GemufState(11.0, 6)
    found = read(one)
    assert found is not None
    assert (found.total, found.periods, round(found.p, 4)) == (11.0, 6, 0.0884)
