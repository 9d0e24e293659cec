"""An hour in which one input partition is silent: its facts were received in time, and are read an hour late.

Law: only ticks move time, and a lane's is the smallest of all lanes: no deadline is raised that in-time facts in
the backlog answer; one that nothing answers is raised, and bears the deadline's instant.
"""

from __future__ import annotations

import pytest

from events.identity import home_of, lane_of
from events.intake import Arrival, Record, read
from events.log import Received, Tick
from events.rejection import Source
from events.report import Counterparty, Event
from simulator import stories as s
from tests.laws.lanes import TOPIC, Lanes

SENT = (
    s.opening("800 item", site="S1", goods="DET", when="day 1 08:00"),
    s.plan("C1", {"DET": "100 item"}, depart="day 1 09:00", arrive_by="day 1 13:00"),
    s.issue(
        "100 item", site="S1", goods="DET", when="day 1 09:00", consignment="C1",
        counterparty=Counterparty(unit="U2", site="S2"),
    ),
)  # fmt: skip
TAKEN = s.receive(
    "100 item", site="S2", goods="DET", when="day 2 00:40", consignment="C1",
    counterparty=Counterparty(unit="U1", site="S1"),
)  # fmt: skip
SILENT = lane_of("S2", 2)
"""The lane whose input is silent; the deadline is watched in the other."""


class Partitions(Lanes):
    """Lanes that are fed partition by partition."""

    def feed(self, number: int, *items: Received | Tick) -> None:
        """What one lane's input partition brings."""
        for item in items:
            if isinstance(item, Tick):
                self.settle()
                self.lanes[number].tick(TOPIC, item.at)
                continue
            taken = read(Record(item.raw, item.provider, item.received_at, Source(TOPIC, number, self.offset)))
            assert isinstance(taken, Arrival)
            assert lane_of(home_of(taken.home), self.count) == number
            self.offset += 1
            self.lanes[number].arrive(taken)
        self.settle()


@pytest.fixture
def house() -> Partitions:
    """Both lanes at half past midnight, the trip under way; then one partition falls silent for an hour."""
    made = Partitions(2)
    made.publish()
    events: tuple[Event, ...] = (*s.world(), *SENT)
    made.run([*map(s.received, events), s.tick("day 2 00:30")])
    for minute in range(31, 91):
        made.feed(1 - SILENT, s.tick(f"day 2 {minute // 60:02}:{minute % 60:02}"))
    return made


def test_the_lanes_are_two() -> None:
    """The receipt's site and the trip live apart, or nothing is shown."""
    assert lane_of("C1", 2) == lane_of("S1", 2) == 1 - SILENT


def test_a_deadline_waits_for_the_silent_partition(house: Partitions) -> None:
    """It has passed on all other partitions: nothing is said."""
    assert {lane.time for lane in house.lanes} == {s.at("day 2 00:30")}
    assert not house.findings


def test_what_the_backlog_answers_is_never_raised(house: Partitions) -> None:
    """The receipt, twenty minutes before the deadline, is read after it."""
    house.feed(SILENT, s.received(TAKEN), s.tick("day 2 00:45"), s.tick("day 2 01:30"))
    assert {lane.time for lane in house.lanes} == {s.at("day 2 01:30")}
    assert not house.findings


def test_what_nothing_answers_is_raised_with_its_own_instant(house: Partitions) -> None:
    """The same outage without the receipt: said once time moves, since the deadline."""
    house.feed(SILENT, s.tick("day 2 00:45"), s.tick("day 2 01:30"))
    (finding,) = house.findings
    assert (finding.detector, finding.claim.since) == ("B4", s.at("day 2 01:00"))
