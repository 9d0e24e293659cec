"""A11: a dealer sells detonators for cash on a Monday and again on the Wednesday."""

from typing import Literal

from events.report import Counterparty, Flow
from simulator import stories as s
from simulator.stories.words import FlowFields
from tests.stories.telling import GULOU, Warned, tell

STOCK = s.opening("500 item", site="S1", goods="DET", when="day 1 08:00")
QUARRY = Counterparty(outside="福清采石场")


def sold(when: str, payment: Literal["bank", "cash"] | None) -> Flow:
    """Twenty detonators to a quarry, paid like this."""
    said: FlowFields = {"counterparty": QUARRY} if payment is None else {"counterparty": QUARRY, "payment": payment}
    return s.issue("20 item", site="S1", goods="DET", when=when, **said)


def test_cash_for_explosives_is_one_warning_however_often() -> None:
    """Said when the day can no longer correct it; the second sale revises the same word, a quiet week ends it."""
    told = (STOCK, sold("day 1 10:00", "cash"), sold("day 2 10:00", "bank"), sold("day 3 10:00", "cash"))
    heard = tell(*told, until="day 11 00:00").of("A11")
    due = "day 2 02:30"
    assert heard.words() == [
        Warned("A11", "open", "orange", since="day 1 10:00", told="day 2 00:30", handler=GULOU, due=due),
        Warned("A11", "open", "orange", since="day 1 10:00", told="day 3 10:05", handler=GULOU, due=due),
        Warned("A11", "closed", "orange", since="day 1 10:00", told="day 10 10:00", handler=GULOU, due=due),
    ]
    assert "2 purchase(s) or sale(s) paid in cash" in heard.says
    assert "福清采石场" in heard.says


def test_a_payment_keyed_in_wrongly_and_corrected_that_day_raises_nothing() -> None:
    """It had been a bank transfer."""
    wrong = sold("day 1 10:00", "cash")
    right = s.received(s.correct(wrong, payment="bank"), when="day 1 16:00")
    assert not tell(STOCK, wrong, right, until="day 3 00:00").notices


def test_a_sale_that_says_nothing_of_its_payment_raises_nothing() -> None:
    """What was left out accuses nobody."""
    assert not tell(STOCK, sold("day 1 10:00", None), until="day 3 00:00").notices
