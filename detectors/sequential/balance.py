"""Balances made independent: MUF in, SITMUF out, one period at a time.

Law: the sequence of SITMUF is L⁻¹ · MUF, where Cov(MUF) = L · Lᵀ is the full covariance of the history:
N(0, 1) and independent while nothing is lost. Neighbouring balances share a stock count, so they are
negatively correlated, and every instrument's bias runs through all of its periods; a MUF divided by its
sigma alone is therefore not testable.

Model: measured = true · (1 + R + S); R is drawn anew at each measurement, S once for an instrument.
    MUF_i = Σ inputs − Σ outputs − (I_i − I_{i−1}),    positive = missing.
Whitening is the innovations form of that covariance (a Kalman recursion with static biases, kept as a
square root): the k hidden errors carried from one period to the next are the random error of the last
count and one bias an instrument. A period costs O(k²), and k ≤ BIASES + 1 between periods.
"""

from __future__ import annotations

import enum
import math

import msgspec

from detectors.sequential import triangle
from events.period import unaccounted

BIASES = 8
"""Biases carried from one period to the next. Above that the one longest out of use is forgotten (of
equals the first in the order of (id, systematic)); an instrument that comes back counts as a new one."""
FLOOR = 1e-9
"""A balance whose uncertainty, given all earlier ones, is below this part of its own is called certain."""
LARGEST = 10**18
"""Largest quantity taken, in base units (a million tonnes in mg)."""


class Uncertainty(msgspec.Struct, frozen=True, array_like=True, order=True, gc=False):
    """An instrument's relative standard errors; a recalibrated instrument needs a new id (a new bias)."""

    id: str
    random: float
    systematic: float

    def __post_init__(self) -> None:
        if not (0.0 <= self.random <= 1.0 and 0.0 <= self.systematic <= 1.0):
            raise ValueError(f"relative errors lie between 0 and 1: {self}")

    @property
    def bias(self) -> tuple[str, float]:
        """What two measurements must have in common to share a bias."""
        return self.id, self.systematic


class Measured(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A quantity in base units and the instrument that measured it."""

    quantity: int
    instrument: Uncertainty

    def __post_init__(self) -> None:
        if not 0 <= self.quantity <= LARGEST:
            raise ValueError(f"a measured quantity lies between 0 and {LARGEST}: {self.quantity}")

    @property
    def scatter(self) -> float:
        """The standard deviation of its random error, in base units."""
        return float(self.quantity) * self.instrument.random


class Period(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What moved between two counts. An opening equal to the last closing is that same measurement."""

    inputs: tuple[Measured, ...]
    outputs: tuple[Measured, ...]
    opening: Measured
    closing: Measured

    @property
    def muf(self) -> int:
        """Material unaccounted for, in base units, exactly; positive = missing."""
        return unaccounted(
            inputs=sum(flow.quantity for flow in self.inputs),
            outputs=sum(flow.quantity for flow in self.outputs),
            opening=self.opening.quantity,
            closing=self.closing.quantity,
        )

    def leverage(self) -> dict[tuple[str, float], int]:
        """Base units by which each bias moves this MUF per unit of relative error, by (id, systematic)."""
        pulls: dict[tuple[str, float], int] = {}
        signed = [(1, m) for m in (*self.inputs, self.opening)]
        signed += [(-1, m) for m in (*self.outputs, self.closing)]
        for sign, measured in signed:
            if measured.instrument.systematic > 0.0:
                bias = measured.instrument.bias
                pulls[bias] = pulls.get(bias, 0) + sign * measured.quantity
        return pulls

    def flow_variance(self) -> float:
        """The random part of the flows' variance, in base units squared; exactly rounded, in any order."""
        return math.fsum(flow.scatter**2 for flow in (*self.inputs, *self.outputs))


class Sitmuf(msgspec.Struct, frozen=True, gc=False):
    """One whitened balance: `value` is N(0, 1) while nothing is lost.

    `sigma` is the balance's standard deviation and `expected` its mean, both in base units and given all
    earlier periods: value = (muf − expected) / sigma.
    """

    value: float
    muf: int
    expected: float
    sigma: float


class Why(enum.StrEnum):
    """Why a balance has no SITMUF."""

    NO_UNCERTAINTY = "no_uncertainty"
    """Every measurement in it is exact: any difference at all is a book difference, not a statistic."""
    FORETOLD = "foretold"
    """Earlier periods determine its error completely (only biases, all of them known by now)."""


class Degenerate(msgspec.Struct, frozen=True, gc=False):
    """A balance without a SITMUF, and why; a sequential test leaves this period out."""

    why: Why
    muf: int
    expected: float


class Bias(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An instrument's relative bias as known so far; `used` is the number of the last period it was in."""

    id: str
    systematic: float
    mean: float
    used: int

    @property
    def key(self) -> tuple[str, float]:
        """The same as `Uncertainty.bias`."""
        return self.id, self.systematic


class BalanceState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What one book carries between periods; `root` covers the biases in order and then the last count."""

    periods: int = 0
    last: Measured | None = None
    residue: float = 0.0
    biases: tuple[Bias, ...] = ()
    root: triangle.Root = ()


def whiten(state: BalanceState, period: Period) -> tuple[BalanceState, Sitmuf | Degenerate]:
    """Take in one period: the state after it, and its balance made independent of all earlier ones.

    Quantities in base units. A period that does not open with the last closing starts from a count of
    its own (its random error is new, the biases stay). Pure, O(k²), never NaN.

    >>> gauge, meter = Uncertainty("gauge", 0.01, 0.0), Uncertainty("meter", 0.0, 0.0)
    >>> full, less = Measured(1_000, gauge), Measured(950, gauge)
    >>> state, first = whiten(BalanceState(), Period((), (), full, less))
    >>> round(first.value, 3), first.muf, round(first.sigma, 2)
    (3.625, 50, 13.79)
    >>> sold = Measured(50, meter)
    >>> state, second = whiten(state, Period((), (sold,), less, Measured(900, gauge)))
    >>> second.muf, round(second.expected, 2), round(second.sigma, 2)
    (0, -23.72, 11.33)
    """
    pulls = period.leverage()
    biases, mean, root = _opened(state, period, pulls)
    root = triangle.insert(root, len(root), period.closing.scatter)
    weights = (*(float(pulls.get(bias.key, 0)) for bias in biases), 1.0, -1.0)
    noise = period.flow_variance()
    deviation, moves, learnt = triangle.observe(root, weights, noise)
    expected = math.fsum(weight * value for weight, value in zip(weights, mean, strict=True))
    own = _own_deviation(period, pulls, noise)
    result: Sitmuf | Degenerate
    if deviation <= FLOOR * own:
        why = Why.NO_UNCERTAINTY if own == 0.0 else Why.FORETOLD
        result = Degenerate(why=why, muf=period.muf, expected=expected)
    else:
        value = (float(period.muf) - expected) / deviation
        result = Sitmuf(value=value, muf=period.muf, expected=expected, sigma=deviation)
        mean = tuple(old + move * value for old, move in zip(mean, moves, strict=True))
        root = learnt
    return _closed(state.periods + 1, period, pulls, (biases, mean, root)), result


def _opened(
    state: BalanceState, period: Period, pulls: dict[tuple[str, float], int]
) -> tuple[tuple[Bias, ...], tuple[float, ...], triangle.Root]:
    """The hidden errors before this balance: its biases all there, then the opening count's error.

    The means have a place more, for the closing count's error, of which nothing is known yet.
    """
    biases, root, residue = state.biases, state.root, state.residue
    if state.last != period.opening:
        if root:
            root = triangle.drop(root, len(biases))
        root = triangle.insert(root, len(biases), period.opening.scatter)
        residue = 0.0
    known = {bias.key for bias in biases}
    for name, systematic in sorted(pulls.keys() - known):
        root = triangle.insert(root, len(biases), systematic)
        biases = (*biases, Bias(id=name, systematic=systematic, mean=0.0, used=0))
    return biases, (*(bias.mean for bias in biases), residue, 0.0), root


def _closed(
    number: int,
    period: Period,
    pulls: dict[tuple[str, float], int],
    hidden: tuple[tuple[Bias, ...], tuple[float, ...], triangle.Root],
) -> BalanceState:
    """What is carried on: the opening count's error goes, the closing count's stays, and `BIASES` biases."""
    biases, mean, root = hidden
    root = triangle.drop(root, len(biases))
    biases = tuple(
        Bias(bias.id, bias.systematic, mean[i], number if bias.key in pulls else bias.used)
        for i, bias in enumerate(biases)
    )
    while len(biases) > BIASES:
        oldest = min(range(len(biases)), key=lambda i: (biases[i].used, biases[i].key))
        biases = (*biases[:oldest], *biases[oldest + 1 :])
        root = triangle.drop(root, oldest)
    return BalanceState(periods=number, last=period.closing, residue=mean[-1], biases=biases, root=root)


def _own_deviation(period: Period, pulls: dict[tuple[str, float], int], noise: float) -> float:
    """The standard deviation of this balance as if it were the first: the yardstick for `FLOOR`."""
    terms = [noise, period.opening.scatter**2, period.closing.scatter**2]
    terms += [(float(pull) * systematic) ** 2 for (_, systematic), pull in pulls.items()]
    return math.sqrt(math.fsum(terms))
