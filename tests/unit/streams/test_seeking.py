"""Where a lane goes on reading after a rebalance, whatever comes back from the broker beside the seek.

Law: nothing is passed over (2, 6): records that a rebalance dropped on their way to a lane are read again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from faust.types import TP

from streams.broker.driver import BatchConsumer

FLOW = TP("flow", 0)


class Record:
    """One record of the partition."""

    def __init__(self, offset: int) -> None:
        self.offset = offset


class Reading(BatchConsumer):
    """A consumer whose client holds one partition of a hundred records; it reads ten at once from where it stands.

    ``beside`` is what happens in the client's thread: "before" or "behind" the seek in it, a fetch comes back.
    """

    chunk_records = 1_000
    flow_active = True
    should_stop = False

    def __init__(self, beside: str) -> None:
        self.at, self.beside = 0, beside
        self.app: Any = self
        self.monitor: Any = self
        self._thread: Any = self
        self._ended, self._seeks = {}, 0
        self._buffered_partitions: set[TP] = set()
        self.applied = 0

    async def assigner(self, assigned: object) -> dict[tuple[str, int], int]:  # type: ignore[override]  # a fake
        """Where the lane goes on."""
        return {("flow", 0): self.applied}

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        """As the client's thread does it."""
        if self.beside == "before":
            fetched = self.fetched()
            self.at = partitions[FLOW]
            assert [chunk async for chunk in self.coming(fetched)] == []
        else:
            self.at = partitions[FLOW]
            assert [chunk async for chunk in self.coming(self.fetched())] == []

    def coming(self, fetched: Any) -> Any:
        """What the fetcher makes of a fetch that comes back."""
        self._next = fetched
        return self.getmany(1.0)

    def fetched(self) -> dict[TP, list[Record]]:
        """Ten records from where the client stands, which stands behind them then."""
        records = [Record(offset) for offset in range(self.at, self.at + 10)]
        self.at += 10
        return {FLOW: records}

    async def _wait_next_records(self, timeout: float) -> tuple[Any, None]:
        return self._next, None

    def seek(self, tp: TP, offset: int) -> None:  # type: ignore[override]  # the thread's
        """Put the client to an offset."""
        self.at = offset

    def assignment(self) -> set[TP]:
        """Its partition."""
        return {FLOW}

    def highwater(self, tp: TP) -> int:
        """The end."""
        return 100

    def track_tp_end_offset(self, tp: TP, offset: int) -> None:
        """Nobody measures."""

    def _message(self, tp: TP, chunk: Any) -> Any:
        return chunk


@pytest.mark.parametrize("beside", ["before", "behind"])
def test_a_fetch_that_comes_back_beside_the_seek_passes_nothing_over(beside: str) -> None:
    """Thirty records were on their way, ten are applied: what a rebalance dropped of them is read again."""

    async def rebalanced() -> None:
        reading = Reading(beside)
        for _ in range(3):
            assert [len(chunk.records) async for _, chunk in reading.coming(reading.fetched())] == [10]
        reading.applied, reading.flow_active = 10, False
        await reading.seek_to_committed()
        reading.flow_active = True
        (chunk,) = [chunk async for _, chunk in reading.coming(reading.fetched())]
        assert (chunk.begins, chunk.records[0].offset) == (10, 10)

    asyncio.run(rebalanced())
