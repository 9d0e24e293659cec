"""Feeding a file to an engine: what the feed is called, how it is opened, and in which stretches it is taken.

Law kept: a file is taken once, however often it is fed: its feed is named by its content, and the position within
it is committed with what it did.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from io import BufferedReader
from pathlib import Path
from typing import Final

from events.log import Received, Tick

LOG_FEED: Final = "log:"
"""What begins the name of a replayed log's feed: an installation that has one lives in that log's time."""
STRETCH: Final = 4_000
"""Items committed together."""
_GZIP: Final = b"\x1f\x8b"


def feed_name(path: Path, kind: str = LOG_FEED) -> str:
    """The name of a file's feed: equal content, equal name, wherever it lies."""
    with path.open("rb") as file:
        digest = blake2b(digest_size=16)
        while block := file.read(1 << 20):
            digest.update(block)
    return kind + digest.hexdigest()


@contextmanager
def open_lines(path: Path) -> Iterator[tuple[Iterable[bytes], BufferedReader]]:
    """A file of lines, gzip or plain: the lines, and the file beneath, whose ``tell`` says how far one has read."""
    with path.open("rb") as file:
        zipped = file.read(2) == _GZIP
        file.seek(0)
        if zipped:
            with gzip.open(file) as lines:
                yield lines, file
        else:
            yield file, file


def stretches(
    items: Iterator[Received | Tick], start: int, size: int = STRETCH
) -> Iterator[tuple[Sequence[Received | Tick], int]]:
    """The items from the ``start``-th on, in stretches, each with the position reached behind it."""
    position = 0
    stretch: list[Received | Tick] = []
    for item in items:
        position += 1
        if position <= start:
            continue
        stretch.append(item)
        if len(stretch) >= size:
            yield stretch, position
            stretch = []
    if stretch:
        yield stretch, position
