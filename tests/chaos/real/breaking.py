"""A worker that stops itself at a named moment, whole or broken on purpose: a program, for tests of the tests.

    python -m tests.chaos.real.breaking BROKEN HOW MOMENT NTH

Law kept: nothing of this is in the product: what is broken is broken here, in this process alone.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import uuid
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

from msgspec.structs import replace

Patch = Callable[[], None]
NOTHING = "nothing"
MUCH = 20
"""Book lines from which on a commit is worth breaking: whatever becomes of them is seen."""
LINGERS_S = 3.0
"""Longer than it takes Faust to commit what was acknowledged."""


class Moment:
    """Stops this process the n-th time that a moment is come to: killed, frozen, or killed after a while."""

    def __init__(self, how: str, moment: str, nth: int) -> None:
        self._how, self._moment, self._nth = how, moment, nth
        self._come = count(1)

    async def at(self, moment: str) -> None:
        """Here is a moment."""
        if moment != self._moment or next(self._come) != self._nth:
            return
        if self._how == "linger":
            await asyncio.sleep(LINGERS_S)
        os.kill(os.getpid(), signal.SIGSTOP if self._how == "freeze" else signal.SIGKILL)


def patch(target: Any, name: str, made: Callable[[Any], Any]) -> None:
    """Put what is made of something in its place."""
    setattr(target, name, made(getattr(target, name)))


def watched(moment: Moment) -> None:
    """Let the moments of every commit of much be noticed: ``before``, ``sent``, ``committed``."""
    from aiokafka import AIOKafkaProducer

    from streams.broker import lane_run

    def around(commit: Any) -> Any:
        async def commit_watched(producer: Any, outgoing: Any) -> None:
            producer.commits_much = _booked(outgoing) >= MUCH
            if producer.commits_much:
                await moment.at("before")
            await commit(producer, outgoing)
            if producer.commits_much:
                await moment.at("committed")

        return commit_watched

    def behind(end: Any) -> Any:
        async def end_watched(producer: Any) -> None:
            if getattr(producer, "commits_much", False):
                await moment.at("sent")
            await end(producer)

        return end_watched

    patch(lane_run, "commit", around)
    patch(AIOKafkaProducer, "commit_transaction", behind)


def _booked(outgoing: Any) -> int:
    """How many book lines a batch writes."""
    from streams.broker.wire import read_lines

    told = [entries for (topic, _), entries in outgoing.records.items() if topic.endswith("-lines")]
    return sum(len(read_lines(value).lines) for entries in told for _, value, _ in entries)


def acknowledges_first() -> None:
    """Acknowledge what is handed over, then work on it; go on where the group says."""
    from aiokafka import AIOKafkaConsumer, TopicPartition

    from streams.broker.clients import aiokafka
    from streams.broker.lanes import Lanes

    def at_once(take: Any) -> Any:
        def take_acknowledged(lanes: Any, chunk: Any, done: Callable[[], object]) -> None:
            done()
            take(lanes, chunk, lambda: None)

        return take_acknowledged

    async def of_the_group(restorer: Any, lane: int) -> dict[str, int]:
        settings = restorer._settings
        consumer = AIOKafkaConsumer(**aiokafka(settings), group_id=settings.application, enable_auto_commit=False)
        await consumer.start()
        try:
            places = [TopicPartition(name, lane) for name in restorer._topics.lane]
            return {place.topic: await consumer.committed(place) or 0 for place in places}
        finally:
            await consumer.stop()

    patch(Lanes, "take", at_once)
    _restoring(of_the_group)


def forgets_its_positions() -> None:
    """Restore the state without the positions that it stands for, and so apply everything again."""

    async def none(_restorer: Any, _lane: int) -> dict[str, int]:
        return {}

    _restoring(none)


def never_fences() -> None:
    """Write under a name of its own each time: nobody is ever shut out."""
    from streams.broker import lane_run

    def unfenced(opened: Any) -> Any:
        async def open_unfenced(arguments: Any, settings: Any, name: str) -> Any:
            return await opened(arguments, settings, f"{name}-{uuid.uuid4().hex}")

        return open_unfenced

    patch(lane_run, "open_producer", unfenced)


def keeps_its_position_apart() -> None:
    """Commit how far it was done, and then what was done: the moment ``before`` lies between the two."""
    from streams.broker import lane_run
    from streams.broker.commit import Outgoing
    from streams.broker.commit import commit as plainly
    from streams.broker.restore import APPLIED
    from streams.broker.wire import state_key
    from streams.effects import StatePart
    from streams.holdings import LANE

    position = state_key(StatePart(LANE, APPLIED, None))

    def apart(commit: Any) -> Any:
        async def commit_apart(producer: Any, outgoing: Outgoing) -> None:
            done, reached = Outgoing(), Outgoing()
            for (topic, partition), entries in outgoing.records.items():
                for key, value, headers in entries:
                    whither = reached if key == position else done
                    whither.add(topic, partition, value, key=key, headers=headers)
            await plainly(producer, reached)
            await commit(producer, done)

        return commit_apart

    patch(lane_run, "commit", apart)


def reads_uncommitted() -> None:
    """Restore whatever was ever sent."""
    from streams.broker import restore

    def uncommitted(consumer: Any) -> Any:
        def made(*topics: str, **arguments: Any) -> Any:
            return consumer(*topics, **{**arguments, "isolation_level": "read_uncommitted"})

        return made

    patch(restore, "AIOKafkaConsumer", uncommitted)


def _restoring(positions: Callable[[Any, int], Awaitable[dict[str, int]]]) -> None:
    from streams.broker.restore import Restorer

    def elsewhere(restore: Any) -> Any:
        async def restore_with(restorer: Any, lane: int) -> Any:
            restored = await restore(restorer, lane)
            found = await positions(restorer, lane)
            return replace(restored, applied=replace(restored.applied, positions=found))

        return restore_with

    patch(Restorer, "restore", elsewhere)


BROKEN: dict[str, Patch] = {
    NOTHING: lambda: None,
    "acknowledges_first": acknowledges_first,
    "never_fences": never_fences,
    "keeps_its_position_apart": keeps_its_position_apart,
    "reads_uncommitted": reads_uncommitted,
    "forgets_its_positions": forgets_its_positions,
}


def main() -> None:
    """``faust -A app worker``, watched and broken as asked."""
    _, broken, how, moment, nth = sys.argv
    sys.argv = ["faust", "-A", "app", "worker", "-l", "info"]
    watched(Moment(how, moment, int(nth)))
    BROKEN[broken]()
    from faust.cli.faust import cli

    cli()


if __name__ == "__main__":
    main()
