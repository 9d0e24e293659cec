"""Run as a process of its own: applies a log in small batches to a database, saying after each how far it is."""

from __future__ import annotations

import sys
from pathlib import Path

from events.log import read_log
from streams.assembly import TREE, assemble
from streams.embedded import Embedded
from streams.log import Feed

SIZE = 40


def main(database: str, log: str) -> None:
    """Take up where the feed stands and go on to the end."""
    engine = Embedded(Path(database), assemble(TREE / "policies"))
    items = list(read_log(Path(log).read_bytes().splitlines()))
    for start in range(engine.log.position("log:x"), len(items), SIZE):
        end = min(start + SIZE, len(items))
        engine.apply(items[start:end], Feed("log:x", end))
        print(end, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
