"""台账, as asked: the lines of a book up to an instant in event order, its totals, and its running balance.

Law kept: a book at an instant is its lines up to then in event order, as known now. Integers only; a count
never moves the balance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from msgspec import Struct

from desk.asking import Projected, cited_at_homes
from desk.lines import COLUMNS, Line, agrees, line_of
from desk.periods import Period, periods
from desk.transit import Transit, transit
from events.quantity import Measure
from events.time import Instant
from routing.notice import FactRef

FOREVER: Final[Instant] = 2**62
_MOST_BOOKS: Final = 100_000


class Entry(Struct, frozen=True):
    """A line with the balance after it; for a count, ``difference`` is found − book."""

    line: Line
    balance: int
    difference: int | None

    @property
    def agrees(self) -> bool:
        """Whether a count agrees with the book at a glance."""
        return agrees(self.difference or 0, self.balance, self.line.measure)


class Totals(Struct, frozen=True, kw_only=True):
    """What moved the book, by kind; their signed sum is the balance."""

    opening: int = 0
    received: int = 0
    produced: int = 0
    returned: int = 0
    issued: int = 0
    consumed: int = 0
    destroyed: int = 0
    lost: int = 0
    adjusted: int = 0


_TOTAL_OF: Final = {
    "open": "opening",
    "receive": "received",
    "produce": "produced",
    "return": "returned",
    "issue": "issued",
    "consume": "consumed",
    "destroy": "destroyed",
    "declare_loss": "lost",
    "adjust": "adjusted",
}


class Book(Struct, frozen=True):
    """One book up to ``at``; entries and balance periods in event order."""

    site: str
    goods: str
    at: Instant | None
    unit: str
    area: str
    category: str
    measure: Measure
    balance: int
    totals: Totals
    entries: tuple[Entry, ...]
    periods: tuple[Period, ...] = ()
    transit: Transit = Transit()


class Kept(Struct, frozen=True):
    """One book of a list: what it holds now."""

    site: str
    goods: str
    unit: str
    area: str
    category: str
    measure: Measure
    balance: int
    lines: int
    last_at: Instant


class Books:
    """Every question about books."""

    def __init__(self, projected: Projected) -> None:
        self._projected = projected

    def book(self, site: str, goods: str, at: Instant | None = None) -> Book | None:
        """The book up to ``at`` (None: all that is known); None where nothing was ever booked."""
        with self._projected.at_once():
            rows = self._projected.rows(
                f"SELECT {COLUMNS} FROM book_lines WHERE site=? AND goods=? AND kind IS NOT NULL "
                "ORDER BY at, rank, fact",
                (site, goods),
            )
            if not rows:
                return None
            on_the_way = transit(self._projected, site, goods, FOREVER if at is None else at)
        lines = [line_of(row) for row in rows]
        known = [line for line in lines if at is None or line.at <= at]
        entries = tuple(_entries(known))
        told = known[-1] if known else lines[0]
        return Book(
            site, goods, at, told.unit, told.area, told.category, told.measure,
            entries[-1].balance if entries else 0, _totals(known), entries, periods(known), on_the_way,
        )  # fmt: skip

    def cited(self, refs: Sequence[FactRef]) -> dict[str, tuple[str, str, Line]]:
        """Fact id → (site, goods, line) of those cited facts that stand in a book."""
        found: dict[str, tuple[str, str, Line]] = {}
        for home, ids in cited_at_homes(refs).items():
            for (goods,) in self._projected.rows("SELECT DISTINCT goods FROM book_lines WHERE site=?", (home,)):
                marks = ",".join("?" * len(ids))
                rows = self._projected.rows(
                    f"SELECT {COLUMNS} FROM book_lines WHERE book=? AND fact IN ({marks}) AND kind IS NOT NULL",
                    (f"book:{home}/{goods}", *ids),
                )
                found.update({row[0]: (home, goods, line_of(row)) for row in rows})
        return found

    def page(
        self, fits: Callable[[str, str], bool] | None, *, after: tuple[str, str] = ("", ""), limit: int = 50
    ) -> tuple[tuple[Kept, ...], tuple[str, str] | None]:
        """Books whose (site, goods) ``fits`` (None: all), by site and goods, and where the next page starts."""
        pairs = self._pairs(after, limit=limit + 1 if fits is None else _MOST_BOOKS)
        chosen = [pair for pair in pairs if fits is None or fits(*pair)][: limit + 1]
        kept = tuple(self._kept(site, goods) for site, goods in chosen[:limit])
        return kept, chosen[limit - 1] if len(chosen) > limit else None

    def _pairs(self, after: tuple[str, str], limit: int) -> list[tuple[str, str]]:
        # One seek in the index a book, however many lines each has: a DISTINCT would read them all.
        rows = self._projected.rows(
            "WITH RECURSIVE pairs(site, goods) AS ("
            "SELECT * FROM (SELECT site, goods FROM book_lines WHERE (site, goods) > (?, ?) "
            "ORDER BY site, goods LIMIT 1) UNION ALL "
            "SELECT (SELECT site FROM book_lines b WHERE (b.site, b.goods) > (p.site, p.goods) "
            "ORDER BY b.site, b.goods LIMIT 1), "
            "(SELECT goods FROM book_lines b WHERE (b.site, b.goods) > (p.site, p.goods) "
            "ORDER BY b.site, b.goods LIMIT 1) FROM pairs p WHERE p.site IS NOT NULL) "
            "SELECT site, goods FROM pairs WHERE site IS NOT NULL LIMIT ?",
            (*after, limit),
        )
        return [(row[0], row[1]) for row in rows]

    def _kept(self, site: str, goods: str) -> Kept:
        ((balance, lines),) = self._projected.rows(
            "SELECT coalesce(sum(delta), 0), count(kind) FROM book_lines WHERE site=? AND goods=?", (site, goods)
        )
        ((unit, area, category, measure, at),) = self._projected.rows(
            "SELECT unit, area, category, measure, at FROM book_lines WHERE site=? AND goods=? "
            "ORDER BY kind IS NULL, at DESC, rank DESC, fact DESC LIMIT 1",
            (site, goods),
        )
        return Kept(
            site, goods, unit or "", area or "", category or "", Measure(measure or "mass"), balance, lines, at
        )


def _entries(lines: Iterable[Line]) -> Iterable[Entry]:
    balance = 0
    for line in lines:
        balance += line.delta
        yield Entry(line, balance, line.amount - balance if line.kind == "count" else None)


def _totals(lines: Iterable[Line]) -> Totals:
    sums: dict[str, int] = {}
    for line in lines:
        name = _TOTAL_OF.get(line.operation) if line.kind == "movement" else None
        if name is not None:
            sums[name] = sums.get(name, 0) + line.delta
    return Totals(**sums)
