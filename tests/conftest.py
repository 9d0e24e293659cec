"""The servers that tests share: one broker and one Redis a session, started when first asked for.

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
