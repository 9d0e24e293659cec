"""C1: a sale of the afternoon is uploaded the next morning."""

from events.report import Counterparty
from simulator import stories as s
from tests.stories.telling import GULOU, Warned, tell

STOCK = s.opening("800 item", site="S1", goods="DET", when="day 1 08:00")
SOLD = s.issue("5 item", site="S1", goods="DET", when="day 1 15:00", counterparty=Counterparty(outside="采石场"))


def test_what_is_uploaded_the_next_day_is_warned_of_when_it_comes() -> None:
    """It closes with the day on which it came: then all that came late that day is known."""
    heard = tell(STOCK, s.received(SOLD, when="day 2 09:10"), until="day 4 00:00")
    assert heard.words() == [
        Warned("C1", "open", "yellow", since="day 1 15:00", told="day 2 09:10", handler=GULOU, due="day 2 17:10"),
        Warned("C1", "closed", "yellow", since="day 1 15:00", told="day 3 00:00", handler=GULOU, due="day 2 17:10"),
    ]
    assert "the longest delay was 18.2 h" in heard.says


def test_the_same_report_received_earlier_by_another_way_takes_it_back() -> None:
    """Of one report received twice the earlier receipt counts: it lay with another door since that evening."""
    late, early = s.received(SOLD, when="day 2 09:10"), s.received(SOLD, when="day 1 23:59:30")
    assert [word.rule for word in tell(STOCK, late, until="day 2 12:00").words()] == ["C1"]
    assert not tell(STOCK, early, late, until="day 4 00:00").notices


def test_half_a_minute_before_midnight_is_in_time() -> None:
    """The day is the civil day in Shanghai."""
    assert not tell(STOCK, s.received(SOLD, when="day 1 23:59:30"), until="day 4 00:00").notices
