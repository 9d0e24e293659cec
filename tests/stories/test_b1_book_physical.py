"""B1: of 700 detonators that the book has, 690 are counted in the evening."""

from events.report import Counterparty
from simulator import stories as s
from tests.stories.telling import GULOU, Warned, tell

QUARRY = Counterparty(outside="福清采石场")
MORNING = (
    s.opening("800 item", site="S1", goods="DET", when="day 1 08:00"),
    s.issue("100 item", site="S1", goods="DET", when="day 1 09:00", counterparty=QUARRY),
)
SHORT = s.count("690 item", site="S1", goods="DET", when="day 1 18:00")


def test_a_short_count_is_warned_of_when_the_day_can_no_longer_explain_it() -> None:
    """Until half past midnight an upload that was due that day may still come."""
    assert not tell(*MORNING, SHORT, until="day 2 00:29").notices
    heard = tell(*MORNING, SHORT, until="day 3 00:00")
    assert heard.words() == [
        Warned("B1", "open", "red", since="day 1 18:00", told="day 2 00:30", handler=GULOU, due="day 2 01:30"),
    ]
    assert "690 item of DET was counted, where the book says 700 item: 10 item missing" in heard.says


def test_a_sale_reported_the_next_morning_takes_it_back() -> None:
    """Ten were sold before the count; whoever reports it late is warned for being late, and no longer for theft."""
    sold = s.issue("10 item", site="S1", goods="DET", when="day 1 17:00", counterparty=QUARRY)
    heard = tell(*MORNING, SHORT, s.received(sold, when="day 2 08:30"), until="day 3 00:00")
    assert [(word.status, word.told) for word in heard.of("B1").words()] == [
        ("open", "day 2 00:30"),
        ("withdrawn", "day 2 08:30"),
    ]
    assert [word.rule for word in heard.words() if word.rule != "B1"] == ["C1", "C1"]


def test_a_sale_reported_that_night_raises_nothing() -> None:
    """The same, uploaded before midnight."""
    sold = s.issue("10 item", site="S1", goods="DET", when="day 1 17:00", counterparty=QUARRY)
    assert not tell(*MORNING, SHORT, s.received(sold, when="day 1 23:50"), until="day 3 00:00").notices
