"""The servers that tests share: one broker and one Redis a session, started when first asked for; who runs what.

Law: a test that needs a server starts it, and no server outlives the tests. Tests on the shared servers keep apart
by names of their own (topics, groups, keys); a test that kills or freezes a server starts its own in `tmp_path`.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from deploy.local import KafkaBroker, RedisServer

# No test asserts a time: a busy machine is no broken law. What a change is judged by is drawn alike each time;
# --hypothesis-profile=search draws anew.
settings.register_profile("hazflow", deadline=None, print_blob=True, derandomize=True)
settings.register_profile("search", deadline=None, print_blob=True)
settings.load_profile("hazflow")

SERVERS = ("tests/kafka/", "tests/chaos/test_real.py", "tests/chaos/test_broken_workers.py")
"""Tests that wait for servers and workers more than they reckon."""


class Shares(LoadScopeScheduling):  # type: ignore[misc]  # xdist tells no types
    """How processes share the tests of ``make check``: all on servers go to one, file by file the rest to any."""

    def _split_scope(self, nodeid: str) -> str:
        path: str = nodeid.partition("::")[0]
        return "servers" if path.startswith(SERVERS) else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Shares:
    """Asked by xdist, should there be more than one process."""
    return Shares(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those on servers come first: they take longest."""
    items.sort(key=lambda item: not item.nodeid.startswith(SERVERS))


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
