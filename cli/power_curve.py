"""The curves of ``hazflow power``: probability of notice against the loss, as numbers.

Law kept: what is drawn is what the rules would do: the thresholds of B11, B12 and B13 as they compute them.
"""

from __future__ import annotations

import math
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from cli.power_book import Instrument, Said, Watched
from detectors import b11_abrupt_loss as b11
from detectors import b12_protracted_loss as b12
from detectors.balances import a_year_at
from detectors.measuring import unstated
from detectors.policy import Policy
from detectors.sequential.balance import BalanceState, Measured, Period, Uncertainty
from detectors.sequential.power import Limits, Outlook, noticed_spread, outlook, readable, settled
from events.quantity import Measure
from events.time import DAY

POINTS = 40


class Errors(Struct, frozen=True):
    """What all instruments are taken to err by; ``assumed``: as the policy takes those that nobody registered."""

    random: float
    systematic: float
    assumed: bool

    def instruments(self) -> tuple[Uncertainty, Uncertainty]:
        """The gauge and the scale; an assumed bias is drawn anew at each measurement, as the rules take it."""
        if self.assumed:
            both = unstated(self.random, self.systematic)
            return both, both
        return Uncertainty("gauge", self.random, self.systematic), Uncertainty(
            "scale", self.random, self.systematic
        )


class Setting(Struct, frozen=True, kw_only=True):
    """What is watched, how often, by which limits; ``state`` is what its balances were whitened by so far.

    ``errors`` of all instruments of a plan; a book has those that ``watched`` says.
    """

    state: BalanceState
    period: Period
    measure: Measure
    days: float
    losses: Limits
    gains: Limits | None = None
    errors: Errors | None = None
    watched: Watched | None = None

    @classmethod
    def of_book(cls, found: Watched) -> Setting:
        """A book that goes on as its usual period was, at its own pace, measured as it is."""
        last = found.latest[-1]
        return cls(
            state=last.whitened, period=found.usual.period, measure=last.count.measure, days=last.days,
            losses=found.in_force.losses, gains=found.in_force.gains, watched=found,
        )  # fmt: skip

    def erring(self, errors: Errors) -> Setting:
        """The same, with all instruments erring like this and nothing known of their biases yet but by use."""
        gauge, scale = errors.instruments()
        came, went = (sum(flow.quantity for flow in way) for way in (self.period.inputs, self.period.outputs))
        stock = Measured(self.period.closing.quantity, gauge)
        period = Period((Measured(came, scale),), (Measured(went, scale),), stock, stock)
        return replace(self, state=settled(period), period=period, errors=errors)


def planned(
    policy: Policy, errors: Errors | None, measure: Measure, days: float, amounts: tuple[int, int]
) -> Setting:
    """A plan: ``amounts`` come and go, and are there at a count, every so many days, by a policy for anybody."""
    abrupt: b11.Parameters = policy.terms("B11", "", (), "").parameters
    slow: b12.Parameters = policy.terms("B12", "", (), "").parameters
    a_year = a_year_at(days * DAY)
    moved, there = (Measured(amount, Uncertainty("", 0.0, 0.0)) for amount in amounts)
    plan = Setting(
        state=BalanceState(), period=Period((moved,), (moved,), there, there), measure=measure, days=days,
        losses=Limits(abrupt.shewhart(a_year), b12.threshold(a_year, slow), slow.k),
    )  # fmt: skip
    return plan.erring(errors or Errors(slow.unstated_random, slow.unstated_systematic, assumed=True))


class Point(Struct, frozen=True):
    """A loss in base units, and the probability that it is noticed in time: lost at once, or evenly."""

    loss: int
    at_once: float
    evenly: float


class Answer(Struct, frozen=True, kw_only=True):
    """What was found; quantities in base units of ``measure``. ``met``: whether what was asked for is kept.

    Of a book: by which instruments it is measured, which policy is in force for it, and what warnings would say.
    ``registry``: whether this database knows what is registered.
    """

    measure: Measure
    sigma: int
    every_days: float
    within_days: float
    counts: int
    power: float
    limits: Limits
    errors: Errors | None
    noticed_at_once: int | None
    noticed_evenly: int | None
    noticed_gain: int | None
    asked: Point | None
    met: bool
    curve: tuple[Point, ...]
    site: str | None = None
    goods: str | None = None
    registry: bool | None = None
    instruments: tuple[Instrument, ...] = ()
    policy: str | None = None
    published: bool | None = None
    off: tuple[str, ...] = ()
    warm_after: int | None = None
    warnings: Said | None = None


def answer(setting: Setting, *, within: float, power: float, loss: int | None) -> Answer | None:
    """The curves, and the least losses that are noticed; None where nothing errs."""
    looks = math.floor(within / setting.days + 1e-9)
    found = outlook(setting.state, setting.period, looks)
    if found is None:
        return None
    limits, gains = setting.losses, setting.gains
    once, evenly = found.least_at_once(limits, power), found.least_spread(limits, power)
    gain = None if gains is None or gains.h is None else noticed_spread(gains.h, gains.k, found.once, power)
    most = 1.3 * max(once or 0.0, evenly or 0.0, 6.0 * found.sigma, float(loss or 0))
    asked = None if loss is None else _point(found, limits, loss)
    return Answer(
        measure=setting.measure,
        sigma=readable(found.sigma),
        every_days=round(setting.days, 3),
        within_days=within,
        counts=found.looks,
        power=power,
        limits=limits,
        errors=setting.errors,
        noticed_at_once=_readable(once),
        noticed_evenly=_readable(evenly),
        noticed_gain=_readable(gain),
        asked=asked,
        met=asked.at_once >= power if asked is not None else once is not None,
        curve=tuple(_point(found, limits, readable(most * step / POINTS)) for step in range(POINTS + 1)),
        **_of_book(setting.watched),
    )


def _of_book(found: Watched | None) -> dict[str, Any]:
    if found is None:
        return {}
    last, force = found.latest[-1], found.in_force
    return {
        "site": last.count.site, "goods": last.count.goods, "registry": found.known,
        "instruments": found.instruments, "policy": force.policy, "published": force.published, "off": force.off,
        "warm_after": max(force.warmup_periods - last.number, 0), "warnings": found.said,
    }  # fmt: skip


def _readable(amount: float | None) -> int | None:
    return None if amount is None else readable(amount)


def _point(found: Outlook, limits: Limits, loss: int) -> Point:
    once, evenly = found.at_once(loss, limits), found.spread(loss, limits)
    return Point(loss, round(once, 4), round(evenly, 4))
