"""CUMUF's variance is that of the sum, whatever the history."""

import math
from random import Random
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.sequential.balance import BIASES, Measured, Period, Uncertainty
from detectors.sequential.cumuf import CumufState, accumulate, ask, read, shared_variance
from detectors.sequential.joint import limit_after
from tests.unit.detectors.sequential.test_balance import covariance, histories, remembered


def run(history: list[Period]) -> CumufState:
    state = CumufState()
    for period in history:
        state = accumulate(state, period)
    return state


@settings(max_examples=60, deadline=None)
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


@pytest.mark.parametrize("instruments", [BIASES, BIASES + 1, BIASES + 4])
def test_an_instrument_that_was_forgotten_comes_back_as_a_new_one(instruments: int) -> None:
    """The ones longest out of use are, as in the whitening: σ is that of a history with just these apart."""
    draw = Random(instruments)
    meters = [Uncertainty(f"m{i % 5}", 0.002, 0.004 + 0.001 * i) for i in range(instruments)]
    stock, history = Measured(10**6, Uncertainty("tank", 0.001, 0.0)), []
    for _ in range(40):
        chosen = draw.choices(meters, weights=range(1, instruments + 1), k=draw.randint(1, 3))
        flows = [Measured(draw.randint(10**5, 10**6), meter) for meter in chosen]
        history.append(Period(tuple(flows[:1]), tuple(flows[1:]), stock, stock))
    variance = sum(cell for row in covariance(history, era=remembered(history)) for cell in row)
    found, state = read(run(history)), run(history)
    assert found is not None
    assert found.sigma**2 == pytest.approx(float(variance), rel=1e-9)
    assert (state.periods, len(state.pulls)) == (40, min(instruments, BIASES))


def test_what_is_carried_is_the_sum_and_what_later_periods_may_change() -> None:
    """The first opening, the last count, the biases; all else is settled variance, a broken chain's counts too."""
    tank, scale = Uncertainty("tank", 0.01, 0.0), Uncertainty("scale", 0.1, 0.02)
    first = Period((Measured(100, scale),), (), Measured(1000, tank), Measured(900, tank))
    second = Period((), (Measured(40, scale),), Measured(500, tank), Measured(400, tank))
    state = run([first])
    assert (state.total, state.last, state.opening) == (200, first.closing, first.opening)
    assert state.settled == pytest.approx(10.0**2 + 10.0**2)
    both = accumulate(state, second)
    assert (both.total, both.last, both.opening) == (260, second.closing, first.opening)
    assert both.settled == pytest.approx(10.0**2 + 10.0**2 + 9.0**2 + 4.0**2 + 5.0**2)
    assert [(pull.id, pull.quantity) for pull in both.pulls] == [("scale", 60)]
    found = read(both)
    assert found is not None
    assert found.sigma == pytest.approx(math.sqrt(both.settled + 4.0**2 + (60 * 0.02) ** 2))
    assert found.z == pytest.approx(260 / found.sigma)


@settings(max_examples=60, deadline=None)
@given(histories(), st.integers(1, 5))
def test_what_two_windows_share_is_the_block_of_the_full_covariance(history: list[Period], cut: int) -> None:
    """Cov(Σ first window, Σ second window): biases that run through both, and the count between them."""
    cov, before, after = covariance(history), run(history[:cut]), run(history[cut:])
    shared = float(sum(cell for row in cov[:cut] for cell in row[cut:]))
    scale = float(sum(abs(cell) for row in cov for cell in row))
    assert shared_variance(before, after) == pytest.approx(shared, rel=1e-9, abs=1e-9 * scale)


def test_each_year_of_windows_begins_anew() -> None:
    """The first window of a year has the lone limit; one that says the same again may say it at a lower one."""
    scale, exact = Uncertainty("scale", 0.0, 0.005), Uncertainty("exact", 0.0, 0.0)
    half = run([Period((Measured(1000, scale),), (Measured(1000, exact),), *[Measured(9, exact)] * 2)])
    asked, limits = None, []
    for _ in range(4):
        asked = ask(asked, half, windows=2, false_alarm=0.005)
        limits.append(round(asked.limit, 3))
    assert limits == [2.807, 2.576, 2.807, 2.576]


def test_windows_without_uncertainty_have_the_limit_of_independent_ones() -> None:
    """Nothing errs, so nothing is shared: no division by zero, no NaN."""
    exact = Uncertainty("exact", 0.0, 0.0)
    nothing = run([Period((), (), Measured(3, exact), Measured(2, exact))])
    second = ask(ask(None, nothing, windows=2, false_alarm=0.005), nothing, windows=2, false_alarm=0.005)
    assert second.limit == pytest.approx(2.806, abs=1e-3)


@pytest.mark.parametrize("gauge", [0.01, 0.001])
def test_windows_of_a_year_keep_within_what_was_stated(gauge: float) -> None:
    """Two windows that share a count, which sets them apart, and a bias, which makes them alike, a hundred thousand
    times by chance: the stated part, no more."""
    tank, scale = Uncertainty("tank", gauge, 0.0), Uncertainty("scale", 0.0, 0.004)
    stock, flow = Measured(1000, tank), Measured(5000, scale)
    window = Period((flow,), (), stock, Measured(6000, tank))
    following = Period((flow,), (), window.closing, Measured(11_000, tank))
    asked = ask(None, run([window]), windows=2, false_alarm=0.1)
    second = ask(asked, run([following]), windows=2, false_alarm=0.1)
    assert asked.limit == pytest.approx(-NormalDist().inv_cdf(0.05))
    cov = np.array([[float(cell) for cell in row] for row in covariance([window, following])])
    together = float(cov[0, 1] / np.sqrt(cov[0, 0] * cov[1, 1]))
    assert second.limit == pytest.approx(limit_after(asked.limit, together, 0.05))
    seen = np.random.default_rng(3).multivariate_normal([0.0, 0.0], cov, size=100_000)
    over = seen / np.sqrt(np.diag(cov)) > np.array([asked.limit, second.limit])
    assert float(over.any(axis=1).mean()) == pytest.approx(0.1, abs=4 * math.sqrt(0.09 / 100_000))
