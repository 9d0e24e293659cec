"""What waits for one lane: chunks by topic, handed on so that no topic runs ahead of the ticks of the others.

Any order of reports ends alike, but who is heard before what he rests on (a count before the flows that it counts)
is judged twice. Where a backlog is caught up with, each topic would else come at its own pace.

Laws kept: records of a partition are handed on in offset order, each once; a topic that has come to its end holds
up nobody.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from events.time import MINUTE, Instant
from streams.broker.chunk import Chunk
from streams.broker.wire import tick_of

CHUNKS: Final = 2
"""Chunks of one topic that wait for a lane before no more of it is fetched."""
AHEAD: Final = 5 * MINUTE
"""So far ahead of a topic no other runs while there is patience: live, all of them are within a tick or two."""
_BEGINNING: Final[Instant] = -(2**62)

Done = Callable[[], object]


class Cut(Struct, frozen=True):
    """What a lane takes next: chunks, and what to call behind their commit."""

    chunks: list[Chunk]
    done: list[Done]


class _Waits(Struct):
    chunk: Chunk
    done: Done
    ticks: deque[tuple[int, Instant]]
    """Behind which of the records time has come to what."""
    begin: int = 0
    """The first record that was not handed on."""


class _Line:
    """One topic's chunks in their order, and up to which tick it was handed on."""

    def __init__(self, *, timed: bool) -> None:
        self.timed = timed
        self.chunks: deque[_Waits] = deque()
        self.at = _BEGINNING
        self.more = False

    def put(self, chunk: Chunk, done: Done) -> None:
        values = enumerate(record.value for record in chunk.records) if self.timed else ()
        ticks = ((place, at) for place, value in values if (at := tick_of(value)) is not None)
        self.chunks.append(_Waits(chunk, done, deque(ticks)))
        self.more = self.timed and chunk.more

    def holds_up(self, at: Instant) -> bool:
        """Whether who has come to an instant should wait for this one."""
        return self.timed and not self.chunks and self.at < (at if self.more else at - AHEAD)

    def taken(self, most: int) -> tuple[Chunk, Done | None]:
        """The next records up to a tick or the chunk's end; with what to call where the chunk ends with them."""
        first = self.chunks[0]
        records = first.chunk.records
        end = min(first.ticks[0][0] + 1 if first.ticks else len(records), first.begin + most)
        if first.ticks and first.ticks[0][0] < end:
            self.at = max(self.at, first.ticks.popleft()[1])
        begins = first.chunk.begins if first.begin == 0 else int(records[first.begin - 1].offset) + 1
        piece = replace(first.chunk, begins=begins, records=records[first.begin : end])
        first.begin = end
        return piece, (None if end < len(records) else self.chunks.popleft().done)


class Waiting:
    """The chunks of all topics of one lane; of ``untimed`` ones, which carry no ticks, all there is comes first."""

    def __init__(self, topics: Iterable[str], *, untimed: str) -> None:
        self._lines = {topic: _Line(timed=topic != untimed) for topic in topics}

    def put(self, chunk: Chunk, done: Done) -> None:
        """One more chunk behind those of its topic."""
        self._lines[chunk.topic].put(chunk, done)

    def has_room(self, topic: str) -> bool:
        """Whether more of a topic should be fetched."""
        return len(self._lines[topic].chunks) < CHUNKS

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return any(line.chunks for line in self._lines.values())

    def take(self, most: int, *, patient: bool) -> Cut | None:
        """About so many records, the topic that is furthest behind first; None where there are none to take.

        ``patient``: nothing is taken ahead of a topic of which nothing waits yet, where that is known to have more,
        or far ahead: what was fetched with the chunk at hand may be on its way.
        """
        pieces: dict[str, list[Chunk]] = {}
        done: list[Done] = []
        while most > 0:
            ready = [(line.at, topic) for topic, line in self._lines.items() if line.chunks]
            if not ready:
                break
            at, topic = min(ready)
            if patient and any(line.holds_up(at) for line in self._lines.values()):
                break
            piece, ended = self._lines[topic].taken(most)
            pieces.setdefault(topic, []).append(piece)
            most -= len(piece.records)
            done.extend(() if ended is None else (ended,))
        return Cut([chunk for one in pieces.values() for chunk in _joined(one)], done) if pieces else None


def _joined(pieces: list[Chunk]) -> Iterator[Chunk]:
    """Pieces of one topic, those as one chunk of which each begins where the one before it ended.

    After a seek what waited comes again, and nobody but who applies chunks may tell what is new in it, or missing.
    """
    runs = [[pieces[0]]]
    for piece in pieces[1:]:
        if piece.begins == runs[-1][-1].ends:
            runs[-1].append(piece)
        else:
            runs.append([piece])
    for run in runs:
        records = (record for piece in run for record in piece.records)
        yield run[0] if len(run) == 1 else replace(run[0], records=list(records))
