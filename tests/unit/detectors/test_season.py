"""How near days off are, by the registered calendars: the lunar year's festival wherever it falls, and others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from detectors.detector import View
from detectors.season import RunUp, before_days_off, nearness, run_up
from events.registry import CalendarEntry
from events.time import Instant
from ledger.reference import Reference, Registered
from models.season import FAR, FARTHEST, Near
from tests.detector_kit import at, register, world

EPOCH = date(1970, 1, 1)
OFF = {
    2025: (("01-01", 1), ("01-28", 8), ("04-04", 3), ("05-01", 5), ("06-14", 2), ("10-01", 8), ("12-31", 1)),
    2026: (("01-01", 2), ("02-15", 9), ("04-04", 3), ("05-01", 5), ("06-19", 3), ("10-01", 7)),
}
"""Days off, from a day on so many; New Year of 2026 has three in a row, one of them in the year before."""
FESTIVALS = {2025: "01-28", 2026: "02-15"}


def day_of(year: int, month_and_day: str) -> int:
    """The number of a civil day."""
    return (date.fromisoformat(f"{year}-{month_and_day}") - EPOCH).days


def calendar(year: int, runs: Sequence[tuple[str, int]], since: str = "day -900 00:00") -> Registered:
    """A year's calendar with these runs of days off."""
    firsts = ((date.fromisoformat(f"{year}-{first}"), lasts) for first, lasts in runs)
    off = tuple(first + timedelta(nth) for first, lasts in firsts for nth in range(lasts))
    return register(CalendarEntry(year=year, holidays=off), valid_from=since, id=f"calendar/{year}/{since}")


def view_of(*entries: Registered) -> View:
    """A key of a world with these calendars."""
    return View("unit:U1", Reference(), world(entries))


KNOWN = view_of(*(calendar(year, runs) for year, runs in OFF.items()))
BARE = view_of()
NOW: Instant = at("day 1 00:00")


def festive(day: int, before: int, lasts: int = 8) -> bool:
    """Whether a day is in the run-up to a festival or in it, looked at by itself."""
    begins = (day_of(year, first) for year, first in FESTIVALS.items())
    return any(first - before <= day < first + lasts for first in begins)


@pytest.mark.parametrize(("length", "before"), [(1, 0), (1, 45), (7, 45), (30, 45), (31, 10)])
def test_the_share_of_days_is_that_of_each_looked_at_by_itself(length: int, before: int) -> None:
    """Any month, week or day of two years, over the year's end too."""
    for start in range(day_of(2025, "01-02"), day_of(2026, "10-15")):
        days = range(start, start + length)
        share = sum(festive(day, before) for day in days) / length
        found = run_up(KNOWN, NOW, days, before)
        assert found.share == pytest.approx(share, abs=1e-12)
        assert found.known


def test_a_year_without_a_calendar_may_have_its_festival_on_any_day_that_it_can() -> None:
    """20 January to 20 February with its eight days; elsewhere in the year nothing is in doubt."""
    first, last = day_of(2027, "01-20"), day_of(2027, "02-27")
    told = [run_up(BARE, NOW, range(day, day + 1), 10) for day in (first - 11, first - 10, last, last + 1)]
    assert told == [RunUp(0.0, True), RunUp(1.0, False), RunUp(1.0, False), RunUp(0.0, True)]
    assert run_up(BARE, NOW, range(first - 12, first - 8), 10) == RunUp(0.5, known=False)


@pytest.mark.parametrize(
    ("runs", "begins"),
    [
        ((("01-19", 8),), "01-19"),
        ((("01-18", 8),), None),
        ((("02-20", 8),), "02-20"),
        ((("02-21", 8),), None),
        ((("01-20", 3), ("02-04", 7), ("02-18", 7)), "02-04"),
        ((("02-18", 3), ("01-31", 7)), "01-31"),
        ((("01-01", 3), ("05-01", 5)), None),
    ],
)
def test_the_festival_is_the_longest_days_off_within_the_moons_bounds(
    runs: tuple[tuple[str, int], ...], begins: str | None
) -> None:
    """From the eve of 20 January to 20 February; the first of equally long ones; else it is not known."""
    view = view_of(calendar(2027, runs))
    for day in range(day_of(2027, "01-02"), day_of(2027, "04-01")):
        first = day_of(2027, begins or "01-20")
        after = first + 8 if begins else day_of(2027, "02-28")
        inside = first - 5 <= day < after
        assert run_up(view, NOW, range(day, day + 1), 5) == RunUp(float(inside), begins is not None or not inside)


def long_off(day: int) -> bool:
    """Whether a day is one of three days off in a row."""
    off = {day_of(year, first) + nth for year, runs in OFF.items() for first, lasts in runs for nth in range(lasts)}
    return any({first, first + 1, first + 2} <= off for first in (day - 2, day - 1, day))


@pytest.mark.parametrize(("length", "before"), [(1, 0), (1, 2), (7, 0), (7, 10), (30, 3)])
def test_people_buy_ahead_of_three_days_off_in_a_row(length: int, before: int) -> None:
    """Two are a weekend; New Year's three stand in the calendars of two years, and are three all the same."""
    longs = {day for day in range(day_of(2025, "01-01"), day_of(2027, "01-01")) if long_off(day)}
    assert len(longs) == 8 + 3 + 5 + 8 + 3 + 9 + 3 + 5 + 3 + 7
    for start in range(day_of(2025, "01-10"), day_of(2026, "11-01")):
        near = any(day in longs for day in range(start, start + length + before))
        assert before_days_off(KNOWN, NOW, range(start, start + length), before) is near


def test_without_a_calendar_no_days_off_are_ahead() -> None:
    """What nobody registered is not guessed at."""
    assert not before_days_off(BARE, NOW, range(day_of(2026, "09-20"), day_of(2026, "10-10")), 60)


def beside(day: int, of: set[int]) -> Near:
    """How near the days of a set are, looked for day by day: the next one, and the last that ended a run."""
    until = next((away for away in range(500) if day + away in of), FAR)
    ended = (away for away in range(1, 500) if day - away in of and day - away + 1 not in of)
    return Near(until, next(ended, FAR))


def far(near: Near) -> Near:
    """The same, with all that nobody may ask about as far away as can be."""
    return Near(*(FAR if days > FARTHEST else days for days in near))


def test_how_near_is_counted_day_by_day() -> None:
    """0 on a day off, 1 on the day after the last one, as far as anybody may ask."""
    reach = range(day_of(2025, "01-01"), day_of(2027, "01-01"))
    festival, off = {day for day in reach if festive(day, 0)}, {day for day in reach if long_off(day)}
    for day in range(day_of(2025, "06-01"), day_of(2026, "08-01")):
        found = nearness(KNOWN.world.reference, NOW, day)
        assert (far(found.festival), far(found.days_off)) == (far(beside(day, festival)), far(beside(day, off)))
        assert found.known


@pytest.mark.parametrize(
    ("on", "until", "since"),
    [("01-17", 3, FAR), ("01-20", 0, FAR), ("02-27", 0, FAR), ("02-28", FAR, 1), ("03-09", FAR, 10)],
)
def test_without_a_calendar_a_festival_may_be_any_day_that_it_can(on: str, until: int, since: int) -> None:
    """20 January to 27 February all count as days of it, and the answer says that no calendar says so."""
    found = nearness(BARE.world.reference, NOW, day_of(2026, on))
    assert (far(found.festival), found.days_off, found.known) == (Near(until, since), Near(FAR, FAR), False)


@pytest.mark.parametrize(("on", "known"), [("02-22", True), ("04-20", True), ("10-20", False), ("12-31", False)])
def test_the_nearest_festival_says_whether_a_calendar_does(on: str, known: bool) -> None:
    """Between years without a calendar: in spring this year's is the nearest, in autumn the next one's."""
    view = view_of(calendar(2026, OFF[2026]))
    assert nearness(view.world.reference, NOW, day_of(2026, on)).known is known


def test_a_calendar_is_asked_as_it_was_in_force() -> None:
    """A festival that was moved by a later notice: what happened before is judged by the old one."""
    view = view_of(calendar(2027, (("02-05", 8),)), calendar(2027, (("02-06", 8),), since="day 100 00:00"))
    day = day_of(2027, "02-05")
    shares = [run_up(view, at(when), range(day, day + 1), 0).share for when in ("day 99 23:59", "day 100 00:00")]
    assert shares == [1.0, 0.0]
    untils = [
        nearness(view.world.reference, at(when), day - 1).festival.until
        for when in ("day 99 23:59", "day 100 00:00", "day 99 23:59")
    ]
    assert untils == [1, 2, 1]
