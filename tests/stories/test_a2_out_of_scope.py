"""A2: a unit whose licence lists emulsion explosive only takes detonators into its store."""

import msgspec

from events.registry import LicenceEntry
from events.report import Registry
from simulator import stories as s
from tests.stories.telling import JINAN, Warned, tell

STOCK = s.opening("200 item", site="S2", goods="DET", when="day 1 08:00")
USED = s.consume("20 item", site="S2", goods="DET", when="day 2 10:00")


def listing(*goods: str) -> Registry:
    """U2's licence, corrected: it lists these goods."""
    open_to_all = next(e for e in s.world() if e.unit == "U2" and isinstance(e.entry, LicenceEntry))
    return s.correct(open_to_all, entry=msgspec.structs.replace(open_to_all.entry, goods=goods))


def test_goods_that_the_licence_does_not_list_are_warned_of_at_once() -> None:
    """One matter for the goods, told again with each further movement."""
    heard = tell(listing("EXP"), STOCK, USED, until="day 4 00:00")
    assert heard.words() == [
        Warned("A2", "open", "orange", since="day 1 08:00", told="day 1 08:05", handler=JINAN, due="day 1 10:05"),
        Warned("A2", "open", "orange", since="day 1 08:00", told="day 2 10:05", handler=JINAN, due="day 1 10:05"),
    ]
    assert "2 movement(s) of DET" in heard.says


def test_goods_on_the_list_raise_nothing() -> None:
    """The same work under a licence that lists detonators too."""
    assert not tell(listing("DET", "EXP"), STOCK, USED, until="day 4 00:00").notices
