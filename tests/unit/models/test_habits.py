"""What buying is usual: scores of months and weeks, and the table that a clean history gives."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from models.habits import Bought, Habits, crowded, first_of, frequent, habits, month_of, rarity, unusual

MAY = first_of(676)
"""1 May 2026."""
counts = st.lists(st.integers(0, 40), min_size=4, max_size=8)


@given(st.integers(0, 40), st.floats(0.0, 30.0), st.integers(1, 200), st.integers(4, 8))
def test_rarity_is_the_tail_of_a_negative_binomial(usual: int, spread: float, orders: int, weeks: int) -> None:
    """Against scipy's survival function, wherever that has not run out of digits."""
    mean = max(float(usual), 0.5)
    variance = max(mean, spread**2) * (1 + math.pi / (2 * weeks))
    size, share = mean * mean / (variance - mean), mean / variance
    chance = float(stats.nbinom.sf(orders - 1, size, share))
    if chance > 1e-280:
        assert rarity(usual, spread, orders, weeks=weeks) == pytest.approx(-math.log10(chance), abs=1e-6, rel=1e-6)


@given(counts, st.integers(0, 100))
def test_one_order_more_is_never_less_rare(weeks: list[int], orders: int) -> None:
    """Monotone in what is judged, antitone in what is let pass."""
    one, more = frequent(weeks, orders), frequent(weeks, orders + 1)
    assert one is not None
    assert more is not None
    assert more >= one - 1e-9  # of what nobody finds rare, both are 0 but for the last bits
    before_days_off = frequent(weeks, orders, 2.0)
    assert before_days_off is not None


@given(st.lists(st.floats(0, 1e9), min_size=3, max_size=12), st.floats(0, 1e9))
def test_a_month_within_the_largest_of_six_is_never_unusual(months: list[float], quantity: float) -> None:
    """And one beyond it scores by its distance from the middle of months in which anything was bought."""
    score = unusual(months, quantity)
    if sum(one > 0 for one in months) < 3:
        assert score is None
    elif quantity <= max(months[-6:]):
        assert score == 0.0


def bought(unit: str, each: int, *, months: int = 13) -> Bought:
    """The same amount every Monday."""
    days = range(MAY, first_of(676 + months), 7)
    return Bought(unit, "use", "NACN", tuple((day, each) for day in days))


def test_the_table_holds_what_peers_buy_and_is_no_matter_of_order() -> None:
    """Twelve units that buy ten to 120 a week: the middle of their months; a season needs thirty units."""
    told = [bought(f"U{nth}", 10 * nth) for nth in range(1, 13)]
    until = first_of(676 + 13)
    table = habits(told, [3.0, 1.0], until)
    assert table == habits(told[::-1], [1.0, 3.0], until)
    peers = table.of("NACN", "use")
    assert peers is not None
    assert 200 < math.expm1(peers.quantity.median) < 400
    assert (peers.orders.median, peers.units, table.season, table.km) == (1.0, 12, (), (1.0, 3.0))
    assert table.of("NACN", "sell") == peers
    assert table.of("KNO3", "use") is None
    assert crowded(peers, 1) < 1 < crowded(peers, 12)


def test_months_that_the_log_cuts_short_are_left_out() -> None:
    """The first may have begun before the unit did, the last is not over."""
    table = habits([bought(f"U{nth}", 10, months=6) for nth in range(12)], (), first_of(681) + 14)
    assert len(table.peers) == 12 * 4
    assert len(table.own) == 12


def test_a_season_is_what_all_units_share() -> None:
    """Forty units that buy three times as much each February."""
    told = []
    for nth in range(40):
        days = range(MAY, first_of(676 + 14), 2)
        orders = tuple((day, 30 + nth if month_of(day) % 12 == 1 else 10 + nth // 3) for day in days)
        told.append(Bought(f"U{nth}", "use", "FW", orders))
    table = habits(told, (), first_of(676 + 14))
    assert len(table.season) == 12
    assert table.factor(month_of(MAY) + 9) > 2.0
    assert all(0.8 < table.factor(month) < 1.2 for month in range(676, 685))
    assert Habits().factor(5) == 1.0
