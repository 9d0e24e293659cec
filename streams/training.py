"""Training: a clean log in, histories of unit-days and of buying out; the same steps and the same code as live.

Law kept: a model's rows are made by the code that scores with it. What is corrected counts as corrected; what is
refused does not count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from msgspec import Struct

from detectors.buying import bought_from, roles_of, traded_with
from detectors.unit_days import Strand, segment
from events.log import Received, Tick
from events.registry import Category
from events.time import Instant, civil_day, day_start
from ledger.fact import Fact, Movement
from models.fit import History
from models.habits import Habits
from models.purchases import Bought, Met, habits
from models.unit_day import UnitDay
from streams.assembly import Places
from streams.days_moved import DaysMoved, last_of


class Histories(Struct, frozen=True):
    """The clean days of every unit by category, what buying was usual, and the span [from, until) of all days."""

    by_category: Mapping[Category, tuple[History, ...]]
    window: tuple[Instant, Instant]
    habits: Mapping[Category, Habits]


def histories(items: Iterable[Received | Tick], places: Places) -> Histories:
    """Take a log through the steps, without detectors, and count each unit's days and purchases."""
    trades = _Trades()
    walked = DaysMoved(places, heard=trades.hear)
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
    return Histories(
        {category: tuple(found[category]) for category in sorted(found)}, window, trades.habits(walked, places)
    )


class _Trades:
    """Every purchase of a log, and how far away each unit's trading partners were when it first met them."""

    def __init__(self) -> None:
        self._orders: dict[tuple[Category, str, str], list[tuple[int, int]]] = defaultdict(list)
        self._met: dict[tuple[Category, str, str], tuple[Instant, str, str]] = {}

    def hear(self, fact: Fact) -> None:
        """One more movement."""
        moved = fact.body
        if not isinstance(moved, Movement):
            return
        if bought_from(moved, moved.unit) is not None:
            self._orders[moved.category, moved.unit, moved.goods].append((civil_day(fact.at), moved.amount))
        party, there = traded_with(moved, moved.unit), moved.more.counterparty_area
        if party is not None and there is not None:
            self._met.setdefault((moved.category, moved.unit, party), (fact.at, moved.area, there))

    def habits(self, walked: DaysMoved, places: Places) -> dict[Category, Habits]:
        """What was usual, by category; the day that the log ends in is not over."""
        bought: dict[Category, list[Bought]] = defaultdict(list)
        for (category, unit, goods), orders in sorted(self._orders.items()):
            roles = roles_of(walked.unit(unit, last_of(orders[-1][0])))
            bought[category].append(Bought(unit, roles, goods, tuple(orders)))
        met: dict[Category, list[Met]] = defaultdict(list)
        for (category, unit, _), (at, here, there) in sorted(self._met.items()):
            far = places.distance_km(here, there, at)
            if far is not None:
                met[category].append(Met(unit, far))
        until = civil_day(walked.time)
        return {category: habits(bought[category], met[category], until) for category in sorted({*bought, *met})}
