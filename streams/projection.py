"""The projection: book lines, warnings, reports' standing and refusals, kept without end for asking.

Law kept: idempotent by (key, fact, version) and (finding, revision), so that following the committed topics
again changes nothing. Pages, API and ``hazflow book`` read here, never a worker's memory.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from msgspec import json, to_builtins

from events.identity import home_of
from events.quantity import Amount, parse_quantity
from events.registry import CalendarEntry, CapacityEntry, GoodsEntry, SiteEntry, UnitEntry
from events.rejection import Rejection
from ledger.fact import Count, Movement
from ledger.home import Told
from ledger.posting import book_delta
from ledger.reference import Registered
from routing.leading import opened_by
from routing.notice import WarningNotice, encode_notice
from streams.effects import BookLine, Incomplete

SCHEMA = """
CREATE TABLE IF NOT EXISTS book_lines (  -- one fact of one book, as it now stands
    book TEXT NOT NULL, site TEXT NOT NULL, goods TEXT NOT NULL, fact TEXT NOT NULL, version INTEGER NOT NULL,
    at INTEGER NOT NULL, rank INTEGER NOT NULL, received_at INTEGER NOT NULL, revision INTEGER NOT NULL,
    kind TEXT,             -- movement | count | NULL: gone from this book
    operation TEXT, amount INTEGER, delta INTEGER, measure TEXT, category TEXT, unit TEXT, area TEXT,
    counterparty TEXT, consignment TEXT, permit TEXT,
    topic TEXT NOT NULL, partition INTEGER NOT NULL, "offset" INTEGER NOT NULL, body TEXT,
    PRIMARY KEY (book, fact)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS book_lines_by_order ON book_lines (site, goods, at, rank, fact);
CREATE INDEX IF NOT EXISTS book_lines_by_consignment ON book_lines (consignment, goods)
    WHERE consignment IS NOT NULL;
CREATE INDEX IF NOT EXISTS book_lines_by_destination  -- $[10] is the site that a movement names as the other side
    ON book_lines (json_extract(body, '$[10]'), goods) WHERE consignment IS NOT NULL AND operation = 'issue';
CREATE TABLE IF NOT EXISTS warnings (  -- the latest revision of each finding
    finding TEXT PRIMARY KEY, revision INTEGER NOT NULL, detector TEXT NOT NULL, severity TEXT NOT NULL,
    category TEXT NOT NULL, area TEXT NOT NULL, status TEXT NOT NULL, subject TEXT NOT NULL, unit TEXT NOT NULL,
    site TEXT, goods TEXT, since INTEGER NOT NULL, until INTEGER, raised_at INTEGER NOT NULL,
    told_at INTEGER NOT NULL, due_at INTEGER, handler TEXT NOT NULL, seq INTEGER NOT NULL,
    notice BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS warnings_by_raised ON warnings (raised_at DESC);
CREATE INDEX IF NOT EXISTS warnings_by_subject ON warnings (subject);
CREATE TABLE IF NOT EXISTS notices (  -- every revision, in the order told; seq is the stream's event id
    seq INTEGER PRIMARY KEY AUTOINCREMENT, finding TEXT NOT NULL, revision INTEGER NOT NULL,
    notice BLOB NOT NULL, UNIQUE (finding, revision));
CREATE TABLE IF NOT EXISTS recipients (
    finding TEXT NOT NULL, role TEXT NOT NULL, recipient TEXT NOT NULL, due_at INTEGER,
    PRIMARY KEY (finding, role, recipient)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS recipients_by_name ON recipients (recipient, finding);
CREATE TABLE IF NOT EXISTS cited (  -- the facts that the latest revision cites; opens: that opened its episode
    finding TEXT NOT NULL, fact TEXT NOT NULL, opens INTEGER NOT NULL, PRIMARY KEY (finding, fact)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS cited_by_fact ON cited (fact, opens);
INSERT OR IGNORE INTO cited  -- what an older version wrote
    SELECT w.finding, json_extract(f.value, '$.id'), f.key = 0
    FROM warnings w, json_each(CAST(w.notice AS TEXT), '$.facts') f WHERE NOT EXISTS (SELECT 1 FROM cited);
CREATE TABLE IF NOT EXISTS reports (  -- what became of each report
    identity TEXT PRIMARY KEY, event_id TEXT NOT NULL, provider TEXT NOT NULL, home TEXT NOT NULL,
    standing TEXT NOT NULL, reason TEXT, detail TEXT NOT NULL, received_at INTEGER NOT NULL,
    topic TEXT NOT NULL, partition INTEGER NOT NULL, "offset" INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reports_by_id ON reports (provider, event_id);
CREATE TABLE IF NOT EXISTS refusals (
    id TEXT PRIMARY KEY, reason TEXT NOT NULL, field TEXT NOT NULL, detail TEXT NOT NULL, provider TEXT NOT NULL,
    event_id TEXT, home TEXT, received_at INTEGER NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL,
    "offset" INTEGER NOT NULL, raw BLOB, standing TEXT NOT NULL DEFAULT 'kept', mended BLOB) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS refusals_by_provider ON refusals (provider, standing);
CREATE TABLE IF NOT EXISTS incomplete (
    detector TEXT NOT NULL, key TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (detector, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS registered (  -- what things are called and how much may be held, for pages
    entry TEXT PRIMARY KEY, version INTEGER NOT NULL,
    kind TEXT,             -- unit | site | goods | capacity | calendar | NULL: gone
    id TEXT, goods TEXT, zh TEXT, en TEXT, base INTEGER,
    valid_from INTEGER NOT NULL, valid_to INTEGER) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS registered_by_id ON registered (kind, id, goods, valid_from);
CREATE TABLE IF NOT EXISTS clock (name TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
"""


class Projection:
    """The writing side, inside the caller's transaction. Reading is done by whoever asks, from the same tables."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def lines(self, lines: Iterable[BookLine]) -> None:
        """Take book lines; an older version of a fact never replaces a newer."""
        self._db.executemany(
            "INSERT INTO book_lines VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) "
            "ON CONFLICT (book, fact) DO UPDATE SET version=excluded.version, at=excluded.at, "
            "rank=excluded.rank, received_at=excluded.received_at, revision=excluded.revision, "
            "kind=excluded.kind, operation=excluded.operation, amount=excluded.amount, delta=excluded.delta, "
            "measure=excluded.measure, category=excluded.category, unit=excluded.unit, area=excluded.area, "
            "counterparty=excluded.counterparty, consignment=excluded.consignment, permit=excluded.permit, "
            'topic=excluded.topic, partition=excluded.partition, "offset"=excluded."offset", body=excluded.body '
            "WHERE excluded.version > book_lines.version",
            [_line(line) for line in lines],
        )

    def notices(self, notices: Iterable[WarningNotice]) -> None:
        """Take warnings; a known (finding, revision) changes nothing."""
        for notice in notices:
            data = encode_notice(notice)
            told = self._db.execute(
                "INSERT INTO notices (finding, revision, notice) VALUES (?,?,?) ON CONFLICT DO NOTHING",
                (notice.finding, notice.revision, data),
            )
            if told.rowcount == 1:
                self._latest(notice, data, int(told.lastrowid or 0))

    def _latest(self, notice: WarningNotice, data: bytes, seq: int) -> None:
        handler = notice.recipients[0]
        taken = self._db.execute(
            "INSERT INTO warnings VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) "
            "ON CONFLICT (finding) DO UPDATE SET revision=excluded.revision, severity=excluded.severity, "
            "category=excluded.category, area=excluded.area, status=excluded.status, unit=excluded.unit, "
            "since=excluded.since, until=excluded.until, told_at=excluded.told_at, due_at=excluded.due_at, "
            "handler=excluded.handler, seq=excluded.seq, notice=excluded.notice "
            "WHERE excluded.revision > warnings.revision",
            (
                notice.finding, notice.revision, notice.detector, notice.severity, notice.category, notice.area,
                notice.status, notice.subject, notice.unit, notice.site, notice.goods, notice.since, notice.until,
                notice.raised_at, notice.told_at, handler.due_at, handler.authority.id, seq, data,
            ),
        )  # fmt: skip
        if taken.rowcount == 1:
            self._db.execute("DELETE FROM recipients WHERE finding=?", (notice.finding,))
            self._db.executemany(
                "INSERT OR IGNORE INTO recipients VALUES (?,?,?,?)",
                [(notice.finding, to.role.value, to.authority.id, to.due_at) for to in notice.recipients],
            )
            self._db.execute("DELETE FROM cited WHERE finding=?", (notice.finding,))
            opened = opened_by(notice)
            self._db.executemany(
                "INSERT OR IGNORE INTO cited VALUES (?,?,?)",
                [(notice.finding, fact.id, fact.id == opened) for fact in notice.facts],
            )

    def reports(self, told: Iterable[Told]) -> None:
        """Take what became of reports. A report known again keeps the standing it has."""
        self._db.executemany(
            "INSERT INTO reports VALUES (?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (identity) DO UPDATE SET "
            "standing=excluded.standing, reason=excluded.reason, detail=excluded.detail "
            "WHERE excluded.standing <> 'known'",
            [
                (
                    one.identity, one.event_id, one.provider, one.home, one.standing.value,
                    one.reason.value if one.reason else None, one.detail, one.received_at,
                    one.source.topic, one.source.partition, one.source.offset,
                )
                for one in told
            ],
        )  # fmt: skip

    def refusals(self, refusals: Iterable[Rejection]) -> None:
        """Take refusals, once each."""
        self._db.executemany(
            "INSERT OR IGNORE INTO refusals (id, reason, field, detail, provider, event_id, home, received_at, "
            'topic, partition, "offset", raw) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)',
            [
                (
                    one.id, one.reason.value, one.field, one.detail, one.provider, one.event_id, one.home,
                    one.received_at, one.source.topic, one.source.partition, one.source.offset, one.raw,
                )
                for one in refusals
            ],
        )  # fmt: skip

    def incomplete(self, failures: Iterable[Incomplete]) -> None:
        """Take detectors that fell over, or no longer do."""
        for one in failures:
            self._db.execute("DELETE FROM incomplete WHERE detector=? AND key=?", (one.detector, one.key))
            if one.reason:
                row = (one.detector, one.key, one.reason, one.at)
                self._db.execute("INSERT INTO incomplete VALUES (?,?,?,?)", row)

    def missing_calendars(self, entries: Iterable[Registered]) -> list[Registered]:
        """The calendars among some entries, where none is shown."""
        held = [one for one in entries if isinstance(one.entry, CalendarEntry)]
        shown = self._db.execute("SELECT 1 FROM registered WHERE kind='calendar' LIMIT 1").fetchone()
        return held if shown is None else []

    def registered(self, entries: Iterable[Registered]) -> None:
        """Take registry entries that name things, bound what may be held or say which days are off.

        An entry that is gone from one key may stand at another: of equal versions the one that says more counts.
        """
        rows = [(one.id, one.version, *_called(one), one.valid_from, one.valid_to) for one in entries]
        self._db.executemany(
            "INSERT INTO registered VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT (entry) DO UPDATE SET "
            "version=excluded.version, kind=excluded.kind, id=excluded.id, goods=excluded.goods, zh=excluded.zh, "
            "en=excluded.en, base=excluded.base, valid_from=excluded.valid_from, valid_to=excluded.valid_to "
            "WHERE excluded.version > registered.version "
            "OR (excluded.version = registered.version AND registered.kind IS NULL)",
            rows,
        )

    def clock(self, name: str, at: int) -> None:
        """Note how far time has come."""
        self._db.execute("INSERT OR REPLACE INTO clock VALUES (?,?)", (name, at))


def _called(registered: Registered) -> tuple[object, ...]:
    """Kind, id, goods, Chinese name, English name, amount in base units."""
    match registered.entry:
        case UnitEntry(name=name):
            return ("unit", registered.unit, None, name, name, None)
        case SiteEntry(site=site, name=name):
            return ("site", site, None, name, name, None)
        case GoodsEntry(goods=goods, name=name, name_en=name_en):
            return ("goods", goods, None, name, name_en, None)
        case CapacityEntry(site=site, goods=goods, quantity=quantity):
            amount = parse_quantity(quantity.value, quantity.unit)
            return ("capacity", site, goods, None, None, amount.base if isinstance(amount, Amount) else None)
        case CalendarEntry(year=year):
            return ("calendar", str(year), None, None, None, None)
        case _:
            return (None,) * 6


def _line(line: BookLine) -> tuple[object, ...]:
    fact, body = line.fact, line.fact.body
    head = (
        line.key, home_of(line.key), line.key.partition("/")[2], fact.id, fact.version, fact.at, fact.rank,
        fact.received_at, fact.revision,
    )  # fmt: skip
    source = (fact.source.topic, fact.source.partition, fact.source.offset)
    if isinstance(body, Movement):
        other = body.counterparty_unit or body.outside
        told: tuple[object, ...] = (
            "movement", body.operation, body.amount, book_delta(body), body.measure.value, body.category.value,
            body.unit, body.area, other, body.consignment, body.permit,
        )  # fmt: skip
    elif isinstance(body, Count):
        told = (
            "count", body.method, body.amount, 0, body.measure.value, body.category.value, body.unit, body.area,
            None, None, None,
        )  # fmt: skip
    else:
        told = (None,) * 11
    text = None if body is None else json.encode(to_builtins(body)).decode()
    return (*head, *told, *source, text)
