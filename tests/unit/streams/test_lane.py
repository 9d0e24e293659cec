"""A lane: ticks, entries for everyone, wakes, and a detector that falls over.

Laws: only ticks move time, and it is the smallest that all lanes have said; a detector that fails loses its own
finding only, visibly.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from detectors.b2_negative_balance import NegativeBalance
from detectors.catalogue import catalogue
from detectors.claim import Claim
from detectors.detector import Step, View
from detectors.watch import Watch
from events.log import Received, Tick
from events.report import Event
from events.time import HOUR
from simulator import stories as s
from streams.assembly import LATENESS, TREE, Assembly, assemble
from streams.effects import Effects, Incomplete, LaneTick
from streams.lane import BEGINNING, HOPS, Lane
from streams.store import MemoryStore
from tests.laws.lanes import TOPIC, Lanes, shipped

NOON = s.at("day 1 12:00")


class Falling(NegativeBalance):
    """B2 with a fault: it falls over at a movement of five pieces."""

    def see(self, state: Any, step: Step, view: View) -> tuple[Any, Sequence[Claim]]:
        """Fall over at a movement of five pieces."""
        if getattr(step.fact.body, "amount", 0) == 5:
            raise ZeroDivisionError("a fault of its own")
        return super().see(state, step, view)


def world() -> list[Received]:
    """The small world, as received."""
    return [s.received(entry) for entry in s.world()]


def lane(*topics: str, lanes: int = 1) -> Lane:
    """A lane of its own over nothing."""
    made = shipped().lane(0, lanes, MemoryStore())
    made.expect(topics)
    return made


def ticks_of(effects: Effects) -> list[tuple[int, LaneTick]]:
    """What a lane told other lanes about time."""
    return [(to, passing) for to, passing in effects.passing if isinstance(passing, LaneTick)]


def test_a_lanes_time_is_the_smallest_of_its_topics() -> None:
    """A topic that is silent holds time; none is named that was not expected to tick."""
    one = lane("flow", "registry")
    one.tick("flow", NOON)
    assert one.time == BEGINNING
    one.tick("registry", NOON - HOUR)
    assert one.time == NOON - HOUR
    one.tick("registry", NOON + HOUR)
    assert one.time == NOON


def test_a_tick_that_is_not_later_is_ignored() -> None:
    """A wrong clock, a repeated tick: time never runs backwards."""
    one = lane("log")
    for at in (NOON, NOON, NOON - HOUR, BEGINNING):
        one.tick("log", at)
    assert one.time == NOON


def test_time_waits_for_every_lane_hop_after_hop() -> None:
    """The lane tells all how far its inputs are, and believes nothing until all have said the last hop."""
    one = lane("log", lanes=2)
    one.tick("log", NOON)
    assert ticks_of(one.finish()) == [(1, LaneTick(0, NOON, 0))]
    for hop in range(HOPS + 1):
        assert one.time == BEGINNING
        one.take(LaneTick(1, NOON - HOUR, hop))
    assert one.time == NOON - HOUR
    one.take(LaneTick(1, NOON - 2 * HOUR, HOPS))
    assert one.time == NOON - HOUR


def test_an_entry_for_everyone_reaches_what_waits_anywhere() -> None:
    """Goods that come last: every lane's waiting reports are judged again, whatever order the sites are in."""
    rest = [line for line in world() if b'"type":"goods"' not in line.raw]
    goods = [line for line in world() if b'"type":"goods"' in line.raw]
    house = Lanes(3)
    house.publish()
    reports = [s.opening("5 item", site=site, goods="DET", when="day 1 08:00") for site in ("S1", "S2", "S3")]
    house.run([*rest, *(s.received(report) for report in reports)])
    assert house.outcome().books == {}
    house.run(goods)
    assert house.outcome().books == {f"book:{site}/DET": 5 for site in ("S1", "S2", "S3")}


@pytest.fixture(scope="module")
def faulty() -> Assembly:
    """The tree's assembly with the faulty B2 in place of its own."""
    others = [one for one in catalogue() if one.card.id != "B2"]
    made = assemble(Path(TREE / "policies"))
    fallen: Any = Falling()
    return msgspec.structs.replace(made, watch=Watch([*others, fallen], LATENESS, "the faulty one"))


def test_a_detector_that_falls_over_loses_its_own_finding_only(faulty: Assembly) -> None:
    """Other rules at the key, and itself at other keys, go on; where it fell is on record once, with the reason."""
    reports: list[Event] = [
        s.issue("5 item", site="S2", goods="DET", when="day 1 08:00"),
        s.issue("6 item", site="S2", goods="DET", when="day 1 09:00"),
        s.count("50 item", site="S2", goods="DET", when="day 1 18:00"),
        s.issue("6 item", site="S3", goods="DET", when="day 1 09:00"),
    ]
    house = Lanes(assembly=faulty)
    house.publish()
    incomplete = []
    told: list[Received | Tick] = [*world(), *(s.received(report) for report in reports)]
    told += [Tick(s.at("day 2 12:00")), Tick(s.at("day 3 12:00"))]
    for item in told:
        house._apply(item)
        effects = house.lanes[0].finish()
        incomplete += effects.incomplete
        house.findings += effects.findings
        house.lines += effects.lines
    assert [(one.detector, one.key) for one in incomplete] == [("B2", "book:S2/DET")]
    assert incomplete[0].reason.startswith("ZeroDivisionError: a fault of its own")
    said = {(finding.detector, finding.subject) for finding in house.findings}
    assert ("B2", "book:S3/DET") in said
    assert ("B2", "book:S2/DET") not in said
    assert any(key == "book:S2/DET" for _, key in said)
    assert house.outcome().books["book:S2/DET"] == -11


def mended(house: Lanes, assembly: Assembly) -> tuple[Lanes, list[Incomplete]]:
    """Lanes of other code over the same state, at their next tick, and what that makes of incomplete findings."""
    again = Lanes(assembly=assembly)
    again.stores = house.stores
    again.restart(0)
    lane = again.lanes[0]
    lane.tick(TOPIC, lane.time + 2 * HOUR)
    effects = lane.finish()
    again.stores[0].keep(effects.states)
    again.findings += effects.findings
    return again, effects.incomplete


@pytest.mark.parametrize("closed", [False, True])
def test_other_code_tries_again_what_fell_over(faulty: Assembly, *, closed: bool) -> None:
    """While its facts are held they are judged anew; behind closed time it begins anew. Pages are told."""
    house = Lanes(assembly=faulty)
    house.publish()
    fatal = s.issue("5 item", site="S2", goods="DET", when="day 1 08:00")
    house.run([*world(), s.received(fatal), s.tick("day 12 00:30" if closed else "day 2 00:30")])
    _, unchanged = mended(house, faulty)
    assert not unchanged
    again, told = mended(house, shipped())
    assert [(one.detector, one.key, one.reason) for one in told] == [("B2", "book:S2/DET", "")]
    assert any(finding.detector == "B2" for finding in again.findings) is not closed
    again.run(s.log(s.issue("1 item", site="S2", goods="DET", when="day 12 02:00"), s.tick("day 13 01:00")))
    assert "B2" in {finding.detector for finding in again.findings}
    _, told_again = mended(again, shipped())
    assert not told_again


def test_a_key_is_noted_once_for_the_instant_that_it_wants_to_wake_at() -> None:
    """Law 11: a thousand batches that touch a key leave one note, not a thousand."""
    house = Lanes()
    house.publish()
    house.run(world())
    for number in range(30):
        report = s.receive("1 item", site="S2", goods="DET", when="day 1 08:00", id=f"e{number}")
        house.run([s.received(report)])
    wakes = house.lanes[0]._wakes
    assert len(wakes) == len(set(wakes))
    assert sum(key == "book:S2/DET" for _, key in wakes) <= 3


def test_what_a_lane_holds_is_bounded_after_a_month() -> None:
    """Law 11: sixty days of reports at one site hold no more than eight days of them."""
    house = Lanes()
    house.publish()
    house.run([*world(), s.received(s.opening("900 item", site="S2", goods="DET", when="day 1 08:00"))])
    held = {}
    for day in range(2, 62):
        house.run(
            s.log(
                s.issue("5 item", site="S2", goods="DET", when=f"day {day} 09:00", shift="N"),
                s.consume("5 item", site="S2", goods="DET", when=f"day {day} 17:00", shift="N"),
                s.count("700 item", site="S2", goods="DET", when=f"day {day} 18:00"),
                s.tick(f"day {day + 1} 00:30"),
            )
        )
        lane = house.lanes[0]
        subject, home = lane._held.subject("book:S2/DET", lane.time), lane._home("site:S2")
        stored = sum(len(house.stores[0].parts(key)) for key in house.stores[0])
        held[day] = (len(subject.facts), len(subject.said), len(home.held), len(lane._wakes), stored)
    assert all(now <= then + 2 for now, then in zip(held[61], held[31], strict=True)), (held[31], held[61])
    assert 0 < held[61][0] <= 3 * 9


def test_a_consignments_home_is_gone_once_its_days_have_closed() -> None:
    """Law 11: what clears it is the close of its last day; the same report again is late, and leaves nothing."""
    house = Lanes()
    house.publish()
    house.run(
        [*world(), s.received(s.plan("C1", {"DET": "9 item"}, depart="day 1 09:00", arrive_by="day 1 13:00"))]
    )
    (key,) = (key for key in house.stores[0] if key == "home|consignment:C1")
    house.run(s.log(s.tick("day 9 00:30")))
    assert key in set(house.stores[0])
    house.run(s.log(s.tick("day 9 02:00")))
    assert key not in set(house.stores[0])
    again = s.received(
        s.plan("C1", {"DET": "9 item"}, depart="day 1 09:00", arrive_by="day 1 13:00"), when="day 9 02:00"
    )
    house.run([again])
    assert [refusal.reason.value for refusal in house.refusals] == ["after_close"]
    assert key not in set(house.stores[0])
