"""Two sums that share errors: how far the second may go, given how far the first was allowed to.

Law: the probability that any of a series of correlated N(0, 1) statistics exceeds its limit is at most what was
stated. The n-th may add ``spend``: P(before ≤ its limit, this > its own) = spend. The sum of these is the bound of
Hunter (1976) and Worsley (1982), P(∪A) ≤ ΣP(A_i) − ΣP(A_i ∩ A_{i−1}): exact for two, and whenever the statistics
are independent or the same.
"""

from __future__ import annotations

from functools import lru_cache

from scipy.special import ndtr, ndtri, owens_t

_LOWEST = -40.0
"""Below it no normal variable is found, in double precision."""
_ALIKE = 1e-12
"""A correlation this close to ±1 is taken as that."""


def both_above(first: float, second: float, correlation: float) -> float:
    """P(X > first, Y > second) of two N(0, 1) with this correlation, by Owen's T function (Owen 1956).

    >>> both_above(0.0, 0.0, 0.5) == 1 / 3  # Sheppard: 1/4 + asin(r) / 2π
    True
    >>> round(both_above(2.0, 2.5, 0.7), 6)
    0.00301
    """
    if correlation >= 1.0 - _ALIKE:
        return float(ndtr(-max(first, second)))
    if correlation <= -1.0 + _ALIKE:
        return max(float(ndtr(-second) - ndtr(first)), 0.0)
    root = ((1.0 - correlation) * (1.0 + correlation)) ** 0.5
    parts = _corner(-first, -second, correlation, root) + _corner(-second, -first, correlation, root)
    apart = (first > 0.0) != (second > 0.0)
    both = 0.5 * float(ndtr(-first) + ndtr(-second)) - parts - 0.5 * apart
    return min(max(both, 0.0), 1.0)


def _corner(x: float, y: float, correlation: float, root: float) -> float:
    if x == 0.0:
        return 0.25 if y > 0.0 else -0.25 if y < 0.0 else _at_origin(correlation, root)
    return float(owens_t(x, (y / x - correlation) / root))


def _at_origin(correlation: float, root: float) -> float:
    """What y/x tends to on the diagonal, where both are 0."""
    return float(owens_t(0.0, (1.0 - correlation) / root))


@lru_cache(maxsize=4096)
def limit_after(before: float, correlation: float, spend: float) -> float:
    """The limit that this statistic alone exceeds, the one before not, with probability ``spend``.

    ``before`` is the limit of the one before, in its standard deviations. Never above the limit that this would
    have by itself.

    >>> round(limit_after(2.807, 0.0, 0.0025), 3), round(limit_after(2.807, 0.997, 0.0025), 3)
    (2.806, 2.576)
    """
    if not 0.0 < spend < 1.0:
        raise ValueError(f"a probability lies between 0 and 1: {spend}")
    high = float(-ndtri(spend))
    low = _LOWEST
    for _ in range(64):
        middle = 0.5 * (low + high)
        if float(ndtr(-middle)) - both_above(before, middle, correlation) > spend:
            low = middle
        else:
            high = middle
    return high
