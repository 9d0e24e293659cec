"""The desk as one ASGI application: pages, API, live stream, behind one gate.

Law kept: it reads the projection and nothing else; whatever runs is reached through the ports.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from msgspec import json
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from desk.access import Gate, Sessions
from desk.api import Api
from desk.asking import Asking
from desk.book_pages import BookPages
from desk.books import Books
from desk.pages import WarningPages
from desk.ports import Names, Ports
from desk.render import STATIC, Desk, Pages
from desk.report_pages import ReportPages


def make_app(
    asking: Asking,
    ports: Ports,
    *,
    names: Names,
    token: str | None = None,
    wall: Callable[[], float] = time.time,
) -> Starlette:
    """The application over one projection. Without ``token`` it serves this machine's own browser alone."""
    sessions = None if token is None else Sessions(token, wall)
    desk = Desk(asking, Books(asking.projected), names, ports, sessions, wall)
    pages = Pages(desk)

    def failed(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return _failed(pages, request, error)

    return Starlette(
        routes=[
            *Api(desk).routes(),
            *WarningPages(pages).routes(),
            *BookPages(pages).routes(),
            *ReportPages(pages).routes(),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[Middleware(Gate, sessions=sessions)],
        exception_handlers={HTTPException: failed},
    )


def _failed(pages: Pages, request: Request, error: HTTPException) -> Response:
    """What cannot be served: JSON to programs, a page in their language to people."""
    if request.url.path.startswith(("/v1/", "/healthz", "/readyz", "/metrics")):
        body = json.encode({"error": error.detail})
        return Response(body, error.status_code, error.headers, media_type="application/json")
    detail = error.detail if error.status_code != 404 else ""
    return pages.page(request, "failed.html", error.status_code, missing=error.status_code == 404, detail=detail)
