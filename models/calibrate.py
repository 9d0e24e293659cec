"""From "so many false alarms a week" to a threshold on scores, with the confidence it really has.

Law: a threshold is a clean score of a given rank and says how it was come by. Where there are too few
clean scores for the budget at the confidence asked for, the result says so, with the confidence left and
the number that would be needed; it never looks like the real thing.

Days of one unit resemble each other, and what a budget is kept on are days of units to come. So scores count for as
many as they are worth: their number, divided by the design effect with which strange days crowd in few units. It is
looked for as deep among them as the budget reaches.

Scores: higher is stranger; an alarm is a score *above* the threshold, so that ties stay within budget.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.unit_day import fingerprint

Floats = NDArray[np.float64]
Units = NDArray[np.intp]

SHALLOWEST: Final = 1_000
DEPTHS: Final = (50, 20, 10, 5, 2)
"""The design effect is looked for from the highest thousandth of the scores to the highest fiftieth; for a budget
of more than that to the highest twentieth, tenth, fifth or half."""
FEWEST_UNITS: Final = 20
"""With fewer units it cannot be known how much units differ: each then counts as one score."""
FOLDS: Final = 5
"""Into how many parts the units are dealt: what calibrates is a unit's that none of the other parts held."""


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
    """A threshold: the clean score of this rank from the top, out of `clean`, `worth` so many independent ones.

    `confidence` is the probability, over draws of the units that gave the clean scores, that at most `rate` of
    clean things score above it; `needed` is how many clean scores the budget takes, of units that differ so much.
    """

    score: float
    basis: Basis
    rank: int
    clean: int
    worth: int
    needed: int
    rate: float
    confidence: float


def limit(clean: Floats, budget: Budget, effects: Sequence[float] = (1.0,)) -> Limit | None:
    """The threshold for a budget from clean scores in ascending order; None without any.

    ``effects`` are their design effects to `DEPTHS`, or to as many of them as are known. What keeps a smaller
    budget keeps a larger one: of the thresholds by each depth the lowest counts, so that more is never stricter.

    >>> budget = Budget(alarms_per_week=2.0, scored_per_week=2000.0)
    >>> found = limit(np.linspace(0.3, 0.6, 5000), budget)
    >>> str(found.basis), found.rank, round(found.confidence, 3)
    ('tolerance', 2, 0.96)
    >>> found = limit(np.linspace(0.3, 0.6, 500), budget)
    >>> str(found.basis), found.rank, round(found.confidence, 3), found.needed
    ('too_few', 1, 0.394, 2302)
    >>> found = limit(np.linspace(0.3, 0.6, 20_000), budget, (4.0,))
    >>> str(found.basis), found.rank, found.worth, found.needed
    ('tolerance', 5, 5000, 9208)
    >>> found = limit(np.linspace(0.3, 0.6, 5000), Budget(1.0, 20.0), (1.0, 2.0))
    >>> found.rank, found.worth
    (221, 2500)
    """
    if len(clean) == 0:
        return None
    shares = [1.0 / depth for depth in DEPTHS[: len(effects) - 1] if 1.0 / depth < budget.rate]
    steps = zip((*shares, budget.rate), effects, strict=False)
    found = [_limit(clean, budget, share, effect) for share, effect in steps]
    return max(reversed(found), key=lambda one: (one.basis is Basis.TOLERANCE, one.rank))


def _limit(clean: Floats, budget: Budget, share: float, effect: float) -> Limit:
    """The threshold for a budget that keeps a share of it at most, by one design effect."""
    count, delta = len(clean), 1.0 - budget.confidence
    worth = math.floor(count / effect)
    within, missed = tolerance_rank(worth, share, delta)
    return Limit(
        score=float(clean[count - 1 - math.floor(effect * max(within - 1, 0))]),
        basis=Basis.TOLERANCE if within else Basis.TOO_FEW,
        rank=1 + math.floor(effect * max(within - 1, 0)),
        clean=count,
        worth=worth,
        needed=math.ceil(effect * clean_needed(share, delta)),
        rate=budget.rate,
        confidence=1.0 - (missed if within else (1.0 - share) ** worth),
    )


class Dependence(msgspec.Struct, frozen=True, omit_defaults=True):
    """How clean scores hang together: of how many units they are, and their design effect.

    ``effect`` reaches to the first of `DEPTHS`, ``deeper`` are those to the others; models of old have none.
    """

    units: int
    effect: float
    deeper: tuple[float, ...] = ()

    @property
    def effects(self) -> tuple[float, ...]:
        """The design effect to each of `DEPTHS`, as far as it is known."""
        return (self.effect, *self.deeper)


def hang_together(units: Units) -> Dependence:
    """How scores hang together, from whose they are, the strangest score first; effects are rounded up."""
    effects = (design_effect(units, depth) if len(units) else 1.0 for depth in DEPTHS)
    first, *deeper = (math.ceil(effect * 100) / 100 for effect in effects)
    return Dependence(len(np.unique(units)), first, tuple(deeper))


def deal(units: Iterable[str]) -> dict[str, int]:
    """Each unit's number, by chance but always alike; numbers that are equal modulo `FOLDS` make a fold."""
    return {unit: n for n, unit in enumerate(sorted(set(units), key=lambda unit: (fingerprint(unit), unit)))}


def design_effect(units: Units, deepest: int = DEPTHS[0]) -> float:
    """How many clean scores are worth one independent one, from whose they are, the strangest score first.

    Of the highest r of n scores unit i has X, of all m. Were units alike, X would vary about m·r/n as a binomial
    does; by how much more it varies, Σ(X − m·r/n)² ÷ r(1 − r/n), is the effect at that depth (Kish's design effect;
    Korn & Graubard 1998 set limits by it). The largest of all depths to 1/``deepest`` of n counts, and at least 1.

    >>> design_effect(np.tile(np.arange(50), 100))
    1.0
    >>> round(design_effect(np.repeat(np.arange(50), 100)))
    102
    """
    count = len(units)
    own = np.bincount(units)
    alike = int((own > 0).sum())
    if alike < FEWEST_UNITS:
        return max(1.0, count / max(alike, 1))
    depth = np.arange(1, math.ceil(count / deepest) + 1)
    shallowest = math.ceil(count / SHALLOWEST)
    top = units[: len(depth)]
    share = depth / count
    squares = np.cumsum(2 * _earlier(top) + 1)
    about = squares - 2 * share * np.cumsum(own[top]) + share * share * float((own.astype(np.float64) ** 2).sum())
    effects = about / (depth * (1.0 - share)) * alike / (alike - 1)
    return max(1.0, float(effects[shallowest - 1 :].max()))


def _earlier(units: Units) -> Units:
    """For each place how often its unit stands before it."""
    order = np.argsort(units, kind="stable")
    ordered = units[order]
    begins = np.searchsorted(ordered, ordered)
    found = np.empty_like(order)
    found[order] = np.arange(len(units)) - begins
    return found


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
