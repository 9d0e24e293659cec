"""What buying is usual: scores of months and weeks, and the table that a clean history gives."""

from __future__ import annotations

import math
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from models.habits import Habits, crowded, first_of, frequent, month_of, rarity, unusual
from models.purchases import Bought, Met, clean_scores, habits

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
    table = habits(told, [Met("U1", 3.0), Met("U2", 1.0)], until)
    assert table == habits(told[::-1], [Met("U2", 1.0), Met("U1", 3.0)], until)
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


def test_clean_scores_say_of_how_many_units_they_are_and_what_they_are_worth() -> None:
    """Units that are alike count for each week; where one unit is odd every week, its weeks count for one."""
    draw = Random(1)

    def weekly(unit: str, each: int) -> Bought:
        """So many orders each week on chance days."""
        days = sorted(MAY + 7 * week + draw.randrange(7) for week in range(30) for _ in range(each))
        return Bought(unit, "use", "NACN", tuple((day, 10) for day in days))

    alike = habits([weekly(f"U{nth}", 3) for nth in range(40)], (), MAY + 210)
    odd = habits([weekly(f"U{nth}", 30 if nth == 7 else 3) for nth in range(40)], (), MAY + 210)
    even, crowded_ = alike.hangs_together("peer_orders"), odd.hangs_together("peer_orders")
    assert even is not None
    assert crowded_ is not None
    assert (even.units, crowded_.units) == (40, 40)
    assert even.effect < 3
    assert crowded_.effect > 15
    assert Habits().hangs_together("own") is None


def test_a_unit_is_held_against_a_table_that_it_is_not_in() -> None:
    """Twelve units that buy ten a week, one that buys a thousand: as strange as it can be, in every month."""
    told = [bought(f"U{nth}", 10, months=8) for nth in range(12)]
    one = bought("U99", 1000, months=8)
    scores = clean_scores([*told, one], (), first_of(676 + 8))["peers"]
    assert {score for score, unit in scores if unit == "U99"} == {20.0}
    assert max(score for score, unit in scores if unit != "U99") < 10.0


def test_a_month_scores_by_thirty_days_over_its_beginning_where_they_are_more_unusual() -> None:
    """Ten every Monday, and a lot of sixty on either side of one month's end: no month is like it."""
    begins, split = first_of(676 + 6), 60
    orders = sorted([*bought("U1", 10, months=9).orders, (begins - 3, split), (begins + 2, split)])
    until = first_of(676 + 9)
    plain = clean_scores([Bought("U1", "use", "NACN", tuple(orders))], (), until)["own"]
    months = [sum(each for day, each in orders if month_of(day) == month) for month in range(677, 685)]
    by_month = [unusual(months[:at], months[at]) for at in range(len(months))]
    assert max(score for score, _ in plain) > max(score for score in by_month if score is not None) + 2.0


def test_a_season_over_days_is_the_months_by_their_days() -> None:
    """Half of them in a month of two, half in one of one."""
    table = Habits(season=(2.0, 1.0, *[1.0] * 10))
    assert table.over(range(first_of(0) + 16, first_of(1) + 15)) == 1.5
    assert table.over(range(first_of(0), first_of(1))) == 2.0


def test_a_table_of_old_is_read_and_written_as_it_was() -> None:
    """What names a model is its content: what a table of before did not say, it still does not say."""
    before = (
        b'{"buying":[["NACN",{"quantity":{"median":3.0,"mad":0.5},"orders":{"median":1.0,"mad":0.0},"units":12}]],'
        b'"season":[],"own":[0.0],"peers":[],"orders":[],"peer_orders":[],"km":[]}'
    )
    assert msgspec.json.encode(msgspec.json.decode(before, type=Habits)) == before
