"""Bytewax: a stateful operator that takes batches, recovery on, facts through a topic, as its documentation says.

Dataflows have no cycles, so facts for other keys go out through a Kafka sink and come in through the source. The
key is the partition, and ``stateful_batch`` hands over at once all that has come for it: the way to the most
throughput. The source polls up to 1,000 messages (the default, "a suitable starting point for higher throughput"),
the sink's librdkafka gathers. Every 10 s (the default) recovery writes a snapshot of each key that was touched to
SQLite; here that is a partition's whole state. Outputs are at least once.

``python -m bytewax.run benchmarks.peers.bytewax:flow -r FOLDER``, with the settings of hazflow.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource, KafkaSourceMessage
from bytewax.dataflow import Dataflow
from bytewax.operators import StatefulBatchLogic

from benchmarks.peers.steps import FACTS, INPUT, Shelf, Steps, Taken
from benchmarks.province import assembled
from streams.settings import read_settings

settings = read_settings(os.environ)
assembly = assembled()
words = {f"{settings.application}-{word}": word for word in (INPUT, FACTS)}
Snapshot = tuple[int, dict[str, bytes]]


class LaneLogic(StatefulBatchLogic):  # type: ignore[misc]  # Bytewax is not installed where types are checked
    """One partition's lane over a dict of its state."""

    def __init__(self, snapshot: Snapshot | None) -> None:
        self._state: dict[str, bytes] = {}
        self._number: int | None = None
        self._lane: Steps | None = None
        if snapshot is not None:
            self._number, self._state = snapshot
            self._lane = self._taken_up(self._number)

    def on_batch(self, values: list[Any]) -> tuple[Iterable[Any], bool]:
        """Step a batch, keep what it changed, hand on what it said."""
        if self._lane is None:
            self._number = values[0].partition
            self._lane = self._taken_up(values[0].partition)
        for message in values:
            timestamp = message.timestamp[1]
            self._lane.take(words[message.topic], Taken(message.offset, timestamp, message.value, message.headers))
        writes, outs = self._lane.done()
        for name, data in writes:
            if data is None:
                self._state.pop(name, None)
            else:
                self._state[name] = data
        written = [KafkaSinkMessage(out.key, out.value, f"{settings.application}-{out.word}") for out in outs]
        return written, StatefulBatchLogic.RETAIN

    def snapshot(self) -> Snapshot | None:
        """The state as it stands; the bytes are shared, the dict is not."""
        return None if self._number is None else (self._number, dict(self._state))

    def _taken_up(self, number: int) -> Steps:
        return Steps(number, settings, assembly, Shelf(self._state.get))


def partition(message: KafkaSourceMessage) -> str:
    """The key of a message: its partition."""
    return str(message.partition)


brokers = settings.brokers.split(",")
flow = Dataflow("plain")
messages = op.input("records", flow, KafkaSource(brokers, list(words)))
keyed = op.key_on("lane", messages, partition)
stepped = op.stateful_batch("steps", keyed, LaneLogic)
op.output("written", op.key_rm("out", stepped), KafkaSink(brokers, None, {"partitioner": "murmur2_random"}))
