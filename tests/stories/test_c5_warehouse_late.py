"""C5: a new store takes in detonators two days after it was registered."""

from events.registry import Category, LicenceEntry, SiteEntry
from events.report import Flow, Registry
from simulator import stories as s
from tests.stories.telling import JINAN, Warned, tell


def registered(when: str) -> Registry:
    """U2 registers a third store."""
    entry = SiteEntry(site="S9", name="S9仓库", area="350111", lon=119.5, lat=26.09)
    return s.registry(entry, unit="U2", valid_from=when)


def stocked(when: str) -> Flow:
    """The first goods."""
    return s.opening("100 item", site="S9", goods="DET", when=when, unit="U2")


def test_goods_in_a_store_that_was_registered_the_day_before_yesterday_are_warned_of() -> None:
    """It closes by itself when the store could have been used."""
    heard = tell(registered("day 1 09:00"), stocked("day 3 10:00"), until="day 7 00:00")
    assert heard.words() == [
        Warned("C5", "open", "yellow", since="day 3 10:00", told="day 3 10:05", handler=JINAN, due="day 3 18:05"),
        Warned("C5", "closed", "yellow", since="day 3 10:00", told="day 6 09:00", handler=JINAN, due="day 3 18:05"),
    ]
    assert "registered 5 days before it is used" in heard.says


def test_five_days_after_its_registration_a_store_may_be_used() -> None:
    """To the minute."""
    assert not tell(registered("day 1 09:00"), stocked("day 6 09:00"), until="day 9 00:00").notices


def test_a_store_that_has_long_been_there_raises_nothing_when_its_entry_is_renewed() -> None:
    """The earliest registration counts."""
    licence = LicenceEntry(
        licence="L-U2-more", category=Category.EXPLOSIVES, activities=("store", "use", "purchase")
    )
    old, new = registered("day -20 09:00"), registered("day 2 09:00")
    assert not tell(old, new, s.registry(licence, unit="U2"), stocked("day 3 10:00"), until="day 9 00:00").notices
