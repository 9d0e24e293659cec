"""Through real Kafka: events a second with one worker and durable state, and produced → warning readable.

The broker is a local one of its own, the worker the very ``faust -A app worker`` of production. Counted is from the
first record behind the door to the moment all lanes have committed the log's last tick. Books and warnings must be
the embedded engine's, or no figure is given.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figure import Figure, WrongAnswer, percentiles
from benchmarks.lane import in_engine
from benchmarks.latency import founded, name_of, ordinary, unlicensed
from benchmarks.province import Log, mix, province, small
from deploy.local import KafkaBroker
from events.log import Received, Tick
from routing.notice import decode_notice
from streams.broker.door import KafkaDoor
from streams.broker.follow import Followed, Follower
from streams.broker.process import WorkerProcess
from streams.broker.projector import Projector, projecting
from streams.broker.topics import WARNINGS, Topics, create_topics
from streams.settings import Settings

_PATIENCE_S = 240.0
_STRETCH = 4_000


def measure(*, quick: bool = False) -> list[Figure]:
    """Throughput, then latency, each in an application of its own on one broker."""
    log = small() if quick else province(8, 3)
    with TemporaryDirectory() as folder, KafkaBroker(Path(folder) / "kafka") as broker:
        events = sum(isinstance(item, Received) for item in log)
        ran, books, warned = in_engine(log, Path(folder) / "embedded.db")
        wall, ours = _throughput(log, broker.address, Path(folder) / "through")
        if ours != (books, warned):
            raise WrongAnswer("books or warnings through Kafka are not those of the embedded engine")
        number, rate = (50, 20) if quick else (600, 20)
        late = asyncio.run(_latency(broker.address, Path(folder) / "late", number, rate))
    says = f"wall; {mix(log)}; one worker, 4 partitions, a broker and a projector on the same cores"
    return [
        Figure("Kafka, one worker", events / wall, "events/s", says),
        Figure("Kafka : embedded", wall / ran.wall, "×", "wall; above 1 is slower than the embedded engine"),
        *percentiles(
            "produced → warning readable, Kafka", late, f"{number:,} at {rate}/s with as many ordinary, open loop"
        ),
    ]


def _throughput(log: Log, address: str, folder: Path) -> tuple[float, tuple[dict[str, int], frozenset[str]]]:
    with working(address, folder) as settings:
        start = asyncio.run(_feed(settings, log, folder))
        wall = time.perf_counter() - start
    db = sqlite3.connect(folder / "projection.db")
    books = dict(db.execute("SELECT book, sum(delta) FROM book_lines WHERE kind='movement' GROUP BY book"))
    warned = frozenset(row[0] for row in db.execute("SELECT finding FROM warnings WHERE status<>'withdrawn'"))
    db.close()
    return wall, ({book: balance for book, balance in books.items() if balance}, warned)


@contextmanager
def working(address: str, folder: Path) -> Iterator[Settings]:
    """A fresh application on the broker with one worker that has its lanes."""
    folder.mkdir(parents=True)
    settings = Settings(brokers=address, home=str(folder), application=f"b{uuid.uuid4().hex[:8]}", partitions=4)
    create_topics(settings)
    worker = WorkerProcess(settings, folder / "worker.log")
    try:
        yield settings
    finally:
        worker.stop()


async def _feed(settings: Settings, log: Log, folder: Path) -> float:
    """Put the whole log through the door and wait until every lane has come to its end; when that began."""
    door, last = KafkaDoor(settings), max(item.at for item in log if isinstance(item, Tick))
    projector = Projector(folder / "projection.db", settings)
    follower = projecting(settings, projector)
    following = asyncio.create_task(follower.run())
    await door.start()
    try:
        await _warm(door, log, folder)
        start = time.perf_counter()
        for at in range(0, len(log), _STRETCH):
            await door.put(log[at : at + _STRETCH])
        await _until(folder, last)
    finally:
        await door.stop()
        follower.stop()
        await following
        projector.close()
    return start


async def _warm(door: KafkaDoor, log: Log, folder: Path) -> None:
    """Wait until the worker works: a tick long before the log has come through all lanes."""
    first = min(item.at for item in log if isinstance(item, Tick)) - 1
    begins = min(item.received_at for item in log if isinstance(item, Received))
    await door.put([Tick(min(first, begins - 1))])
    await _until(folder, min(first, begins - 1))


async def _until(folder: Path, at: int) -> None:
    reading = sqlite3.connect(folder / "projection.db")
    ends = time.perf_counter() + _PATIENCE_S
    while (reading.execute("SELECT coalesce(max(at), -1) FROM clock WHERE name='time'").fetchone()[0]) < at:
        if time.perf_counter() > ends:
            raise WrongAnswer(
                "the lanes did not come to the log's end:\n" + (folder / "worker.log").read_text()[-800:]
            )
        await asyncio.sleep(0.02)
    reading.close()


class Seen:
    """When each unit's first warning could be read, by a consumer of its own."""

    def __init__(self) -> None:
        """Nothing is seen yet."""
        self.at: dict[str, float] = {}

    async def positions(self) -> Mapping[tuple[str, int], int]:
        """From the beginning."""
        return {}

    async def take(self, followed: Sequence[Followed]) -> None:
        """Note the units of what has come."""
        now = time.perf_counter()
        for part in followed:
            for record in part.records:
                notice = decode_notice(record.value)
                if notice.detector == "A1":
                    self.at.setdefault(notice.unit, now)


async def _latency(address: str, folder: Path, number: int, rate: int) -> list[float]:
    with working(address, folder) as settings:
        seen, log = Seen(), founded(number + 1)
        follower = Follower(settings, [Topics(settings.application).named(WARNINGS)], seen)
        following = asyncio.create_task(follower.run())
        door = KafkaDoor(settings)
        await door.start()
        await door.put([*log, unlicensed(number)])
        await heard(seen, 1, _PATIENCE_S)
        start = time.perf_counter() + 0.1
        posting = []
        for at in range(number):
            await asyncio.sleep(max(start + at / rate - time.perf_counter(), 0))
            posting.append(asyncio.create_task(door.put([unlicensed(at), ordinary(at)])))
        await asyncio.gather(*posting)
        await heard(seen, number + 1, 30.0)
        await door.stop()
        follower.stop()
        await following
    return [seen.at[name_of(at)] - (start + at / rate) for at in range(number)]


async def heard(seen: Seen, number: int, patience_s: float) -> None:
    """Wait until so many units' warnings can be read."""
    ends = time.perf_counter() + patience_s
    while len(seen.at) < number:
        if time.perf_counter() > ends:
            raise WrongAnswer(f"{number - len(seen.at)} of {number} unlicensed receipts raised no warning")
        await asyncio.sleep(0.01)
