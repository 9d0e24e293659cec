"""The door's spool: reports that Kafka could not take yet, on this machine's disk, in the order of receiving.

Laws kept: what ``append`` has returned for survives a power cut (12); what was never acknowledged, a torn end, is
cut off when the spool is opened; it holds so many bytes at most and says when it is full (11).
"""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final
from zlib import crc32

import msgspec
from msgspec import Struct

from events.log import Received

SEGMENT_BYTES: Final = 4 << 20
"""After so many bytes a new file is begun; a file is removed once all of it has gone to Kafka."""
_FRAME: Final = struct.Struct(">II")
_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(Received)


class Full(Exception):
    """The spool holds as much as it may: nothing of this was taken."""


class Damaged(Exception):
    """A file of the spool cannot be read: what it holds was acknowledged, so it must be looked at."""


class _Segment(Struct):
    path: Path
    size: int
    gone: int = 0
    """Up to where its records have gone to Kafka."""


class Spool:
    """Files of records in a folder. One process at a time."""

    def __init__(self, folder: Path, most_bytes: int, segment_bytes: int = SEGMENT_BYTES) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._most, self._segment_bytes = folder, most_bytes, segment_bytes
        paths = sorted(folder.glob("*.spool"))
        self._segments = [_Segment(path, _sound(path, last=path == paths[-1])) for path in paths]
        self._using = threading.Lock()
        self._drop_gone()

    @property
    def empty(self) -> bool:
        """Whether everything that it took has gone."""
        return not self._segments

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(segment.size for segment in self._segments)

    def append(self, records: Sequence[Received]) -> None:
        """Take records; returns once they are on the disk. `Full` or ``OSError``: none of them was taken."""
        data = b"".join(_framed(record) for record in records)
        with self._using:
            self._append(data)

    def first(self, most: int) -> list[Received]:
        """The oldest records that have not gone, of one file."""
        with self._using:
            if self.empty:
                return []
            segment = self._segments[0]
            return [record for record, _ in islice(_records(segment.path, segment.gone), most)]

    def drop(self, count: int) -> None:
        """So many of the oldest have gone to Kafka. Killed before the file is gone, it sends the file again."""
        with self._using:
            segment = self._segments[0]
            ends = [end for _, end in islice(_records(segment.path, segment.gone), count)]
            segment.gone = ends[-1]
            self._drop_gone()

    def _append(self, data: bytes) -> None:
        if self.size + len(data) > self._most:
            raise Full(f"the spool holds {self.size} of {self._most} bytes")
        if not self._segments or self._segments[-1].size >= self._segment_bytes:
            self._begin()
        segment = self._segments[-1]
        with segment.path.open("r+b") as file:
            try:
                file.seek(segment.size)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                # What the disk took of it would stand before the next record.
                os.truncate(segment.path, segment.size)
                raise
        segment.size += len(data)

    def _begin(self) -> None:
        number = int(self._segments[-1].path.stem) + 1 if self._segments else 0
        path = self._folder / f"{number:012}.spool"
        path.touch()
        _sync_folder(self._folder)
        self._segments.append(_Segment(path, 0))

    def _drop_gone(self) -> None:
        while self._segments and self._segments[0].gone >= self._segments[0].size:
            self._segments.pop(0).path.unlink()


def _framed(record: Received) -> bytes:
    body = _ENCODER.encode(record)
    return _FRAME.pack(len(body), crc32(body)) + body


def _records(path: Path, start: int = 0) -> Iterator[tuple[Received, int]]:
    """Sound records from a place on, each with where it ends."""
    with path.open("rb") as file:
        file.seek(start)
        while len(head := file.read(_FRAME.size)) == _FRAME.size:
            length, digest = _FRAME.unpack(head)
            body = file.read(length)
            # A file that grew before its contents came holds zeros, which are the right digest of nothing.
            if not length or len(body) < length or crc32(body) != digest:
                return
            yield _DECODER.decode(body), file.tell()


def _sound(path: Path, *, last: bool) -> int:
    """The size of a file's sound part; a torn end was never acknowledged, and is cut off where it can be one."""
    end = 0
    for _, end in _records(path):  # noqa: B007 - the last end is what is asked for
        pass
    if end == path.stat().st_size:
        return end
    if not last:
        raise Damaged(
            f"{path} is damaged behind byte {end}: restore it from a copy, or move it away and start again"
        )
    os.truncate(path, end)
    return end


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
