"""Homes as version 1 kept them: a day in parts of up to 256 events, each with its events decoded and its speech.

Law kept: state written by an older hazflow is read by this one, and means the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import Struct

from events.intake import encode
from events.rejection import Source
from events.report import Consignment, Flow, Inventory, Registry
from events.time import Instant
from ledger.fact import Count, Leg, Movement
from ledger.held import Held, Standing, Telling, lasts_until
from ledger.speech import Entered, Speech


class _Telling(Struct, frozen=True, array_like=True):
    revision: int
    event_id: str
    provider: str
    received_at: Instant
    source: Source
    digest: bytes
    event: Flow | Inventory | Consignment | Registry | None


class _Speech(Struct, frozen=True, array_like=True):
    keys: tuple[str, ...]
    body: Movement | Count | Leg | Entered
    received_at: Instant
    source: Source
    revision: int
    at: Instant


class _Held(Struct, frozen=True, array_like=True):
    identity: str
    at: Instant
    tellings: tuple[_Telling, ...]
    version: int
    spoken: _Speech | None
    standing: Standing


_HELD: Final = msgspec.msgpack.Decoder(tuple[_Held, ...])


def held_before(data: bytes) -> Iterator[Held]:
    """The events of one part of version 1.

    What was said is taken over in full, and a telling's digest too: the bytes that it was taken of are not there.
    """
    for was in _HELD.decode(data):
        said = was.spoken
        yield Held(
            was.identity, was.at, tuple(map(_telling, was.tellings)), was.version,
            None if said is None else
            Speech(said.keys, said.body, said.received_at, said.source, said.revision, said.at),
            was.standing, until=max((lasts_until(told.event) for told in was.tellings), default=0),
        )  # fmt: skip


def _telling(was: _Telling) -> Telling:
    raw = None if was.event is None else encode(was.event)
    return Telling(
        was.revision, was.event_id, was.provider, was.received_at, was.source, was.digest, raw
    )  # fmt: skip
