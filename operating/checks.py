"""Checks and what they add up to: whether a process lives, and whether it is ready for its work.

Laws kept: checking changes nothing; each thing found wrong says how to mend it, in both languages. What stands in
an answer that anybody may ask for names no address, path or token.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, Literal

from msgspec import Struct

LEAST_FREE: Final = 1 << 30
STANDS_STILL_S: Final = 300.0
"""How long time may stand behind the clock before that is said: five minutes."""
PULSE_S: Final = 15.0
"""How long a loop may take over one turn before it counts as stuck."""


class Check(Struct, frozen=True):
    """One thing looked at. ``mend`` says what to do (Chinese, English) where it is not ok."""

    name: str
    verdict: Literal["ok", "watch", "wrong"]
    what: tuple[str, str]
    mend: tuple[str, str] = ("", "")


class Health:
    """What is asked of a process: ``live`` must hold or it should be restarted, ``ready`` or it gets no work."""

    def __init__(self, live: Sequence[Callable[[], Check]], ready: Sequence[Callable[[], Check]]) -> None:
        self._live, self._ready = live, ready

    def live(self) -> tuple[Check, ...]:
        """Whether it goes on turning."""
        return tuple(check() for check in self._live)

    def ready(self) -> tuple[Check, ...]:
        """Whether it can do its work now."""
        return tuple(check() for check in (*self._live, *self._ready))


class Pulse:
    """A loop's pulse: beaten at each turn, felt from outside."""

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.name, self._clock = name, clock
        self._last = clock()

    def beat(self) -> None:
        """The loop has turned."""
        self._last = self._clock()

    def check(self) -> Check:
        """Wrong where it has not turned for too long."""
        age = self._clock() - self._last
        text = f"循环 {age:.0f} 秒前转过", f"its loop turned {age:.0f} s ago"
        if age <= PULSE_S:
            return Check(self.name, "ok", text)
        return Check(self.name, "wrong", text, ("重启本进程并查看其日志", "restart the process and read its log"))


def well(checks: Iterable[Check]) -> bool:
    """Whether none of them is wrong."""
    return all(check.verdict != "wrong" for check in checks)


def free_bytes(home: Path) -> int:
    """How much room is left where a folder lies, or will lie."""
    return shutil.disk_usage(_there(home)).free


def disk(home: Path) -> Check:
    """Whether the folder (or what will hold it) can be written, and has room."""
    there, free = _there(home), free_bytes(home)
    text = f"可用 {free >> 20} MiB", f"{free >> 20} MiB free"
    if not os.access(there, os.W_OK) or os.statvfs(there).f_flag & os.ST_RDONLY:
        what = "数据目录不可写", "HAZFLOW_HOME cannot be written"
        return Check("disk", "wrong", what, ("改正其属主、权限或挂载", "correct its owner, rights or mount"))
    if free >= LEAST_FREE:
        return Check("disk", "ok", text)
    mend = "腾出空间，或把 HAZFLOW_HOME 移到更大的盘", "free some space, or move HAZFLOW_HOME to a larger disk"
    return Check("disk", "wrong" if free < LEAST_FREE // 10 else "watch", text, mend)


def time_behind(behind_s: float | None) -> Check:
    """Whether time stands still; a process that was told no time yet has nothing to say."""
    if behind_s is None:
        return Check("time", "watch", ("尚无时间", "no tick yet"), ("检查数据接入", "check the feeders"))
    text = f"时间落后 {behind_s:.0f} 秒", f"time is {behind_s:.0f} s behind"
    if behind_s < STANDS_STILL_S:
        return Check("time", "ok", text)
    # A process that is ready can still be told nothing by its feeders: that is an alarm, not a reason to stop it.
    return Check(
        "time", "watch", text, ("检查接入口与各主题的 tick", "check the door, and the ticks of each topic")
    )


def _there(home: Path) -> Path:
    return next(path for path in (home.absolute(), *home.absolute().parents) if path.exists())
