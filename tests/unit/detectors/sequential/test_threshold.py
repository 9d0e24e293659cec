"""Thresholds reproduce the published tables to every printed digit, and obey the order they must."""

import pytest

from detectors.sequential.threshold import (
    cusum_run_length,
    ewma_run_length,
    loss_detection_bound,
    page_alarm_probability,
    page_run_length,
    page_threshold,
    shewhart_alarm_probability,
    shewhart_threshold,
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
