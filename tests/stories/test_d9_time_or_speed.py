"""D9: a lorry with detonators may drive from six to nine in the morning, and sets out at nine."""

from msgspec.structs import replace

from events.log import Received
from events.report import Event
from simulator import stories as s
from tests.stories.road import ARRIVED, STRAIGHT, drive, filed
from tests.stories.telling import JINAN, Warned, tell


def filed_for(hours: tuple[int, int] | None, limit_kmh: float | None = None) -> tuple[Event, ...]:
    """As always, but for the hours and the speed that the permit names."""
    opened, _, sent = filed(STRAIGHT)
    plan = s.plan("C1", {"DET": "100 item"}, depart="day 1 09:00", arrive_by="day 1 10:30", routes=(STRAIGHT,))
    assert plan.plan is not None
    return opened, replace(plan, plan=replace(plan.plan, hours=hours, speed_limit_kmh=limit_kmh)), sent


def at_twenty() -> list[Received]:
    """Twenty kilometres in an hour, a fix a minute."""
    return drive(lambda minute: s.along(minute / 60))


def test_a_drive_after_the_permitted_hours_is_warned_of_at_its_fifth_minute() -> None:
    """One warning for the whole drive; over a quarter of an hour after it ended."""
    heard = tell(*filed_for((6 * 60, 9 * 60)), *at_twenty(), *ARRIVED, until="day 2 12:00")
    first, last = heard.words()[0], heard.words()[-1]
    assert first == Warned(
        "D9", "open", "yellow", since="day 1 09:01", told="day 1 09:05", handler=JINAN, due="day 1 17:05"
    )
    assert (last.rule, last.status) == ("D9", "closed")
    assert "was driven outside its permitted hours 06:00-09:00" in heard.says


def test_a_drive_faster_than_the_permit_allows_is_warned_of() -> None:
    """Twenty kilometres an hour where ten are allowed."""
    heard = tell(*filed_for(None, 10.0), *at_twenty(), *ARRIVED, until="day 2 12:00")
    assert {word.rule for word in heard.words()} == {"D9"}
    assert "went faster than its limit of 10 km/h" in heard.says


def test_the_same_drive_within_its_hours_raises_nothing() -> None:
    """Permitted from eight to eleven, and faster by the receiver's word alone in two minutes."""
    spiking = [
        *at_twenty(),
        s.received(s.position(s.along(0.5), when="day 1 09:30:20", speed_kmh=190.0, loaded=True)),
    ]
    assert not tell(*filed_for((8 * 60, 11 * 60), 60.0), *spiking, *ARRIVED, until="day 2 12:00").notices
