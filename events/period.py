"""Balance periods: what each line of a book is to the period that it falls in.

Law kept: a period runs from one count that is no estimate to the next, in event order, and its balance is
Σ inputs − Σ outputs − (closing − opening), positive = missing. An adjustment is neither:
it mends the book, not the stock.
"""

from __future__ import annotations

import enum


class Part(enum.Enum):
    """What a movement is to its period."""

    INPUT = "input"
    OUTPUT = "output"
    ADJUSTMENT = "adjustment"
    NOTHING = "nothing"


def part(operation: str, delta: int) -> Part:
    """What a movement is to its period, by what it does to the book; a declared loss is an output.

    >>> part("receive", 5).value, part("declare_loss", -5).value, part("adjust", 5).value, part("consume", 0).value
    ('input', 'output', 'adjustment', 'nothing')
    """
    if operation == "adjust":
        return Part.ADJUSTMENT
    if delta == 0:
        return Part.NOTHING
    return Part.INPUT if delta > 0 else Part.OUTPUT


def bounds(*, estimated: bool) -> bool:
    """Whether a count ends one period and begins the next: an estimate proves nothing."""
    return not estimated


def unaccounted(*, inputs: int, outputs: int, opening: int, closing: int) -> int:
    """MUF, material unaccounted for, in base units, exactly; positive = missing.

    >>> unaccounted(inputs=50, outputs=20, opening=100, closing=127)
    3
    """
    return inputs - outputs - (closing - opening)
