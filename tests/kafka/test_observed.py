"""A worker and a desk as operations see them, over a real broker and a real Redis.

Laws: each metric of theirs moves when what it speaks of happens; ready means restored, caught up, broker and disk
at hand; a lag is compared with the broker's own word.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from cli.kafka_serving import following
from deploy.local import KafkaBroker, RedisServer
from operating.metrics import Metric
from streams.broker.process import WorkerProcess
from tests.kafka.engine import Engine, last_tick, province, settings_for
from tests.metered import moved, series, value
from tests.unit.desk.caller import Caller

MOVED_BY_A_WORKER: Final = frozenset(
    {
        Metric.LAG_RECORDS, Metric.LAG_SECONDS, Metric.LANES, Metric.RECORDS, Metric.BATCH_RECORDS,
        Metric.STEP_SECONDS, Metric.COMMIT_SECONDS, Metric.WARNINGS, Metric.TIME, Metric.TIME_BEHIND, Metric.KEYS,
        Metric.RESTORED_RECORDS, Metric.RESTORE_SECONDS,
    }
)  # fmt: skip
MOVED_BY_A_DESK: Final = frozenset(
    {
        Metric.FOLLOWER_LAG, Metric.FOLLOWER_SECONDS, Metric.FOLLOWER_RECORDS, Metric.FOLLOWER_REFUSALS,
        Metric.TIME_BEHIND,
    }
)  # fmt: skip
_SERVING = re.compile(r"serving address=(http://\S+)/metrics")


@pytest.fixture(scope="module")
def engine(
    kafka_broker: KafkaBroker, redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Engine:
    """A fresh application whose log is put already."""
    home = tmp_path_factory.mktemp("observed")
    settings = settings_for(kafka_broker.address, home, metrics_bind="127.0.0.1:0", redis=redis_server.url)
    made = Engine(settings, home)
    made.feed(province(1))
    return made


@pytest.fixture(scope="module")
def worker(engine: Engine) -> Iterator[WorkerProcess]:
    """Its worker."""
    yield engine.work()
    engine.stop()


def asked(engine: Engine, worker: WorkerProcess) -> Caller:
    """The worker's own port, as its log names it."""
    engine.wait_until(lambda: _SERVING.search(worker.told()) is not None)
    found = _SERVING.search(worker.told())
    assert found is not None
    return Caller(found.group(1))


def test_every_metric_of_a_worker_moves_while_it_works(engine: Engine, worker: WorkerProcess) -> None:
    """Law: from its first moment on it can be asked; caught up, nothing but commit markers is behind."""
    port = asked(engine, worker)
    before = port.get("/metrics").body
    engine.until(last_tick(province(1)))
    engine.wait_until(lambda: value(port.get("/metrics").body, Metric.LANES) == 4)
    engine.wait_until(lambda: value(port.get("/metrics").body, Metric.LAG_RECORDS, "flow") == 0)
    assert port.get("/readyz").status == 200
    after = port.get("/metrics").body
    assert moved(before, after) >= MOVED_BY_A_WORKER - {Metric.RESTORED_RECORDS}
    assert value(after, Metric.LANES) == 4
    reports = value(after, Metric.RECORDS) - value(after, Metric.RECORDS, "facts")
    assert reports >= len(province(1))
    assert value(after, Metric.KEYS) > 100
    # The log's time is long past: to a worker, which lives in the clock's, it stands still.
    assert value(after, Metric.TIME_STANDS_STILL) == 1
    assert {check["name"] for check in port.get("/readyz").value["checks"]} == {
        "loop", "restored", "caught_up", "broker", "disk", "time",
    }  # fmt: skip


def test_who_takes_over_shows_its_recovery(engine: Engine, worker: WorkerProcess) -> None:
    """Law: a restore says how many records it read and how long it took, in the log and as metrics."""
    engine.until(last_tick(province(1)))
    worker.kill()
    heir = engine.work()
    port = asked(engine, heir)
    engine.wait_until(lambda: heir.told().count("lane_restored") == 4)
    engine.wait_until(lambda: port.get("/readyz").status == 200)
    shown = port.get("/metrics").body
    assert value(shown, Metric.RESTORED_RECORDS) > 100
    assert value(shown, Metric.RESTORE_REMAINING) == 0
    assert value(shown, Metric.RESTORE_SECONDS) > 0
    assert value(shown, Metric.KEYS) > 100


def test_every_metric_of_a_desk_moves_while_it_follows(
    engine: Engine, worker: WorkerProcess, tmp_path: Path
) -> None:
    """Law: what projection and Redis are behind is told, and 0 once they have it all; Redis down is said."""
    engine.until(last_tick(province(1)))

    async def follow(redis: str, done: Callable[[bytes], bool]) -> tuple[bytes, bytes]:
        settings = settings_for(
            engine.settings.brokers, tmp_path, application=engine.settings.application, redis=redis
        )
        async with following(settings) as watched:
            before = watched.meter.show()
            async with asyncio.timeout(60):
                while not done(watched.meter.show()):
                    await asyncio.sleep(0.1)
            return before, watched.meter.show()

    def all_taken(shown: bytes) -> bool:
        return Metric.FOLLOWER_LAG in series(shown) and value(shown, Metric.FOLLOWER_LAG) == 0

    before, after = asyncio.run(follow(engine.settings.redis, all_taken))
    assert moved(before, after) >= MOVED_BY_A_DESK - {Metric.FOLLOWER_REFUSALS}
    assert value(after, Metric.FOLLOWER_RECORDS, "redis") > 0
    before, after = asyncio.run(
        follow("redis://127.0.0.1:1/0", lambda shown: value(shown, Metric.FOLLOWER_REFUSALS, "redis") > 0)
    )
    assert Metric.FOLLOWER_REFUSALS in moved(before, after)
    assert value(after, Metric.CHECK, "redis") == 1  # a desk whose Redis is down still shows its pages
