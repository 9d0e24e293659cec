"""The embedded engine: one process, one SQLite file; input, state and outputs in one transaction a batch.

Laws kept: acknowledged means kept (12): what ``apply`` has returned for is committed and fsynced. A crash loses
nothing and doubles nothing (6): the log and what was made of it are never apart.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct

from events.intake import Arrival, Record, read
from events.log import Received, Tick
from events.rejection import Reason, Rejection, Source
from events.time import Instant
from ledger.held import Standing
from streams.assembly import Assembly
from streams.codec import registered_in
from streams.effects import Effects
from streams.lane import BEGINNING, Lane
from streams.observing import SILENT, Batch, Observer, counted
from streams.piecemeal import CANNOT, AfterFault, Stopped, blame, cannot_take, piecemeal
from streams.projection import SCHEMA, Projection
from streams.quarantine import Quarantine
from streams.warn import Warner

_log = logging.getLogger(__name__)
LIVE_KEYS: Final = 50_000
"""How many keys of a kind are kept as objects, about; the others stay in the database until they are touched."""
LOG: Final = "log"
"""The one input topic of the embedded engine."""
FORMAT: Final = 1
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS log (  -- every record in the order taken; a tick has no raw
    "offset" INTEGER PRIMARY KEY, received_at INTEGER NOT NULL, provider TEXT, raw BLOB, tick INTEGER);
CREATE TABLE IF NOT EXISTS state (
    key TEXT NOT NULL, part TEXT NOT NULL, data BLOB NOT NULL, PRIMARY KEY (key, part)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS feeds (name TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
"""


class CannotOpen(Exception):
    """The database cannot be used as it is: says why and what to do. Nothing in it was changed."""


class Outcome(Struct, frozen=True):
    """What became of one record of a batch: ``standing`` taken, waiting, known or refused."""

    standing: Standing
    source: Source
    event_id: str | None = None
    reason: Reason | None = None
    field: str = ""
    detail: str = ""


class Feed(Struct, frozen=True):
    """Where a named feed (a log being replayed) will stand once the batch is committed."""

    name: str
    position: int


class SqliteStore:
    """The state of the one lane, in the engine's own database."""

    def __init__(self, connection: sqlite3.Connection, observer: Observer = SILENT) -> None:
        self._db, self._observer = connection, observer

    def parts(self, key: str) -> Mapping[str, bytes]:
        """The parts of one key's state."""
        return dict(self._db.execute("SELECT part, data FROM state WHERE key=?", (key,)).fetchall())

    def heads(self) -> Iterable[tuple[str, bytes]]:
        """Every key that has a head, with it."""
        total = int(self._db.execute("SELECT count(*) FROM state WHERE part='head'").fetchone()[0])
        rows = self._db.execute("SELECT key, data FROM state WHERE part='head'")
        return list(counted(rows, total, self._observer, 0))


class Embedded:
    """One lane over one SQLite file. Not for several threads at once: one writer feeds it."""

    def __init__(
        self, path: Path, assembly: Assembly, observer: Observer = SILENT, *, after_fault: AfterFault = "go_on"
    ) -> None:
        self.path = path
        self._assembly, self._observer = assembly, observer
        self._after_fault: AfterFault = after_fault
        self._fault: str | None = None
        self._db = _open(path)
        self._projection = Projection(self._db)
        self._end = self.applied
        self._waiting: dict[str, int] = {}
        self._lane, self._warner = self._load()

    @property
    def time(self) -> Instant | None:
        """How far time has come; None before the first tick."""
        return None if self._lane.time == BEGINNING else self._lane.time

    @property
    def empty(self) -> bool:
        """Whether nothing was ever taken."""
        return self._db.execute("SELECT 1 FROM log LIMIT 1").fetchone() is None

    @property
    def applied(self) -> int:
        """How many records the log holds."""
        return int(self._db.execute('SELECT coalesce(max("offset"), -1) + 1 FROM log').fetchone()[0])

    def quarantined(self, provider: str | None = None) -> int:
        """How many refused records wait to be mended, of one provider or of all."""
        return sum(self._waiting.values()) if provider is None else self._waiting.get(provider, 0)

    def position(self, feed: str) -> int:
        """How many items of a named feed were taken: committed with what they did."""
        row = self._db.execute("SELECT position FROM feeds WHERE name=?", (feed,)).fetchone()
        return 0 if row is None else int(row[0])

    def feeds(self) -> tuple[str, ...]:
        """The names of all feeds that were ever taken from."""
        return tuple(row[0] for row in self._db.execute("SELECT name FROM feeds ORDER BY name"))

    def apply(self, batch: Sequence[Received | Tick], feed: Feed | None = None) -> list[Outcome]:
        """Take records and ticks in order; returns the outcome of each record once all is committed.

        A record that the books cannot take is refused alone. Anything else that goes wrong rolls the whole batch
        back, memory included, and is raised.
        """
        with self._transaction():
            outcomes = self._take(batch)
            if feed is not None:
                self._db.execute("INSERT OR REPLACE INTO feeds VALUES (?,?)", (feed.name, feed.position))
        return outcomes

    def replay_refused(self, ids: Sequence[str]) -> list[tuple[str, Outcome]]:
        """Take refused records again, mended where mended, each with its own provider and receipt.

        They are marked replayed in the same transaction; what was replayed before, or is not here, is left out.
        """
        quarantine = Quarantine(self._db)
        with self._transaction():
            again = [(id_, quarantine.again(id_)) for id_ in dict.fromkeys(ids)]
            taken = [(id_, record) for id_, record in again if record is not None]
            outcomes = self._take([record for _, record in taken])
            quarantine.replayed([id_ for id_, _ in taken])
            self._waiting = self._count_waiting()
        return [(id_, outcome) for (id_, _), outcome in zip(taken, outcomes, strict=True)]

    def close(self) -> None:
        """Release the file; everything applied is in it."""
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing, memory included. Where another process wrote since, its state is taken up first."""
        if self._fault is not None and self._after_fault == "stop":
            raise Stopped(f"{self._fault}: refused and committed; HAZFLOW_AFTER_FAULT=stop takes nothing behind it")
        begins = time.perf_counter()
        try:
            self._db.execute("BEGIN IMMEDIATE")
            if self.applied != self._end:
                self._reload()
            yield
            end = self.applied
            self._db.execute("COMMIT")
            self._observe(end - self._end, begins)
            self._end = end
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            self._fault = None
            self._observer.aborted(0)
            self._reload()
            raise

    def _observe(self, records: int, begins: float) -> None:
        effects, stepped = self._did
        self._observer.batch(
            Batch(
                lane=0, records={LOG: records}, effects=effects, step_s=stepped - begins,
                commit_s=time.perf_counter() - stepped, time=self.time,
            )
        )  # fmt: skip

    def _reload(self) -> None:
        self._end = self.applied
        self._lane, self._warner = self._load()

    def _take(self, batch: Sequence[Received | Tick]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        piecemeal(
            batch,
            lambda part: outcomes.extend(self._take_whole(part)),
            lambda item, error: outcomes.append(self._turn_away(item, error)),
            lambda item: outcomes.extend(self._take_whole([item], careful=True)),
        )
        return outcomes

    def _take_whole(self, batch: Sequence[Received | Tick], *, careful: bool = False) -> list[Outcome]:
        """All of it, or nothing is left of it, in the database or in memory."""
        self._db.execute("SAVEPOINT part")
        try:
            return self._apply(batch, careful=careful)
        except CANNOT:
            self._db.execute("ROLLBACK TO part")
            self._lane, self._warner = self._load()
            raise
        finally:
            if self._db.in_transaction:
                self._db.execute("RELEASE part")

    def _turn_away(self, item: Received | Tick, error: Exception) -> Outcome:
        """Refuse the record that the books cannot take even alone; time cannot be refused."""
        if isinstance(item, Tick):
            raise error
        source = Source(LOG, 0, self.applied)
        row = (source.offset, item.received_at, item.provider, item.raw, None)
        self._db.execute("INSERT INTO log VALUES (?,?,?,?,?)", row)
        refusal = cannot_take(Record(item.raw, item.provider, item.received_at, source), error)
        self._note_faults([refusal])
        self._projection.refusals([refusal])
        self._waiting[item.provider] = self._waiting.get(item.provider, 0) + 1
        return Outcome(Standing.REFUSED, source, refusal.event_id, refusal.reason, "", refusal.detail)

    def _note_faults(self, refusals: Iterable[Rejection]) -> None:
        for refusal in refusals:
            if refusal.reason is Reason.BOOKS_CANNOT_TAKE:
                self._fault = f"{refusal.id}: {refusal.detail}"
                _log.error("refused what the books cannot take: %s", self._fault)

    def _apply(self, batch: Sequence[Received | Tick], *, careful: bool) -> list[Outcome]:
        self._lane.be_careful(careful)
        sources, refusals = self._feed(batch)
        effects = self._lane.finish()
        if careful:
            blame(effects.refusals, sources[0] if sources else None)
            self._lane.be_careful(False)
            self._note_faults(effects.refusals)
        effects.refusals[:0] = refusals
        self._did = effects, time.perf_counter()
        self._write(effects)
        for refusal in effects.refusals:
            self._waiting[refusal.provider] = self._waiting.get(refusal.provider, 0) + 1
        self._lane.let_go(LIVE_KEYS)
        return _outcomes(sources, effects)

    def _feed(self, batch: Sequence[Received | Tick]) -> tuple[list[Source], list[Rejection]]:
        offset = self.applied
        sources: list[Source] = []
        refusals: list[Rejection] = []
        rows: list[tuple[int, Instant, str | None, bytes | None, Instant | None]] = []
        for item in batch:
            if isinstance(item, Tick):
                rows.append((offset, item.at, None, None, item.at))
                self._lane.tick(LOG, item.at)
            else:
                rows.append((offset, item.received_at, item.provider, item.raw, None))
                source = Source(LOG, 0, offset)
                sources.append(source)
                decided = read(Record(item.raw, item.provider, item.received_at, source))
                if isinstance(decided, Arrival):
                    self._lane.arrive(decided)
                else:
                    refusals.append(decided)
            offset += 1
        self._db.executemany("INSERT INTO log VALUES (?,?,?,?,?)", rows)
        return sources, refusals

    def _write(self, effects: Effects) -> None:
        kept = [(state.key, state.part, state.data) for state in effects.states if state.data is not None]
        gone = [(state.key, state.part) for state in effects.states if state.data is None]
        self._db.executemany("INSERT OR REPLACE INTO state VALUES (?,?,?)", kept)
        self._db.executemany("DELETE FROM state WHERE key=? AND part=?", gone)
        self._projection.lines(effects.lines)
        self._projection.reports(effects.told)
        self._projection.refusals(self._with_bytes(refusal) for refusal in effects.refusals)
        self._projection.incomplete(effects.incomplete)
        self._projection.registered(registered_in(effects.states))
        self._projection.notices(
            self._warner.notice(finding, self._lane.reference(finding.subject)) for finding in effects.findings
        )
        self._projection.clock("time", self._lane.time)

    def _with_bytes(self, refusal: Rejection) -> Rejection:
        """A refusal at the key names its position; here the log is at hand, so its bytes go along."""
        if refusal.raw is not None:
            return refusal
        row = self._db.execute('SELECT raw FROM log WHERE "offset"=?', (refusal.source.offset,)).fetchone()
        return Rejection(
            refusal.id, refusal.reason, refusal.field, refusal.detail, refusal.provider, refusal.source,
            refusal.received_at, refusal.event_id, refusal.home, row[0] if row else None,
        )  # fmt: skip

    def _load(self) -> tuple[Lane, Warner]:
        self._waiting = self._count_waiting()
        self._observer.restoring(0)
        lane = self._assembly.lane(0, 1, SqliteStore(self._db, self._observer))
        lane.expect((LOG,))
        self._observer.opened(0, None if lane.time == BEGINNING else lane.time)
        return lane, self._assembly.warner(lane.world)

    def _count_waiting(self) -> dict[str, int]:
        return dict(
            self._db.execute("SELECT provider, count(*) FROM refusals WHERE standing='kept' GROUP BY provider")
        )


def _open(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(path, isolation_level=None, timeout=10, check_same_thread=False)
        found = int(db.execute("PRAGMA user_version").fetchone()[0])
        if db.execute("SELECT 1 FROM sqlite_master WHERE name='followed'").fetchone():
            raise CannotOpen(
                f"{path} is what the desk of a Kafka installation reads: send reports through its door, or name "
                "another database"
            )
        if found > FORMAT:
            raise CannotOpen(f"{path} was written by a newer hazflow (format {found}, this one reads {FORMAT})")
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.executescript(_TABLES + SCHEMA)
        db.execute(f"PRAGMA user_version={FORMAT}")
    except (sqlite3.Error, OSError) as error:
        raise CannotOpen(f"{path}: {error}; is another hazflow running, the disk full or read-only?") from error
    return db


def _outcomes(sources: Sequence[Source], effects: Effects) -> list[Outcome]:
    by_source = {
        told.source: Outcome(told.standing, told.source, told.event_id, told.reason, "", told.detail)
        for told in effects.told
    }
    for refusal in effects.refusals:
        by_source[refusal.source] = Outcome(
            Standing.REFUSED, refusal.source, refusal.event_id, refusal.reason, refusal.field, refusal.detail
        )
    return [by_source.get(source, Outcome(Standing.TAKEN, source)) for source in sources]
