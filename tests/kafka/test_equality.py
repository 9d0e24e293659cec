"""Two engines, one answer: a simulated province through real Kafka and Faust, against lanes in memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from deploy.local import KafkaBroker
from events.log import Received, Tick
from events.rejection import Reason
from tests.engines import difference
from tests.kafka.engine import Engine, expected, last_tick, province, settings_for


@pytest.fixture
def engine(kafka_broker: KafkaBroker, tmp_path: Path) -> Iterator[Engine]:
    """A fresh application on the shared broker."""
    made = Engine(settings_for(kafka_broker.address, tmp_path), tmp_path)
    yield made
    made.stop()


def test_the_log_is_large_enough() -> None:
    """Law: equality is shown over 20,000 events and more, with findings among them."""
    assert sum(isinstance(item, Received) for item in province()) >= 20_000
    assert len(expected().warnings) >= 5


@pytest.mark.parametrize("workers", [1, 2])
def test_kafka_answers_as_lanes_in_memory(engine: Engine, workers: int) -> None:
    """Law 4: same books, same findings, whatever the number of workers, each with lanes of its own."""
    for _ in range(workers):
        engine.work()
    engine.wait_until(lambda: all("lane_restored" in worker.told() for worker in engine.workers))
    engine.feed(province())
    found = engine.until(last_tick(province()))
    assert not difference(expected(), found)
    assert found == expected()


def test_killed_workers_lose_nothing_and_double_nothing(engine: Engine) -> None:
    """Law 6: kill -9 in the middle, twice; who comes after ends where an uninterrupted run does."""
    log = province()
    engine.feed(log)
    middle = [item.received_at for item in log if isinstance(item, Received)]
    for part in (0.3, 0.6):
        worker = engine.work()
        engine.until(sorted(middle)[int(len(middle) * part)] - 3_600_000_000)
        worker.kill()
    engine.work()
    engine.answers_as(expected(), last_tick(log))


def test_everything_fed_twice_changes_nothing(engine: Engine) -> None:
    """Law 2: the whole log again, after it was applied; positions of a closed day are known to be late alone."""
    log = province(1)
    engine.feed(log)
    engine.work()
    engine.until(last_tick(log))
    engine.feed([item for item in log if isinstance(item, Received)])
    after = last_tick(log) + 60_000_000
    engine.feed([Tick(after)])
    found = engine.until(after)
    late = frozenset(refusal for refusal in found.refusals if refusal[0] == Reason.AFTER_CLOSE)
    assert not difference(expected(1), replace(found, refusals=found.refusals - late))
