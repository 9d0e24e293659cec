"""Quix Streams: state in RocksDB with a changelog, checkpoints, facts through a topic, as its documentation says.

The input topics and ``facts`` are one dataframe (``concat``), so they share state, and Quix takes a partition's
records in the order of their timestamps. State belongs to a record's key: records come keyed by lane, which
spares Quix the repartition topic that ``group_by`` would cost it. Its settings are those that it comes with and
recommends: a checkpoint (changelog, flush, offsets) every 5 s, at least once, librdkafka's own gathering. The
changelog gets the last value of a name in each checkpoint, not every one.

``python -m benchmarks.peers.quix``, with the settings of hazflow.
"""

from __future__ import annotations

import os
from functools import reduce
from typing import Any

from quixstreams import Application, State, message_context
from quixstreams.models import Serializer

from benchmarks.peers.steps import FACTS, INPUT, OUTPUTS, Out, Shelf, Steps, Taken
from benchmarks.province import assembled
from streams.settings import read_settings


class Value(Serializer):  # type: ignore[misc]  # Quix is not installed where types are checked
    """An output's bytes, as they are."""

    def __call__(self, value: Out, ctx: Any) -> bytes:
        """The bytes."""
        return value.value


class Lanes:
    """The lanes of the partitions that this application has; each lives on the state of its key."""

    def __init__(self) -> None:
        self._settings = read_settings(os.environ)
        self._assembly = assembled()
        self._lanes: dict[int, Steps] = {}
        self._words = {f"{self._settings.application}-{word}": word for word in (INPUT, FACTS)}
        self._state: State

    def run(self) -> None:
        """Until somebody stops it."""
        settings = self._settings
        app = Application(
            broker_address=settings.brokers,
            consumer_group=f"{settings.application}-quix",
            auto_offset_reset="earliest",
            state_dir=f"{settings.home}/quix",
            consumer_extra_config={"session.timeout.ms": int(settings.session_timeout_s * 1_000)},
            loglevel="WARNING",
        )
        topics = [app.topic(name, value_deserializer="bytes", key_deserializer="bytes") for name in self._words]
        outputs = {word: app.topic(f"{settings.application}-{word}", value_serializer=Value()) for word in OUTPUTS}
        records = reduce(lambda one, other: one.concat(other), map(app.dataframe, topics))
        out = records.apply(self.step, stateful=True, metadata=True, expand=True)
        out.to_topic(lambda out, *_: outputs[out.word], key=lambda out: out.key)
        app.run()

    def step(self, value: bytes, _key: bytes, timestamp: int, headers: Any, state: State) -> list[Out]:
        """Step one record, write what it changed to the state, hand on what it said."""
        at = message_context()
        self._state = state
        lane = self._lanes.get(at.partition) or self._taken_up(at.partition)
        lane.take(self._words[at.topic], Taken(at.offset, timestamp, value, headers or ()))
        writes, outs = lane.done()
        for name, data in writes:
            if data is None:
                state.delete(name)
            else:
                state.set_bytes(name, data)
        return outs

    def _taken_up(self, number: int) -> Steps:
        """The lane of a partition, from what its state holds."""
        lane = self._lanes[number] = Steps(number, self._settings, self._assembly, Shelf(self._get))
        return lane

    def _get(self, name: str) -> bytes | None:
        """From the state of the record at hand: Quix gives a new one with each."""
        data: bytes | None = self._state.get_bytes(name)
        return data


if __name__ == "__main__":
    Lanes().run()
