"""Live objects by key, of which those not touched lately are let go.

Law kept: what is in memory is bounded (11). Letting go is by halves: what was not touched since the last time goes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Live(Generic[T]):
    """Young objects, and older ones that become young again when they are touched: at most twice ``most``.

    >>> live: Live[str] = Live()
    >>> for key in "abc":
    ...     _ = live.put(key, key.upper())
    >>> live.let_go(2), live.get("a"), live.put("d", "D"), live.put("e", "E")
    ([], 'A', 'D', 'E')
    >>> live.let_go(2), live.get("b"), sorted(live.values())
    (['b', 'c'], None, ['A', 'D', 'E'])
    """

    __slots__ = ("_older", "_young")

    def __init__(self) -> None:
        self._young: dict[str, T] = {}
        self._older: dict[str, T] = {}

    def get(self, key: str) -> T | None:
        """The object of a key, which is touched by that; None where it is not in memory."""
        found = self._young.get(key)
        if found is None and self._older:
            found = self._older.pop(key, None)
            if found is not None:
                self._young[key] = found
        return found

    def put(self, key: str, value: T) -> T:
        """Take an object."""
        self._young[key] = value
        return value

    def drop(self, key: str) -> None:
        """Forget the object of a key."""
        self._young.pop(key, None)
        self._older.pop(key, None)

    def values(self) -> Iterator[T]:
        """All that are in memory."""
        yield from self._young.values()
        yield from self._older.values()

    def let_go(self, most: int) -> list[str]:
        """Where there are more than ``most`` young ones: those not touched since the last time go. Their keys."""
        if len(self._young) <= most:
            return []
        gone, self._older, self._young = self._older, self._young, {}
        return list(gone)
