"""C2: detonators are sold on a Monday, and nobody files the sale with the police within three days."""

from events.report import Counterparty
from simulator import stories as s
from tests.stories.telling import GULOU, Warned, tell

QUARRY = Counterparty(outside="福清采石场")
STOCK = s.opening("800 item", site="S1", goods="DET", when="day 1 08:00")
SOLD = s.issue("100 item", site="S1", goods="DET", when="day 1 15:00", counterparty=QUARRY)
MORE = s.issue("50 item", site="S1", goods="DET", when="day 1 16:00", counterparty=QUARRY)


def test_a_sale_that_nobody_filed_is_warned_of_when_its_third_day_ends() -> None:
    """One warning for what was sold that day; it ends when the last of it is filed."""
    late = [s.received(s.filing(deal, "day 6 09:00"), when="day 6 09:10") for deal in (SOLD, MORE)]
    heard = tell(STOCK, SOLD, MORE, *late, until="day 7 00:00", filed=False)
    assert heard.words() == [
        Warned("C2", "open", "orange", since="day 5 00:00", told="day 5 00:00", handler=GULOU, due="day 5 02:00"),
        Warned("C2", "closed", "orange", since="day 5 00:00", told="day 6 09:10", handler=GULOU, due="day 5 02:00"),
    ]
    assert "2 were not filed within 3 days" in heard.says


def test_a_filing_that_was_made_in_time_and_uploaded_late_takes_it_back() -> None:
    """The counter's stamp counts, not when it reached the platform."""
    stamped = s.received(s.filing(SOLD, "day 4 17:00"), when="day 6 09:00")
    heard = tell(STOCK, SOLD, stamped, until="day 7 00:00", filed=False)
    assert [(word.status, word.told) for word in heard.words()] == [
        ("open", "day 5 00:00"),
        ("withdrawn", "day 6 09:00"),
    ]
    assert heard.taken_back_by == "teller|unit:U1|filed-S1-issue-S1-DET-d1t150000"


def test_a_term_that_would_end_on_a_saturday_ends_on_monday() -> None:
    """Sold on Wednesday, filed on Monday evening: in time."""
    sold = s.issue("100 item", site="S1", goods="DET", when="day 3 15:00", counterparty=QUARRY)
    filed = s.received(s.filing(sold, "day 8 17:00"), when="day 8 17:05")
    assert not tell(STOCK, sold, filed, until="day 10 00:00", filed=False).notices


def test_what_a_store_gives_to_its_own_shift_needs_no_filing() -> None:
    """Nothing was sold."""
    out = s.issue("100 item", site="S1", goods="DET", when="day 1 15:00", shift="A")
    assert not tell(STOCK, out, until="day 7 00:00", filed=False).of("C2").notices
