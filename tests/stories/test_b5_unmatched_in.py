"""B5: a hundred detonators are received on a consignment that nobody reported sending."""

from events.report import Counterparty
from simulator import stories as s
from tests.stories.telling import JINAN, Warned, tell

TAKEN = s.receive("100 item", site="S2", goods="DET", when="day 1 12:00", consignment="C1",
                  counterparty=Counterparty(unit="U1", site="S1"))  # fmt: skip
SENT = (
    s.opening("800 item", site="S1", goods="DET", when="day 1 08:00"),
    s.issue("100 item", site="S1", goods="DET", when="day 1 09:00", consignment="C1",
            counterparty=Counterparty(unit="U2", site="S2")),
)  # fmt: skip


def test_goods_that_nobody_sent_are_warned_of_after_the_day() -> None:
    """The receiver's county handles."""
    heard = tell(TAKEN, until="day 3 00:00")
    assert heard.words() == [
        Warned("B5", "open", "orange", since="day 1 12:00", told="day 2 00:30", handler=JINAN, due="day 2 02:30"),
    ]
    assert "no unit has reported issuing it" in heard.says


def test_an_issue_reported_the_next_morning_takes_it_back() -> None:
    """It was sent; the shipper's report came a day late."""
    stock, issue = SENT
    heard = tell(stock, TAKEN, s.received(issue, when="day 2 09:00"), until="day 3 00:00")
    assert [(word.status, word.told) for word in heard.of("B5").words()] == [
        ("open", "day 2 00:30"),
        ("withdrawn", "day 2 09:00"),
    ]


def test_an_issue_whose_report_comes_after_the_receipt_s_raises_nothing() -> None:
    """The same evening is soon enough."""
    stock, issue = SENT
    assert not tell(stock, TAKEN, s.received(issue, when="day 1 22:00"), until="day 3 00:00").notices
