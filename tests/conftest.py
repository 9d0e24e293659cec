"""The servers that tests share: one broker and one Redis a session, started when first asked for; who runs what.

Law: a test that needs a server starts it, and no server outlives the tests. Tests on the shared servers keep apart
by names of their own (topics, groups, keys); a test that kills or freezes a server starts its own in `tmp_path`.
"""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from deploy.local import KafkaBroker, RedisServer

# No test asserts a time: a busy machine is no broken law.
settings.register_profile("hazflow", deadline=None, print_blob=True)
settings.load_profile("hazflow")

SERVERS = ("tests/kafka/", "tests/chaos/test_real.py", "tests/chaos/test_broken_workers.py")
"""Tests that wait for servers and workers more than they reckon."""


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups after this
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Two processes share the tests of ``make check``; one begins with all that wait for servers, the longest.

    The others are handed out by the file.
    """
    of_items = {item: item.path.relative_to(config.rootpath).as_posix() for item in items}
    for item, path in of_items.items():
        item.add_marker(pytest.mark.xdist_group("servers" if path.startswith(SERVERS) else path))
    items.sort(key=lambda item: not of_items[item].startswith(SERVERS))


@pytest.fixture(scope="session")
def kafka_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker]:
    """A running broker that makes no topic by itself."""
    with KafkaBroker(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A running Redis with its append-only file on."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server
