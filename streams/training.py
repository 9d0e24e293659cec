"""Training: a clean log in, histories of unit-days out, by category; the same steps and the same unit-days as live.

Law kept: a model's rows are made by the code that scores with it. What is corrected counts as corrected; what is
refused does not count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from msgspec import Struct

from detectors.unit_days import Strand, segment
from events.log import Received, Tick
from events.registry import Category
from events.time import Instant, day_start
from models.fit import History
from models.unit_day import UnitDay
from streams.assembly import Places
from streams.days_moved import DaysMoved, last_of


class Histories(Struct, frozen=True):
    """The clean days of every unit by category, and the span [from, until) of all of them."""

    by_category: Mapping[Category, tuple[History, ...]]
    window: tuple[Instant, Instant]


def histories(items: Iterable[Received | Tick], places: Places) -> Histories:
    """Take a log through the steps, without detectors, and count each unit's days."""
    walked = DaysMoved(places)
    days: dict[tuple[str, Strand], list[UnitDay]] = defaultdict(list)
    for moved in walked.walk(items):
        for one in moved:
            days[one.unit, one.of].append(one.day)
    found: dict[Category, list[History]] = defaultdict(list)
    for (unit, of), own in sorted(days.items()):
        entry = walked.unit(unit, last_of(own[-1].day))
        found[of[0]].append(History(unit, segment(of, entry), tuple(own)))
    numbers = [day.day for own in days.values() for day in own]
    window = (day_start(min(numbers)), day_start(max(numbers) + 1)) if numbers else (0, 0)
    return Histories({category: tuple(found[category]) for category in sorted(found)}, window)
