"""Who is concerned: which keys an entry for everyone can matter to, so that no others are judged anew.

Law kept: a key that is left out is one at which no rule asks for such an entry (a test asks every rule).
"""

from __future__ import annotations

from typing import Final

from detectors.cause import News
from events.identity import kind_of
from events.registry import Entry, GoodsEntry, IncompatibilityEntry, ModelEntry, RestrictedAreaEntry
from ledger.reference import Registered

ASKED_AT: Final[dict[type[Entry], frozenset[str]]] = {
    RestrictedAreaEntry: frozenset(("vehicle",)),
    IncompatibilityEntry: frozenset(("site", "consignment")),
    ModelEntry: frozenset(("unit",)),
}
"""At which kinds of key entries of a kind are asked for; of a kind that is not named: at all."""


class Concerned:
    """The keys that an entry concerns, as it is told and as it was known: of goods, not the books of others."""

    __slots__ = ("_entries",)

    def __init__(self, told: Registered, known: Registered | None) -> None:
        self._entries = tuple(one.entry for one in (told, known) if one is not None and one.entry is not None)

    def __call__(self, key: str) -> bool:
        """Whether the entry can matter at a key."""
        return any(_matters(entry, key) for entry in self._entries)


class ForEveryone:
    """What came for everyone since keys were judged anew, in order; empty where nothing did.

    ``all_loaded``: whether all keys were, not only those that the first concerns: those of several are not sought
    one by one.
    """

    __slots__ = ("_came", "all_loaded")

    def __init__(self) -> None:
        self._came: list[tuple[Concerned, News]] = []
        self.all_loaded = False

    def __bool__(self) -> bool:
        return bool(self._came)

    def add(self, concerned: Concerned, news: News) -> None:
        """One entry more."""
        self._came.append((concerned, news))

    def concerned(self, key: str) -> bool:
        """Whether any of it can matter at a key."""
        return any(concerned(key) for concerned, _ in self._came)

    def by(self, key: str) -> News:
        """The last of it that can matter at a key."""
        return next(news for concerned, news in reversed(self._came) if concerned(key))


def _matters(entry: Entry, key: str) -> bool:
    kind = kind_of(key)
    if isinstance(entry, GoodsEntry) and kind == "book":
        return key.rpartition("/")[2] == entry.goods
    asked_at = ASKED_AT.get(type(entry))
    return asked_at is None or kind in asked_at
