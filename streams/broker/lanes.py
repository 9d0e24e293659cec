"""The lanes of one worker: opened as partitions are assigned, fed chunk by chunk, each committing by itself.

Laws kept: inputs are acknowledged after their commit, on each partition in offset order; commits of different lanes
overlap, and each with the next batch's step; a lane kept over a rebalance keeps its memory, and its producer proves
at the next commit that it may.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import Final

from msgspec import Struct

from streams.assembly import Assembly
from streams.broker.chunk import Chunk
from streams.broker.lane_run import Handed, LaneRun
from streams.broker.restore import Restorer
from streams.broker.topics import FACTS, Topic, TopicFault, Topics
from streams.broker.waiting import Cut, Waiting
from streams.collecting import restoring
from streams.observing import SILENT, Observer
from streams.settings import Settings

HOLD_S: Final = 0.25
"""How long a lane waits at most for more of a topic that is behind the others; its fetch is under way."""

Partition = tuple[str, int]


class _Worked(Struct):
    run: LaneRun
    waiting: Waiting
    came: asyncio.Event
    """Something has come since it was asked last."""
    task: asyncio.Task[None]


class Lanes:
    """All lanes of this worker. ``crash`` is called with what a lane cannot go on after."""

    def __init__(
        self,
        settings: Settings,
        assembly: Assembly,
        found: Mapping[str, Topic],
        crash: Callable[[BaseException], Awaitable[None]],
        observer: Observer = SILENT,
    ) -> None:
        self._observer = observer
        self._settings, self._assembly, self._crash = settings, assembly, crash
        self._topics = Topics(settings.application)
        self._restorer = Restorer(settings, found, observer)
        self._worked: dict[int, _Worked] = {}
        self._changing = asyncio.Lock()
        self._turn = asyncio.Lock()

    async def assign(self, assigned: Iterable[Partition]) -> dict[Partition, int]:
        """Own exactly these partitions; returns the position to read each of them from."""
        async with self._changing:
            numbers = self._numbers(assigned)
            for number in [known for known in self._worked if known not in numbers]:
                await self._leave(number)
            if new := sorted(numbers - self._worked.keys()):
                with restoring():
                    await asyncio.gather(*(self._enter(number) for number in new))
            return self.positions()

    def positions(self) -> dict[Partition, int]:
        """Up to where each topic of each lane is applied and committed."""
        return {
            (topic, number): position
            for number, worked in self._worked.items()
            for topic, position in worked.run.positions.items()
        }

    def take(self, chunk: Chunk, done: Callable[[], object]) -> None:
        """Hand a chunk to its lane; ``done`` is called after its commit."""
        worked = self._worked.get(chunk.partition)
        if worked is not None:
            worked.waiting.put(chunk, done)
            worked.came.set()

    def has_room(self, topic: str, number: int) -> bool:
        """Whether a lane has little enough waiting of a topic for more to be fetched."""
        worked = self._worked.get(number)
        return worked is None or worked.waiting.has_room(topic)

    async def close(self) -> None:
        """Leave all lanes; a batch under way is finished first."""
        async with self._changing:
            for number in list(self._worked):
                await self._leave(number)

    def _numbers(self, assigned: Iterable[Partition]) -> set[int]:
        """The lanes of an assignment, proven whole: all topics of a lane belong to one worker."""
        whole: dict[int, set[str]] = {}
        for topic, partition in assigned:
            whole.setdefault(partition, set()).add(topic)
        for number, topics in whole.items():
            missing = set(self._topics.lane) - topics
            if missing:
                raise TopicFault(f"lane {number} was assigned without {', '.join(sorted(missing))}")
        return set(whole)

    async def _enter(self, number: int) -> None:
        run = LaneRun(
            number,
            self._settings,
            self._assembly,
            self._restorer,
            turn=self._turn,
            crash=self._crash,
            observer=self._observer,
        )
        await run.open()
        waiting, came = Waiting(self._topics.lane, untimed=self._topics.named(FACTS)), asyncio.Event()
        task = asyncio.create_task(self._work(run, waiting, came), name=f"lane-{number}")
        self._worked[number] = _Worked(run, waiting, came, task)

    async def _leave(self, number: int) -> None:
        worked = self._worked.pop(number)
        worked.run.leave()
        worked.task.cancel()
        await asyncio.wait([worked.task])
        await worked.run.close()
        self._observer.left(number)

    async def _work(self, run: LaneRun, waiting: Waiting, came: asyncio.Event) -> None:
        while True:
            cut = await self._next(waiting, came)
            batch = Handed(cut.chunks, partial(_acknowledge, cut.done))
            try:
                if not await _finished(run.take(batch)):
                    return
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, the worker must stop before it acknowledges
                await self._crash(error)
                return

    async def _next(self, waiting: Waiting, came: asyncio.Event) -> Cut:
        """What the lane takes next, once there is any, and for a while only what runs ahead of no topic."""
        patience = HOLD_S
        while True:
            came.clear()
            cut = waiting.take(self._settings.batch_records, patient=patience > 0.0)
            if cut is not None:
                return cut
            if not waiting:
                await came.wait()
                continue
            began = time.monotonic()
            with suppress(TimeoutError):
                await asyncio.wait_for(came.wait(), patience)
            patience -= time.monotonic() - began


def _acknowledge(done: Iterable[Callable[[], object]]) -> None:
    for one in done:
        one()


async def _finished(work: Awaitable[bool]) -> bool:
    """Work that a cancellation waits for: a batch is never left half done."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
