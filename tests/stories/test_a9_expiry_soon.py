"""A9: a licence ends in ninety days, and the unit reports nothing at all."""

from events.registry import Category, LicenceEntry, UnitEntry
from events.report import Registry
from simulator import stories as s
from tests.stories.telling import Warned, tell

JINAN = "Public security, Jin'an District, Fuzhou City"
QUIET = s.registry(UnitEntry(name="北峰采石场", area="350111"), unit="U7", valid_from="day -700 00:00",
                   entered="day -30 00:00")  # fmt: skip
HELD = LicenceEntry(licence="L-7", category=Category.EXPLOSIVES, activities=("purchase", "store", "use"))


def licence(
    until: str, *, since: str = "day -700 00:00", entered: str = "day -30 00:00", id: str = "L-7"
) -> Registry:
    """U7's licence."""
    return s.registry(HELD, unit="U7", valid_from=since, valid_to=until, entered=entered, id=id)


def test_it_is_said_ninety_days_before_and_settled_by_the_renewal() -> None:
    """Yellow, at the instant itself; the renewal that is entered two days later ends it."""
    renewed = licence("day 1200 00:00", since="day 93 00:00", entered="day 5 10:00", id="renewed")
    heard = tell(QUIET, licence("day 93 00:00"), renewed, until="day 7 00:00")
    due = "day 3 08:00"
    assert heard.words() == [
        Warned("A9", "open", "yellow", since="day 3 00:00", told="day 3 00:00", handler=JINAN, due=due),
        Warned("A9", "closed", "yellow", since="day 3 00:00", told="day 5 10:05", handler=JINAN, due=due),
    ]
    assert "Licence L-7 of U7 is valid until" in heard.says
    assert "It was renewed at" in heard.says


def test_past_its_end_it_is_red() -> None:
    """Said when the licence was registered, for it was near then: the same warning, a worse colour."""
    heard = tell(QUIET, licence("day 4 00:00"), until="day 6 00:00")
    assert [(word.severity, word.told) for word in heard.words()] == [
        ("yellow", "day -30 00:05"),
        ("red", "day 4 00:00"),
    ]
    assert "has run out" in heard.says


def test_a_licence_renewed_before_or_that_ends_later_raises_nothing() -> None:
    """Renewed a week ahead; a day short of the ninety."""
    early = licence("day 1200 00:00", since="day 93 00:00", entered="day -4 10:00", id="renewed")
    assert not tell(QUIET, licence("day 93 00:00"), early, until="day 7 00:00").notices
    assert not tell(QUIET, licence("day 98 00:00"), until="day 7 00:00").notices
