"""A real engine for tests: topics of its own, workers as processes, a door, and the projection's answers.

Law kept: an engine has done with a log when its lanes have heard the log's last tick; nobody sleeps and hopes.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
import uuid
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import msgspec

from events.log import Received, Tick
from simulator import known_areas, of_size, simulate
from streams.assembly import TREE, rule_policies
from streams.broker.door import KafkaDoor
from streams.broker.process import WorkerProcess
from streams.broker.projector import Projector, projecting
from streams.broker.topics import create_topics
from streams.founding import founding
from streams.settings import Settings
from tests.engines import Answers, answers, difference, in_memory

PATIENCE_S = 240
"""How long an engine may take for a log of these tests."""
Log = tuple[Received | Tick, ...]


def settings_for(brokers: str, home: Path, **changed: object) -> Settings:
    """Settings of a fresh application on a broker."""
    named = Settings(
        brokers=brokers,
        home=str(home),
        application=f"t{uuid.uuid4().hex[:8]}",
        partitions=4,
        session_timeout_s=3.0,
    )
    return msgspec.structs.replace(named, **changed)


@cache
def province(counties: int = 4) -> Log:
    """A simulated log of several thousand reports a county, its policies in force from its beginning."""
    log = simulate(of_size(known_areas(), counties=counties, units_per_county=8, days=3)).log
    return (*founding(rule_policies(TREE / "policies"), _begins(log), {}), *log)


@cache
def expected(counties: int = 4) -> Answers:
    """What lanes in memory answer to that log."""
    return in_memory(province(counties))


def last_tick(log: Sequence[Received | Tick]) -> int:
    """The latest tick of a log."""
    return max(item.at for item in log if isinstance(item, Tick))


class Engine:
    """An application on a broker: fed by a door, worked by processes, read through its projection."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings, self.folder = settings, folder
        self.workers: list[WorkerProcess] = []
        self.database = folder / "projection.db"
        create_topics(settings)

    def work(self) -> WorkerProcess:
        """Start one more worker."""
        worker = WorkerProcess(self.settings, self.folder / f"worker-{len(self.workers)}.log")
        self.workers.append(worker)
        return worker

    def feed(self, log: Sequence[Received | Tick]) -> None:
        """Put a log through the door, acknowledged."""
        asyncio.run(self._feed(log))

    def stop(self) -> None:
        """End all workers."""
        for worker in self.workers:
            worker.stop()

    def wait_until(self, reached: Callable[[], bool]) -> None:
        """Wait for something that a worker does."""
        ends = time.monotonic() + PATIENCE_S
        while not reached():
            assert time.monotonic() < ends, self._told()
            time.sleep(0.1)

    def until(self, at: int) -> Answers:
        """The answers once every lane has come to an instant."""
        asyncio.run(self._follow(at))
        return self.answers()

    def answers_as(self, right: Answers, at: int) -> None:
        """Law: once every lane has come to an instant it answers exactly this; if not, all of it is told."""
        parted = difference(right, self.until(at))
        assert not parted, "\n".join([*parted, self._told()])

    def answers(self) -> Answers:
        """The answers as projected."""
        return answers(sqlite3.connect(self.database))

    async def _feed(self, log: Sequence[Received | Tick]) -> None:
        door = KafkaDoor(self.settings)
        await door.start()
        for start in range(0, len(log), 4_000):
            await door.put(log[start : start + 4_000])
        await door.stop()

    async def _follow(self, at: int) -> None:
        projector = Projector(self.database, self.settings)
        follower = projecting(self.settings, projector)
        task = asyncio.create_task(follower.run())
        reading = sqlite3.connect(self.database)
        ends = time.monotonic() + PATIENCE_S
        try:
            while (_time(reading) or 0) < at:
                assert time.monotonic() < ends, f"lanes stand at {_time(reading)}, not {at}: {self._told()}"
                await asyncio.sleep(0.1)
        finally:
            follower.stop()
            await task
            reading.close()
            projector.close()

    def _told(self) -> str:
        """What the workers said last, and where they stand, or how they ended."""
        said = [f"ended: {worker.ended}; {worker.told()[-1_500:]}" for worker in self.workers]
        for worker in self.workers:
            worker.tell()
        time.sleep(1.0)
        return "\n".join([*said, *(worker.told()[-6_000:] for worker in self.workers)])


def _time(db: sqlite3.Connection) -> int | None:
    row = db.execute("SELECT at FROM clock WHERE name='time'").fetchone()
    return None if row is None else int(row[0])


def _begins(log: Sequence[Received | Tick]) -> int:
    return min(item.received_at for item in log if isinstance(item, Received))
