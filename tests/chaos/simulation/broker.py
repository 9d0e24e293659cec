"""A transactional log in memory: what a lane may count on of Kafka, and nothing more.

Laws kept, as Kafka keeps them: a record is seen by who reads committed records once its transaction is, and in its
place; of producers with one name the last one opened writes, and the transaction of any earlier one is ended.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from msgspec import Struct


class Fenced(Exception):
    """Another producer was opened under this name since, or the transaction took too long."""


class Fate(Enum):
    """What became of a transaction."""

    OPEN = "open"
    COMMITTED = "committed"
    ABORTED = "aborted"


class Transaction:
    """Records of several partitions that are seen together, or never."""

    __slots__ = ("fate", "partitions")

    def __init__(self, fate: Fate = Fate.OPEN) -> None:
        self.fate = fate
        self.partitions: dict[str, None] = {}


class Entry(Struct, frozen=True):
    """One record where it stands; ``value`` is None for the mark that ends a transaction, which takes an offset."""

    value: object | None
    transaction: Transaction


class Read(Struct, frozen=True):
    """Records with their offsets, and the position behind what was looked at."""

    records: tuple[tuple[int, object], ...]
    position: int


_AT_ONCE = Transaction(Fate.COMMITTED)


class Broker:
    """Partitions by name, the producers' epochs, and what the group has acknowledged."""

    def __init__(self) -> None:
        self.partitions: dict[str, list[Entry]] = {}
        self.acknowledged: dict[str, int] = {}
        self.remembered: dict[str, tuple[Any, int]] = {}
        """What readers have made of a partition so far, and up to where: a log only grows."""
        self._epochs: dict[str, int] = {}
        self._open: dict[str, Transaction] = {}

    def append(self, partition: str, value: object) -> None:
        """Write one record outside any transaction."""
        self.partitions.setdefault(partition, []).append(Entry(value, _AT_ONCE))

    def read(self, partition: str, position: int, most: int, *, committed: bool = True) -> Read:
        """Up to so many records from a position on; ``committed``: none behind the first open transaction."""
        found: list[tuple[int, object]] = []
        entries = self.partitions.get(partition, [])
        for offset in range(position, len(entries)):
            entry = entries[offset]
            if len(found) >= most or (committed and entry.transaction.fate is Fate.OPEN):
                break
            position = offset + 1
            seen = not committed or entry.transaction.fate is Fate.COMMITTED
            if seen and entry.value is not None:
                found.append((offset, entry.value))
        return Read(tuple(found), position)

    def producer(self, name: str) -> Producer:
        """The one producer of this name from now on."""
        self.expire(name)
        return Producer(self, name, self._epochs[name])

    def expire(self, name: str) -> None:
        """End the open transaction of a name and shut out who has it: it took too long, or another came."""
        self._epochs[name] = self._epochs.get(name, 0) + 1
        self._end(name, Fate.ABORTED)

    def expire_all(self) -> None:
        """As long as it takes for every open transaction to time out."""
        for name in list(self._open):
            self.expire(name)

    def check(self, name: str, epoch: int) -> None:
        """Raise `Fenced` unless this is the last producer opened under the name."""
        if self._epochs[name] != epoch:
            raise Fenced(name)

    def begin(self, name: str) -> None:
        """Open a transaction."""
        self._open[name] = Transaction()

    def send(self, name: str, partition: str, value: object) -> None:
        """Write one record of the open transaction."""
        transaction = self._open[name]
        transaction.partitions[partition] = None
        self.partitions.setdefault(partition, []).append(Entry(value, transaction))

    def commit(self, name: str) -> None:
        """Let the open transaction be seen."""
        self._end(name, Fate.COMMITTED)

    def _end(self, name: str, fate: Fate) -> None:
        transaction = self._open.pop(name, None)
        if transaction is not None:
            transaction.fate = fate
            for partition in transaction.partitions:
                self.partitions[partition].append(Entry(None, transaction))


class Producer:
    """What a lane writes through; every call may find that the lane is another's by now."""

    def __init__(self, broker: Broker, name: str, epoch: int) -> None:
        self._broker, self._name, self._epoch = broker, name, epoch

    def begin(self) -> None:
        """Open a transaction."""
        self._broker.check(self._name, self._epoch)
        self._broker.begin(self._name)

    def send(self, partition: str, value: object) -> None:
        """Write one record into it."""
        self._broker.check(self._name, self._epoch)
        self._broker.send(self._name, partition, value)

    def commit(self) -> None:
        """End it well."""
        self._broker.check(self._name, self._epoch)
        self._broker.commit(self._name)
