"""The demo's report form, the refused records, the buttons that move time, and the login.

Law kept: a refusal has a reason and a way back, on the page as in the API. No token ever stands in an address.
"""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from desk.access import COOKIE, SESSION_S, local_path
from desk.api import forward, mend
from desk.door import TooLarge, body_of
from desk.ports import Disposition, TooMany, Unavailable
from desk.render import Pages


class ReportPages:
    """``/report``, ``/rejected``, ``/time``, ``/login`` and ``/logout``."""

    def __init__(self, pages: Pages) -> None:
        self._pages, self._desk = pages, pages.desk

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/report", self.report, methods=["GET", "POST"]),
            Route("/rejected", self.rejected),
            Route("/time", self.time, methods=["POST"]),
            Route("/login", self.login, methods=["GET", "POST"]),
            Route("/logout", self.logout, methods=["POST"]),
        ]

    async def report(self, request: Request) -> Response:
        """Ready-made reports, one of them to edit and post, and what was answered."""
        demo, intake = self._desk.ports.demo, self._desk.ports.intake
        if demo is None or intake is None:
            raise HTTPException(404)
        ready = demo.ready_made()
        choice = request.query_params.get("use", "0")
        number = int(choice) if choice.isdecimal() and int(choice) < len(ready) else 0
        text = ready[number].text if ready else ""
        answered: Disposition | None = None
        trouble: tuple[str, int] | None = None
        if request.method == "POST":
            text = (await _form(request)).get("text", "")
            try:
                (answered,) = await intake.post(demo.provider, [text.encode()])
            except TooMany as error:
                trouble = ("too_many", error.retry_after_s)
            except Unavailable as error:
                trouble = ("door_closed", error.retry_after_s)
        return await asyncio.to_thread(
            self._pages.page, request, "report.html",
            ready=ready, number=number, text=text, answered=answered, trouble=trouble,
        )  # fmt: skip

    def rejected(self, request: Request) -> Response:
        """Refused records, the latest first."""
        reason = request.query_params.get("reason", "")
        try:
            found, more = self._desk.asking.refusals(after=request.query_params.get("after", ""), reason=reason)
        except ValueError:
            raise HTTPException(400, "after: no cursor of this list") from None
        return self._pages.page(
            request, "rejected.html", refusals=found, next=more, reason=reason, mend=mend,
            reasons=self._desk.asking.refusal_reasons(), incomplete=self._desk.asking.incomplete(),
        )  # fmt: skip

    async def time(self, request: Request) -> Response:
        """Move the demo's time, and go back to where one was."""
        form = await _form(request)
        if not await forward(self._desk, form.get("forward", "")):
            raise HTTPException(400, "forward: 1h or day_end")
        return RedirectResponse(local_path(form.get("next", "/")), status_code=303)

    async def login(self, request: Request) -> Response:
        """Ask for the token once; afterwards a cookie that scripts can't read stands for it."""
        sessions, next = self._desk.sessions, local_path(request.query_params.get("next", "/"))
        if sessions is None:
            return RedirectResponse("/", status_code=303)
        if request.method == "GET":
            return self._pages.page(request, "login.html", next=next, wrong=False)
        form = await _form(request)
        if not sessions.admits(form.get("token", "")):
            return self._pages.page(request, "login.html", 401, next=next, wrong=True)
        response = RedirectResponse(next, status_code=303)
        secure = request.url.scheme == "https"
        response.set_cookie(
            COOKIE, sessions.open(), max_age=SESSION_S, httponly=True, samesite="lax", secure=secure
        )
        return response

    async def logout(self, request: Request) -> Response:
        """Forget the cookie."""
        response = RedirectResponse("/login", status_code=303)
        response.delete_cookie(COOKIE)
        return response


async def _form(request: Request) -> dict[str, str]:
    try:
        body = await body_of(request)
    except TooLarge as error:
        raise HTTPException(413, str(error)) from None
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20)
    return {name: values[-1] for name, values in fields.items()}
