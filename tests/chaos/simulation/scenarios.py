"""Three ways to look at an engine move by move, without chance: each returns what it found wrong.

Laws kept by a right engine: a crash leaves a lane as it stood between two batches; who was replaced writes nothing;
what is handed out again is not applied again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from events.log import Received, Tick
from tests.chaos.simulation.broker import Fenced
from tests.chaos.simulation.house import House
from tests.chaos.simulation.owner import Owner
from tests.engines import Answers, difference

Log = Sequence[Received | Tick]
Found = tuple[object, ...]


class CrashPoints:
    """Works a log to its end and looks, after every single move, at what a crash would have left."""

    def __init__(self, log: Log, engine: type[Owner], lanes: int = 2, size: int = 25) -> None:
        self.points = 0
        self._log, self._size = log, size
        self._house = House(lanes, engine)

    def wrong(self, expected: Answers) -> list[str]:
        """The crash points that leave something else than stood before or after the batch; or a wrong end."""
        self._house.feed(self._log)
        told: list[str] = []
        moved = True
        while moved:
            moved = False
            for number in range(self._house.count):
                for topic in self._house.owners[number].topics:
                    batch = self._house.owners[number].batch(topic, self._size)
                    moves, wrong = self._batch(number, batch)
                    moved = moved or moves > 1
                    told += wrong
        return [*told, *self._house.faults(), *difference(expected, self._house.answers())]

    def _batch(self, number: int, batch: Iterator[str]) -> tuple[int, list[str]]:
        """Move by move through one batch; after its end somebody new takes the lane, as after a crash there."""
        before = self._left(number)
        seen: list[tuple[str, Found]] = []
        for move in batch:
            found = self._left(number)
            if not seen or seen[-1][1] != found:
                seen.append((move, found))
            self.points += 1
        if seen and len(seen) + (seen[0][1] == before) > 1:
            self._house.take_over(number)
        after = self._left(number)
        return len(seen), [
            f"lane {number}: {move} left a half" for move, left in seen if left not in (before, after)
        ]

    def _left(self, number: int) -> Found:
        """What the next owner of a lane would begin with, and what it has told."""
        owner = self._house.owners[number]
        found = owner.look()
        return (found.parts, owner.begins_at(found.positions), self._told(number))

    def _told(self, number: int) -> int:
        """How far what the lane has told can be read."""
        broker, place = self._house.broker, f"told/{number}"
        known, position = broker.remembered.get(place, (0, 0))
        found = broker.read(place, position, 1 << 30)
        told = int(known) + len(found.records)
        broker.remembered[place] = told, found.position
        return told


def zombie(log: Log, engine: type[Owner], expected: Answers, moves: int) -> list[str]:
    """An owner is frozen after so many moves of its batch; another works on; then it wakes up and goes on."""
    house = House(1, engine)
    house.feed(log[: len(log) // 2])
    frozen = house.owners[0].batch(house.owners[0].topics[0], 10)
    for _ in range(moves):
        next(frozen, None)
    house.broker.expire_all()
    house.take_over(0)
    house.run()
    wrong: list[str] = []
    with suppress(Fenced):
        wrong += ["who was replaced went on to write" for move in frozen if move == "sent"]
    house.feed(log[len(log) // 2 :])
    house.finish()
    return [*wrong, *house.faults(), *difference(expected, house.answers())]


def handed_out_again(log: Log, engine: type[Owner], expected: Answers) -> list[str]:
    """After each batch the consumer hands out once more what it had handed out before."""
    house = House(1, engine)
    house.feed(log)
    owner = house.owners[0]
    for topic in owner.topics:
        for _ in range(len(log) // 20 + 2):
            reached = owner.cursor[topic]
            for _ in owner.batch(topic, 40):
                pass
            owner.cursor[topic] = (reached + owner.cursor[topic]) // 2
    house.finish()
    return [*house.faults(), *difference(expected, house.answers())]
