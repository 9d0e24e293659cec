"""Restarts: from a worker's start to its first event processed, over a country's quiet books; and takeovers.

The broker is a local one, the worker the very ``faust -A app worker`` of production, the state on its topic that of
`benchmarks.quiet`. Counted is from the start of the process to the moment its first event's book line can be read;
for a takeover, from the kill of the worker before it, whose session must run out first. The line must be right.
"""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from pathlib import Path
from tempfile import TemporaryDirectory

from aiokafka import AIOKafkaConsumer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType

from benchmarks.figure import Figure, WrongAnswer
from benchmarks.quiet import Quiet, first_book, first_event, write
from deploy.local import KafkaBroker
from ledger.fact import Movement
from streams.broker.clients import aiokafka
from streams.broker.door import KafkaDoor
from streams.broker.process import WorkerProcess
from streams.broker.topics import LINES, STATE, Topics, admin, create_topics
from streams.broker.wire import read_lines
from streams.settings import Settings

_PATIENCE_S = 300.0
DAY_MS = 86_400_000
_OVER = "4 lanes, one worker, a broker on the same cores; 20 books a site, with its home and registry entries"


def measure(*, quick: bool = False) -> list[Figure]:
    """Over a compacted changelog, then with three times as many records uncompacted on top; and resident memory."""
    books, again = (2_000, 6_000) if quick else (1_000_000, 3_000_000)
    with TemporaryDirectory() as folder, KafkaBroker(Path(folder) / "kafka") as broker:
        empty = asyncio.run(_restarted(broker.address, Path(folder) / "empty", Quiet(1)))
        compact = asyncio.run(_restarted(broker.address, Path(folder) / "compact", Quiet(books)))
        on_top = asyncio.run(_restarted(broker.address, Path(folder) / "on-top", Quiet(books, again)))
    each = (compact[1] - empty[1]) * 1_024 / books
    return [
        Figure("restart, first event", compact[0], "s", f"{books:,} quiet books, compacted; {_OVER}"),
        Figure("restart, uncompacted", on_top[0], "s", f"the same with {again:,} records on top"),
        Figure("restart, no books", empty[0], "s", "what a worker takes to start"),
        Figure("resident, a quiet book", each, "bytes", "the worker's memory less that of one without books"),
    ]


def measure_takeover(*, quick: bool = False) -> list[Figure]:
    """kill -9 of a worker that holds every lane, with another that stands by."""
    books = 2_000 if quick else 250_000
    with TemporaryDirectory() as folder, KafkaBroker(Path(folder) / "kafka") as broker:
        taken = asyncio.run(_taken_over(broker.address, Path(folder) / "takeover", Quiet(books)))
    says = f"{books:,} quiet books; kill -9 → first event by the worker that stood by; session timeout"
    return [Figure("takeover", taken, "s", f"{says} {Settings().session_timeout_s:g} s")]


async def _restarted(address: str, folder: Path, quiet: Quiet) -> tuple[float, int]:
    """Seconds to the first event, and the worker's resident KiB then."""
    settings = await _written(address, folder, quiet)
    await _post(settings)
    began = time.perf_counter()
    worker = WorkerProcess(settings, folder / "worker.log")
    try:
        ended = await _first_line(settings, worker)
        _check(worker, quiet)
        return ended - began, worker.resident_kib
    finally:
        worker.kill()


async def _taken_over(address: str, folder: Path, quiet: Quiet) -> float:
    settings = await _written(address, folder, quiet)
    first = WorkerProcess(settings, folder / "first.log")
    second: WorkerProcess | None = None
    try:
        await _until(first, "lane_restored", settings.partitions)
        second = WorkerProcess(settings, folder / "second.log")
        # It joins, and the lanes are shared out.
        await _until(second, "lane_restored", 1)
        began = time.perf_counter()
        first.kill()
        await _post(settings)
        return await _first_line(settings, second) - began
    finally:
        for worker in (first, second):
            if worker is not None:
                worker.kill()


async def _written(address: str, folder: Path, quiet: Quiet) -> Settings:
    await asyncio.to_thread(folder.mkdir, parents=True)
    settings = Settings(brokers=address, home=str(folder), application=f"r{uuid.uuid4().hex[:8]}", partitions=4)
    await asyncio.to_thread(_topics, settings)
    await write(settings, quiet)
    return settings


def _topics(settings: Settings) -> None:
    """Topics of which nothing is compacted meanwhile: what is to lie on top stays there."""
    create_topics(settings)
    client, name = admin(settings), Topics(settings.application).named(STATE)
    client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, {"min.compaction.lag.ms": str(DAY_MS)})])
    client.close()


async def _post(settings: Settings) -> None:
    door = KafkaDoor(settings)
    await door.start()
    await door.put([first_event()])
    await door.stop()


async def _first_line(settings: Settings, worker: WorkerProcess) -> float:
    """When the first event's line could be read, and was right."""
    consumer = AIOKafkaConsumer(**aiokafka(settings), isolation_level="read_committed", enable_auto_commit=False)
    await consumer.start()
    try:
        places = [TopicPartition(Topics(settings.application).named(LINES), p) for p in range(settings.partitions)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = time.perf_counter() + _PATIENCE_S
        while time.perf_counter() < ends and worker.running:
            for records in (await consumer.getmany(timeout_ms=50)).values():
                for line in (line for record in records for line in read_lines(record.value).lines):
                    if line.key == first_book() and isinstance(line.fact.body, Movement):
                        if line.fact.body.amount != 1:
                            raise WrongAnswer(f"the first event moved {line.fact.body.amount}")
                        return time.perf_counter()
    finally:
        await consumer.stop()
    raise WrongAnswer("the first event was not processed:\n" + worker.told()[-1_500:])


def _check(worker: WorkerProcess, quiet: Quiet) -> None:
    """All of the state was restored, not a part of it."""
    restored = sum(map(int, re.findall(r"lane_restored .*records=(\d+)", worker.told())))
    if restored < quiet.records:
        raise WrongAnswer(f"{restored} records were restored of {quiet.records}")


async def _until(worker: WorkerProcess, said: str, times: int) -> None:
    ends = time.perf_counter() + _PATIENCE_S
    while worker.told().count(said) < times:
        if time.perf_counter() > ends or not worker.running:
            raise WrongAnswer(f"the worker did not say {said!r}:\n" + worker.told()[-1_500:])
        await asyncio.sleep(0.1)
