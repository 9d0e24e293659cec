"""Thresholds reproduce the published tables to every printed digit, and obey the order they must."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import ndtr

from detectors.sequential.threshold import (
    LONGEST,
    WIDEST,
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


def by_trial(h: float, k: float, shifts: list[float], runs: int = 40_000) -> float:
    """How often a Page test alarms at least once, by chance."""
    seen = np.random.default_rng(20).normal(size=(runs, len(shifts))) + np.array(shifts)
    total, alarmed = np.zeros(runs), np.zeros(runs, dtype=bool)
    for values in seen.T:
        total = np.maximum(total + values - k, 0.0)
        alarmed |= total > h
    return float(alarmed.mean())


@pytest.mark.parametrize(
    ("h", "k", "shifts"),
    [(2.0, 0.5, [0.0] * 8), (3.0, 0.0, [0.3, -0.2, 1.0, 0.0, 2.0]), (1.0, 0.25, [0.5]), (4.0, 1.0, [1.5] * 6)],
)
def test_a_page_test_alarms_as_often_as_it_does_by_trial(h: float, k: float, shifts: list[float]) -> None:
    """Whatever the balances are shifted by, one after another; forty thousand series with a fixed seed."""
    promised = page_alarm_probability(h, k, shifts)
    assert promised == pytest.approx(by_trial(h, k, shifts), abs=4 * (0.25 / 40_000) ** 0.5)


def test_a_small_probability_keeps_its_digits() -> None:
    """Of one period it is the tail above h + k, however far out; of none it is nothing."""
    assert page_alarm_probability(9.0, 0.5, [0.0]) == pytest.approx(float(ndtr(-9.5)), rel=1e-12)
    assert page_alarm_probability(3.0, 0.5, [1.0]) == pytest.approx(float(ndtr(-2.5)), rel=1e-12)
    assert page_alarm_probability(3.0, 0.5, []) == 0.0
    assert shewhart_alarm_probability(9.0, [0.0, 0.0]) == pytest.approx(2 * float(ndtr(-9.0)), rel=1e-12)
    assert shewhart_alarm_probability(3.0, []) == 0.0


def test_a_run_length_is_what_the_alarms_of_every_period_add_up_to() -> None:
    """E[N] = Σ P(no alarm yet): independent of how it is solved."""
    for shift in (0.0, 1.0):
        lasting = sum(1.0 - page_alarm_probability(1.5, 0.5, [shift] * n) for n in range(1, 200))
        assert page_run_length(1.5, 0.5, shift) == pytest.approx(1.0 + lasting, rel=1e-4)


def test_the_rates_of_both_sides_add_up() -> None:
    """A two-sided test alarms as often upwards and downwards as each side alone; its shift has no sign."""
    up, down = page_run_length(3.0, 0.5, 0.4), page_run_length(3.0, 0.5, -0.4)
    assert 1 / cusum_run_length(3.0, 0.5, 0.4) == pytest.approx(1 / up + 1 / down)
    assert cusum_run_length(3.0, 0.5, -0.4) == pytest.approx(cusum_run_length(3.0, 0.5, 0.4))
    assert cusum_run_length(3.0, 0.5) == pytest.approx(page_run_length(3.0, 0.5) / 2)


def test_an_ewma_that_forgets_all_is_a_two_sided_limit() -> None:
    """λ = 1: each balance alone against ±L."""
    assert ewma_run_length(1.0, 3.0) == pytest.approx(1 / (2 * float(ndtr(-3.0))), rel=1e-9)
    assert ewma_run_length(1.0, 3.0, 1.0) == pytest.approx(1 / float(ndtr(-2.0) + ndtr(-4.0)), rel=1e-9)


def test_shewharts_limit_spends_its_budget_exactly() -> None:
    """1 − (1 − p)^N over N balances."""
    for periods, budget in ((1, 0.05), (52, 0.02), (LONGEST, 1e-6)):
        tail = float(ndtr(-shewhart_threshold(periods, budget)))
        assert -np.expm1(periods * np.log1p(-tail)) == pytest.approx(budget, rel=1e-9)


@pytest.mark.parametrize(("distance", "budget"), [(0.0, 0.05), (1.0, 0.01), (3.0, 0.5)])
def test_no_test_detects_more_than_the_best_one(distance: float, budget: float) -> None:
    """The likelihood ratio of one known loss: with no distance it alarms as often as by chance."""
    c = shewhart_threshold(1, budget)
    assert loss_detection_bound(distance, budget) == pytest.approx(float(ndtr(distance - c)), rel=1e-9)


def test_a_threshold_that_would_be_too_wide_is_refused() -> None:
    """Without an allowance the statistic wanders: no threshold in reach is so quiet."""
    with pytest.raises(ValueError, match=r"no threshold up to 64\.0 is this quiet"):
        page_threshold_at_rate(1e-6, 0.0)


@pytest.mark.parametrize("periods", [0, LONGEST + 1])
def test_an_impossible_number_of_periods_is_refused(periods: int) -> None:
    """One to ten thousand."""
    with pytest.raises(ValueError, match=f"periods must be 1 to {LONGEST}: {periods}"):
        shewhart_threshold(periods, 0.05)
    with pytest.raises(ValueError, match=f"periods must be 1 to {LONGEST}: {periods}"):
        page_threshold(periods, 0.5, 0.05)


@pytest.mark.parametrize("budget", [0.0, 1.0, -0.1, 1.1, float("nan")])
def test_a_budget_that_is_no_probability_is_refused(budget: float) -> None:
    """By every threshold there is."""
    thresholds: tuple[Callable[[], float], ...] = (
        lambda: page_threshold(12, 0.5, budget),
        lambda: shewhart_threshold(12, budget),
        lambda: page_threshold_at_rate(budget, 0.5),
        lambda: shewhart_threshold_at_rate(budget),
        lambda: loss_detection_bound(1.0, budget),
    )
    for threshold in thresholds:
        with pytest.raises(ValueError, match="a false-alarm probability lies between 0 and 1"):
            threshold()


@pytest.mark.parametrize(
    ("h", "k"), [(0.0, 0.5), (-1.0, 0.5), (WIDEST + 1, 0.5), (1.0, -0.1), (1.0, WIDEST + 1), (float("nan"), 0.5)]
)
def test_an_impossible_scheme_is_refused(h: float, k: float) -> None:
    """A threshold above 0, an allowance that is not below it; the bounds themselves are possible."""
    assert page_alarm_probability(1.0, 0.0, [0.0]) == pytest.approx(float(ndtr(-1.0)))
    assert page_alarm_probability(WIDEST, WIDEST, [2 * WIDEST]) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="a Page test needs 0 < h"):
        page_alarm_probability(h, k, [0.0])
    with pytest.raises(ValueError, match="a Page test needs 0 < h"):
        page_run_length(h, k)
    if h == 1.0:
        with pytest.raises(ValueError, match="a Page test needs 0 < h"):
            page_threshold(12, k, 0.05)
        with pytest.raises(ValueError, match="a Page test needs 0 < h"):
            page_threshold_at_rate(0.05, k)


def test_an_allowance_that_is_quieter_than_asked_for_leaves_next_to_no_threshold() -> None:
    """Whatever exceeds it alarms, more seldom than was stated: no policy is without a threshold for that."""
    for threshold, asked in ((page_threshold_at_rate(0.1, 1.5), 0.1), (page_threshold(1, 3.0, 0.05), 0.05)):
        assert 0.0 < threshold < 1e-8
        assert page_alarm_probability(threshold, 1.5 if asked == 0.1 else 3.0, [0.0]) < asked
    assert page_alarm_probability(page_threshold(12, 4.0, 0.05), 4.0, [4.0]) == pytest.approx(0.5)
    barely = page_threshold(1, 1.6448, 0.05)
    assert barely + 1.6448 == pytest.approx(1.6448536269514722, abs=1e-9)


@pytest.mark.parametrize(
    ("smoothing", "width"), [(0.0, 2.0), (-0.1, 2.0), (1.1, 2.0), (0.5, 0.0), (0.5, -1.0), (0.5, WIDEST)]
)
def test_an_impossible_ewma_is_refused(smoothing: float, width: float) -> None:
    """0 < λ ≤ 1 and limits that are not 0."""
    with pytest.raises(ValueError, match="an EWMA needs 0 < smoothing <= 1 and 0 < width"):
        ewma_run_length(smoothing, width)
