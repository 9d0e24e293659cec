"""From "so many false alarms a week" to a threshold on scores, with the confidence it really has.

Law: a threshold is a clean score of a given rank and says how it was come by. Where there are too few
clean scores for the budget at the confidence asked for, the result says so, with the confidence left and
the number that would be needed; it never looks like the real thing.

Scores: higher is stranger; an alarm is a score *above* the threshold, so that ties stay within budget.
"""

from __future__ import annotations

import enum
import math

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Budget(msgspec.Struct, frozen=True):
    """How many false alarms a week are borne, out of how many scored things a week, and how surely."""

    alarms_per_week: float
    scored_per_week: float
    confidence: float = 0.9

    def __post_init__(self) -> None:
        if not (0.0 < self.alarms_per_week < self.scored_per_week < math.inf and 0.0 < self.confidence < 1.0):
            raise ValueError(f"a budget is 0 < alarms < scored a week, with a confidence below 1: {self}")

    @property
    def rate(self) -> float:
        """q: false alarms for each scored thing."""
        return self.alarms_per_week / self.scored_per_week


class Basis(enum.StrEnum):
    """What a threshold rests on."""

    TOLERANCE = "tolerance"
    """A tolerance limit: the budget is kept with at least the confidence asked for."""
    TOO_FEW = "too_few"
    """The highest clean score, for want of more: the confidence is lower than asked for, see `Limit`."""


class Limit(msgspec.Struct, frozen=True):
    """A threshold: the clean score of this rank from the top, out of `clean`.

    `confidence` is the probability, over draws of the clean scores, that at most `rate` of clean things
    score above it; `needed` is how many clean scores the budget takes.
    """

    score: float
    basis: Basis
    rank: int
    clean: int
    needed: int
    rate: float
    confidence: float


def limit(clean: Floats, budget: Budget) -> Limit | None:
    """The threshold for a budget from clean scores in ascending order; None without any.

    >>> budget = Budget(alarms_per_week=2.0, scored_per_week=2000.0)
    >>> found = limit(np.linspace(0.3, 0.6, 5000), budget)
    >>> str(found.basis), found.rank, round(found.confidence, 3)
    ('tolerance', 2, 0.96)
    >>> found = limit(np.linspace(0.3, 0.6, 500), budget)
    >>> str(found.basis), found.rank, round(found.confidence, 3), found.needed
    ('too_few', 1, 0.394, 2302)
    """
    count = len(clean)
    if count == 0:
        return None
    delta = 1.0 - budget.confidence
    needed = clean_needed(budget.rate, delta)
    rank, missed = tolerance_rank(count, budget.rate, delta)
    basis = Basis.TOLERANCE if rank else Basis.TOO_FEW
    if not rank:
        rank, missed = 1, (1.0 - budget.rate) ** count
    return Limit(
        score=float(clean[count - rank]),
        basis=basis,
        rank=rank,
        clean=count,
        needed=needed,
        rate=budget.rate,
        confidence=1.0 - missed,
    )


def clean_needed(rate: float, delta: float) -> int:
    """The fewest clean scores with which `rate` can be promised at confidence 1 − delta.

    >>> clean_needed(1e-3, 0.1)
    2302
    """
    return math.ceil(math.log(delta) / math.log1p(-rate))


def tolerance_rank(count: int, rate: float, delta: float) -> tuple[int, float]:
    """The largest k with BetaInv(1−δ; k, n+1−k) ≤ q, and the probability that the budget is broken; (0, 1)
    when there is none.

    The share of clean things above the k-th highest of n clean scores is Beta(k, n+1−k), and that Beta is
    below q exactly when at least k of n draws of probability q succeed: so terms of a binomial are added.

    >>> tolerance_rank(2302, 1e-3, 0.1)[0], tolerance_rank(2301, 1e-3, 0.1)[0]
    (1, 0)
    """
    rank, below = 0, 1.0
    total = 0.0
    for successes in range(count):
        total += _binomial(successes, count, rate)
        if total > delta:
            break
        rank, below = successes + 1, total
    return rank, below


def conformal_p(clean: Floats, score: float) -> float:
    """p = (1 + #{clean ≥ score}) / (n + 1), clean scores in ascending order.

    Its budget holds on average over calibrations; a given one breaks it in a third of cases or more, which
    is why `limit` is what alarms go by and p is only shown.

    >>> conformal_p(np.array([0.3, 0.4, 0.5]), 0.5), conformal_p(np.array([0.3, 0.4, 0.5]), 0.51)
    (0.5, 0.25)
    """
    at_least = len(clean) - int(np.searchsorted(clean, score, side="left"))
    return (1 + at_least) / (len(clean) + 1)


def _binomial(successes: int, count: int, rate: float) -> float:
    log = math.lgamma(count + 1) - math.lgamma(successes + 1) - math.lgamma(count - successes + 1)
    return math.exp(log + successes * math.log(rate) + (count - successes) * math.log1p(-rate))
