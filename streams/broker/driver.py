"""Faust's Kafka driver with batches as messages: one message a partition's fetch, positions from the lanes' state.

Laws kept: where a lane goes on is what its own state says, never the group's offset; a partition's offsets are
committed in the order in which its chunks were acknowledged; only committed facts are read.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Final, Protocol

import aiokafka
from faust.transport.drivers import aiokafka as faust_driver
from faust.types import TP, ConsumerMessage

from streams.broker.chunk import Chunk

FETCH_WAIT_MS: Final = 50
"""How long the broker holds a fetch that has nothing to bring."""

ROOM_WAIT_S: Final = 0.02
"""How long a fetch waits where not all partitions are asked for: what it leaves out may be wanted by then."""

Positions = dict[tuple[str, int], int]


class Assigner(Protocol):
    """Who opens the lanes of an assignment and says where they go on."""

    def __call__(self, assigned: set[tuple[str, int]]) -> Awaitable[Positions]: ...


class Room(Protocol):
    """Whether more of a topic's partition is wanted."""

    def __call__(self, topic: str, partition: int) -> bool: ...


class BatchThread(faust_driver.AIOKafkaConsumerThread):
    """The consumer's thread, reading only what was committed."""

    def _create_worker_consumer(self, transport: Any) -> aiokafka.AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        # Faust ties this to its own exactly-once mode, which we do not use; the consumer reads it when it starts.
        consumer._isolation_level = "read_committed"
        # Not Faust's 1.5 s: what comes to a partition that a fetch under way did not ask for waits for its answer.
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS
        return consumer


class BatchConsumer(faust_driver.Consumer):
    """Yields chunks instead of records, and seeks to the lanes' own positions."""

    assigner: Assigner
    room: Room
    chunk_records: int

    def on_init(self) -> None:
        """Nothing is known yet of where partitions go on."""
        super().on_init()
        self._ended: dict[TP, int] = {}
        self._seeks = 0

    @property
    def thread_loop(self) -> asyncio.AbstractEventLoop:
        """The loop that the broker's client runs in."""
        loop: asyncio.AbstractEventLoop = self._thread.thread_loop
        return loop

    def _new_consumer_thread(self) -> BatchThread:
        return BatchThread(self, loop=self.loop, beacon=self.beacon)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Seek to what the lanes have applied: to Faust, that is what was committed."""
        assigned = {(tp.topic, tp.partition) for tp in self.assignment()}
        found = await self.assigner(assigned)
        positions = {TP(topic, partition): position for (topic, partition), position in found.items()}
        # Before the seek: a fetch that comes back beside it is put back to there, not to where those chunks ended
        # that the rebalance dropped. Counted behind it too: what was asked for beside it is not handed on.
        self._ended = dict(positions)
        self._seeks += 1
        await self.seek_wait(positions)
        self._seeks += 1
        return positions

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:
        """Fetch; one message for all the records of a partition."""
        seeks = self._seeks
        fetched, active = await self._wait_next_records(timeout)
        if fetched is None or self.should_stop:
            return
        for at, records in fetched.items():
            tp = TP(at.topic, at.partition)
            handed_on = active is None or tp in active or tp in self._buffered_partitions
            if not handed_on or not self.flow_active or seeks != self._seeks:
                self._seek_back(tp)
                continue
            self.app.monitor.track_tp_end_offset(tp, self.highwater(tp))
            for start in range(0, len(records), self.chunk_records):
                if not self.flow_active or seeks != self._seeks:
                    self._seek_back(tp)
                    break
                piece = records[start : start + self.chunk_records]
                more = piece[-1].offset + 1 < (self.highwater(tp) or 0)
                chunk = Chunk(tp.topic, tp.partition, self._ended.get(tp), piece, more)
                self._ended[tp] = chunk.ends
                yield tp, self._message(tp, chunk)

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:
        """Only what the lanes have room for: of a topic that is ahead of the others enough waits as it is."""
        if active_partitions is None:
            return await super()._getmany(active_partitions, timeout)
        wanted = {tp for tp in active_partitions if self.room(tp.topic, tp.partition)}
        if not wanted:
            await asyncio.sleep(ROOM_WAIT_S)
            return {}
        return await super()._getmany(wanted, timeout if wanted == active_partitions else ROOM_WAIT_S)

    def _seek_back(self, tp: TP) -> None:
        """What was fetched is not handed on (a rebalance came between): it will be fetched again."""
        if tp in self._ended and tp in self.assignment():
            self._thread.seek(tp, self._ended[tp])

    def _message(self, tp: TP, chunk: Chunk) -> ConsumerMessage:
        message: ConsumerMessage = self._to_message(tp, chunk.records[-1])
        message.key, message.headers = None, None
        message.value = chunk  # type: ignore[assignment]  # what our agent reads is a chunk
        return message

    def _new_offset(self, tp: TP) -> int | None:
        """The offset to commit: chunks are acknowledged in order, so the last one says it."""
        acked = self._acked[tp]
        if not acked:
            return None
        highest = max(acked)
        self._acked_index[tp].difference_update(acked)
        acked.clear()
        return int(highest) + 1

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Offsets between chunks are control records and the chunk's own: nothing to keep track of."""


def transport_of(assigner: Assigner, room: Room, chunk_records: int) -> Callable[..., faust_driver.Transport]:
    """A transport whose consumers ask ``assigner`` where to go on, and yield chunks of so many records.

    They fetch of the partitions that ``room`` wants more of.
    """

    class Consumer(BatchConsumer):
        """The consumer of this application."""

    Consumer.assigner = staticmethod(assigner)
    Consumer.room = staticmethod(room)
    Consumer.chunk_records = chunk_records

    class Transport(faust_driver.Transport):
        """Faust's own, with our consumer."""

    Transport.Consumer = Consumer
    return Transport
