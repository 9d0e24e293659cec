"""Measuring: how sure the reported amounts of one book are, added up between two stock counts.

Laws kept: the same instrument errs the same way in all that it measures, and another instrument independently;
what is carried is bounded by ``INSTRUMENTS``, however many movements there are.
"""

from __future__ import annotations

import math

from msgspec import Struct

from detectors.detector import View
from detectors.sequential.balance import Measured, Period, Uncertainty
from detectors.sequential.cumuf import CumufState, accumulate, read
from events.registry import InstrumentEntry
from events.time import Instant
from ledger.fact import Count, Movement

INSTRUMENTS = 8
"""Instruments told apart in each direction; what further ones measure is taken as independent errors."""
EXACT = Uncertainty("", 0.0, 0.0)
"""Of what needs no measuring, such as an empty store."""


class Line(Struct, frozen=True, array_like=True, gc=False):
    """What one instrument measured: how much in all, and the variance of its random errors (base units²)."""

    id: str
    systematic: float
    quantity: int
    variance: float

    def measured(self) -> Measured:
        """The same as one measurement, whose random error is that of all together."""
        random = math.sqrt(self.variance) / float(self.quantity) if self.quantity else 0.0
        return Measured(self.quantity, Uncertainty(self.id, min(random, 1.0), self.systematic))


class Flows(Struct, frozen=True, array_like=True, gc=False):
    """What came in and went out since a count, a line an instrument."""

    inputs: tuple[Line, ...] = ()
    outputs: tuple[Line, ...] = ()

    def moved(self, delta: int, sure: Uncertainty) -> Flows:
        """With one more movement: ``delta`` base units, positive where it came in.

        >>> scale = Uncertainty("scale", 0.5, 0.0)
        >>> Flows().moved(30, scale).moved(40, scale).inputs
        (Line(id='scale', systematic=0.0, quantity=70, variance=625.0),)
        """
        if delta > 0:
            return Flows(_added(self.inputs, delta, sure), self.outputs)
        return Flows(self.inputs, _added(self.outputs, -delta, sure)) if delta < 0 else self

    def period(self, opening: Measured, closing: Measured) -> Period:
        """The balance period between two counts."""
        inputs = tuple(line.measured() for line in self.inputs)
        return Period(inputs, tuple(line.measured() for line in self.outputs), opening, closing)


def stated(body: Movement | Count, at: Instant, view: View) -> Uncertainty | None:
    """What the registry states of the body's instrument at an instant; None where it states nothing."""
    if body.instrument is None:
        return None
    instrument, unit = body.instrument, body.unit

    def find(then: Instant) -> Uncertainty | None:
        entry = view.reference.in_force(InstrumentEntry, instrument, then, unit)
        return None if entry is None else Uncertainty(entry.instrument, entry.random, entry.systematic)

    return view.reference.lasting(InstrumentEntry, (instrument, unit), at, find)


def unstated(random: float, systematic: float) -> Uncertainty:
    """The uncertainty of an instrument that nobody registered: both parts, independent at each measurement."""
    return Uncertainty("", min(math.hypot(random, systematic), 1.0), 0.0)


def deviation(period: Period) -> float:
    """The standard deviation of a period's difference of book and count, in base units.

    >>> gauge = Uncertainty("gauge", 0.03, 0.04)
    >>> deviation(Period((), (), Measured(0, EXACT), Measured(100, gauge)))
    5.0
    """
    found = read(accumulate(CumufState(), period))
    return 0.0 if found is None else found.sigma


def _added(lines: tuple[Line, ...], amount: int, sure: Uncertainty) -> tuple[Line, ...]:
    known = any((line.id, line.systematic) == sure.bias for line in lines)
    if not known and len(lines) >= INSTRUMENTS:
        sure = unstated(sure.random, sure.systematic)
    scatter = (float(amount) * sure.random) ** 2
    grown = []
    for line in lines:
        if (line.id, line.systematic) == sure.bias:
            amount, scatter = line.quantity + amount, line.variance + scatter
        else:
            grown.append(line)
    return (*grown, Line(sure.id, sure.systematic, amount, scatter))
