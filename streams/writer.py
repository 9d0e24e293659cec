"""The one writer of the embedded engine: takes reports from many, commits them in groups, keeps the clock.

Laws kept: a report is answered after its commit, never before (12); received_at is stamped once, in the order of
taking; only ticks move time, and a tick stands behind everything that was acknowledged before it.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Final

from msgspec import Struct

from events.log import Received, Tick
from events.time import SECOND, Instant
from operating.log_events import LogEvent, say
from streams.embedded import Embedded, Feed, Outcome

GROUP: Final = 4_000
"""Records committed together at most."""
MOST_WAITING: Final = 200
"""Posts that may wait; more are told to come again."""
TICK_EVERY_S: Final = 1.0
"""How often live time is told: what happened this moment may be said at the next tick."""

_log = logging.getLogger(__name__)


class QuarantineFull(Exception):
    """Too many refused records of this provider (or, if ``total``, of all) wait to be mended: law 7's limit."""

    def __init__(self, provider: str, *, total: bool) -> None:
        super().__init__("the quarantine is full" if total else f"the quarantine of {provider} is full")
        self.total = total


class Busy(Exception):
    """The writer has as much to do as it may hold: come again."""


_TICK: Final = object()


class _Post(Struct):
    provider: str
    raws: Sequence[bytes]
    done: Future[list[Outcome]]


class _Batch(Struct):
    items: Sequence[Received | Tick]
    feed: Feed | None
    done: Future[list[Outcome]]


def wall_clock() -> Instant:
    """Now, by this machine."""
    return time.time_ns() // 1_000


class Writer:
    """A thread that owns the engine. ``clock`` None means demo time: reports are received when time stands."""

    def __init__(
        self, engine: Embedded, clock: Callable[[], Instant] | None, *, per_provider: int, total: int
    ) -> None:
        self._engine, self._clock = engine, clock
        self._per_provider, self._total = per_provider, total
        self._queue: queue.Queue[_Post | _Batch | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._run, name="hazflow-writer")
        self._last: Instant = engine.time or 0
        self._stopped = False

    def start(self) -> None:
        """Begin taking."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what was taken, then stop; what comes after is told that the writer is busy, for good."""
        self._queue.put(None)
        self._thread.join()
        self._stopped = True
        self._turn_away()

    def post(self, provider: str, raws: Sequence[bytes]) -> Future[list[Outcome]]:
        """Take reports of one provider; the future is done once they are committed."""
        if self._engine.quarantined() >= self._total:
            say(_log, LogEvent.QUARANTINE_FULL, records=self._engine.quarantined(), most=self._total)
            raise QuarantineFull(provider, total=True)
        if self._engine.quarantined(provider) >= self._per_provider:
            raise QuarantineFull(provider, total=False)
        done: Future[list[Outcome]] = Future()
        try:
            self._queue.put_nowait(_Post(provider, raws, done))
        except queue.Full:
            raise Busy(f"{MOST_WAITING} posts are waiting") from None
        self._if_stopped()
        return done

    def feed(self, items: Sequence[Received | Tick], feed: Feed | None = None) -> Future[list[Outcome]]:
        """Take a stretch of a log as it is, with its own times; waits while there is no room."""
        done: Future[list[Outcome]] = Future()
        self._queue.put(_Batch(items, feed, done))
        self._if_stopped()
        return done

    @property
    def alive(self) -> bool:
        """Whether it still takes."""
        return self._thread.is_alive()

    @property
    def empty(self) -> bool:
        """Whether nothing was ever taken."""
        return self._engine.empty

    def position(self, feed: str) -> int:
        """How many items of a named feed were taken."""
        return self._engine.position(feed)

    @property
    def now(self) -> Instant:
        """The time that reports are stamped with."""
        return max(self._last, self._clock()) if self._clock is not None else self._engine.time or self._last

    def _run(self) -> None:
        next_tick = time.monotonic() + TICK_EVERY_S
        while True:
            job: _Post | _Batch | object | None
            wait = max(next_tick - time.monotonic(), 0.0) if self._clock is not None else None
            try:
                job = self._queue.get(timeout=wait)
            except queue.Empty:
                job = _TICK
            if job is None:
                return
            if isinstance(job, _Batch):
                self._batch(job)
            elif isinstance(job, _Post) and not self._group(job):
                return
            if self._clock is not None and time.monotonic() >= next_tick:
                self._tick(self.now)
                next_tick = time.monotonic() + TICK_EVERY_S

    def _if_stopped(self) -> None:
        """Nobody reads the queue any more: what got into it behind the stop is not left waiting."""
        if self._stopped:
            self._turn_away()

    def _turn_away(self) -> None:
        while True:
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                return
            if job is not None and job.done.set_running_or_notify_cancel():
                job.done.set_exception(Busy("the writer has stopped"))

    def _batch(self, job: _Batch) -> None:
        if not job.done.set_running_or_notify_cancel():
            return
        try:
            job.done.set_result(self._engine.apply(job.items, job.feed))
        except Exception as error:  # noqa: BLE001 - whoever waits for this batch is told what happened to it
            job.done.set_exception(error)
        self._last = max(self._last, self._engine.time or 0)

    def _group(self, first: _Post) -> bool:
        """One post and all that wait behind it, in one commit; False where the word to stop was among them.

        Whoever gave up waiting before its post was begun has nothing taken; from here on it cannot give up.
        """
        posts, size = [first], len(first.raws)
        rest: _Batch | None = None
        stop = False
        while size < GROUP:
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                break
            if isinstance(job, _Post):
                posts.append(job)
                size += len(job.raws)
            else:
                rest, stop = job, job is None
                break
        self._last = self.now
        posts = [post for post in posts if post.done.set_running_or_notify_cancel()]
        self._commit([Received(raw, post.provider, self._last) for post in posts for raw in post.raws], posts)
        if rest is not None:
            self._batch(rest)
        return not stop

    def _tick(self, now: Instant) -> None:
        """Say that time has come to ``now``: everything answered so far stands before it."""
        self._last = max(self._last, now)
        self._commit([Tick(self._last - self._last % SECOND)], [])

    def _commit(self, items: Sequence[Received | Tick], posts: Sequence[_Post]) -> None:
        try:
            outcomes = self._engine.apply(items)
        except Exception as error:  # noqa: BLE001 - as above; and operations read it in the log
            say(_log, LogEvent.BATCH_NOT_TAKEN, records=len(items), error=error)
            for post in posts:
                post.done.set_exception(error)
            return
        at = 0
        for post in posts:
            post.done.set_result(outcomes[at : at + len(post.raws)])
            at += len(post.raws)
