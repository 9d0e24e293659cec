"""B12: twenty-five litres of acetone a day out of a tank of forty thousand: less than its gauge can see."""

from events.report import Flow, Inventory
from simulator import stories as s
from tests.stories.telling import Warned, tell

EMERGENCY = "Emergency management, Jin'an District, Fuzhou City"


def days(number: int, *, stolen_a_day: float = 0.0, reads_low: float = 0.0) -> list[Flow | Inventory]:
    """A tank in use: 200 L a day out of 40,000, gauged each evening."""
    told: list[Flow | Inventory] = [s.opening("40000 L", site="S2", goods="ACE", when="day 1 08:00")]
    for day in range(1, number + 1):
        read = 40_000 - day * (200 + stolen_a_day) - reads_low
        told.append(s.consume("200 L", site="S2", goods="ACE", when=f"day {day} 10:00"))
        told.append(s.gauge(f"{read:.1f} L", site="S2", goods="ACE", when=f"day {day} 18:00"))
    return told


def test_a_slow_loss_is_found_before_book_and_stock_part_visibly() -> None:
    """425 L of 40,000 are gone when it speaks; a single count says something a week later only."""
    heard = tell(*days(26, stolen_a_day=25), until="day 27 00:00")
    slow, sudden = heard.of("B12").words(), heard.of("B1").words()
    assert slow[0] == Warned(
        "B12", "open", "orange", since="day 17 18:00", told="day 18 00:30", handler=EMERGENCY, due="day 18 02:30"
    )
    assert sudden[0].told == "day 24 00:30"


def test_the_unit_is_not_told_before_the_matter_is_disposed_of() -> None:
    """Slow losses are mostly an insider's."""
    heard = tell(*days(19, stolen_a_day=25), until="day 20 00:00").of("B12")
    assert heard.held == ["unit@U2"]
    assert "went missing over" in heard.says
    assert "This book would notice" in heard.says


def test_a_gauge_that_always_reads_low_raises_nothing() -> None:
    """80 L low day after day is within its stated systematic error, and nothing is lost between two days."""
    assert not tell(*days(60, reads_low=80), until="day 62 00:00").notices
