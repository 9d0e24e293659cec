"""What is produced: a province's reports, some told twice, out of order, and a register that comes in part late.

Law kept: everything that is produced is lawful input; what it means is the oracle's to say. The same seed and first
day, the same production.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import TypeVar

import msgspec
from msgspec import Struct

from events.log import Received, Tick
from events.time import DAY, Instant, civil_day, day_start
from simulator import known_areas, of_size, simulate

Item = TypeVar("Item", bound=Received | Tick)
BATCH = 12
_AMONG = 40
"""How many places a report may come early or late among its neighbours."""


class Production(Struct, frozen=True):
    """``posted`` goes through the HTTP door, in batches; ``passed`` are the days behind it, with their ticks."""

    posted: tuple[tuple[bytes, ...], ...]
    passed: tuple[tuple[Received | Tick, ...], ...]
    ends: Instant


def produced(seed: int, now: Instant, size: int) -> Production:
    """Two days up to now and two days on, of a province of so many units a county."""
    starts = day_start(civil_day(now) - 2)
    config = of_size(known_areas(), counties=2, units_per_county=size, days=4, seed=seed)
    log = simulate(msgspec.structs.replace(config, starts=starts, long_history=0, short_history=0)).log
    chance = random.Random(seed)
    early = [item for item in log if isinstance(item, Received) and item.received_at <= now]
    later = [item for item in log if (item.at if isinstance(item, Tick) else item.received_at) > now]
    kept = _register_late(_disordered(early, chance), chance)
    posted = tuple(one.raw for one in _told_again(kept, chance))
    passed = tuple(_stretches(_told_again(later, chance)))
    ends = max(item.at for item in log if isinstance(item, Tick)) + 40 * DAY
    return Production(tuple(posted[n : n + BATCH] for n in range(0, len(posted), BATCH)), passed, ends)


def _disordered(items: Sequence[Received], chance: random.Random) -> list[Received]:
    placed = [
        (place + chance.uniform(0, _AMONG) * (chance.random() < 0.3), item) for place, item in enumerate(items)
    ]
    return [item for _, item in sorted(placed, key=lambda pair: pair[0])]


def _register_late(items: Sequence[Received], chance: random.Random) -> list[Received]:
    """The same with one entry of the register in six somewhere behind its place."""
    late = {n for n, one in enumerate(items) if b'"registry"' in one.raw[:40] and chance.random() < 1 / 6}
    left = [one for n, one in enumerate(items) if n not in late]
    for n in sorted(late):
        left.insert(chance.randrange(n, len(items)), items[n])
    return left


def _told_again(items: Sequence[Item], chance: random.Random) -> list[Item]:
    """The same with one report in ten once more, somewhere behind."""
    told: list[Item] = []
    waiting: list[Item] = []
    for item in items:
        told.append(item)
        if isinstance(item, Received) and chance.random() < 0.1:
            waiting.append(item)
        if waiting and chance.random() < 0.1:
            told.append(waiting.pop(chance.randrange(len(waiting))))
    return told + waiting


def _stretches(items: Sequence[Received | Tick]) -> Iterator[tuple[Received | Tick, ...]]:
    """Reports between two ticks, then the tick alone: it must not overtake them, however often they are tried."""
    stretch: list[Received | Tick] = []
    for item in items:
        if isinstance(item, Tick) or len(stretch) >= BATCH:
            if stretch:
                yield tuple(stretch)
            stretch = []
        if isinstance(item, Tick):
            yield (item,)
        else:
            stretch.append(item)
    if stretch:
        yield tuple(stretch)
