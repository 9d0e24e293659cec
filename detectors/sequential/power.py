"""Detection power: which loss these instruments and these counts would show, with which probability.

Law: power is computed by the same recursion as the threshold, from the shift that a loss makes in the whitened
balances; nothing is said of a loss that the covariance does not answer for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

from msgspec import Struct

from detectors.sequential.balance import BalanceState, Measured, Period, Sitmuf, Uncertainty, whiten
from detectors.sequential.threshold import NORMAL, page_alarm_probability, shewhart_alarm_probability

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
    like = _again(period)
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


@lru_cache(maxsize=256)
def noticed_spread(h: float, k: float, unit: tuple[float, ...], power: float) -> float | None:
    """How many times a loss that shifts the periods by ``unit`` must have for a Page test from 0 to show it.

    With this probability, to a thousandth; None where no multiple of it would show (nothing is shifted upwards).
    Kept, since late facts fold the same episode again.

    >>> round(noticed_spread(6.9956, 0.5, (1.0,) * 30, 0.95), 2)
    0.95
    """
    largest = max(unit, default=0.0)
    if largest <= 0.0:
        return None
    most = (h + k + max(NORMAL.inv_cdf(power), 0.0) + 1.0) / largest
    return _least(lambda times: page_alarm_probability(h, k, [times * shift for shift in unit]), power, most)


def _least(probability: Callable[[float], float], power: float, most: float) -> float | None:
    """The least argument up to ``most`` that has this probability, to a thousandth from above; None if none has.

    By the chord between the ends, in standard deviations (there the curve is nearly straight), and from a little
    beside an end that it comes upon, so that the other end follows.
    """
    aim = NORMAL.inv_cdf(power)
    low, short, high, over = 0.0, _deviations(probability(0.0)) - aim, most, _deviations(probability(most)) - aim
    if over < 0.0:
        return None
    while high - low > 1e-3 * high:
        beside = 4e-4 * high
        middle = low + (high - low) * short / (short - over) if short < 0.0 else low
        middle = min(max(middle, low + beside), high - beside)
        excess = _deviations(probability(middle)) - aim
        if excess < 0.0:
            low, short = middle, excess
        else:
            high, over = middle, excess
    return high


def _deviations(probability: float) -> float:
    """A probability as standard deviations, near the ends 8 at most."""
    return NORMAL.inv_cdf(min(max(probability, 1e-15), 1.0 - 1e-15))


def readable(amount: float) -> int:
    """A quantity in base units, rounded up to three digits: no more is meant by what would be noticed.

    >>> readable(348_667.8), readable(7)
    (349000, 7)
    """
    whole = math.ceil(amount)
    step: int = 10 ** max(len(str(whole)) - 3, 0)
    return -(-whole // step) * step


class Limits(Struct, frozen=True):
    """The thresholds that a loss is held against: Shewhart's c, and Page's h and k, all in standard deviations.

    None is a test that nobody makes.
    """

    c: float | None
    h: float | None
    k: float


class Outlook(Struct, frozen=True):
    """How losses would show in a book that goes on like one period: ``looks`` counts come in the time asked for.

    ``sigma`` is what a balance errs by, given all earlier ones, in base units. ``once`` and ``evenly`` are the
    shifts of the coming balances for a base unit lost in the first of them, and in each.
    """

    sigma: float
    looks: int
    once: tuple[float, ...]
    evenly: tuple[float, ...]

    def at_once(self, loss: float, limits: Limits) -> float:
        """The probability that a loss in one period is noticed in time: at least the better test's."""
        if not self.looks:
            return 0.0
        first = 0.0 if limits.c is None else shewhart_alarm_probability(limits.c, (self.once[0] * loss,))
        return max(first, _by_page(limits, [shift * loss for shift in self.once]))

    def spread(self, loss: float, limits: Limits) -> float:
        """The probability that a loss is noticed in time of which each period takes the same part: Page's test."""
        if not self.looks:
            return 0.0
        part = loss / self.looks
        return _by_page(limits, [shift * part for shift in self.evenly])

    def least_at_once(self, limits: Limits, power: float) -> float | None:
        """The least loss in one period that is noticed in time with this probability; None below a thousand σ."""
        most = self.sigma
        while most <= 1_000.0 * self.sigma:
            if (found := _least(lambda loss: self.at_once(loss, limits), power, most)) is not None:
                return found
            most *= 2.0
        return None

    def least_spread(self, limits: Limits, power: float) -> float | None:
        """The same of a loss of which each period takes the same part, to a thousandth."""
        return least_spread(self.evenly, limits, power)


def least_spread(evenly: tuple[float, ...], limits: Limits, power: float) -> float | None:
    """The least loss over so many periods, each taking the same part, that Page's test shows with this probability.

    ``evenly`` are the shifts for a base unit lost in each, as ``evenly_shifted`` has them; None where none shows.
    """
    needed = None if limits.h is None else noticed_spread(limits.h, limits.k, evenly, power)
    return None if needed is None else needed * len(evenly)


def evenly_shifted(state: BalanceState, period: Period, looks: int) -> tuple[float, ...]:
    """The shifts of so many balances to come for a base unit lost in each; none where nothing errs.

    To four digits: most periods then shift alike, and what is found is good to a thousandth anyway.
    """
    _, balance = whiten(state, _again(period))
    if not isinstance(balance, Sitmuf):
        return ()
    probe = max(round(balance.sigma), 1)
    return tuple(float(f"{shift / probe:.4g}") for shift in shifts(state, period, [probe] * looks))


def _by_page(limits: Limits, shifts: Sequence[float]) -> float:
    return 0.0 if limits.h is None else page_alarm_probability(limits.h, limits.k, shifts)


def settled(period: Period, after: int = 60) -> BalanceState:
    """What a book carries that was for so many periods like this one."""
    state, like = BalanceState(), _again(period)
    for _ in range(after):
        state, _ = whiten(state, like)
    return state


def outlook(state: BalanceState, period: Period, looks: int) -> Outlook | None:
    """What would show at so many counts of a book that goes on like this period; None where nothing errs.

    >>> gauge, scale = Uncertainty("gauge", 0.003, 0.0), Uncertainty("scale", 0.002, 0.0)
    >>> stock, moved = Measured(1_000_000, gauge), Measured(500_000, scale)
    >>> steady = Period((moved,), (moved,), stock, stock)
    >>> found = outlook(settled(steady), steady, 7)
    >>> round(found.sigma), found.looks
    (3789, 7)
    >>> round(found.at_once(20_000, Limits(c=3.8659, h=8.2082, k=0.5)), 2)
    0.92
    """
    looks = min(looks, LONGEST_LOOK)
    _, balance = whiten(state, _again(period))
    if not isinstance(balance, Sitmuf):
        return None
    probe = max(round(balance.sigma), 1)
    once = shifts(state, period, [probe] + [0] * (looks - 1)) if looks > 0 else ()
    return Outlook(
        balance.sigma, looks, tuple(shift / probe for shift in once), evenly_shifted(state, period, looks)
    )


def _again(period: Period) -> Period:
    """The next one like a period: it opens with its closing count."""
    return Period(period.inputs, period.outputs, period.closing, period.closing)
