"""C9: nobody has counted a store of detonators for a month."""

from simulator import stories as s
from tests.stories.telling import JINAN, Warned, tell

STOCK = s.opening("500 item", site="S2", goods="DET", when="day 1 08:00")
USED = [
    s.consume("5 item", site="S2", goods="DET", when=f"day {day} 10:00")
    for day in range(2, 40)
    if day % 7 not in (6, 0)
]


def test_a_month_without_a_count_is_warned_of_by_time_alone() -> None:
    """It is used every day and never counted; the next count ends it."""
    counted = s.count("330 item", site="S2", goods="DET", when="day 35 18:00")
    heard = tell(STOCK, *USED[:24], counted, until="day 36 00:00").of("C9")
    assert heard.words() == [
        Warned(
            "C9", "open", "yellow", since="day 33 00:00", told="day 33 00:00", handler=JINAN, due="day 33 08:00"
        ),
        Warned(
            "C9", "closed", "yellow", since="day 33 00:00", told="day 35 18:05", handler=JINAN, due="day 33 08:00"
        ),
    ]
    assert "within 31 days" in heard.says


def test_a_count_that_was_made_in_time_and_uploaded_late_takes_it_back() -> None:
    """It was made on the thirtieth day."""
    counted = s.count("395 item", site="S2", goods="DET", when="day 30 18:00")
    heard = tell(STOCK, *USED[:24], s.received(counted, when="day 34 09:00"), until="day 36 00:00").of("C9")
    assert [(word.status, word.told) for word in heard.words()] == [
        ("open", "day 33 00:00"),
        ("withdrawn", "day 34 09:00"),
    ]
    assert heard.taken_back_by == "teller|S2|count-S2-DET-d30t180000"


def test_a_store_that_was_sold_out_owes_no_count() -> None:
    """There is nothing to count."""
    gone = s.consume("500 item", site="S2", goods="DET", when="day 3 10:00")
    assert not tell(STOCK, gone, until="day 36 00:00").of("C9").notices
