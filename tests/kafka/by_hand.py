"""Lanes driven by hand over a real broker: no group and no process, so that a fault strikes where a test says.

Law kept: what is read and committed is what a worker reads and commits; only who calls is another.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaConnectionError

from streams.assembly import Assembly
from streams.broker.chunk import Chunk
from streams.broker.clients import aiokafka
from streams.broker.lane_run import Handed, LaneRun
from streams.broker.restore import Restored, Restorer
from streams.broker.topics import Topics, verified
from streams.settings import Settings
from tests.laws.lanes import shipped

STEPS = ("begin", "send", "commit", "committed", "restore")
"""Where a batch may break off: before it, with some sent, with all sent, behind the commit, at the restore."""


class Faults:
    """Breaks the connection at the n-th time that a step is come to."""

    def __init__(self, **planned: Sequence[int]) -> None:
        self._planned, self._come = planned, Counter[str]()
        self.struck: list[tuple[str, int]] = []

    def at(self, step: str) -> None:
        """Here is a step; raises where it is to fail."""
        self._come[step] += 1
        if self._come[step] in self._planned.get(step, ()):
            self.struck.append((step, self._come[step]))
            raise KafkaConnectionError(f"broken off at {step}")


class Breaking(AIOKafkaProducer):  # type: ignore[misc]  # aiokafka has no types
    """A real producer whose connection breaks off where it is told to."""

    faults: Faults

    async def begin_transaction(self) -> None:
        """Fails before anything has begun."""
        self.faults.at("begin")
        await super().begin_transaction()

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> asyncio.Future[Any]:
        """Fails with some of the records on their way."""
        self.faults.at("send")
        return await super().send_batch(batch, topic, partition=partition)  # type: ignore[no-any-return]

    async def commit_transaction(self) -> None:
        """Fails with everything sent, or behind the broker's word, which then nobody has heard."""
        self.faults.at("commit")
        await super().commit_transaction()
        self.faults.at("committed")


class BreakingRestorer(Restorer):
    """Restores, unless the connection breaks off."""

    faults: Faults

    async def restore(self, lane: int) -> Restored:
        """Fails before it has read anything."""
        self.faults.at("restore")
        return await super().restore(lane)


class HandRun(LaneRun):
    """A lane whose producers break off where they are told to."""

    faults: Faults

    async def _new_producer(self) -> AIOKafkaProducer:
        producer = Breaking(
            **aiokafka(self._settings), transactional_id=f"{self._settings.application}-lane-{self.number}"
        )
        producer.faults = self.faults
        await producer.start()
        return producer


class Hand:
    """All lanes of an application, each with a consumer of its own."""

    def __init__(self, settings: Settings, faults: Faults | None = None, assembly: Assembly | None = None) -> None:
        self.settings, self.faults = settings, faults or Faults()
        self.assembly = assembly or shipped()
        self.crashes: list[BaseException] = []
        self.done: dict[tuple[str, int], list[int]] = {}
        """The positions acknowledged on each partition, in order."""
        self.runs: list[HandRun] = []
        self._ended: dict[tuple[str, int], int] = {}
        self._consumers: list[AIOKafkaConsumer] = []

    async def open(self) -> None:
        """Open all lanes, before any fault counts."""
        found, turn = await asyncio.to_thread(verified, self.settings), asyncio.Lock()
        restorer = BreakingRestorer(self.settings, found)
        restorer.faults, quiet = Faults(), self.faults
        for number in range(self.settings.partitions):
            run = HandRun(number, self.settings, self.assembly, restorer, turn=turn, crash=self._crash)
            run.faults = quiet
            await run.open()
            self.runs.append(run)
            self._consumers.append(await self._consumer(run))
        restorer.faults = self.faults

    async def close(self) -> None:
        """Let go of everything."""
        for run in self.runs:
            await run.close()
        for consumer in self._consumers:
            await consumer.stop()

    async def until(self, at: int) -> None:
        """Read and apply until every lane has come to an instant, or one cannot go on."""
        await asyncio.gather(*(self._work(number, at) for number in range(len(self.runs))))

    async def work_once(self, number: int, most: int = 200) -> bool:
        """Hand on what one fetch brings; False where the lane cannot go on."""
        fetched = await self._consumers[number].getmany(timeout_ms=200, max_records=most)
        for place, records in fetched.items():
            where = (place.topic, place.partition)
            chunk = Chunk(*where, self._ended[where], records)
            self._ended[where] = chunk.ends
            if not await self.runs[number].take(Handed([chunk], self._acknowledge(where, chunk.ends))):
                return False
        return True

    def _acknowledge(self, where: tuple[str, int], ends: int) -> Any:
        return lambda: self.done.setdefault(where, []).append(ends)

    async def _work(self, number: int, at: int) -> None:
        while not self.crashes:
            step = self.runs[number]._step
            if step is not None and step._lane.time >= at:
                return
            if not await self.work_once(number):
                return

    async def _consumer(self, run: HandRun) -> AIOKafkaConsumer:
        consumer = AIOKafkaConsumer(
            **aiokafka(self.settings), isolation_level="read_committed", enable_auto_commit=False
        )
        await consumer.start()
        places = [TopicPartition(name, run.number) for name in Topics(self.settings.application).lane]
        consumer.assign(places)
        for place in places:
            consumer.seek(place, run.positions[place.topic])
            self._ended[(place.topic, place.partition)] = run.positions[place.topic]
        return consumer

    def _crash(self, error: BaseException) -> Awaitable[None]:
        self.crashes.append(error)
        return asyncio.sleep(0)
