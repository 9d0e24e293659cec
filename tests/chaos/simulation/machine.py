"""Every interleaving that Hypothesis can draw: batches cut anywhere, crashes, take-overs, zombies, redeliveries.

Law kept: 6. What is drawn is a list of moves over lanes and their owners; in the end somebody works every lane to
its end, and the answers are those of the same log without any of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from events.log import Received, Tick
from tests.chaos.simulation.broker import Fenced
from tests.chaos.simulation.house import House
from tests.chaos.simulation.owner import Owner
from tests.engines import Answers, difference, in_memory
from tests.laws.histories import logs, with_ticks
from tests.laws.lanes import published

LANES = 2
_lane = st.integers(0, LANES - 1)
_stop = st.sampled_from(("stepped", "sent", "committed", "acknowledged"))


class Interleavings(RuleBasedStateMachine):
    """A log fed piece by piece to two lanes, worked move by move."""

    engine: ClassVar[type[Owner]] = Owner
    told: ClassVar[Sequence[Received | Tick] | None] = None
    """The log; where there is none it is drawn."""

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """A house and a log that nothing of is fed yet."""
        self.house = House(LANES, self.engine)
        self.log = self.told or with_ticks(data.draw(logs()))
        self.fed = 0
        self.under_way: dict[int, Iterator[str]] = {}
        self.zombies: list[tuple[Owner, Iterator[str]]] = []

    @rule(size=st.sampled_from((1, 5, 20, 60)))
    def feed(self, size: int) -> None:
        """A door writes the next piece of the log."""
        self.house.feed(self.log[self.fed : self.fed + size])
        self.fed += size

    @rule(lane=_lane, facts=st.booleans(), size=st.sampled_from((1, 3, 30)), stop=_stop, more=st.integers(0, 3))
    def work(self, lane: int, facts: bool, size: int, stop: str, more: int) -> None:
        """The owner of a lane goes on to some move, of the batch under way or of a new one, and a few beyond."""
        owner = self.house.owners[lane]
        batch = self.under_way.pop(lane, None) or owner.batch(owner.topics[facts], size)
        if self._move(batch, 1_000, stop) and (not more or self._move(batch, more)):
            self.under_way[lane] = batch

    @rule(lane=_lane, facts=st.booleans(), size=st.sampled_from((3, 30, 200)))
    def work_whole(self, lane: int, facts: bool, size: int) -> None:
        """The owner of a lane brings its batch to an end, and does one more."""
        owner = self.house.owners[lane]
        self._move(self.under_way.pop(lane, iter(())), 1_000)
        self._move(owner.batch(owner.topics[facts], size), 1_000)

    @rule(lane=_lane)
    def crash(self, lane: int) -> None:
        """kill -9: whatever was in memory is gone; somebody new takes the lane."""
        self.under_way.pop(lane, None)
        self.house.take_over(lane)

    @rule(lane=_lane)
    def freeze(self, lane: int) -> None:
        """A rebalance past a frozen owner: the lane is another's, and who had it will wake up one day."""
        batch = self.under_way.pop(lane, iter(()))
        self.zombies.append((self.house.take_over(lane), batch))

    @rule(moves=st.integers(1, 30), facts=st.booleans())
    def thaw(self, moves: int, facts: bool) -> None:
        """Who was frozen goes on as if no time had passed, with its batch and one more."""
        if self.zombies:
            owner, batch = self.zombies.pop(0)
            if self._move(batch, moves) or self._move(owner.batch(owner.topics[facts], 30), moves):
                self.zombies.append((owner, batch))

    @rule(lane=_lane)
    def time_out(self, lane: int) -> None:
        """The broker ends a transaction that took too long, without telling."""
        self.house.broker.expire(self.house.owners[lane].name())

    @rule(lane=_lane)
    def lose_the_answer(self, lane: int) -> None:
        """The owner cannot tell whether its transaction was committed: it restores and goes on."""
        self.under_way.pop(lane, None)
        self.house.owners[lane].open()

    @rule(lane=_lane, facts=st.booleans(), back=st.integers(1, 60))
    def redeliver(self, lane: int, facts: bool, back: int) -> None:
        """A rebalance that leaves the lane where it is: the consumer hands out again what it had handed out."""
        if lane not in self.under_way:
            owner = self.house.owners[lane]
            topic = owner.topics[facts]
            owner.cursor[topic] = max(0, owner.cursor[topic] - back)

    def teardown(self) -> None:
        """Everything fed and worked to the end: as if nothing had been."""
        if not hasattr(self, "house"):
            return
        self.house.feed(self.log[self.fed :])
        self.house.finish()
        assert not self.house.faults()
        assert not difference(_uninterrupted(tuple(self.log)), self.house.answers())

    def _move(self, batch: Iterator[str], moves: int, stop: str = "") -> bool:
        """So many moves, or up to one of a name; False where the batch came to an end, one way or the other."""
        try:
            for _ in range(moves):
                if next(batch) == stop:
                    break
        except (StopIteration, Fenced):
            return False
        return True


@lru_cache(maxsize=1)
def _uninterrupted(log: tuple[Received | Tick, ...]) -> Answers:
    return in_memory([published(), *log])
