"""Blocks of serial numbers: every number of a maker and type belongs to one block of ten thousand.

Law kept: what one event sets off is bounded: it may concern so many blocks and no more, however long its runs are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from events.report import SerialRange

BLOCK: Final = 10_000
"""How many numbers a block holds: block n holds those from n times as many on."""
MOST_BLOCKS: Final = 1_000
"""How many blocks one event may concern: ten million numbers, if they stand in a row."""


def blocks_concerned(serials: Iterable[SerialRange]) -> int:
    """How many blocks some runs lie in, each counted once.

    >>> run = SerialRange(maker="M1", type="T1", first=9_998, last=20_000)
    >>> blocks_concerned((run, run))
    3
    """
    lying: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for run in serials:
        lying.setdefault((run.maker, run.type), []).append((run.first // BLOCK, run.last // BLOCK))
    concerned = 0
    for blocks in lying.values():
        reached = -1
        for first, last in sorted(blocks):
            concerned += max(0, last - max(first, reached + 1) + 1)
            reached = max(reached, last)
    return concerned
