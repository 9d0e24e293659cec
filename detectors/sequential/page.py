"""Page's test for a protracted loss or gain, one whitened balance at a time.

Law: P_i = max(P_{i−1} + y_i − k, 0) for losses and the same of −y for gains; the allowance k is paid in
the first period like in every other; an alarm means P > h. A side that alarms goes on running: what is
one episode, and when it is over, is for the caller to say.
"""

from __future__ import annotations

import enum
import math

import msgspec


class Side(enum.StrEnum):
    """Which way goods and books part: `LOSS` is B12's side, `GAIN` is B13's."""

    LOSS = "loss"
    GAIN = "gain"


class PageState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Both one-sided statistics after `periods` observations."""

    loss: float = 0.0
    gain: float = 0.0
    periods: int = 0


class Reading(msgspec.Struct, frozen=True, gc=False):
    """Both statistics against one threshold; `alarms` names the sides above it, loss first."""

    loss: float
    gain: float
    h: float
    periods: int
    alarms: tuple[Side, ...]


def one_side(total: float, deviation: float, k: float) -> float:
    """One side's statistic after one more balance that deviates this far to that side.

    >>> one_side(one_side(0.0, 2.0, 0.5), -3.0, 0.5)
    0.0
    """
    return max(total + deviation - k, 0.0)


def step(state: PageState, sitmuf: float, *, k: float) -> PageState:
    """Take in one whitened balance (positive = missing).

    >>> state = step(step(PageState(), 2.0, k=0.5), 1.0, k=0.5)
    >>> state.loss, state.gain, state.periods
    (2.0, 0.0, 2)
    """
    if not math.isfinite(sitmuf) or not 0.0 <= k < math.inf:
        raise ValueError(f"a Page test takes finite observations and k >= 0: {sitmuf}, {k}")
    return PageState(
        loss=one_side(state.loss, sitmuf, k),
        gain=one_side(state.gain, -sitmuf, k),
        periods=state.periods + 1,
    )


def read(state: PageState, *, h: float, warmup: int = 1) -> Reading | None:
    """The statistics now, or None until `warmup` observations (at least one) are in.

    >>> read(PageState(), h=3.0) is None
    True
    >>> read(step(PageState(), 4.0, k=0.5), h=3.0).alarms
    (<Side.LOSS: 'loss'>,)
    """
    if state.periods < max(warmup, 1):
        return None
    sides = ((Side.LOSS, state.loss), (Side.GAIN, state.gain))
    alarms = tuple(side for side, value in sides if value > h)
    return Reading(loss=state.loss, gain=state.gain, h=h, periods=state.periods, alarms=alarms)
