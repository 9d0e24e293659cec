"""Training: a clean log in, histories of unit-days out, by category; the same steps and the same unit-days as live.

Law kept: a model's rows are made by the code that scores with it. What is corrected counts as corrected; what is
refused does not count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from msgspec import Struct

from detectors.unit_days import Strand, counted, segment, strand
from detectors.watch import Watch
from detectors.world import World
from events.identity import kind_of, unit_key
from events.intake import Arrival, Record, read
from events.log import Received, Tick
from events.registry import Category, UnitEntry
from events.rejection import Source
from events.time import Instant, civil_day, day_start
from ledger.fact import Fact, Movement
from models.fit import History
from models.unit_day import UnitDay
from streams.assembly import LATENESS, Places
from streams.feeding import STRETCH
from streams.lane import Lane
from streams.store import MemoryStore

_TOPIC = "log"


class Histories(Struct, frozen=True):
    """The clean days of every unit by category, and the span [from, until) of all of them."""

    by_category: Mapping[Category, tuple[History, ...]]
    window: tuple[Instant, Instant]


def histories(items: Iterable[Received | Tick], places: Places) -> Histories:
    """Take a log through the steps, without detectors, and count each unit's days."""
    store = MemoryStore()
    lane = Lane(0, 1, World(places, {}), Watch((), LATENESS), store)
    lane.expect((_TOPIC,))
    moved: dict[tuple[str, str], Fact] = {}
    for offset, item in enumerate(items):
        if isinstance(item, Tick):
            lane.tick(_TOPIC, item.at)
        else:
            arrival = read(Record(item.raw, item.provider, item.received_at, Source(_TOPIC, 0, offset)))
            if isinstance(arrival, Arrival) and kind_of(arrival.home) != "vehicle":
                lane.arrive(arrival)
        if offset % STRETCH == STRETCH - 1:
            _collect(lane, store, moved)
    _collect(lane, store, moved)
    return _counted(moved.values(), lane)


def _collect(lane: Lane, store: MemoryStore, moved: dict[tuple[str, str], Fact]) -> None:
    """Finish a batch; of each fact of each book the newest version counts."""
    effects = lane.finish()
    store.keep(effects.states)
    for line in effects.lines:
        known = moved.get((line.key, line.fact.id))
        if known is None or known.version < line.fact.version:
            moved[line.key, line.fact.id] = line.fact


def _counted(facts: Iterable[Fact], lane: Lane) -> Histories:
    days: dict[tuple[str, Strand], dict[int, UnitDay]] = defaultdict(dict)
    for fact in facts:
        if isinstance(fact.body, Movement):
            own = days[fact.body.unit, strand(fact.body)]
            number = civil_day(fact.at)
            own[number] = counted(own.get(number, UnitDay(number)), fact, fact.body)
    found: dict[Category, list[History]] = defaultdict(list)
    for (unit, of), own in sorted(days.items()):
        last = day_start(max(own) + 1) - 1
        entry = lane.reference(unit_key(unit)).in_force(UnitEntry, "self", last)
        found[of[0]].append(History(unit, segment(of, entry), tuple(own[number] for number in sorted(own))))
    numbers = [number for own in days.values() for number in own]
    window = (day_start(min(numbers)), day_start(max(numbers) + 1)) if numbers else (0, 0)
    return Histories({category: tuple(found[category]) for category in sorted(found)}, window)
