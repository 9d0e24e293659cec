"""Shelves: where a home's events stand, a few of one day together.

Law kept: an event stays on the shelf that it was put on, so that a batch writes anew only the few beside it; a
day's shelves go with the day.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from events.time import Instant, civil_day, day_start
from ledger.held import Held
from ledger.reference import FOREVER

ROOM: Final = 15
"""How many events a shelf holds: as many as MessagePack counts in one byte."""


class Shelf(Struct, gc=False):
    """A few events of one day. ``written`` are the bytes of the first ``count`` of them, as last written.

    ``closes`` is when the first of them may be forgotten; None where it must be reckoned anew.
    """

    name: str
    day: int
    held: list[Held]
    written: bytes = b""
    count: int = 0
    closes: Instant | None = None

    def first_close(self) -> Instant:
        """Up to when in event time all of them must be held."""
        if self.closes is None:
            self.closes = min(held.closes_at() for held in self.held)
        return self.closes

    def anew(self) -> None:
        """What stands here is no longer what was written and reckoned."""
        self.written, self.count, self.closes = b"", 0, None


class Shelves:
    """All shelves of a home by name, and the names of those that must be written."""

    __slots__ = ("_numbers", "_open", "changed", "named")

    def __init__(self) -> None:
        self.named: dict[str, Shelf] = {}
        self.changed: set[str] = set()
        self._open: dict[int, Shelf] = {}
        self._numbers: dict[int, int] = {}

    def put(self, held: Held) -> None:
        """Put an event that stands nowhere on the last shelf of its day."""
        day = civil_day(held.at)
        shelf = self._open.get(day)
        if shelf is None or len(shelf.held) >= ROOM:
            shelf = self._new(day)
        shelf.held.append(held)
        held.shelf, shelf.closes = shelf.name, None
        self.changed.add(shelf.name)

    def touch(self, held: Held) -> None:
        """Note that an event changed; one that now occurred on another day moves."""
        shelf = self.named[held.shelf]
        if shelf.day != civil_day(held.at):
            self.drop(held)
            self.put(held)
            return
        shelf.anew()
        self.changed.add(shelf.name)

    def drop(self, held: Held) -> None:
        """Take an event away."""
        self.clear(self.named[held.shelf], (held,))

    def clear(self, shelf: Shelf, gone: Sequence[Held]) -> None:
        """Take events away from a shelf, and the shelf where they were the last ones there."""
        if not gone:
            return
        names = {held.identity for held in gone}
        shelf.held = [held for held in shelf.held if held.identity not in names]
        shelf.anew()
        self.changed.add(shelf.name)
        if not shelf.held:
            del self.named[shelf.name]
            self.close(shelf)

    def close(self, shelf: Shelf) -> None:
        """Put nothing more there: the next event of its day opens another."""
        if self._open.get(shelf.day) is shelf:
            del self._open[shelf.day]

    def halve(self, shelf: Shelf) -> Shelf:
        """Move the later half of a shelf to a new one."""
        half = len(shelf.held) // 2
        other = self._new(shelf.day)
        other.held = shelf.held[half:]
        shelf.held = shelf.held[:half]
        shelf.anew()
        for held in other.held:
            held.shelf = other.name
        return other

    def restore(self, name: str, held: list[Held]) -> None:
        """A shelf that was kept."""
        day, _, number = name.partition(".")
        shelf = self.named[name] = Shelf(name, int(day), held)
        if int(number) >= self._numbers.get(shelf.day, 0):
            self._numbers[shelf.day] = int(number) + 1
            self._open[shelf.day] = shelf

    def closing(self, horizon: Instant) -> list[Shelf]:
        """The shelves with something that closes before a horizon."""
        return [shelf for shelf in self.named.values() if shelf.first_close() < horizon]

    def forget(self) -> None:
        """Forget the numbers of days that have no shelf any more."""
        days = {shelf.day for shelf in self.named.values()}
        self._numbers = {day: number for day, number in self._numbers.items() if day in days}

    def first(self) -> Instant:
        """The start of the first day that has a shelf."""
        return min((day_start(shelf.day) for shelf in self.named.values()), default=FOREVER)

    def first_close(self) -> Instant:
        """Up to when in event time all that stands here must be held."""
        return min((shelf.first_close() for shelf in self.named.values()), default=FOREVER)

    def _new(self, day: int) -> Shelf:
        number = self._numbers.get(day, 0)
        self._numbers[day] = number + 1
        shelf = Shelf(f"{day}.{number}", day, [])
        self.named[shelf.name] = self._open[day] = shelf
        return shelf
