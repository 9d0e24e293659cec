"""Progress of a long command: a bar on a terminal, a plain line now and then elsewhere; always on stderr.

Law kept: what a command prints on stdout is its answer alone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

_STEPS = 10


class Advance(Protocol):
    """Say how far it is now, of the total, and what was done so far in a word or two."""

    def __call__(self, done: int, note: str = "") -> None: ...


@contextmanager
def progress(label: str, total: int) -> Iterator[Advance]:
    """Show how far something is; ``total`` in whatever the caller counts in."""
    if sys.stderr.isatty():
        with _bar(label, total) as advance:
            yield advance
        return
    told = 0

    def plain(done: int, note: str = "") -> None:
        nonlocal told
        step = _STEPS * done // max(total, 1)
        if step > told:
            told = step
            print(f"{label}: {100 * done // max(total, 1)} % {note}".rstrip(), file=sys.stderr, flush=True)

    yield plain


@contextmanager
def _bar(label: str, total: int) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[note]}"),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task(label, total=total, note="")

        def advance(done: int, note: str = "") -> None:
            shown.update(task, completed=done, note=note)

        yield advance
