"""One side of Page's test on a book: since when a run goes, how much it is, and when it is forgotten.

What is said of the statistic is the highest that it was, against the threshold of then.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from detectors.balances import Closed, Opened
from detectors.claim import Claim
from detectors.drift import FOUND, Drift, Run, drifted, highest
from detectors.measuring import EXACT
from detectors.sequential.balance import BalanceState, Measured, Period, Sitmuf, Uncertainty
from events.quantity import Measure
from events.registry import Category
from events.rejection import Source
from events.time import DAY
from ledger.fact import Count, Ref

SIGMA = 5
"""Base units: the standard deviation of each balance."""
PERIOD = Period((), (), Measured(0, EXACT), Measured(100, Uncertainty("gauge", 0.03, 0.04)))
COUNT = Count(100, Measure.MASS, Category.EXPLOSIVES, "EXP", "S2", "U2", "350111")
TOLD = Claim(
    anchor="a", since=0, speaks_at=0, refs=(), numbers={"page": 9.5, "threshold": 8.6}, area="350102", unit="U1",
    category=Category.CHEMICALS,
)  # fmt: skip


def ref(day: int) -> Ref:
    return Ref(f"count-{day}", Source("inventory", 0, day))


def closed(day: int) -> Closed:
    """The balance of a day, from the count of the day before."""
    opened = Opened((day - 1) * DAY, ref(day - 1))
    return Closed(opened, day * DAY, COUNT, PERIOD, Sitmuf(0.0, 0, 0.0, 5.0), day, 365, 1.0, 0, BalanceState())


@dataclass
class Book:
    """A book's losses under Page's test with an allowance of half a standard deviation, a balance a day."""

    state: Drift = field(default_factory=Drift)
    day: int = 0

    def lose(self, *amounts: int) -> Drift:
        """So much is missing on each of the next days."""
        for amount in amounts:
            self.day += 1
            self.state = drifted(self.state, closed(self.day), amount / SIGMA, amount, 0.5)
        return self.state


def test_a_run_goes_from_the_count_before_the_first_balance_that_is_short() -> None:
    """It adds up every period since, and remembers the one that is most."""
    book = Book()
    assert book.lose(0, 2, -30) == Drift()  # each at most the allowance
    assert book.lose(10) == Drift(1.5, Run(3 * DAY, ref(3), 10, 1, 10, 4 * DAY, 10))
    assert book.lose(20) == Drift(5.0, Run(3 * DAY, ref(3), 30, 2, 20, 5 * DAY, 30))
    assert book.lose(15) == Drift(7.5, Run(3 * DAY, ref(3), 45, 3, 20, 5 * DAY, 45))
    assert book.lose(20) == Drift(11.0, Run(3 * DAY, ref(3), 65, 4, 20, 5 * DAY, 65))  # the first of two equal ones
    assert book.lose(-5) == Drift(9.5, Run(3 * DAY, ref(3), 60, 5, 20, 5 * DAY, 65))


def test_a_run_is_forgotten_when_the_statistic_is_back_at_nothing() -> None:
    """To the last digit; the next one begins anew."""
    book = Book()
    book.lose(10, -5)
    assert book.state == Drift()
    assert book.lose(10).run == Run(2 * DAY, ref(2), 10, 1, 10, 3 * DAY, 10)
    assert Book().lose(10, -4).run is not None


def test_a_run_may_begin_with_a_balance_that_was_expected_to_be_better() -> None:
    """Nothing is missing yet, so no period is the one that is most."""
    assert drifted(Drift(), closed(1), 1.0, -3, 0.5) == Drift(0.5, Run(0, ref(0), -3, 1, 0, 0, 0))


@pytest.mark.parametrize(("back", "found"), [(59, False), (60, True), (61, True), (70, True)])
def test_goods_that_turn_up_end_a_run_though_the_statistic_is_high(back: int, found: bool) -> None:
    """Four standard deviations fewer than at most, and no more left than one: somebody has found them."""
    book = Book()
    book.lose(65, *([0] * 2))
    high = Drift(1_000.0, book.state.run)
    assert (drifted(high, closed(4), -back / SIGMA, -back, 0.5) == Drift()) is found


def test_few_goods_that_turn_up_are_chance() -> None:
    """Less than four standard deviations below the most that it ever was, however little is left of it."""
    run = Run(0, ref(0), 20, 3, 10, DAY, 20)
    assert (FOUND * SIGMA, run.peak) == (20.0, 20)
    for amount, found in ((-19, False), (-20, True)):
        assert (drifted(Drift(100.0, run), closed(4), 0.0, amount, 0.5).run is None) is found
    again = Run(0, ref(0), 5, 3, 10, DAY, 40)
    assert drifted(Drift(100.0, again), closed(4), 0.0, -1, 0.5) == Drift()
    at_most = Run(0, ref(0), 0, 3, 0, DAY, 0)
    assert drifted(Drift(100.0, at_most), closed(4), 0.0, 0, 0.5).run is not None


def test_goods_are_missing_at_once_where_one_period_is_half_of_it() -> None:
    """Exactly half is; else it went little by little. A run that adds up to nothing accuses nobody."""
    assert [Run(0, ref(0), 100, 3, most).mostly_at_once for most in (49, 50, 51)] == [False, True, True]
    assert [Drift(1.0, Run(0, ref(0), amount)).speaks for amount in (-1, 0, 1)] == [False, False, True]
    assert not Drift().speaks


def test_a_sum_that_fell_is_told_of_by_its_height() -> None:
    """A warning that began above the threshold never reads as if it were below."""
    assert highest(TOLD, 9.4, 8.2) == {"page": 9.5, "threshold": 8.6}
    assert highest(TOLD, 9.5004, 8.2) == {"page": 9.5, "threshold": 8.6}
    assert highest(TOLD, 9.6, 8.2) == {"page": 9.6, "threshold": 8.2}


def test_where_nothing_was_told_of_it_the_sum_of_now_is_said() -> None:
    """At an episode's beginning, and where another test spoke first."""
    assert highest(None, 9.1234, 8.2345) == {"page": 9.123, "threshold": 8.235}
    assert highest(replace(TOLD, numbers={"cumuf": 3.1}), 9.0, 8.0) == {"page": 9.0, "threshold": 8.0}
