"""The plan: which fault strikes whom, when and for how long; data drawn from a seed, before anything runs.

Law kept: the same seed, the same plan. A plan kills as often as it is asked to, and everything that can be killed.
"""

from __future__ import annotations

import random
from enum import StrEnum

from msgspec import Struct


class Fault(StrEnum):
    """What happens to a process."""

    KILL = "kill -9"
    FREEZE = "freeze past the session timeout"
    ADD = "add"
    REMOVE = "remove"


class Victim(StrEnum):
    """Whom it happens to."""

    WORKER = "worker"
    BROKER = "broker"
    REDIS = "redis"
    DOOR = "door"
    DESK = "desk"


class Step(Struct, frozen=True):
    """One fault: once so much is produced (a share of all), and a moment later; ``lasts_s`` until it is mended."""

    share: float
    wait_s: float
    fault: Fault
    victim: Victim
    which: int
    lasts_s: float

    def told(self) -> str:
        """In one line."""
        when = f"{self.share:.0%} + {self.wait_s:.1f} s"
        return f"{when}: {self.fault}, {self.victim} {self.which}, {self.lasts_s:.1f} s"


DOOR_CLOSES = 0.5
"""The share of a run at which the door is closed and days begin to pass; it cannot be killed any more."""
_FIRST = (Victim.WORKER, Victim.BROKER, Victim.REDIS, Victim.DOOR, Victim.DESK)
_OFTEN = (*(Victim.WORKER,) * 5, *(Victim.BROKER,) * 2, Victim.REDIS, Victim.DOOR, Victim.DESK)


def drawn(seed: int, kills: int, session_timeout_s: float) -> list[Step]:
    """A plan of so many kills, with a freeze, a worker more and a worker less for every six of them."""
    chance = random.Random(seed)
    what = [(Fault.KILL, chance.choice(_OFTEN) if n >= len(_FIRST) else _FIRST[n]) for n in range(kills)]
    for fault in (Fault.FREEZE, Fault.ADD, Fault.REMOVE):
        what += [(fault, Victim.WORKER)] * max(1, kills // 6)
    steps = []
    for fault, victim in what:
        share = chance.uniform(0.02, 0.95 * DOOR_CLOSES if victim is Victim.DOOR else 0.98)
        frozen = session_timeout_s * chance.uniform(1.3, 1.8)
        lasts = frozen if fault is Fault.FREEZE else chance.choice((0, 0.3, 2.0))
        # Some strike at once, others when those before were got over.
        waits = chance.uniform(0, 0.5) if chance.random() < 0.3 else chance.uniform(1, 6)
        steps.append(Step(share, waits, fault, victim, chance.randrange(4), lasts))
    return sorted(steps, key=lambda step: step.share)
