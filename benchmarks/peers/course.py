"""The course that all contestants run: a log as records of the input topics, in two parts, and its right answer.

Law kept: the same records on the same partitions for everyone, and one answer, that of the lane in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from benchmarks.lane import Ran
from benchmarks.province import Log
from events.log import Received, Tick
from streams.broker.door import KafkaDoor
from streams.broker.topics import INPUTS, Topics
from streams.broker.wire import report_headers, tick_value
from streams.settings import Settings

PARTITIONS: Final = 4
LANES: Final = range(PARTITIONS)
_PREFACE: Final = 20
"""The part of the log that a contestant warms up on: one in so many."""

Entry = tuple[str, int, bytes, list[tuple[str, bytes]]]
"""A record to fill a topic with: the topic's word, the partition, value and headers."""


class Course(Struct, frozen=True):
    """What all contestants run: preface and rest of a log as records, each with its last tick, and the answer.

    ``events`` counts those of the rest.
    """

    preface: Sequence[Entry]
    begun: int
    rest: Sequence[Entry]
    ends: int
    events: int
    books: dict[str, int]
    standing: frozenset[str]


def course(log: Log, answer: Ran) -> Course:
    """A log as a course; ``answer`` is what the lane in memory made of it."""
    ticks = [place for place, item in enumerate(log) if isinstance(item, Tick)]
    cut = next(place for place in ticks if place >= len(log) // _PREFACE) + 1
    preface, rest = log[:cut], log[cut:]
    return Course(
        preface=list(_entries(preface)),
        begun=_last_tick(preface),
        rest=list(_entries(rest)),
        ends=_last_tick(rest),
        events=sum(isinstance(item, Received) for item in rest),
        books=answer.books(),
        standing=answer.standing(),
    )


def _last_tick(log: Log) -> int:
    return max(item.at for item in log if isinstance(item, Tick))


def in_order(on: Course, topic: str) -> Course:
    """The same course for who reads one topic: records as they came, on their partitions, each tick once."""
    return replace(on, preface=_in_one(on.preface, topic), rest=_in_one(on.rest, topic))


def _in_one(entries: Iterable[Entry], topic: str) -> list[Entry]:
    return [(topic, lane, value, headers) for word, lane, value, headers in entries if headers or word == INPUTS[0]]


def _entries(log: Log) -> Iterable[Entry]:
    """The log as its records stand on the input topics: reports at their homes' partitions, ticks on all."""
    door = KafkaDoor(Settings(application="x", partitions=PARTITIONS))
    for item in log:
        if isinstance(item, Tick):
            for word in INPUTS:
                for lane in LANES:
                    yield word, lane, tick_value(item.at), []
            continue
        headers = report_headers(item.provider, item.received_at)
        for topic, lane in door.places(item)[1]:
            yield Topics("x").word(topic), lane, item.raw, headers
