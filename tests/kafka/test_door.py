"""The door's writing side on a real broker that is killed: what it acknowledged arrives, and time behind it."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from kafka import KafkaConsumer, TopicPartition
from msgspec.structs import replace

from cli.door import SPOOL
from deploy.local import KafkaBroker
from events.intake import encode
from events.log import Received, Tick
from simulator import stories as s
from streams.assembly import TREE
from streams.broker.door import KafkaDoor
from streams.broker.process import environment
from streams.broker.spool import Spool
from streams.broker.spooled import SpooledDoor
from streams.broker.topics import Topics, create_topics
from streams.broker.wire import tick_of
from streams.providers import Providers
from streams.settings import Settings
from tests.kafka.engine import Engine, last_tick, settings_for
from tests.kafka.test_aborts import log, right

ROOM = 64 << 20
STRETCH = 100
_PATIENCE_S = 60


class Doorway:
    """`hazflow door` as a process, and a provider that posts to it."""

    def __init__(self, settings: Settings) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.settings = replace(settings, bind=f"127.0.0.1:{free.getsockname()[1]}")
        self._token = Providers(Path(settings.home)).add("p", 0)
        self.acknowledged: list[str] = []
        self.refused: list[str] = []
        self._process = self._started()

    def again(self, *, torn: bytes = b"") -> None:
        """kill -9, and another over what is left; ``torn``: what a power cut left of a last record."""
        self.kill()
        if torn:
            with max((Path(self.settings.home) / SPOOL).glob("*.spool")).open("ab") as file:
                file.write(torn)
        self._process = self._started()

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self._process.wait()

    def post(self, number: int, pieces: int = 10) -> int | None:
        """Post some reports that are like no others; how long to wait where they were not taken."""
        ids = [f"{number}-{piece}" for piece in range(pieces)]
        events = [s.receive("1 item", site="S2", goods="DET", when="day 1 08:00", id=id_) for id_ in ids]
        body = b"\n".join(encode(event) for event in events)
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/x-ndjson"}
        url = f"http://{self.settings.bind}/v1/events"
        try:
            with urlopen(Request(url, body, headers), timeout=30) as answered:
                assert answered.status // 100 == 2
        except HTTPError as error:
            if error.code != HTTPStatus.SERVICE_UNAVAILABLE:
                raise
            self.refused += ids
            return int(error.headers["retry-after"])
        self.acknowledged += ids
        return None

    def _started(self) -> subprocess.Popen[bytes]:
        environment_ = {name: value for name, value in os.environ.items() if not name.startswith("HAZFLOW_")}
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "door"], cwd=TREE, env=environment_ | environment(self.settings)
        )
        ends = time.monotonic() + _PATIENCE_S
        while time.monotonic() < ends:
            assert process.poll() is None
            with suppress(OSError), urlopen(f"http://{self.settings.bind}/healthz", timeout=5):
                return process
            time.sleep(0.1)
        raise AssertionError("the door does not open")


def ids_on(settings: Settings) -> list[str]:
    """The ids of all reports on the flow topic."""
    consumer = KafkaConsumer(bootstrap_servers=settings.brokers, auto_offset_reset="earliest")
    places = [TopicPartition(Topics(settings.application).named("flow"), lane) for lane in range(2)]
    consumer.assign(places)
    ends = consumer.end_offsets(places)
    values: list[bytes] = []
    while any(consumer.position(place) < ends[place] for place in places):
        values += [record.value for records in consumer.poll(timeout_ms=500).values() for record in records]
    consumer.close()
    return [json.loads(value)["id"] for value in values if tick_of(value) is None]


def test_reports_of_an_outage_arrive_once_and_in_time(tmp_path: Path) -> None:
    """Law 12: a broker killed, the door killed after it, both back: the answers are those of an undisturbed run."""
    items = log()
    third = len(items) // 3
    with KafkaBroker(tmp_path / "kafka") as broker:
        engine = Engine(settings_for(broker.address, tmp_path, partitions=2), tmp_path)

        async def fed(stretch: tuple[Received | Tick, ...], *, killed: bool) -> SpooledDoor:
            spool = Spool(tmp_path / "spool", ROOM)
            door = SpooledDoor(lambda: KafkaDoor(engine.settings), spool, patience_s=3.0)
            await door.start()
            for start in range(0, len(stretch), STRETCH):
                if killed and start == 2 * STRETCH:
                    broker.kill()
                await door.put(stretch[start : start + STRETCH])
            return door

        async def killed_with_its_broker() -> None:
            """Whoever runs this loop ends without a word: the door is not stopped, its spool not emptied."""
            await fed(items[:third], killed=True)

        async def back() -> None:
            broker.start()
            door = await fed(items[third:], killed=False)
            while not door.idle:
                await asyncio.sleep(0.05)
            await door.put([Tick(last_tick(items))])
            await door.stop()

        loop = asyncio.new_event_loop()
        loop.run_until_complete(killed_with_its_broker())
        loop.close()  # what was under way in it never comes to an end
        assert not Spool(tmp_path / "spool", ROOM).empty
        asyncio.run(back())
        engine.work()
        engine.answers_as(right(), last_tick(items))
        engine.stop()


def test_a_door_takes_reports_without_kafka_until_its_disk_is_full(tmp_path: Path) -> None:
    """Law 12, over HTTP: broker killed, door killed, started without Kafka, spool full: 503 and when to retry.

    With Kafka back all that was acknowledged is there, and what was turned away is not.
    """
    with KafkaBroker(tmp_path / "kafka") as broker:
        settings = replace(settings_for(broker.address, tmp_path, partitions=2), spool_bytes=20_000)
        create_topics(settings)
        door = Doorway(settings)
        try:
            assert door.post(0) is None
            broker.kill()
            assert door.post(1) is None
            door.again()
            waits = [door.post(number) for number in range(2, 20)]
            assert waits[0] is None
            assert all(wait is None or wait > 0 for wait in waits)
            assert waits[-1] is not None
            broker.start()
            _once(lambda: door.post(100) is None)
            _once(lambda: set(ids_on(settings)) >= set(door.acknowledged))
        finally:
            door.kill()
        assert set(ids_on(settings)) == set(door.acknowledged)


def _once(reached: Callable[[], bool]) -> None:
    """Wait until something is so."""
    ends = time.monotonic() + _PATIENCE_S
    while not reached():
        assert time.monotonic() < ends
        time.sleep(0.2)


@pytest.mark.parametrize("frozen", [False, True], ids=["broker killed", "broker frozen"])
def test_a_door_killed_with_a_full_spool_keeps_what_it_acknowledged(tmp_path: Path, frozen: bool) -> None:
    """Law 12: full, killed, its last record torn, started while Kafka is still away: it goes on saying 503.

    With Kafka back, what was acknowledged is there in its order, and nothing that was turned away.
    """
    with KafkaBroker(tmp_path / "kafka") as broker:
        settings = replace(settings_for(broker.address, tmp_path, partitions=2), spool_bytes=20_000)
        create_topics(settings)
        door = Doorway(settings)
        try:
            assert door.post(0) is None
            broker.freeze() if frozen else broker.kill()
            numbers = iter(range(1, 100))
            while (wait := door.post(next(numbers))) is None:
                pass
            assert wait > 0
            spooled = len(door.acknowledged)
            assert spooled > 10
            for torn in (b"\0\0\4\0half of what was never answered", b"\0" * 512):
                door.again(torn=torn)
                assert [door.post(next(numbers)) for _ in range(3)] == [wait] * 3
            assert len(door.acknowledged) == spooled
            broker.thaw() if frozen else broker.start()
            _once(lambda: door.post(next(numbers)) is None)
            _once(lambda: set(ids_on(settings)) >= set(door.acknowledged))
            found = ids_on(settings)
        finally:
            if frozen:
                broker.thaw()
            door.kill()
    assert list(dict.fromkeys(found)) == door.acknowledged
    assert not set(found) & set(door.refused)
