"""B13: a tank of acetone never empties as fast as the book says: somebody fills in what nobody records."""

from events.report import Flow, Inventory
from simulator import stories as s
from tests.stories.telling import Warned, tell

EMERGENCY = "Emergency management, Jin'an District, Fuzhou City"


def evenings(days: int, *, more_a_day: float = 0.0, at_once: float = 0.0, since: int = 8) -> list[Flow | Inventory]:
    """A tank in use: 200 L a day out of 40,000, gauged each evening; from a day on more is there than should be."""
    told: list[Flow | Inventory] = [s.opening("40000 L", site="S2", goods="ACE", when="day 1 08:00")]
    for day in range(1, days + 1):
        more = 0.0 if day < since else at_once + more_a_day * (day - since + 1)
        told.append(s.consume("200 L", site="S2", goods="ACE", when=f"day {day} 10:00"))
        told.append(s.gauge(f"{40_000 - day * 200 + more:.1f} L", site="S2", goods="ACE", when=f"day {day} 18:00"))
    return told


def test_what_comes_in_unrecorded_is_found_though_each_evening_looks_innocent() -> None:
    """Sixty litres a day, half of what the gauge errs by: a precursor that the register does not know of."""
    heard = tell(*evenings(20, more_a_day=60), until="day 21 00:00").of("B13")
    assert heard.words()[0] == Warned(
        "B13", "open", "yellow", since="day 15 18:00", told="day 16 00:30", handler=EMERGENCY, due="day 16 08:30"
    )
    assert "is there that no record explains" in heard.says
    assert heard.held == ["unit@U2"]


def test_a_delivery_recorded_the_same_evening_raises_nothing() -> None:
    """Two thousand litres were pumped in before the gauge was read; the receipt came at ten."""
    came = s.receive("2000 L", site="S2", goods="ACE", when="day 12 11:00")
    heard = tell(*evenings(16, at_once=2000, since=12), s.received(came, when="day 12 22:00"), until="day 17 00:00")
    assert not heard.of("B13").notices


def test_a_receipt_uploaded_the_next_morning_takes_it_back() -> None:
    """Late is late (C1), but nothing is unexplained any more."""
    came = s.received(s.receive("2000 L", site="S2", goods="ACE", when="day 12 11:00"), when="day 13 08:30")
    heard = tell(*evenings(16, at_once=2000, since=12), came, until="day 17 00:00").of("B13")
    assert [(word.status, word.told) for word in heard.words()] == [
        ("open", "day 13 00:30"),
        ("withdrawn", "day 13 08:30"),
    ]
