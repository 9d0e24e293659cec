"""E1: a works that buys two hundred litres of acetone a month buys six hundred in one week of October."""

from events.report import Counterparty, Flow
from simulator import stories as s
from tests.stories.telling import Warned, tell

EMERGENCY = "Emergency management, Jin'an District, Fuzhou City"
DEALER = Counterparty(outside="福州化工经营部")
MONTHS = {"May": 4, "June": 30, "July": 60, "August": 92, "September": 122, "October": 152}
"""A day early in each month, from 7 May 2026 on."""


def buys(day: int, litres: int) -> Flow:
    """A delivery from a dealer outside the platform."""
    return s.receive(f"{litres} L", site="S2", goods="ACE", when=f"day {day} 10:00", counterparty=DEALER)


STOCK = s.opening("1000 L", site="S2", goods="ACE", when="day 1 08:00")
HABIT = [buys(day, 200 + 5 * nth) for nth, day in enumerate(list(MONTHS.values())[:-1])]
WEEK = [buys(MONTHS["October"] + nth, 200) for nth in range(3)]


def test_a_month_of_three_times_the_usual_is_hinted_at_when_the_day_is_over() -> None:
    """The third delivery takes October over twice the mean of four months; the month's end closes it."""
    heard = tell(STOCK, *HABIT, *WEEK, until="day 183 00:00").of("E1")
    assert heard.words() == [
        Warned(
            "E1",
            "open",
            "yellow",
            since="day 154 10:00",
            told="day 155 00:30",
            handler=EMERGENCY,
            due="day 155 08:30",
        ),
        Warned(
            "E1",
            "closed",
            "yellow",
            since="day 154 10:00",
            told="day 182 00:00",
            handler=EMERGENCY,
            due="day 155 08:30",
        ),
    ]
    assert "has bought 600 L of ACE in 2026-10 (3 orders)" in heard.says
    assert heard.held == ["unit@U2"]


def test_the_same_in_one_delivery_as_large_as_ever_raises_nothing() -> None:
    """A month like the others, whatever the day."""
    assert not tell(STOCK, *HABIT, buys(MONTHS["October"], 230), until="day 157 00:00").of("E1").notices


def test_a_delivery_mistyped_and_put_right_by_midnight_raises_nothing() -> None:
    """2,000 typed for 200."""
    typed = buys(MONTHS["October"], 2_000)
    mended = s.received(s.correct(typed, quantity=s.quantity("200 L")), when=f"day {MONTHS['October']} 20:00")
    assert not tell(STOCK, *HABIT, typed, mended, until="day 157 00:00").of("E1").notices


SPLIT = [buys(MONTHS["October"] - 3, 190), buys(MONTHS["October"], 200), buys(MONTHS["October"] + 1, 230)]
"""Two months' worth on 29 September and on 2 and 3 October: neither month is twice the usual."""


def test_a_lot_that_is_split_over_the_end_of_a_month_is_hinted_at_once() -> None:
    """The thirty days hold both halves; October's end closes it, and nothing more is said of either month."""
    heard = tell(STOCK, *HABIT, *SPLIT, until="day 183 00:00").of("E1")
    assert [(one.status, one.since) for one in heard.words()] == [
        ("open", "day 153 10:00"),
        ("closed", "day 153 10:00"),
    ]
    assert "has bought 620 L of ACE in 2026-09-04–2026-10-03 (3 orders)" in heard.says


def test_one_half_of_it_raises_nothing() -> None:
    """A second delivery at the end of September, and October as ever."""
    assert not tell(STOCK, *HABIT, SPLIT[0], SPLIT[1], until="day 183 00:00").of("E1").notices
