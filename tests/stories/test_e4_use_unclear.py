"""E4: a dealer sells acetone "for myself" to a man who will not show his papers."""

from events.report import Counterparty
from simulator import stories as s
from tests.stories.telling import Warned, tell

EMERGENCY = "Emergency management, Gulou District, Fuzhou City"
STOCK = s.opening("1000 L", site="S1", goods="ACE", when="day 1 08:00")
STRANGER = Counterparty(outside="上门客户")
DOUBTFUL = s.issue(
    "20 L", site="S1", goods="ACE", when="day 2 10:00", counterparty=STRANGER, use="自用", identified=False
)


def test_a_doubtful_sale_is_warned_of_when_the_day_is_over() -> None:
    """What it was for may still be put right by midnight; the seller is told at once."""
    heard = tell(STOCK, DOUBTFUL, until="day 4 00:00").of("E4")
    assert heard.words() == [
        Warned(
            "E4", "open", "yellow", since="day 2 10:00", told="day 3 00:30", handler=EMERGENCY, due="day 3 08:30"
        ),
    ]
    assert "the stated use is not a credible one; the buyer did not show, or refused to show" in heard.says
    assert heard.held == []


def test_a_credible_use_and_papers_shown_raise_nothing() -> None:
    """Nor does what nobody said of an ordinary precursor."""
    known = s.issue(
        "20 L", site="S1", goods="ACE", when="day 2 10:00", counterparty=STRANGER, use="油漆稀释", identified=True
    )
    unsaid = s.issue("20 L", site="S1", goods="ACE", when="day 2 11:00", counterparty=STRANGER)
    assert not tell(STOCK, known, unsaid, until="day 4 00:00").of("E4").notices


def test_a_use_put_right_the_next_day_takes_it_back() -> None:
    """The seller had typed it wrongly."""
    mended = s.received(s.correct(DOUBTFUL, use="油漆稀释", identified=True), when="day 3 09:00")
    assert [word.status for word in tell(STOCK, DOUBTFUL, mended, until="day 4 00:00").of("E4").words()] == [
        "open",
        "withdrawn",
    ]
