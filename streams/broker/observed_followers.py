"""The desk's followers as operations see them: how far projection and Redis are behind the committed topics.

Law kept: what waits to be told to Redis waits on ``warnings``; how much that is, is said here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from events.time import SECOND, Instant
from operating.answers import Operated
from operating.checks import STANDS_STILL_S, Check, Health, Pulse, disk, time_behind
from operating.log_events import LogEvent, say
from operating.meter import Meter
from operating.metrics import Metric, Role
from streams.broker.ends import Ends, Positions, caught_up
from streams.broker.follow import Followed, Follower
from streams.broker.topics import Topics
from streams.settings import Settings
from streams.writer import wall_clock

_log = logging.getLogger(__name__)


class Taking:
    """What one follower tells while it takes."""

    def __init__(self, name: str, meter: Meter) -> None:
        self.name, self._meter = name, meter
        self.waits = False

    def took(self, followed: Sequence[Followed]) -> None:
        """Records are kept."""
        self.waits = False
        self._meter.add(Metric.FOLLOWER_RECORDS, self.name, by=sum(len(part.records) for part in followed))
        newest = max(part.records[-1].timestamp for part in followed) / 1_000
        self._meter.set(Metric.FOLLOWER_SECONDS, self.name, to=max(0.0, wall_clock() / SECOND - newest))

    def refused(self, error: Exception) -> None:
        """They could not be kept, and will be offered again."""
        self.waits = True
        self._meter.add(Metric.FOLLOWER_REFUSALS, self.name)
        say(_log, LogEvent.FOLLOWER_WAITS, follower=self.name, error=error)


class ObservedFollowers:
    """What a desk is watched through; ``time`` is how far time has come on its pages."""

    def __init__(self, settings: Settings, time: Callable[[], Instant | None], *, live: bool = True) -> None:
        self._settings, self._topics, self._time, self._live = settings, Topics(settings.application), time, live
        self.meter = Meter(Role.DESK)
        self.projector, self.redis = Taking("projector", self.meter), Taking("redis", self.meter)
        self._pulse, self._ends = Pulse("loop"), Ends(settings)
        self._behind: dict[str, list[int]] = {}
        home = Path(settings.home)
        ready = (
            lambda: caught_up(self._behind.get("projector", ()), settings),
            self._ends.check,
            self._told,
            lambda: disk(home),
            lambda: time_behind(self._behind_s()),
        )
        self.operated = Operated(self.meter, Health((self._pulse.check,), ready), home)
        self.meter.refresh(self._refresh)

    async def run(self, followers: Mapping[str, Follower]) -> None:
        """Compare what was taken with where the topics end, until it is cancelled."""

        def places() -> set[tuple[str, int]]:
            return {place for follower in followers.values() for place in follower.reached}

        def compare(ends: Positions) -> None:
            for name, follower in followers.items():
                self._compare(name, follower.reached, ends)

        await asyncio.gather(self._beat(), self._ends.follow(places, compare))

    async def _beat(self) -> None:
        while True:
            self._pulse.beat()
            await asyncio.sleep(1.0)

    def _compare(self, name: str, reached: Positions, ends: Positions) -> None:
        behind: dict[str, list[int]] = {}
        for place, at in reached.items():
            if place in ends:
                behind.setdefault(self._topics.word(place[0]), []).append(max(0, ends[place] - at))
        for word, each in behind.items():
            self.meter.set(Metric.FOLLOWER_LAG, name, word, to=sum(each))
        self._behind[name] = [one for each in behind.values() for one in each]

    def _told(self) -> Check:
        """Redis down is no reason to take the pages away: warnings wait on their topic."""
        if not self.redis.waits:
            return Check("redis", "ok", ("Redis 可写", "Redis takes warnings"))
        what = "Redis 暂不可写，预警在主题上等待", "Redis takes nothing now; warnings wait on their topic"
        return Check("redis", "watch", what, ("启动 Redis", "start Redis"))

    def _behind_s(self) -> float | None:
        reached = self._time() if self._live else None
        return None if reached is None else max(0.0, (wall_clock() - reached) / SECOND)

    def _refresh(self) -> None:
        behind = self._behind_s()
        self.meter.set(Metric.TIME_BEHIND, to=behind or 0.0)
        self.meter.set(Metric.TIME_STANDS_STILL, to=behind is not None and behind >= STANDS_STILL_S)
