"""What engines answer, as values that can be compared, and the plainest engine there is: lanes in memory.

Law kept: two engines, one answer. *Equal* are the same books and the same latest state of each finding that
stands; revision numbers, times of telling and input positions are no part of it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from desk.asking import Projected
from desk.books import Books
from events.identity import home_of
from events.log import Received, Tick
from routing.notice import WarningNotice, decode_notice
from streams.effects import BookLine
from streams.projection import SCHEMA, Projection
from tests.laws.lanes import Lanes


class Held(Projected):
    """A projection that whoever asks holds open already."""

    def __init__(self, db: sqlite3.Connection) -> None:
        super().__init__(Path(":memory:"))
        self._db = db

    def _connection(self) -> sqlite3.Connection:
        return self._db


class Answers(Struct, frozen=True):
    """What an installation says: books, their lines, what pages make of them, warnings that stand, refusals."""

    books: dict[str, int]
    lines: frozenset[tuple[object, ...]]
    asked: dict[str, tuple[object, ...]]
    warnings: dict[str, tuple[object, ...]]
    refusals: frozenset[tuple[object, ...]]


def answers(db: sqlite3.Connection) -> Answers:
    """The answers of a projection."""
    lines = db.execute(
        "SELECT book, fact, at, rank, received_at, revision, kind, operation, amount, delta, area, unit "
        "FROM book_lines WHERE kind IS NOT NULL"
    ).fetchall()
    books: dict[str, int] = {}
    for line in lines:
        books[line[0]] = books.get(line[0], 0) + line[9]
    told = (decode_notice(row[0]) for row in db.execute("SELECT notice FROM warnings WHERE status<>'withdrawn'"))
    refusals = db.execute("SELECT reason, event_id, home, provider FROM refusals").fetchall()
    return Answers(
        {book: balance for book, balance in books.items() if balance},
        frozenset(lines),
        asked(Books(Held(db)), books),
        {notice.finding: content(notice) for notice in told},
        frozenset(refusals),
    )


def asked(books: Books, keys: Iterable[str]) -> dict[str, tuple[object, ...]]:
    """Totals, balance periods and what is in transit of each book, as pages show them."""
    found = {key: books.book(home_of(key), key.partition("/")[2]) for key in keys}
    return {key: (book.totals, book.periods, book.transit) for key, book in found.items() if book is not None}


def content(notice: WarningNotice) -> tuple[object, ...]:
    """A warning without what depends on when its facts arrived and where they stood."""
    return (
        notice.detector, notice.status, notice.severity, notice.category, notice.subject, notice.area, notice.unit,
        notice.site, notice.goods, notice.since, notice.until, tuple(sorted(notice.numbers.items())),
        tuple(fact.id for fact in notice.facts), notice.fact_count, notice.rule_version, notice.explanation,
        tuple((to.role, to.authority.id) for to in notice.recipients),
    )  # fmt: skip


class Answering(Lanes):
    """Lanes in memory that tell what they did to a projection in memory."""

    def __init__(self, count: int = 1) -> None:
        super().__init__(count)
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        self.db.executescript(SCHEMA)
        self._projection = Projection(self.db)
        self._warners = [self.assembly.warner(lane.world) for lane in self.lanes]

    def _commit(self, number: int) -> None:
        found, told = len(self.findings), len(self.told)
        lines = len(self.lines)
        super()._commit(number)
        lane = self.lanes[number]
        self._projection.notices(
            self._warners[number].notice(finding, lane.reference(finding.subject))
            for finding in self.findings[found:]
        )
        self._projection.lines(self.lines[lines:])
        self._projection.reports(self.told[told:])

    def tell(self, lines: Iterable[BookLine]) -> None:
        """Book lines as if a lane had made them."""
        self._projection.lines(lines)

    def answers(self) -> Answers:
        """What they say now."""
        self._projection.refusals(self.refusals)
        return answers(self.db)


def in_memory(log: Sequence[Received | Tick], lanes: int = 1, batch: int = 500) -> Answers:
    """The answers to a log of lanes in memory. Policies are part of the log."""
    house = Answering(lanes)
    house.run(log, batch)
    return house.answers()


def difference(ours: Answers, theirs: Answers, most: int = 12) -> list[str]:
    """Where two answers part ways, in words, a few of each."""
    told: list[str] = []
    for name in ("books", "asked", "warnings"):
        a, b = getattr(ours, name), getattr(theirs, name)
        wrong = [key for key in sorted(a.keys() | b.keys()) if a.get(key) != b.get(key)]
        told += [f"{name} {key}: {a.get(key)} != {b.get(key)}" for key in wrong[:most]]
    for name in ("lines", "refusals"):
        a, b = getattr(ours, name), getattr(theirs, name)
        told += [f"{name} only ours: {one}" for one in sorted(a - b, key=str)[:most]]
        told += [f"{name} only theirs: {one}" for one in sorted(b - a, key=str)[:most]]
    return told
