"""A log taken through the steps without detectors: every unit's days, one civil day at a time, in order.

Laws kept: a day comes out once nothing can change it any more, made by the code that E7 counts with; of each
movement the newest version counts, and what is refused does not. Only days that are
still open are held (law 11).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import TYPE_CHECKING

from msgspec import Struct

from detectors.unit_days import Strand, counted, strand
from detectors.watch import Watch
from detectors.world import World
from events.identity import kind_of, unit_key
from events.intake import Arrival, Record, read
from events.log import Received, Tick
from events.registry import UnitEntry
from events.rejection import Source
from events.time import Instant, civil_day, day_start
from ledger.fact import Fact, Movement
from models.unit_day import UnitDay
from streams.assembly import LATENESS, Places
from streams.feeding import STRETCH
from streams.lane import Lane
from streams.store import MemoryStore

if TYPE_CHECKING:
    from models.artefact import Model

_TOPIC = "log"


class Moved(Struct, frozen=True, gc=False):
    """What a unit did on one day in one category and measure; ``area`` is where it moved something last."""

    unit: str
    of: Strand
    day: UnitDay
    area: str


class DaysMoved:
    """One walk over a log; ``heard`` is told each movement once it can change no more, in event order by days."""

    def __init__(
        self,
        places: Places,
        models: Callable[[str], Model] | None = None,
        heard: Callable[[Fact], None] | None = None,
    ) -> None:
        self.world = World(places, {}, models)
        self._watch = Watch((), LATENESS)
        self._store = MemoryStore()
        self._lane = Lane(0, 1, self.world, self._watch, self._store)
        self._lane.expect((_TOPIC,))
        self._moved: dict[tuple[str, str], Fact] = {}
        self._heard = heard

    @property
    def time(self) -> Instant:
        """What the log's ticks have come to."""
        return self._lane.time

    def unit(self, unit: str, at: Instant) -> UnitEntry | None:
        """What was registered of a unit at an instant."""
        return self._lane.reference(unit_key(unit)).in_force(UnitEntry, "self", at)

    def walk(self, items: Iterable[Received | Tick]) -> Iterator[list[Moved]]:
        """A civil day's unit-days at a time, by unit, category and measure; the days still open come last."""
        horizon = self._watch.horizon("book", self.time)
        for offset, item in enumerate(items):
            self._take(item, offset)
            if offset % STRETCH == STRETCH - 1:
                self._collect()
                closed = self._watch.horizon("book", self.time)
                if closed > horizon:
                    horizon = closed
                    yield from self._days(closed)
        self._collect()
        yield from self._days(None)

    def _take(self, item: Received | Tick, offset: int) -> None:
        if isinstance(item, Tick):
            self._lane.tick(_TOPIC, item.at)
            return
        arrival = read(Record(item.raw, item.provider, item.received_at, Source(_TOPIC, 0, offset)))
        if isinstance(arrival, Arrival) and kind_of(arrival.home) != "vehicle":
            self._lane.arrive(arrival)

    def _collect(self) -> None:
        """Finish a batch; of each fact of each book the newest version counts."""
        effects = self._lane.finish()
        self._store.keep(effects.states)
        for line in effects.lines:
            known = self._moved.get((line.key, line.fact.id))
            if known is None or known.version < line.fact.version:
                self._moved[line.key, line.fact.id] = line.fact

    def _days(self, horizon: Instant | None) -> Iterator[list[Moved]]:
        """Take out the days before a horizon, or all that are left."""
        closed = [key for key, fact in self._moved.items() if horizon is None or fact.at < horizon]
        facts = sorted((self._moved.pop(key) for key in closed), key=attrgetter("order"))
        days: dict[int, dict[tuple[str, Strand], Moved]] = {}
        for fact in facts:
            body = fact.body
            if isinstance(body, Movement):
                if self._heard is not None:
                    self._heard(fact)
                number, place = civil_day(fact.at), (body.unit, strand(body))
                own = days.setdefault(number, {})
                known = own[place].day if place in own else UnitDay(number)
                own[place] = Moved(*place, counted(known, fact, body), body.area)
        for number in sorted(days):
            yield [days[number][place] for place in sorted(days[number])]


def last_of(day: int) -> Instant:
    """The last instant of a civil day: what is in force then judges the day."""
    return day_start(day + 1) - 1
