"""Which loss would show, with which probability: what a warning and ``hazflow power`` promise, against chance."""

from __future__ import annotations

import math
from random import Random
from statistics import NormalDist

import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.sequential.balance import BalanceState, Measured, Period, Sitmuf, Uncertainty, whiten
from detectors.sequential.power import (
    LONGEST_LOOK,
    Limits,
    Outlook,
    evenly_shifted,
    noticed_at_once,
    noticed_spread,
    outlook,
    readable,
    settled,
    shifts,
)
from detectors.sequential.threshold import page_alarm_probability, shewhart_alarm_probability
from tests.unit.detectors.sequential.test_balance import covariance

GAUGE, SCALE = Uncertainty("gauge", 0.003, 0.001), Uncertainty("scale", 0.002, 0.0015)
EXACT = Uncertainty("exact", 0.0, 0.0)
STOCK, MOVED = Measured(1_000_000, GAUGE), Measured(500_000, SCALE)
STEADY = Period((MOVED,), (Measured(400_000, SCALE),), STOCK, Measured(1_100_000, GAUGE))
LIMITS = Limits(c=3.3, h=5.0, k=0.5)
SURE = Period((), (), *[Measured(9, EXACT)] * 2)
"""A period in which nothing errs."""


def again(period: Period, lost: int = 0) -> Period:
    """The next period like one, with a loss: so much more came in by an exact measure than is found."""
    return Period((*period.inputs, Measured(lost, EXACT)), period.outputs, period.closing, period.closing)


@pytest.mark.parametrize("losses", [(50_000, 0, 0, 0), (0, 0, 9_000, 9_000), (1_000,) * 6])
def test_a_loss_shifts_the_balances_as_the_whole_covariance_says(losses: tuple[int, ...]) -> None:
    """L⁻¹ · loss, of the book so far and the periods to come, in matrix algebra."""
    so_far = [STEADY, *[again(STEADY)] * 3]
    state = BalanceState()
    for period in so_far:
        state, _ = whiten(state, period)
    history = [*so_far, *[again(STEADY)] * len(losses)]
    cov: NDArray[np.float64] = np.array([[float(cell) for cell in row] for row in covariance(history)])
    lost = np.array([0.0] * len(so_far) + [float(loss) for loss in losses])
    expected = np.linalg.solve(np.linalg.cholesky(cov), lost)[len(so_far) :]
    assert shifts(state, so_far[-1], losses) == pytest.approx(tuple(expected), rel=1e-5, abs=1e-6)


def test_a_loss_is_followed_over_a_bounded_number_of_periods() -> None:
    """However long one asks."""
    assert len(shifts(BalanceState(), STEADY, [1] * (LONGEST_LOOK + 5))) == LONGEST_LOOK
    found = outlook(settled(STEADY, 5), STEADY, LONGEST_LOOK + 5)
    assert found is not None
    assert found.looks == len(found.once) == len(found.evenly) == LONGEST_LOOK


def test_where_nothing_errs_nothing_is_said() -> None:
    """Every difference is a book difference then, not a statistic."""
    assert shifts(BalanceState(), SURE, (5, 5)) == (0.0, 0.0)
    assert evenly_shifted(BalanceState(), SURE, 3) == ()
    assert outlook(BalanceState(), SURE, 3) is None


def test_a_loss_at_once_is_noticed_as_often_as_promised() -> None:
    """c and the quantile of the power: half of such losses at c itself."""
    for power in (0.05, 0.5, 0.95):
        loss = noticed_at_once(3.3, power)
        assert shewhart_alarm_probability(3.3, (loss,)) == pytest.approx(power)
    assert noticed_at_once(3.3, 0.5) == pytest.approx(3.3)
    assert noticed_at_once(3.3, 0.95) == pytest.approx(3.3 + 1.6448536)


@pytest.mark.parametrize(
    ("h", "k", "unit", "power"),
    [
        (6.9956, 0.5, (1.0,) * 30, 0.95),
        (3.3745, 0.5, (1.0,) * 12, 0.5),
        (4.2, 0.25, (0.3, 0.2, -0.1, 0.05), 0.9),
        (2.0, 1.0, (0.0, 0.0, 5e-6), 0.1),
        (5.0, 0.5, (2.0,), 0.99),
    ],
)
def test_a_spread_loss_is_the_least_that_shows(h: float, k: float, unit: tuple[float, ...], power: float) -> None:
    """To a thousandth: it has the probability, and a thousandth less has not."""
    times = noticed_spread(h, k, unit, power)
    assert times is not None

    def shows(by: float) -> float:
        return page_alarm_probability(h, k, [by * shift for shift in unit])

    assert shows(times) >= power > shows(times * 0.999)


def test_of_one_balance_the_spread_loss_is_that_of_a_single_test() -> None:
    """Page's test of one period is y > h + k: the loss is h + k and the quantile."""
    for power in (0.05, 0.5, 0.95):
        times = noticed_spread(4.0, 0.5, (2.0,), power)
        assert times == pytest.approx((4.5 + NormalDist().inv_cdf(power)) / 2.0, rel=1.1e-3)


@pytest.mark.parametrize("unit", [(), (0.0, 0.0), (-1.0, -0.5)])
def test_what_shifts_nothing_upwards_never_shows(unit: tuple[float, ...]) -> None:
    """No multiple of it."""
    assert noticed_spread(4.0, 0.5, unit, 0.9) is None


def test_what_is_lost_evenly_shifts_every_balance_to_come() -> None:
    """A base unit in each, to four digits."""
    state = settled(STEADY)
    found, exact = evenly_shifted(state, STEADY, 5), shifts(state, STEADY, [10**6] * 5)
    assert found == pytest.approx([shift / 10**6 for shift in exact], rel=1e-3)
    assert all(float(f"{shift:.4g}") == shift for shift in found)
    assert len(found) == 5


def test_a_settled_book_is_one_that_was_so_for_long() -> None:
    """Sixty periods like it unless said; whatever it opened with."""
    state = BalanceState()
    for _ in range(60):
        state, _ = whiten(state, again(STEADY))
    first = settled(Period(STEADY.inputs, STEADY.outputs, STEADY.closing, STEADY.closing))
    assert settled(STEADY) == first
    assert first.periods == 60
    assert settled(STEADY, 3).periods == 3
    assert first.last == STEADY.closing


def test_the_outlook_is_of_the_balances_to_come() -> None:
    """What the next one errs by, and how a loss in it and losses in each would shift them, for a base unit."""
    state = settled(STEADY)
    found = outlook(state, STEADY, 4)
    _, following = whiten(state, again(STEADY))
    assert found is not None
    assert isinstance(following, Sitmuf)
    assert (found.sigma, found.looks) == (following.sigma, 4)
    assert found.once[0] == pytest.approx(1 / following.sigma, rel=1e-9)
    once = shifts(state, STEADY, (10**7, 0, 0, 0))
    assert found.once == pytest.approx([shift / 10**7 for shift in once], rel=1e-3)
    assert found.evenly == evenly_shifted(state, STEADY, 4)


def test_without_a_count_in_time_nothing_shows() -> None:
    """Of a book that is counted less often than one asks."""
    found = outlook(settled(STEADY), STEADY, 0)
    assert found is not None
    assert (found.looks, found.once, found.evenly) == (0, (), ())
    assert (found.at_once(10**6, LIMITS), found.spread(10**6, LIMITS)) == (0.0, 0.0)
    assert (found.least_at_once(LIMITS, 0.9), found.least_spread(LIMITS, 0.9)) == (None, None)


BOOK = Outlook(sigma=1000.0, looks=3, once=(1e-3, -2e-4, 1e-4), evenly=(1e-3, 8e-4, 7e-4))
"""A book whose next balances a base unit shifts by so many standard deviations."""


def chance(shifted: tuple[float, ...], limits: Limits, runs: int = 20_000) -> tuple[float, float]:
    """How often Shewhart's limit on the first balance and Page's test over all of them alarm, by trial."""
    draw, single, paged = Random(11), 0, 0
    for _ in range(runs):
        seen = [shift + draw.gauss(0.0, 1.0) for shift in shifted]
        total, over = 0.0, False
        for value in seen:
            total = max(total + value - limits.k, 0.0)
            over = over or (limits.h is not None and total > limits.h)
        single += limits.c is not None and seen[0] > limits.c
        paged += over
    return single / runs, paged / runs


@pytest.mark.parametrize(
    ("loss", "limits"), [(4000.0, LIMITS), (4000.0, Limits(5.0, 3.0, 0.5)), (2500.0, Limits(2.5, 2.0, 0.25))]
)
def test_what_is_promised_of_a_loss_happens_as_often(loss: float, limits: Limits) -> None:
    """Twenty thousand books by chance: a loss at one stroke by the better test, a spread one by Page's."""
    tolerance = 4 * math.sqrt(0.25 / 20_000)
    single, paged = chance(tuple(shift * loss for shift in BOOK.once), limits)
    assert BOOK.at_once(loss, limits) == pytest.approx(max(single, paged), abs=tolerance)
    _, spread = chance(tuple(shift * loss / 3 for shift in BOOK.evenly), limits)
    assert BOOK.spread(loss, limits) == pytest.approx(spread, abs=tolerance)


def test_a_loss_at_once_shows_by_whichever_test_is_made() -> None:
    """The better of the two, never their sum; a test that nobody makes shows nothing."""
    single = shewhart_alarm_probability(3.3, (4.0,))
    paged = page_alarm_probability(5.0, 0.5, (4.0, -0.8, 0.4))
    assert paged < single
    assert BOOK.at_once(4000.0, LIMITS) == single
    assert BOOK.at_once(4000.0, Limits(None, 5.0, 0.5)) == paged
    assert BOOK.at_once(4000.0, Limits(3.3, None, 0.5)) == single
    assert BOOK.at_once(4000.0, Limits(9.0, 5.0, 0.5)) == paged
    assert BOOK.at_once(4000.0, Limits(None, None, 0.5)) == 0.0
    assert BOOK.spread(4000.0, Limits(3.3, None, 0.5)) == 0.0


@pytest.mark.parametrize("power", [0.5, 0.95])
@pytest.mark.parametrize(
    "limits", [LIMITS, Limits(None, 5.0, 0.5), Limits(3.3, None, 0.5), Limits(300.0, None, 0.5)]
)
def test_the_least_loss_at_once_is_the_least(limits: Limits, power: float) -> None:
    """To a thousandth: a little less does not show as surely."""
    least = BOOK.least_at_once(limits, power)
    assert least is not None
    assert BOOK.at_once(least, limits) >= power > BOOK.at_once(least * 0.999, limits)


def test_no_loss_shows_that_no_test_looks_for() -> None:
    """Nor one that would have to be a thousand times what a balance errs by."""
    assert BOOK.least_at_once(Limits(None, None, 0.5), 0.5) is None
    assert BOOK.least_at_once(Limits(2000.0, None, 0.5), 0.5) is None
    assert BOOK.least_spread(Limits(3.3, None, 0.5), 0.5) is None


@pytest.mark.parametrize("power", [0.5, 0.95])
def test_the_least_spread_loss_is_the_least_in_all(power: float) -> None:
    """Over all the periods together, to a thousandth."""
    least = BOOK.least_spread(LIMITS, power)
    assert least is not None
    assert BOOK.spread(least, LIMITS) >= power > BOOK.spread(least * 0.999, LIMITS)


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (0.0, 0), (0.2, 1), (7, 7), (998.5, 999), (999.5, 1000), (1000, 1000), (1001, 1010), (1010, 1010),
        (348_667.8, 349_000), (349_000.0, 349_000), (349_000.5, 350_000), (999_001.0, 1_000_000),
    ],
)  # fmt: skip
def test_what_would_be_noticed_is_shown_to_three_digits_rounded_up(amount: float, shown: int) -> None:
    """More is not meant by it; never less than what it is."""
    assert readable(amount) == shown
