"""When a duty that the law counts in days is due: the day itself does not count, and days off may not."""

from __future__ import annotations

from datetime import date

import pytest

from detectors.clocks import Term, due
from detectors.world import World
from events.registry import CalendarEntry
from tests.detector_kit import at, register, world

HOLIDAYS = tuple(date(2026, 5, day) for day in (20, 21, 22))
"""Wednesday to Friday of the third week; the Sunday before is worked."""


@pytest.fixture(scope="module")
def bare() -> World:
    """A world without any calendar."""
    return world()


@pytest.fixture(scope="module")
def known() -> World:
    """The days off of 2026."""
    entry = CalendarEntry(year=2026, holidays=HOLIDAYS, workdays=(date(2026, 5, 17),))
    return world((register(entry, valid_from="day -30 00:00"),))


def test_calendar_days_end_with_the_last_minute_of_the_last_one(bare: World) -> None:
    """Three days from Monday noon are over as Friday begins, whatever is off."""
    for when in ("day 1 00:00", "day 1 12:00", "day 1 23:59:59"):
        found = due(bare, at(when), Term(3, moves=False))
        assert (found.at, found.by_weekends) == (at("day 5 00:00"), False)


def test_a_last_day_off_moves_on_to_the_next_working_day(bare: World, known: World) -> None:
    """Five days from Monday end on a Saturday: Monday it is; into the holidays, the Monday behind them."""
    assert due(known, at("day 1 12:00"), Term(4)).at == at("day 6 00:00")
    assert due(known, at("day 1 12:00"), Term(5)).at == at("day 9 00:00")
    assert due(known, at("day 15 12:00"), Term(2)).at == at("day 23 00:00")
    assert due(known, at("day 11 12:00"), Term(3)).at == at("day 15 00:00")
    assert not due(known, at("day 1 12:00"), Term(5)).by_weekends
    assert due(bare, at("day 1 12:00"), Term(5)).by_weekends
    assert due(bare, at("day 15 12:00"), Term(2)).at == at("day 18 00:00")


def test_working_days_leave_out_days_off_and_count_worked_weekends(bare: World, known: World) -> None:
    """Three from Thursday: Friday, the worked Sunday, Monday. Without a calendar weekends alone are off."""
    assert due(known, at("day 11 12:00"), Term(3, working=True)).at == at("day 16 00:00")
    assert due(bare, at("day 11 12:00"), Term(3, working=True)).at == at("day 17 00:00")
    assert due(known, at("day 16 12:00"), Term(1, working=True)).at == at("day 23 00:00")
    assert due(bare, at("day 11 12:00"), Term(3, working=True)).by_weekends
    assert not due(known, at("day 11 12:00"), Term(3, working=True)).by_weekends
