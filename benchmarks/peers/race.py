"""One run of one contestant: its topics filled while it is frozen, then timed until its last output is committed.

A contestant is a process with the settings of hazflow: ``faust -A app worker`` of this tree, or a peer's host from
an environment of its own. It is started on a preface of the log, so that imports, joining the group, reading
policies and models are over before the clock starts; it is frozen while the rest is written, thawed, and timed from
then until the last of its outputs could be read: every partition has told the log's last tick, and the answer is
right. CPU is its own, of the same time and of its clean end: what it still had to flush counts.

Law kept: no pace of a wrong answer: the books that its lines add up to and the findings that stand are the lane's.
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from msgspec import Struct

from benchmarks.figure import WrongAnswer
from benchmarks.lane import Ran
from benchmarks.peers.course import LANES, PARTITIONS, Course, Entry, in_order
from benchmarks.peers.steps import INPUT, LINES, WARNINGS, lane_names
from benchmarks.peers.venvs import TREE, environment_of
from detectors.claim import Status
from routing.notice import decode_notice
from streams.broker.clients import aiokafka
from streams.broker.process import environment
from streams.broker.topics import Topics, create_topics
from streams.broker.wire import read_lines
from streams.settings import Settings

OURS: Final = "hazflow"
_PATIENCE_S: Final = 900.0
_LATEST_S: Final = 60.0
_STOP_S: Final = 60.0
_QUIET_MS: Final = 1_000
_HAS_A_LANE: Final = "lane_restored"
"""What our worker says of each lane that it has taken up."""
_BATCH_BYTES: Final = 512_000
_TICKS_A_SECOND: Final = os.sysconf("SC_CLK_TCK")


class Pace(Struct, frozen=True):
    """Seconds of one run, by the clock and of the contestant's (and the broker's) work."""

    wall: float
    cpu: float
    broker: float


def command(name: str, home: Path) -> list[str]:
    """How a contestant is started."""
    if name == OURS:
        return [str(Path(sys.executable).with_name("faust")), "-A", "app", "worker", "-l", "info"]
    bin_ = environment_of(name) / "bin"
    match name:
        case "faust":
            return [str(bin_ / "faust"), "-A", "benchmarks.peers.faust", "worker", "-l", "warn", "--without-web"]
        case "quix":
            return [str(bin_ / "python"), "-m", "benchmarks.peers.quix"]
        case "bytewax":
            store = home / "recovery"
            store.mkdir()
            subprocess.run([str(bin_ / "python"), "-m", "bytewax.recovery", str(store), "1"], check=True)
            return [
                str(bin_ / "python"), "-m", "bytewax.run", "benchmarks.peers.bytewax:flow", "-r", str(store),
                "-s", "10", "-b", "0",
            ]  # fmt: skip
        case _:
            raise LookupError(f"there is no contestant {name}")


def run(name: str, on: Course, address: str, folder: Path, *, broker: int, workers: int = 1) -> Pace:
    """One contestant over the course on a broker (its process id is ``broker``)."""
    folder.mkdir(parents=True)
    settings = Settings(
        brokers=address, home=str(folder), application=f"p{uuid.uuid4().hex[:8]}", partitions=PARTITIONS,
        session_timeout_s=60.0,
    )  # fmt: skip
    create_topics(settings)
    if name != OURS:
        on = in_order(on, INPUT)
    return asyncio.run(_Race(settings, on, folder, broker).run(command(name, folder), workers))


class _Race:
    def __init__(self, settings: Settings, on: Course, folder: Path, broker: int) -> None:
        self._settings, self._on, self._folder, self._broker = settings, on, folder, broker
        self._topics = Topics(settings.application)
        self._times: dict[int, int] = {}
        self._ran = Ran()
        self._warned: dict[str, tuple[int, str]] = {}

    async def run(self, starting: list[str], workers: int) -> Pace:
        reading = await self._reader()
        await self._fill(self._on.preface)
        running = [self._start(starting, "worker0.log")]
        try:
            await self._until(reading, self._on.begun, running)
            while len(running) < workers:
                running.append(self._start(starting, f"worker{len(running)}.log"))
                await self._joined(running)
            for one in running:
                one.send_signal(signal.SIGSTOP)
            await self._fill(self._on.rest)
            since = await self._seen(running)
            for one in running:
                one.send_signal(signal.SIGCONT)
            until = await self._until(reading, self._on.ends, running)
            until = await self._right(reading, running, until)
            stopping, ended = await self._seen(running), _children()
        finally:
            for one in running:
                await asyncio.to_thread(_stop, one)
            await reading.stop()
        flushed = _children() - ended - stopping.cpu
        return Pace(until.wall - since.wall, until.cpu - since.cpu + flushed, until.broker - since.broker)

    async def _seen(self, running: Sequence[subprocess.Popen[bytes]]) -> Pace:
        """The clock and the work done as they stand."""
        return Pace(time.perf_counter(), sum(_cpu(one.pid) for one in running), _cpu(self._broker))

    async def _right(
        self, reading: AIOKafkaConsumer, running: Sequence[subprocess.Popen[bytes]], until: Pace
    ) -> Pace:
        """Read on while outputs come: facts may come behind the last tick. Returns when the last output came."""
        while True:
            fetched = await reading.getmany(timeout_ms=_QUIET_MS)
            if fetched:
                self._note(fetched)
                until = await self._seen(running)
                continue
            wrong = self._wrong()
            if wrong is None:
                return until
            if time.perf_counter() - until.wall > _LATEST_S:
                raise WrongAnswer(f"{wrong} (see {self._folder})")

    def _start(self, starting: list[str], log: str) -> subprocess.Popen[bytes]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HAZFLOW_")}
        values = kept | environment(self._settings) | {"PYTHONPATH": str(TREE)}
        with (self._folder / log).open("ab") as out:
            return subprocess.Popen(
                starting, cwd=TREE, env=values, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )

    async def _joined(self, running: Sequence[subprocess.Popen[bytes]]) -> None:
        """Wait until the last worker has lanes: the partitions have then been dealt out anew."""
        ends = time.perf_counter() + _PATIENCE_S
        while _HAS_A_LANE not in self._told(len(running) - 1):
            if time.perf_counter() > ends or running[-1].poll() is not None:
                raise WrongAnswer(f"a further worker got no lane:\n{self._told(len(running) - 1)[-2_000:]}")
            await asyncio.sleep(0.1)

    def _told(self, worker: int) -> str:
        """What a worker has said."""
        return (self._folder / f"worker{worker}.log").read_text("utf-8", "replace")

    async def _reader(self) -> AIOKafkaConsumer:
        consumer = AIOKafkaConsumer(
            **aiokafka(self._settings), isolation_level="read_committed", enable_auto_commit=False,
            auto_offset_reset="earliest",
        )  # fmt: skip
        await consumer.start()
        named = [self._topics.named(word) for word in (LINES, WARNINGS)]
        consumer.assign([TopicPartition(name, lane) for name in named for lane in LANES])
        return consumer

    async def _fill(self, entries: Iterable[Entry]) -> None:
        """Write records to the input topics, each keyed by its lane."""
        producer = AIOKafkaProducer(**aiokafka(self._settings), acks="all", max_batch_size=_BATCH_BYTES)
        await producer.start()
        names = lane_names(PARTITIONS)
        builders: dict[tuple[str, int], Any] = {}
        for word, lane, value, headers in entries:
            place = (self._topics.named(word), lane)
            for _ in range(2):
                builder = builders.get(place) or builders.setdefault(place, producer.create_batch())
                if builder.append(key=names[lane], value=value, timestamp=None, headers=headers) is not None:
                    break
                await producer.send_batch(builders.pop(place), place[0], partition=lane)
        for place, builder in builders.items():
            await producer.send_batch(builder, place[0], partition=place[1])
        await producer.stop()

    async def _until(self, reading: AIOKafkaConsumer, at: int, running: Sequence[subprocess.Popen[bytes]]) -> Pace:
        """Read what comes out until every lane has told this time; returns when that was."""
        ends = time.perf_counter() + _PATIENCE_S
        while min(self._times.get(lane, at - 1) for lane in LANES) < at:
            self._note(await reading.getmany(timeout_ms=50))
            if time.perf_counter() > ends or any(one.poll() is not None for one in running):
                raise WrongAnswer(f"not come to {at}, but lanes to {self._times}:\n{self._told(0)[-2_000:]}")
        return await self._seen(running)

    def _note(self, fetched: dict[TopicPartition, Any]) -> None:
        lines = self._topics.named(LINES)
        for partition, records in fetched.items():
            for record in records:
                if partition.topic != lines:
                    notice = decode_notice(record.value)
                    self._warned[notice.finding] = max(
                        self._warned.get(notice.finding, (0, "")), (notice.revision, notice.status)
                    )
                    continue
                page = read_lines(record.value)
                self._ran.lines.update(((line.key, line.fact.id), line.fact) for line in page.lines)
                if page.time is not None:
                    self._times[page.time.lane] = page.time.at

    def _wrong(self) -> str | None:
        """What of the answer is not the lane's; None where all is."""
        standing = frozenset(name for name, (_, told) in self._warned.items() if told != Status.WITHDRAWN.value)
        if standing != self._on.standing:
            return f"other findings stand: {sorted(standing ^ self._on.standing)}"
        return None if self._ran.books() == self._on.books else "other books"


def _cpu(pid: int) -> float:
    """The seconds of work of a running process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_A_SECOND


def _children() -> float:
    """The seconds of work of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _stop(process: subprocess.Popen[bytes]) -> None:
    """A clean end, or the other."""
    process.send_signal(signal.SIGCONT)
    process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
