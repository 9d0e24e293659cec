"""Balances of a book: each period between two counts, whitened once for all the tests of it (B11, B12, B13).

Laws kept: only measured stocks and movements speak, not the book; a movement costs an addition, and all else waits
for the count that ends the period. An estimate ends none; an adjustment mends the book and is no part of a balance.
"""

from __future__ import annotations

from typing import ClassVar, Final

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from detectors.budget import YEAR
from detectors.detector import Step, View
from detectors.measuring import Flows, stated, unstated
from detectors.sequential.balance import BalanceState, Degenerate, Measured, Period, Sitmuf, Uncertainty, whiten
from detectors.sequential.threshold import LONGEST
from events.period import Part, bounds, part
from events.quantity import Measure
from events.time import DAY, SECOND, Instant
from ledger.fact import Body, Count, Fact, Movement, Ref
from ledger.posting import book_delta

WEIGHED = frozenset((Measure.MASS, Measure.VOLUME, Measure.NEQ))
RECENT = 16
"""About how many intervals a book's pace is taken from."""
OWNER = "B12"
"""The rule whose policy says how uncertain an instrument is that nobody registered: for all the tests of a book."""


class Opened(Struct, frozen=True, array_like=True, gc=False):
    """The count that began the period."""

    since: Instant
    ref: Ref


class Balances(Struct, frozen=True, array_like=True, gc=False):
    """What is carried: the last count, what moved since, the whitening, the mean interval between counts (µs) and
    how many it is from; ``declared`` is what was declared lost in this period (base units)."""

    opening: Measured | None = None
    opened: Opened | None = None
    flows: Flows = Flows()
    whitened: BalanceState = BalanceState()
    interval: float = 0.0
    intervals: int = 0
    declared: int = 0


class Closed(Struct, frozen=True, gc=False):
    """A balance period that a count ended: ``balance`` whitened, ``number`` of all periods of the book so far.

    ``a_year`` is how many periods the book's own pace makes in a year, ``days`` their mean length; ``whitened`` is
    the state after it; ``declared`` is what was declared lost in it; ``count`` is the body that ended it.
    """

    opened: Opened
    at: Instant
    count: Count
    period: Period
    balance: Sitmuf | Degenerate
    number: int
    a_year: int
    days: float
    declared: int
    whitened: BalanceState

    def abruptly_short(self, c: float) -> bool:
        """Whether this very period is short by more than ``c`` standard deviations.

        Where flows are known well, stock that went stays missing at each later count, given those before: the most
        of what surprises must be this period's own.
        """
        match self.balance:
            case Sitmuf(value=value, muf=muf, expected=expected):
                return value > c and muf > 0 and 2 * muf >= muf - expected
            case _:
                return False


class Mended(Struct, frozen=True, gc=False):
    """An explicit adjustment of the book: what was found until then is taken as settled."""


class BookBalances:
    """The reckoning of the balance rules: adds up movements, and at each count makes a ``Closed`` of the period."""

    name: ClassVar[str] = "balances"
    State: ClassVar = Balances
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement, Count))

    def start(self) -> Balances:
        """No count yet."""
        return Balances()

    def see(self, state: Balances, step: Step, view: View) -> tuple[Balances, Closed | Mended | None]:
        """Add up a movement; close the period at a count."""
        fact = step.fact
        match fact.body:
            case Movement() as moved if moved.measure in WEIGHED and state.opening is not None:
                delta = book_delta(moved)
                match part(moved.operation, delta):
                    case Part.ADJUSTMENT:
                        # What was counted before no longer vouches for what is counted from here on.
                        return replace(state, whitened=replace(state.whitened, last=None)), Mended()
                    case Part.NOTHING:
                        return state, None
                flows = state.flows.moved(delta, _sure(moved, fact, view))
                declared = state.declared + (moved.amount if moved.operation == "declare_loss" else 0)
                return replace(state, flows=flows, declared=declared), None
            case Count() as count if count.measure in WEIGHED and bounds(estimated=count.estimated):
                return _counted(state, count, fact, view)
            case _:
                return state, None

    def taken_over(self, states: dict[str, Raw]) -> dict[str, Raw]:
        """Version 2 kept the balances as the first four fields of B12's own state."""
        if self.name in states or OWNER not in states:
            return {}
        opening, opened, flows, whitened, page, run, claim = msgspec.msgpack.decode(states[OWNER])
        since = None if opened is None else opened[:2]
        encode = msgspec.msgpack.encode
        return {
            self.name: Raw(encode((opening, since, flows, whitened))),
            OWNER: Raw(encode(((page[0], run), claim, claim is not None))),
        }


BALANCES: Final = BookBalances()


def a_year_at(interval: float) -> int:
    """How many periods of this mean length (µs) make a year: rounded up to four binary digits.

    Rounding up errs towards fewer false alarms, and keeps the number of thresholds that are ever computed small.

    >>> [a_year_at(days * DAY) for days in (1, 7, 30.4, 400)]
    [384, 52, 12, 1]
    """
    if interval * LONGEST <= YEAR:
        return LONGEST
    number = max(round(YEAR / interval), 1)
    step = 1 << max(number.bit_length() - 4, 0)
    return min(-(-number // step) * step, LONGEST)


def _counted(state: Balances, count: Count, fact: Fact, view: View) -> tuple[Balances, Closed | None]:
    closing = Measured(count.amount, _sure(count, fact, view))
    opened = Opened(fact.at, fact.ref)
    if state.opening is None or state.opened is None:
        return replace(state, opening=closing, opened=opened), None
    period = state.flows.period(state.opening, closing)
    whitened, balance = whiten(state.whitened, period)
    intervals = min(state.intervals + 1, RECENT)
    interval = state.interval + (float(fact.at - state.opened.since) - state.interval) / intervals
    made = Closed(
        opened=state.opened,
        at=fact.at,
        count=count,
        period=period,
        balance=balance,
        number=whitened.periods,
        a_year=a_year_at(interval),
        days=max(interval, float(SECOND)) / DAY,
        declared=state.declared,
        whitened=whitened,
    )
    return Balances(closing, opened, Flows(), whitened, interval, intervals), made


def _sure(body: Movement | Count, fact: Fact, view: View) -> Uncertainty:
    known = stated(body, fact.at, view)
    if known is not None:
        return known
    terms = view.terms(OWNER, fact.at, category=body.category, area=body.area, unit=body.unit).parameters
    return unstated(terms.unstated_random, terms.unstated_systematic)
