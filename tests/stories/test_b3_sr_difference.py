"""B3: a hundred detonators leave on a consignment, ninety-five arrive."""

from events.report import Counterparty, Flow
from simulator import stories as s
from tests.stories.telling import GULOU, Warned, tell

SENT = (
    s.opening("800 item", site="S1", goods="DET", when="day 1 08:00"),
    s.plan("C1", {"DET": "100 item"}, depart="day 1 09:00", arrive_by="day 1 13:00"),
    s.issue("100 item", site="S1", goods="DET", when="day 1 09:00", consignment="C1",
            counterparty=Counterparty(unit="U2", site="S2")),
)  # fmt: skip


def arrived(amount: str, when: str = "day 1 12:00") -> Flow:
    """Taken in by U2 at S2."""
    sender = Counterparty(unit="U1", site="S1")
    return s.receive(amount, site="S2", goods="DET", when=when, consignment="C1", counterparty=sender)


def test_what_did_not_arrive_is_warned_of_at_the_shipper_s() -> None:
    """The rest may follow until twelve hours after the planned arrival; then the day's uploads are waited for."""
    heard = tell(*SENT, arrived("95 item"), until="day 4 00:00")
    assert heard.words() == [
        Warned("B3", "open", "red", since="day 2 01:00", told="day 3 00:30", handler=GULOU, due="day 3 01:30"),
    ]
    assert "95 item arrived" in heard.says
    assert "5 item too little" in heard.says


def test_a_corrected_receipt_takes_it_back() -> None:
    """Five had been overlooked: the receipt is corrected on day 3."""
    mended = s.correct(arrived("95 item"), quantity=s.quantity("100 item"))
    heard = tell(*SENT, arrived("95 item"), s.received(mended, when="day 3 09:00"), until="day 4 00:00")
    assert [(word.status, word.told) for word in heard.of("B3").words()] == [
        ("open", "day 3 00:30"),
        ("withdrawn", "day 3 09:00"),
    ]


def test_two_part_deliveries_raise_nothing() -> None:
    """Ninety-five at noon and the other five in the afternoon."""
    rest = arrived("5 item", when="day 1 16:00")
    assert not tell(*SENT, arrived("95 item"), rest, until="day 4 00:00").notices
