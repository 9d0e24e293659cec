"""What the engines tell whoever watches them: a port with a silent default.

Law kept: one call a batch, never one an event; what is told changes nothing of what is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Protocol, TypeVar

from msgspec import Struct

from events.time import Instant
from streams.effects import Effects

Row = TypeVar("Row")
TOLD_EVERY: Final = 20_000
"""Rows of a restore between two words on how far it is."""


class Batch(Struct, frozen=True, kw_only=True):
    """One committed batch of one lane."""

    lane: int
    records: Mapping[str, int]
    """Topic word → records applied now, ticks included."""
    youngest: Mapping[str, Instant] = {}
    """Topic word → when the newest of its records was received."""
    effects: Effects
    step_s: float
    commit_s: float
    time: Instant | None
    """How far the lane's time has come."""
    keys: int | None = None
    """Keys of the lane's state in memory, where all of it is."""


class Observer(Protocol):
    """Who watches lanes at work."""

    def restoring(self, lane: int) -> None:
        """A lane begins to be restored."""
        ...

    def restored(self, lane: int, done: int, total: int) -> None:
        """So many records of so many are read."""
        ...

    def opened(self, lane: int, time: Instant | None, keys: int | None = None) -> None:
        """The lane is restored: its time, and the keys of its state where all of it is in memory."""
        ...

    def left(self, lane: int) -> None:
        """The lane is another worker's, or nobody's, from now on."""
        ...

    def batch(self, batch: Batch) -> None:
        """A batch is committed."""
        ...

    def skipped(self, lane: int, records: int) -> None:
        """So many records were passed over: their positions say that they are applied."""
        ...

    def aborted(self, lane: int) -> None:
        """A batch was not committed; its memory is forgotten."""
        ...


class Silent(Observer):
    """Nobody watches."""

    def restoring(self, lane: int) -> None:
        """Nothing."""

    def restored(self, lane: int, done: int, total: int) -> None:
        """Nothing."""

    def opened(self, lane: int, time: Instant | None, keys: int | None = None) -> None:
        """Nothing."""

    def left(self, lane: int) -> None:
        """Nothing."""

    def batch(self, batch: Batch) -> None:
        """Nothing."""

    def skipped(self, lane: int, records: int) -> None:
        """Nothing."""

    def aborted(self, lane: int) -> None:
        """Nothing."""


SILENT: Final = Silent()


def counted(rows: Iterable[Row], total: int, observer: Observer, lane: int) -> Iterator[Row]:
    """The rows, with a word to the observer now and then on how many of ``total`` have gone by."""
    number = 0
    for number, row in enumerate(rows, 1):
        if number % TOLD_EVERY == 0:
            observer.restored(lane, number, total)
        yield row
    observer.restored(lane, number, max(total, number))
