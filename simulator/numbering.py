"""Numbering: which serial numbers firearms and sealed sources bear, at every movement and count.

Law kept: nothing is drawn: numbers follow from the drafts. What a book holds goes out in order of number and comes
back as it went; what was stolen is not counted. Every sealed source has its paper, at the site that it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from events.quantity import Measure, quantity_of
from events.registry import SourceEntry
from events.report import SerialRange
from events.time import DAY, moment
from simulator.drafts import INWARD, Book, Count, Dated, Move, World
from simulator.goods import CATALOGUE, MBQ
from simulator.settling import PAPERS_FROM

SOURCES: Final = {"IR-192": 3_700_000 * MBQ, "CO-60": 185_000_000 * MBQ, "CS-137": 370_000 * MBQ}
"""Sealed sources: the activity of each when it was measured, thirty days before the first day."""
NUMBERED: Final = frozenset(("GUN-92", "GUN-97", *SOURCES))
"""Goods whose items bear numbers."""
OWN: Final = 1_000
"""How many numbers are set aside for a book's opening; what comes in from outside has numbers beyond all these."""
_MEASURED_BEFORE: Final = 30 * DAY
_OUTSIDE: Final = 5_000_000


def maker(goods: str) -> str:
    """Who made the goods; their type is the goods' own code."""
    return f"MK-{CATALOGUE[goods].category.value}"


def number(world: World) -> None:
    """Number what is drafted, and file a paper for every sealed source that a book opened with."""
    begun = dict.fromkeys(NUMBERED, 0)
    fresh = dict.fromkeys(NUMBERED, _OUTSIDE)
    for book in world.books.values():
        if book.goods in NUMBERED:
            first = 1 + OWN * begun[book.goods]
            begun[book.goods] += 1
            shelf = _Shelf(book.goods, first, fresh)
            for draft in _in_order(book):
                if isinstance(draft, Count):
                    draft.serials = shelf.counted(draft, book)
                else:
                    draft.serials = shelf.moved(draft)
            if book.goods in SOURCES:
                world.dated.extend(_papers(world, book, shelf.opened))


def first_of(world: World, book: Book) -> int:
    """The first number of what a book opened with."""
    before = [one for one in world.books.values() if one.goods == book.goods]
    return 1 + OWN * before.index(book)


def runs(goods: str, numbers: list[int]) -> tuple[SerialRange, ...]:
    """Numbers as a report lists them."""
    found: list[list[int]] = []
    for one in sorted(numbers):
        if found and one == found[-1][1] + 1:
            found[-1][1] = one
        else:
            found.append([one, one])
    return tuple(SerialRange(maker=maker(goods), type=goods, first=first, last=last) for first, last in found)


class _Shelf:
    """The numbers that one book holds, that its shifts have out, and that are stolen."""

    def __init__(self, goods: str, first: int, fresh: dict[str, int]) -> None:
        self._goods, self._first, self._fresh = goods, first, fresh
        self._held: list[int] = []
        self._out: dict[str, list[int]] = {}
        self.opened: list[int] = []

    def moved(self, move: Move) -> tuple[SerialRange, ...]:
        """The numbers of a movement: its own where a scenario gave it some."""
        if move.serials:
            own = {one for run in move.serials for one in range(run.first, run.last + 1)}
            kept = set(self._held) | own if move.operation in INWARD else set(self._held) - own
            self._held = sorted(kept)
            return move.serials
        if move.operation == "open":
            self.opened = list(range(self._first, self._first + move.base))
            self._held += self.opened
            return runs(self._goods, self.opened)
        if move.operation in INWARD:
            came = self._out.pop(move.shift, []) if move.shift else self._new(move.base)
            self._held = sorted((*self._held, *came))
            return runs(self._goods, came)
        if move.operation == "consume" and move.shift:
            used, self._out[move.shift] = self._out[move.shift][: move.base], self._out[move.shift][move.base :]
            return runs(self._goods, used)
        gone, self._held = self._held[: move.base], self._held[move.base :]
        if move.shift:
            self._out[move.shift] = gone
        return runs(self._goods, gone)

    def counted(self, one: Count, book: Book) -> tuple[SerialRange, ...]:
        """The numbers that a count finds: thieves take the highest ones."""
        if one.serials:
            return one.serials
        there = self._held[: max(0, len(self._held) - book.taken(one.at))][: one.base]
        swapped = sum(base for when, base in book.swapped if when <= one.at)
        false = range(self._first + OWN - swapped, self._first + OWN)
        return runs(self._goods, [*there[: len(there) - swapped], *false])

    def _new(self, base: int) -> list[int]:
        first = self._fresh[self._goods]
        self._fresh[self._goods] += base
        return list(range(first, first + base))


def _in_order(book: Book) -> list[Move | Count]:
    """A book's drafts in event order: inward before outward before counts."""
    drafts: list[Move | Count] = [*book.moves, *book.counts]
    return sorted(drafts, key=lambda one: (one.at, 2 if isinstance(one, Count) else one.operation not in INWARD))


def _papers(world: World, book: Book, numbers: list[int]) -> Iterator[Dated]:
    """One entry a source: its code, its place, its activity."""
    starts = world.config.starts
    for one in numbers:
        entry = SourceEntry(
            maker=maker(book.goods), model=book.goods, serial=one, goods=book.goods, site=book.site,
            activity=quantity_of(SOURCES[book.goods], Measure.ACTIVITY),
            measured_at=moment(starts - _MEASURED_BEFORE),
        )  # fmt: skip
        yield Dated(unit=world.sites[book.site].unit, entry=entry, valid_from=starts + PAPERS_FROM)
