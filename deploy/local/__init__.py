"""A Kafka broker and a Redis server of one's own on this machine, for `make kafka` and the tests."""

from deploy.local.kafka import KafkaBroker
from deploy.local.process import ServerFailed
from deploy.local.redis import RedisServer

__all__ = ["KafkaBroker", "RedisServer", "ServerFailed"]
