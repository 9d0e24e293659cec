"""B9: a blasting shift takes a hundred detonators, fires ninety-two, gives five back."""

from events.registry import PermittedGoods, ShiftEntry
from events.report import Flow
from simulator import stories as s
from tests.stories.telling import JINAN, Warned, tell

STOCK = s.opening("500 item", site="S2", goods="DET", when="day 1 06:00")
SHIFT = s.registry(
    ShiftEntry(shift="W1", site="S2", planned=(PermittedGoods("DET", s.quantity("100 item")),)),
    unit="U2", valid_from="day 1 08:00", valid_to="day 1 17:00", entered="day 0 16:00",
)  # fmt: skip


def taken(amount: str) -> Flow:
    """Issued to the shift in the morning."""
    return s.issue(amount, site="S2", goods="DET", when="day 1 08:10", shift="W1")


FIRED = s.consume("92 item", site="S2", goods="DET", when="day 1 14:00", shift="W1")
BACK = s.give_back("5 item", site="S2", goods="DET", when="day 1 17:20", shift="W1")
REST = s.give_back("3 item", site="S2", goods="DET", when="day 1 17:25", shift="W1")


def test_three_detonators_that_nobody_gave_back_are_warned_of_when_the_day_is_over() -> None:
    """Owed an hour after the shift's end; found two days later and given back."""
    found = s.give_back("3 item", site="S2", goods="DET", when="day 3 09:00", shift="W1")
    heard = tell(STOCK, SHIFT, taken("100 item"), FIRED, BACK, found, until="day 4 00:00")
    assert heard.words() == [
        Warned("B9", "open", "red", since="day 1 18:00", told="day 2 00:30", handler=JINAN, due="day 2 01:30"),
        Warned("B9", "closed", "red", since="day 1 18:00", told="day 3 09:05", handler=JINAN, due="day 2 01:30"),
    ]
    assert "took 100 item of DET, used 92 item, gave back 8 item and declared 0 item lost" in heard.says


def test_a_return_uploaded_the_next_morning_takes_it_back() -> None:
    """They were in the store that evening; who uploads late is warned for that."""
    late = s.received(REST, when="day 2 07:40")
    heard = tell(STOCK, SHIFT, taken("100 item"), FIRED, BACK, late, until="day 3 00:00").of("B9")
    assert [(word.status, word.told) for word in heard.words()] == [
        ("open", "day 2 00:30"),
        ("withdrawn", "day 2 07:40"),
    ]


def test_a_shift_that_takes_more_than_was_planned_is_warned_of() -> None:
    """Ten more than planned, all of them accounted for."""
    rest = s.give_back("13 item", site="S2", goods="DET", when="day 1 17:25", shift="W1")
    heard = tell(STOCK, SHIFT, taken("110 item"), FIRED, BACK, rest, until="day 3 00:00")
    assert [(word.status, word.since) for word in heard.words()] == [("closed", "day 1 08:10")]
    assert heard.says == "Shift W1 of S2 took 110 item of DET; 100 item was planned."


def test_a_shift_that_accounts_for_everything_raises_nothing() -> None:
    """Fired or given back within the hour, though the upload comes ten minutes before midnight."""
    late = s.received(REST, when="day 1 23:50")
    assert not tell(STOCK, SHIFT, taken("100 item"), FIRED, BACK, late, until="day 3 00:00").notices
