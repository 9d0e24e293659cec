"""A1: a blaster goes on blasting a day after its licence ended; the renewal was only registered late."""

from events.registry import Category, LicenceEntry
from events.report import Registry
from events.time import moment
from simulator import stories as s
from tests.stories.telling import JINAN, Warned, tell

STOCK = s.opening("500 item", site="S2", goods="DET", when="day 1 08:00")
IN_TIME = s.consume("20 item", site="S2", goods="DET", when="day 2 10:00")
AFTER = s.consume("20 item", site="S2", goods="DET", when="day 4 10:00")
LICENCE = LicenceEntry(
    licence="L-U2-explosives", category=Category.EXPLOSIVES, activities=("purchase", "store", "use")
)


def ending() -> Registry:
    """U2's licence, corrected: it ends with day 2."""
    lasting = next(entry for entry in s.world() if entry.unit == "U2" and entry.entry == LICENCE)
    return s.correct(lasting, valid_to=moment(s.at("day 3 00:00")))


def test_blasting_without_a_licence_is_warned_of_at_once() -> None:
    """Nothing that is reported later can make a lapsed licence valid: no waiting for the end of the day."""
    heard = tell(ending(), STOCK, IN_TIME, AFTER, until="day 6 00:00").of("A1")
    assert heard.words() == [
        Warned("A1", "open", "red", since="day 4 10:00", told="day 4 10:05", handler=JINAN, due="day 4 11:05"),
    ]
    assert "L-U2-explosives, ran out at 2026-05-06T00:00:00+08:00" in heard.says


def test_a_renewal_that_is_registered_late_takes_it_back() -> None:
    """The licence was renewed in time; the registry hears of it on day 5."""
    renewed = s.registry(LICENCE, unit="U2", valid_from="day 3 00:00", entered="day 5 09:00", id="renewed")
    heard = tell(ending(), STOCK, IN_TIME, AFTER, renewed, until="day 6 00:00").of("A1")
    assert [(word.status, word.told) for word in heard.words()] == [
        ("open", "day 4 10:05"),
        ("withdrawn", "day 5 09:05"),
    ]


def test_a_licence_renewed_without_a_gap_raises_nothing() -> None:
    """The old one ends and the new one begins at the same midnight."""
    renewed = s.registry(LICENCE, unit="U2", valid_from="day 3 00:00", entered="day 2 16:00", id="renewed")
    assert not tell(ending(), STOCK, IN_TIME, AFTER, renewed, until="day 6 00:00").of("A1").notices
