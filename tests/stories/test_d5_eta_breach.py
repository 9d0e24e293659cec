"""D5: a lorry that was due at half past ten is halfway at half past nine, and still there after noon."""

from events.log import Received
from simulator import stories as s
from tests.stories.road import STRAIGHT, filed
from tests.stories.telling import JINAN, Warned, tell

HALFWAY, LAY_BY = 30, s.along(0.5)


def drive(until: int) -> list[Received]:
    """Twenty kilometres in an hour, but half of the way only: from then on it stands, a fix each three minutes."""
    told = []
    for minute in (*range(HALFWAY), *range(HALFWAY, until, 3)):
        when = f"day 1 {9 + minute // 60:02}:{minute % 60:02}"
        where, kmh = (s.along(minute / 60), 20) if minute < HALFWAY else (LAY_BY, 0)
        told.append(s.received(s.position(where, when=when, speed_kmh=kmh, loaded=True), when=when))
    return told


def test_an_overdue_lorry_is_warned_of_at_its_deadline() -> None:
    """Two hours after it was due, beside what D3 says of the stop itself; closed by its arrival."""
    told = (*filed(STRAIGHT), *drive(280), s.stage("C1", "arrive", when="day 1 13:50"))
    heard = tell(*told, until="day 1 18:00").of("D5")
    first, last = heard.words()[0], heard.words()[-1]
    assert first == Warned(
        "D5", "open", "orange", since="day 1 12:30", told="day 1 12:30", handler=JINAN, due="day 1 14:30"
    )
    assert (last.status, len(heard.words())) == ("closed", 2)
    assert "with about 9.6 km to go" in heard.says


def test_a_lorry_that_stands_at_the_gate_is_not_overdue() -> None:
    """Nobody reported that it had arrived; it has stood at the end of its road since ten."""
    told = []
    for minute in range(0, 200, 2):
        when = f"day 1 {9 + minute // 60:02}:{minute % 60:02}"
        fix = s.position(s.along(min(minute / 60, 1.0)), when=when, speed_kmh=0 if minute > 60 else 20, loaded=True)
        told.append(s.received(fix, when=when))
    assert not tell(*filed(STRAIGHT), *told, until="day 1 12:25").of("D5").notices
    assert not tell(*filed(STRAIGHT), *told, until="day 1 20:00").of("D5").notices
