"""C7: five detonators are found missing in the morning, and the loss is declared in the evening."""

from msgspec.structs import replace

from events.report import Flow
from events.time import moment
from simulator import stories as s
from tests.stories.telling import GULOU, Warned, tell

STOCK = s.opening("800 item", site="S1", goods="DET", when="day 1 08:00")


def lost(*, found: str) -> Flow:
    """Five detonators, gone since the night."""
    gone = s.declare_loss("5 item", site="S1", goods="DET", when="day 2 02:00")
    return replace(gone, discovered_at=moment(s.at(found)))


def test_a_loss_that_is_declared_hours_after_it_was_found_is_warned_of() -> None:
    """In red, at once, and over: the report is there."""
    heard = tell(STOCK, s.received(lost(found="day 2 08:00"), when="day 2 19:30"), until="day 4 00:00")
    assert heard.words() == [
        Warned("C7", "closed", "red", since="day 2 09:00", told="day 2 19:30", handler=GULOU, due="day 2 20:30"),
    ]
    assert "after 690 minutes" in heard.says


def test_a_corrected_time_of_discovery_takes_it_back() -> None:
    """It was found in the evening count."""
    told = s.received(lost(found="day 2 08:00"), when="day 2 19:30")
    mended = s.received(s.correct(lost(found="day 2 19:00")), when="day 2 20:00")
    words = tell(STOCK, told, mended, until="day 4 00:00").words()
    assert [(word.status, word.told) for word in words] == [("closed", "day 2 19:30"), ("withdrawn", "day 2 20:00")]


def test_a_loss_that_is_declared_within_the_hour_raises_nothing() -> None:
    """However long ago it happened."""
    assert not tell(STOCK, s.received(lost(found="day 2 18:45"), when="day 2 19:30"), until="day 4 00:00").notices
