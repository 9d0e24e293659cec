"""Workers that come and go while the log is being read: lanes change hands in the middle of a batch."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import KafkaBroker
from tests.kafka.engine import Engine, expected, last_tick, province, settings_for


@pytest.fixture
def engine(kafka_broker: KafkaBroker, tmp_path: Path) -> Iterator[Engine]:
    """A fresh application on the shared broker, with batches that are many and small."""
    made = Engine(settings_for(kafka_broker.address, tmp_path, batch_records=200), tmp_path)
    yield made
    made.stop()


def test_workers_that_join_and_leave_in_the_middle_change_nothing(engine: Engine) -> None:
    """Law 6: one joins while batches are under way, the first leaves, a third comes: the answers are equal."""
    log = province(2)
    first = engine.work()
    engine.wait_until(lambda: first.told().count("lane_restored") >= 4)
    feeding = threading.Thread(target=engine.feed, args=(log,))
    feeding.start()
    second = engine.work()
    engine.wait_until(lambda: "lane_restored" in second.told())
    assert first.stop() == 0
    third = engine.work()
    engine.wait_until(lambda: "lane_restored" in third.told())
    feeding.join()
    engine.answers_as(expected(2), last_tick(log))
    assert "lane" in first.told().rpartition("lane_restored")[2]
    assert second.running
    assert third.running
