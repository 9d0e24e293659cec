"""One lane at work: restore, apply chunks, and commit what they did and the positions they reached as one.

Laws kept: a batch is all or nothing (6): states, facts, warnings, lines, refusals and applied positions are one
transaction; what was applied before is skipped by its position (2); an abort forgets the memory and restores.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidProducerEpoch, KafkaError, ProducerFenced
from msgspec.structs import replace

from events.identity import EVERYONE, home_of, lane_of
from events.intake import Arrival, Record, read, refuse
from events.registry import PolicyEntry
from events.rejection import Reason, Rejection, Source
from ledger.reference import Registered
from operating.log_events import LogEvent, say
from routing.notice import encode_notice, headers
from streams.assembly import Assembly
from streams.broker.chunk import Chunk
from streams.broker.clients import aiokafka
from streams.broker.commit import Outgoing, commit, open_producer
from streams.broker.observed import passed_over, taken
from streams.broker.restore import APPLIED, LANE, Restored, Restorer
from streams.broker.topics import FACTS, LINES, REJECTED, STATE, WARNINGS, Topics
from streams.broker.wire import (
    UNKNOWN,
    Applied,
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
from streams.effects import Effects, StatePart
from streams.holdings import REFERENCE
from streams.lane import BEGINNING, Lane
from streams.observing import SILENT, Batch, Observer
from streams.settings import Settings
from streams.warn import Warner

_log = logging.getLogger(__name__)


class Fenced(Exception):
    """Another worker owns the lane now, or its transaction took too long: nothing of the batch happened here."""


class Gap(Exception):
    """Records of a lane's topic were passed over: going on would lose them."""


class LaneRun:
    """One lane between its partitions. ``open`` first; one ``apply`` at a time.

    Steps run in a thread, one lane at a time (``turn``): the loop stays free for other lanes' commits, and
    no transaction stays open for the time of somebody else's step.
    """

    def __init__(
        self,
        number: int,
        settings: Settings,
        assembly: Assembly,
        restorer: Restorer,
        *,
        turn: asyncio.Lock,
        observer: Observer = SILENT,
    ) -> None:
        self.number = number
        self._observer = observer
        self._turn = turn
        self._settings, self._assembly, self._restorer = settings, assembly, restorer
        self._topics, self._reader = Topics(settings.application), Reader(settings)
        self._producer: AIOKafkaProducer | None = None
        self._lane: Lane
        self._warner: Warner
        self._state: Restored
        self._strays: list[tuple[int, Passed]] = []
        self._refused: list[Rejection] = []

    @property
    def positions(self) -> dict[str, int]:
        """Up to where each topic of the lane is applied and committed."""
        return {name: self._state.applied.positions.get(name, 0) for name in self._topics.lane}

    async def open(self) -> None:
        """Fence whoever had the lane before, then restore up to the log's end."""
        await self.close()
        self._producer = await open_producer(aiokafka(self._settings), self._settings, f"lane-{self.number}")
        self._take_up(await self._restorer.restore(self.number))
        self._observer.opened(self.number, self._time, len(self._state.store))

    async def close(self) -> None:
        """Let go of the broker; what was committed stays."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    async def apply(self, chunks: Sequence[Chunk]) -> None:
        """Apply chunks in their order; returns once that is committed. Raises `Fenced` if the lane is lost.

        Where the commit does not succeed, or nobody knows whether it did, the memory is forgotten, the lane
        restored, and what the restored positions do not cover is applied again.
        """
        pause = 0.1
        while True:
            try:
                if self._producer is None:
                    await self.open()
                    assert self._producer is not None
                async with self._turn:
                    began = time.perf_counter()
                    work = await asyncio.to_thread(self._work, chunks)
                    stepped = time.perf_counter()
                if passed := passed_over(chunks, self.positions):
                    self._observer.skipped(self.number, passed)
                if work is not None:
                    effects, outgoing = work
                    await commit(self._producer, outgoing)
                    self._observe(effects, chunks, stepped - began, time.perf_counter() - stepped)
                    self._committed(effects, chunks)
                return
            except (ProducerFenced, InvalidProducerEpoch) as error:
                raise Fenced(f"lane {self.number} is another worker's by now, or took too long") from error
            except KafkaError as error:
                say(_log, LogEvent.BATCH_ABORTED, lane=self.number, error=error)
                self._observer.aborted(self.number)
                await self._forget()
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)

    async def _forget(self) -> None:
        try:
            await asyncio.wait_for(self.close(), self._settings.session_timeout_s)
        except (TimeoutError, KafkaError) as error:
            say(_log, LogEvent.PRODUCER_NOT_CLOSED, lane=self.number, error=error)

    def _take_up(self, restored: Restored) -> None:
        self._state = restored
        self._lane = self._assembly.lane(self.number, self._settings.partitions, restored.store)
        self._lane.expect(self._topics.inputs)
        self._warner = self._assembly.warner(self._lane.world)

    # --- the step: no I/O ---------------------------------------------------------------------------------

    def _work(self, chunks: Sequence[Chunk]) -> tuple[Effects, Outgoing] | None:
        effects = self._step(chunks)
        return None if effects is None else (effects, self._outgoing(effects, chunks))

    def _step(self, chunks: Sequence[Chunk]) -> Effects | None:
        """What the chunks do beyond the applied positions; None where all of it was applied before."""
        self._strays, self._refused = [], []
        reached = self.positions
        facts, fresh = self._topics.named(FACTS), False
        for chunk in chunks:
            start = reached[chunk.topic]
            if chunk.begins is not None and chunk.begins > start:
                raise Gap(f"{chunk.topic}/{chunk.partition}: records {start} to {chunk.begins} were passed over")
            records = [record for record in chunk.records if record.offset >= start]
            if records:
                fresh = True
                (self._passed if chunk.topic == facts else self._reports)(chunk.topic, records)
                reached[chunk.topic] = chunk.ends
        if not fresh:
            return None
        effects = self._lane.finish()
        effects.refusals[:0] = self._refused
        applied = encode_applied(Applied(reached, self._state.applied.ids))
        effects.states.append(StatePart(LANE, APPLIED, applied))
        return effects

    def _reports(self, topic: str, records: Iterable[Any]) -> None:
        word = self._topics.word(topic)
        for record in records:
            at = tick_of(record.value)
            if at is not None:
                self._lane.tick(topic, at)
                continue
            source = Source(topic, self.number, record.offset)
            self._report(self._reader.report(word, source, record), goes_on=True)

    def _passed(self, _topic: str, records: Iterable[Any]) -> None:
        for record in records:
            for item in read_page(record.value):
                if isinstance(item, Stray):
                    self._report(Record(item.raw, item.provider, item.received_at, item.source), goes_on=False)
                else:
                    self._lane.take(item)

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

    # --- the commit ---------------------------------------------------------------------------------------

    @property
    def _time(self) -> int | None:
        return None if self._lane.time == BEGINNING else self._lane.time

    def _observe(self, effects: Effects, chunks: Sequence[Chunk], step_s: float, commit_s: float) -> None:
        records, youngest = taken(chunks, self.positions, self._topics)
        keys = len(self._state.store)
        self._observer.batch(
            Batch(
                lane=self.number, records=records, youngest=youngest, effects=effects, step_s=step_s,
                commit_s=commit_s, time=self._time, keys=keys,
            )
        )  # fmt: skip

    def _committed(self, effects: Effects, chunks: Sequence[Chunk]) -> None:
        self._state.store.keep(effects.states)
        applied = Applied(dict(self.positions), self._state.applied.ids)
        for chunk in chunks:
            applied.positions[chunk.topic] = max(applied.positions[chunk.topic], chunk.ends)
        self._state = replace(self._state, applied=applied)

    def _outgoing(self, effects: Effects, chunks: Sequence[Chunk]) -> Outgoing:
        """All that the batch writes. Warnings, lines and refusals stand on the lane's own partition."""
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
