"""A power cut at any moment under the Kafka door's spool: what it acknowledged and Kafka has not got is there.

Law: acknowledged means kept (12). What Kafka has got may be there once more: sent again it changes nothing.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from events.log import Received
from streams.broker.spool import Spool
from tests.durability.cuts import cuts
from tests.durability.disk import Done

SEED = 20261125
CUTS = 400
SEGMENT = 3_000


def record(number: int) -> Received:
    """A record that says which it is, of one sector or several."""
    return Received(b'{"id": %d, "pad": "%s"}' % (number, b"x" * (number * 37 % 900)), "teller", number)


class Noting:
    """Notes what is done to files in Python's own way, in the order that it is done."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done: list[Done] = []
        self._open: Callable[..., Any] = Path.open
        self._touch, self._unlink = Path.touch, Path.unlink
        self._sync, self._truncate = os.fsync, os.truncate
        for owner, name, stand_in in (
            (Path, "open", self._opened), (Path, "touch", self._touched), (Path, "unlink", self._unlinked),
        ):  # fmt: skip
            monkeypatch.setattr(owner, name, lambda path, *given, to=stand_in, **named: to(path, *given, **named))
        monkeypatch.setattr(os, "fsync", self._synced)
        monkeypatch.setattr(os, "truncate", self._truncated)

    def _opened(self, path: Path, mode: str = "r", *given: Any, **named: Any) -> Any:
        if mode != "r+b":
            return self._open(path, mode, *given, **named)
        done = self.done

        class Noted(io.FileIO):
            """A file whose writes are noted."""

            def write(self, data: Any, /) -> int:
                """Note, then write."""
                done.append(Done("write", str(path), self.tell(), bytes(data)))
                return super().write(data)

        return io.BufferedRandom(Noted(str(path), "r+b"))

    def _touched(self, path: Path, *given: Any, **named: Any) -> None:
        if not path.exists():
            self.done.append(Done("make", str(path)))
        self._touch(path, *given, **named)

    def _unlinked(self, path: Path, *given: Any, **named: Any) -> None:
        self._unlink(path, *given, **named)
        self.done.append(Done("delete", str(path)))

    def _synced(self, file: int) -> None:
        path = Path(f"/proc/self/fd/{file}").readlink()
        self._sync(file)
        self.done.append(Done("folder") if path.is_dir() else Done("sync", str(path)))

    def _truncated(self, path: Path, size: int) -> None:
        self._truncate(path, size)
        self.done.append(Done("truncate", str(path), size))


def written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Done], int]:
    """Append and drop in turns, opened anew on the way; each promise (acknowledged, gone) is a mark."""
    chance, appended, gone = Random(SEED), 0, 0
    with monkeypatch.context() as patched:
        noting = Noting(patched)
        spool = Spool(folder, 1 << 30, SEGMENT)
        for number in range(120):
            size = chance.choice((1, 2, 9))
            spool.append([record(at) for at in range(appended, appended + size)])
            appended += size
            noting.done.append(Done("mark", mark=(appended, gone)))
            if chance.random() < 0.4 and (first := spool.first(chance.randint(1, 6))):
                gone = max(gone, first[-1].received_at + 1)
                noting.done.append(Done("mark", mark=(appended, gone)))
                spool.drop(len(first))
            if number % 40 == 39:
                spool = Spool(folder, 1 << 30, SEGMENT)
    return noting.done, appended


def kept(folder: Path) -> list[int]:
    """Which records a spool holds, in its order."""
    spool, found = Spool(folder, 1 << 30, SEGMENT), list[int]()
    while some := spool.first(50):
        assert some == [record(one.received_at) for one in some]
        found += (one.received_at for one in some)
        spool.drop(len(some))
    return found


def test_whatever_a_cut_leaves_holds_all_that_was_acknowledged_and_not_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lost, reordered and torn writes, files there or not: hundreds of cuts, opened by the spool's own code."""
    (folder := tmp_path / "spool").mkdir()
    done, appended = written(folder, monkeypatch)
    print(f"seed {SEED}, {CUTS} of {len(done)} moments")
    at = Random(SEED).sample(range(len(done) + 1), min(CUTS, len(done) + 1))
    for cut, left in cuts(done, at, SEED):
        (laid := tmp_path / str(cut)).mkdir()
        for path, data in left.files.items():
            (laid / Path(path).name).write_bytes(data)
        acknowledged, gone = left.mark if isinstance(left.mark, tuple) else (0, 0)
        found = kept(laid)
        assert found == list(range(found[0], found[-1] + 1) if found else ())
        assert not acknowledged - gone or (found and found[0] <= gone and found[-1] >= acknowledged - 1), cut
        assert len(found) <= appended
