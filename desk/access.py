"""Who may enter: the installation's token as a bearer credential, or a session cookie got for it at /login.

Laws kept: no token stands in an address. Without a token only this machine's own browser gets in: the Host must be
a loopback name (a foreign page that rebinds its name is refused), and no other origin may post.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote, urlsplit

from msgspec import Struct
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE: Final = "hazflow_session"
SESSION_S: Final = 12 * 3600
_OPEN: Final = frozenset(("/healthz", "/readyz", "/login"))
_PROGRAMS: Final = ("/v1/", "/metrics")
"""Where programs ask: they are told that a token is missing, not where to log in."""
_LOOPBACK: Final = frozenset(("127.0.0.1", "localhost", "::1"))
_SAFE: Final = frozenset(("GET", "HEAD", "OPTIONS"))
_HEADERS: Final[Mapping[str, str]] = {
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
}


class Sessions(Struct, frozen=True):
    """Sessions without a table: a cookie is an expiry under the token's seal; a new token ends them all."""

    token: str
    clock: Callable[[], float]

    def admits(self, credential: str) -> bool:
        """Whether this is the token itself."""
        return hmac.compare_digest(credential.encode(), self.token.encode())

    def open(self) -> str:
        """A new session's cookie."""
        expiry = str(int(self.clock()) + SESSION_S)
        return f"{expiry}.{self._seal(expiry)}"

    def holds(self, cookie: str) -> bool:
        """Whether a cookie is one of ours and has not run out."""
        expiry, _, seal = cookie.partition(".")
        good = hmac.compare_digest(seal.encode(), self._seal(expiry).encode())
        return good and expiry.isdigit() and self.clock() < int(expiry)

    def _seal(self, expiry: str) -> str:
        return hmac.new(self.token.encode(), f"hazflow session {expiry}".encode(), hashlib.sha256).hexdigest()


def bearer(headers: Mapping[str, str]) -> str | None:
    """The bearer credential of a request, if it brings one."""
    scheme, _, credential = headers.get("authorization", "").partition(" ")
    return credential.strip() or None if scheme.lower() == "bearer" else None


def is_admitted(connection: HTTPConnection, sessions: Sessions | None) -> bool:
    """Whether the request may read the desk."""
    if sessions is None:
        return True
    credential = bearer(connection.headers)
    if credential is not None and sessions.admits(credential):
        return True
    return sessions.holds(connection.cookies.get(COOKIE, ""))


def local_path(path: str) -> str:
    """Where to go after login: a path of ours, or the front page.

    >>> local_path("/books"), local_path("//elsewhere"), local_path("https://elsewhere/")
    ('/books', '/', '/')
    """
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


class Gate:
    """The one middleware: refuses who may not enter, and sets the headers that every answer bears."""

    def __init__(self, app: ASGIApp, sessions: Sessions | None) -> None:
        self._app, self._sessions = app, sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        refused = self._refused(HTTPConnection(scope), scope["method"])
        await (refused or self._app)(scope, receive, sealed)

    def _refused(self, connection: HTTPConnection, method: str) -> Response | None:
        path, headers = connection.url.path, connection.headers
        if self._sessions is None and not _is_local(headers.get("host", "")):
            return _problem(421, "this address serves 127.0.0.1 only: set a token to serve others")
        if method not in _SAFE and not _same_origin(headers):
            return _problem(403, "a page of another origin may not post here")
        if path in _OPEN or path.startswith(("/static/", "/v1/events")):
            return None  # a provider's own credential is asked for at the door
        if is_admitted(connection, self._sessions):
            return None
        if path.startswith(_PROGRAMS):
            return _problem(401, "send Authorization: Bearer and the installation's token", bearer=True)
        wanted = path + (f"?{connection.url.query}" if connection.url.query else "")
        return RedirectResponse(f"/login?next={quote(wanted)}", status_code=303)


def _problem(status: int, detail: str, *, bearer: bool = False) -> Response:
    headers = {"www-authenticate": 'Bearer realm="hazflow"'} if bearer else None
    return JSONResponse({"error": detail}, status_code=status, headers=headers)


def _is_local(host: str) -> bool:
    return urlsplit(f"//{host}").hostname in _LOOPBACK


def _same_origin(headers: Headers) -> bool:
    # Browsers send both; programs send neither and carry no cookie that could be abused.
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")
