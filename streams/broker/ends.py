"""Where topics end, asked of the broker again and again: how far anybody is behind, and whether it answers at all.

Law kept: what is said to be behind is compared with the broker's own word, never with what happened to be fetched.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from operating.checks import Check
from operating.log_events import LogEvent, say
from streams.broker.clients import aiokafka
from streams.settings import Settings

EVERY_S: Final = 5.0
_SILENT_S: Final = 3 * EVERY_S
_log = logging.getLogger(__name__)
Positions = Mapping[tuple[str, int], int]


class Ends:
    """Asks until it is cancelled; a broker that does not answer is asked again."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._answered: float | None = None

    async def follow(
        self, places: Callable[[], Iterable[tuple[str, int]]], told: Callable[[Positions], None]
    ) -> None:
        """Tell where the places of the moment end, every few seconds."""
        while True:
            try:
                await self._follow(places, told)
            except (KafkaError, OSError) as error:  # a TimeoutError is an OSError
                say(_log, LogEvent.BROKER_SILENT, error=error)
                await asyncio.sleep(EVERY_S)

    def check(self) -> Check:
        """Whether the broker has answered lately."""
        since = None if self._answered is None else time.monotonic() - self._answered
        if since is not None and since <= _SILENT_S:
            return Check("broker", "ok", ("Kafka 有应答", "the broker answers"))
        what = "Kafka 无应答", "the broker does not answer"
        return Check("broker", "wrong", what, ("hazflow doctor --kafka", "hazflow doctor --kafka"))

    async def _follow(
        self, places: Callable[[], Iterable[tuple[str, int]]], told: Callable[[Positions], None]
    ) -> None:
        consumer = AIOKafkaConsumer(**aiokafka(self._settings), isolation_level="read_committed")
        try:
            await consumer.start()
            say(_log, LogEvent.BROKER_ANSWERS)
            while True:
                asked = [TopicPartition(*place) for place in places()]
                question = consumer.end_offsets(asked) if asked else consumer.topics()
                found = await asyncio.wait_for(question, _SILENT_S)
                self._answered = time.monotonic()
                if asked:
                    told({(place.topic, place.partition): end for place, end in found.items()})
                await asyncio.sleep(EVERY_S)
        finally:
            with suppress(KafkaError, OSError):
                await consumer.stop()


def caught_up(behind: Iterable[int], settings: Settings) -> Check:
    """Whether nothing is further behind than the setting allows."""
    most = max(behind, default=0)
    text = f"最多落后 {most} 条", f"at most {most} records behind"
    if most <= settings.ready_lag_records:
        return Check("caught_up", "ok", text)
    return Check("caught_up", "wrong", text, ("等待，或增加工作进程", "wait, or start more workers"))
