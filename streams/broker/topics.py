"""The topics: their names, how they are made, and whether what stands on the broker can be used.

Law kept: partition p of the inputs, ``facts`` and ``state`` is lane p, so all have the same number of partitions; a
topic that is missing, cut otherwise or may forget its records refuses the start and says what to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Final

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError, TopicAlreadyExistsError
from msgspec import Struct

from streams.broker.clients import kafka_python
from streams.settings import Settings

INPUTS: Final = ("flow", "inventory", "consignment", "position", "registry")
FACTS, STATE, WARNINGS, LINES, REJECTED = "facts", "state", "warnings", "lines", "rejected"

_FOR_EVER: Final = {"retention.ms": "-1", "retention.bytes": "-1"}
_CONFIGS: Final[Mapping[str, Mapping[str, str]]] = {
    # Directly fed topics get their received_at from the broker.
    **{word: {**_FOR_EVER, "message.timestamp.type": "LogAppendTime"} for word in INPUTS},
    # Lanes keep what they took from facts in their state; three days outlast any outage of a lane.
    FACTS: {"retention.ms": str(3 * 24 * 3_600_000)},
    STATE: {"cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.2", "segment.bytes": str(128 << 20)},
    WARNINGS: _FOR_EVER,
    LINES: _FOR_EVER,
    REJECTED: _FOR_EVER,
}
_PATIENCE_MS: Final = 10_000
_KEPT: Final = (*INPUTS, WARNINGS)
"""Topics that must keep everything."""


class TopicFault(Exception):
    """A topic cannot be used as it is: names it, says what is wrong and what to do."""


class NoBroker(TopicFault):
    """Nobody answers, so that nothing is known of the topics."""


class Topic(Struct, frozen=True):
    """A topic as it stands on the broker; ``id`` changes when it is made anew."""

    name: str
    id: str
    partitions: int


class Topics(Struct, frozen=True):
    """The topics of one application."""

    application: str

    def named(self, word: str) -> str:
        """The name on the broker of one of the words above."""
        return f"{self.application}-{word}"

    def word(self, name: str) -> str:
        """The word of a name on the broker."""
        return name.removeprefix(f"{self.application}-")

    @property
    def inputs(self) -> tuple[str, ...]:
        """Where reports arrive."""
        return tuple(self.named(word) for word in INPUTS)

    @property
    def lane(self) -> tuple[str, ...]:
        """What a lane reads: its inputs and what other lanes passed on."""
        return (*self.inputs, self.named(FACTS))

    @property
    def every(self) -> tuple[str, ...]:
        """All topics."""
        return tuple(self.named(word) for word in _CONFIGS)


def admin(settings: Settings) -> KafkaAdminClient:
    """An administration client; ``NoBroker`` where no broker answers."""
    try:
        return KafkaAdminClient(**kafka_python(settings), bootstrap_timeout_ms=_PATIENCE_MS)
    except KafkaError as error:
        raise NoBroker(f"no broker answers at {settings.brokers}: {error}; is Kafka running there?") from error


def create_topics(settings: Settings, replication: int = -1) -> tuple[str, ...]:
    """Make the topics that are missing; returns their names."""
    topics = Topics(settings.application)
    client = admin(settings)
    try:
        there = set(client.list_topics())
        missing = {
            topics.named(word): {
                "num_partitions": settings.partitions,
                "replication_factor": replication,
                "configs": dict(config),
            }
            for word, config in _CONFIGS.items()
            if topics.named(word) not in there
        }
        if missing:
            # Another process may be quicker; what it made is checked like any other.
            with suppress(TopicAlreadyExistsError):
                client.create_topics(missing, wait_for_metadata=True)
        return tuple(missing)
    finally:
        client.close()


def faults(settings: Settings) -> tuple[list[str], dict[str, Topic]]:
    """What is wrong with the topics, each with what to do; and the topics as they stand."""
    topics = Topics(settings.application)
    client = admin(settings)
    try:
        there = set(client.list_topics())
        wrong = [
            f"topic {name} is missing: run `hazflow topics create`" for name in topics.every if name not in there
        ]
        found = _described(client, [name for name in topics.every if name in there])
        wrong += [
            f"topic {topic.name} has {topic.partitions} partitions, setting partitions says "
            f"{settings.partitions}: set HAZFLOW_PARTITIONS={topic.partitions}, or start a new application "
            "(HAZFLOW_APPLICATION) and replay its inputs into it; a topic's partitions cannot be changed"
            for topic in found.values()
            if topic.partitions != settings.partitions
        ]
        wrong += _forgetful(client, [topics.named(word) for word in _KEPT if topics.named(word) in found])
        return wrong, found
    finally:
        client.close()


def verified(settings: Settings) -> dict[str, Topic]:
    """The topics, all as they must be; ``TopicFault`` otherwise."""
    wrong, found = faults(settings)
    if wrong:
        raise TopicFault("; ".join(wrong))
    return found


def _described(client: KafkaAdminClient, names: Iterable[str]) -> dict[str, Topic]:
    wanted = list(names)
    if not wanted:
        return {}
    return {
        told["name"]: Topic(told["name"], str(told.get("topic_id", "")), len(told["partitions"]))
        for told in client.describe_topics(wanted)
    }


def _forgetful(client: KafkaAdminClient, names: Iterable[str]) -> list[str]:
    """Topics that would drop records in time, unless they say that somebody archives them."""
    wrong = []
    for name in names:
        kept = _config(client, name).get("retention.ms")
        if kept != "-1":
            wrong.append(f"topic {name} forgets (retention.ms={kept}): set retention.ms=-1 on it")
    return wrong


def _config(client: KafkaAdminClient, name: str) -> dict[str, Any]:
    told = client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)], config_filter="all")
    return _flat(told, name)


def _flat(told: Any, name: str) -> dict[str, Any]:
    """kafka-python's answer by resource type and name, as plain names and values."""
    values = told.get("topic", told).get(name, {}) if isinstance(told, dict) else {}
    return {key: entry["value"] if isinstance(entry, dict) else entry for key, entry in values.items()}
