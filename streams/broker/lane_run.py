"""One lane at work: restore, step over chunks, and commit what they did and the positions they reached as one.

Laws kept: a batch is all or nothing (6): states, facts, warnings, lines, refusals and applied positions are one
transaction; batches are committed, and their inputs acknowledged, in order; an abort forgets the memory, even what
the batch behind it did there, and restores.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidProducerEpoch, KafkaError, ProducerFenced
from msgspec import Struct

from operating.log_events import LogEvent, say
from streams.assembly import Assembly
from streams.broker.chunk import Chunk
from streams.broker.clients import aiokafka
from streams.broker.commit import commit, open_producer
from streams.broker.lane_step import LaneStep, Stepped
from streams.broker.observed import passed_over
from streams.broker.restore import Restorer
from streams.broker.topics import Topics
from streams.observing import SILENT, Batch, Observer
from streams.piecemeal import Stopped
from streams.settings import Settings

_log = logging.getLogger(__name__)


class Fenced(Exception):
    """Another worker owns the lane now, or its transaction took too long: nothing of the batch happened here."""


class Handed(Struct, frozen=True):
    """Chunks of one transaction; ``done`` is called behind its commit."""

    chunks: Sequence[Chunk]
    done: Callable[[], object]


class LaneRun:
    """One lane between its partitions. ``open`` first; one ``take`` at a time.

    Steps run in a thread, one lane at a time (``turn``): the loop stays free for commits, of other lanes and of the
    batch before. ``crash`` is told what the lane cannot go on after.
    """

    def __init__(
        self,
        number: int,
        settings: Settings,
        assembly: Assembly,
        restorer: Restorer,
        *,
        turn: asyncio.Lock,
        crash: Callable[[BaseException], Awaitable[None]],
        observer: Observer = SILENT,
    ) -> None:
        self.number = number
        self._observer = observer
        self.positions: dict[str, int] = {}
        """Up to where each topic of the lane is applied and committed."""
        self._turn, self._crash, self._memory = turn, crash, asyncio.Lock()
        self._settings, self._assembly, self._restorer = settings, assembly, restorer
        self._topics = Topics(settings.application)
        self._producer: AIOKafkaProducer | None = None
        self._step: LaneStep | None = None
        self._under_way: asyncio.Task[bool] | None = None
        self._leaving = False

    async def open(self) -> None:
        """Fence whoever had the lane before, then restore up to the log's end."""
        async with self._memory:
            await self._open()

    def leave(self) -> None:
        """Try nothing again from here on."""
        self._leaving = True

    async def close(self) -> None:
        """Let go of the broker once what is under way has ended; what was committed stays."""
        self.leave()
        if self._under_way is not None:
            await asyncio.wait([self._under_way])
        await self._let_go()

    async def take(self, batch: Handed) -> bool:
        """Step over a batch while the one before is committed, then leave it to be committed in its turn.

        False where the lane cannot go on: whoever it concerns was told by ``crash``.
        """
        while True:
            async with self._memory:
                memory = self._step
                stepped = await self._stepped(batch)
            if self._under_way is not None and not await asyncio.shield(self._under_way):
                return False
            if memory is self._step:  # otherwise the batch before was aborted, and this one's memory with it
                break
        self._under_way = asyncio.create_task(self._conclude(batch, stepped), name=f"lane-{self.number}-commit")
        return True

    async def _conclude(self, batch: Handed, stepped: Stepped | None) -> bool:
        """Commit a batch, however often it takes; False where that cannot be."""
        try:
            if not await self._commit(batch, stepped):
                return False
        except (ProducerFenced, InvalidProducerEpoch) as error:
            reason = f"lane {self.number} is another worker's by now, or took too long: {error!r}"
            await self._crash(Fenced(reason))
            return False
        except Exception as error:  # noqa: BLE001 - whatever it is, the worker must stop before it acknowledges
            await self._crash(error)
            return False
        batch.done()
        return True

    async def _commit(self, batch: Handed, stepped: Stepped | None) -> bool:
        """Where a commit does not succeed, or nobody knows whether it did, the memory is forgotten, the lane is
        restored, and what the restored positions do not cover is applied again. False where it is left meanwhile.
        """
        pause = 0.1
        while True:
            try:
                if self._producer is None:
                    # Nobody steps between: a batch behind this one must not see the restored state before it.
                    async with self._memory:
                        await self._open()
                        stepped = await self._stepped(batch)
                assert self._producer is not None
                if stepped is not None:
                    began = time.perf_counter()
                    await commit(self._producer, stepped.outgoing)
                    self.positions = stepped.reached
                    self._observe(stepped, time.perf_counter() - began)
                    self._after(stepped)
                return True
            except (ProducerFenced, InvalidProducerEpoch):
                raise
            except KafkaError as error:
                if self._leaving:
                    return False
                say(_log, LogEvent.BATCH_ABORTED, lane=self.number, error=error)
                self._observer.aborted(self.number)
                await self._let_go()
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)

    def _observe(self, stepped: Stepped, commit_s: float) -> None:
        self._observer.batch(
            Batch(
                lane=self.number, records=stepped.records, youngest=stepped.youngest, effects=stepped.effects,
                step_s=stepped.step_s, commit_s=commit_s, time=stepped.time, keys=stepped.keys,
            )
        )  # fmt: skip

    def _after(self, stepped: Stepped) -> None:
        """Say what could not be taken; stop there if that is what the installation wants."""
        for fault in stepped.faults:
            say(_log, LogEvent.EVENT_REFUSED, lane=self.number, fault=fault)
        if stepped.faults and self._settings.after_fault == "stop":
            raise Stopped(
                f"{stepped.faults[0]}: refused and committed; HAZFLOW_AFTER_FAULT=stop ends the worker here"
            )

    async def _stepped(self, batch: Handed) -> Stepped | None:
        assert self._step is not None
        async with self._turn:
            stepped = await asyncio.to_thread(self._step.step, batch.chunks)
        if passed := passed_over(batch.chunks, self.positions):
            self._observer.skipped(self.number, passed)
        return stepped

    async def _open(self) -> None:
        await self._let_go()
        self._producer = await self._new_producer()
        restored = await self._restorer.restore(self.number)
        applied = restored.applied.positions
        self.positions = {name: applied.get(name, 0) for name in self._topics.lane}
        self._step = await asyncio.to_thread(LaneStep, self.number, self._settings, self._assembly, restored)
        self._observer.opened(self.number, self._step.time, self._step.keys)

    async def _new_producer(self) -> AIOKafkaProducer:
        return await open_producer(aiokafka(self._settings), self._settings, f"lane-{self.number}")

    async def _let_go(self) -> None:
        producer, self._producer = self._producer, None
        if producer is None:
            return
        try:
            await asyncio.wait_for(producer.stop(), self._settings.session_timeout_s)
        except (TimeoutError, KafkaError) as error:
            say(_log, LogEvent.PRODUCER_NOT_CLOSED, lane=self.number, error=error)
