"""SSE: whoever comes back with the last id it saw misses nothing and gets nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from delivery import sse
from delivery.sse import BATCH, MOST_LISTENERS, Tide, follow
from routing.notice import WarningNotice
from tests.unit.desk.world import notice


class Told:
    """Notices as a list that grows, with a mark that changes when it does."""

    def __init__(self, many: int) -> None:
        self.notices = [notice(number % 60) for number in range(many)]
        self.looks = 0

    def mark(self) -> int:
        """Changes with the number of notices."""
        self.looks += 1
        return len(self.notices)

    async def after(self, seq: int, limit: int) -> Sequence[tuple[int, WarningNotice]]:
        """Notices are numbered from 1."""
        return [(seq + 1 + n, one) for n, one in enumerate(self.notices[seq : seq + limit])]

    async def state(self) -> bytes:
        """Never changes."""
        return b"{}"


async def ids(stream: AsyncIterator[bytes], many: int) -> list[int]:
    """The ids of the next warnings."""
    found: list[int] = []
    while len(found) < many:
        frame = await anext(stream)
        if frame.startswith(b"id: "):
            found.append(int(frame.split(b"\n")[0][4:]))
    return found


@pytest.mark.parametrize("seen", [0, 1, BATCH, 2 * BATCH + 7])
def test_the_replay_begins_after_what_was_seen_and_has_no_gap(seen: int) -> None:
    """Over several reads, in order, then live."""

    async def listen() -> None:
        told = Told(3 * BATCH)
        tide = Tide(told.mark, every_s=0)
        stream = follow(tide, seen, told.after, told.state)
        assert await ids(stream, 3 * BATCH - seen) == list(range(seen + 1, 3 * BATCH + 1))
        coming = asyncio.ensure_future(ids(stream, 2))
        await asyncio.sleep(0)
        told.notices += [notice(1), notice(2)]
        assert await coming == [3 * BATCH + 1, 3 * BATCH + 2]
        await stream.aclose()

    asyncio.run(listen())


def test_a_listener_that_leaves_gives_its_seat_back_and_the_last_one_stops_the_watching() -> None:
    """No listener: nobody looks at the database."""

    async def come_and_go() -> None:
        told = Told(1)
        tide = Tide(told.mark, every_s=0)
        streams = [follow(tide, 0, told.after, told.state) for _ in range(MOST_LISTENERS)]
        for stream in streams:
            await anext(stream)
        fullness = [tide.full]
        for stream in streams:
            await stream.aclose()
        assert [*fullness, tide.full] == [True, False]
        await asyncio.sleep(0)
        looks = told.looks
        for _ in range(20):
            await asyncio.sleep(0)
        assert told.looks == looks

    asyncio.run(come_and_go())


def test_a_quiet_stream_says_that_it_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    """A comment after each quiet spell keeps proxies from cutting it."""
    monkeypatch.setattr(sse, "HEARTBEAT_S", 0.01)

    async def listen() -> None:
        told = Told(0)
        stream = follow(Tide(told.mark), 0, told.after, told.state)
        frames = [await anext(stream) for _ in range(4)]
        assert frames == [b"retry: 2000\n\n", b"event: state\ndata: {}\n\n", *[b": still here\n\n"] * 2]
        await stream.aclose()

    asyncio.run(listen())
