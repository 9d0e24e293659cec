"""Records as they stand on the topics, and back: reports, ticks, pages of facts and of lines.

Law kept: a record says by itself who reported it and when it was received; what one transaction did is written in
pages, one record for many items, in the order of happening.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Protocol, TypeVar

import msgspec
from msgspec import Struct

from events.intake import Record
from events.registry import Moment
from events.rejection import Rejection, Source
from events.time import Instant, instant, moment
from ledger.home import Told
from ledger.reference import Registered
from streams.effects import BookLine, Delivery, Enrolment, Incomplete, LaneTick, StatePart
from streams.settings import Settings

PAGE: Final = 400
"""Items a page: a few hundred bytes each keep it well under the broker's limit of 1 MB."""
_HEAVY: Final = 150_000
"""Bytes of items after which a page is full: a policy's text is as long as a thousand facts."""
_TICK: Final = b'{"tick":'
_SPLIT: Final = b"\x1f"
_PARTS: Final = {b"head": "head", b"base": "base"}
UNKNOWN: Final = "unknown"
"""The provider of a record that names none on a topic that belongs to none."""

Headers = Sequence[tuple[str, bytes]]
T = TypeVar("T")


class FromKafka(Protocol):
    """What the clients hand out: aiokafka's and kafka-python's records are alike in this."""

    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Headers: ...


class Stray(Struct, frozen=True, array_like=True, tag="stray"):
    """A report that stood on another lane's partition, on its way to its own: goes on once, as it was received."""

    raw: bytes
    provider: str
    received_at: Instant
    source: Source


Passed = Delivery | Enrolment | LaneTick | Stray
"""Anything on ``facts``."""


class LaneTime(Struct, frozen=True, array_like=True):
    """How far a lane's time has come."""

    lane: int
    at: Instant


class LinesPage(Struct, frozen=True, array_like=True):
    """What one transaction has to show for itself."""

    lines: tuple[BookLine, ...] = ()
    told: tuple[Told, ...] = ()
    incomplete: tuple[Incomplete, ...] = ()
    time: LaneTime | None = None
    registered: tuple[Registered, ...] = ()


class Applied(Struct, frozen=True, array_like=True):
    """Up to where a lane has applied each of its topics, which topics these were, and how many lanes there are."""

    positions: dict[str, int]
    ids: dict[str, str]
    lanes: int = 0


_ENCODER: Final = msgspec.msgpack.Encoder()
_FACTS: Final = msgspec.msgpack.Decoder(tuple[Passed, ...])
_LINES: Final = msgspec.msgpack.Decoder(LinesPage)
_REJECTION: Final = msgspec.msgpack.Decoder(Rejection)
_APPLIED: Final = msgspec.msgpack.Decoder(Applied)


class _Ticked(Struct):
    tick: Moment


class Reader:
    """Turns the records of input topics into reports and ticks, as the settings say whom to believe."""

    def __init__(self, settings: Settings) -> None:
        self._trusted = settings.trust_provider_header
        self._providers = settings.topic_providers

    def report(self, word: str, source: Source, record: FromKafka) -> Record:
        """One input record as intake takes it; ``word`` is the topic's, as settings name it."""
        provider, received_at = self._providers.get(word, UNKNOWN), record.timestamp * 1_000
        if self._trusted and word not in self._providers:
            for name, value in record.headers:
                if name == "provider":
                    provider = value.decode("utf-8", "replace")
                elif name == "received_at" and value.isdigit():
                    received_at = int(value)
        return Record(record.value or b"", provider, received_at, source)


def tick_of(value: bytes | None) -> Instant | None:
    """The instant of a tick; None where the record is no tick.

    >>> tick_of(tick_value(1_000_000)), tick_of(b"{}")
    (1000000, None)
    """
    if value is None or not value.startswith(_TICK):
        return None
    try:
        return instant(msgspec.json.decode(value, type=_Ticked).tick)
    except msgspec.DecodeError:
        return None


def tick_value(at: Instant) -> bytes:
    """A tick as a record's value."""
    return _TICK + msgspec.json.encode(moment(at)) + b"}"


def report_headers(provider: str, received_at: Instant) -> list[tuple[str, bytes]]:
    """What a door writes beside a report."""
    return [("provider", provider.encode()), ("received_at", str(received_at).encode())]


def state_key(part: StatePart) -> bytes:
    """The key of a state record: compaction keeps the last of each part."""
    return part.key.encode() + _SPLIT + part.part.encode()


def state_names(key: bytes) -> tuple[str, str]:
    """The key and the part that a state record is about; most parts are heads and bases, and share their names."""
    name, _, part = key.partition(_SPLIT)
    return name.decode(), _PARTS.get(part) or part.decode()


def pages(items: Iterable[Passed]) -> Iterator[bytes]:
    """Facts in pages of bounded size."""
    page: list[msgspec.Raw] = []
    weight = 0
    for item in items:
        data = _ENCODER.encode(item)
        if page and (len(page) >= PAGE or weight + len(data) > _HEAVY):
            yield _ENCODER.encode(page)
            page, weight = [], 0
        page.append(msgspec.Raw(data))
        weight += len(data)
    if page:
        yield _ENCODER.encode(page)


def read_page(value: bytes) -> tuple[Passed, ...]:
    """The facts of a page."""
    return _FACTS.decode(value)


def line_pages(page: LinesPage) -> Iterator[bytes]:
    """Lines in pages of bounded size; the time comes last."""
    for lines in _cut(page.lines):
        yield _ENCODER.encode(LinesPage(lines=lines))
    for told in _cut(page.told):
        yield _ENCODER.encode(LinesPage(told=told))
    for registered in _cut(page.registered):
        yield _ENCODER.encode(LinesPage(registered=registered))
    if page.incomplete or page.time is not None:
        yield _ENCODER.encode(LinesPage(incomplete=page.incomplete, time=page.time))


def read_lines(value: bytes) -> LinesPage:
    """The lines of a page."""
    return _LINES.decode(value)


def encode_rejection(rejection: Rejection) -> bytes:
    """A refusal as a record's value, with the refused bytes."""
    return _ENCODER.encode(rejection)


def read_rejection(value: bytes) -> Rejection:
    """The refusal of a record's value."""
    return _REJECTION.decode(value)


def encode_applied(applied: Applied) -> bytes:
    """A lane's positions as state."""
    return _ENCODER.encode(applied)


def read_applied(value: bytes | None) -> Applied:
    """A lane's positions; none yet where it never committed."""
    return Applied({}, {}) if value is None else _APPLIED.decode(value)


def _cut(items: Sequence[T]) -> Iterator[tuple[T, ...]]:
    for start in range(0, len(items), PAGE):
        yield tuple(items[start : start + PAGE])
