"""A disk that is full while the installation is founded or the sample is read: the page and the door live on."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from cli import run
from events.log import Tick
from streams.database import CannotWrite


class Full:
    """A writer's door on a disk that has room again after so many tries."""

    def __init__(self, tries: int) -> None:
        self.left, self.taken = tries, list[Any]()

    def feed(self, items: Any, feed: Any = None) -> Future[None]:
        """Refused while the disk is full."""
        done: Future[None] = Future()
        self.left -= 1
        if self.left >= 0:
            done.set_exception(CannotWrite(Path("hazflow.db"), "磁盘已满", "the disk is full"))
        else:
            self.taken.append((items, feed))
            done.set_result(None)
        return done


def test_what_a_full_disk_refused_is_fed_again_until_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once, and whole: whoever runs the page need not start it again."""
    monkeypatch.setattr(run, "_AGAIN_S", 0.0)
    writer = Full(3)
    run._fed(writer, [Tick(1)], None, threading.Event())  # type: ignore[arg-type]  # all that is asked of a writer
    assert writer.taken == [([Tick(1)], None)]


def test_ctrl_c_does_not_wait_for_room() -> None:
    """It can be done again."""
    stop = threading.Event()
    stop.set()
    writer = Full(1)
    run._fed(writer, [Tick(1)], None, stop)  # type: ignore[arg-type]  # as above
    assert (writer.left, writer.taken) == (1, [])
