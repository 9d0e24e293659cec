"""State of subjects as bytes: a head, a base and a segment per stretch of time for each key; versioned.

Law kept: what is restored is what was kept; a batch writes only what changed. At most 64 KiB a part.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim
from detectors.detector import Detector
from detectors.fold import NO_FACT, Folded
from detectors.quiet import QUIET_FOR
from detectors.reckoning import Reckoning, reckoning_of
from detectors.subject import BEFORE_ALL, STANDS, Said, Subject
from detectors.vehicle import Vehicle, subject_of
from events.time import Instant
from ledger.account import Account
from ledger.fact import STANDING, Fact
from ledger.reference import Registered
from streams.effects import StatePart

VERSION = 3
"""1: a vehicle's cells were facts, stored by the hour. 2: packed, by the quarter of an hour. 3: what detectors
share has a state of its own."""
QUARTERS = "q"
"""What begins the name of a part that holds a quarter of a vehicle's cells."""
CHUNK = 16
"""Facts a part, five thousand bytes of most: a batch writes the parts from the first that changed on, and most
facts come last."""
LARGEST_PART = 64 * 1024
"""Bytes a part. A fact that is larger (a thousand serial ranges, a long route) is a part by itself."""

_BYTES = msgspec.msgpack.Encoder()


class NewerState(Exception):
    """The state was written by a newer hazflow than this one."""


class Head(Struct, frozen=True, array_like=True):
    """What a key's state says first; ``shown`` is what was told of each finding that stands, and ``code`` by which
    version (None: kept before that was noted)."""

    version: int
    horizon: Instant
    wake: Instant | None
    said: dict[str, Said]
    failed: tuple[str, ...]
    chunks: dict[int, int]
    spent: dict[str, int] = {}
    shown: dict[str, Claim] | None = None
    code: str = ""


class Base(Struct, frozen=True, array_like=True):
    """What closed time adds up to; detectors' states as they encode them."""

    account: Account
    states: dict[str, msgspec.Raw]
    claims: tuple[tuple[str, str, Claim], ...]
    failed: dict[str, str]
    last: Instant = NO_FACT


_HEAD = msgspec.msgpack.Decoder(Head)
_BASE = msgspec.msgpack.Decoder(Base)
_FACTS = msgspec.msgpack.Decoder(tuple[Fact, ...])
_REGISTERED = msgspec.msgpack.Decoder(Registered)


class SubjectCodec:
    """Subjects to parts and back; knows the detectors' state types."""

    def __init__(self, detectors: Iterable[Detector], version: str = "") -> None:
        self._version = version
        self._states: dict[tuple[str, str], msgspec.msgpack.Decoder[Any]] = {}
        self._reckonings: dict[str, dict[str, Reckoning]] = {}
        for detector in detectors:
            kind, reckoning = detector.card.key, reckoning_of(detector)
            self._states[kind, detector.card.id] = msgspec.msgpack.Decoder(detector.State)
            if reckoning is not None:
                self._states[kind, reckoning.name] = msgspec.msgpack.Decoder(reckoning.State)
                self._reckonings.setdefault(kind, {})[reckoning.name] = reckoning
        self._chunks: dict[str, dict[int, int]] = {}
        self._even: dict[str, set[int]] = {}
        """The segments whose parts hold ``CHUNK`` facts each, but the last: known of those written here."""

    def changed(self, subject: Subject) -> Iterable[StatePart]:
        """The parts that the last batch changed; marks the subject as kept."""
        chunks = self._chunks.setdefault(subject.key, {})
        if subject.changed:
            for segment in sorted(subject.changed):
                if isinstance(subject, Vehicle) and segment != STANDS:
                    yield StatePart(subject.key, f"{QUARTERS}{segment}", subject.packed(segment))
                else:
                    yield from self._segment(subject, segment, chunks)
            subject.changed.clear()
            if isinstance(subject, Vehicle):
                # The hours of version 1: all that they held was taken up, and is written by the quarter above.
                for hour in [segment for segment in chunks if segment != STANDS]:
                    yield from _dropped(subject.key, hour, range(chunks.pop(hour)))
        if subject.forgotten:
            self.forget(subject.key)
            yield StatePart(subject.key, "base", None)
            yield StatePart(subject.key, "head", _left(subject))
            return
        if subject.base_changed:
            yield StatePart(subject.key, "base", self._encode_base(subject.base))
            subject.base_changed = False
        head = Head(
            VERSION, subject.horizon, subject.wake, subject.said, tuple(sorted(subject.told_failed)), chunks,
            subject.spent, subject.shown, (subject.told_by or self._version) if subject.said else "",
        )  # fmt: skip
        yield StatePart(subject.key, "head", _BYTES.encode(head))

    def restore(self, key: str, parts: Mapping[str, bytes], *, retry: bool = False) -> Subject:
        """The subject that was kept; with ``retry``, detectors that fell over in closed time begin anew."""
        head = read_head(parts["head"])
        subject = subject_of(key, head.horizon)
        subject.wake, subject.said, subject.spent = head.wake, dict(head.said), dict(head.spent)
        subject.told_failed = frozenset(head.failed)
        subject.shown = dict(head.shown or {})
        subject.recalled = head.shown is not None
        subject.told_by = "" if head.code == self._version else head.code
        if "base" in parts:
            subject.base = self._decode_base(subject.kind, parts["base"])
            if subject.kind in QUIET_FOR and subject.base.last == NO_FACT:
                # Kept before that was noted: it was in closed time.
                subject.base = replace(subject.base, last=head.horizon)
                subject.base_changed = True
            if retry and subject.base.failed:
                subject.base = _begun_anew(subject.base)
                subject.base_changed = True
        facts = [
            fact
            for part, data in parts.items()
            if part not in ("head", "base") and not part.startswith(QUARTERS)
            for fact in _FACTS.decode(data)
        ]
        self._chunks[key] = dict(head.chunks)
        if isinstance(subject, Vehicle):
            packed = ((part.removeprefix(QUARTERS), data) for part, data in parts.items() if part[0] == QUARTERS)
            subject.load({int(quarter): data for quarter, data in packed})
            for fact in sorted((fact for fact in facts if fact.rank != STANDING), key=lambda fact: fact.at):
                subject.put(fact)
            facts = [fact for fact in facts if fact.rank == STANDING]
        subject.facts = {fact.id: fact for fact in facts}
        subject.order = sorted(fact.order for fact in facts)
        return subject

    def forget(self, key: str) -> None:
        """A subject that is restored before it is kept again."""
        self._chunks.pop(key, None)
        self._even.pop(key, None)

    def _segment(self, subject: Subject, segment: int, chunks: dict[int, int]) -> Iterator[StatePart]:
        """A stretch of time in parts of bounded size, from the one that changed on; those that it no longer fills
        are dropped."""
        even = self._even.setdefault(subject.key, set())
        since = subject.changed[segment] if segment in even else BEFORE_ALL
        before, facts = subject.within(segment, since, every=CHUNK)
        written = [data for start in range(0, len(facts), CHUNK) for data in _packed(facts[start : start + CHUNK])]
        first = before // CHUNK
        for place, data in enumerate(written, first):
            yield StatePart(subject.key, f"{segment}.{place}", data)
        count = first + len(written)
        yield from _dropped(subject.key, segment, range(count, chunks.pop(segment, 0)))
        if count:
            chunks[segment] = count
        if count and len(written) == -(-len(facts) // CHUNK):
            even.add(segment)
        else:
            even.discard(segment)

    def _encode_base(self, base: Folded) -> bytes:
        states = {name: msgspec.Raw(_BYTES.encode(state)) for name, state in base.states.items()}
        claims = tuple((name, anchor, claim) for (name, anchor), claim in base.claims.items())
        return _BYTES.encode(Base(base.account, states, claims, base.failed, base.last))

    def _decode_base(self, kind: str, data: bytes) -> Folded:
        base = _BASE.decode(data)
        kept = {name: raw for name, raw in base.states.items() if name not in base.failed}
        for reckoning in self._reckonings.get(kind, {}).values():
            kept |= reckoning.taken_over(kept)
        states: dict[str, Any] = {
            name: self._states[(kind, name)].decode(raw)
            for name, raw in kept.items()
            if (kind, name) in self._states
        }
        claims = {(name, anchor): claim for name, anchor, claim in base.claims}
        return Folded(base.account, states, claims, base.failed, base.last)


def _left(subject: Subject) -> bytes | None:
    """What is left of a forgotten key: of what it found, how often that was told, so that no number comes twice."""
    if isinstance(subject, Vehicle) or not subject.spent:
        return None
    return _BYTES.encode(Head(VERSION, subject.horizon, None, {}, (), {}, subject.spent))


def _begun_anew(base: Folded) -> Folded:
    """A base in which no detector has fallen over: those that had have no state."""
    states = {name: state for name, state in base.states.items() if name not in base.failed}
    return Folded(base.account, states, base.claims, {}, base.last)


def read_head(data: bytes) -> Head:
    """A subject's head, refused where a newer hazflow wrote it."""
    head = _HEAD.decode(data)
    _check(head.version)
    return head


def holds(data: bytes) -> bool:
    """Whether a subject with this head holds facts singly, or has said something."""
    head = read_head(data)
    return bool(head.chunks or head.said)


def _check(version: int) -> None:
    if version > VERSION:
        raise NewerState(f"state version {version}; this hazflow reads up to {VERSION}: upgrade it")


def registered_part(key: str, registered: Registered) -> StatePart:
    """One registry entry as a key holds it."""
    return StatePart(f"ref|{key}", registered.id, _BYTES.encode(registered))


def restore_registered(data: bytes) -> Registered:
    """The registry entry that was kept."""
    return _REGISTERED.decode(data)


def registered_in(states: Iterable[StatePart]) -> list[Registered]:
    """The registry entries among the states of a batch: what things are called, for the projection."""
    return [
        restore_registered(state.data)
        for state in states
        if state.data is not None and state.key.startswith("ref|")
    ]


def _dropped(key: str, segment: int, places: Iterable[int]) -> Iterator[StatePart]:
    return (StatePart(key, f"{segment}.{place}", None) for place in places)


def _packed(items: list[Any]) -> Iterator[bytes]:
    """Items as bytes, halved until each part is small enough or holds one alone."""
    data = _BYTES.encode(items)
    if len(data) <= LARGEST_PART or len(items) == 1:
        yield data
        return
    half = len(items) // 2
    yield from _packed(items[:half])
    yield from _packed(items[half:])
