"""Restoring: the committed state of one lane, read from its partition of the state topic into memory.

Law kept: what is restored is what was committed, to the log's end; a transaction that did not end is not seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from msgspec import Struct

from streams.broker.clients import aiokafka
from streams.broker.topics import STATE, Topic, TopicFault, Topics
from streams.broker.wire import Applied, read_applied, state_names
from streams.holdings import LANE
from streams.observing import SILENT, Observer
from streams.settings import Settings
from streams.store import MemoryStore

APPLIED: Final = "applied"
"""The part of what a lane says of itself that says how far its topics are applied."""


class Restored(Struct, frozen=True):
    """A lane's committed state and the positions that it stands for."""

    store: MemoryStore
    applied: Applied
    records: int


class Restorer:
    """Reads lanes' states; ``topics`` as they stood when the worker started."""

    def __init__(self, settings: Settings, found: Mapping[str, Topic], observer: Observer = SILENT) -> None:
        self._settings, self._found, self._observer = settings, found, observer
        self._topics = Topics(settings.application)

    async def restore(self, lane: int) -> Restored:
        """The state of one lane up to its log's end, proven to belong to the topics as they are."""
        consumer = AIOKafkaConsumer(
            **aiokafka(self._settings),
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=4 << 20,
            fetch_max_bytes=4 << 20,
        )
        self._observer.restoring(lane)
        await consumer.start()
        try:
            # Asked before anything is fetched: a fetch that waits for records holds up what is asked behind it.
            partitions = [TopicPartition(name, lane) for name in (self._topics.named(STATE), *self._topics.lane)]
            starts = await consumer.beginning_offsets(partitions)
            ends = await consumer.end_offsets(partitions)
            store, records = await self._read(consumer, partitions[0], starts[partitions[0]], ends[partitions[0]])
        finally:
            await consumer.stop()
        applied = read_applied(store.parts(LANE).get(APPLIED))
        self._prove_lanes(lane, applied.lanes)
        for partition in partitions[1:]:
            self._prove(partition, applied, starts[partition], ends[partition])
        ids = {name: self._found[name].id for name in self._topics.lane}
        return Restored(store, Applied(dict(applied.positions), ids), records)

    async def _read(
        self, consumer: AIOKafkaConsumer, partition: TopicPartition, start: int, end: int
    ) -> tuple[MemoryStore, int]:
        store, records = MemoryStore(), 0
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        # Control records take offsets, so the end is reached by position, not by the last record's offset.
        while (position := await consumer.position(partition)) < end:
            # By position too, records that compaction took away counted: what is left is then told truly.
            self._observer.restored(partition.partition, position - start, end - start)
            for batch in (await consumer.getmany(timeout_ms=200, max_records=10_000)).values():
                for record in batch:
                    key, part = state_names(record.key)
                    store.put(key, part, record.value)
                records += len(batch)
        self._observer.restored(partition.partition, end - start, end - start)
        return store, records

    def _prove_lanes(self, lane: int, lanes: int) -> None:
        """Refuse where the state was kept by another number of lanes: its keys would be looked for elsewhere."""
        if lanes and lanes != self._settings.partitions:
            raise TopicFault(
                f"lane {lane} is one of {lanes} in its state, setting partitions says {self._settings.partitions}: "
                "a key's lane depends on their number, so topics that were given more partitions cannot go on; "
                "start a new application (HAZFLOW_APPLICATION) with as many as you want and replay into it"
            )

    def _prove(self, partition: TopicPartition, applied: Applied, start: int, end: int) -> None:
        """Refuse where a topic was made anew, or no longer holds what comes after the applied position."""
        name, lane = partition.topic, partition.partition
        position = applied.positions.get(name, 0)
        known = applied.ids.get(name, self._found[name].id)
        if known != self._found[name].id:
            raise TopicFault(
                f"topic {name} was made anew since lane {lane} applied {position} of its records (its id was "
                f"{known}, is {self._found[name].id}): bring back the old topic, or start a new application "
                "(HAZFLOW_APPLICATION) and replay into it"
            )
        if position < start:
            raise TopicFault(
                f"topic {name}/{lane} begins at {start}, lane {lane} goes on at {position}: the records between "
                "are lost; bring them back from the archive, or start a new application and replay"
            )
        if position > end:
            raise TopicFault(
                f"topic {name}/{lane} ends at {end}, lane {lane} has applied {position}: it was cut short; "
                "bring it back from the archive, or start a new application and replay"
            )
