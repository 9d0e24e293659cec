"""Plain Faust: an event at a time, a Table with a changelog, facts through a topic, as its documentation says.

One agent takes the input topics and ``facts``, which Faust keeps together by partition. Each event is stepped, each
key that it touched is one Table write, the facts for another partition are one send. No send is waited for, and the
producer gathers for 20 ms and up to 256 KiB (Faust's own 0 ms and 16 KiB make many small requests). The rest is as
Faust comes: ``stream_buffer_maxsize`` 4,096, commits every 2.8 s, acks from all, the Table in memory and recovered
from its changelog; no uvloop, as nowhere in this comparison. It promises at least once: after a crash it counts
some events twice.

``faust -A benchmarks.peers.faust worker``, with the settings of hazflow.
"""

from __future__ import annotations

import os
from typing import Any

import faust

from benchmarks.peers.steps import FACTS, INPUT, OUTPUTS, Shelf, Steps, Taken
from benchmarks.province import assembled
from streams.settings import read_settings

settings = read_settings(os.environ)
assembly = assembled()

app = faust.App(
    f"{settings.application}-plain",
    broker=f"aiokafka://{settings.brokers}",
    broker_session_timeout=settings.session_timeout_s,
    consumer_auto_offset_reset="earliest",
    topic_partitions=settings.partitions,
    topic_replication_factor=1,
    producer_linger=0.02,
    producer_max_batch_size=256 << 10,
    store="memory://",
    web_enabled=False,
    autodiscover=False,
    datadir=f"{settings.home}/faust",
)
words = {f"{settings.application}-{word}": word for word in (INPUT, FACTS)}
reports = app.topic(*words, key_type=bytes, value_type=bytes, value_serializer="raw", key_serializer="raw")
outputs = {
    word: app.topic(f"{settings.application}-{word}", value_serializer="raw", key_serializer="raw")
    for word in OUTPUTS
}
table = app.Table("state", partitions=settings.partitions, key_type=bytes, value_type=bytes)
lanes: dict[int, Steps] = {}


@app.on_partitions_revoked.connect
async def forget(*_: Any, **__: Any) -> None:
    """Whoever owns a partition next takes its lane up from the Table."""
    lanes.clear()


@app.agent(reports)
async def step(stream: Any) -> None:
    """Step each event, write what it changed to the Table, send what it said."""
    async for event in stream.events():
        message = event.message
        number = message.partition
        lane = lanes.get(number) or taken_up(number)
        taken = Taken(message.offset, int(message.timestamp * 1_000), message.value, message.headers or ())
        lane.take(words[message.topic], taken)
        writes, outs = lane.done()
        for name, data in writes:
            if data is None:
                table.pop(named(number, name), None)
            else:
                table[named(number, name)] = data
        for out in outs:
            await outputs[out.word].send(key=out.key, value=out.value)


def taken_up(number: int) -> Steps:
    """The lane of a partition, from what the Table holds of it."""
    shelf = Shelf(lambda name: table.get(named(number, name)))
    lane = lanes[number] = Steps(number, settings, assembly, shelf)
    return lane


def named(number: int, name: str) -> bytes:
    """The Table holds all partitions of a worker: a lane's names bear its number."""
    return f"{number}/{name}".encode()
