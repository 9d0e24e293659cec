"""The live list of warnings, and one warning in full.

Law kept: a warning explains itself (law 10): which facts, which numbers, which law, why this authority, why then.
"""

from __future__ import annotations

from collections.abc import Container
from urllib.parse import urlencode

from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from desk.asking import Listing, Wanted
from desk.evidence import evidence
from desk.places import choices, codes_of
from desk.render import Pages
from desk.words import SEVERITY, STATUS
from events.registry import Category
from events.time import Instant
from routing.areas import Areas

FIELDS = ("area", "category", "severity", "status", "detector", "unit", "site", "goods")
PAGE = 50


class Chosen(Struct, frozen=True):
    """What the filter of a request asks, and its words as given."""

    wanted: Wanted
    given: dict[str, str]

    @property
    def query(self) -> str:
        """The filter as a query string."""
        return urlencode(self.given)

    def but(self, **changes: str) -> str:
        """The query string with some fields changed; an empty value drops the field."""
        fields = {**self.given, **changes}
        return urlencode({name: value for name, value in fields.items() if value})


def chosen(request: Request, areas: Areas, at: Instant, *, status: str = "standing") -> Chosen:
    """The filter of a request; 400 where a word of it is none. ``status`` is what no word for it means."""
    given = {name: value for name in FIELDS if (value := request.query_params.get(name, ""))}
    _check(given, "category", set(Category))
    _check(given, "severity", SEVERITY)
    _check(given, "status", {*STATUS, "standing", "any"})
    codes: tuple[str, ...] = ()
    if "area" in given:
        found = codes_of(areas, given["area"], at)
        if found is None:
            raise HTTPException(400, f"area: {given['area']} is not in the table of areas")
        codes = found
    asked = given.get("status", status)
    return Chosen(
        Wanted(
            areas=codes,
            category=given.get("category", ""),
            severity=given.get("severity", ""),
            status="" if asked == "any" else asked,
            detector=given.get("detector", ""),
            unit=given.get("unit", ""),
            site=given.get("site", ""),
            goods=given.get("goods", ""),
        ),
        given,
    )


class WarningPages:
    """``/`` and ``/warnings/{finding}``."""

    def __init__(self, pages: Pages) -> None:
        self._pages, self._desk = pages, pages.desk

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/", self.front),
            Route("/list", self.listing),
            Route("/warnings/{finding}", self.one),
        ]

    def front(self, request: Request) -> Response:
        """The list with its filter."""
        return self._list(request, "warnings.html")

    def listing(self, request: Request) -> Response:
        """The part of the front page that changes by itself; the page's script puts it in."""
        return self._list(request, "listing.html")

    def one(self, request: Request) -> Response:
        """One warning in full."""
        found = self._desk.asking.warning(request.path_params["finding"])
        if found is None:
            raise HTTPException(404)
        notice = found.notice
        book = f"/books/{notice.site}/{notice.goods}" if notice.site and notice.goods else None
        return self._pages.page(
            request,
            "warning.html",
            notice=notice,
            lead=found.lead,
            attached=found.attached,
            rows=evidence(notice.numbers, self._pages.tongue(request).lang),
            cited=self._desk.books.cited(notice.facts),
            revisions=self._desk.asking.revisions(notice.finding),
            book=book,
            now=self._desk.now(),
        )

    def _list(self, request: Request, template: str) -> HTMLResponse:
        asking, now = self._desk.asking, self._desk.now()
        filter = chosen(request, self._desk.names.areas, now)
        after = request.query_params.get("after", "")
        seq = asking.last_told()
        return self._pages.page(
            request,
            template,
            filter=filter,
            listing=_listing(self._pages, filter.wanted, after),
            counts=asking.counts(filter.wanted),
            by_severity=asking.counts(_without_severity(filter.wanted)).severity,
            areas=choices(self._desk.names.areas, now),
            detectors=asking.detectors(),
            categories=tuple(Category),
            after=after,
            seq=seq,
            now=now,
        )


def _listing(pages: Pages, wanted: Wanted, after: str) -> Listing:
    try:
        return pages.desk.asking.grouped(wanted, after=after, limit=PAGE)
    except ValueError:
        raise HTTPException(400, "after: no cursor of this list") from None


def _without_severity(wanted: Wanted) -> Wanted:
    return Wanted(
        areas=wanted.areas, category=wanted.category, status=wanted.status, detector=wanted.detector,
        unit=wanted.unit, site=wanted.site, goods=wanted.goods,
    )  # fmt: skip


def _check(given: dict[str, str], name: str, allowed: Container[str]) -> None:
    if name in given and given[name] not in allowed:
        raise HTTPException(400, f"{name}: no such {name}: {given[name]}")
