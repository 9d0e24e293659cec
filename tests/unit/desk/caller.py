"""Asks a served desk over HTTP as a program would: no redirect is followed, no cookie is kept by itself."""

from __future__ import annotations

import http.client
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct, json


class Answer(Struct, frozen=True):
    """Status, headers (lower case; the last of several) and body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    @property
    def value(self) -> Any:
        """The body as JSON."""
        return json.decode(self.body)


class Caller:
    """One address; ``get`` and ``post``."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._host = urlsplit(base).netloc

    def get(self, path: str, **headers: str) -> Answer:
        """GET; header names in arguments have ``_`` for ``-``."""
        return self._ask("GET", path, b"", headers)

    def post(self, path: str, body: bytes | str, **headers: str) -> Answer:
        """POST."""
        return self._ask("POST", path, body.encode() if isinstance(body, str) else body, headers)

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection(self._host, timeout=20)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body or None, named)
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, found, response.read())
        finally:
            connection.close()
