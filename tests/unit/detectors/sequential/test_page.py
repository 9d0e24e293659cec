"""The running Page test is the one whose threshold was computed, on both sides, and warms up honestly."""

import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.sequential.page import PageState, Reading, Side, one_side, read, step
from detectors.sequential.threshold import page_alarm_probability, page_threshold

series = st.lists(st.floats(-8, 8), min_size=1, max_size=30)


def run(values: list[float], k: float = 0.5) -> PageState:
    state = PageState()
    for value in values:
        state = step(state, value, k=k)
    return state


def sides(values: list[float], h: float) -> tuple[Side, ...]:
    reading = read(run(values), h=h)
    assert reading is not None
    return reading.alarms


def test_before_the_first_balance_there_is_no_reading() -> None:
    """Warming up is None, never 0: a zero would look like a clean book."""
    assert read(PageState(), h=3.0) is None
    assert read(run([9.0, 9.0]), h=3.0, warmup=3) is None
    assert read(run([9.0, 9.0]), h=3.0, warmup=2) is not None


@given(series)
def test_gain_is_loss_seen_from_the_other_side(values: list[float]) -> None:
    """Turning every sign swaps the two statistics and nothing else."""
    there, back = run(values), run([-value for value in values])
    assert (there.loss, there.gain) == (back.gain, back.loss)


@given(series)
def test_the_statistic_is_the_worst_stretch_up_to_now(values: list[float]) -> None:
    """P_n is the largest sum of (y − k) over any stretch that ends now, or 0."""
    stretches = itertools.accumulate((value - 0.5 for value in reversed(values)), initial=0.0)
    assert run(values).loss == pytest.approx(max(stretches), abs=1e-9)


@given(series, st.floats(0.1, 5), st.floats(0, 5))
def test_a_stricter_threshold_alarms_wherever_the_laxer_does(values: list[float], h: float, more: float) -> None:
    """Monotone: raising h never adds an alarm."""
    assert set(sides(values, h + more)) <= set(sides(values, h))


def test_an_alarm_needs_more_than_the_threshold() -> None:
    """P = h is not yet an alarm: P > h is."""
    assert sides([3.5], 3.0) == ()
    assert sides([3.5], 2.999) == (Side.LOSS,)
    assert sides([-3.5], 2.999) == (Side.GAIN,)


def test_false_alarms_come_as_often_as_the_threshold_promises() -> None:
    """4,000 simulated clean years of twelve periods: 5 % alarms within 3 standard errors."""
    h, draw, alarms, runs = page_threshold(12, 0.5, 0.05), random.Random(20261124), 0, 4000
    for _ in range(runs):
        state, seen = PageState(), False
        for _ in range(12):
            state = step(state, draw.gauss(0, 1), k=0.5)
            reading = read(state, h=h)
            assert isinstance(reading, Reading)
            seen = seen or Side.LOSS in reading.alarms
        alarms += seen
    promised = page_alarm_probability(h, 0.5, [0.0] * 12)
    assert abs(alarms / runs - promised) < 3 * math.sqrt(0.05 * 0.95 / runs)


@pytest.mark.parametrize("k", [0.5, -0.1, math.inf, math.nan])
@pytest.mark.parametrize("sitmuf", [1.0, math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_refused(sitmuf: float, k: float) -> None:
    """NaN would silence the test for ever (every comparison with it is false), as would an endless allowance."""
    if (sitmuf, k) == (1.0, 0.5):
        assert step(PageState(), sitmuf, k=k).periods == 1
        return
    with pytest.raises(ValueError, match="finite observations and k >= 0"):
        step(PageState(), sitmuf, k=k)


def test_no_allowance_is_an_allowance() -> None:
    """Then the statistic is the largest sum of any stretch."""
    assert run([2.0, -3.0, 1.5, -0.25], k=0.0) == PageState(loss=1.25, gain=1.75, periods=4)


def test_a_reading_says_what_was_read_against_what() -> None:
    """Both statistics, the threshold and how many balances they are of; loss stands first where both alarm."""
    assert read(run([4.0, -5.5]), h=2.5) == Reading(loss=0.0, gain=5.0, h=2.5, periods=2, alarms=(Side.GAIN,))
    both = read(PageState(loss=3.0, gain=3.5, periods=9), h=2.5)
    assert both == Reading(loss=3.0, gain=3.5, h=2.5, periods=9, alarms=(Side.LOSS, Side.GAIN))
    assert read(PageState(), h=2.5, warmup=0) is None
    assert read(run([1.0]), h=2.5, warmup=0) == Reading(loss=0.5, gain=0.0, h=2.5, periods=1, alarms=())


def test_either_side_forgets_what_the_other_gained() -> None:
    """Step by step: never below 0, the allowance paid in every period."""
    assert one_side(0.0, 0.5, 0.5) == 0.0
    assert one_side(1.0, 0.25, 0.5) == 0.75
    assert one_side(0.0, -9.0, 0.5) == 0.0
