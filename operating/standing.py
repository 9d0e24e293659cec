"""Where a process stands: told on SIGUSR1, and told before the end of a process that crashes or whose loop hangs.

Law kept: a process that hangs ends, so that whoever watches over it starts it again; it leaves behind where it
stood, and so does one that dies of a signal. The watch is kept by C code: it needs neither the loop nor the
interpreter's lock.
"""

from __future__ import annotations

import asyncio
import faulthandler
import signal
import sys
from collections.abc import Callable, Iterable
from typing import Any, Final, TextIO

HANGS_S: Final = 60.0
"""After so many seconds without a turn of its loop a process ends: its lanes have long been another's."""


def turned(hangs_s: float = HANGS_S) -> None:
    """The loop has turned; should it not do so in time, the process tells where it stands and ends (code 1)."""
    faulthandler.dump_traceback_later(hangs_s, exit=True, file=_out())


def unwatched() -> None:
    """Nothing more is expected of the loop."""
    faulthandler.cancel_dump_traceback_later()


def tells_on_signal(loops: Callable[[], Iterable[asyncio.AbstractEventLoop]]) -> None:
    """From now on SIGUSR1 makes the process tell where its threads, and all tasks of these loops, stand.

    A signal that kills it (SIGSEGV, SIGBUS, SIGABRT and the like) makes it tell where its threads stood.
    """
    faulthandler.enable(_out())

    def tell() -> None:
        out = _out()
        faulthandler.dump_traceback(out, all_threads=True)
        for loop in loops():
            for task in sorted(asyncio.all_tasks(loop), key=lambda task: task.get_name()):
                out.write(f"Task {task.get_name()}: {' < '.join(_frames(task.get_coro()))}\n")
        out.flush()

    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, tell)


def _frames(awaited: Any) -> Iterable[str]:
    """What a task awaits, the innermost first."""
    found: list[str] = []
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "gi_frame", None)
        if frame is None:
            break
        found.append(f"{frame.f_code.co_qualname} ({frame.f_code.co_filename}:{frame.f_lineno})")
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "gi_yieldfrom", None)
    return reversed(found)


def _out() -> TextIO:
    # Whoever stands in the place of sys.stderr may be what hangs.
    assert sys.__stderr__ is not None
    return sys.__stderr__
