"""Cells of a vehicle as plain values, and a quarter of an hour of them as bytes.

Law kept: what is unpacked is what was packed, to the bit. A minute at the place of the minute before holds only its
times: a vehicle that stands costs a third of one that drives.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from struct import Struct as Layout
from typing import Final, TypeAlias

import msgspec

from events.rejection import Source
from events.time import MINUTE, Instant
from ledger.fact import Cell, Fact

QUARTER: Final = 15 * MINUTE
"""The stretch of time under which a vehicle's cells are stored."""
Place: TypeAlias = tuple[float, float, float]
"""Longitude, latitude, speed in km/h."""
Sight: TypeAlias = tuple[Instant, float, float, float]
"""One fix: when, and its place. Tuples order as ``Fix`` does."""
Seen: TypeAlias = tuple[Sight, Sight, int, int, Instant, Source]
"""One cell: first and last fix, alarm bits, load bits, and where it was first heard of."""
LOADED, EMPTY = 1, 2
"""Load bits: a fix said that the vehicle is loaded, that it is empty."""

_SINGLE, _STAYED, _WAITED, _ALARMS = 4, 8, 16, 32
"""Beside the load bits: one fix; at one place; where the cell before ended; alarm bits follow."""
_HEAD: Final = Layout("<BBIqBq")
_PLACE: Final = Layout("<ddd")
_OFFSET: Final = Layout("<I")
_QUARTERS: Final = msgspec.msgpack.Decoder(tuple[tuple[tuple[str, int], ...], bytes])
_BYTES: Final = msgspec.msgpack.Encoder()


def merge(a: Seen, b: Seen) -> Seen:
    """The one cell of two of the same minute: commutative, associative, idempotent."""
    first, last, alarms, load, received_at, source = a
    first = min(first, b[0])
    last = max(last, b[1])
    if b[4] < received_at or (b[4] == received_at and b[5] < source):
        received_at, source = b[4], b[5]
    return (first, last, alarms | b[2], load | b[3], received_at, source)


def load_bits(*, loaded: bool, empty: bool) -> int:
    """What a fix says of the load, as bits."""
    return LOADED * loaded | EMPTY * empty


def seen_of(fact: Fact) -> Seen:
    """The cell of a fact."""
    cell = fact.body
    if not isinstance(cell, Cell):
        raise TypeError(f"{fact.id} is no cell")
    first, last = cell.first, cell.last
    return (
        (first.at, first.lon, first.lat, first.speed_kmh),
        (last.at, last.lon, last.lat, last.speed_kmh),
        cell.alarms,
        load_bits(loaded=cell.loaded, empty=cell.empty),
        fact.received_at,
        fact.source,
    )


def seal(cell: Seen, before: Place | None, sources: list[tuple[str, int]]) -> bytes:
    """One cell as bytes, behind one that ended at a place; ``sources`` (topic, partition) grows as needed."""
    first, last, alarms, load, received_at, source = cell
    begins = first[0] // MINUTE * MINUTE
    named = (source.topic, source.partition)
    if named not in sources:
        sources.append(named)
    waited = first[1:] == before
    if first == last:
        load |= _SINGLE
        more = b""
    elif first[1:] == last[1:]:
        load |= _STAYED
        more = _OFFSET.pack(last[0] - begins)
    else:
        more = _OFFSET.pack(last[0] - begins) + _PLACE.pack(*last[1:])
    if alarms:
        load |= _ALARMS
        more += _OFFSET.pack(alarms)
    where = begins % QUARTER // MINUTE
    head = (load | _WAITED * waited, where, first[0] - begins, received_at, sources.index(named), source.offset)
    return _HEAD.pack(*head) + (b"" if waited else _PLACE.pack(*first[1:])) + more


def pack(sources: list[tuple[str, int]], sealed: bytes) -> bytes:
    """A quarter of sealed cells as it is stored."""
    return _BYTES.encode((sources, sealed))


def unpack(data: bytes, quarter: int) -> Iterator[Seen]:
    """The cells of a stored quarter, in order of time."""
    sources, sealed = _QUARTERS.decode(data)
    return unseal(sources, sealed, quarter)


def unseal(sources: Sequence[tuple[str, int]], sealed: bytes | bytearray, quarter: int) -> Iterator[Seen]:
    """The cells of a quarter, in order of time."""
    at, before, starts = 0, (0.0, 0.0, 0.0), quarter * QUARTER
    while at < len(sealed):
        flags, where, offset, received_at, index, told = _HEAD.unpack_from(sealed, at)
        at += _HEAD.size
        begins = starts + where * MINUTE
        place = before
        if not flags & _WAITED:
            place = _PLACE.unpack_from(sealed, at)
            at += _PLACE.size
        first = last = (begins + offset, *place)
        if not flags & _SINGLE:
            ended = begins + _OFFSET.unpack_from(sealed, at)[0]
            at += _OFFSET.size
            if not flags & _STAYED:
                place = _PLACE.unpack_from(sealed, at)
                at += _PLACE.size
            last = (ended, *place)
        alarms = 0
        if flags & _ALARMS:
            alarms = _OFFSET.unpack_from(sealed, at)[0]
            at += _OFFSET.size
        before = place
        topic, partition = sources[index]
        yield first, last, alarms, flags & (LOADED | EMPTY), received_at, Source(topic, partition, told)
