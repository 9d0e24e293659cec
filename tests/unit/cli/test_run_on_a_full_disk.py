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
from streams.log import Feed

FEED = Feed("live:founding", 1)


class Full:
    """A writer's door on a disk that has room again after so many tries; its log may have had room before."""

    def __init__(self, tries: int, *, kept: bool = False) -> None:
        self.left, self.kept, self.taken, self.positions = tries, kept, list[Any](), dict[str, int]()

    def position(self, feed: str) -> int:
        """How much of a feed the log holds."""
        return self.positions.get(feed, 0)

    def feed(self, items: Any, feed: Feed) -> Future[None]:
        """Refused while the disk is full, by the log or by what is behind it."""
        done: Future[None] = Future()
        self.left -= 1
        if self.left < 0 or self.kept:
            self.taken.append(items)
            self.positions[feed.name] = feed.position
        if self.left >= 0:
            done.set_exception(CannotWrite(Path("hazflow.db"), "磁盘已满", "the disk is full"))
        else:
            done.set_result(None)
        return done


@pytest.mark.parametrize("kept", [False, True], ids=["by the log", "behind the log"])
def test_what_a_full_disk_refused_is_taken_once(monkeypatch: pytest.MonkeyPatch, kept: bool) -> None:
    """Fed again until there is room; what the log holds is applied without being told again."""
    monkeypatch.setattr(run, "_AGAIN_S", 0.0)
    writer = Full(3, kept=kept)
    run._fed(writer, [Tick(1)], FEED, threading.Event())  # type: ignore[arg-type]  # all that is asked of a writer
    assert writer.taken == [[Tick(1)]]
    assert writer.left == (2 if kept else -1)


def test_ctrl_c_does_not_wait_for_room() -> None:
    """It can be done again."""
    stop = threading.Event()
    stop.set()
    writer = Full(1)
    run._fed(writer, [Tick(1)], FEED, stop)  # type: ignore[arg-type]  # as above
    assert (writer.left, writer.taken) == (1, [])
