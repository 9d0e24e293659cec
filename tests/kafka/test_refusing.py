"""What a worker refuses to start on, and how it says so: topics missing, cut otherwise, or not the same."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import TopicPartition
from msgspec.structs import replace

from deploy.local import KafkaBroker
from simulator.stories import at
from streams.broker.topics import TopicFault, Topics, admin, create_topics, faults, verified
from streams.settings import Settings
from tests.kafka.engine import Engine, last_tick, province, settings_for


@pytest.fixture
def settings(kafka_broker: KafkaBroker, tmp_path: Path) -> Settings:
    """An application of its own on the shared broker."""
    return settings_for(kafka_broker.address, tmp_path)


@pytest.fixture
def engine(settings: Settings, tmp_path: Path) -> Iterator[Engine]:
    """That application with its topics."""
    made = Engine(settings, tmp_path)
    yield made
    made.stop()


def test_missing_topics_are_named(settings: Settings) -> None:
    """Law: a topic that is missing is named, with the command that makes it."""
    wrong, found = faults(settings)
    assert not found
    assert any(f"{settings.application}-facts is missing: run `hazflow topics create`" in one for one in wrong)


def test_topics_are_made_once_and_then_they_are_right(settings: Settings) -> None:
    """Law: making the topics again makes nothing; what was made proves right."""
    assert set(create_topics(settings)) == set(Topics(settings.application).every)
    assert create_topics(settings) == ()
    assert all(topic.partitions == settings.partitions and topic.id for topic in verified(settings).values())


def test_another_partition_count_is_refused(engine: Engine) -> None:
    """Law: the worker ends before it joins the group, and says what to set."""
    engine.settings = replace(engine.settings, partitions=3)
    with pytest.raises(TopicFault, match="HAZFLOW_PARTITIONS=4"):
        verified(engine.settings)
    worker = engine.work()
    assert worker.wait() != 0
    assert "HAZFLOW_PARTITIONS=4" in worker.told()


def test_a_topic_made_anew_is_refused(engine: Engine) -> None:
    """Law: applied positions of a topic that is gone mean nothing in the one of the same name."""
    log = province(1)
    engine.feed(log)
    engine.work()
    engine.until(last_tick(log))
    engine.stop()
    name = Topics(engine.settings.application).named("inventory")
    client = admin(engine.settings)
    client.delete_topics([name])
    client.close()
    asyncio.run(_until_gone(engine.settings, name))
    create_topics(engine.settings)
    worker = engine.work()
    assert worker.wait() != 0
    assert f"topic {name} was made anew" in worker.told()


def test_a_log_cut_below_the_applied_position_is_refused(engine: Engine) -> None:
    """Law: records that are lost are not passed over in silence."""
    log = province(1)
    half = [item for item in log if getattr(item, "received_at", getattr(item, "at", 0)) < at("day 2 00:00")]
    engine.feed(half)
    engine.work()
    engine.until(last_tick(half))
    engine.stop()
    engine.feed(log[len(half) :])
    client = admin(engine.settings)
    name = Topics(engine.settings.application).named("flow")
    client.delete_records({TopicPartition(name, partition): -1 for partition in range(4)})
    client.close()
    worker = engine.work()
    assert worker.wait() != 0
    assert f"topic {name}" in worker.told()
    assert "are lost" in worker.told()


async def _until_gone(settings: Settings, name: str) -> None:
    for _ in range(100):
        if any(name in one for one in faults(settings)[0]):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{name} is still there")
