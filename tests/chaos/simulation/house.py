"""Lanes, their owners, and what the log says in the end.

Law kept: whatever happened on the way, once somebody works every lane to its end the answers are an uninterrupted
run's; no (finding, revision) exists with two contents; no record was applied twice.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

from events.log import Received, Tick
from streams.projection import SCHEMA, Projection
from tests.chaos.faults import applied_twice, gone_back, two_contents
from tests.chaos.simulation.broker import Broker, Fenced
from tests.chaos.simulation.owner import Applied, Output, Owner, places
from tests.engines import Answers, answers
from tests.laws.lanes import published, shipped


class House:
    """Some lanes on one log, each with the owner that has it now; ``made_by`` is the engine, whole or broken."""

    def __init__(self, lanes: int, made_by: type[Owner] = Owner) -> None:
        self.broker, self.count, self._made_by = Broker(), lanes, made_by
        self.owners = [self.owner(number) for number in range(lanes)]
        self.feed([published()])

    def owner(self, number: int) -> Owner:
        """Somebody new for a lane: whoever had it is shut out."""
        return self._made_by(self.broker, number, self.count, shipped())

    def take_over(self, number: int) -> Owner:
        """Put somebody new in charge; returns who had the lane and may not know yet."""
        had, self.owners[number] = self.owners[number], self.owner(number)
        return had

    def feed(self, items: Sequence[Received | Tick]) -> None:
        """What a door writes."""
        for item in items:
            for place in places(item, self.count):
                self.broker.append(place, item)

    def finish(self, most: int = 200) -> None:
        """Work every lane to the end, by new owners, once every transaction that hangs has timed out."""
        self.broker.expire_all()
        for number in range(self.count):
            self.take_over(number)
        self.run(most)

    def run(self, most: int = 200) -> None:
        """Work every lane until nothing is left to read."""
        moved = True
        while moved:
            moved = False
            for number in range(self.count):
                for topic in self.owners[number].topics:
                    for move in self._batch(number, topic, most):
                        moved = moved or move == "committed"

    def _batch(self, number: int, topic: str, most: int) -> Iterator[str]:
        """One batch by whoever owns the lane; who turns out to be shut out is replaced, as a supervisor would."""
        try:
            yield from self.owners[number].batch(topic, most)
        except Fenced:
            self.take_over(number)
            yield "committed"

    def told(self) -> list[Output]:
        """All outputs that were committed, lane by lane, in order."""
        pages: list[Output] = []
        for number in range(self.count):
            for _, value in self.broker.read(f"told/{number}", 0, 1 << 30).records:
                assert isinstance(value, Output)
                pages.append(value)
        return pages

    def answers(self) -> Answers:
        """What the committed outputs say."""
        return projected(self.told())

    def faults(self) -> list[str]:
        """What may never be seen, whatever the end: two contents, a record applied twice, a position gone back."""
        pages = self.told()
        notices = [notice for page in pages for notice in page.notices]
        told = (one for page in pages for one in page.told)
        return [*two_contents(notices), *applied_twice(told), *self._gone_back()]

    def _gone_back(self) -> list[str]:
        found = []
        for number in range(self.count):
            reached: dict[str, int] = {}
            for _, value in self.broker.read(f"state/{number}", 0, 1 << 30).records:
                if isinstance(value, Applied):
                    found += gone_back(reached, value.positions)
                    reached = value.positions
        return found


def projected(pages: Sequence[Output]) -> Answers:
    """What a projection makes of outputs."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    try:
        db.executescript(SCHEMA)
        projection = Projection(db)
        for page in pages:
            projection.notices(page.notices)
            projection.lines(page.lines)
            projection.reports(page.told)
            projection.refusals(page.refusals)
        return answers(db)
    finally:
        db.close()
