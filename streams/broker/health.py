"""What is wrong with broker, topics and Redis, and how to mend it.

Law kept: checking changes nothing; each thing found wrong says how to mend it.
"""

from __future__ import annotations

from collections.abc import Iterator

import redis
from kafka.errors import KafkaError
from redis.exceptions import RedisError

from operating.checks import Check
from streams.broker.topics import TopicFault, faults
from streams.settings import Settings


def check_servers(settings: Settings) -> Iterator[Check]:
    """The broker with the topics, then Redis."""
    yield from _broker(settings)
    yield _redis(settings)


def _broker(settings: Settings) -> Iterator[Check]:
    try:
        wrong, found = faults(settings)
    except (TopicFault, KafkaError, OSError) as error:
        text = f"{settings.brokers}：{error}", f"{settings.brokers}: {error}"
        mend = (
            "启动 Kafka，或改正 HAZFLOW_BROKERS 及其 TLS/SASL 设置",
            "start Kafka, or correct HAZFLOW_BROKERS and its TLS and SASL settings",
        )
        yield Check("broker", "wrong", text, mend)
        return
    yield Check("broker", "ok", (f"{settings.brokers} 有应答", f"{settings.brokers} answers"))
    for fault in wrong:
        what, _, mend_en = fault.partition(": ")
        yield Check("topics", "wrong", (what, what), (mend_en, mend_en))
    if not wrong:
        count = len(found)
        text = (
            f"{count} 个主题，各 {settings.partitions} 分区",
            f"{count} topics of {settings.partitions} partitions",
        )
        yield Check("topics", "ok", text)


def _redis(settings: Settings) -> Check:
    client = redis.Redis.from_url(settings.redis, socket_timeout=5, socket_connect_timeout=5)
    try:
        info = client.info("persistence")
    except (RedisError, OSError) as error:
        text = f"Redis：{error}", f"Redis: {error}"
        mend = "启动 Redis，或改正 HAZFLOW_REDIS", "start Redis, or correct HAZFLOW_REDIS"
        return Check("redis", "wrong", text, mend)
    finally:
        client.close()
    if not info["aof_enabled"]:
        text = "Redis 未开启 AOF：被杀后数据全失", "Redis keeps no append-only file: killed, it comes back empty"
        return Check("redis", "wrong", text, ("设 appendonly yes", "set appendonly yes"))
    return Check("redis", "ok", ("AOF 已开启", "its append-only file is on"))
