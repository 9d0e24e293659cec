"""GEMUF: the whole series of balances at once, MUFᵀ · Cov⁻¹ · MUF.

Law: it is the sum of the squared SITMUF, since MUFᵀ·(L·Lᵀ)⁻¹·MUF = |L⁻¹·MUF|²: χ² with N degrees of freedom while
nothing is lost and the stated uncertainties are true. It asks for no pattern of loss, so it is the weaker test of
each, and it answers to a wrong covariance as readily as to a theft. No rule alarms by it: it says whether the
instruments' papers can be believed, before a loss is read from the other tests.
"""

from __future__ import annotations

import msgspec
from scipy.special import chdtrc, chdtri

from detectors.sequential.balance import Degenerate, Sitmuf
from detectors.sequential.threshold import LONGEST


class GemufState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The sum of squares so far over `periods` balances that had a SITMUF."""

    total: float = 0.0
    periods: int = 0


class Gemuf(msgspec.Struct, frozen=True, gc=False):
    """The statistic and its degrees of freedom; `p` is the probability of as much or more without loss."""

    total: float
    periods: int
    p: float


def accumulate(state: GemufState, balance: Sitmuf | Degenerate) -> GemufState:
    """Take in one whitened balance; one without a SITMUF has no degree of freedom."""
    if isinstance(balance, Degenerate):
        return state
    return GemufState(state.total + balance.value * balance.value, state.periods + 1)


def read(state: GemufState) -> Gemuf | None:
    """The statistic now; None before the first balance that has a SITMUF.

    >>> read(GemufState()) is None
    True
    >>> found = read(GemufState(21.026, 12))
    >>> round(found.p, 3)
    0.05
    """
    if state.periods == 0:
        return None
    return Gemuf(total=state.total, periods=state.periods, p=float(chdtrc(state.periods, state.total)))


def gemuf_threshold(periods: int, false_alarm: float) -> float:
    """What GEMUF over `periods` clean balances, asked once at their end, exceeds with this probability.

    >>> round(gemuf_threshold(12, 0.05), 3)
    21.026
    """
    if not 1 <= periods <= LONGEST or not 0.0 < false_alarm < 1.0:
        raise ValueError(f"1 to {LONGEST} periods, a probability between 0 and 1: {periods}, {false_alarm}")
    return float(chdtri(periods, false_alarm))
