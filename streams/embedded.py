"""The embedded engine: one process, one SQLite file; first the log, then, behind it, what the log does.

Laws kept: acknowledged means kept (12): what is in the log is fsynced. A crash loses nothing and doubles nothing
(6): what a batch does and the position that it read up to are one transaction; the state goes on from the log.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections import Counter
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
from operating.log_events import LogEvent, say
from routing.notice import WarningNotice
from streams.assembly import Assembly
from streams.codec import registered_in
from streams.database import PATIENCE_S, CannotOpen, CannotWrite, Database, undo
from streams.effects import Effects
from streams.feeding import STRETCH
from streams.lane import BEGINNING
from streams.log import LOG, Feed, Log, read_log_rows
from streams.observing import SILENT, Batch, Observer, counted
from streams.piecemeal import CANNOT, AfterFault, Stopped, blame, cannot_take, piecemeal
from streams.projection import Projection
from streams.quarantine import KEPT

_log = logging.getLogger(__name__)
LIVE_KEYS: Final = 50_000
"""How many keys of a kind are kept as objects, about; the others stay in the database until they are touched."""


class Outcome(Struct, frozen=True):
    """What became of one record: ``standing`` taken, waiting, known or refused.

    Not ``applied`` is what the door says at once of what is kept for good: known and refused are meant so, taken
    may still turn out otherwise.
    """

    standing: Standing
    source: Source
    event_id: str | None = None
    reason: Reason | None = None
    field: str = ""
    detail: str = ""
    applied: bool = True


class _Overtaken(Exception):
    """Another process applied what was being applied here: it is dropped, and read from the database."""


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
    """One lane over one SQLite file. One thread may accept through ``log`` while another applies."""

    def __init__(
        self,
        path: Path,
        assembly: Assembly,
        observer: Observer = SILENT,
        *,
        after_fault: AfterFault = "go_on",
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.path = path
        self._assembly, self._observer = assembly, observer
        self._after_fault: AfterFault = after_fault
        self._fault = ""
        self._database = Database(path, patience_s)
        self._db = self._database.lane
        self._projection = Projection(self._db)
        self.log = Log(self._database)
        self._waiting: dict[str, int] = {}
        self._applied, self._stale = 0, True
        with self._database.said(CannotOpen):
            self._take_up()
        self._show_calendars()

    @property
    def time(self) -> Instant | None:
        """How far time has come; None before the first tick."""
        return None if self._lane.time == BEGINNING else self._lane.time

    @property
    def applied(self) -> int:
        """How many records of the log the state holds."""
        return self._applied

    @property
    def behind(self) -> int:
        """How many records were accepted and not applied yet."""
        return max(self.log.end - self._applied, 0)

    def quarantined(self, provider: str | None = None) -> int:
        """How many refused records wait to be mended, of one provider or of all."""
        waiting = self._waiting
        return sum(waiting.values()) if provider is None else waiting.get(provider, 0)

    def apply(self, batch: Sequence[Received | Tick], feed: Feed | None = None) -> list[Outcome]:
        """Accept records and ticks in order, and apply the log to behind them; the outcome of each record.

        Not accepted, nothing of it was kept. Accepted and not applied, which is raised too, whoever applies next
        goes on with it.
        """
        self.check()
        start = self.log.append(batch, feed)
        return self._reach(start, start + len(batch))

    def replay_refused(self, ids: Sequence[str]) -> list[tuple[str, Outcome]]:
        """Take refused records again, mended where mended: as of `streams.quarantine.Refusal.again`."""
        self.check()
        start, taken = self.log.append_refused(ids, max(self.time or 0, self.log.last_tick or 0))
        outcomes = self._reach(start, start + len(taken))
        self._waiting = self._count_waiting()
        return list(zip(taken, outcomes, strict=True))

    def advance(self, most: int = STRETCH) -> list[Outcome]:
        """Apply what the log holds next, so many records at most, and say what became of each.

        A record that the books cannot take is refused alone. Anything else that goes wrong is raised, and leaves
        nothing behind, in memory neither: the same is tried again at the next call.
        """
        self.check()
        try:
            with self._database.said(CannotWrite):
                return self._advance(most)
        except _Overtaken:
            self._stale = True
            return []
        except BaseException:
            self._stale = True
            self._observer.aborted(0)
            raise

    def check(self) -> None:
        """Raise ``Stopped`` behind an event that the books could not take, where the installation stops there."""
        if self._fault and self._after_fault == "stop":
            raise Stopped(f"{self._fault}: refused and committed; HAZFLOW_AFTER_FAULT=stop takes nothing behind it")

    def close(self) -> None:
        """Release the file; everything accepted is in it."""
        self._database.close()

    def _advance(self, most: int) -> list[Outcome]:
        if self._stale or self._position() != self._applied:
            self._take_up()
        outcomes: list[Outcome] = []
        if rows := read_log_rows(self._db, self._applied, most):
            piecemeal(
                rows,
                lambda part: outcomes.extend(self._take(part)),
                lambda row, error: outcomes.append(self._turn_away(*row, error)),
                lambda row: outcomes.extend(self._take([row], careful=True)),
            )
        return outcomes

    def _take(self, rows: Sequence[tuple[int, Received | Tick]], *, careful: bool = False) -> list[Outcome]:
        """Apply records in one transaction, or leave nothing of them."""
        begins = time.perf_counter()
        try:
            self._lane.be_careful(careful)
            sources, effects = self._step(rows)
            if careful:
                blame(effects.refusals, sources[0] if sources else None)
                self._lane.be_careful(False)
            notices = [
                self._warner.notice(found, self._lane.reference(found.subject)) for found in effects.findings
            ]
        except CANNOT as error:
            if self._position() != self._applied:  # keys read from two states need not fit together
                raise _Overtaken from error
            self._take_up()
            raise
        stepped = time.perf_counter()
        with self._reaching(rows[-1][0] + 1, effects.refusals):
            self._write(effects, notices)
        self._note_faults(effects.refusals)
        self._lane.let_go(LIVE_KEYS)
        self._observer.batch(
            Batch(
                lane=0, records={LOG: len(rows)}, effects=effects, step_s=stepped - begins,
                commit_s=time.perf_counter() - stepped, time=self.time,
            )
        )  # fmt: skip
        return _outcomes(sources, effects)

    def _turn_away(self, offset: int, item: Received | Tick, error: Exception) -> Outcome:
        """Refuse the record that the books cannot take even alone; time cannot be refused."""
        if isinstance(item, Tick):
            raise error
        source = Source(LOG, 0, offset)
        refusal = cannot_take(Record(item.raw, item.provider, item.received_at, source), error)
        with self._reaching(offset + 1, [refusal]):
            self._projection.refusals([refusal])
        self._note_faults([refusal])
        return Outcome(Standing.REFUSED, source, refusal.event_id, refusal.reason, "", refusal.detail)

    def _note_faults(self, refusals: Iterable[Rejection]) -> None:
        for refusal in refusals:
            if refusal.reason is Reason.BOOKS_CANNOT_TAKE:
                self._fault = f"{refusal.id}: {refusal.detail}"
                say(_log, LogEvent.EVENT_REFUSED, fault=self._fault)

    @contextmanager
    def _reaching(self, end: int, refusals: Sequence[Rejection]) -> Iterator[None]:
        """The transaction of what is applied up to a position, if nobody else applied it meanwhile."""
        with self._database.writing(self._db):
            if self._position() != self._applied:
                raise _Overtaken
            yield
            self._db.execute("UPDATE applied SET position=?", (end,))
        more = Counter(refusal.provider for refusal in refusals)
        self._waiting = {**self._waiting, **{name: self.quarantined(name) + many for name, many in more.items()}}
        self._applied = end

    def _reach(self, start: int, end: int) -> list[Outcome]:
        """Apply the log to a position; the outcomes of the records from ``start`` on."""
        found: list[Outcome] = []
        while self._applied < end:
            found += (one for one in self.advance() if start <= one.source.offset < end)
        ours = [
            offset for offset, item in read_log_rows(self._db, start, end - start) if isinstance(item, Received)
        ]
        if len(found) < len(ours):  # another process applied some
            here = {one.source.offset: one for one in found}
            found = [here.get(offset) or self._stands(offset) for offset in ours]
        return found

    def _stands(self, offset: int) -> Outcome:
        """What the projection says of one record of the log."""
        source = Source(LOG, 0, offset)
        refused = self._db.execute(
            'SELECT event_id, reason, field, detail FROM refusals WHERE topic=? AND "offset"=?', (LOG, offset)
        ).fetchone()
        if refused is not None:
            event_id, reason, field, detail = refused
            return Outcome(Standing.REFUSED, source, event_id, Reason(reason), field, detail)
        told = self._db.execute('SELECT standing FROM reports WHERE "offset"=?', (offset,)).fetchone()
        return Outcome(Standing(told[0]) if told is not None else Standing.KNOWN, source)

    def _step(self, rows: Sequence[tuple[int, Received | Tick]]) -> tuple[list[Source], Effects]:
        sources: list[Source] = []
        refusals: list[Rejection] = []
        for offset, item in rows:
            if isinstance(item, Tick):
                self._lane.tick(LOG, item.at)
                continue
            source = Source(LOG, 0, offset)
            sources.append(source)
            decided = read(Record(item.raw, item.provider, item.received_at, source))
            if isinstance(decided, Arrival):
                self._lane.arrive(decided)
            else:
                refusals.append(decided)
        effects = self._lane.finish()
        effects.refusals[:0] = refusals
        return sources, effects

    def _write(self, effects: Effects, notices: Iterable[WarningNotice]) -> None:
        kept = [(state.key, state.part, state.data) for state in effects.states if state.data is not None]
        gone = [(state.key, state.part) for state in effects.states if state.data is None]
        self._db.executemany("INSERT OR REPLACE INTO state VALUES (?,?,?)", kept)
        self._db.executemany("DELETE FROM state WHERE key=? AND part=?", gone)
        self._projection.lines(effects.lines)
        self._projection.reports(effects.told)
        self._projection.refusals(self._with_bytes(refusal) for refusal in effects.refusals)
        self._projection.incomplete(effects.incomplete)
        self._projection.registered(registered_in(effects.states))
        self._projection.notices(notices)
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

    def _take_up(self) -> None:
        """Take up what the database holds, and nothing of what this memory held."""
        self._stale = True
        self._observer.restoring(0)
        try:
            self._db.execute("BEGIN")  # all of it of one instant, whoever else writes meanwhile
            self._waiting = self._count_waiting()
            lane = self._assembly.lane(0, 1, SqliteStore(self._db, self._observer))
            lane.expect((LOG,))
            self._lane, self._warner = lane, self._assembly.warner(lane.world)
            self._applied = self._position()
        finally:
            undo(self._db)
        self._stale = False
        self._observer.opened(0, self.time)

    def _show_calendars(self) -> None:
        """Project the calendars that the state holds and an older version did not project."""
        if missing := self._projection.missing_calendars(self._lane.world.reference.entries.values()):
            with self._database.writing(self._db):
                self._projection.registered(missing)

    def _position(self) -> int:
        return int(self._db.execute("SELECT position FROM applied").fetchone()[0])

    def _count_waiting(self) -> dict[str, int]:
        return dict(
            self._db.execute("SELECT provider, count(*) FROM refusals WHERE standing=? GROUP BY provider", (KEPT,))
        )


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
