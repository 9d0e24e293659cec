"""The log: every record accepted, in the order accepted, fsynced before anyone is told so.

Law kept: acknowledged means kept (12). What records do follows from here, behind, in transactions of its own; a
crash between loses nothing, since whoever opens the database next goes on from the position that the state holds.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from events.log import Received, Tick
from events.time import Instant
from streams.database import Database
from streams.quarantine import Quarantine

LOG: Final = "log"
"""The one input topic of the embedded engine."""
_ROWS: Final = 100
"""Rows of one statement: each lets go of Python's lock once, and has to win it back from a busy lane."""
_Row = tuple[int, Instant, str | None, bytes | None, Instant | None]


class Feed(Struct, frozen=True):
    """Where a named feed (a log being replayed) will stand once the batch is committed."""

    name: str
    position: int


class Named(Struct, frozen=True):
    """An event by its provider, its id and its home key, with its bytes."""

    provider: str
    event_id: str
    home: str
    raw: bytes


class Log:
    """The log of one database, for one writing thread."""

    def __init__(self, database: Database) -> None:
        self._database, self._db = database, database.log
        self.end = self._counted()

    @property
    def empty(self) -> bool:
        """Whether nothing was ever accepted."""
        return self._counted() == 0

    @property
    def last_tick(self) -> Instant | None:
        """The latest tick of what is not applied yet; None where there is none."""
        found: Instant | None = self._db.execute(
            'SELECT max(tick) FROM log WHERE "offset" >= (SELECT position FROM applied)'
        ).fetchone()[0]
        return found

    def position(self, feed: str) -> int:
        """How many items of a named feed were accepted: committed with them."""
        row = self._db.execute("SELECT position FROM feeds WHERE name=?", (feed,)).fetchone()
        return 0 if row is None else int(row[0])

    def feeds(self) -> tuple[str, ...]:
        """The names of all feeds that were ever accepted from."""
        return tuple(row[0] for row in self._db.execute("SELECT name FROM feeds ORDER BY name"))

    def append(self, items: Sequence[Received | Tick], feed: Feed | None = None) -> int:
        """Accept records and ticks in order; returns the position of the first once all are fsynced."""
        with self._database.writing(self._db):
            start = self._insert(items)
            if feed is not None:
                self._db.execute("INSERT OR REPLACE INTO feeds VALUES (?,?)", (feed.name, feed.position))
        self.end = start + len(items)
        return start

    def append_refused(self, ids: Iterable[str], at: Instant) -> tuple[int, list[str]]:
        """Accept refused records again at an instant, mended where mended, as of `Refusal.again`.

        They are marked replayed in the same transaction; what was replayed before, or is not here, is left out.
        """
        quarantine = Quarantine(self._db)
        with self._database.writing(self._db):
            again = [(id_, quarantine.again(id_, at)) for id_ in dict.fromkeys(ids)]
            taken = [(id_, record) for id_, record in again if record is not None]
            start = self._insert([record for _, record in taken])
            quarantine.replayed([id_ for id_, _ in taken])
        self.end = start + len(taken)
        return start, [id_ for id_, _ in taken]

    def known(self, events: Sequence[Named]) -> frozenset[int]:
        """Which of some events were taken before with the same bytes, as far as the log is applied."""
        if not events:
            return frozenset()
        values = ",".join(("(?,?,?)",) * len(events))
        found = self._db.execute(
            f"WITH asked (provider, event_id, home) AS (VALUES {values}) "
            "SELECT asked.provider, asked.event_id, asked.home, log.raw FROM asked "
            "CROSS JOIN reports r USING (provider, event_id, home) "
            "JOIN log ON log.\"offset\" = r.\"offset\" WHERE r.standing IN ('taken', 'known')",
            [value for event in events for value in (event.provider, event.event_id, event.home)],
        )
        taken = frozenset(Named(*row) for row in found)
        return frozenset(at for at, event in enumerate(events) if event in taken)

    def _insert(self, items: Sequence[Received | Tick]) -> int:
        start = self._counted()
        for at in range(0, len(items), _ROWS):
            rows = [_row(start + number, items[number]) for number in range(at, min(at + _ROWS, len(items)))]
            values = ",".join(("(?,?,?,?,?)",) * len(rows))
            self._db.execute(f"INSERT INTO log VALUES {values}", [value for row in rows for value in row])
        return start

    def _counted(self) -> int:
        return int(self._db.execute('SELECT coalesce(max("offset"), -1) + 1 FROM log').fetchone()[0])


def read_log_rows(db: sqlite3.Connection, start: int, most: int) -> list[tuple[int, Received | Tick]]:
    """So many records of the log from a position on, each with its position."""
    rows = db.execute(
        'SELECT "offset", received_at, provider, raw, tick FROM log WHERE "offset" >= ? ORDER BY "offset" LIMIT ?',
        (start, most),
    )
    return [
        (offset, Received(raw, provider, received_at) if tick is None else Tick(tick))
        for offset, received_at, provider, raw, tick in rows.fetchall()
    ]


def _row(offset: int, item: Received | Tick) -> _Row:
    if isinstance(item, Tick):
        return offset, item.at, None, None, item.at
    return offset, item.received_at, item.provider, item.raw, None
