"""Showing how far a restore is: a bar on a terminal, a log line now and then elsewhere.

Law kept: whoever waits for a start that takes longer than a second is told how much is read, how fast, and how
long the rest will take.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TextIO

from msgspec import Struct

from operating.log_events import LogEvent, say

if TYPE_CHECKING:
    from rich.progress import Progress

SILENT_S: Final = 1.0
"""A restore that takes no longer than this is not shown on its way."""
EVERY_S: Final = 5.0
_log = logging.getLogger(__name__)


class _Run(Struct):
    began: float
    told: float
    records: int = 0
    task: int | None = None


class Recovery:
    """The restores of one process, several lanes at once."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, terminal: TextIO | None = None) -> None:
        self._clock = clock
        # A bar of ours, or somebody else, may stand in the place of sys.stderr; the terminal is where it was.
        self._terminal = terminal if terminal is not None else sys.__stderr__
        self._runs: dict[int, _Run] = {}
        self._bar: Progress | None = None

    def begin(self, lane: int) -> None:
        """A lane begins to be restored."""
        now = self._clock()
        self._runs[lane] = _Run(now, now)

    def read(self, lane: int, done: int, total: int) -> None:
        """So many records of so many are read."""
        run, now = self._runs[lane], self._clock()
        run.records = done
        if now - run.began < SILENT_S:
            return
        if self._terminal is not None and self._terminal.isatty():
            self._draw(lane, run, done, total)
        elif run.told == run.began or now - run.told >= EVERY_S:
            run.told = now
            rate = done / (now - run.began)
            say(
                _log, LogEvent.LANE_RESTORING, lane=lane, records=done, of=total, per_s=int(rate),
                remaining_s=round((total - done) / rate) if rate else None,
            )  # fmt: skip

    def done(self, lane: int) -> float:
        """It is restored; returns how long that took, in seconds."""
        run = self._runs.pop(lane)
        took = self._clock() - run.began
        if self._bar is not None and not self._runs:
            self._bar.stop()
            self._bar = None
        say(_log, LogEvent.LANE_RESTORED, lane=lane, records=run.records, seconds=round(took, 3))
        return took

    def _draw(self, lane: int, run: _Run, done: int, total: int) -> None:
        if self._bar is None:
            self._bar = _bar(self._terminal)
            self._bar.start()
        if run.task is None:
            run.task = self._bar.add_task(f"恢复 lane {lane} restoring", total=total)
        self._bar.update(run.task, completed=done, total=total)  # type: ignore[arg-type]  # rich's ids are ints


def _bar(terminal: TextIO | None) -> Progress:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(show_speed=True), MofNCompleteColumn(),
        TimeRemainingColumn(), console=Console(file=terminal), redirect_stdout=False,
    )  # fmt: skip
