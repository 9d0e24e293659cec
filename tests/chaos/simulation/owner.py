"""Who owns a lane: restores it, steps it and commits what it did, one small move at a time.

Law kept: a batch's states, outputs and applied positions are one transaction. Between any two moves the owner may
be gone, asleep, or replaced; ``batch`` yields wherever that could be noticed.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from detectors.claim import Finding
from events.identity import EVERYONE, home_of, lane_of
from events.intake import Arrival, Record, read
from events.log import Received, Tick
from events.rejection import Rejection, Source
from ledger.home import Told
from routing.notice import WarningNotice
from streams.assembly import Assembly
from streams.effects import BookLine, Effects, StatePart
from streams.store import MemoryStore
from tests.chaos.simulation.broker import Broker, Producer
from tests.laws.lanes import TOPIC

Positions = dict[str, int]
Outgoing = list[tuple[str, object]]


class Applied(Struct, frozen=True):
    """Up to where a lane's partitions are applied: part of its state."""

    positions: Positions


class Output(Struct, frozen=True):
    """What one batch has to show for itself."""

    notices: tuple[WarningNotice, ...]
    lines: tuple[BookLine, ...]
    told: tuple[Told, ...]
    refusals: tuple[Rejection, ...]


class Restored(Struct, frozen=True):
    """What a lane finds of itself on its ``state``."""

    parts: dict[tuple[str, str], StatePart]
    positions: Positions


def restored(broker: Broker, number: int, *, committed: bool = True) -> Restored:
    """The state of a lane as its partition of ``state`` has it; what was read before is not read again."""
    place = f"state/{number}/{committed}"
    known: Restored
    known, position = broker.remembered.get(place, (Restored({}, {}), 0))
    found = broker.read(f"state/{number}", position, 1 << 30, committed=committed)
    if found.records:
        parts, positions = dict(known.parts), known.positions
        for _, value in found.records:
            match value:
                case Applied():
                    positions = value.positions
                case StatePart():
                    parts[(value.key, value.part)] = value
        known = Restored(parts, positions)
    broker.remembered[place] = known, found.position
    return known


class Owner:
    """One worker's hold of one lane. Broken engines change what the first methods say."""

    def __init__(self, broker: Broker, number: int, lanes: int, assembly: Assembly) -> None:
        self.broker, self.number, self.lanes = broker, number, lanes
        self._assembly = assembly
        self.topics = (f"{TOPIC}/{number}", f"facts/{number}")
        self.open()

    def name(self) -> str:
        """Under which name it writes: one a lane, whoever owns it."""
        return f"lane-{self.number}"

    def begins_at(self, applied: Positions) -> Positions:
        """Where it reads on: behind what its state has applied."""
        return {topic: applied.get(topic, 0) for topic in self.topics}

    def is_known(self, topic: str, offset: int) -> bool:
        """Whether a record was applied before."""
        return offset < self.applied.get(topic, 0)

    def look(self) -> Restored:
        """Its state as committed."""
        return restored(self.broker, self.number)

    def open(self) -> None:
        """Shut out whoever had the lane, restore, go on where the state says."""
        self.producer: Producer = self.broker.producer(self.name())
        found = self.look()
        self.applied = dict(found.positions)
        self.cursor = self.begins_at(self.applied)
        self._store = MemoryStore()
        self._store.keep(found.parts.values())
        self.lane = self._assembly.lane(self.number, self.lanes, self._store)
        self.lane.expect((TOPIC,))
        self._warner = self._assembly.warner(self.lane.world)

    def batch(self, topic: str, most: int) -> Iterator[str]:
        """Read some records of one partition, apply and commit them; yields after every move, with its name."""
        found = self.broker.read(topic, self.cursor[topic], most)
        self.cursor[topic] = found.position
        fresh = [(offset, value) for offset, value in found.records if not self.is_known(topic, offset)]
        if fresh:
            effects = self.step(topic, fresh)
            yield "stepped"
            reached = {**self.applied, topic: max(found.position, self.applied.get(topic, 0))}
            yield from self.write(effects, reached)
        yield from self.acknowledge(topic, found.position)

    def write(self, effects: Effects, reached: Positions) -> Iterator[str]:
        """Everything that the batch did and the positions that it reached, in one transaction."""
        yield from self.transaction([*self.outgoing(effects), self.position(reached)])
        self.keep(effects, reached)

    def position(self, reached: Positions) -> tuple[str, object]:
        """The record that says how far the lane has applied."""
        return (f"state/{self.number}", Applied(reached))

    def keep(self, effects: Effects, reached: Positions) -> None:
        """Believe what was committed."""
        self._store.keep(effects.states)
        self.applied = reached

    def transaction(self, outgoing: Outgoing) -> Iterator[str]:
        """Write records so that all of them are seen or none."""
        self.producer.begin()
        for partition, value in outgoing:
            self.producer.send(partition, value)
            yield "sent"
        self.producer.commit()
        yield "committed"

    def acknowledge(self, topic: str, position: int) -> Iterator[str]:
        """Tell the group, for operators to see: nobody goes by it."""
        self.broker.acknowledged[topic] = position
        yield "acknowledged"

    def step(self, topic: str, records: list[tuple[int, object]]) -> Effects:
        """Apply records in memory."""
        refused: list[Rejection] = []
        for offset, value in records:
            match value:
                case Tick():
                    self.lane.tick(TOPIC, value.at)
                case Received():
                    source = Source(topic.partition("/")[0], self.number, offset)
                    taken = read(Record(value.raw, value.provider, value.received_at, source))
                    if isinstance(taken, Arrival):
                        self.lane.arrive(taken)
                    else:
                        refused.append(taken)
                case _:
                    self.lane.take(value)  # type: ignore[arg-type]  # facts hold nothing else
        effects = self.lane.finish()
        effects.refusals[:0] = refused
        return effects

    def outgoing(self, effects: Effects) -> Outgoing:
        """The records of a batch: states and facts one by one, its outputs as one page."""
        told = Output(
            tuple(self._notice(finding) for finding in effects.findings),
            tuple(effects.lines), tuple(effects.told), tuple(effects.refusals),
        )  # fmt: skip
        return [
            *((f"state/{self.number}", part) for part in effects.states),
            *((f"facts/{lane}", passing) for lane, passing in effects.passing),
            (f"told/{self.number}", told),
        ]

    def _notice(self, finding: Finding) -> WarningNotice:
        return self._warner.notice(finding, self.lane.reference(finding.subject))


def places(item: Received | Tick, lanes: int) -> list[str]:
    """The partitions that a door writes an item to: ticks and what concerns everyone to all of them."""
    everywhere = [f"{TOPIC}/{lane}" for lane in range(lanes)]
    if isinstance(item, Tick):
        return everywhere
    taken = read(Record(item.raw, item.provider, item.received_at, Source(TOPIC, 0, 0)))
    if not isinstance(taken, Arrival):
        return everywhere[:1]
    home = home_of(taken.home)
    return everywhere if home == EVERYONE else [everywhere[lane_of(home, lanes)]]
