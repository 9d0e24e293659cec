"""D6: for twenty-five minutes nothing is heard of a loaded lorry."""

from events.registry import Point
from simulator import stories as s
from tests.stories.road import ARRIVED, STRAIGHT, drive, filed, fix
from tests.stories.telling import JINAN, Warned, tell

DARK = range(20, 45)


def on_the_road(minute: int) -> Point:
    """Always on its way."""
    return s.along(minute / 60)


HEARD = drive(on_the_road, [minute for minute in range(60) if minute not in DARK])


def test_a_silent_tracker_is_warned_of_at_its_deadline() -> None:
    """Ten minutes after the last fix, by time alone; closed by the next."""
    heard = tell(*filed(STRAIGHT), *HEARD, *ARRIVED, until="day 2 12:00")
    first, last = heard.words()[0], heard.words()[-1]
    assert first == Warned(
        "D6", "open", "orange", since="day 1 09:29", told="day 1 09:30", handler=JINAN, due="day 1 11:30"
    )
    assert last.status == "closed"
    assert "then no position came; the gap was 26 minutes" in heard.says


def test_fixes_stored_in_a_blind_zone_take_it_back() -> None:
    """The terminal kept them and sends them when the network is back."""
    stored = [s.received(fix(minute, on_the_road), when="day 1 11:00") for minute in DARK]
    heard = tell(*filed(STRAIGHT), *HEARD, *ARRIVED, *stored, until="day 2 12:00")
    assert [word.status for word in heard.words()] == ["open", "closed", "withdrawn"]
    assert heard.words()[-1].told == "day 1 11:00"


def test_a_tunnel_raises_nothing() -> None:
    """Six minutes without a fix."""
    through = drive(on_the_road, [*range(20), *range(26, 60)])
    assert not tell(*filed(STRAIGHT), *through, *ARRIVED, until="day 2 12:00").notices
