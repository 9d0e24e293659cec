"""Seasons: how near the Spring Festival is, and other holidays, by the registered calendar.

Law kept: the festival moves with the moon, so it is read from the year's days off, never from a date; a year whose
calendar nobody registered is taken to have it at any day that it can have, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from msgspec import Struct

from detectors.detector import View
from events.registry import CalendarEntry
from events.time import Instant
from ledger.reference import Reference
from models.season import FAR, FARTHEST, Near, Nearness

_EPOCH: Final = date(1970, 1, 1).toordinal()
_EARLIEST, _LATEST = (1, 20), (2, 20)
"""The first day of the lunar year falls between these; the days off begin on its eve at the earliest."""
_LASTS: Final = 8
"""Days of the festival."""
_WEEK_OFF: Final = 3
"""Fewest days off in a row that people buy ahead of."""


class RunUp(Struct, frozen=True, gc=False):
    """Which share of some days lies in the run-up to the festival or in it, and whether a calendar says so."""

    share: float
    known: bool


def run_up(view: View, at: Instant, days: range, before: int) -> RunUp:
    """How much of some civil days lies within so many days before the Spring Festival, or in it."""
    share, known = 0.0, True
    for year in sorted({_date(days.start).year, _date(days.stop - 1 + before).year}):
        begins, ends, told = _festival_span(view.world.reference, at, year)
        inside = len(range(max(days.start, begins - before), min(days.stop, ends)))
        if inside:
            share += inside / len(days)
            known = known and told
    return RunUp(min(share, 1.0), known)


def before_days_off(view: View, at: Instant, days: range, before: int) -> bool:
    """Whether any of some civil days lies within so many days before three days off in a row, or in them."""
    years = {_date(days.start - _WEEK_OFF).year, _date(days.stop - 1 + before + _WEEK_OFF).year}
    return any(
        begins - before < days.stop and days.start < begins + lasts
        for begins, lasts in _long_runs(view.world.reference, at, years)
    )


def nearness(reference: Reference, at: Instant, day: int) -> Nearness:
    """How near days off are to a civil day, by the calendars in force at an instant."""

    def find(then: Instant) -> Nearness:
        years = {_date(day + away).year for away in (-FARTHEST, 0, FARTHEST)}
        spans = [_festival_span(reference, then, year) for year in sorted(years)]
        festival = _near(day, [(begins, ends) for begins, ends, _ in spans])
        off = _near(day, [(begins, begins + lasts) for begins, lasts in _long_runs(reference, then, years)])
        *_, known = min(spans, key=lambda span: max(span[0] - day, day - span[1]))
        return Nearness(festival, off, known)

    return reference.lasting(CalendarEntry, ("nearness", day), at, find)


def _near(day: int, spans: list[tuple[int, int]]) -> Near:
    """How near the days [begin, end) of some spans are."""
    until = min((max(0, begins - day) for begins, ends in spans if day < ends), default=FAR)
    since = min((day - ends + 1 for _, ends in spans if day >= ends), default=FAR)
    return Near(min(until, FAR), min(since, FAR))


def _festival_span(reference: Reference, at: Instant, year: int) -> tuple[int, int, bool]:
    """The days [begin, end) of a year's festival, or all that it can have; whether a calendar says which."""
    begins = _festival(reference, at, year)
    if begins is None:
        return _day(year, *_EARLIEST), _day(year, *_LATEST) + _LASTS, False
    return begins, begins + _LASTS, True


def _festival(reference: Reference, at: Instant, year: int) -> int | None:
    """The first day of the longest run of days off that begins within the moon's bounds; None where not known."""

    def find(then: Instant) -> int | None:
        bounds = range(_day(year, *_EARLIEST) - 1, _day(year, *_LATEST) + 1)
        runs = [(lasts, -begins) for begins, lasts in _runs(_days_off(reference, then, year)) if begins in bounds]
        return -max(runs)[1] if runs else None

    return reference.lasting(CalendarEntry, ("festival", year), at, find)


def _long_runs(reference: Reference, at: Instant, years: Iterable[int]) -> list[tuple[int, int]]:
    """(first day, length) of what people buy ahead of; New Year's days off stand in two years' calendars."""
    days = sorted({day for year in years for day in _days_off(reference, at, year)})
    return [run for run in _runs(days) if run[1] >= _WEEK_OFF]


def _days_off(reference: Reference, at: Instant, year: int) -> tuple[int, ...]:
    calendar = reference.in_force(CalendarEntry, str(year), at)
    return () if calendar is None else tuple(sorted(day.toordinal() - _EPOCH for day in calendar.holidays))


def _runs(days: Iterable[int]) -> list[tuple[int, int]]:
    """(first day, length) of each run of neighbouring days.

    >>> _runs([3, 4, 5, 9])
    [(3, 3), (9, 1)]
    """
    found: list[tuple[int, int]] = []
    for day in days:
        if found and day == sum(found[-1]):
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((day, 1))
    return found


def _day(year: int, month: int, day: int) -> int:
    return date(year, month, day).toordinal() - _EPOCH


def _date(day: int) -> date:
    return date.fromordinal(day + _EPOCH)
