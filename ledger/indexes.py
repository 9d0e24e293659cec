"""Indexes: a key's entries of one kind by what a rule asks them by, kept up with every entry.

Law kept: an index holds exactly the entries that its reference data holds: none that went, none twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ledger.reference import Registered

Name = Callable[[Any], Hashable]
"""What a rule asks an entry by."""


class Indexes:
    """One key's indexes, by the kind of their entries and what names these."""

    __slots__ = ("_by_kind",)

    def __init__(self) -> None:
        self._by_kind: dict[type, dict[Name, defaultdict[Hashable, dict[str, Registered]]]] = {}

    def of(
        self, kind: type, name: Name, entries: Iterable[Registered]
    ) -> Mapping[Hashable, Mapping[str, Registered]]:
        """The entries of a kind, by id, under what ``name`` makes of each; ``entries`` are those that there are."""
        indexes = self._by_kind.setdefault(kind, {})
        if name not in indexes:
            index = indexes[name] = defaultdict(dict)
            for registered in entries:
                index[name(registered.entry)][registered.id] = registered
        return indexes[name]

    def put(self, registered: Registered) -> None:
        """One more entry."""
        for name, index in self._by_kind.get(type(registered.entry), {}).items():
            index[name(registered.entry)][registered.id] = registered

    def drop(self, registered: Registered) -> None:
        """One entry less; a name that no other bears is forgotten."""
        for name, index in self._by_kind.get(type(registered.entry), {}).items():
            called = name(registered.entry)
            del index[called][registered.id]
            if not index[called]:
                del index[called]
