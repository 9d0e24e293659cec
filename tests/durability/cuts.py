"""What a power cut could leave of a disk: everything fsynced, and of the rest whatever chance picks.

What was written and not fsynced is there or not, sector by sector, in any order, over what lay there before; a file
may have grown without its contents, or not have grown. A file made or deleted since its folder was synced is there
or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

from tests.durability.disk import Done

SECTOR = 512


class Left(NamedTuple):
    """The files that a cut left, by path, and the last promise that was made before it."""

    files: dict[str, bytes]
    mark: object


class _File:
    """What is safe of a file, and what was done to it since its last fsync."""

    def __init__(self) -> None:
        self.safe = bytearray()
        self.loose: list[Done] = []
        self.named = False  # whether its folder knows it for good
        self.gone = False  # whether it is deleted, and its folder may not know that yet

    def sync(self) -> None:
        """Everything done to it is safe."""
        for done in self.loose:
            _put(self.safe, done)
        self.loose.clear()

    def after(self, chance: Random) -> bytes | None:
        """What is found of it; None for no file."""
        if (self.gone or not self.named) and chance.random() < 0.5:
            return None
        found = bytearray(self.safe)
        match chance.choice(("nothing", "everything", "some", "torn")):
            case "everything":
                kept = list(self.loose)
            case "some":
                kept = self.loose[: chance.randint(0, len(self.loose))]
            case "torn":
                share = chance.choice((0.1, 0.5, 0.9))
                kept = [piece for done in self.loose for piece in _sectors(done) if chance.random() < share]
                if chance.random() < 0.5:
                    grown = max((done.at + len(done.data) for done in self.loose), default=0)
                    found.extend(bytes(max(grown - len(found), 0)))
            case _:
                kept = []
        for done in kept:
            _put(found, done)
        return bytes(found)


def cuts(done: list[Done], at: Iterable[int], seed: int) -> Iterator[tuple[int, Left]]:
    """What cuts before the given operations leave; the same seed leaves the same."""
    files: dict[str, _File] = {}
    mark: object = None
    position = 0
    for cut in sorted(at):
        for one in done[position:cut]:
            match one.what:
                case "mark":
                    mark = one.mark
                case "folder":
                    for path, file in list(files.items()):
                        file.named = True
                        if file.gone:
                            del files[path]
                case "make":
                    files[one.path] = _File()
                case "delete":
                    files[one.path].gone = True
                case "sync":
                    files[one.path].sync()
                case _:
                    files[one.path].loose.append(one)
        position = cut
        chance = Random(f"{seed} {cut}")
        found = ((path, file.after(chance)) for path, file in files.items())
        yield cut, Left({path: data for path, data in found if data is not None}, mark)


def restore(left: Left, path: str, folder: Path) -> Path:
    """Lay out what a cut left of one database in a folder of its own; the database's path there."""
    for name, data in left.files.items():
        if name.startswith(path):
            (folder / f"cut.db{name.removeprefix(path)}").write_bytes(data)
    return folder / "cut.db"


def _put(contents: bytearray, done: Done) -> None:
    if done.what == "truncate":
        del contents[done.at :]
        return
    contents.extend(bytes(max(done.at - len(contents), 0)))
    contents[done.at : done.at + len(done.data)] = done.data


def _sectors(done: Done) -> Iterator[Done]:
    """A write in pieces that a disk writes whole."""
    if done.what == "truncate":
        yield done
        return
    start = 0
    while start < len(done.data):
        end = min((done.at + start) // SECTOR * SECTOR + SECTOR - done.at, len(done.data))
        yield done._replace(at=done.at + start, data=done.data[start:end])
        start = end
