"""A5: ten detonators are bought ten hours after the permit ran out."""

from events.registry import PermitEntry, PermittedGoods
from simulator import stories as s
from tests.stories.telling import JINAN, Warned, tell

BOUGHT = s.receive("10 item", site="S2", goods="DET", when="day 31 10:00", permit="P1")
RENEWED = PermitEntry(permit="P1", purpose="purchase", goods=(PermittedGoods("DET", s.quantity("1000 item")),))


def test_a_purchase_under_an_expired_permit_is_warned_of_at_once() -> None:
    """The permit ended at the midnight before."""
    heard = tell(BOUGHT, until="day 33 00:00")
    assert heard.words() == [
        Warned(
            "A5", "open", "orange", since="day 31 10:00", told="day 31 10:05", handler=JINAN, due="day 31 12:05"
        ),
    ]
    assert "it had run out at 2026-06-03T00:00:00+08:00" in heard.says


def test_a_renewal_that_is_registered_late_takes_it_back() -> None:
    """Renewed from that midnight on; the registry hears of it in the evening."""
    late = s.registry(RENEWED, unit="U2", valid_from="day 31 00:00", entered="day 31 20:00")
    assert [(word.status, word.told) for word in tell(BOUGHT, late, until="day 33 00:00").words()] == [
        ("open", "day 31 10:05"),
        ("withdrawn", "day 31 20:05"),
    ]


def test_a_permit_renewed_before_raises_nothing() -> None:
    """The new one takes over at midnight."""
    entry = s.registry(RENEWED, unit="U2", valid_from="day 31 00:00", entered="day 30 16:00")
    assert not tell(BOUGHT, entry, until="day 33 00:00").notices
