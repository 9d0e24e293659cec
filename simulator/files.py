"""Files: a simulation on disk: ``log.jsonl.gz`` and ``labels.json``.

Law kept: the same simulation gives the same bytes, compressed ones too; what is written reads back equal.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from events.log import Received, Tick, log_line, read_log
from simulator.labels import Label
from simulator.province import Simulation

LOG: Final = "log.jsonl.gz"
LABELS: Final = "labels.json"


def write(simulation: Simulation, path: Path) -> None:
    """Write a simulation into the folder ``path``, which is made if need be."""
    path.mkdir(parents=True, exist_ok=True)
    # No time and no name in the gzip header: the file depends on the simulation alone.
    with (path / LOG).open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as out:
        out.writelines(log_line(line) for line in simulation.log)
    (path / LABELS).write_bytes(msgspec.json.format(msgspec.json.encode(simulation.labels), indent=1) + b"\n")


def read_lines(path: Path) -> Iterator[Received | Tick]:
    """The log in the folder ``path``, in its order."""
    with gzip.open(path / LOG) as lines:
        yield from read_log(lines)


def read_labels(path: Path) -> tuple[Label, ...]:
    """The labels in the folder ``path``."""
    return msgspec.json.decode((path / LABELS).read_bytes(), type=tuple[Label, ...])
