"""A door that goes on taking while Kafka is down: into its spool, and from there to Kafka when it is back.

Laws kept: what ``put`` has returned for is held by the broker or by the spool's disk (12); a tick stands behind all
that was put before it, spool included: time stands still until the spool is empty; the spool is bounded (11).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final, Protocol

from aiokafka.errors import KafkaError

from events.log import Received, Tick
from operating.log_events import LogEvent, say
from streams.broker.spool import Spool

PATIENCE_S: Final = 5.0
"""How long Kafka may take before reports go into the spool instead."""
_STRETCH: Final = 2_000
_DOWN: Final = (KafkaError, OSError, TimeoutError)
_log = logging.getLogger(__name__)


class Door(Protocol):
    """What writes to Kafka."""

    async def start(self) -> None:
        """Reach the broker."""
        ...

    async def stop(self) -> None:
        """Let go of it."""
        ...

    async def put(self, items: Iterable[Received | Tick]) -> None:
        """Write reports and ticks in their order; returns once they are kept."""
        ...


class SpooledDoor:
    """A door and its spool. ``make`` gives a fresh door: one whose connection broke is not used again.

    What was sent without an answer is spooled and sent again: the same records twice change nothing.
    """

    def __init__(self, make: Callable[[], Door], spool: Spool, patience_s: float = PATIENCE_S) -> None:
        self._make, self._spool, self._patience_s = make, spool, patience_s
        self._door: Door | None = None
        self._one_by_one = asyncio.Lock()
        self._waiting = asyncio.Event()
        self._draining: asyncio.Task[None] | None = None

    @property
    def idle(self) -> bool:
        """Whether Kafka has everything: nothing waits in the spool."""
        return self._spool.empty

    async def start(self) -> None:
        """Begin taking; what is in the spool goes to Kafka as soon as it can be reached."""
        try:
            await self._through()
        except _DOWN as error:
            say(_log, LogEvent.SPOOLING, error=error)
            await self._let_go()
            self._waiting.set()
        self._draining = asyncio.create_task(self._drain(), name="spool")

    async def stop(self) -> None:
        """Let go of Kafka; what is in the spool stays there."""
        if self._draining is not None:
            self._draining.cancel()
            with suppress(asyncio.CancelledError):
                await self._draining
        await self._let_go()

    async def put(self, items: Iterable[Received | Tick]) -> None:
        """Take reports and ticks in order; returns once they are kept. `Full` or ``OSError``: nothing was.

        A tick that cannot be written behind everything before it is left out: one that is later says the same.
        """
        taken = list(items)
        async with self._one_by_one:
            if self._spool.empty and self._door is not None:
                try:
                    await asyncio.wait_for(self._door.put(taken), self._patience_s)
                except _DOWN as error:
                    say(_log, LogEvent.SPOOLING, error=error)
                    await self._let_go()
                else:
                    return
            reports = [item for item in taken if isinstance(item, Received)]
            if reports:
                await asyncio.to_thread(self._spool.append, reports)
            self._waiting.set()

    async def _drain(self) -> None:
        pause = 0.2
        while True:
            await self._waiting.wait()
            try:
                await self._through()
                self._waiting.clear()
                pause = 0.2
            except _DOWN as error:
                say(_log, LogEvent.SPOOL_WAITS, bytes=self._spool.size, error=error)
                await self._let_go()
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)

    async def _through(self) -> None:
        """Everything that is in the spool to Kafka, file by file."""
        if self._door is None:
            door = self._make()
            try:
                await asyncio.wait_for(door.start(), self._patience_s)
            except BaseException:
                await self._ended(door)
                raise
            self._door = door
        began = not self._spool.empty
        while records := await asyncio.to_thread(self._spool.first, _STRETCH):
            await asyncio.wait_for(self._door.put(records), self._patience_s)
            await asyncio.to_thread(self._spool.drop, len(records))
        if began:
            say(_log, LogEvent.SPOOL_EMPTY)

    async def _let_go(self) -> None:
        door, self._door = self._door, None
        if door is not None:
            await self._ended(door)

    async def _ended(self, door: Door) -> None:
        """One whose broker is gone may never come to its end: it is not waited for beyond our patience."""
        stopping = asyncio.ensure_future(door.stop())
        await asyncio.wait((stopping,), timeout=self._patience_s)
        if not stopping.done():
            stopping.cancel()
            return
        with suppress(*_DOWN):
            stopping.result()
