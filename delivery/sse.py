"""SSE: warnings as server-sent events, replayed from the database by Last-Event-ID, then live.

Laws kept: an event id is the notice's number, so that who comes back with the last one it saw misses nothing and
gets nothing twice. Bounded: so many listeners, so many notices a read; a slow listener reads later, no queue grows.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Final

from msgspec import json

from routing.notice import WarningNotice, cloud_event

HEARTBEAT_S: Final = 10.0
BATCH: Final = 100
MOST_LISTENERS: Final = 256

_encode: Final = json.Encoder().encode


class Tide:
    """Tells every listener that something new may be there: one look at the database for all of them.

    ``mark`` is cheap and changes whenever anything was committed.
    """

    def __init__(self, mark: Callable[[], int], *, every_s: float = 0.05) -> None:
        self._mark, self._every_s = mark, every_s
        self._changed = asyncio.Event()
        self._listeners = 0
        self._watching: asyncio.Task[None] | None = None

    @property
    def full(self) -> bool:
        """Whether there is no room for one more listener."""
        return self._listeners >= MOST_LISTENERS

    def enter(self) -> None:
        """Take a listener's seat; the first one starts the watching."""
        self._listeners += 1
        if self._watching is None or self._watching.done():
            self._watching = asyncio.get_running_loop().create_task(self._watch())

    def leave(self) -> None:
        """Give the seat back; the last one stops the watching."""
        self._listeners -= 1
        if self._listeners == 0 and self._watching is not None:
            self._watching.cancel()
            self._watching = None

    def changed(self) -> asyncio.Event:
        """What is set at the next change. Ask before reading, so that no change falls in between."""
        return self._changed

    async def _watch(self) -> None:
        last = self._mark()
        while True:
            await asyncio.sleep(self._every_s)
            mark = self._mark()
            if mark != last:
                last, changed, self._changed = mark, self._changed, asyncio.Event()
                changed.set()


async def follow(
    tide: Tide,
    seq: int,
    told_after: Callable[[int, int], Awaitable[Sequence[tuple[int, WarningNotice]]]],
    state: Callable[[], Awaitable[bytes]],
) -> AsyncGenerator[bytes, None]:
    """The stream from after notice ``seq`` on: ``warning`` events, and ``state`` (time, progress) where it changes.

    It takes a seat while it lasts; ask ``tide.full`` before.
    """
    said = b""
    tide.enter()
    try:
        yield b"retry: 2000\n\n"
        while True:
            changed = tide.changed()
            told = await told_after(seq, BATCH)
            for number, notice in told:
                seq = number
                yield frame("warning", _encode(cloud_event(notice)), id=number)
            now = await state()
            if now != said:
                said = now
                yield frame("state", now)
            if len(told) == BATCH:
                continue
            try:
                await asyncio.wait_for(changed.wait(), HEARTBEAT_S)
            except TimeoutError:
                yield b": still here\n\n"
    finally:
        tide.leave()


def frame(event: str, data: bytes, *, id: int | None = None) -> bytes:
    """One event of the stream.

    >>> frame("state", b"{}", id=7)
    b'id: 7\\nevent: state\\ndata: {}\\n\\n'
    """
    head = b"" if id is None else b"id: %d\n" % id
    return b"%sevent: %s\ndata: %s\n\n" % (head, event.encode(), data.replace(b"\n", b"\ndata: "))
