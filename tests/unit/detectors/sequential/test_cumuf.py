"""CUMUF's variance is that of the sum, whatever the history."""

import math

import pytest
from hypothesis import given, settings

from detectors.sequential.balance import BIASES, Measured, Period, Uncertainty
from detectors.sequential.cumuf import CumufState, accumulate, read
from tests.unit.detectors.sequential.test_balance import covariance, histories


def run(history: list[Period]) -> CumufState:
    state = CumufState()
    for period in history:
        state = accumulate(state, period)
    return state


@settings(max_examples=150, deadline=None)
@given(histories())
def test_sigma_is_that_of_the_sum_over_the_full_covariance(history: list[Period]) -> None:
    """σ² = 1ᵀ·Cov·1 and the total is Σ MUF to the last unit."""
    variance = sum(cell for row in covariance(history) for cell in row)
    found = read(run(history))
    if found is None:
        assert variance == 0
    else:
        assert found.total == sum(period.muf for period in history)
        assert found.sigma**2 == pytest.approx(float(variance), rel=1e-9, abs=1e-9 * found.sigma**2)


def test_equal_periods_follow_the_textbook_formula() -> None:
    """N·σ_T² + 2·σ_I² + N²·σ_S² for equal flows over a constant stock."""
    meter, exact = Uncertainty("meter", 0.003, 0.002), Uncertainty("exact", 0.0, 0.0)
    tank = Uncertainty("tank", 0.005, 0.0)
    flow, stock = 10**9, Measured(10**10, tank)
    found = read(run([Period((Measured(flow, meter),), (Measured(flow, exact),), stock, stock)] * 12))
    assert found is not None
    textbook = 12 * (flow * 0.003) ** 2 + 2 * (10**10 * 0.005) ** 2 + (12 * flow * 0.002) ** 2
    assert found.sigma == pytest.approx(math.sqrt(textbook), rel=1e-12)


def test_before_the_first_period_there_is_no_cumuf() -> None:
    """None while warming up, never 0; and none where all measurements are exact."""
    assert read(CumufState()) is None
    exact = Uncertainty("exact", 0.0, 0.0)
    assert read(run([Period((), (), Measured(3, exact), Measured(2, exact))])) is None


def test_instruments_beyond_the_bound_keep_their_variance() -> None:
    """A forgotten instrument's part of the sum stays in σ; only a later use counts as a new bias."""
    stock = Measured(0, Uncertainty("exact", 0.0, 0.0))
    meters = [Uncertainty(f"m{i:02}", 0.0, 0.01) for i in range(BIASES + 4)]
    state = run([Period((Measured(1000, meter),), (), stock, stock) for meter in meters])
    found = read(state)
    assert len(state.pulls) == BIASES
    assert found is not None
    assert found.sigma == pytest.approx(10 * math.sqrt(BIASES + 4))
