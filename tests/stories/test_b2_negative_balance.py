"""B2: sixty detonators are used where the book never held more than fifty."""

from simulator import stories as s
from tests.stories.telling import JINAN, Warned, tell

STOCK = s.opening("50 item", site="S2", goods="DET", when="day 1 08:00")
USED = s.consume("60 item", site="S2", goods="DET", when="day 1 15:00")
CAME = s.receive("30 item", site="S2", goods="DET", when="day 1 11:00")


def test_using_more_than_there_ever_was_is_warned_of_after_the_day() -> None:
    """Ten detonators came from nowhere, or a report is missing."""
    heard = tell(STOCK, USED, until="day 3 00:00")
    assert heard.words() == [
        Warned("B2", "open", "orange", since="day 1 15:00", told="day 2 00:30", handler=JINAN, due="day 2 02:30"),
    ]
    assert "fell to −10 item" in heard.says


def test_a_receipt_reported_the_next_day_takes_it_back() -> None:
    """Thirty had come that morning; their report came a day late."""
    heard = tell(STOCK, USED, s.received(CAME, when="day 2 09:00"), until="day 3 00:00")
    assert [(word.status, word.told) for word in heard.of("B2").words()] == [
        ("open", "day 2 00:30"),
        ("withdrawn", "day 2 09:00"),
    ]


def test_a_receipt_reported_after_the_issue_raises_nothing() -> None:
    """What happened first counts first, whatever is reported first."""
    assert not tell(STOCK, USED, s.received(CAME, when="day 1 22:00"), until="day 3 00:00").notices
