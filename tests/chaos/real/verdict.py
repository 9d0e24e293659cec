"""The verdict: what stands on the broker, in the desk's database and in Redis, held against the oracle.

Laws kept: what was acknowledged is there (12); books and findings are the oracle's (6); nothing has two contents,
nothing was applied twice; each recipient was told everything once, in order.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import redis
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from cli.installation import DATABASE
from events.log import Received, Tick, log_line
from events.rejection import Source
from routing.notice import WarningNotice, decode_notice
from streams.broker.clients import aiokafka
from streams.broker.restore import APPLIED
from streams.broker.topics import INPUTS, LINES, STATE, WARNINGS, Topics
from streams.broker.wire import Reader, read_applied, read_lines, state_key, tick_of
from streams.effects import StatePart
from streams.holdings import LANE
from streams.model_files import SHIPPED, model_loader
from streams.settings import Settings
from tests.chaos.comparing import parted
from tests.chaos.faults import applied_twice, gone_back, two_contents
from tests.chaos.oracle import answer
from tests.engines import answers


class Committed:
    """Everything that was committed on the topics of an application, read once."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._topics = settings, Topics(settings.application)
        words = (*INPUTS, WARNINGS, LINES, STATE)
        self._records = asyncio.run(_read(settings, [self._topics.named(word) for word in words]))

    def inputs(self) -> list[Received | Tick]:
        """What the oracle is asked about: every input record as any lane would take it."""
        reader, found = Reader(self._settings), list[Received | Tick]()
        for word in INPUTS:
            for place, record in self._of(word):
                at = tick_of(record.value)
                if at is not None:
                    found.append(Tick(at))
                    continue
                taken = reader.report(word, Source(place.topic, place.partition, record.offset), record)
                found.append(Received(taken.raw, taken.provider, taken.received_at))
        return found

    def notices(self) -> list[WarningNotice]:
        """All warnings, each partition's in order."""
        return [decode_notice(record.value) for _, record in self._of(WARNINGS)]

    def faults(self) -> list[str]:
        """What may never be seen."""
        told = (one for _, record in self._of(LINES) for one in read_lines(record.value).told)
        return [*two_contents(self.notices()), *applied_twice(told), *self._gone_back()]

    def _gone_back(self) -> Iterator[str]:
        key = state_key(StatePart(LANE, APPLIED, None))
        reached: dict[int, Mapping[str, int]] = {}
        for place, record in self._of(STATE):
            if record.key == key:
                positions = read_applied(record.value).positions
                yield from gone_back(reached.get(place.partition, {}), positions)
                reached[place.partition] = positions

    def _of(self, word: str) -> Iterator[tuple[TopicPartition, Any]]:
        name = self._topics.named(word)
        return (pair for pair in self._records if pair[0].topic == name)


INPUTS_FILE = "inputs.jsonl"


def verdict(settings: Settings, acknowledged: Counter[bytes]) -> list[str]:
    """Everything that is wrong with an installation that has come to its end.

    What the oracle was asked about is left in the home as a log, for ``hazflow replay``.
    """
    committed = Committed(settings)
    inputs = committed.inputs()
    with (Path(settings.home) / INPUTS_FILE).open("wb") as file:
        file.writelines(log_line(item) for item in in_order(inputs))
    right = answer(inputs, model_loader((SHIPPED,)))
    with sqlite3.connect(Path(settings.home) / DATABASE) as database:
        said = answers(database)
    held = Counter(item.raw for item in inputs if isinstance(item, Received))
    return [
        *(f"acknowledged and lost: {raw[:120]!r}" for raw in list(acknowledged - held)[:8]),
        *parted(right, said),
        *committed.faults(),
        *told_wrongly(settings, committed.notices()),
    ]


def missing(settings: Settings, acknowledged: Counter[bytes]) -> bool:
    """Whether anything acknowledged is not on the topics yet: a door keeps it on its own disk meanwhile."""
    try:
        inputs = Committed(settings).inputs()
    except (KafkaError, OSError):
        return True
    return bool(acknowledged - Counter(item.raw for item in inputs if isinstance(item, Received)))


def in_order(inputs: Iterable[Received | Tick]) -> list[Received | Tick]:
    """As they were received: ticks behind what came before them."""
    return sorted(inputs, key=lambda item: (item.at, 1) if isinstance(item, Tick) else (item.received_at, 0))


def told_wrongly(settings: Settings, notices: Iterable[WarningNotice]) -> list[str]:
    """Where Redis' streams are not each recipient's warnings, once each, revisions ascending."""
    owed: dict[str, set[tuple[str, int]]] = {}
    for notice in notices:
        for to in notice.recipients:
            name = f"{settings.application}:{to.authority.stream}"
            owed.setdefault(name, set()).add((notice.finding, notice.revision))
    client = redis.Redis.from_url(settings.redis, decode_responses=True)
    wrong = []
    try:
        names = {str(key) for key in client.scan_iter(f"{settings.application}:warnings:*")}
        for name in sorted(names | owed.keys()):
            entries: Any = client.xrange(name)
            told = [(entry[1]["finding"], int(entry[1]["revision"])) for entry in entries]
            if set(told) != owed.get(name, set()) or len(told) != len(set(told)):
                wrong.append(f"{name} was told {len(told)} times of {len(owed.get(name, ()))} warnings")
            latest: dict[str, int] = {}
            for finding, revision in told:
                if revision < latest.get(finding, 0):
                    wrong.append(f"{name}: {finding} was told out of order")
                latest[finding] = revision
    finally:
        client.close()
    return wrong


async def _read(settings: Settings, topics: Iterable[str]) -> list[tuple[TopicPartition, Any]]:
    consumer = AIOKafkaConsumer(
        **aiokafka(settings), isolation_level="read_committed", enable_auto_commit=False,
        auto_offset_reset="earliest", max_partition_fetch_bytes=8 << 20,
    )  # fmt: skip
    await consumer.start()
    try:
        places = [TopicPartition(topic, n) for topic in topics for n in range(settings.partitions)]
        ends = await consumer.end_offsets(places)
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        found: dict[TopicPartition, list[Any]] = {place: [] for place in places}
        waiting = list(places)
        while waiting:
            for place, records in (await consumer.getmany(timeout_ms=200)).items():
                found[place].extend(records)
            waiting = [place for place in waiting if await consumer.position(place) < ends[place]]
        return [(place, record) for place, records in found.items() for record in records]
    finally:
        await consumer.stop()
