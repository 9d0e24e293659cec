"""E2: four orders of 4,900 litres of acetone in ten days, where five thousand need somebody else's approval."""

from events.report import Counterparty, Flow
from simulator import stories as s
from tests.stories.telling import Warned, tell

EMERGENCY = "Emergency management, Jin'an District, Fuzhou City"
DEALER = Counterparty(outside="福州化工经营部")
STOCK = s.opening("1000 L", site="S2", goods="ACE", when="day 1 08:00")


def orders(litres: int) -> list[Flow]:
    """An order every third day."""
    return [
        s.receive(f"{litres} L", site="S2", goods="ACE", when=f"day {day} 10:00", counterparty=DEALER)
        for day in (2, 5, 8, 11)
    ]


def test_order_after_order_just_under_the_level_is_a_split() -> None:
    """Said with the fourth; a fortnight after it the episode is over."""
    heard = tell(STOCK, *orders(4_900), until="day 41 00:00").of("E2")
    assert heard.words() == [
        Warned(
            "E2", "open", "yellow", since="day 11 10:00", told="day 12 00:30", handler=EMERGENCY, due="day 12 08:30"
        ),
        Warned(
            "E2",
            "closed",
            "yellow",
            since="day 11 10:00",
            told="day 39 00:00",
            handler=EMERGENCY,
            due="day 12 08:30",
        ),
    ]
    assert "4 of them just under the threshold of 5000 L" in heard.says
    assert heard.held == ["unit@U2"]


def test_the_same_over_the_level_or_far_under_it_raises_nothing() -> None:
    """Who asked for approval, and who has a standing order of 500 litres."""
    assert not tell(STOCK, *orders(5_000), until="day 27 00:00").of("E2").notices
    assert not tell(STOCK, *orders(500), until="day 27 00:00").of("E2").notices
