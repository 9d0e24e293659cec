"""A7: a plant sells two kilograms of potassium nitrate, an explosive precursor, to a person at the gate."""

from events.quantity import Measure
from events.registry import Category, Flag, GoodsEntry
from events.report import Counterparty, Flow, Registry
from simulator import stories as s
from tests.stories.telling import Warned, tell

EMERGENCY = "Emergency management, Gulou District, Fuzhou City"
PERSON = Counterparty(natural_person=True)
STOCK = s.opening("500 kg", site="S1", goods="KNO3", when="day 1 08:00")


def nitrate(*flags: Flag) -> Registry:
    """Potassium nitrate, listed like this."""
    entry = GoodsEntry(goods="KNO3", name="硝酸钾", name_en="potassium nitrate", category=Category.CHEMICALS,
                       measure=Measure.MASS, flags=flags, cas="7757-79-1")  # fmt: skip
    return s.registry(entry)


def sold(when: str, to: Counterparty) -> Flow:
    """Two kilograms."""
    return s.issue("2 kg", site="S1", goods="KNO3", when=when, counterparty=to)


def test_a_precursor_sold_to_a_person_is_red_at_once() -> None:
    """Nothing that is reported later can make that lawful."""
    heard = tell(nitrate("explosive_precursor"), STOCK, sold("day 1 10:00", PERSON), until="day 3 00:00")
    assert heard.words() == [
        Warned("A7", "open", "red", since="day 1 10:00", told="day 1 10:05", handler=EMERGENCY, due="day 1 11:05"),
    ]
    assert "sold KNO3 (explosive precursor) to natural persons in 1 issue(s)" in heard.says


def test_a_buyer_that_was_a_unit_takes_it_back() -> None:
    """The clerk had picked the wrong kind of buyer."""
    wrong = sold("day 1 10:00", PERSON)
    right = s.received(s.correct(wrong, counterparty=Counterparty(unit="U2", site="S2")), when="day 1 15:00")
    heard = tell(nitrate("explosive_precursor"), STOCK, wrong, right, until="day 3 00:00").of("A7")
    assert [(word.status, word.told) for word in heard.words()] == [
        ("open", "day 1 10:05"),
        ("withdrawn", "day 1 15:00"),
    ]


def test_what_is_not_listed_and_what_is_sold_to_a_firm_raises_nothing() -> None:
    """The same sale of an ordinary chemical; the same precursor to a shop outside the platform."""
    assert not tell(nitrate(), STOCK, sold("day 1 10:00", PERSON), until="day 3 00:00").notices
    firm = sold("day 1 10:00", Counterparty(outside="长乐农资合作社"))
    assert not tell(nitrate("explosive_precursor"), STOCK, firm, until="day 3 00:00").notices
