"""B15: a seller that destroyed nothing for a month writes off nine lots of detonators in one week."""

from events.report import Flow
from simulator import stories as s
from tests.stories.telling import tell

STOCK = s.opening("500 item", site="S1", goods="DET", when="day 1 07:00")


def sold(*days: int) -> list[Flow]:
    """Six sales a day."""
    return [
        s.issue("1 item", site="S1", goods="DET", when=f"day {day} 1{hour}:00") for day in days for hour in range(6)
    ]


def gone(*days: int) -> list[Flow]:
    """Three lots a day that are said to have been destroyed."""
    return [
        s.destroy("2 item", site="S1", goods="DET", when=f"day {day} 18:0{n}") for day in days for n in range(3)
    ]


MONTH = sold(*(day for day in range(1, 27) if day % 7 not in (6, 0)))
WEEK = sold(29, 30, 31)


def test_a_week_of_destructions_beyond_all_habit_is_warned_of_and_the_unit_is_not_told_yet() -> None:
    """The week of day 29 is over with day 35; whoever writes off is an insider."""
    heard = tell(STOCK, *MONTH, *WEEK, *gone(29, 30, 31), until="day 37 00:00").of("B15")
    assert [(word.status, word.severity, word.since, word.told) for word in heard.words()] == [
        ("closed", "yellow", "day 29 00:00", "day 36 00:30")
    ]
    assert "9 of the 27 movements of U1 were out of the ordinary: 9 destroyed" in heard.says
    assert heard.held == ["unit@U1"]


def test_destructions_that_were_typed_by_mistake_and_taken_back_take_it_back() -> None:
    """They had been sales: two of them voided leave too few to speak of."""
    lots = gone(29, 30, 31)
    voided = [s.received(s.void(lot), when="day 36 10:00") for lot in lots[:2]]
    heard = tell(STOCK, *MONTH, *WEEK, *lots, *voided, until="day 38 00:00").of("B15")
    assert [(word.status, word.told) for word in heard.words()][-1] == ("withdrawn", "day 36 10:00")


def test_a_unit_that_always_destroys_its_waste_raises_nothing() -> None:
    """Three lots a day, every week."""
    habit = gone(*(day for day in range(1, 27) if day % 7 not in (6, 0)))
    assert not tell(STOCK, *MONTH, *habit, *WEEK, *gone(29, 30, 31), until="day 37 00:00").of("B15").notices
