"""Up a ladder of rates through real Kafka: from produced to warning readable, until one worker no longer keeps up.

Open loop: every report has an instant at which it is due, and is timed from then, whatever the door, the broker or
the worker were doing: a stall counts for all that had to wait. Timed are receipts of unlicensed units (A1, which
waits for nothing) among ordinary reports of many units; a tick a second moves time. "Readable" is when a consumer
that reads what is committed has the warning in hand.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from msgspec import Struct

from benchmarks.figure import Figure, WrongAnswer, percentiles
from benchmarks.kafka import Seen, heard, working
from benchmarks.latency import founded, name_of, ordinary, unlicensed
from deploy.local import KafkaBroker
from events.log import Received, Tick
from events.time import SECOND
from streams.broker.door import KafkaDoor
from streams.broker.follow import Follower
from streams.broker.topics import WARNINGS, Topics

RATES: Final = (500, 1_000, 2_000, 3_000, 4_000, 6_000, 8_000, 10_000)
"""Reports a second of each rung; the last is what the country sends."""
_UNITS: Final = 2_000
_TIMED_EACH_S: Final = 50
_SLICE_S: Final = 0.02
"""How long reports wait at most for those that are put together with them: it is part of what is measured."""
_BEHIND_S: Final = 1.0
"""A rung is carried if this long after its last report every warning can be read."""
_PATIENCE_S: Final = 240.0


class _Rung(Struct, frozen=True):
    """One rate for some seconds; ``first`` and ``made`` number its first timed and its first ordinary report."""

    rate: int
    seconds: int
    first: int
    made: int

    @property
    def timed(self) -> int:
        return self.seconds * _TIMED_EACH_S

    def due(self, number: int) -> float:
        """Seconds from the rung's beginning to a timed report."""
        return (number - self.first) / _TIMED_EACH_S


def measure(*, quick: bool = False, rates: Sequence[int] = ()) -> list[Figure]:
    """Each rate in turn on one worker; the first that it does not carry ends the ladder."""
    rates, seconds = rates or (RATES[:2] if quick else RATES), 3 if quick else 20
    rungs = [
        _Rung(rate, seconds, at * seconds * _TIMED_EACH_S, sum(rates[:at]) * seconds)
        for at, rate in enumerate(rates)
    ]
    with TemporaryDirectory() as folder, KafkaBroker(Path(folder) / "kafka") as broker:
        return asyncio.run(_climbed(rungs, broker.address, Path(folder) / "ladder"))


async def _climbed(rungs: Sequence[_Rung], address: str, folder: Path) -> list[Figure]:
    number = sum(rung.timed for rung in rungs)
    figures: list[Figure] = []
    with working(address, folder) as settings:
        seen, log = Seen(), founded(number + 1, _UNITS)
        follower = Follower(settings, [Topics(settings.application).named(WARNINGS)], seen)
        following, door = asyncio.create_task(follower.run()), KafkaDoor(settings)
        await door.start()
        try:
            await door.put([*log, unlicensed(number)])
            await heard(seen, 1, _PATIENCE_S)
            now = max(item.at for item in log if isinstance(item, Tick))
            for rung in rungs:
                taken, behind = await _stepped(rung, door, seen, now)
                figures += _figures(rung, taken, behind)
                now += rung.seconds * SECOND
                if behind > _BEHIND_S:
                    break
        finally:
            await door.stop()
            follower.stop()
            await following
    return figures


async def _stepped(rung: _Rung, door: KafkaDoor, seen: Seen, now: int) -> tuple[list[float], float]:
    """The latencies of one rung, and how long after its last report the last warning came."""
    slices = list(_slices(rung, now))
    start = time.perf_counter() + 0.1
    posting = []
    for at, items in enumerate(slices, 1):
        await asyncio.sleep(max(start + at * _SLICE_S - time.perf_counter(), 0))
        posting.append(asyncio.create_task(door.put(items)))
    await asyncio.gather(*posting)
    numbers = range(rung.first, rung.first + rung.timed)
    await heard(seen, 1 + rung.first + rung.timed, _PATIENCE_S)
    arrived = [seen.at[name_of(number)] - start for number in numbers]
    taken = [at - rung.due(number) for number, at in zip(numbers, arrived, strict=True)]
    if min(taken) < 0:
        raise WrongAnswer("a warning was readable before its report was due")
    return taken, max(arrived) - rung.seconds


def _slices(rung: _Rung, now: int) -> Iterator[list[Received | Tick]]:
    """What is due in each slice: made beforehand, so that making it delays nothing."""
    timed = made = 0
    whole = round(rung.seconds / _SLICE_S)
    ticks = round(1 / _SLICE_S)
    for at in range(1, whole + 1):
        items: list[Received | Tick] = []
        while timed < rung.timed and rung.due(rung.first + timed) < at * _SLICE_S:
            items.append(unlicensed(rung.first + timed))
            timed += 1
        while made + timed < rung.rate * _SLICE_S * at:
            items.append(ordinary(rung.made + made, _UNITS))
            made += 1
        if at % ticks == 0:
            items.append(Tick(now + at // ticks * SECOND))
        yield items


def _figures(rung: _Rung, taken: Sequence[float], behind: float) -> list[Figure]:
    carried = "carried" if behind <= _BEHIND_S else "not carried"
    says = (
        f"{carried}: the last {behind:.2f} s after the rung's end; {rung.timed:,} timed among "
        f"{rung.rate * rung.seconds:,} reports of {_UNITS:,} units, open loop"
    )
    return percentiles(f"{rung.rate:,}/s: produced → warning readable", taken, says)
