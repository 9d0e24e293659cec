"""The waits of the Kafka library that we shorten are still those that it waits by."""

from __future__ import annotations

from aiokafka import AIOKafkaConsumer
from aiokafka.producer import sender

from streams.broker.commit import MARKERS_S


def test_a_transaction_asks_for_markers_as_often_as_we_say() -> None:
    """The library's handler reads the pause that we set: another version that does not would wait 20 ms unseen."""
    assert sender.BACKOFF_OVERRIDE == MARKERS_S
    assert "BACKOFF_OVERRIDE" in sender.AddPartitionsToTxnHandler.handle_response.__code__.co_names


def test_a_consumer_reads_how_long_to_hold_a_fetch_when_it_starts() -> None:
    """So that the worker's own value, set once Faust has made the consumer, holds."""
    assert "_fetch_max_wait_ms" in AIOKafkaConsumer.start.__code__.co_names
