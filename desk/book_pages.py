"""The list of books, and one book: its balance as a picture, its lines, its totals, at any instant.

Law kept: what a page shows of a book is its lines up to the instant asked for, in event order.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from msgspec import structs
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from desk import chart
from desk.asking import Wanted
from desk.lines import agrees
from desk.render import Pages
from events.time import SHANGHAI, Instant, instant

LINES: Final = 100
MOST: Final = 31
"""Consignments and balance periods shown at first: a month of daily counts."""
BOOKS: Final = 50


class BookPages:
    """``/books`` and ``/books/{site}/{goods}``."""

    def __init__(self, pages: Pages) -> None:
        self._pages, self._desk = pages, pages.desk

    def routes(self) -> list[Route]:
        """Where they are."""
        return [Route("/books", self.index), Route("/books/{site}/{goods}", self.one)]

    def index(self, request: Request) -> Response:
        """Books found by name or id, with what they hold now."""
        wanted = request.query_params.get("q", "").strip()
        words = wanted.casefold().split()
        after = request.query_params.get("after", "").partition("~")
        kept, more = self._desk.books.page(
            (lambda site, goods: self._fits(words, site, goods)) if words else None,
            after=(after[0], after[2]),
            limit=BOOKS,
        )
        return self._pages.page(
            request, "books.html", q=wanted, kept=kept, next=None if more is None else "~".join(more),
            now=self._desk.now(),
        )  # fmt: skip

    def one(self, request: Request) -> Response:
        """One book, now or as of ``?at=``."""
        site, goods = request.path_params["site"], request.path_params["goods"]
        at, wrong = asked_instant(request.query_params.get("at", ""))
        book = self._desk.books.book(site, goods, at)
        if book is None:
            raise HTTPException(404)
        page = _page_number(request.query_params.get("page", "1"))
        entries = tuple(reversed(book.entries))
        most = None if "all" in request.query_params else MOST
        seen = at if at is not None else self._desk.now()
        about = self._desk.asking.warnings(Wanted(site=site, goods=goods, status="standing"), limit=10)
        return self._pages.page(
            request,
            "book.html",
            book=book,
            picture=chart.chart(
                book,
                at if at is not None else self._desk.asking.time(),
                self._desk.names.capacity(site, goods, seen),
            ),
            size=chart,
            totals=structs.asdict(book.totals),
            passages={name: structs.asdict(getattr(book.transit, name)) for name in ("out", "into")},
            under_way=book.transit.open[:most],
            periods=tuple(reversed(book.periods))[:most],
            agrees=agrees,
            entries=entries[(page - 1) * LINES : page * LINES],
            page_number=page,
            pages=-(-len(entries) // LINES),
            at=at,
            wrong=wrong,
            about=about.items,
            now=seen,
        )

    def _fits(self, words: Sequence[str], site: str, goods: str) -> bool:
        names = self._desk.names
        texts = [site, goods]
        for known in (names.known("site", site), names.known("goods", goods)):
            if known is not None:
                texts += (known.zh, known.en)
        told = " ".join(texts).casefold()
        return all(word in told for word in words)


def asked_instant(text: str) -> tuple[Instant | None, bool]:
    """The instant of ``?at=`` (a time without zone is Shanghai's), and whether it could not be read.

    >>> from events.time import format_instant
    >>> format_instant(asked_instant("2026-05-01T08:00")[0] or 0), asked_instant("soon"), asked_instant("")
    ('2026-05-01T08:00:00+08:00', (None, True), (None, False))
    """
    if not text:
        return None, False
    try:
        told = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    except ValueError:
        return None, True
    return instant(told if told.tzinfo is not None else told.replace(tzinfo=SHANGHAI)), False


def _page_number(text: str) -> int:
    return max(1, int(text)) if text.isdecimal() and len(text) < 7 else 1
