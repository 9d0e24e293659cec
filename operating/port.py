"""A small HTTP port for a process that has no web server of its own: the worker.

Laws kept: it answers from a thread, so that it can say that the loop is stuck; without a token it serves this
machine alone (a Host that is no loopback name is refused), with one /metrics asks for it.
"""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

from operating.answers import OPEN, Answer

TRIED: Final = 32
"""How many ports are tried, from the one that is set on: several workers of one machine find each its own."""
_LOOPBACK: Final = frozenset(("127.0.0.1", "localhost", "::1"))
_PATIENCE_S: Final = 5.0


class NoPort(OSError):
    """None of the ports could be listened on."""


class Port:
    """Serves ``answer`` on the first free port from ``port`` on (0: any), until it is closed."""

    def __init__(self, host: str, port: int, answer: Callable[[str], Answer], *, token: str | None = None) -> None:
        self._server = _listening(host, port, _handler(answer, token))
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, name="hazflow-port", daemon=True
        )
        self._thread.start()

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        host, port = self._server.server_address[:2]
        return str(host), int(port)

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(_PATIENCE_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _listening(host: str, port: int, handler: type[BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
    class Server(ThreadingHTTPServer):
        daemon_threads = True
        # A port that another worker listens on must be refused, not shared.
        allow_reuse_port = False

    last: OSError | None = None
    for number in range(port, port + (TRIED if port else 1)):
        try:
            return Server((host, number), handler)
        except OSError as error:
            last = error
    raise NoPort(f"no port of {host}:{port} to {port + TRIED - 1} can be listened on: {last}")


def _handler(answer: Callable[[str], Answer], token: str | None) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _PATIENCE_S
        server_version, sys_version = "hazflow", ""

        def do_GET(self) -> None:
            """Answer, or refuse."""
            path = urlsplit(self.path).path
            told = self._refused(path) or answer(path)
            self.send_response(told.status)
            self.send_header("content-type", told.content_type)
            self.send_header("content-length", str(len(told.body)))
            self.send_header("cache-control", "no-store")
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, format: str, *args: object) -> None:
            """Who asks is not written down."""

        def _refused(self, path: str) -> Answer | None:
            if token is None:
                local = urlsplit(f"//{self.headers.get('host', '')}").hostname in _LOOPBACK
                return None if local else _problem(421, "this address serves 127.0.0.1 only: set a token")
            scheme, _, given = self.headers.get("authorization", "").partition(" ")
            known = scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())
            return None if known or path in OPEN else _problem(401, "send Authorization: Bearer and the token")

    return Handler


def _problem(status: int, detail: str) -> Answer:
    return Answer(status, "application/json", f'{{"error":"{detail}"}}'.encode())
