"""The door's spool: what it acknowledged while Kafka is down is kept, in order, bounded, and told before any tick.

Laws: acknowledged means kept (12), by a killed door too; a tick stands behind all that was put before it; a spool
that is full says so and loses nothing that it acknowledged (11).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from events.log import Received, Tick
from streams.broker.spool import Damaged, Full, Spool
from streams.broker.spooled import SpooledDoor

ROOM = 1 << 20


def report(number: int, size: int = 20) -> Received:
    """A report that is like no other."""
    return Received(f"{number:06}".encode() + b"\xff" * size, "p", 1_000 + number)


def reports(count: int, first: int = 0) -> list[Received]:
    """So many reports."""
    return [report(number) for number in range(first, first + count)]


def drained(spool: Spool, stretch: int = 7) -> list[Received]:
    """Everything that a spool holds, taken out of it."""
    found: list[Received] = []
    while records := spool.first(stretch):
        found += records
        spool.drop(len(records))
    return found


class Broker:
    """A Kafka that goes down and comes back, and holds what its doors wrote."""

    def __init__(self) -> None:
        self.up, self.hangs = True, False
        self.held: list[Received | Tick] = []

    def door(self) -> Writing:
        """A door to it."""
        return Writing(self)


class Writing:
    """A door to that broker."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    async def start(self) -> None:
        """Only where it is up."""
        if not self._broker.up:
            raise ConnectionError("nobody answers")

    async def stop(self) -> None:
        """Nothing to let go of."""

    async def put(self, items: Iterable[Received | Tick]) -> None:
        """Held, refused, or never answered."""
        if self._broker.hangs:
            await asyncio.Event().wait()
        if not self._broker.up:
            raise ConnectionError("the connection is gone")
        self._broker.held += items


async def until(reached: Callable[[], bool]) -> None:
    """Let others work until something is so."""
    async with asyncio.timeout(30):
        while not reached():
            await asyncio.sleep(0)


def test_what_was_taken_comes_out_in_order(tmp_path: Path) -> None:
    """Over several files, with bytes of any kind; then the folder is empty."""
    spool = Spool(tmp_path, ROOM, segment_bytes=200)
    for at in range(0, 60, 6):
        spool.append(reports(6, at))
    assert len(list(tmp_path.iterdir())) > 3
    assert drained(spool) == reports(60)
    assert spool.empty
    assert not list(tmp_path.iterdir())


def test_a_door_that_was_killed_finds_what_it_acknowledged(tmp_path: Path) -> None:
    """Nothing is let go of at the end: another process reads the same; a file that had gone in part goes again."""
    spool = Spool(tmp_path, ROOM, segment_bytes=200)
    spool.append(reports(5))
    spool.append(reports(5, 5))
    spool.drop(2)
    again = Spool(tmp_path, ROOM, segment_bytes=200)
    assert drained(again) == reports(10)


def test_a_torn_end_was_never_acknowledged(tmp_path: Path) -> None:
    """A power cut at any byte of the last append: all before it is there, and what comes after stands behind."""
    spool = Spool(tmp_path / "whole", ROOM)
    spool.append(reports(3))
    kept = spool.size
    spool.append(reports(2, 3))
    (whole,) = (tmp_path / "whole").iterdir()
    for cut in range(kept, spool.size):
        torn = tmp_path / f"torn-{cut}"
        torn.mkdir()
        (torn / whole.name).write_bytes(whole.read_bytes()[:cut])
        again = Spool(torn, ROOM)
        again.append([report(99)])
        found = drained(again)
        assert found[:3] == reports(3)
        assert found[-1] == report(99)


def test_damage_before_the_end_is_not_passed_over(tmp_path: Path) -> None:
    """It was acknowledged: the door refuses to start and names the file."""
    spool = Spool(tmp_path, ROOM, segment_bytes=100)
    spool.append(reports(5))
    spool.append(reports(5, 5))
    first = min(tmp_path.iterdir())
    data = bytearray(first.read_bytes())
    data[30] ^= 1
    first.write_bytes(bytes(data))
    with pytest.raises(Damaged, match=first.name):
        Spool(tmp_path, ROOM)


def test_a_full_spool_takes_nothing_more(tmp_path: Path) -> None:
    """All of a post or none of it; what it had acknowledged stays."""
    spool = Spool(tmp_path, 1_000)
    spool.append(reports(10))
    with pytest.raises(Full):
        spool.append(reports(20, 10))
    assert spool.size <= 1_000
    assert drained(spool) == reports(10)


def test_reports_go_around_kafka_while_it_is_down_and_ticks_wait(tmp_path: Path) -> None:
    """Back up, all is told in order, and the next tick stands behind the last of it."""
    broker = Broker()

    async def work() -> None:
        door = SpooledDoor(broker.door, Spool(tmp_path, ROOM))
        await door.start()
        await door.put([report(0)])
        broker.up = False
        for number in range(1, 5):
            await door.put([report(number)])
            await door.put([Tick(2_000 + number)])
        broker.up = True
        await until(lambda: len(broker.held) >= 5)
        await until(lambda: not list(tmp_path.iterdir()))
        await door.put([Tick(3_000)])
        await door.put([report(5)])
        await door.stop()

    asyncio.run(work())
    assert broker.held == [*reports(5), Tick(3_000), report(5)]


def test_a_kafka_that_does_not_answer_is_not_waited_for(tmp_path: Path) -> None:
    """What was sent without an answer is on the disk before it is acknowledged; stopped, it stays there."""
    broker = Broker()

    async def work() -> None:
        door = SpooledDoor(broker.door, Spool(tmp_path, ROOM), patience_s=0.05)
        await door.start()
        await door.put([report(0)])
        broker.hangs = True
        await door.put([report(1)])
        await door.stop()

    asyncio.run(work())
    assert drained(Spool(tmp_path, ROOM)) == [report(1)]


def test_a_full_spool_turns_posts_away_until_kafka_is_back(tmp_path: Path) -> None:
    """Law 12: what was acknowledged is told; what was turned away was never acknowledged."""
    broker = Broker()
    broker.up = False
    taken: list[Received] = []

    async def work() -> None:
        door = SpooledDoor(broker.door, Spool(tmp_path, 1_000))
        await door.start()
        for number in range(100):
            try:
                await door.put([report(number)])
            except Full:
                break
            taken.append(report(number))
        broker.up = True
        await until(lambda: broker.held == taken)
        await until(lambda: not list(tmp_path.iterdir()))
        await door.put([report(100)])
        await door.stop()

    asyncio.run(work())
    assert 0 < len(taken) < 100
    assert broker.held == [*taken, report(100)]
