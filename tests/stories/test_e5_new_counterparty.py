"""E5: a maker that sold to its neighbours for three weeks sells to somebody at the other end of the province."""

from events.report import Counterparty, Flow
from simulator import stories as s
from tests.stories.telling import GULOU, Warned, tell

STOCK = s.opening("1000 kg", site="S1", goods="EXP", when="day 1 08:00")
FAR = "350626"
"""Dongshan, three hundred kilometres down the coast from Gulou."""


def sale(day: int, buyer: str, area: str) -> Flow:
    """Ten kilograms to a quarry in a county."""
    party = Counterparty(outside=buyer, area=area)
    return s.issue("10 kg", site="S1", goods="EXP", when=f"day {day} 10:00", counterparty=party)


HABIT = [sale(day, f"晋安采石场{day % 3}", "350111") for day in range(1, 23)]


def test_a_first_sale_far_away_is_hinted_at() -> None:
    """In blue: it is new, and it is far."""
    heard = tell(STOCK, *HABIT, sale(24, "东山采石场", FAR), until="day 26 00:00").of("E5")
    assert heard.words() == [
        Warned("E5", "open", "blue", since="day 24 10:00", told="day 25 00:30", handler=GULOU, due="day 26 00:30"),
    ]
    assert "for the first time with 东山采石场 in 350626" in heard.says


def test_a_new_neighbour_and_a_partner_of_old_raise_nothing() -> None:
    """However far the old one is."""
    old = [sale(1, "东山采石场", FAR), *HABIT[1:], sale(24, "东山采石场", FAR)]
    assert not tell(STOCK, *old, until="day 26 00:00").of("E5").notices
    assert not tell(STOCK, *HABIT, sale(24, "福清采石场", "350181"), until="day 26 00:00").of("E5").notices
