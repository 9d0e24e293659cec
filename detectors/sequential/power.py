"""Detection power: which loss these instruments and these counts would show, with which probability.

Law: power is computed by the same recursion as the threshold, from the shift that a loss makes in the whitened
balances; nothing is said of a loss that the covariance does not answer for.
"""

from __future__ import annotations

from collections.abc import Sequence

from detectors.sequential.balance import BalanceState, Measured, Period, Sitmuf, Uncertainty, whiten
from detectors.sequential.threshold import NORMAL, page_alarm_probability

_EXACT = Uncertainty("", 0.0, 0.0)
LONGEST_LOOK = 400
"""Most periods that a loss is followed over."""


def shifts(state: BalanceState, period: Period, losses: Sequence[int]) -> tuple[float, ...]:
    """By how many standard deviations losses (base units a period) move the SITMUF of the periods to come.

    These are taken to be like ``period`` and to open with its closing count. Whitening is linear, so the shift is
    the difference between the series with the losses and the one without; a degenerate balance shows nothing.

    >>> from detectors.sequential.balance import Uncertainty
    >>> stock = Measured(1_000, Uncertainty("gauge", 0.01, 0.0))
    >>> [round(shift, 2) for shift in shifts(BalanceState(), Period((), (), stock, stock), (50, 0, 0))]
    [3.54, 2.04, 1.44]
    """
    like = Period(period.inputs, period.outputs, period.closing, period.closing)
    with_loss = without = state
    found = []
    for loss in losses[:LONGEST_LOOK]:
        short = Period((*like.inputs, Measured(loss, _EXACT)), like.outputs, like.opening, like.closing)
        with_loss, seen = whiten(with_loss, short)
        without, clean = whiten(without, like)
        if isinstance(seen, Sitmuf) and isinstance(clean, Sitmuf):
            found.append(seen.value - clean.value)
        else:
            found.append(0.0)
    return tuple(found)


def noticed_at_once(c: float, power: float) -> float:
    """The loss, in σ of its balance, that a Shewhart limit c shows at the next count with this probability.

    >>> round(noticed_at_once(3.6322, 0.95), 2)
    5.28
    """
    return c + NORMAL.inv_cdf(power)


def noticed_spread(h: float, k: float, unit: Sequence[float], power: float) -> float | None:
    """How many times a loss that shifts the periods by ``unit`` must have for a Page test from 0 to show it.

    With this probability, to a thousandth; None where no multiple of it would show (nothing is shifted upwards).

    >>> round(noticed_spread(6.9956, 0.5, [1.0] * 30, 0.95), 2)
    0.95
    """
    largest = max(unit, default=0.0)
    if largest <= 0.0:
        return None
    low, high = 0.0, (h + k + max(NORMAL.inv_cdf(power), 0.0) + 1.0) / largest
    if page_alarm_probability(h, k, [high * shift for shift in unit]) < power:
        return None
    while high - low > 1e-3 * high:
        middle = 0.5 * (low + high)
        if page_alarm_probability(h, k, [middle * shift for shift in unit]) < power:
            low = middle
        else:
            high = middle
    return high
