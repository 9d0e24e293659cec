"""The door to Kafka: writes reports to the partitions of their homes, and ticks behind them to every partition.

Laws kept: what ``put`` has returned for is acknowledged by the broker (12); a tick stands, on each partition,
behind every report that was put before it; who reported and when it was received travels with the record.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from aiokafka import AIOKafkaProducer
from msgspec import Struct

from events.identity import EVERYONE, home_of, lane_of
from events.intake import LARGEST_RECORD, Arrival, Record, read
from events.log import Received, Tick
from events.rejection import Source
from streams.broker.clients import aiokafka
from streams.broker.topics import INPUTS, Topics
from streams.broker.wire import report_headers, tick_value
from streams.settings import Settings

_NOWHERE: Final = Source("", 0, 0)
_BATCH_BYTES: Final = 512_000
Place = tuple[str, int]


class _Kind(Struct):
    kind: str = ""


class KafkaDoor:
    """One feeder of all input topics. Start it in the loop that uses it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._topics = Topics(settings.application)
        self._producer: AIOKafkaProducer | None = None
        self._builders: dict[Place, Any] = {}
        self._sent: list[asyncio.Future[Any]] = []
        self._putting = asyncio.Lock()

    async def start(self) -> None:
        """Reach the broker."""
        self._producer = AIOKafkaProducer(
            **aiokafka(self._settings), acks="all", enable_idempotence=True, max_batch_size=_BATCH_BYTES
        )
        await self._producer.start()

    async def stop(self) -> None:
        """Let go of the broker."""
        if self._producer is not None:
            await self._producer.stop()

    async def put(self, items: Iterable[Received | Tick]) -> None:
        """Write reports and ticks in their order; returns once the broker holds them all."""
        async with self._putting:
            for item in items:
                if isinstance(item, Tick):
                    await self._tick(item)
                else:
                    await self._report(item)
            for place in list(self._builders):
                await self._send(place)
            sent, self._sent = self._sent, []
        # Their order is settled: who puts next need not wait until the broker has these.
        await asyncio.gather(*sent)

    async def _tick(self, tick: Tick) -> None:
        value = tick_value(tick.at)
        for topic in self._topics.inputs:
            for partition in range(self._settings.partitions):
                await self._append((topic, partition), None, value, [])

    async def _report(self, report: Received) -> None:
        key, places = self.places(report)
        headers = report_headers(report.provider, report.received_at)
        # What is too large is refused all the same when it is cut; the broker would not hold it whole.
        raw = report.raw[: LARGEST_RECORD + 1]
        for place in places:
            await self._append(place, key, raw, headers)

    def places(self, item: Received) -> tuple[bytes | None, Sequence[Place]]:
        """The key and the partitions of a report; what cannot be read goes where its refusal will be noted."""
        taken = read(Record(item.raw, item.provider, item.received_at, _NOWHERE))
        if not isinstance(taken, Arrival):
            return None, ((self._topics.named(_kind_of(item.raw)), 0),)
        home = home_of(taken.home)
        topic = self._topics.named(str(taken.event.__struct_config__.tag))
        if home == EVERYONE:
            return home.encode(), [(topic, partition) for partition in range(self._settings.partitions)]
        return home.encode(), ((topic, lane_of(home, self._settings.partitions)),)

    async def _append(
        self, place: Place, key: bytes | None, value: bytes, headers: list[tuple[str, bytes]]
    ) -> None:
        assert self._producer is not None
        builder = self._builders.get(place)
        if builder is None:
            builder = self._builders[place] = self._producer.create_batch()
        if builder.append(key=key, value=value, timestamp=None, headers=headers) is None:
            await self._send(place)
            builder = self._builders[place] = self._producer.create_batch()
            builder.append(key=key, value=value, timestamp=None, headers=headers)

    async def _send(self, place: Place) -> None:
        assert self._producer is not None
        builder = self._builders.pop(place)
        self._sent.append(await self._producer.send_batch(builder, place[0], partition=place[1]))


def _kind_of(raw: bytes) -> str:
    """The topic word of something that breaks the contract, as far as it tells its kind."""
    try:
        kind = msgspec.json.decode(raw, type=_Kind).kind
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return INPUTS[0]
    return kind if kind in INPUTS else INPUTS[0]
