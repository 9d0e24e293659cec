"""Counting: what is physically there, as it is counted or gauged at the end of a day.

Law kept: counted goods are counted right; a gauge reads true · (1 + R + S) with S its own steady bias and R
fresh each time, both within the uncertainty that its paper states (R cut at two, S at one standard
uncertainty, so that no honest count lies beyond three of the whole).
"""

from __future__ import annotations

from bisect import bisect_right

from events.quantity import Measure
from events.time import MINUTE, SECOND, civil_day, day_start
from simulator.chance import chance
from simulator.drafts import Book, Count, Site, World
from simulator.founding import days_of
from simulator.goods import CATALOGUE, counted

GAUGE_RANDOM, GAUGE_SYSTEMATIC = 0.003, 0.002
CALIBRATOR_RANDOM, CALIBRATOR_SYSTEMATIC = 0.02, 0.01
"""Tanks and bins are gauged; activity is measured by a dose calibrator."""
_READING = 1000
"""A gauge shows whole grams, millilitres or kilobecquerels."""


def count(world: World) -> None:
    """Count every book at the end of its reporting days."""
    nth: dict[str, int] = {}
    for book in world.books.values():
        site = world.sites[book.site]
        place = nth[book.site] = nth.get(book.site, -1) + 1
        _count_book(world, book, site, place)


def uncertainty(goods: str) -> tuple[float, float]:
    """The random and systematic uncertainty of the instrument that measures these goods."""
    if counted(goods):
        return 0.0, 0.0
    if CATALOGUE[goods].measure is Measure.ACTIVITY:
        return CALIBRATOR_RANDOM, CALIBRATOR_SYSTEMATIC
    return GAUGE_RANDOM, GAUGE_SYSTEMATIC


def _count_book(world: World, book: Book, site: Site, place: int) -> None:
    draw = chance(world.config.seed, "count", book.site, book.goods)
    random, systematic = uncertainty(book.goods)
    times, after = book.running()
    days = days_of(site, world.config)
    if not times:
        return
    for day in days:
        if (days[-1] - day) % site.count_every or not _is_counted(book, day):
            continue
        at = day_start(day) + int((site.count_minute + 1.5 * place) * MINUTE) // SECOND * SECOND
        at += int(draw.integers(0, 40)) * SECOND
        found = bisect_right(times, at)
        if not found or times[0] > at:
            continue
        there = max(0, after[found - 1] - book.taken(at))
        if not counted(book.goods):
            error = random * max(-2.0, min(2.0, float(draw.normal()))) + systematic * site.bias
            there = round(there * (1 + error) / _READING) * _READING
        book.counts.append(Count(at=at, base=there))


def _is_counted(book: Book, day: int) -> bool:
    if book.uncounted is None or day < civil_day(book.uncounted):
        return True
    return book.counted is not None and day == civil_day(book.counted)
