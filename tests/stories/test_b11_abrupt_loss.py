"""B11: six hundred litres of acetone go in one night out of a tank whose gauge errs by a hundred and twenty."""

from collections.abc import Sequence

from events.report import Flow, Inventory
from simulator import stories as s
from tests.stories.telling import Warned, tell

EMERGENCY = "Emergency management, Jin'an District, Fuzhou City"
NIGHT = 9


def evenings(days: int, *, gone: float, stays_away: int = 60) -> list[Flow | Inventory]:
    """A tank in use: 200 L a day out of 40,000, gauged each evening; some is gone from the tenth on."""
    told: list[Flow | Inventory] = [s.opening("40000 L", site="S2", goods="ACE", when="day 1 08:00")]
    for day in range(1, days + 1):
        missing = gone if NIGHT < day <= NIGHT + stays_away else 0.0
        told.append(s.consume("200 L", site="S2", goods="ACE", when=f"day {day} 10:00"))
        told.append(
            s.gauge(f"{40_000 - day * 200 - missing:.1f} L", site="S2", goods="ACE", when=f"day {day} 18:00")
        )
    return told


def abrupt(told: Sequence[Flow | Inventory], until: str) -> list[Warned]:
    """What B11 says of it."""
    return tell(*told, until=until).of("B11").words()


def test_a_night_s_theft_is_warned_of_the_next_midnight() -> None:
    """The evening's gauge shows it; until midnight an upload may explain it; then the county is told."""
    heard = tell(*evenings(11, gone=600), until="day 12 00:00").of("B11")
    assert heard.words() == [
        Warned(
            "B11",
            "open",
            "orange",
            since="day 10 18:00",
            told="day 11 00:30",
            handler=EMERGENCY,
            due="day 11 02:30",
        )
    ]
    assert "600 L of ACE is missing since the count at 2026-05-12T18:00:00+08:00" in heard.says
    assert "This book would notice a loss of" in heard.says
    assert heard.held == ["unit@U2"]


def test_the_same_taken_out_by_the_book_raises_nothing() -> None:
    """A customer fetched it at noon, and the issue was uploaded at ten in the evening."""
    sold = s.consume("600 L", site="S2", goods="ACE", when="day 10 12:00")
    late = s.received(sold, when="day 10 22:00")
    assert not tell(*evenings(11, gone=600), late, until="day 12 00:00").notices


def test_a_misread_gauge_is_over_with_the_next_reading() -> None:
    """It was all there: the episode lasts until the evening that shows it."""
    said = abrupt(evenings(12, gone=600, stays_away=1), until="day 13 00:00")
    assert [word.status for word in said] == ["open", "closed"]


def test_a_hundred_litres_are_less_than_this_gauge_can_tell() -> None:
    """One standard deviation: no single evening proves anything."""
    assert not abrupt(evenings(12, gone=100), until="day 13 00:00")
