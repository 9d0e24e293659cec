"""The HTTP API, version 1: reports in, warnings and books out, time in the demo, the live stream.

Law kept: what is acknowledged is kept; who is told to come back is told when. Errors are ``{"error": …}``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from msgspec import DecodeError, json, structs
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from delivery.sse import Tide, follow
from desk.access import bearer, is_admitted
from desk.asking import Refusal
from desk.book_pages import asked_instant
from desk.door import TooLarge, body_of, records_of, status_of
from desk.pages import chosen
from desk.pending import pending
from desk.ports import TooMany, Unavailable
from desk.render import Desk, encode_state
from events.rejection import MEND, Reason
from events.structs import made_ready
from events.time import Instant, format_instant
from routing.notice import WarningNotice


class Api:
    """Everything under ``/v1``, and what operations ask."""

    def __init__(self, desk: Desk) -> None:
        made_ready()  # requests are answered in threads
        self._desk = desk
        self._tide = Tide(desk.asking.mark)

    def routes(self) -> list[Route]:
        """Where it is."""
        return [
            *(Route(path, self.operated) for path in ("/healthz", "/readyz", "/metrics")),
            Route("/v1/events", self.post, methods=["POST"]),
            Route("/v1/events/{id}", self.event),
            Route("/v1/time", self.time, methods=["GET", "POST"]),
            Route("/v1/warnings", self.warnings),
            Route("/v1/warnings/{finding}", self.warning),
            Route("/v1/books/{site}/{goods}", self.book),
            Route("/v1/rejected", self.rejected),
            Route("/v1/stream", self.stream),
        ]

    def operated(self, request: Request) -> Response:
        """Whether the process lives, whether it is ready, its metrics; in a thread, for the disk is looked at."""
        operated = self._desk.ports.operated
        if operated is None:
            if request.url.path != "/healthz":
                raise HTTPException(404, "nobody watches this desk")
            self._desk.asking.last_told()
            return answer({"status": "ok"})
        status, content_type, body = operated.answer(request.url.path)
        return Response(body, status, media_type=content_type)

    async def post(self, request: Request) -> Response:
        """One report, a JSON array of them, or NDJSON; one answer an item."""
        intake = self._desk.ports.intake
        if intake is None:
            raise HTTPException(404, "this desk takes no reports")
        provider = self._provider(request)
        if provider is None:
            raise HTTPException(
                401, "send Authorization: Bearer and your provider's token", {"www-authenticate": "Bearer"}
            )
        try:
            records, batch = records_of(await body_of(request), request.headers.get("content-type", ""))
            items = await intake.post(provider, records) if records else []
        except TooLarge as error:
            raise HTTPException(413, str(error)) from None
        except TooMany as error:
            raise HTTPException(
                429, "too many refused records of this provider", {"retry-after": str(error.retry_after_s)}
            ) from None
        except Unavailable as error:
            raise HTTPException(
                503, "reports cannot be taken now: send this again", {"retry-after": str(error.retry_after_s)}
            ) from None
        return answer({"items": items} if batch else items[0], status_of(items, batch))

    def event(self, request: Request) -> Response:
        """What became of a report: the provider's own; the desk names the provider by ``?provider=``."""
        provider = self._provider(request)
        if provider is None:
            if not is_admitted(request, self._desk.sessions):
                raise HTTPException(401, "send your provider's token", {"www-authenticate": "Bearer"})
            provider = request.query_params.get("provider", "")
            if not provider:
                raise HTTPException(400, "provider: say whose event this is, ?provider=…")
        asking, id = self._desk.asking, request.path_params["id"]
        waiting = pending(asking.projected, provider, id)  # first: what is applied meanwhile is then decided
        decided = asking.reports(provider, id)
        homes = {one.home for one in decided}
        found = [*decided, *(one for one in waiting if one.home not in homes)]
        if not found:
            raise HTTPException(404, "no event of that id was decided or accepted yet")
        return answer({"items": [_mendable(structs.asdict(one), one.reason, one.received_at) for one in found]})

    async def time(self, request: Request) -> Response:
        """Where time stands; in the demo, POST ``{"forward": "1h"}`` or ``"day_end"`` moves it."""
        demo = self._desk.ports.demo
        if request.method == "POST":
            if demo is None:
                raise HTTPException(409, "time moves by itself here: only the demo's is moved by hand")
            try:
                wanted = json.decode(await body_of(request), type=dict[str, str]).get("forward")
            except (DecodeError, TooLarge):
                raise HTTPException(400, 'send {"forward": "1h"} or {"forward": "day_end"}') from None
            if not await forward(self._desk, wanted or ""):
                raise HTTPException(400, 'forward: "1h" (or 2h to 24h), or "day_end"')
        return Response(encode_state(await asyncio.to_thread(self._desk.state)), media_type="application/json")

    def warnings(self, request: Request) -> Response:
        """Warnings, the latest raised first; ``after`` is the ``next`` of the page before.

        ``attached_to``: finding → the one that leads it, where the same event made several true.
        """
        filter = chosen(request, self._desk.names.areas, self._desk.now(), status="any")
        try:
            limit = int(request.query_params.get("limit", "50"))
            listing = self._desk.asking.warnings(
                filter.wanted, after=request.query_params.get("after", ""), limit=limit
            )
        except ValueError:
            raise HTTPException(400, "after, limit: a cursor that a page gave, a number") from None
        notices = [item.notice for item in listing.items]
        leads = {name: lead.finding for name, lead in self._desk.asking.attached.leads(notices).items()}
        return answer({"items": notices, "next": listing.next, "attached_to": leads})

    def warning(self, request: Request) -> Response:
        """One warning, with every revision that was told."""
        found = self._desk.asking.warning(request.path_params["finding"])
        if found is None:
            raise HTTPException(404, "no such warning")
        revisions = self._desk.asking.revisions(found.notice.finding)
        return answer(
            {
                "warning": found.notice,
                "revisions": [one.notice for one in revisions],
                "attached_to": None if found.lead is None else found.lead.finding,
                "attached": [one.finding for one in found.attached],
            }
        )

    def book(self, request: Request) -> Response:
        """One book as of ``?at=`` (all that is known without): balance, totals, lines in event order."""
        at, wrong = asked_instant(request.query_params.get("at", ""))
        if wrong:
            raise HTTPException(400, "at: a time such as 2026-05-01T08:00:00+08:00")
        found = self._desk.books.book(request.path_params["site"], request.path_params["goods"], at)
        if found is None:
            raise HTTPException(404, "nothing was ever booked there")
        return answer(found)

    def rejected(self, request: Request) -> Response:
        """Refused records, the latest first, each with its reason and how to mend it."""
        query = request.query_params
        try:
            found, more = self._desk.asking.refusals(after=query.get("after", ""), reason=query.get("reason", ""))
        except ValueError:
            raise HTTPException(400, "after: a cursor that a page gave") from None
        return answer({"items": [_refusal(one) for one in found], "next": more or None})

    async def stream(self, request: Request) -> Response:
        """Server-sent events: each revision told after Last-Event-ID (or ``?after=``), then live."""
        if self._tide.full:
            raise HTTPException(503, "too many listeners", {"retry-after": "10"})
        last = request.headers.get("last-event-id") or request.query_params.get("after") or ""
        if last and not last.isdecimal():
            raise HTTPException(400, "Last-Event-ID: a number that this stream gave")
        asking = self._desk.asking
        seq = int(last) if last else await asyncio.to_thread(asking.last_told)

        async def told_after(number: int, limit: int) -> Sequence[tuple[int, WarningNotice]]:
            found = await asyncio.to_thread(asking.told_after, number, limit)
            return [(one.seq, one.notice) for one in found]

        async def state() -> bytes:
            return encode_state(await asyncio.to_thread(self._desk.state))

        return StreamingResponse(
            follow(self._tide, seq, told_after, state),
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )

    def _provider(self, request: Request) -> str | None:
        credential, providers = bearer(request.headers), self._desk.ports.providers
        return None if credential is None or providers is None else providers.of(credential)


async def forward(desk: Desk, wanted: str) -> bool:
    """Move the demo's time by "1h" … "24h" or to "day_end"; whether the word was one of these."""
    demo = desk.ports.demo
    if demo is None:
        return False
    if wanted == "day_end":
        await demo.to_day_end()
        return True
    hours = wanted.removesuffix("h")
    if not wanted.endswith("h") or not hours.isdecimal() or not 1 <= int(hours) <= 24:
        return False
    await demo.forward(int(hours))
    return True


def answer(content: object, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(json.encode(content), status_code=status, media_type="application/json")


def mend(reason: str | None) -> tuple[str, str] | None:
    """How to mend what was refused for a reason, in both languages."""
    return MEND.get(Reason(reason)) if reason in set(Reason) else None


def _mendable(told: dict[str, Any], reason: str | None, received_at: Instant) -> dict[str, Any]:
    how = mend(reason)
    if how is not None:
        told |= {"mend_zh": how[0], "mend_en": how[1]}
    return told | {"received_at": format_instant(received_at)}


def _refusal(one: Refusal) -> dict[str, Any]:
    told = structs.asdict(one)
    told["raw"] = None if one.raw is None else one.raw.decode("utf-8", "backslashreplace")
    return _mendable(told, one.reason, one.received_at)
