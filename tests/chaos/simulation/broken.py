"""Engines broken on purpose, to see that the tests see: each gives up one thing that keeps a lane right."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from streams.effects import Effects
from tests.chaos.simulation.owner import Owner, Positions, Restored, restored

_numbers = count()


class AcknowledgesFirst(Owner):
    """Tells the group before it commits, and goes on where the group says: what was under way is lost."""

    def begins_at(self, applied: Positions) -> Positions:
        """What the group acknowledged."""
        return {topic: self.broker.acknowledged.get(topic, 0) for topic in self.topics}

    def write(self, effects: Effects, reached: Positions) -> Iterator[str]:
        """Acknowledged, then committed."""
        for topic in self.topics:
            if reached.get(topic, 0) > self.applied.get(topic, 0):
                yield from self.acknowledge(topic, reached[topic])
        yield from super().write(effects, reached)


class NeverFences(Owner):
    """Writes under a name of its own each time, so that nobody is ever shut out."""

    def name(self) -> str:
        """A new one for every owner."""
        return f"lane-{self.number}-{next(_numbers)}"


class KeepsPositionApart(Owner):
    """Commits its position in a transaction of its own, behind what it is the position of."""

    def write(self, effects: Effects, reached: Positions) -> Iterator[str]:
        """Two transactions, and a moment between them."""
        yield from self.transaction(self.outgoing(effects))
        yield from self.transaction([self.position(reached)])
        self.keep(effects, reached)


class KeepsPositionFirst(KeepsPositionApart):
    """The same the other way round: the position, then what it is the position of."""

    def write(self, effects: Effects, reached: Positions) -> Iterator[str]:
        """Two transactions, and a moment between them."""
        yield from self.transaction([self.position(reached)])
        yield from self.transaction(self.outgoing(effects))
        self.keep(effects, reached)


class ReadsUncommitted(Owner):
    """Restores whatever stands on the log, from transactions that never ended well, too."""

    def look(self) -> Restored:
        """Everything that was ever sent."""
        return restored(self.broker, self.number, committed=False)


class AppliesAgain(Owner):
    """Applies what it is handed, without asking whether its state has it."""

    def is_known(self, topic: str, offset: int) -> bool:
        """It never knows."""
        return False


BROKEN: tuple[type[Owner], ...] = (
    AcknowledgesFirst, NeverFences, KeepsPositionApart, KeepsPositionFirst, ReadsUncommitted, AppliesAgain,
)  # fmt: skip
