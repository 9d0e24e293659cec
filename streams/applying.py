"""Applying: the thread that follows the log and does what its records do, behind whoever accepts them.

Laws kept: what was accepted is applied, once, in the log's order; a database that cannot be written now is tried
again until it can (12). Nobody who only waits to hear what became of a report is kept waiting for ever.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Final

from msgspec import Struct, field

from operating.log_events import LogEvent, say
from streams.database import CannotWrite
from streams.embedded import Embedded, Outcome
from streams.piecemeal import Stopped

BATCH: Final = 1_000
"""Records applied in one transaction: while it is written nothing can be accepted."""
AGAIN_S: Final = 1.0
"""How long what failed is left alone."""
PATIENCE_S: Final = 2.0
"""How long a report's answer waits for what becomes of it; from then on it is answered as accepted."""

_log = logging.getLogger(__name__)


class Waiter(Struct):
    """Somebody who waits for what becomes of the records from ``start`` up to ``end``.

    ``accepted`` is what is answered if that takes long; None for a feed, which waits however long it takes.
    """

    start: int
    end: int
    done: Future[list[Outcome]]
    accepted: list[Outcome] | None
    since: float = field(default_factory=time.monotonic)
    found: dict[int, Outcome] = field(default_factory=dict)


class Applier:
    """One thread over one engine; it begins with what an earlier process accepted and did not come to."""

    def __init__(self, engine: Embedded) -> None:
        self._engine = engine
        self._changed = threading.Condition()
        self._waiters: deque[Waiter] = deque()
        self._stopping = False
        self._end = engine.log.end
        self._thread = threading.Thread(target=self._run, name="hazflow-lane")

    def start(self) -> None:
        """Begin applying."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it still applies."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Apply what somebody waits for, then stop; the rest is in the log for whoever opens the database next."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()

    def follow(self, end: int, waiters: Sequence[Waiter] = ()) -> None:
        """The log has grown to ``end``; some wait to hear what becomes of it. Called in the log's order."""
        with self._changed:
            self._end = end
            applied = self._engine.applied
            self._waiters.extend(one for one in waiters if one.end > applied)
            self._changed.notify()
        for waiter in waiters:
            if waiter.end <= applied:  # nothing to apply, or another process did
                waiter.done.set_result(waiter.accepted or [])

    def release(self, most_s: float = PATIENCE_S) -> None:
        """Answer as accepted whoever has waited so long for what becomes of a report."""
        now = time.monotonic()
        with self._changed:
            over = [one for one in self._waiters if one.accepted is not None and now - one.since >= most_s]
            for waiter in over:
                self._waiters.remove(waiter)
        for waiter in over:
            waiter.done.set_result(waiter.accepted or [])

    def _run(self) -> None:
        failing = ""
        while self._wanted():
            try:
                # No further than those who wait are known for.
                self._answer(self._engine.advance(min(BATCH, max(self._end - self._engine.applied, 1))))
                if failing:
                    say(_log, LogEvent.LOG_APPLIED_AGAIN, behind=self._engine.behind)
                failing = ""
            except Exception as error:  # noqa: BLE001 - nobody waits in vain, and operations read it in the log
                if str(error) != failing:
                    failing = str(error)
                    ours = None if isinstance(error, CannotWrite | Stopped) else error
                    say(_log, LogEvent.LOG_NOT_APPLIED, behind=self._engine.behind, why=failing, error=ours)
                self._fail(error)
                with self._changed:
                    if not self._stopping:
                        self._changed.wait(AGAIN_S)

    def _wanted(self) -> bool:
        """Wait until there is something to apply; False where it is time to stop."""
        with self._changed:
            while self._engine.applied >= self._end and not self._stopping:
                self._changed.wait()
            return not self._stopping or bool(self._waiters)

    def _answer(self, outcomes: Sequence[Outcome]) -> None:
        """Tell those who wait what became of their records, once all of them are applied."""
        by_offset = {one.source.offset: one for one in outcomes}
        done: list[Waiter] = []
        with self._changed:
            for waiter in self._waiters:
                waiter.found |= {at: by_offset[at] for at in range(waiter.start, waiter.end) if at in by_offset}
            while self._waiters and self._waiters[0].end <= self._engine.applied:
                done.append(self._waiters.popleft())
        for waiter in done:
            # What another process applied is known to be accepted, and no more.
            accepted = {one.source.offset: one for one in waiter.accepted or ()}
            waiter.done.set_result(list((accepted | waiter.found).values()))

    def _fail(self, error: Exception) -> None:
        """Reports are accepted, whatever becomes of them later; a feed is told, and goes on from its position."""
        self.release(0)
        with self._changed:
            feeds = list(self._waiters)
            self._waiters.clear()
        for waiter in feeds:
            waiter.done.set_exception(error)
