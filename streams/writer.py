"""The door of the embedded engine: accepts reports from many, commits them in groups, keeps the clock.

Laws kept: a report is answered once it is fsynced in the log, never before (12); received_at is stamped once, in
the order of accepting; only ticks move time, and a tick stands behind all that was acknowledged before it; every
queue has a limit (11), and the quarantine is limited per provider first (7).
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
from streams.accepting import Refused, accepted
from streams.applying import Applier, Waiter
from streams.database import CannotWrite
from streams.embedded import Embedded, Outcome
from streams.log import Feed

GROUP: Final = 4_000
"""Records accepted together at most."""
MOST_WAITING: Final = 200
"""Posts that may wait; more are told to come again."""
MOST_BEHIND: Final = 200_000
"""Records that may be accepted and not applied yet; more are told to come again."""
FEW: Final = 20
"""Records of a post whose answer may wait for what becomes of them ..."""
NEAR: Final = 500
"""... where so many at most are to be applied before."""
TICK_EVERY_S: Final = 1.0
"""How often live time is told: what happened this moment may be said at the next tick."""

_log = logging.getLogger(__name__)


class QuarantineFull(Exception):
    """Too many refused records of this provider (or, if ``total``, of all) wait to be mended: law 7's limit."""

    def __init__(self, provider: str, *, total: bool) -> None:
        super().__init__("the quarantine is full" if total else f"the quarantine of {provider} is full")
        self.total = total


class Busy(Exception):
    """The door has as much to do as it may hold, or is shut: come again."""


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
    """A thread that accepts, behind it one that applies. ``clock`` None is demo time: received when time stands."""

    def __init__(
        self, engine: Embedded, clock: Callable[[], Instant] | None, *, per_provider: int, total: int
    ) -> None:
        self._engine, self._clock = engine, clock
        self._per_provider, self._total = per_provider, total
        self._queue: queue.Queue[_Post | _Batch | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._run, name="hazflow-door")
        self._applier = Applier(engine)
        self._refused = Refused()
        self._last: Instant = max(engine.time or 0, engine.log.last_tick or 0)
        self._failing = ""
        self._stopped = False

    def start(self) -> None:
        """Begin accepting, and applying what was accepted before."""
        self._thread.start()
        self._applier.start()

    def stop(self) -> None:
        """Answer what was taken, then stop; what comes after is told that the door is shut, for good."""
        self._queue.put(None)
        self._thread.join()
        self._applier.stop()
        self._stopped = True
        self._turn_away()

    def post(self, provider: str, raws: Sequence[bytes]) -> Future[list[Outcome]]:
        """Accept reports of one provider; the future is done once they are kept for good.

        It tells what became of a few where that is known in a moment; of others what their bytes alone say.
        """
        self._engine.check()
        refused = self._refused.of(provider, self._engine.applied)
        if self._engine.quarantined() + refused.total >= self._total:
            say(_log, LogEvent.QUARANTINE_FULL, records=self._engine.quarantined(), most=self._total)
            raise QuarantineFull(provider, total=True)
        if self._engine.quarantined(provider) + refused.own >= self._per_provider:
            raise QuarantineFull(provider, total=False)
        if self._engine.behind >= MOST_BEHIND:
            raise Busy(f"{MOST_BEHIND} records wait to be applied")
        done: Future[list[Outcome]] = Future()
        try:
            self._queue.put_nowait(_Post(provider, raws, done))
        except queue.Full:
            raise Busy(f"{MOST_WAITING} posts are waiting") from None
        self._if_stopped()
        return done

    def feed(self, items: Sequence[Received | Tick], feed: Feed | None = None) -> Future[list[Outcome]]:
        """Take a stretch of a log with its own times; done once it is applied. Waits while there is no room."""
        done: Future[list[Outcome]] = Future()
        self._queue.put(_Batch(items, feed, done))
        self._if_stopped()
        return done

    @property
    def alive(self) -> bool:
        """Whether it still accepts and applies."""
        return self._thread.is_alive() and self._applier.alive

    @property
    def empty(self) -> bool:
        """Whether nothing was ever accepted."""
        return self._engine.log.empty

    def position(self, feed: str) -> int:
        """How many items of a named feed were accepted."""
        return self._engine.log.position(feed)

    @property
    def now(self) -> Instant:
        """The time that reports are stamped with."""
        return max(self._last, self._clock() if self._clock is not None else self._engine.time or 0)

    def _run(self) -> None:
        next_tick = time.monotonic() + TICK_EVERY_S
        going = True
        while going:
            try:
                job = self._queue.get(timeout=max(next_tick - time.monotonic(), 0.0))
                going = self._job(job)
            except queue.Empty:
                pass
            if time.monotonic() >= next_tick:
                self._applier.release()
                if self._clock is not None and going:
                    self._tick(self.now)
                next_tick = time.monotonic() + TICK_EVERY_S

    def _job(self, job: _Post | _Batch | None) -> bool:
        """One thing to do; False for the word to stop."""
        match job:
            case _Post():
                return self._group(job)
            case _Batch():
                self._batch(job)
        return job is not None

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
                job.done.set_exception(Busy("the door is shut"))

    def _batch(self, job: _Batch) -> None:
        if not job.done.set_running_or_notify_cancel():
            return
        start = self._append(job.items, (job,), job.feed)
        if start is None:
            return
        ticks = (item.at for item in job.items if isinstance(item, Tick))
        self._last = max(self._last, *ticks, 0)
        end = start + len(job.items)
        self._applier.follow(end, [Waiter(start, end, job.done, None)])

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
        self._accept([post for post in posts if post.done.set_running_or_notify_cancel()])
        if rest is not None:
            self._batch(rest)
        return not stop

    def _accept(self, posts: Sequence[_Post]) -> None:
        """Keep posts in the log, for good; then answer them, or let those wait who soon hear more."""
        items = [Received(raw, post.provider, self._last) for post in posts for raw in post.raws]
        start = self._append(items, posts)
        if start is None:
            return
        outcomes = accepted(self._engine.log, items, start)
        end = start + len(items)
        self._refused.add(end, items, outcomes)
        near = start - self._engine.applied <= NEAR
        waiters: list[Waiter] = []
        answers: list[tuple[_Post, list[Outcome]]] = []
        at = 0
        for post in posts:
            mine, at = outcomes[at : at + len(post.raws)], at + len(post.raws)
            if near and len(mine) <= FEW:
                waiters.append(Waiter(start + at - len(mine), start + at, post.done, mine))
            else:
                answers.append((post, mine))
        self._applier.follow(end, waiters)
        for post, mine in answers:
            post.done.set_result(mine)

    def _tick(self, now: Instant) -> None:
        """Say that time has come to ``now``: everything answered so far stands before it."""
        self._last = max(self._last, now)
        start = self._append([Tick(self._last - self._last % SECOND)], ())
        if start is not None:
            self._applier.follow(start + 1)

    def _append(
        self, items: Sequence[Received | Tick], jobs: Sequence[_Post | _Batch], feed: Feed | None = None
    ) -> int | None:
        """The position of the first, once all are fsynced; None where none is kept, and those who wait know."""
        try:
            start = self._engine.log.append(items, feed)
        except Exception as error:  # noqa: BLE001 - whoever waits is told what happened; operations read it in the log
            if str(error) != self._failing:
                self._failing = str(error)
                ours = None if isinstance(error, CannotWrite) else error
                say(_log, LogEvent.BATCH_NOT_TAKEN, records=len(items), why=self._failing, error=ours)
            for job in jobs:
                job.done.set_exception(error)
            return None
        if self._failing:
            say(_log, LogEvent.BATCHES_TAKEN_AGAIN)
            self._failing = ""
        return start
