"""E6: a box of detonators comes back to the firm that sold it, by another firm than bought it."""

from events.registry import Category, LicenceEntry, SiteEntry, UnitEntry
from events.report import Counterparty, Event, SerialRange
from simulator import stories as s
from tests.stories.telling import Heard, tell

BOX = (SerialRange(maker="MA", type="D8", first=501, last=600),)
OTHER = (
    s.registry(UnitEntry(name="第三方民爆公司", area="350302", roles=("sell", "purchase", "store")), unit="U3"),
    s.registry(LicenceEntry(licence="L3", category=Category.EXPLOSIVES,
                            activities=("sell", "purchase", "store")), unit="U3"),
    s.registry(SiteEntry(site="S9", name="S9", area="350302"), unit="U3"),
)  # fmt: skip
OWNERS = {"S1": "U1", "S2": "U2", "S9": "U3"}


def hop(giver: str, taker: str, day: int) -> tuple[Event, Event]:
    """The box is sold on, in two hours."""
    to, by = Counterparty(unit=OWNERS[taker], site=taker), Counterparty(unit=OWNERS[giver], site=giver)
    return (
        s.issue("100 item", site=giver, goods="DET", when=f"day {day} 09:00", unit=OWNERS[giver], counterparty=to,
                serials=BOX),
        s.receive("100 item", site=taker, goods="DET", when=f"day {day} 11:00", unit=OWNERS[taker],
                  counterparty=by, serials=BOX),
    )  # fmt: skip


MADE = s.produce("100 item", site="S1", goods="DET", when="day 1 07:00", serials=BOX)


def told(*hops: tuple[Event, Event]) -> Heard:
    """What E6 says of a box that is made and sold on."""
    return tell(*OTHER, MADE, *(event for pair in hops for event in pair), until="day 9 00:00").of("E6")


def test_a_box_that_comes_round_is_hinted_at_after_the_day() -> None:
    """Sold to U2 on day 1, by U2 to U3 on day 3, by U3 back to U1 on day 5; the units are not tipped off."""
    heard = told(hop("S1", "S2", 1), hop("S2", "S9", 3), hop("S9", "S1", 5))
    assert [(word.status, word.severity, word.since, word.told) for word in heard.words()] == [
        ("closed", "yellow", "day 5 11:00", "day 6 00:30"),
    ]
    assert "U1 > U2 > U3 > U1 within 4.1 days, back to who had given them away" in heard.says
    assert heard.held == ["unit@U1"]


def test_a_box_that_the_buyer_gives_back_raises_nothing() -> None:
    """Back from who bought it, or the same way by which it went."""
    assert not told(hop("S1", "S2", 1), hop("S2", "S1", 3)).notices
    assert not told(hop("S1", "S2", 1), hop("S2", "S9", 2), hop("S9", "S2", 4), hop("S2", "S1", 5)).notices
