"""A worker as operations see it: its port, its metrics, its health, and how far it is behind the topics' ends.

Laws kept: the port answers from a thread from the first moment on, so that a start that takes long can be told; a
worker whose loop hangs ends.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from operating.answers import Operated
from operating.checks import Check, Health, Pulse, disk, time_behind
from operating.log_events import LogEvent, say
from operating.meter import Meter
from operating.metrics import Metric, Role
from operating.port import NoPort, Port
from operating.standing import turned, unwatched
from streams.broker.chunk import Chunk
from streams.broker.ends import Ends, Positions, caught_up
from streams.broker.topics import Topics
from streams.metering import Metering
from streams.settings import OFF, Settings, address
from streams.writer import wall_clock

_log = logging.getLogger(__name__)


class Observed:
    """What a worker is watched through. ``start`` it before the worker has anything to do."""

    def __init__(self, settings: Settings, home: Path) -> None:
        self._settings, self._topics = settings, Topics(settings.application)
        self.meter = Meter(Role.WORKER)
        self.observer = Metering(self.meter, wall_clock)
        self._pulse, self._ends = Pulse("loop"), Ends(settings)
        self._behind: dict[tuple[str, int], int] = {}
        self._tasks: list[asyncio.Task[None]] = []
        ready = (
            self._restored,
            lambda: caught_up(self._behind.values(), settings),
            self._ends.check,
            lambda: disk(home),
            lambda: time_behind(self.observer.behind_s()),
        )
        self.operated = Operated(self.meter, Health((self._pulse.check,), ready), home)
        self._port: Port | None = None

    def start(self, positions: Callable[[], Positions]) -> None:
        """Open the port; ask, from now on, how far the lanes' positions are behind."""
        self._listen()
        following = self._ends.follow(positions, lambda ends: self._compare(positions(), ends))
        self._tasks = [asyncio.create_task(self._beat()), asyncio.create_task(following)]

    async def stop(self) -> None:
        """Close the port."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        unwatched()
        if self._port is not None:
            await asyncio.to_thread(self._port.close)

    def _listen(self) -> None:
        if self._settings.metrics_bind == OFF:
            return
        host, port = address(self._settings.metrics_bind, "metrics_bind")
        try:
            self._port = Port(host, port, self.operated.answer, token=self._settings.token)
        except NoPort as error:
            # A worker that cannot be watched still does its work.
            say(_log, LogEvent.PORT_TAKEN, error=error)
            return
        host, port = self._port.address
        say(_log, LogEvent.SERVING, address=f"http://{host}:{port}/metrics")

    async def _beat(self) -> None:
        while True:
            self._pulse.beat()
            turned()
            self.observer.look_at_time()
            await asyncio.sleep(1.0)

    def _compare(self, reached: Positions, ends: Positions) -> None:
        # A lane that came or went meanwhile is compared next time, or never again.
        self._behind = {place: max(0, ends[place] - at) for place, at in reached.items() if place in ends}
        for (topic, lane), behind in self._behind.items():
            self.meter.set(Metric.LAG_RECORDS, str(lane), self._topics.word(topic), to=behind)
        self.meter.set(Metric.LANES, to=len({lane for _, lane in reached}))

    def _restored(self) -> Check:
        lanes = self.observer.restoring_lanes
        if not lanes:
            return Check("restored", "ok", ("状态已恢复", "its lanes are restored"))
        text = f"{len(lanes)} 道正在恢复", f"{len(lanes)} lanes are being restored"
        return Check("restored", "wrong", text, ("等待；进度见日志", "wait: its log says how far it is"))


def taken(
    chunks: Iterable[Chunk], reached: Mapping[str, int], topics: Topics
) -> tuple[dict[str, int], dict[str, int]]:
    """What of some chunks lies beyond the reached positions: records by word, and when the newest came (µs)."""
    records: dict[str, int] = {}
    youngest: dict[str, int] = {}
    for chunk in chunks:
        word = topics.word(chunk.topic)
        records[word] = records.get(word, 0) + len(chunk.records) - passed_over((chunk,), reached)
        youngest[word] = max(youngest.get(word, 0), chunk.records[-1].timestamp * 1_000)
    return records, youngest


def passed_over(chunks: Sequence[Chunk], reached: Mapping[str, int]) -> int:
    """How many records of some chunks were applied before, by their positions."""
    return sum(
        sum(record.offset < reached[chunk.topic] for record in chunk.records)
        for chunk in chunks
        if chunk.records[0].offset < reached[chunk.topic]
    )
