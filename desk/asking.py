"""Asking: read queries over the projection's file, each on a read-only connection of its own thread.

Law kept: pages and API never read a worker's memory and never write. The same question twice gives the same
answer, whichever engine wrote the file.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from msgspec import Struct, structs

from desk.attached import Attached
from events.time import Instant
from routing.leading import NOBODY_LEADS, Leading
from routing.notice import FactRef, WarningNotice, decode_notice

MOST: Final = 200
"""The largest page of any list."""
_WAIT_S: Final = 5.0


class Wanted(Struct, frozen=True, kw_only=True):
    """Which warnings: each field narrows; an empty one does not. ``areas`` are codes, any of which will do.

    ``status`` may also be ``standing``: what is open or closed, but not withdrawn.
    """

    areas: tuple[str, ...] = ()
    category: str = ""
    severity: str = ""
    status: str = ""
    detector: str = ""
    unit: str = ""
    site: str = ""
    goods: str = ""


class Listed(Struct, frozen=True):
    """One warning of a list: its latest notice, and its place in the stream of notices.

    ``attached`` are the warnings of the same event that it leads; ``lead`` is the one that leads it.
    """

    seq: int
    notice: WarningNotice
    attached: tuple[WarningNotice, ...] = ()
    lead: WarningNotice | None = None


class Listing(Struct, frozen=True):
    """A page of warnings, the latest raised first; ``next`` is the cursor of the page after it."""

    items: tuple[Listed, ...]
    next: str | None


class Counts(Struct, frozen=True):
    """How many warnings a question finds, by severity, status and detector."""

    total: int
    severity: dict[str, int]
    status: dict[str, int]
    detector: dict[str, int]


class Standing(Struct, frozen=True):
    """What became of one report."""

    event_id: str
    provider: str
    home: str
    standing: str
    reason: str | None
    field: str | None
    detail: str
    received_at: Instant


class Refusal(Struct, frozen=True):
    """One refused record, with its bytes where they were kept."""

    id: str
    reason: str
    field: str
    detail: str
    provider: str
    event_id: str | None
    home: str | None
    received_at: Instant
    topic: str
    partition: int
    offset: int
    raw: bytes | None
    standing: str


class Projected:
    """The projection's file, read-only: one connection a thread, opened when first asked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mine = threading.local()

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of one query."""
        return self._connection().execute(sql, values).fetchall()

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Several questions, one answer: what is committed meanwhile is seen by none of them."""
        connection = self._connection()
        connection.execute("BEGIN")
        try:
            yield
        finally:
            connection.execute("COMMIT")

    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._mine, "connection", None)
        if found is None:
            uri = f"file:{quote(str(self.path.absolute()))}?mode=ro"
            found = sqlite3.connect(uri, uri=True, timeout=_WAIT_S, isolation_level=None)
            self._mine.connection = found
        return found


class Asking:
    """Every question about warnings, notices, reports and refusals; ``leading`` says which warning leads which."""

    def __init__(self, path: Path, leading: Leading = NOBODY_LEADS) -> None:
        self.projected = Projected(path)
        self.attached = Attached(self.projected.rows, leading)

    def warnings(self, wanted: Wanted, *, after: str = "", limit: int = 50) -> Listing:
        """The warnings wanted, the latest raised first, from the cursor ``after`` on (empty: from the top).

        Raises ``ValueError`` for a cursor that was never given out.
        """
        where, values = _where(wanted)
        if after:
            raised_at, _, finding = after.partition("~")
            where.append("(raised_at < ? OR (raised_at = ? AND finding > ?))")
            values += [int(raised_at), int(raised_at), finding]
        limit = max(1, min(limit, MOST))
        found = self.projected.rows(
            f"SELECT seq, notice, raised_at, finding FROM warnings {_joined(where)} "
            "ORDER BY raised_at DESC, finding LIMIT ?",
            [*values, limit + 1],
        )
        last = found[limit - 1] if len(found) > limit else None
        items = tuple(Listed(seq, decode_notice(data)) for seq, data, _, _ in found[:limit])
        return Listing(items, None if last is None else f"{last[2]}~{last[3]}")

    def grouped(self, wanted: Wanted, *, after: str = "", limit: int = 50) -> Listing:
        """As ``warnings``, each with what is attached to it; that is left out where its lead is wanted too."""
        items: list[Listed] = []
        cursor: str | None = after
        while cursor is not None and len(items) < limit:
            page = self.warnings(wanted, after=cursor, limit=limit - len(items))
            leads = self.attached.leads(one.notice for one in page.items)
            for one in page.items:
                lead = leads.get(one.notice.finding)
                if lead is None or not _meets(lead, wanted):
                    items.append(Listed(one.seq, one.notice, lead=lead))
            cursor = page.next
        under = self.attached.under(one.notice for one in items)
        grouped = (structs.replace(one, attached=under.get(one.notice.finding, ())) for one in items)
        return Listing(tuple(grouped), cursor)

    def counts(self, wanted: Wanted) -> Counts:
        """How many warnings are wanted."""
        where, values = _where(wanted)
        grouped = self.projected.rows(
            f"SELECT severity, status, detector, count(*) FROM warnings {_joined(where)} GROUP BY 1, 2, 3", values
        )
        counts = Counts(sum(row[3] for row in grouped), {}, {}, {})
        for severity, status, detector, many in grouped:
            for names, name in (
                (counts.severity, severity),
                (counts.status, status),
                (counts.detector, detector),
            ):
                names[name] = names.get(name, 0) + many
        return counts

    def warning(self, finding: str) -> Listed | None:
        """The latest revision of one warning, with what it leads and what leads it."""
        found = self.projected.rows("SELECT seq, notice FROM warnings WHERE finding=?", (finding,))
        if not found:
            return None
        notice = decode_notice(found[0][1])
        under, lead = self.attached.under((notice,)), self.attached.leads((notice,))
        return Listed(found[0][0], notice, under.get(finding, ()), lead.get(finding))

    def revisions(self, finding: str) -> tuple[Listed, ...]:
        """Everything that was ever said of one finding, the latest first (at most 200)."""
        found = self.projected.rows(
            "SELECT seq, notice FROM notices WHERE finding=? ORDER BY revision DESC LIMIT ?", (finding, MOST)
        )
        return tuple(Listed(seq, decode_notice(data)) for seq, data in found)

    def told_after(self, seq: int, limit: int = MOST) -> tuple[Listed, ...]:
        """The notices told after ``seq``, in the order told."""
        found = self.projected.rows(
            "SELECT seq, notice FROM notices WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit)
        )
        return tuple(Listed(number, decode_notice(data)) for number, data in found)

    def last_told(self) -> int:
        """The number of the latest notice; 0 before the first."""
        return int(self.projected.rows("SELECT coalesce(max(seq), 0) FROM notices")[0][0])

    def mark(self) -> int:
        """A number that changes when anything is committed. Ask it from one thread only: each has its own count."""
        return int(self.projected.rows("PRAGMA data_version")[0][0])

    def detectors(self) -> tuple[tuple[str, str, str], ...]:
        """(id, title zh, title en) of every detector that has ever spoken, by id."""
        found = self.projected.rows(
            "SELECT detector, (SELECT notice FROM warnings b WHERE b.detector = a.detector LIMIT 1) "
            "FROM (SELECT DISTINCT detector FROM warnings) a"
        )
        said = [(name, decode_notice(data).title) for name, data in found]
        return tuple(sorted(((name, title.zh, title.en) for name, title in said), key=_family_and_number))

    def time(self) -> Instant | None:
        """How far time has come: the least of the clocks kept; None before the first tick."""
        found = self.projected.rows("SELECT min(at) FROM clock")[0][0]
        return None if found is None or found < 0 else int(found)

    def calendars(self) -> tuple[int, ...]:
        """The years whose days off are known."""
        return tuple(int(row[0]) for row in self.projected.rows("SELECT id FROM registered WHERE kind='calendar'"))

    def reports(self, provider: str, event_id: str) -> tuple[Standing, ...]:
        """What became of a provider's event, at each home that it was reported to; refusals on its bytes too."""
        refused = self.projected.rows(
            "SELECT event_id, provider, coalesce(home, ''), 'refused', reason, field, detail, received_at "
            "FROM refusals WHERE provider=? AND event_id=? ORDER BY received_at, id LIMIT ?",
            (provider, event_id, MOST),
        )
        told = self.projected.rows(
            "SELECT event_id, provider, home, standing, reason, NULL, detail, received_at FROM reports "
            "WHERE provider=? AND event_id=? ORDER BY received_at, identity LIMIT ?",
            (provider, event_id, MOST),
        )
        said = [Standing(*row) for row in refused]
        homes = {(one.home, one.reason) for one in said}
        return (*(one for one in (Standing(*row) for row in told) if (one.home, one.reason) not in homes), *said)

    def refusals(self, *, after: str = "", limit: int = 50, reason: str = "") -> tuple[tuple[Refusal, ...], str]:
        """Refused records, the latest first, and the cursor of the page after ("" at the end)."""
        where: list[str] = ["reason = ?"] if reason else []
        values: list[object] = [reason] if reason else []
        if after:
            received_at, _, id = after.partition("~")
            where.append("(received_at < ? OR (received_at = ? AND id > ?))")
            values += [int(received_at), int(received_at), id]
        limit = max(1, min(limit, MOST))
        rows = self.projected.rows(
            "SELECT id, reason, field, detail, provider, event_id, home, received_at, topic, partition, "
            f'"offset", raw, standing FROM refusals {_joined(where)} ORDER BY received_at DESC, id LIMIT ?',
            [*values, limit + 1],
        )
        found = tuple(Refusal(*row) for row in rows[:limit])
        more = len(rows) > limit
        return found, f"{found[-1].received_at}~{found[-1].id}" if more else ""

    def refusal_reasons(self) -> dict[str, int]:
        """Reason → how many records were refused for it."""
        return dict(self.projected.rows("SELECT reason, count(*) FROM refusals GROUP BY 1 ORDER BY 2 DESC, 1"))

    def incomplete(self) -> tuple[tuple[str, str, str, Instant], ...]:
        """(detector, key, reason, at) of the detectors that fell over, the latest first."""
        rows = self.projected.rows(
            "SELECT detector, key, reason, at FROM incomplete ORDER BY at DESC, detector, key LIMIT ?", (MOST,)
        )
        return tuple((row[0], row[1], row[2], row[3]) for row in rows)


def cited_at_homes(refs: Sequence[FactRef]) -> dict[str, list[str]]:
    """Home id → the cited facts reported there (a fact's id is provider|home|event id)."""
    homes: dict[str, list[str]] = {}
    for ref in refs:
        parts = ref.id.split("|", 2)
        if len(parts) == 3:
            homes.setdefault(parts[1], []).append(ref.id)
    return homes


def _where(wanted: Wanted) -> tuple[list[str], list[object]]:
    where: list[str] = []
    values: list[object] = []
    for name in ("category", "severity", "detector", "unit", "site", "goods"):
        value = getattr(wanted, name)
        if value:
            where.append(f"{name} = ?")
            values.append(value)
    if wanted.status == "standing":
        where.append("status <> 'withdrawn'")
    elif wanted.status:
        where.append("status = ?")
        values.append(wanted.status)
    if wanted.areas:
        where.append(f"area IN ({','.join('?' * len(wanted.areas))})")
        values += wanted.areas
    return where, values


def _meets(notice: WarningNotice, wanted: Wanted) -> bool:
    """Whether a warning is one of those wanted: what ``_where`` asks of the table."""
    names = ("category", "severity", "detector", "unit", "site", "goods")
    if any(getattr(wanted, name) not in ("", getattr(notice, name)) for name in names):
        return False
    if wanted.areas and notice.area not in wanted.areas:
        return False
    return notice.status != "withdrawn" if wanted.status == "standing" else wanted.status in ("", notice.status)


def _joined(where: Sequence[str]) -> str:
    return "WHERE " + " AND ".join(where) if where else ""


def _family_and_number(named: tuple[str, str, str]) -> tuple[str, int]:
    number = named[0][1:]
    return named[0][:1], int(number) if number.isdigit() else 0
