"""A home's state as bytes: a head, and a part for each shelf of a few events; versioned.

Law kept: what is restored is what was kept; a batch writes only the shelves that changed, and the head where it
did. At most 64 KiB a part, unless one event alone is larger.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
from msgspec import Struct

from events.time import Instant
from ledger.held import Held, Standing
from ledger.home import Home
from ledger.shelves import ROOM, Shelf
from streams.codec import LARGEST_PART, NewerState
from streams.effects import StatePart
from streams.homes_before import held_before

VERSION: Final = 2
HEAVY: Final = 8 * 1024
"""Bytes of a shelf on which nothing more is put: it would be written anew with each event."""

_BYTES: Final = msgspec.msgpack.Encoder()
_COUNTED: Final = 0x90
"""The first byte of a MessagePack array of up to fifteen: this, and how many."""


class HomeHead(Struct, frozen=True, array_like=True):
    """A home's head. Version 1 said more: how many parts each day had."""

    version: int
    horizon: Instant
    wake: Instant | None
    books: tuple[str, ...]


_HEAD: Final = msgspec.msgpack.Decoder(HomeHead)
_HELD: Final = msgspec.msgpack.Decoder(list[Held])


def home_parts(home: Home, wake: Instant | None) -> Iterator[StatePart]:
    """The parts of a home that the last batch changed; marks the home as kept."""
    key, shelves = f"home|{home.key}", home.shelves
    while shelves.changed:
        for name in sorted(shelves.changed):
            shelves.changed.discard(name)
            shelf = shelves.named.get(name)
            data = None if shelf is None else _encoded(shelf)
            if shelf is not None and data is not None:
                while len(data) > LARGEST_PART and len(shelf.held) > 1:
                    shelves.changed.add(shelves.halve(shelf).name)
                    data = _encoded(shelf)
                if len(shelf.held) == ROOM or len(data) > HEAVY:
                    shelves.close(shelf)
                    shelf.written, shelf.count = b"", 0
            yield StatePart(key, name, data)
    head = _BYTES.encode(HomeHead(VERSION, home.horizon, wake, tuple(sorted(home.books))))
    if head != home.written:
        home.written = head
        yield StatePart(key, "head", head)


def home_wake(data: bytes) -> Instant | None:
    """When a home that was kept wants to close a day."""
    return _read_head(data).wake


def restore_home(key: str, parts: Mapping[str, bytes]) -> Home:
    """The home that was kept. One that an older hazflow kept is written anew, on shelves, when it is next kept."""
    head = _read_head(parts["head"])
    home = Home(key, head.horizon)
    home.books = set(head.books)
    kept = {name: data for name, data in parts.items() if name != "head"}
    if head.version == VERSION:
        home.written = parts["head"]
        for name, data in kept.items():
            home.shelves.restore(name, _HELD.decode(data))
    else:
        home.shelves.changed.update(kept)
        for data in kept.values():
            for held in held_before(data):
                home.shelves.put(held)
    for shelf in home.shelves.named.values():
        for held in shelf.held:
            home.held[held.identity] = held
            if held.standing is Standing.WAITING:
                home.waiting.add(held.identity)
    return home


def _encoded(shelf: Shelf) -> bytes:
    """The shelf's bytes; of events that were written before, the bytes of then."""
    new = _BYTES.encode(shelf.held[shelf.count :])
    shelf.written = bytes((_COUNTED + len(shelf.held),)) + shelf.written[1:] + new[1:]
    shelf.count = len(shelf.held)
    return shelf.written


def _read_head(data: bytes) -> HomeHead:
    head = _HEAD.decode(data)
    if head.version > VERSION:
        raise NewerState(f"state version {head.version}; this hazflow reads up to {VERSION}: upgrade it")
    return head
