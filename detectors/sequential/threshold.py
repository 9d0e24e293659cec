"""Alarm thresholds of the sequential tests, computed exactly for the false alarms one is ready to bear.

Law: a threshold is a consequence of (periods, allowance, false-alarm probability), never a table. All
observations are independent N(shift, 1), as `balance.whiten` delivers them.

Method: the Page statistic has an atom at 0 and a smooth density on (0, h]. Its one-step integral
equation is solved by Nyström's method on Gauss-Legendre nodes. The kernel is Gaussian, so the error
falls faster than any power of the node count; the Markov chain on equal cells of Brook & Evans (1972)
takes hundreds of states for the digits that some fifty nodes give here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]

NORMAL = NormalDist()
WIDEST = 64.0
"""Highest threshold looked for; only an allowance of nearly 0 over thousands of periods needs more."""
LEAST = 1e-9
"""Lowest threshold looked for: as good as none. With an allowance that is quieter by itself than was asked for,
whatever exceeds that alarms."""
LONGEST = 10_000
"""Most periods in one budget: 27 years of daily balances. It also bounds the cost of one threshold."""


def page_alarm_probability(h: float, k: float, shifts: Sequence[float]) -> float:
    """The probability that a Page test from 0 alarms at least once while its means are `shifts`.

    With zeros this is the total false-alarm probability, with a loss (in standard deviations of each
    period) the detection probability. Cost: one matrix a distinct shift, one product a period.

    >>> round(page_alarm_probability(3.3745, 0.5, [0.0] * 12), 4)
    0.05
    >>> round(page_alarm_probability(3.3745, 0.5, [0.0] * 6 + [4.0] + [0.0] * 5), 3)
    0.751
    """
    _require_scheme(h, k)
    nodes, weights = _nodes(0.0, h)
    origin = np.concatenate(([0.0], nodes))
    steps = {shift: _page_step(nodes, weights, k - shift) for shift in set(shifts)}
    exits = {shift: _tails(h + k - shift - origin) for shift in steps}
    mass = np.zeros(origin.size)
    mass[0] = 1.0
    alarmed = 0.0
    for shift in shifts:
        # Summed as it leaves: 1 − what remains would lose the digits of a small probability.
        alarmed += float(mass @ exits[shift])
        mass = mass @ steps[shift]
    return min(alarmed, 1.0)


@lru_cache(maxsize=1024)
def page_threshold(periods: int, k: float, false_alarm: float) -> float:
    """The h at which a one-sided Page test alarms within `periods` clean periods with `false_alarm`.

    For both sides together give each side half of the budget: the sum bounds the total from above.

    >>> round(page_threshold(12, 0.5, 0.05), 4), round(page_threshold(365, 1.0, 0.05), 4)
    (3.3745, 3.6402)
    """
    _require_budget(periods, false_alarm)
    _require_scheme(1.0, k)
    clean = (0.0,) * periods
    return _root(lambda h: page_alarm_probability(h, k, clean) - false_alarm)


@lru_cache(maxsize=1024)
def page_threshold_at_rate(alarms_a_period: float, k: float) -> float:
    """The h at which a one-sided Page test gives this many false alarms a period in the long run.

    For a budget a week: alarms a week · days between two counts / 7. The rate is 1 / run length: of a test that
    begins anew after each alarm.

    >>> round(page_threshold_at_rate(1 / (2 * 370.0), 0.25), 2)
    8.01
    """
    _require_budget(1, alarms_a_period)
    _require_scheme(1.0, k)
    return _root(lambda h: 1.0 / page_run_length(h, k) - alarms_a_period)


def shewhart_threshold_at_rate(alarms_a_period: float) -> float:
    """The c that a clean observation exceeds this often: one false alarm in 1 / rate periods.

    >>> round(shewhart_threshold_at_rate(0.00135), 2)
    3.0
    """
    return shewhart_threshold(1, alarms_a_period)


def page_run_length(h: float, k: float, shift: float = 0.0) -> float:
    """The average number of periods to the alarm of a one-sided Page test from 0, with the alarm's own.

    >>> round(page_run_length(3.0, 0.5), 2), round(page_run_length(3.0, 0.5, 1.5), 2)
    (117.6, 3.75)
    """
    _require_scheme(h, k)
    nodes, weights = _nodes(0.0, h)
    return float(_expected_steps(_page_step(nodes, weights, k - shift))[0])


def cusum_run_length(h: float, k: float, shift: float = 0.0) -> float:
    """The average run length of a two-sided CUSUM: the rates of its two sides add up.

    Exact for two sides of one (h, k) from 0, which never alarm at once (van Dobben de Bruyn 1968).

    >>> round(cusum_run_length(4.0, 0.5, 1.0), 2)
    8.38
    """
    return 1.0 / (1.0 / page_run_length(h, k, shift) + 1.0 / page_run_length(h, k, -shift))


@lru_cache(maxsize=1024)
def shewhart_threshold(periods: int, false_alarm: float) -> float:
    """The c_N that the largest of `periods` clean observations exceeds with probability `false_alarm`.

    >>> round(shewhart_threshold(365, 0.05), 4)
    3.6322
    """
    _require_budget(periods, false_alarm)
    return -NORMAL.inv_cdf(-math.expm1(math.log1p(-false_alarm) / periods))


def shewhart_alarm_probability(c: float, shifts: Sequence[float]) -> float:
    """The probability that at least one observation with mean `shifts[i]` exceeds c.

    >>> round(shewhart_alarm_probability(3.6322, [4.0] + [0.0] * 364), 3)
    0.661
    """
    tails = _tails(c - np.array(shifts, dtype=np.float64)).tolist()
    if max(tails, default=0.0) >= 1.0:
        return 1.0  # a shift so large that the rest is below the last bit
    return -math.expm1(math.fsum(math.log1p(-tail) for tail in tails))


def ewma_run_length(smoothing: float, width: float, shift: float = 0.0) -> float:
    """The average run length of a two-sided EWMA from 0 with limits ± width · its asymptotic sigma.

    `smoothing` is lambda in (0, 1]; the limits are fixed (not widened over the first periods).

    >>> round(ewma_run_length(0.03, 2.437, 0.5), 1)
    29.3
    """
    if not 0.0 < smoothing <= 1.0 or not 0.0 < width < WIDEST:
        raise ValueError(f"an EWMA needs 0 < smoothing <= 1 and 0 < width: {smoothing}, {width}")
    limit = width * math.sqrt(smoothing / (2.0 - smoothing))
    nodes, weights = _nodes(-limit, limit, scale=smoothing)
    arguments = (nodes[None, :] - (1.0 - smoothing) * nodes[:, None]) / smoothing - shift
    step = _density(arguments) * weights[None, :] / smoothing
    at_nodes = _expected_steps(step)
    from_zero = _density(nodes / smoothing - shift) * weights / smoothing
    return 1.0 + float(from_zero @ at_nodes)


def loss_detection_bound(distance: float, false_alarm: float) -> float:
    """The most that any test can detect of a known loss at Mahalanobis `distance` √(Mᵀ·Cov⁻¹·M).

    >>> round(loss_detection_bound(3.29, 0.05), 2)
    0.95
    """
    _require_budget(1, false_alarm)
    return 1.0 - NORMAL.cdf(NORMAL.inv_cdf(1.0 - false_alarm) - distance)


def _page_step(nodes: Floats, weights: Floats, drift: float) -> Floats:
    """Row: from (0, nodes...); column: to (the atom 0, the mass about each node)."""
    origin = np.concatenate(([0.0], nodes))
    step = np.empty((origin.size, origin.size))
    step[:, 0] = _tails(origin - drift)
    step[:, 1:] = _density(nodes[None, :] + drift - origin[:, None]) * weights[None, :]
    return step


def _expected_steps(step: Floats) -> Floats:
    expected: Floats = np.linalg.solve(np.eye(len(step)) - step, np.ones(len(step))).astype(np.float64)
    return expected


def _nodes(low: float, high: float, *, scale: float = 1.0) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights: eight to each standard deviation of the kernel, and 24 more."""
    nodes, weights = _unit_nodes(24 + math.ceil(8.0 * (high - low) / scale))
    half = (high - low) / 2.0
    return low + half * (nodes + 1.0), half * weights


@lru_cache(maxsize=64)
def _unit_nodes(count: int) -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return nodes.astype(np.float64), weights.astype(np.float64)


def _density(x: Floats) -> Floats:
    values: Floats = np.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)
    return values


def _tails(x: Floats) -> Floats:
    """The probability above each x; Φ(−x) keeps its relative precision far out, 1 − Φ(x) would not."""
    tails: Floats = ndtr(-x)
    return tails


def _root(excess: Callable[[float], float]) -> float:
    """Where the falling `excess` crosses 0, by doubling and then bisection to ten digits; `LEAST` at the least."""
    low, high = 0.0, 1.0
    while excess(high) > 0.0:
        low, high = high, 2.0 * high
        if high > WIDEST:
            raise ValueError(f"no threshold up to {WIDEST} is this quiet")
    while high - low > 1e-10 * high and high > LEAST:
        middle = 0.5 * (low + high)
        if excess(middle) > 0.0:
            low = middle
        else:
            high = middle
    return high


def _require_scheme(h: float, k: float) -> None:
    if not (0.0 < h <= WIDEST and 0.0 <= k <= WIDEST):
        raise ValueError(f"a Page test needs 0 < h <= {WIDEST} and 0 <= k <= {WIDEST}: h={h}, k={k}")


def _require_budget(periods: int, false_alarm: float) -> None:
    if not 1 <= periods <= LONGEST:
        raise ValueError(f"periods must be 1 to {LONGEST}: {periods}")
    if not 0.0 < false_alarm < 1.0:
        raise ValueError(f"a false-alarm probability lies between 0 and 1: {false_alarm}")
