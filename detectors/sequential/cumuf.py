"""CUMUF: everything missing since the series began, against the uncertainty of that sum.

Law: σ² is 1ᵀ · Cov(MUF) · 1, the exact variance of the sum: inner counts cancel, biases add up. For equal
periods this is N·σ_T² + 2·σ_I² + N²·σ_S². It is the best test of a loss spread like the uncertainty itself. Sums of
consecutive windows share the count between them and every bias: their limits follow from that covariance.
"""

from __future__ import annotations

import math

import msgspec
from scipy.special import ndtri

from detectors.sequential.balance import BIASES, Measured, Period
from detectors.sequential.joint import limit_after


class Pull(msgspec.Struct, frozen=True, array_like=True, order=True, gc=False):
    """How many base units one instrument's bias has moved the sum by, per unit of relative error."""

    used: int
    id: str
    systematic: float
    quantity: int


class CumufState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The sum so far. `settled` is the variance that no later period can change, in base units squared."""

    periods: int = 0
    total: int = 0
    settled: float = 0.0
    last: Measured | None = None
    pulls: tuple[Pull, ...] = ()
    opening: Measured | None = None


class Asked(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A window that was asked: what it summed up, its limit in σ, and its place in its year (from 1)."""

    sum: CumufState
    limit: float
    place: int


class Cumuf(msgspec.Struct, frozen=True, gc=False):
    """The sum of all MUF and its standard deviation, in base units; z = total / sigma is N(0, 1)."""

    total: int
    sigma: float
    z: float


def accumulate(state: CumufState, period: Period) -> CumufState:
    """Take in one period; biases are bounded by the same rule as in `balance.BIASES`."""
    number = state.periods + 1
    fresh = [period.flow_variance()]
    if state.last != period.opening:
        fresh.append(period.opening.scatter**2)
        if state.last is not None:
            fresh.append(state.last.scatter**2)
    pulls = {(pull.id, pull.systematic): pull for pull in state.pulls}
    for key, quantity in period.leverage().items():
        before = pulls[key].quantity if key in pulls else 0
        pulls[key] = Pull(number, *key, before + quantity)
    ordered = sorted(pulls.values())
    retired, kept = ordered[: max(0, len(ordered) - BIASES)], ordered[-BIASES:]
    fresh += [_variance(pull) for pull in retired]
    return CumufState(
        periods=number,
        total=state.total + period.muf,
        settled=math.fsum((state.settled, *fresh)),
        last=period.closing,
        pulls=tuple(kept),
        opening=period.opening if state.last is None else state.opening,
    )


def read(state: CumufState) -> Cumuf | None:
    """The statistic now; None before the first period, or while every measurement was exact.

    >>> from detectors.sequential.balance import Uncertainty
    >>> gauge = Uncertainty("gauge", 0.01, 0.0)
    >>> full, less, low = (Measured(q, gauge) for q in (1000, 950, 900))
    >>> read(CumufState()) is None
    True
    >>> state = accumulate(CumufState(), Period((), (), full, less))
    >>> found = read(accumulate(state, Period((), (), less, low)))
    >>> found.total, round(found.sigma, 2), round(found.z, 2)
    (100, 13.45, 7.43)
    """
    if state.last is None:
        return None
    variance = math.fsum((state.settled, state.last.scatter**2, *map(_variance, state.pulls)))
    if variance <= 0.0:
        return None
    sigma = math.sqrt(variance)
    return Cumuf(total=state.total, sigma=sigma, z=float(state.total) / sigma)


def ask(before: Asked | None, total: CumufState, *, windows: int, false_alarm: float) -> Asked:
    """The limit of a window that ends: of ``windows`` a year, any exceeds its own with ``false_alarm`` at most.

    Each spends an equal part. What it shares with the one before in its year, a bias above all, is no second chance
    of a false alarm: where both say the same thing, the later may say it sooner. The first of a year stands alone.

    >>> from detectors.sequential.balance import Uncertainty
    >>> scale, exact = Uncertainty("scale", 0.0, 0.005), Uncertainty("exact", 0.0, 0.0)
    >>> moved = Period((Measured(1000, scale),), (Measured(1000, exact),), *[Measured(9, exact)] * 2)
    >>> half = accumulate(CumufState(), moved)
    >>> first = ask(None, half, windows=2, false_alarm=0.005)
    >>> second = ask(first, half, windows=2, false_alarm=0.005)
    >>> round(first.limit, 3), round(second.limit, 3), second.place
    (2.807, 2.576, 2)
    """
    spend, found = false_alarm / windows, read(total)
    if before is None or before.place >= windows:
        return Asked(total, float(-ndtri(spend)), 1)
    earlier = read(before.sum)
    shared = 0.0
    if found is not None and earlier is not None:
        shared = shared_variance(before.sum, total) / earlier.sigma / found.sigma
    return Asked(total, limit_after(before.limit, shared, spend), before.place + 1)


def shared_variance(before: CumufState, after: CumufState) -> float:
    """The covariance of the sums of two consecutive windows, in base units squared."""
    known = {(pull.id, pull.systematic): pull.quantity for pull in before.pulls}
    terms = [
        float(pull.quantity) * float(known[pull.id, pull.systematic]) * pull.systematic**2
        for pull in after.pulls
        if (pull.id, pull.systematic) in known
    ]
    if before.last is not None and before.last == after.opening:
        terms.append(-(before.last.scatter**2))
    return math.fsum(terms)


def _variance(pull: Pull) -> float:
    return (float(pull.quantity) * pull.systematic) ** 2
