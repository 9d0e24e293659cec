"""The projector: committed warnings, lines and refusals into SQLite, for pages, API and ``hazflow book``.

Law kept: what was read and how far it was read are one SQLite transaction.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from events.rejection import Rejection
from routing.notice import decode_notice
from streams.broker.follow import Followed, Follower, Watcher
from streams.broker.topics import LINES, REJECTED, WARNINGS, Topics
from streams.broker.wire import LaneTime, read_lines, read_rejection
from streams.database import CannotOpen
from streams.projection import SCHEMA, Projection
from streams.settings import Settings

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS followed (  -- how far each partition is read
    topic TEXT NOT NULL, partition INTEGER NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (topic, partition)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lane_times (lane INTEGER PRIMARY KEY, at INTEGER NOT NULL);
"""


class Projector:
    """A sink that writes the projection. One process at a time writes a database."""

    def __init__(self, path: Path, settings: Settings) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
        if self._db.execute("SELECT 1 FROM sqlite_master WHERE name='log'").fetchone():
            self._db.close()
            raise CannotOpen(
                path,
                "这是内置引擎的数据库；Kafka 安装请另设 HAZFLOW_HOME",
                "it is an embedded engine's; set another HAZFLOW_HOME for the Kafka installation",
            )
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA + _TABLES)
        self._projection = Projection(self._db)
        self._settings, self._topics = settings, Topics(settings.application)

    def close(self) -> None:
        """Release the file."""
        self._db.close()

    async def positions(self) -> Mapping[tuple[str, int], int]:
        """How far it has read."""
        rows = self._db.execute("SELECT topic, partition, position FROM followed").fetchall()
        return {(topic, partition): position for topic, partition, position in rows}

    async def take(self, followed: Sequence[Followed]) -> None:
        """Write it, in a thread: pages read meanwhile."""
        await asyncio.to_thread(self._take, followed)

    def _take(self, followed: Sequence[Followed]) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            for part in followed:
                self._part(part)
            self._db.executemany(
                "INSERT OR REPLACE INTO followed VALUES (?,?,?)",
                [(part.topic, part.partition, part.position) for part in followed],
            )
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise

    def _part(self, part: Followed) -> None:
        word = self._topics.word(part.topic)
        if word == WARNINGS:
            self._projection.notices(decode_notice(record.value) for record in part.records)
        elif word == REJECTED:
            self._projection.refusals(self._bounded(read_rejection(record.value) for record in part.records))
        else:
            self._lines(part.records)

    def _bounded(self, refusals: Iterable[Rejection]) -> Iterator[Rejection]:
        """Beyond a provider's share only the position is kept: the bytes stay in the input log (law 7)."""
        waiting: dict[str, int] = {}
        for refusal in refusals:
            name = refusal.provider
            if name not in waiting:
                kept = "SELECT count(*) FROM refusals WHERE provider=? AND standing='kept'"
                waiting[name] = int(self._db.execute(kept, (name,)).fetchone()[0])
            over = waiting[name] >= self._settings.quarantine_per_provider
            waiting[name] += 1
            yield replace(refusal, raw=None) if over else refusal

    def _lines(self, records: Sequence[Any]) -> None:
        for record in records:
            page = read_lines(record.value)
            self._projection.lines(page.lines)
            self._projection.reports(page.told)
            self._projection.incomplete(page.incomplete)
            self._projection.registered(page.registered)
            if page.time is not None:
                self._clock(page.time)

    def _clock(self, time: LaneTime) -> None:
        """Time on the pages is that of the lane that is furthest behind, once all have told theirs."""
        self._db.execute("INSERT OR REPLACE INTO lane_times VALUES (?,?)", (time.lane, time.at))
        lanes, at = self._db.execute("SELECT count(*), min(at) FROM lane_times").fetchone()
        if lanes == self._settings.partitions:
            self._projection.clock("time", at)


def projecting(settings: Settings, projector: Projector, watcher: Watcher | None = None) -> Follower:
    """What keeps a projector up to date: run it, stop it."""
    topics = Topics(settings.application)
    return Follower(settings, [topics.named(word) for word in (WARNINGS, LINES, REJECTED)], projector, watcher)
