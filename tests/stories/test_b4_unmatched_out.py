"""B4: a hundred detonators leave on a consignment and nobody reports receiving any."""

from events.report import Counterparty
from simulator import stories as s
from tests.stories.telling import GULOU, Warned, tell

SENT = (
    s.opening("800 item", site="S1", goods="DET", when="day 1 08:00"),
    s.plan("C1", {"DET": "100 item"}, depart="day 1 09:00", arrive_by="day 1 13:00"),
    s.issue("100 item", site="S1", goods="DET", when="day 1 09:00", consignment="C1",
            counterparty=Counterparty(unit="U2", site="S2")),
)  # fmt: skip
TAKEN = s.receive("100 item", site="S2", goods="DET", when="day 1 12:00", consignment="C1",
                  counterparty=Counterparty(unit="U1", site="S1"))  # fmt: skip


def test_what_nobody_received_is_warned_of_at_the_deadline() -> None:
    """Twelve hours after the planned arrival, by time alone: no report makes it known."""
    assert not tell(*SENT, until="day 2 00:59").notices
    heard = tell(*SENT, until="day 3 00:00")
    assert heard.words() == [
        Warned("B4", "open", "red", since="day 2 01:00", told="day 2 01:00", handler=GULOU, due="day 2 02:00"),
    ]
    assert "S1 sent 100 item of DET" in heard.says


def test_a_receipt_reported_the_next_morning_takes_it_back() -> None:
    """The goods had arrived in time; only their report was late, which is another matter (C1)."""
    heard = tell(*SENT, s.received(TAKEN, when="day 2 09:00"), until="day 3 00:00")
    assert [(word.status, word.told) for word in heard.of("B4").words()] == [
        ("open", "day 2 01:00"),
        ("withdrawn", "day 2 09:00"),
    ]
    assert {word.rule for word in heard.words()} == {"B4", "C1"}


def test_a_delivery_after_the_planned_time_raises_nothing() -> None:
    """Seven hours late is within the grace."""
    late = s.receive("100 item", site="S2", goods="DET", when="day 1 20:00", consignment="C1",
                     counterparty=Counterparty(unit="U1", site="S1"))  # fmt: skip
    assert not tell(*SENT, late, until="day 3 00:00").notices
