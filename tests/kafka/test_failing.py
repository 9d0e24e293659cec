"""Workers that freeze, a broker that dies, records on the wrong partitions: afterwards as if nothing had been."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from deploy.local import KafkaBroker
from events.log import Received, Tick
from streams.broker.door import KafkaDoor, Place
from tests.kafka.engine import Engine, Log, expected, last_tick, province, settings_for


@pytest.fixture
def engine(kafka_broker: KafkaBroker, tmp_path: Path) -> Iterator[Engine]:
    """A fresh application on the shared broker."""
    made = Engine(settings_for(kafka_broker.address, tmp_path), tmp_path)
    yield made
    made.stop()


def halves(log: Log) -> tuple[Log, Log]:
    """A log cut behind a tick in its middle."""
    cut = next(place for place in range(len(log) // 2, len(log)) if isinstance(log[place], Tick)) + 1
    return log[:cut], log[cut:]


class OtherPartitioner(KafkaDoor):
    """A producer whose partitioner is not Kafka's own: every report lands one partition off."""

    def places(self, item: Received) -> tuple[bytes | None, Sequence[Place]]:
        """The partition beside the right one, where a report has one right partition."""
        key, places = super().places(item)
        if len(places) > 1:
            return key, places
        return key, [(topic, (partition + 1) % 4) for topic, partition in places]


def test_records_on_the_wrong_partition_go_on_to_their_lane(engine: Engine) -> None:
    """Law: one key, one home, whatever partitioner a producer has; positions cited are the original ones."""
    log = province(1)

    async def feed() -> None:
        door = OtherPartitioner(engine.settings)
        await door.start()
        await door.put(log)
        await door.stop()

    asyncio.run(feed())
    engine.work()
    engine.answers_as(expected(1), last_tick(log))


def test_a_worker_frozen_past_its_session_applies_nothing_twice(engine: Engine) -> None:
    """Law 6: who takes over fences it; woken, it ends or comes back, and nothing is doubled."""
    first, rest = halves(province(2))
    engine.feed(first)
    frozen = engine.work()
    engine.until(last_tick(first) - 36 * 3_600_000_000)
    frozen.freeze()
    taking_over = engine.work()
    engine.wait_until(lambda: "lane_restored" in taking_over.told())
    engine.until(last_tick(first))
    frozen.thaw()
    engine.feed(rest)
    engine.answers_as(expected(2), last_tick(rest))
    lanes = engine.settings.partitions
    engine.wait_until(lambda: not frozen.running or frozen.told().count("lane_restored") > lanes)
    if not frozen.running:
        assert frozen.wait() != 0
        assert "is another worker's by now, or took too long" in frozen.told()


def test_a_broker_killed_in_the_middle_costs_nothing(tmp_path: Path) -> None:
    """Law 6: kill -9 of the broker; worker and door go on where they were once it is back."""
    first, rest = halves(province(2))
    with KafkaBroker(tmp_path / "kafka") as broker:
        engine = Engine(settings_for(broker.address, tmp_path), tmp_path)
        engine.feed(first)
        engine.work()
        engine.until(last_tick(first) - 36 * 3_600_000_000)
        broker.kill()
        broker.start()
        if engine.workers[-1].running:
            engine.until(last_tick(first))
        engine.stop()
        engine.work()
        engine.feed(rest)
        engine.answers_as(expected(2), last_tick(rest))
        engine.stop()


def test_a_clean_stop_finishes_its_batch(engine: Engine) -> None:
    """Law: SIGTERM ends a worker with code 0 and its lanes' work committed; the next one has nothing to repeat."""
    log = province(1)
    engine.feed(log)
    worker = engine.work()
    engine.until(last_tick(log))
    assert worker.stop() == 0
    assert all(f"lane_left lane={lane}" in worker.told() for lane in range(4))
