"""Drift: one side of Page's test on a book's balances, and the run of periods that feeds it.

Laws kept: the statistic is a function of the balances alone, no threshold or alarm shapes it, so that its false
alarms are those that its threshold was computed for; a run is forgotten when the statistic is back at 0,
or when what it is about has turned up.
"""

from __future__ import annotations

from msgspec import Struct

from detectors.balances import Closed
from detectors.claim import Claim, Number
from detectors.measuring import deviation
from detectors.sequential.page import one_side
from events.time import Instant
from ledger.fact import Ref

FOUND = 4.0
"""By how many standard deviations of a balance a run's sum must fall, to less than one, for its goods to have
turned up. Chance does that to hardly any run, so it leaves the false alarms alone."""


class Run(Struct, frozen=True, array_like=True, gc=False):
    """How long the statistic has been above 0: from which count on, over how many periods, how much it is since.

    ``most`` is the most of it in one period, which ended at ``most_at``, ``peak`` the most that it ever was. Base
    units, positive to the run's side.
    """

    since: Instant
    ref: Ref
    amount: int = 0
    periods: int = 0
    most: int = 0
    most_at: Instant = 0
    peak: int = 0

    @property
    def mostly_at_once(self) -> bool:
        """Whether one period alone makes up half of it."""
        return 2 * self.most >= self.amount


class Drift(Struct, frozen=True, array_like=True, gc=False):
    """One side's statistic, and the run that it is the sum of; None while it is 0."""

    total: float = 0.0
    run: Run | None = None

    @property
    def speaks(self) -> bool:
        """Whether goods really are missing (or too many) since the run began: else it accuses nobody."""
        return self.run is not None and self.run.amount > 0


def drifted(state: Drift, closed: Closed, value: float, amount: int, k: float) -> Drift:
    """The statistic after one more balance: ``value`` whitened, ``amount`` in base units, positive to its side."""
    total = one_side(state.total, value, k)
    if total <= 0.0:
        return Drift()
    run = state.run or Run(closed.opened.since, closed.opened.ref)
    most, at = max((run.most, -run.most_at), (amount, -closed.at))
    amount += run.amount
    peak = max(run.peak, amount)
    if amount < peak and _turned_up(amount, peak, deviation(closed.period)):
        return Drift()
    return Drift(total, Run(run.since, run.ref, amount, run.periods + 1, most, -at, peak))


def highest(told: Claim | None, total: float, h: float) -> dict[str, Number]:
    """The highest that the statistic was in an episode, against the threshold of then: what is said of it."""
    known = {} if told is None else told.numbers
    if "page" in known and float(known["page"]) >= round(total, 3):
        return {name: known[name] for name in ("page", "threshold")}
    return {"page": round(total, 3), "threshold": round(h, 3)}


def _turned_up(amount: int, peak: int, sigma: float) -> bool:
    return amount <= sigma and peak - amount >= FOUND * sigma
