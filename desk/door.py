"""The door's bytes: a body taken apart into records, without judging any of them.

Law kept: one bad record never stops the good ones beside it; what cannot be taken apart is one record.
"""

from __future__ import annotations

from typing import Final

import msgspec
from starlette.requests import Request

from desk.ports import Disposition

LARGEST_BODY: Final = 16 * 1024 * 1024
MOST_RECORDS: Final = 10_000
_LINES: Final = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/jsonlines")
_ARRAY: Final = msgspec.json.Decoder(list[msgspec.Raw])


class TooLarge(Exception):
    """The body holds more than one request may: says how much that is."""


async def body_of(request: Request) -> bytes:
    """The whole body, or ``TooLarge`` as soon as it is more than the limit."""
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told) > LARGEST_BODY:
        raise TooLarge(f"a request is at most {LARGEST_BODY} bytes: send several")
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_BODY:
            raise TooLarge(f"a request is at most {LARGEST_BODY} bytes: send several")
        parts.append(part)
    return b"".join(parts)


def records_of(body: bytes, content_type: str) -> tuple[list[bytes], bool]:
    """The records of a body, and whether it was a batch: NDJSON by its type, else a JSON array or one object.

    >>> records_of(b'[{"a":1}, {"b":2}]', "application/json")
    ([b'{"a":1}', b'{"b":2}'], True)
    >>> records_of(b'{"a":1}', "application/json")
    ([b'{"a":1}'], False)
    """
    if content_type.partition(";")[0].strip().lower() in _LINES:
        records, batch = [line for line in body.split(b"\n") if line.strip()], True
    elif body.lstrip()[:1] == b"[":
        records, batch = _elements(body), True
    else:
        records, batch = [body], False
    if len(records) > MOST_RECORDS:
        raise TooLarge(f"a request holds at most {MOST_RECORDS} records: send several")
    return records, batch


def status_of(dispositions: list[Disposition], batch: bool) -> int:
    """The HTTP status: a batch is always answered item by item (200); one record has its own."""
    if batch:
        return 200
    return {"accepted": 202, "known": 200, "refused": 422}[dispositions[0].status]


def _elements(body: bytes) -> list[bytes]:
    try:
        return [bytes(raw) for raw in _ARRAY.decode(body)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return [body]
