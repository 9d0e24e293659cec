"""What one batch writes: records by partition, and the transaction that writes them all or none.

Law kept: nothing of a batch is seen before all of it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.producer import sender

from streams.settings import Settings

Entry = tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]
"""Key, value, headers."""
BATCH_BYTES: Final = 512_000
"""The largest produce batch: below the broker's default limit of 1 MB."""

MARKERS_S: Final = 0.002
"""How long a transaction waits before it asks again whether the markers of the one before it are written: a broker
takes a millisecond or two for them, the library would wait 20 each time."""
sender.BACKOFF_OVERRIDE = MARKERS_S


class Outgoing:
    """Records on their way, in order on each partition."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, int], list[Entry]] = {}

    def add(
        self,
        topic: str,
        partition: int,
        value: bytes | None,
        *,
        key: bytes | None = None,
        headers: list[tuple[str, bytes]] | None = None,
    ) -> None:
        """One more record behind those of its partition."""
        self.records.setdefault((topic, partition), []).append((key, value, headers or []))

    def extend(self, other: Outgoing) -> None:
        """All of another's behind these."""
        for place, entries in other.records.items():
            self.records.setdefault(place, []).extend(entries)


async def commit(producer: AIOKafkaProducer, outgoing: Outgoing) -> None:
    """Write everything in one transaction; returns once it is committed."""
    await producer.begin_transaction()
    sent: list[asyncio.Future[Any]] = []
    try:
        for (topic, partition), entries in outgoing.records.items():
            for batch in _batches(producer, entries):
                sent.append(await producer.send_batch(batch, topic, partition=partition))  # noqa: PERF401
        await asyncio.gather(*sent)
    except BaseException:
        for one in sent:
            one.add_done_callback(_looked_at)
        raise
    await producer.commit_transaction()


async def open_producer(arguments: dict[str, Any], settings: Settings, name: str) -> AIOKafkaProducer:
    """The one producer of this name: whoever had it before is fenced, and its transaction ended."""
    producer = AIOKafkaProducer(
        **arguments,
        transactional_id=f"{settings.application}-{name}",
        # Readers wait behind a frozen owner's open transaction about as long as the group waits for the owner.
        transaction_timeout_ms=int(settings.session_timeout_s * 1_000),
        max_batch_size=BATCH_BYTES,
    )
    await producer.start()
    return producer


def _batches(producer: AIOKafkaProducer, entries: Iterable[Entry]) -> Iterable[Any]:
    batch = producer.create_batch()
    for key, value, headers in entries:
        if batch.append(key=key, value=value, timestamp=None, headers=headers) is None:
            yield batch
            batch = producer.create_batch()
            batch.append(key=key, value=value, timestamp=None, headers=headers)
    yield batch


def _looked_at(future: asyncio.Future[Any]) -> None:
    """The transaction is given up: what else went wrong in it needs no telling."""
    if not future.cancelled():
        future.exception()
