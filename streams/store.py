"""The committed state of one lane in memory: what a restore fills and a lane reads untouched keys from.

Law kept: a key that nobody touches costs its bytes and little more (11): one tuple a key, the names of its parts
shared among all that have the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, cast

from streams.effects import StatePart

HEAD: Final = "head"
_Names = tuple[str, ...]
_Kept = tuple[_Names, *tuple[bytes, ...]]
"""The names of a key's parts, then their bytes in the same order."""
MOST_IN_A_TUPLE: Final = 8
"""A key of more parts (a unit with its deals has thousands) keeps them by name: a tuple is made anew at each."""
_SHARED: Final[dict[_Names, _Names]] = {
    names: names for names in (("head",), ("base",), ("base", "head"), ("head", "base"))
}


class MemoryStore:
    """Parts by key; the Kafka engine restores into it, tests keep their state in it."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[str, _Kept | dict[str, bytes]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def parts(self, key: str) -> Mapping[str, bytes]:
        """The parts of one key's state."""
        kept = self._kept.get(key)
        return {} if kept is None else _named(kept)

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def heads(self) -> Iterator[tuple[str, bytes]]:
        """Every key that has a head, with it."""
        for key, kept in self._kept.items():
            if HEAD in (kept if isinstance(kept, dict) else kept[0]):
                yield key, _named(kept)[HEAD]

    def keep(self, states: Iterable[StatePart]) -> None:
        """Take the states of a committed batch."""
        for state in states:
            self.put(state.key, state.part, state.data)

    def put(self, key: str, part: str, data: bytes | None) -> None:
        """Take one part; None of data where it is no more."""
        kept = self._kept.get(key)
        if isinstance(kept, dict):
            self._put_named(key, part, data, kept)
        elif data is None:
            self._drop(key, part, kept)
        elif kept is None:
            names: _Names = (part,)
            self._kept[key] = (_SHARED.get(names, names), data)
        elif part in kept[0]:
            at = kept[0].index(part) + 1
            self._kept[key] = cast("_Kept", (*kept[:at], data, *kept[at + 1 :]))
        elif len(kept) > MOST_IN_A_TUPLE:
            self._kept[key] = _named(kept) | {part: data}
        else:
            names = (*kept[0], part)
            self._kept[key] = (_SHARED.get(names, names), *kept[1:], data)

    def _put_named(self, key: str, part: str, data: bytes | None, kept: dict[str, bytes]) -> None:
        if data is not None:
            kept[part] = data
            return
        kept.pop(part, None)
        if len(kept) <= MOST_IN_A_TUPLE // 2:
            self._kept[key] = (tuple(kept), *kept.values())

    def _drop(self, key: str, part: str, kept: _Kept | None) -> None:
        if kept is None or part not in kept[0]:
            return
        left = _named(kept)
        del left[part]
        if not left:
            del self._kept[key]
            return
        names = tuple(left)
        self._kept[key] = (_SHARED.get(names, names), *left.values())


def _named(kept: _Kept | dict[str, bytes]) -> dict[str, bytes]:
    if isinstance(kept, dict):
        return kept
    names, *data = kept
    return dict(zip(names, data, strict=True))
