"""A3: two stores of a unit buy 700 detonators each under one permit for 1,000, three minutes apart."""

from events.report import Counterparty
from simulator import stories as s
from tests.stories.telling import CHENGXIANG, Warned, tell

MAKER = Counterparty(unit="U1", site="S1")
FIRST = s.receive("700 item", site="S2", goods="DET", when="day 2 10:00", permit="P1", counterparty=MAKER)
SECOND = s.receive("700 item", site="S3", goods="DET", when="day 2 10:03", permit="P1", counterparty=MAKER)


def test_a_permit_booked_twice_is_warned_of_at_once() -> None:
    """Neither store is over; together they are, by 400: the county of the store that went over handles."""
    heard = tell(FIRST, SECOND, until="day 4 00:00")
    assert heard.words() == [
        Warned("A3", "open", "red", since="day 2 10:03", told="day 2 10:08", handler=CHENGXIANG, due="day 2 11:08"),
    ]
    assert "Permit P1 allows 1000 item of DET; 1400 item were booked on it" in heard.says


def test_a_correction_that_brings_it_within_the_permit_takes_it_back() -> None:
    """The second store had typed 700 for 300. The last word bears the severity and the due time of the first."""
    mended = s.received(s.correct(SECOND, quantity=s.quantity("300 item")), when="day 2 16:00")
    heard = tell(FIRST, SECOND, mended, until="day 4 00:00")
    assert heard.words()[1:] == [
        Warned(
            "A3", "withdrawn", "red", since="day 2 10:03", told="day 2 16:00", handler=CHENGXIANG, due="day 2 11:08"
        ),
    ]


def test_a_permit_used_up_to_the_last_item_raises_nothing() -> None:
    """700 and 300."""
    rest = s.receive("300 item", site="S3", goods="DET", when="day 2 10:03", permit="P1", counterparty=MAKER)
    assert not tell(FIRST, rest, until="day 4 00:00").notices
