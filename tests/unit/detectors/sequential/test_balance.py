"""The recursion whitens exactly as the Cholesky factor of the whole history's covariance does."""

import math
from collections.abc import Callable
from fractions import Fraction
from random import Random

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from detectors.sequential.balance import (
    BIASES,
    LARGEST,
    BalanceState,
    Degenerate,
    Measured,
    Period,
    Sitmuf,
    Uncertainty,
    Why,
    whiten,
)

Result = Sitmuf | Degenerate
Key = tuple[str, float]


def run(history: list[Period]) -> list[Result]:
    state, results = BalanceState(), []
    for period in history:
        state, result = whiten(state, period)
        results.append(result)
    return results


def covariance(
    history: list[Period], era: Callable[[Key, int], object] = lambda key, _: key
) -> list[list[Fraction]]:
    """Cov(MUF) of a whole history, exactly, straight from the definition; `era` tells biases apart."""
    size = len(history)
    cov = [[Fraction(0)] * size for _ in range(size)]
    for i, period in enumerate(history):
        for m in (*period.inputs, *period.outputs, period.opening, period.closing):
            cov[i][i] += (m.quantity * Fraction(m.instrument.random)) ** 2
        if i and history[i - 1].closing == period.opening:
            shared = (period.opening.quantity * Fraction(period.opening.instrument.random)) ** 2
            cov[i][i - 1] -= shared
            cov[i - 1][i] -= shared
        for j, other in enumerate(history[: i + 1]):
            for key, pull in period.leverage().items():
                if key in other.leverage() and era(key, i) == era(key, j):
                    common = pull * other.leverage()[key] * Fraction(key[1]) ** 2
                    cov[i][j] += common
                    if i != j:
                        cov[j][i] += common
    return cov


def exact_innovations(history: list[Period]) -> list[tuple[float, float, float]]:
    """(innovation, its deviation, the balance's own deviation), by rational L·D·Lᵀ."""
    cov = covariance(history)
    lower: list[list[Fraction]] = []
    pivots: list[Fraction] = []
    surprises: list[Fraction] = []
    for i, period in enumerate(history):
        row: list[Fraction] = []
        for j in range(i):
            rest = cov[i][j] - sum(row[m] * lower[j][m] * pivots[m] for m in range(j))
            row.append(rest / pivots[j] if pivots[j] else Fraction(0))
        lower.append(row)
        pivots.append(cov[i][i] - sum(row[m] ** 2 * pivots[m] for m in range(i)))
        surprises.append(period.muf - sum((row[m] * surprises[m] for m in range(i)), Fraction(0)))
    return [
        (float(surprise), math.sqrt(pivot), math.sqrt(cov[i][i]))
        for i, (surprise, pivot) in enumerate(zip(surprises, pivots, strict=True))
    ]


errors = st.sampled_from([0.0, 1e-5, 0.0013, 0.02, 0.3])
instruments = st.lists(
    st.builds(Uncertainty, id=st.sampled_from("abcd"), random=errors, systematic=errors),
    min_size=1,
    max_size=5,
)
quantities = st.one_of(st.integers(0, 10**15), st.integers(0, 1000))


@st.composite
def histories(draw: st.DrawFn) -> list[Period]:
    pool = draw(instruments)
    measured = st.builds(Measured, quantity=quantities, instrument=st.sampled_from(pool))
    flows = st.lists(measured, max_size=3).map(tuple)
    opening, periods = draw(measured), []
    for _ in range(draw(st.integers(1, 7))):
        if draw(st.integers(0, 4)) == 0:
            opening = draw(measured)
        closing = draw(measured)
        periods.append(Period(draw(flows), draw(flows), opening, closing))
        opening = closing
    return periods


@settings(max_examples=80, deadline=None)
@given(histories())
def test_sitmuf_is_the_cholesky_whitening_of_the_whole_history(history: list[Period]) -> None:
    """L⁻¹·MUF exactly, for irregular periods, several and changing instruments, broken chains of counts."""
    truth = exact_innovations(history)
    for result, (surprise, deviation, own) in zip(run(history), truth, strict=True):
        if deviation < 1e-6 * own or own == 0.0:
            # What is left is a difference of near equals, and all behind rests on it: only soundness is asked.
            assert isinstance(result, Degenerate) or math.isfinite(result.value)
            return
        assert isinstance(result, Sitmuf)
        assert result.sigma == pytest.approx(deviation, rel=1e-6)
        assert result.value == pytest.approx(surprise / deviation, rel=1e-5, abs=1e-5 * own / deviation)


def year(seed: int) -> list[Period]:
    draw = Random(seed)
    tank = Uncertainty("tank", 0.004, 0.002)
    meters = [Uncertainty(f"meter-{i}", 0.003, 0.0015) for i in range(3)]
    opening, periods = Measured(draw.randrange(10**12), tank), []
    for week in range(60):
        if week == 30:
            tank = Uncertainty("tank-recalibrated", 0.004, 0.002)
        inputs = tuple(Measured(draw.randrange(10**11), draw.choice(meters)) for _ in range(draw.randrange(4)))
        outputs = tuple(Measured(draw.randrange(10**11), draw.choice(meters)) for _ in range(draw.randrange(4)))
        closing = Measured(draw.randrange(10**12), tank)
        periods.append(Period(inputs, outputs, opening, closing))
        opening = closing
    return periods


@pytest.mark.parametrize("seed", range(5))
def test_sixty_weeks_agree_with_numpys_cholesky(seed: int) -> None:
    """A long ordinary history: three meters, a tank recalibrated half-way."""
    history = year(seed)
    cov: NDArray[np.float64] = np.array([[float(c) for c in row] for row in covariance(history)])
    muf = np.array([float(period.muf) for period in history])
    expected = np.linalg.solve(np.linalg.cholesky(cov), muf)
    values = [result.value for result in run(history) if isinstance(result, Sitmuf)]
    np.testing.assert_allclose(values, expected, rtol=1e-9, atol=1e-9)


def test_without_loss_sitmuf_is_standard_normal_and_uncorrelated() -> None:
    """Over 400 simulated clean series: mean 0, variance 1, and neighbours do not lean on each other."""
    draw, first = Random(7), []
    meter, tank = Uncertainty("meter", 0.004, 0.003), Uncertainty("tank", 0.005, 0.002)
    for _ in range(400):
        bias = {id: draw.gauss(0, s) for id, s in (("meter", meter.systematic), ("tank", tank.systematic))}

        def read(truth: int, by: Uncertainty, bias: dict[str, float] = bias) -> Measured:
            return Measured(round(truth * (1 + bias[by.id] + draw.gauss(0, by.random))), by)

        stock, opening, history = 10**12, read(10**12, tank), []
        for _ in range(10):
            came, went = draw.randrange(10**12), draw.randrange(10**11)
            stock += came - went
            closing = read(stock, tank)
            history.append(Period((read(came, meter),), (read(went, meter),), opening, closing))
            opening = closing
        first.append([result.value for result in run(history) if isinstance(result, Sitmuf)])
    values = np.array(first)
    assert abs(values.mean()) < 0.06
    assert abs(values.var() - 1.0) < 0.08
    assert abs(float((values[:, 1:] * values[:, :-1]).mean())) < 0.06


def test_exact_instruments_give_no_sitmuf_and_say_why() -> None:
    """Zero variance is a value, not a NaN: piece counts are a matter of the book difference."""
    count = Uncertainty("hand count", 0.0, 0.0)
    history = [Period((), (), Measured(10, count), Measured(8, count))] * 2
    assert run(history) == [Degenerate(Why.NO_UNCERTAINTY, 2, 0.0)] * 2


def test_a_bias_that_is_fully_known_foretells_the_balance() -> None:
    """A purely biased meter shows its bias in the first period; a proportional second one holds no news."""
    scale, count = Uncertainty("scale", 0.0, 0.01), Uncertainty("count", 0.0, 0.0)
    stock = Measured(1000, count)
    first, second = run([Period((Measured(q, scale),), (Measured(q, count),), stock, stock) for q in (100, 300)])
    assert isinstance(first, Sitmuf)
    assert isinstance(second, Degenerate)
    assert second.why is Why.FORETOLD


def test_the_order_of_flows_within_a_period_changes_no_bit() -> None:
    """A period is a set of measurements: any order ends in the same state, to the last bit."""
    for period, turned in zip(year(3), year(3), strict=True):
        other = Period(turned.inputs[::-1], turned.outputs[::-1], turned.opening, turned.closing)
        assert whiten(BalanceState(), period) == whiten(BalanceState(), other)


def test_state_is_bounded_and_a_forgotten_instrument_counts_as_new() -> None:
    """With more instruments than places the recursion equals the Cholesky of a history that renames them."""
    count = Uncertainty("count", 0.001, 0.0)
    meters = [Uncertainty(f"m{i:02}", 0.001, 0.01) for i in range(BIASES + 3)]
    stock, history, uses = Measured(10**6, count), [], list(range(BIASES + 3)) * 2
    for turn in uses:
        flow = (Measured(10**6 + turn, meters[turn]),)
        history.append(Period(flow, (), stock, stock))
    half = len(meters)
    cov = covariance(history, era=lambda _, i: i >= half)
    size = len(cov)
    matrix: NDArray[np.float64] = np.array([[float(c) for c in row] for row in cov])
    expected = np.linalg.solve(np.linalg.cholesky(matrix), np.array([float(p.muf) for p in history]))
    state, values = BalanceState(), []
    for period in history:
        state, result = whiten(state, period)
        assert isinstance(result, Sitmuf)
        values.append(result.value)
        assert len(state.biases) <= BIASES
    np.testing.assert_allclose(values, expected[:size], rtol=1e-9, atol=1e-9)


def test_the_state_survives_a_snapshot_bit_for_bit() -> None:
    """Encoded and decoded after every period, the series goes on unchanged."""
    state = BalanceState()
    for period in year(11):
        after, result = whiten(state, period)
        thawed = msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=BalanceState)
        assert whiten(thawed, period) == (after, result)
        state = after
    assert len(msgspec.msgpack.encode(state)) < 1000


def remembered(history: list[Period]) -> Callable[[Key, int], object]:
    """Which bias an instrument has in each period, where the one longest out of use is forgotten (of equals the
    first): worked out on paper, period by period."""
    used: dict[Key, int] = {}
    era: dict[tuple[Key, int], int] = {}
    forgotten: dict[Key, int] = {}
    for number, period in enumerate(history):
        for key in period.leverage():
            used[key] = number
            era[key, number] = forgotten.get(key, 0)
        while len(used) > BIASES:
            oldest = min(used, key=lambda key: (used[key], key))
            del used[oldest]
            forgotten[oldest] = forgotten.get(oldest, 0) + 1
    return lambda key, number: era[key, number]


@pytest.mark.parametrize("instruments", [BIASES - 1, BIASES, BIASES + 1, BIASES + 4])
@pytest.mark.parametrize("seed", range(3))
def test_as_many_biases_are_remembered_as_there_are_places(instruments: int, seed: int) -> None:
    """Drawn at random, some often and some rarely: the whitening of the history with just these forgotten."""
    draw, exact = Random(seed), Uncertainty("exact", 0.0, 0.0)
    meters = [Uncertainty(f"m{i % 5}", 0.002, 0.004 + 0.001 * i) for i in range(instruments)]
    stock, history = Measured(10**6, Uncertainty("tank", 0.001, 0.0)), []
    for _ in range(40):
        chosen = draw.choices(meters, weights=range(1, instruments + 1), k=draw.randint(1, 3))
        flows = [Measured(draw.randint(10**5, 10**6), meter) for meter in chosen]
        history.append(Period(tuple(flows[:1]), (*flows[1:], Measured(5, exact)), stock, stock))
    cov = covariance(history, era=remembered(history))
    matrix: NDArray[np.float64] = np.array([[float(c) for c in row] for row in cov])
    expected = np.linalg.solve(np.linalg.cholesky(matrix), np.array([float(p.muf) for p in history]))
    values = [result.value for result in run(history) if isinstance(result, Sitmuf)]
    np.testing.assert_allclose(values, expected, rtol=1e-8, atol=1e-8)


def test_what_is_known_of_a_bias_is_carried_with_when_it_was_used_last() -> None:
    """Only errors that a balance rests on are kept: no bias of an instrument that has none."""
    scale, tank = Uncertainty("scale", 0.0, 0.01), Uncertainty("tank", 0.001, 0.0)
    moved, stock = Measured(1000, scale), Measured(10**4, tank)
    state, first = whiten(BalanceState(), Period((moved,), (), stock, stock))
    assert isinstance(first, Sitmuf)
    assert [(bias.id, bias.systematic, bias.used) for bias in state.biases] == [("scale", 0.01, 1)]
    # Of 1,000 that is missing 10² of 10² + 2 · 10² base units' variance is the scale's: a third of it.
    assert state.biases[0].mean == pytest.approx(1000 / 3 / 1000)
    assert state.residue == pytest.approx(-1000 / 3)
    later, _ = whiten(state, Period((), (), stock, stock))
    assert [(bias.id, bias.used) for bias in later.biases] == [("scale", 1)]
    assert (later.periods, later.last) == (2, stock)


@pytest.mark.parametrize(("random", "foretold"), [(0.5e-11, True), (2e-11, False)])
def test_a_balance_is_foretold_where_a_billionth_of_its_own_error_is_left(random: float, foretold: bool) -> None:
    """Below that what is left is rounding; above it is still a statistic."""
    scale, exact = Uncertainty("scale", 0.0, 0.01), Uncertainty("exact", 0.0, 0.0)
    stock, much = Measured(0, exact), 10**12
    shown = Period((Measured(much, scale),), (Measured(much, exact),), stock, stock)
    noisy = Uncertainty("meter", random, 0.0)
    state, _ = whiten(BalanceState(), shown)
    _, result = whiten(state, Period((Measured(much, scale),), (Measured(much, noisy),), stock, stock))
    assert isinstance(result, Degenerate) is foretold


def test_a_count_that_is_not_the_last_closing_begins_a_chain_of_its_own() -> None:
    """What the last count erred by is nothing to it: as if the book were new, but for the number of periods."""
    tank = Uncertainty("tank", 0.01, 0.0)
    state, _ = whiten(BalanceState(), Period((), (), Measured(1000, tank), Measured(900, tank)))
    after, result = whiten(state, Period((), (), Measured(901, tank), Measured(850, tank)))
    fresh, alone = whiten(BalanceState(), Period((), (), Measured(901, tank), Measured(850, tank)))
    assert result == alone
    assert isinstance(result, Sitmuf)
    assert result.expected == 0.0
    assert result.sigma == pytest.approx(math.hypot(9.01, 8.5))
    assert (after.periods, after.last, after.residue) == (2, fresh.last, fresh.residue)


@pytest.mark.parametrize("bad", [-0.1, 1.5, math.nan, math.inf, math.nextafter(1.0, 2.0), -5e-324])
def test_an_impossible_uncertainty_is_refused(bad: float) -> None:
    """Relative errors lie between 0 and 1, both included; NaN is no number."""
    with pytest.raises(ValueError, match="relative errors lie between 0 and 1"):
        Uncertainty("x", bad, 0.0)
    with pytest.raises(ValueError, match="relative errors lie between 0 and 1"):
        Uncertainty("x", 0.0, bad)
    assert Uncertainty("x", 1.0, 0.0).random == Uncertainty("x", 0.0, 1.0).systematic == 1.0


@pytest.mark.parametrize("bad", [-1, LARGEST + 1])
def test_a_quantity_that_cannot_be_is_refused(bad: int) -> None:
    """Direction is told by inputs and outputs, never by a sign; a million tonnes is the most there is."""
    exact = Uncertainty("x", 0.0, 0.0)
    with pytest.raises(ValueError, match=f"between 0 and {LARGEST}: {bad}"):
        Measured(bad, exact)
    assert (Measured(0, exact).quantity, Measured(LARGEST, exact).quantity) == (0, LARGEST)
