"""C6: the evening before an inspection a store enters three days of sales at once."""

from events.log import Received
from events.report import Counterparty
from simulator import stories as s
from tests.stories.telling import GULOU, Warned, tell

QUARRY = Counterparty(outside="福清采石场")
STOCK = s.opening("800 item", site="S1", goods="DET", when="day 1 07:00")


def sold(days: tuple[int, ...], *, entered: str) -> list[Received]:
    """Seven sales a day, all uploaded at one time."""
    return [
        s.received(
            s.issue("1 item", site="S1", goods="DET", when=f"day {day} {hour:02}:00", counterparty=QUARRY),
            when=entered,
        )
        for day in days
        for hour in range(9, 16)
    ]


def test_three_days_entered_in_one_evening_are_a_back_fill() -> None:
    """Said when the day is over; that each was late is another matter (C1)."""
    heard = tell(STOCK, *sold((1, 2, 3), entered="day 4 20:00"), until="day 6 00:00").of("C6")
    assert heard.words() == [
        Warned("C6", "closed", "yellow", since="day 1 09:00", told="day 5 00:30", handler=GULOU, due="day 5 08:30"),
    ]
    assert "entered 21 report(s) of 3 earlier day(s)" in heard.says


def test_sales_that_are_taken_back_take_it_back() -> None:
    """Two of them never happened: what is left is too little for a back-fill."""
    late = sold((1, 2, 3), entered="day 4 20:00")
    wrong = [s.issue("1 item", site="S1", goods="DET", when=f"day 2 {hour:02}:00") for hour in (9, 10)]
    voided = [s.received(s.void(sale), when="day 5 09:00") for sale in wrong]
    words = tell(STOCK, *late, *voided, until="day 6 00:00").of("C6").words()
    assert [(word.status, word.told) for word in words] == [("closed", "day 5 00:30"), ("withdrawn", "day 5 09:00")]


def test_a_store_without_network_that_uploads_its_evening_s_batch_raises_nothing() -> None:
    """All of it is of that day; and one day's outage is no back-fill either."""
    assert not tell(STOCK, *sold((1,), entered="day 1 23:50"), until="day 4 00:00").notices
    assert not tell(STOCK, *sold((1,), entered="day 2 08:00"), until="day 4 00:00").of("C6").notices
