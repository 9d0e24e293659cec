"""What a lane does with chunks, without I/O: from records to everything that one transaction writes.

Laws kept: what was applied before is skipped by its position (2); records that were passed over are not: a `Gap`;
an event that the books cannot take is refused by itself, in the transaction of those beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from events.identity import EVERYONE, home_of, lane_of
from events.intake import Arrival, Record, read, refuse
from events.registry import PolicyEntry
from events.rejection import Reason, Rejection, Source
from events.time import Instant
from ledger.fact import Fact
from ledger.reference import Registered
from routing.notice import encode_notice, headers
from streams.assembly import Assembly
from streams.broker.chunk import Chunk
from streams.broker.commit import Outgoing
from streams.broker.observed import taken
from streams.broker.restore import APPLIED, Restored
from streams.broker.topics import FACTS, LINES, REJECTED, STATE, WARNINGS, Topics
from streams.broker.wire import (
    UNKNOWN,
    LaneTime,
    LinesPage,
    Passed,
    Reader,
    Stray,
    encode_applied,
    encode_rejection,
    line_pages,
    pages,
    read_page,
    state_key,
    tick_of,
)
from streams.codec import restore_registered
from streams.effects import Delivery, Effects, Enrolment, StatePart
from streams.holdings import LANE, REFERENCE
from streams.lane import BEGINNING, Lane
from streams.messages import not_booked
from streams.piecemeal import blame, cannot_take, piecemeal, said
from streams.settings import Settings
from streams.warn import Warner


class Gap(Exception):
    """Records of a lane's topic were passed over: going on would lose them."""


class Item(Struct, frozen=True):
    """One thing to apply: a record of an input topic, or one that was passed on to this lane in a page of facts."""

    topic: str
    offset: int
    record: Any = None
    passed: Passed | None = None


class Stepped(Struct, frozen=True):
    """What chunks came to: all that is to be written, the positions reached, and events that could not be taken.

    The rest is for whoever watches: as in `streams.observing`.
    """

    outgoing: Outgoing
    reached: dict[str, int]
    faults: tuple[str, ...]
    effects: Effects
    records: dict[str, int]
    youngest: dict[str, Instant]
    step_s: float
    time: Instant | None
    keys: int


class LaneStep:
    """One lane's memory over its restored state. The state takes what a step did at once: an abort drops both."""

    def __init__(self, number: int, settings: Settings, assembly: Assembly, restored: Restored) -> None:
        self.number = number
        self._settings, self._assembly = settings, assembly
        self._topics, self._reader = Topics(settings.application), Reader(settings)
        self._store, self._applied = restored.store, restored.applied
        self._reached = {name: restored.applied.positions.get(name, 0) for name in self._topics.lane}
        self._strays: list[tuple[int, Passed]] = []
        self._refused: list[Rejection] = []
        self._lane: Lane
        self._warner: Warner
        self._take_up()

    @property
    def time(self) -> Instant | None:
        """How far the lane's time has come; None before the first tick."""
        return None if self._lane.time == BEGINNING else self._lane.time

    @property
    def keys(self) -> int:
        """Keys of the state."""
        return len(self._store)

    def step(self, chunks: Sequence[Chunk]) -> Stepped | None:
        """What the chunks do beyond the positions reached; None where all of it was applied before."""
        began = perf_counter()
        items, reached = self._fresh(chunks)
        if not items:
            return None
        records, youngest = taken(chunks, self._reached, self._topics)
        out, done = Outgoing(), Effects()
        faults: list[str] = []

        def take(part: Sequence[Item], *, careful: bool = False) -> None:
            effects, outgoing = self._take(part, chunks, careful=careful)
            refused = (one for one in effects.refusals if one.reason is Reason.BOOKS_CANNOT_TAKE)
            faults.extend(f"{one.id}: {one.detail}" for one in refused)
            out.extend(outgoing)
            done.extend(effects)

        def turn_away(item: Item, error: Exception) -> None:
            refusal = self._turned_away(item, error)
            faults.append(f"{refusal.id}: {refusal.detail}")
            done.refusals.append(refusal)
            out.add(self._topics.named(REJECTED), self.number, encode_rejection(_with_bytes(refusal, chunks)))

        piecemeal(items, take, turn_away, lambda item: take([item], careful=True))
        applied = encode_applied(replace(self._applied, positions=reached, lanes=self._settings.partitions))
        out.add(self._topics.named(STATE), self.number, applied, key=state_key(StatePart(LANE, APPLIED, None)))
        self._reached = reached
        took = perf_counter() - began
        return Stepped(out, reached, tuple(faults), done, records, youngest, took, self.time, self.keys)

    def _take_up(self) -> None:
        """A lane over the state as it stands, whatever the one before it had come to."""
        self._lane = self._assembly.lane(self.number, self._settings.partitions, self._store)
        self._lane.expect(self._topics.inputs)
        self._warner = self._assembly.warner(self._lane.world)

    def _fresh(self, chunks: Sequence[Chunk]) -> tuple[list[Item], dict[str, int]]:
        """What lies beyond the positions reached, in order, and the positions behind it."""
        reached, items = dict(self._reached), []
        facts = self._topics.named(FACTS)
        for chunk in chunks:
            start = reached[chunk.topic]
            if chunk.begins is not None and chunk.begins > start:
                raise Gap(f"{chunk.topic}/{chunk.partition}: records {start} to {chunk.begins} were passed over")
            for record in chunk.records:
                if record.offset < start:
                    continue
                reached[chunk.topic] = chunk.ends
                if chunk.topic == facts:
                    items += [Item(facts, record.offset, None, passed) for passed in read_page(record.value)]
                else:
                    items.append(Item(chunk.topic, record.offset, record))
        return items, reached

    def _take(self, items: Sequence[Item], chunks: Sequence[Chunk], *, careful: bool) -> tuple[Effects, Outgoing]:
        """Apply some items: all of it is in the state then, or nothing is in memory."""
        self._strays, self._refused = [], []
        try:
            self._lane.be_careful(careful)
            for item in items:
                self._apply(item)
            effects = self._lane.finish()
            if careful:
                blame(effects.refusals, self._source(items[0]))
                self._lane.be_careful(False)
            effects.refusals[:0] = self._refused
            outgoing = self._outgoing(effects, chunks)
        except BaseException:
            self._take_up()
            raise
        self._store.keep(effects.states)
        self._lane.let_go(self._settings.live_keys)
        return effects, outgoing

    def _source(self, item: Item) -> Source:
        """Where the record of an item stood when it was received."""
        match item.passed:
            case Stray(source=source) | Delivery(fact=Fact(source=source)):
                return source
            case _:
                return Source(item.topic, self.number, item.offset)

    def _apply(self, item: Item) -> None:
        if isinstance(item.passed, Stray):
            stray = item.passed
            self._report(Record(stray.raw, stray.provider, stray.received_at, stray.source), goes_on=False)
        elif item.passed is not None:
            self._lane.take(item.passed)
        elif (at := tick_of(item.record.value)) is not None:
            self._lane.tick(item.topic, at)
        else:
            self._report(self._record(item), goes_on=True)

    def _record(self, item: Item) -> Record:
        source = Source(item.topic, self.number, item.offset)
        return self._reader.report(self._topics.word(item.topic), source, item.record)

    def _report(self, record: Record, *, goes_on: bool) -> None:
        if record.provider == UNKNOWN:
            self._refused.append(refuse(record, Reason.UNKNOWN_PROVIDER, "", "the topic belongs to no provider"))
            return
        decided = read(record)
        if not isinstance(decided, Arrival):
            self._refused.append(decided)
            return
        home = home_of(decided.home)
        lane = self.number if home == EVERYONE else lane_of(home, self._settings.partitions)
        if lane == self.number:
            self._lane.arrive(decided)
        elif goes_on:
            stray = Stray(record.raw, record.provider, record.received_at, record.source)
            self._strays.append((lane, stray))

    def _turned_away(self, item: Item, error: Exception) -> Rejection:
        """The refusal of what cannot be taken even alone; time cannot be refused, so a tick's error goes on."""
        passed, reason, detail = item.passed, Reason.BOOKS_CANNOT_TAKE, said(error)
        match passed:
            case Delivery(key, fact):
                return not_booked(key, fact, detail)
            case Enrolment(key, entry):
                source = Source(item.topic, self.number, item.offset)
                provider, event = entry.id.partition("|")[0], entry.id.rpartition("|")[2]
                return Rejection(
                    f"{source}@{key}", reason, "", detail, provider, source, entry.heard_at, event, key
                )
            case Stray():
                record = Record(passed.raw, passed.provider, passed.received_at, passed.source)
            case None if tick_of(item.record.value) is None:
                record = self._record(item)
            case _:
                raise error
        return cannot_take(record, error)

    def _outgoing(self, effects: Effects, chunks: Sequence[Chunk]) -> Outgoing:
        """All that some items write. Warnings, lines and refusals stand on the lane's own partition."""
        out, named = Outgoing(), self._topics.named
        for state in effects.states:
            out.add(named(STATE), self.number, state.data, key=state_key(state))
        by_lane: dict[int, list[Passed]] = {}
        for lane, passing in (*self._strays, *effects.passing):
            by_lane.setdefault(lane, []).append(passing)
        for lane, items in by_lane.items():
            for page in pages(items):
                out.add(named(FACTS), lane, page)
        for finding in effects.findings:
            notice = self._warner.notice(finding, self._lane.reference(finding.subject))
            key, value = notice.finding.encode(), encode_notice(notice)
            out.add(named(WARNINGS), self.number, value, key=key, headers=headers(notice))
        time = None if self._lane.time == BEGINNING else LaneTime(self.number, self._lane.time)
        page_of = LinesPage(
            tuple(effects.lines), tuple(effects.told), tuple(effects.incomplete), time, _registered(effects)
        )
        for value in line_pages(page_of):
            out.add(named(LINES), self.number, value)
        for refusal in effects.refusals:
            out.add(named(REJECTED), self.number, encode_rejection(_with_bytes(refusal, chunks)))
        return out


def _registered(effects: Effects) -> tuple[Registered, ...]:
    """The registry entries that the batch put in force, for pages to name things by."""
    kept = (state.data for state in effects.states if state.key.startswith(REFERENCE))
    entries = [restore_registered(data) for data in kept if data is not None]
    # Policies are long, and no page needs them from here.
    return tuple(entry for entry in entries if not isinstance(entry.entry, PolicyEntry))


def _with_bytes(refusal: Rejection, chunks: Sequence[Chunk]) -> Rejection:
    """A refusal at the key names its position; where its record is in this batch, its bytes go along."""
    if refusal.raw is not None:
        return refusal
    for chunk in chunks:
        if (chunk.topic, chunk.partition) == (refusal.source.topic, refusal.source.partition):
            for record in chunk.records:
                if record.offset == refusal.source.offset:
                    return replace(refusal, raw=record.value)
    return refusal
