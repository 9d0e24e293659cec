"""What every peer runs for one partition: our own lane over the peer's own state, and what it wants written.

The pure steps are called as they are. What is the peer's is left to it: reading, state that lasts, handing facts to
other partitions through its ``facts`` topic, and writing. Two things are simpler than ours, in the peers' favour:
no record is checked to stand on its right partition, and a lane's ticks go round once through ``facts`` (ours three
times, so that nothing is said early; a peer may say a thing early and take it back, and ends in the same answer).
Without that one round a partition that is ahead of the others by a week would close days that facts still come for.

Law kept: what a lane is restored from is what was written, by name, to a store that only gets and sets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from events.identity import lane_of
from events.intake import Arrival, read
from events.registry import PolicyEntry
from events.rejection import Rejection, Source
from routing.notice import encode_notice
from streams.assembly import Assembly
from streams.broker.wire import (
    PAGE,
    LaneTime,
    LinesPage,
    Passed,
    Reader,
    Stray,
    encode_rejection,
    line_pages,
    pages,
    read_page,
    tick_of,
)
from streams.codec import registered_in
from streams.effects import Effects, LaneTick, StatePart
from streams.lane import BEGINNING, HOPS
from streams.settings import Settings

INPUT: Final = "flow"
"""Where reports and ticks arrive: one topic, in the order in which they were received. hazflow has a topic a kind;
who reads five of them event by event, each at its pace, hears counts before the flows that they count, and refolds.
"""
FACTS, LINES, WARNINGS, REJECTED = "facts", "lines", "warnings", "rejected"
OUTPUTS: Final = (FACTS, LINES, WARNINGS, REJECTED)
KEYS: Final = "keys"
"""Under this name, and a number, a store lists the keys that it has, so many to a list."""
LISTED: Final = 64

_NAMES: Final = msgspec.msgpack.Decoder(list[str])
Get = Callable[[str], bytes | None]
Write = tuple[str, bytes | None]
"""A name of the state and what is written there; None where it is no more."""


class Taken(Struct, frozen=True):
    """A record as a peer hands it over."""

    offset: int
    timestamp: int
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class Out(Struct, frozen=True):
    """A record to write: the topic's word, and a key that Kafka's own partitioner puts on the right partition."""

    word: str
    key: bytes
    value: bytes


class Entry(Struct, frozen=True, array_like=True):
    """One value of the state: a part of a key, and the key's head on one of the parts that are written together.

    Of a key's heads the one with the highest number counts.
    """

    number: int
    part: bytes | None
    head: bytes | None


_ENTRY: Final = msgspec.msgpack.Decoder(Entry)


class Shelf:
    """State over anything that gets and sets bytes by name: one write a touched key, as a rule.

    A key's head rides on a part that changed with it. What there is is listed, for nothing here need iterate.
    """

    def __init__(self, get: Get) -> None:
        self._get = get
        self._names: dict[str, list[str]] = {}
        self._heads: dict[str, tuple[int, bytes]] = {}
        self._keys: dict[str, None] = {}
        while page := self._listed(f"{KEYS}/{len(self._keys) // LISTED}"):
            self._keys.update(dict.fromkeys(page))
            if len(page) < LISTED:
                break
        self._page = list(self._keys)[len(self._keys) // LISTED * LISTED :]

    def parts(self, key: str) -> Mapping[str, bytes]:
        """The parts of one key's state."""
        found = {part: _ENTRY.decode(self._get(f"{key}|{part}") or b"") for part in self._parts(key)}
        parts = {part: entry.part for part, entry in found.items() if entry.part is not None}
        heads = [(entry.number, entry.head) for entry in found.values() if entry.head is not None]
        if heads:
            self._heads[key] = max(heads)
            parts["head"] = self._heads[key][1]
        return parts

    def heads(self) -> Iterable[tuple[str, bytes]]:
        """Every key that has a head, with it."""
        found = ((key, self.parts(key).get("head")) for key in self._keys)
        return [(key, data) for key, data in found if data is not None]

    def writes(self, states: Iterable[StatePart]) -> Iterator[Write]:
        """What to write for changed parts, and the lists where something is new."""
        by_key: dict[str, dict[str, bytes | None]] = {}
        for state in states:
            by_key.setdefault(state.key, {})[state.part] = state.data
        for key, parts in by_key.items():
            names = self._parts(key)
            number, head = self._heads.get(key, (0, None))
            # A head that did not change may stand on the very part that is written anew.
            head = parts.pop("head", None) or head
            before = len(names)
            for part in [part for part, data in parts.items() if data is None]:
                del parts[part]
                if part in names:
                    names.remove(part)
                    yield f"{key}|{part}", None
            if head is not None and not parts:
                parts["head"] = None
            new = [part for part in parts if part not in names]
            names.extend(new)
            for left, (part, data) in zip(range(len(parts))[::-1], parts.items(), strict=True):
                entry = Entry(number + 1, data, None if left else head)
                yield f"{key}|{part}", msgspec.msgpack.encode(entry)
            if head is not None:
                self._heads[key] = number + 1, head
            if new or len(names) != before:
                yield key, msgspec.msgpack.encode(names)
            if key not in self._keys:
                yield self._list(key)

    def _list(self, key: str) -> Write:
        """One more key in the last list."""
        number = len(self._keys) // LISTED
        self._keys[key] = None
        self._page.append(key)
        data = msgspec.msgpack.encode(self._page)
        if len(self._page) == LISTED:
            self._page = []
        return f"{KEYS}/{number}", data

    def _parts(self, key: str) -> list[str]:
        names = self._names.get(key)
        if names is None:
            names = self._names[key] = self._listed(key) if key in self._keys else []
        return names

    def _listed(self, name: str) -> list[str]:
        data = self._get(name)
        return [] if data is None else _NAMES.decode(data)


class Steps:
    """One partition's lane. ``take`` records, then ``done`` says what to keep and what to write."""

    def __init__(self, number: int, settings: Settings, assembly: Assembly, shelf: Shelf) -> None:
        self.number = number
        self._lanes, self._shelf = settings.partitions, shelf
        self._names = lane_names(self._lanes)
        self._reader = Reader(settings)
        self._lane = assembly.lane(number, self._lanes, shelf)
        self._lane.expect((INPUT,))
        self._warner = assembly.warner(self._lane.world)
        self._refused: list[Rejection] = []
        self._clock: bytes | None = None
        self._said = self._lane.time

    def take(self, word: str, record: Taken) -> None:
        """Take one record of an input topic or of ``facts``."""
        if word == FACTS:
            for item in read_page(record.value or b""):
                if not isinstance(item, Stray):
                    self._lane.take(item)
            self._time()
            return
        at = tick_of(record.value)
        if at is not None:
            self._lane.tick(word, at)
            self._time()
            return
        decided = read(self._reader.report(word, Source(word, self.number, record.offset), record))
        if isinstance(decided, Arrival):
            self._lane.arrive(decided)
        else:
            self._refused.append(decided)

    def done(self) -> tuple[list[Write], list[Out]]:
        """What changed since the last call: state to keep, records to write."""
        effects = self._lane.finish()
        key = self._names[self.number]
        outs = [*self._facts(effects)]
        for finding in effects.findings:
            notice = self._warner.notice(finding, self._lane.reference(finding.subject))
            outs.append(Out(WARNINGS, key, encode_notice(notice)))
        outs.extend(Out(LINES, key, page) for page in self._lines(effects))
        refusals = (*self._refused, *effects.refusals)
        outs.extend(Out(REJECTED, key, encode_rejection(refusal)) for refusal in refusals)
        self._refused.clear()
        return list(self._shelf.writes(self._changed(effects))), outs

    def _time(self) -> None:
        """Time is the smallest tick that all lanes have said once; what our lanes ask again counts as said."""
        heard = min(self._lane.heard.get(lane, BEGINNING) for lane in range(self._lanes))
        if heard > self._lane.time:
            for hop in range(1, HOPS + 1):
                for lane in range(self._lanes):
                    self._lane.take(LaneTick(lane, heard, hop))

    def _changed(self, effects: Effects) -> Iterator[StatePart]:
        """The changed parts; a lane notes its clock each time, and it seldom moved."""
        for state in effects.states:
            if (state.key, state.part) == ("lane", "clock"):
                if state.data == self._clock:
                    continue
                self._clock = state.data
            yield state

    def _facts(self, effects: Effects) -> Iterator[Out]:
        by_lane: dict[int, list[Passed]] = {}
        for lane, passing in effects.passing:
            if not isinstance(passing, LaneTick) or passing.hop == 0:
                by_lane.setdefault(lane, []).append(passing)
        for lane, items in by_lane.items():
            for page in pages(items):
                yield Out(FACTS, self._names[lane], page)

    def _lines(self, effects: Effects) -> Iterator[bytes]:
        time = None
        if self._lane.time not in (BEGINNING, self._said):
            self._said = self._lane.time
            time = LaneTime(self.number, self._said)
        registered = tuple(e for e in registered_in(effects.states) if not isinstance(e.entry, PolicyEntry))
        page = LinesPage(tuple(effects.lines), tuple(effects.told), tuple(effects.incomplete), time, registered)
        weight = len(page.lines) + len(page.told) + len(registered) + len(page.incomplete)
        if weight > PAGE:
            yield from line_pages(page)
        elif weight or time is not None:
            yield msgspec.msgpack.encode(page)


def lane_names(lanes: int) -> list[bytes]:
    """A key for each lane that Kafka's own partitioner puts on its partition."""
    names: dict[int, bytes] = {}
    number = 0
    while len(names) < lanes:
        names.setdefault(lane_of(f"lane-{number}", lanes), f"lane-{number}".encode())
        number += 1
    return [names[lane] for lane in range(lanes)]
