"""C4: a site that reported every day for two weeks reports nothing any more."""

from events.report import Flow
from simulator import stories as s
from tests.stories.telling import JINAN, Warned, tell

STOCK = s.opening("500 item", site="S2", goods="DET", when="day 1 08:00")


def used(*days: int) -> list[Flow]:
    """Five detonators used at ten on each of these days."""
    return [s.consume("5 item", site="S2", goods="DET", when=f"day {day} 10:00") for day in days]


def test_silence_beyond_the_site_s_own_habit_is_warned_of_by_time_alone() -> None:
    """Its mean interval was 22.5 hours: about 208 are so improbable that it should be asked."""
    assert not tell(STOCK, *used(*range(1, 16)), until="day 24 01:00").notices
    heard = tell(STOCK, *used(*range(1, 16), 28), until="day 30 00:00")
    assert heard.words() == [
        Warned(
            "C4", "open", "yellow", since="day 24 01:33", told="day 24 02:00", handler=JINAN, due="day 24 10:00"
        ),
        Warned(
            "C4", "closed", "yellow", since="day 24 01:33", told="day 28 10:05", handler=JINAN, due="day 24 10:00"
        ),
    ]
    assert "used to report every 22.5 h" in heard.says


def test_reports_that_come_late_take_it_back() -> None:
    """It had worked and reported late, which is another matter (C1)."""
    back = [s.received(report, when="day 25 09:00") for report in used(19, 22)]
    heard = tell(STOCK, *used(*range(1, 16)), *back, until="day 26 00:00")
    assert [(word.status, word.told) for word in heard.of("C4").words()] == [
        ("open", "day 24 02:00"),
        ("withdrawn", "day 25 09:00"),
    ]


def test_a_site_that_always_reported_seldom_raises_nothing() -> None:
    """Every third day, then nine days of silence."""
    counted = s.count("455 item", site="S2", goods="DET", when="day 25 18:00")
    assert not tell(STOCK, *used(*range(1, 38, 3), 46), counted, until="day 48 00:00").notices
