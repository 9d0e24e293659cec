"""Thresholds reproduce the published tables to every printed digit, and obey the order they must."""

import pytest

from detectors.sequential.threshold import (
    cusum_run_length,
    ewma_run_length,
    loss_detection_bound,
    page_alarm_probability,
    page_run_length,
    page_threshold,
    page_threshold_at_rate,
    shewhart_alarm_probability,
    shewhart_threshold,
    shewhart_threshold_at_rate,
)


def at_middle(periods: int, loss: float) -> list[float]:
    shifts = [0.0] * periods
    shifts[periods // 2] = loss
    return shifts


@pytest.mark.parametrize(
    ("shift", "printed"),
    [
        (0, "168"),
        (0.25, "74.2"),
        (0.5, "26.6"),
        (0.75, "13.3"),
        (1, "8.38"),
        (1.5, "4.75"),
        (2, "3.34"),
        (3, "2.19"),
    ],
)
def test_two_sided_cusum_has_the_run_lengths_of_lucas_and_crosier(shift: float, printed: str) -> None:
    """Lucas & Crosier 1982, Technometrics 24(3): k = 0.5, h = 4, no head start."""
    assert f"{cusum_run_length(4.0, 0.5, shift):.3g}" == printed


SHIFTS = (0, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 4)


@pytest.mark.parametrize(
    ("h", "printed"),
    [
        (4.0, ("168", "74.2", "26.6", "13.3", "8.38", "4.75", "3.34", "2.62", "2.19", "1.71")),
        (5.0, ("465", "139", "38", "17", "10.4", "5.75", "4.01", "3.11", "2.57", "2.01")),
    ],
)
def test_two_sided_cusum_has_the_run_lengths_of_the_textbook(h: float, printed: tuple[str, ...]) -> None:
    """Montgomery, Introduction to Statistical Quality Control, table of tabular cusums with k = 0.5."""
    assert tuple(f"{cusum_run_length(h, 0.5, shift):.3g}" for shift in SHIFTS) == printed


@pytest.mark.parametrize(
    ("k", "h"), [(0.25, "8.01"), (0.5, "4.77"), (0.75, "3.34"), (1.0, "2.52"), (1.25, "1.99"), (1.5, "1.61")]
)
def test_a_rate_of_false_alarms_has_the_threshold_of_hawkins(k: float, h: str) -> None:
    """Hawkins 1993, Journal of Quality Technology 25: one false alarm in 370 on both sides together.

    He prints h to two digits, and rounds the run length that he aims at: ours may differ in the second.
    """
    assert page_threshold_at_rate(1 / (2 * 370.0), k) == pytest.approx(float(h), abs=0.012)


def test_a_rate_of_false_alarms_comes_back_as_the_run_length() -> None:
    """Long-run rate and average run length are one thing; for single observations the tail probability."""
    h = page_threshold_at_rate(0.001, 0.5)
    assert page_run_length(h, 0.5) == pytest.approx(1000, rel=1e-7)
    assert shewhart_threshold_at_rate(0.0013498980316300933) == pytest.approx(3.0, abs=1e-9)


def test_one_sided_cusum_has_the_run_lengths_of_brook_and_evans() -> None:
    """Brook & Evans 1972, Biometrika 59(3): k = 0.5, h = 3. The converged value is 117.596."""
    in_control = page_run_length(3.0, 0.5)
    assert abs(in_control - 117.59) < 0.01
    assert f"{page_run_length(3.0, 0.5, 1.5):.2f}" == "3.75"


@pytest.mark.parametrize(
    ("shift", "printed"), [(0, "500"), (0.25, "76.7"), (0.5, "29.3"), (0.75, "17.6"), (1, "12.6")]
)
def test_ewma_has_the_run_lengths_of_lucas_and_saccucci(shift: float, printed: str) -> None:
    """Lucas & Saccucci 1990, Technometrics 32(1): lambda = 0.03, L = 2.437."""
    assert f"{ewma_run_length(0.03, 2.437, shift):.3g}" == printed


@pytest.mark.parametrize(
    ("smoothing", "width", "printed"),
    [
        (0.4, 3.054, (500, 224, 71.2, 28.4, 14.3, 5.9, 3.5, 2.5, 2.0, 1.4)),
        (0.25, 2.998, (500, 170, 48.2, 20.1, 11.1, 5.5, 3.6, 2.7, 2.3, 1.7)),
        (0.2, 2.962, (500, 150, 41.8, 18.2, 10.5, 5.5, 3.7, 2.9, 2.4, 1.9)),
        (0.1, 2.814, (500, 106, 31.3, 15.9, 10.3, 6.1, 4.4, 3.4, 2.9, 2.2)),
        (0.05, 2.615, (500, 84.1, 28.8, 16.4, 11.4, 7.1, 5.2, 4.2, 3.5, 2.7)),
    ],
)
def test_ewma_has_the_run_lengths_of_the_other_schemes_too(
    smoothing: float, width: float, printed: tuple[float, ...]
) -> None:
    """The rest of their table, to three digits (theirs come from a Markov chain of few states)."""
    for shift, length in zip(SHIFTS, printed, strict=True):
        assert ewma_run_length(smoothing, width, shift) == pytest.approx(length, rel=5e-3, abs=0.051)


@pytest.mark.parametrize(
    ("periods", "k", "threshold", "single", "sustained"),
    [
        (12, 0.5, "3.3745", ("0.548", "0.751", "0.938"), ("0.165", "0.398", "0.898")),
        (365, 0.5, "6.9956", ("0.087", "0.119", "0.205"), ("0.569", "0.999", "1.000")),
        (365, 1.0, "3.6402", ("0.198", "0.381", "0.719"), ("0.268", "0.797", "1.000")),
    ],
)
def test_page_on_sitmuf_has_the_tabled_thresholds_and_powers(
    periods: int, k: float, threshold: str, single: tuple[str, ...], sustained: tuple[str, ...]
) -> None:
    """5 % in all over N periods: h, power against one loss of 3.29, 4, 5 and a steady 0.25, 0.5, 1 sigma."""
    h = page_threshold(periods, k, 0.05)
    assert f"{h:.4f}" == threshold
    at_once = [page_alarm_probability(h, k, at_middle(periods, loss)) for loss in (3.29, 4.0, 5.0)]
    assert tuple(f"{power:.3f}" for power in at_once) == single
    steady = [page_alarm_probability(h, k, [loss] * periods) for loss in (0.25, 0.5, 1.0)]
    assert tuple(f"{power:.3f}" for power in steady) == sustained


@pytest.mark.parametrize(
    ("periods", "threshold", "single"),
    [(12, "2.6303", ("0.757", "0.919", "0.992")), (365, "3.6322", ("0.398", "0.661", "0.919"))],
)
def test_shewhart_on_sitmuf_has_the_tabled_thresholds_and_powers(
    periods: int, threshold: str, single: tuple[str, ...]
) -> None:
    """The same 5 % spent on single observations: better against one loss, blind to a small steady one."""
    c = shewhart_threshold(periods, 0.05)
    assert f"{c:.4f}" == threshold
    powers = [shewhart_alarm_probability(c, at_middle(periods, loss)) for loss in (3.29, 4.0, 5.0)]
    assert tuple(f"{power:.3f}" for power in powers) == single


def test_a_loss_beyond_all_doubt_is_certain() -> None:
    """A hundred standard deviations: probability 1, no domain error, on both tests."""
    assert shewhart_alarm_probability(3.6, [0.0, 100.0]) == 1.0
    assert page_alarm_probability(7.0, 0.5, [0.0, 100.0]) == pytest.approx(1.0, abs=1e-12)


def test_one_period_detects_3_29_sigma_with_95_percent() -> None:
    """M/σ = 3.29 is the loss that one balance finds with 95 % at 5 % false alarms."""
    assert loss_detection_bound(3.29, 0.05) == pytest.approx(0.95, abs=5e-4)


def test_the_first_period_pays_the_allowance_too() -> None:
    """A Page test of one period is a one-sided test of y > h + k, no other."""
    h = page_threshold(1, 0.5, 0.05)
    assert h + 0.5 == pytest.approx(1.6448536269514722, abs=1e-9)
    assert h + 0.5 == pytest.approx(shewhart_threshold(1, 0.05), abs=1e-9)


def test_more_periods_or_fewer_false_alarms_need_a_higher_threshold() -> None:
    """The threshold grows with the periods and falls with the budget and with the allowance."""
    assert page_threshold(12, 0.5, 0.05) < page_threshold(52, 0.5, 0.05) < page_threshold(365, 0.5, 0.05)
    assert page_threshold(52, 0.5, 0.05) < page_threshold(52, 0.5, 0.01)
    assert page_threshold(52, 1.0, 0.05) < page_threshold(52, 0.5, 0.05)


def test_a_threshold_spends_its_budget_and_no_more() -> None:
    """Put back into the recursion, a computed threshold gives the probability it was asked for."""
    h = page_threshold(90, 0.25, 0.02)
    assert page_alarm_probability(h, 0.25, [0.0] * 90) == pytest.approx(0.02, abs=1e-9)


@pytest.mark.parametrize(
    ("periods", "k", "budget"), [(0, 0.5, 0.05), (12, -0.1, 0.05), (12, 0.5, 0.0), (12, 0.5, 1.0)]
)
def test_an_impossible_budget_is_refused(periods: int, k: float, budget: float) -> None:
    """No periods, a negative allowance, or a budget that is not a probability has no threshold."""
    with pytest.raises(ValueError):
        page_threshold(periods, k, budget)
