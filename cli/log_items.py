"""The items of a log file, with the progress of reading it shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cli.progress import progress

if TYPE_CHECKING:
    from events.log import Received, Tick


@contextmanager
def log_items(asked: Path) -> Iterator[Iterator[Received | Tick]]:
    """The records and ticks of a log, gzip or plain, or of the log in a folder."""
    from events.log import read_log
    from streams.feeding import open_lines

    path = asked / "log.jsonl.gz" if asked.is_dir() else asked
    with open_lines(path) as (lines, beneath), progress(path.name, path.stat().st_size) as advance:

        def told() -> Iterator[Received | Tick]:
            for item in read_log(lines):
                yield item
                advance(beneath.tell())

        yield told()
