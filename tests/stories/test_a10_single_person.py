"""A10: half a kilogram of sodium cyanide leaves the store with one signature under it."""

from events.quantity import Measure
from events.registry import Category, GoodsEntry, PersonEntry
from events.report import Flow
from simulator import stories as s
from tests.stories.telling import Warned, tell

EMERGENCY = "Emergency management, Jin'an District, Fuzhou City"
CYANIDE = s.registry(
    GoodsEntry(goods="NACN", name="氰化钠", name_en="sodium cyanide", category=Category.CHEMICALS,
               measure=Measure.MASS, flags=("highly_toxic",), cas="143-33-9")
)  # fmt: skip
PEOPLE = tuple(s.registry(PersonEntry(person=one, role="custodian"), unit="U2") for one in ("K1", "K2"))
STOCK = s.opening("50 kg", site="S2", goods="NACN", when="day 1 08:00")


def taken(*people: str) -> Flow:
    """Half a kilogram used up, signed by these."""
    return s.consume("0.5 kg", site="S2", goods="NACN", when="day 1 10:00", custodians=people)


def test_one_signature_is_warned_of_when_the_day_is_over() -> None:
    """Until half past midnight the second one may still be filled in."""
    heard = tell(CYANIDE, *PEOPLE, STOCK, taken("K1"), until="day 3 00:00")
    due = "day 2 02:30"
    assert heard.words() == [
        Warned("A10", "open", "orange", since="day 1 10:00", told="day 2 00:30", handler=EMERGENCY, due=due),
    ]
    assert "fewer than 2 different people" in heard.says


def test_no_signature_at_all_is_yellow() -> None:
    """The register has a gap; perhaps nobody did anything wrong."""
    (word,) = tell(CYANIDE, *PEOPLE, STOCK, taken(), until="day 3 00:00").words()
    assert (word.rule, word.severity, word.told) == ("A10", "yellow", "day 2 00:30")


def test_a_second_signature_filled_in_that_evening_raises_nothing() -> None:
    """Nor does one that was there from the beginning."""
    alone = taken("K1")
    both = s.received(s.correct(alone, custodians=("K1", "K2")), when="day 1 18:00")
    assert not tell(CYANIDE, *PEOPLE, STOCK, alone, both, until="day 3 00:00").notices
    assert not tell(CYANIDE, *PEOPLE, STOCK, taken("K1", "K2"), until="day 3 00:00").notices
