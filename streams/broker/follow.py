"""Following committed topics: a consumer that keeps its positions where it puts what it reads.

Law kept: whoever follows commits its positions together with what it made of the records, so that a crash of it
loses nothing and doubles nothing; only committed records are seen, in each partition's order.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from msgspec import Struct

from streams.broker.clients import aiokafka
from streams.settings import Settings

_WAIT_MS: Final = 200
_HELD_MS: Final = 50
"""How long the broker holds a fetch that has nothing to bring: what comes meanwhile to a partition that the fetch
did not ask for waits for its answer."""
MOST: Final = 2_000
"""Records that wait at most in memory while whoever takes them cannot: the others stay on their topics."""
_LOOKED_EVERY_S: Final = 2.0
_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 5.0

Place = tuple[str, int]


class Followed(Struct, frozen=True):
    """Records of one partition in order, and the position behind them."""

    topic: str
    partition: int
    records: Sequence[Any]
    position: int


class Sink(Protocol):
    """Who takes what is followed. May raise ``OSError`` or ``ConnectionError``: it is asked where it stands now."""

    async def positions(self) -> Mapping[Place, int]:
        """Where each partition goes on; what is missing begins at the beginning."""
        ...

    async def take(self, followed: Sequence[Followed]) -> None:
        """Keep what was read together with its positions."""
        ...


class Watcher(Protocol):
    """Who is told how following goes."""

    def took(self, followed: Sequence[Followed]) -> None:
        """The sink has kept these."""
        ...

    def refused(self, error: Exception) -> None:
        """The sink cannot take now, and is offered again what it lacks."""
        ...


class Unwatched(Watcher):
    """Nobody is told."""

    def took(self, followed: Sequence[Followed]) -> None:
        """Nothing."""

    def refused(self, error: Exception) -> None:
        """Nothing."""


class Follower:
    """Reads topics into a sink until it is told to stop."""

    def __init__(
        self, settings: Settings, topics: Sequence[str], sink: Sink, watcher: Watcher | None = None
    ) -> None:
        self._watcher = watcher or Unwatched()
        self.reached: dict[Place, int] = {}
        """Up to where each partition is taken."""
        self._settings, self._topics, self._sink = settings, topics, sink
        self._stopping = asyncio.Event()
        self._pause_s = _PAUSE_S
        self.caught_up = asyncio.Event()
        """Set once everything that stood on the topics when it was asked for has been taken."""

    def stop(self) -> None:
        """Finish what is in hand, then end."""
        self._stopping.set()

    async def run(self) -> None:
        """Follow until stopped. A sink that could not take may have lost what it took before: it is asked anew."""
        consumer = AIOKafkaConsumer(
            **aiokafka(self._settings),
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=_HELD_MS,
        )
        await consumer.start()
        try:
            places = [TopicPartition(name, p) for name in self._topics for p in range(self._settings.partitions)]
            ends = await consumer.end_offsets(places)
            consumer.assign(places)
            await self._seek(consumer, places)
            looked = 0.0
            while not self._stopping.is_set():
                fetched = await consumer.getmany(timeout_ms=_WAIT_MS, max_records=MOST)
                followed = [
                    Followed(place.topic, place.partition, records, records[-1].offset + 1)
                    for place, records in fetched.items()
                    if records
                ]
                if followed:
                    if not await self._taken(followed):
                        await self._seek(consumer, places)
                elif time.monotonic() - looked > _LOOKED_EVERY_S:
                    # Control records take offsets and are never handed out: the consumer passes them all the same.
                    self.reached |= {(at.topic, at.partition): await consumer.position(at) for at in places}
                    looked = time.monotonic()
                elif not self.caught_up.is_set():
                    reached = [await consumer.position(place) >= ends[place] for place in places]
                    if all(reached):
                        self.caught_up.set()
        finally:
            await consumer.stop()

    async def _taken(self, followed: Sequence[Followed]) -> bool:
        try:
            await self._sink.take(followed)
        except (OSError, ConnectionError) as error:
            self._watcher.refused(error)
            await asyncio.sleep(self._pause_s)
            self._pause_s = min(self._pause_s * 2, _LONGEST_PAUSE_S)
            return False
        self._pause_s = _PAUSE_S
        self.reached |= {(part.topic, part.partition): part.position for part in followed}
        self._watcher.took(followed)
        return True

    async def _seek(self, consumer: AIOKafkaConsumer, places: Sequence[TopicPartition]) -> None:
        positions = await self._positions()
        if positions is None:
            return
        for place in places:
            at = self.reached[place.topic, place.partition] = positions.get((place.topic, place.partition), 0)
            consumer.seek(place, at)

    async def _positions(self) -> Mapping[Place, int] | None:
        """Where the sink stands, however often it must be asked; None where it is too late to ask."""
        pause = _PAUSE_S
        while not self._stopping.is_set():
            try:
                return await self._sink.positions()
            except (OSError, ConnectionError) as error:
                self._watcher.refused(error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_S)
        return None
