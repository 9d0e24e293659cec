"""The logs that engines are measured on: a simulated province, with its rule policies and models in force."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

import msgspec
from msgspec import Struct

from events.log import Received, Tick
from simulator import known_areas, of_size, simulate, tiny
from streams.assembly import TREE, Assembly, assemble, rule_policies
from streams.founding import founding
from streams.model_files import SHIPPED, model_loader, shipped

Log: TypeAlias = Sequence[Received | Tick]


class _Kind(Struct):
    kind: str = ""


class Watch:
    """Wall and CPU seconds of this process from its making on."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    @property
    def wall(self) -> float:
        """Seconds by the clock."""
        return time.perf_counter() - self._wall

    @property
    def cpu(self) -> float:
        """Seconds of work."""
        return time.process_time() - self._cpu


def province(counties: int, days: int) -> Log:
    """A province of some counties, nine units each, with a quarter of history and everything that goes wrong."""
    return with_policies(simulate(of_size(known_areas(), counties=counties, units_per_county=9, days=days)).log)


def small() -> Log:
    """Two thousand reports without history: whether a benchmark works, not how fast anything is."""
    return with_policies(simulate(tiny(known_areas())).log)


def with_policies(log: Log) -> Log:
    """A log with the shipped rule policies and models in force from its first record on."""
    begins = min(item.received_at for item in log if isinstance(item, Received))
    return (*founding(rule_policies(TREE / "policies"), begins, shipped()), *log)


def assembled() -> Assembly:
    """The shipped policies and models, the latter loaded beforehand: what is read once is no cost of an event."""
    assembly = assemble(TREE / "policies", load := model_loader((SHIPPED,)))
    for digest in shipped().values():
        load(digest)
    return assembly


def kinds(log: Log) -> Counter[str]:
    """How many of each kind."""
    return Counter(kind_of(item) for item in log)


def mix(log: Log) -> str:
    """The mix in words, the most frequent first."""
    return ", ".join(f"{number:,} {kind}" for kind, number in kinds(log).most_common())


def kind_of(item: Received | Tick) -> str:
    """The kind of one item."""
    if isinstance(item, Tick):
        return "tick"
    try:
        return msgspec.json.decode(item.raw, type=_Kind).kind
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "unreadable"
