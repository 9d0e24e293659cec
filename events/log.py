"""The log format: what was received when, and the ticks between, one JSON object a line.

Law kept: a replay is the live run. A log carries ``received_at`` and ticks, so nothing reads a clock.
``{"received_at": …, "provider": …, "event": {…}}`` or ``{"tick": …}``; times are RFC 3339 with a zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from msgspec import Raw, Struct

from events.registry import Moment
from events.time import Instant, instant, moment


class Tick(Struct, frozen=True, array_like=True, gc=False):
    """Time has come to ``at``: everything received before it stands before it."""

    at: Instant


class LogLine(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, gc=False):
    """One line of a log: a received event or a tick."""

    received_at: Moment | None = None
    provider: str | None = None
    event: Raw = Raw()  # empty for a tick; `Raw | None` would take nothing but null
    tick: Moment | None = None


class Received(Struct, frozen=True, gc=False):
    """An event of a log: its wire bytes, provider, and when it was received."""

    raw: bytes
    provider: str
    received_at: Instant


class BadLine(Exception):
    """A line that is no log line; says which and why."""


_DECODER: Final = msgspec.json.Decoder(LogLine)
_ENCODER: Final = msgspec.json.Encoder()


def read_log(lines: Iterable[bytes]) -> Iterator[Received | Tick]:
    """The records and ticks of a log, in its order."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entry = _DECODER.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BadLine(f"line {number}: {error}") from error
        if entry.tick is not None:
            yield Tick(instant(entry.tick))
        elif entry.event and entry.received_at is not None and entry.provider is not None:
            yield Received(bytes(entry.event), entry.provider, instant(entry.received_at))
        else:
            raise BadLine(f"line {number}: needs tick, or received_at with provider and event")


def log_line(record: Received | Tick) -> bytes:
    """One line of a log, with its newline."""
    if isinstance(record, Tick):
        return _ENCODER.encode(LogLine(tick=moment(record.at))) + b"\n"
    entry = LogLine(received_at=moment(record.received_at), provider=record.provider, event=Raw(record.raw))
    return _ENCODER.encode(entry) + b"\n"
