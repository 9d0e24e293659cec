"""Clocks: when a duty that the law counts in days is due, in calendar or in working days.

Law kept: a term is a function of the instant that it runs from and of the calendars heard of before that day
closed. The day itself does not count; a term ends with the last minute of its last day, which a policy may move on
from a day off to the next working day.
"""

from __future__ import annotations

from msgspec import Struct

from detectors.world import World
from events.registry import CalendarEntry
from events.time import Instant, civil_day, day_start, moment

LONGEST_REST = 60
"""No calendar gives so many days off in a row: one that says so is not waited for."""


class Term(Struct, frozen=True, gc=False):
    """How many days a duty has: in ``working`` days, or in calendar days, where a last day off ``moves`` on."""

    days: int
    working: bool = False
    moves: bool = True


class Due(Struct, frozen=True, gc=False):
    """When a term is over; ``by_weekends`` where no calendar says which days of its year are off."""

    at: Instant
    by_weekends: bool


def due(world: World, since: Instant, term: Term) -> Due:
    """When a term that runs from an instant is over."""
    day = civil_day(since)

    def find(then: Instant) -> Due:
        return _found(world, day, then, term)

    return world.reference.lasting(CalendarEntry, (day, term), since, find)


def _found(world: World, day: int, then: Instant, term: Term) -> Due:
    if not (term.working or term.moves):
        return Due(day_start(day + term.days + 1), by_weekends=False)
    last, left, unknown = day, term.days, False
    if not term.working:
        last, left = day + term.days, 1
        off, unknown = _is_off(world, last, then)
        if not off:
            return Due(day_start(last + 1), unknown)
    for _ in range(term.days * 7 + LONGEST_REST):
        if not left:
            break
        last += 1
        off, guessed = _is_off(world, last, then)
        left, unknown = left - (not off), unknown or guessed
    return Due(day_start(last + 1), unknown)


def _is_off(world: World, day: int, then: Instant) -> tuple[bool, bool]:
    """Whether a day is off, and whether that is by the weekend alone: no calendar of its year was heard of."""
    date = moment(day_start(day)).date()
    calendar = world.reference.in_force(CalendarEntry, str(date.year), then)
    weekend = date.weekday() >= 5
    if calendar is None:
        return weekend, True
    return date in calendar.holidays or (weekend and date not in calendar.workdays), False
