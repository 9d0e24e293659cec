"""A commit that breaks off at any of its steps: the lane drops its memory, restores, and goes on as if it had not.

Laws: a batch is all or nothing (6); inputs are acknowledged behind their commit, in offset order; a lane that is
somebody else's by now applies nothing, acknowledges nothing and says so.
"""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path

import pytest
from kafka import KafkaConsumer, TopicPartition
from msgspec.structs import replace

from deploy.local import KafkaBroker
from detectors.catalogue import catalogue
from routing.notice import decode_notice
from simulator.stories import at, tick
from streams.assembly import LATENESS
from streams.broker.clients import aiokafka
from streams.broker.commit import open_producer
from streams.broker.lane_run import Fenced
from streams.broker.topics import WARNINGS, TopicFault, Topics, admin
from streams.piecemeal import Stopped
from streams.settings import Settings
from tests.engines import Answers, in_memory
from tests.kafka.by_hand import STEPS, Faults, Hand
from tests.kafka.engine import Engine, Log, last_tick, province, settings_for
from tests.kafka.test_failing import halves
from tests.laws.lanes import shipped
from tests.unit.streams.test_piecemeal import Fails, founded, reports

LANES = 2


@cache
def log() -> Log:
    """Half of a county's log: enough for dozens of small batches a lane."""
    return halves(province(1))[0]


@cache
def right() -> Answers:
    """What lanes in memory answer to it."""
    return in_memory(log())


@pytest.fixture
def engine(kafka_broker: KafkaBroker, tmp_path: Path) -> Engine:
    """A fresh application of two lanes, fed."""
    made = Engine(settings_for(kafka_broker.address, tmp_path, partitions=LANES), tmp_path)
    made.feed(log())
    return made


def told(settings: Settings) -> list[tuple[str, int]]:
    """Every (finding, revision) on the warnings topic, as committed."""
    consumer = KafkaConsumer(
        bootstrap_servers=settings.brokers, isolation_level="read_committed", auto_offset_reset="earliest"
    )
    places = [TopicPartition(Topics(settings.application).named(WARNINGS), lane) for lane in range(LANES)]
    consumer.assign(places)
    ends = consumer.end_offsets(places)
    found = []
    while any(consumer.position(place) < ends[place] for place in places):
        for records in consumer.poll(timeout_ms=500).values():
            found += [(notice.finding, notice.revision) for notice in (decode_notice(one.value) for one in records)]
    consumer.close()
    return found


@pytest.mark.parametrize("step", STEPS)
def test_a_commit_that_breaks_off_costs_nothing(engine: Engine, step: str) -> None:
    """Early, late, twice running, again while it is made good: afterwards as if nothing had been."""
    faults = {step: (2, 3, 9, 15)} if step != "restore" else {"commit": (3, 12), "restore": (1, 2, 4)}
    hand = Hand(engine.settings, Faults(**faults))

    async def work() -> None:
        await hand.open()
        await hand.until(last_tick(log()))
        await hand.close()

    asyncio.run(work())
    assert not hand.crashes
    assert len(hand.faults.struck) == sum(map(len, faults.values()))
    engine.answers_as(right(), last_tick(log()))
    for acknowledged in hand.done.values():
        assert acknowledged == sorted(acknowledged)
    warnings = told(engine.settings)
    assert len(warnings) == len(set(warnings))


def test_a_lane_that_was_taken_over_acknowledges_nothing_more(engine: Engine) -> None:
    """Fenced in the middle: what was under way is not committed, not acknowledged, and the reason is said."""
    hand, after = Hand(engine.settings), Hand(engine.settings)

    async def work() -> None:
        await hand.open()
        assert await hand.work_once(0)
        under_way = hand.runs[0]._under_way
        assert under_way is not None
        assert await under_way
        acknowledged = dict(hand.done)
        newer = await open_producer(aiokafka(engine.settings), engine.settings, "lane-0")
        while await hand.work_once(0):
            pass
        assert isinstance(hand.crashes[0], Fenced)
        assert hand.done == acknowledged
        await newer.stop()
        await hand.close()
        await after.open()
        await after.until(last_tick(log()))
        await after.close()

    asyncio.run(work())
    engine.answers_as(right(), last_tick(log()))


def test_a_state_kept_by_another_number_of_lanes_is_refused(engine: Engine) -> None:
    """Topics that were all given more partitions look right: the state knows that its keys lie elsewhere."""

    async def work() -> None:
        hand = Hand(engine.settings)
        await hand.open()
        assert await hand.work_once(0)
        await hand.close()

    asyncio.run(work())
    client = admin(engine.settings)
    client.create_partitions(dict.fromkeys(Topics(engine.settings.application).every, LANES + 1))
    client.close()
    more = Hand(replace(engine.settings, partitions=LANES + 1))
    with pytest.raises(TopicFault, match=f"one of {LANES} in its state.*start a new application"):
        asyncio.run(more.open())


def test_an_installation_may_stop_behind_a_fault(kafka_broker: KafkaBroker, tmp_path: Path) -> None:
    """The refusal is committed with the position behind it: the worker ends, and its successor does not meet it."""
    settings = settings_for(kafka_broker.address, tmp_path, partitions=LANES, after_fault="stop")
    engine = Engine(settings, tmp_path)
    engine.feed([*founded(), *reports(3, 5, 4), tick("day 2 00:30")])
    failing = replace(shipped(), watch=Fails(catalogue(), LATENESS))

    async def work() -> list[BaseException]:
        hand = Hand(settings, assembly=failing)
        await hand.open()
        await hand.until(at("day 2 00:30"))
        await hand.close()
        return hand.crashes

    (stopped,) = asyncio.run(work())
    assert isinstance(stopped, Stopped)
    assert not asyncio.run(work())
    found = engine.until(at("day 2 00:30"))
    assert found.books == {"book:S2/DET": 7}
    assert [refusal[0] for refusal in found.refusals] == ["books_cannot_take"]
