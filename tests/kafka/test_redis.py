"""Warnings on Redis streams: each once, in order, for exactly its recipients, whatever is killed."""

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import redis
from msgspec.structs import replace

from delivery.redis_stream import RedisStreams, RedisUnavailable
from deploy.local import KafkaBroker, RedisServer
from routing.notice import decode_notice
from streams.broker.follow import MOST, Followed, Follower
from streams.broker.topics import WARNINGS, Topics
from tests.kafka.engine import Engine, last_tick, province, settings_for


@pytest.fixture(scope="module")
def engine(kafka_broker: KafkaBroker, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """An application whose warnings are all told, its worker gone."""
    home = tmp_path_factory.mktemp("told")
    made = Engine(settings_for(kafka_broker.address, home), home)
    made.feed(province(1))
    made.work()
    made.until(last_tick(province(1)))
    made.stop()
    return made


def told(url: str, application: str) -> dict[str, list[tuple[str, int]]]:
    """Stream → (finding, revision) in order."""
    client = redis.Redis.from_url(url, decode_responses=True)
    streams: dict[str, list[tuple[str, int]]] = {}
    for key in client.scan_iter(f"{application}:warnings:*"):
        entries: Any = client.xrange(key)
        streams[str(key)] = [(entry[1]["finding"], int(entry[1]["revision"])) for entry in entries]
    client.close()
    return streams


def owed(engine: Engine) -> dict[str, set[tuple[str, int]]]:
    """The same from the projection: what each recipient is owed."""
    streams: dict[str, set[tuple[str, int]]] = {}
    for (data,) in sqlite3.connect(engine.database).execute("SELECT notice FROM notices"):
        notice = decode_notice(data)
        for to in notice.recipients:
            name = f"{engine.settings.application}:{to.authority.stream}"
            streams.setdefault(name, set()).add((notice.finding, notice.revision))
    return streams


async def follow(engine: Engine, url: str, *, again: int) -> None:
    """Pump all warnings into Redis; ``again`` times from wherever it says it stands."""
    for _ in range(again):
        streams = RedisStreams(url, engine.settings.application)
        topic = Topics(engine.settings.application).named(WARNINGS)
        follower = Follower(engine.settings, [topic], streams)
        task = asyncio.create_task(follower.run())
        await asyncio.wait_for(follower.caught_up.wait(), 60)
        follower.stop()
        await task
        await streams.close()


def test_every_recipient_gets_its_warnings_once_and_in_order(engine: Engine, redis_server: RedisServer) -> None:
    """Law 12: what is owed is there, nothing twice, revisions ascending; pumping again adds nothing."""
    asyncio.run(follow(engine, redis_server.url, again=2))
    found = told(redis_server.url, engine.settings.application)
    assert found
    for name, entries in found.items():
        assert len(entries) == len(set(entries)), name
        for finding in {entry[0] for entry in entries}:
            revisions = [revision for one, revision in entries if one == finding]
            assert revisions == sorted(revisions)
    assert {name: set(entries) for name, entries in found.items()} == owed(engine)


def test_a_redis_killed_in_the_middle_is_told_the_rest_when_it_is_back(engine: Engine, tmp_path: Path) -> None:
    """Law: while Redis is down warnings wait on their topic; back up, they are told, once."""
    with RedisServer(tmp_path / "redis") as server:

        async def through_a_kill() -> None:
            streams = RedisStreams(server.url, engine.settings.application)
            topic = Topics(engine.settings.application).named(WARNINGS)
            follower = Follower(engine.settings, [topic], streams)
            server.kill()
            task = asyncio.create_task(follower.run())
            await asyncio.sleep(0.5)
            assert not follower.caught_up.is_set()
            server.start()
            await asyncio.wait_for(follower.caught_up.wait(), 60)
            follower.stop()
            await task
            await streams.close()

        asyncio.run(through_a_kill())
        found = told(server.url, engine.settings.application)
        assert {name: set(entries) for name, entries in found.items()} == owed(engine)


def test_a_redis_that_came_back_without_the_last_of_it_is_told_that_again(
    engine: Engine, redis_server: RedisServer
) -> None:
    """Law: what it lost with its unwritten file, or to a replica that stepped in, is told once more."""
    settings = replace(engine.settings, application=f"{engine.settings.application}-lost")
    topic = Topics(engine.settings.application).named(WARNINGS)

    async def through_a_loss() -> None:
        streams = RedisStreams(redis_server.url, settings.application)
        client = redis.Redis.from_url(redis_server.url)
        losing = Losing(streams, client, settings.application)
        follower = Follower(engine.settings, [topic], losing)
        task = asyncio.create_task(follower.run())
        await asyncio.wait_for(follower.caught_up.wait(), 60)
        follower.stop()
        await task
        await streams.close()
        client.close()
        assert losing.lost

    asyncio.run(through_a_loss())
    found = told(redis_server.url, settings.application)
    named = {name.replace("-lost:", ":"): entries for name, entries in found.items()}
    assert {name: set(entries) for name, entries in named.items()} == owed(engine)
    assert all(len(entries) == len(set(entries)) for entries in named.values())


class Losing:
    """A Redis that is put back, once, to what it held before the last stretch, as if by a crash: in silence."""

    def __init__(self, streams: RedisStreams, client: redis.Redis, application: str) -> None:
        self._streams, self._client, self._application = streams, client, application
        self.lost = False

    async def positions(self) -> Mapping[tuple[str, int], int]:
        """How far it was told."""
        return await self._streams.positions()

    async def take(self, followed: Sequence[Followed]) -> None:
        """The first stretch in halves; between them Redis loses all that it had of the first."""
        if not self.lost:
            first = [replace(part, records=part.records[: len(part.records) // 2]) for part in followed]
            await self._streams.take(first)
            keys: Any = list(self._client.scan_iter(f"{self._application}:*"))
            assert keys
            self._client.delete(*keys)
            self.lost = True
            followed = [replace(part, records=part.records[len(part.records) // 2 :]) for part in followed]
        await self._streams.take(followed)


class GoingAway:
    """A Redis whose connection is gone in the middle of every other stretch; notes how many came at once."""

    def __init__(self, streams: RedisStreams) -> None:
        self._streams = streams
        self.most, self.given = 0, 0

    async def positions(self) -> Mapping[tuple[str, int], int]:
        """How far it was told."""
        return await self._streams.positions()

    async def take(self, followed: Sequence[Followed]) -> None:
        """Every other time the connection is gone once half of them are told."""
        records = sum(len(part.records) for part in followed)
        self.most, self.given = max(self.most, records), self.given + 1
        if self.given % 2:
            half = [replace(part, records=part.records[: len(part.records) // 2]) for part in followed]
            await self._streams.take(half)
            raise RedisUnavailable("gone in the middle")
        await self._streams.take(followed)


def test_a_redis_that_goes_away_again_and_again_is_told_once_and_in_order(
    engine: Engine, redis_server: RedisServer
) -> None:
    """Law: half of a stretch told, then all of it again: nothing twice, in order, and never many held."""
    application = f"{engine.settings.application}-again"

    async def pump() -> GoingAway:
        streams = RedisStreams(redis_server.url, application)
        going = GoingAway(streams)
        follower = Follower(engine.settings, [Topics(engine.settings.application).named(WARNINGS)], going)
        task = asyncio.create_task(follower.run())
        await asyncio.wait_for(follower.caught_up.wait(), 60)
        follower.stop()
        await task
        await streams.close()
        return going

    going = asyncio.run(pump())
    assert going.given > 1
    assert going.most <= MOST
    again = told(redis_server.url, application)
    asyncio.run(follow(engine, redis_server.url, again=1))
    by_partition = told(redis_server.url, engine.settings.application)
    assert {name.partition(":")[2]: set(entries) for name, entries in again.items()} == {
        name.partition(":")[2]: set(entries) for name, entries in by_partition.items()
    }
    for name, entries in again.items():
        assert len(entries) == len(set(entries)), name
        for finding in {entry[0] for entry in entries}:
            revisions = [revision for one, revision in entries if one == finding]
            assert revisions == sorted(revisions)
