"""The committed state of one lane in memory: what a restore fills and a lane reads untouched keys from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from streams.effects import StatePart


class MemoryStore:
    """Parts by key; the Kafka engine restores into it, tests keep their state in it."""

    __slots__ = ("_parts",)

    def __init__(self) -> None:
        self._parts: dict[str, dict[str, bytes]] = {}

    def __len__(self) -> int:
        """How many keys it holds."""
        return len(self._parts)

    def parts(self, key: str) -> Mapping[str, bytes]:
        """The parts of one key's state."""
        return self._parts.get(key, {})

    def heads(self) -> Iterable[tuple[str, bytes]]:
        """Every key that has a head, with it."""
        return [(key, parts["head"]) for key, parts in self._parts.items() if "head" in parts]

    def keep(self, states: Iterable[StatePart]) -> None:
        """Take the states of a committed batch."""
        for state in states:
            if state.data is not None:
                self._parts.setdefault(state.key, {})[state.part] = state.data
            elif state.key in self._parts:
                self._parts[state.key].pop(state.part, None)
                if not self._parts[state.key]:
                    del self._parts[state.key]
