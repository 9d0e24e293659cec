"""Looking for garbage in cycles: seldom, and not through what was restored.

What the engines hold (facts, claims, bytes of state) is frozen and holds no cycles, and is let go as soon as nobody
refers to it. Only what the libraries around them leave behind (tasks, exceptions) can be a cycle, and is little.
With Python's own thresholds up to a tenth of a worker's time went into looking through its state again and again.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

SELDOM: Final = (100_000, 20, 10)
"""So many more objects than before are looked through, every so many times with those that stayed (`gc`)."""


def collect_seldom() -> None:
    """From here on, for the whole process."""
    gc.set_threshold(*SELDOM)


@contextmanager
def restoring() -> Iterator[None]:
    """What is made meanwhile is there to stay: it is not looked through now, nor later."""
    was = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was:
            gc.enable()
