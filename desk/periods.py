"""盘存平衡期: a book cut at its counts, and what each period between two of them cannot account for.

Law kept: periods are those that the sequential tests judge (``events/period.py``): from one count that is no
estimate to the next. opening + inputs − outputs − MUF = closing; inputs − outputs + adjusted = the book's change.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from desk.lines import Line
from events.period import Part, bounds, part, unaccounted
from events.time import Instant


class Period(Struct, frozen=True, kw_only=True):
    """One balance period, in base units; the last one has no closing count yet.

    ``outputs`` hold ``lost``, what was declared lost from the book. ``muf``: missing (negative: too much).
    """

    start: Instant
    opening: int
    opening_fact: str
    inputs: int = 0
    outputs: int = 0
    lost: int = 0
    adjusted: int = 0
    book_change: int = 0
    end: Instant | None = None
    closing: int | None = None
    closing_fact: str | None = None
    muf: int | None = None


def periods(lines: Iterable[Line]) -> tuple[Period, ...]:
    """The periods of lines in event order: those closed, then the open one; none before the first count."""
    found: list[Period] = []
    running: Period | None = None
    for line in lines:
        if line.kind == "count":
            if bounds(estimated=line.estimated):
                if running is not None:
                    found.append(_closed(running, line))
                running = Period(start=line.at, opening=line.amount, opening_fact=line.fact)
        elif running is not None:
            running = _moved(replace(running, book_change=running.book_change + line.delta), line)
    return tuple(found) if running is None else (*found, running)


def _moved(period: Period, line: Line) -> Period:
    match part(line.operation, line.delta):
        case Part.INPUT:
            return replace(period, inputs=period.inputs + line.delta)
        case Part.OUTPUT:
            lost = -line.delta if line.operation == "declare_loss" else 0
            return replace(period, outputs=period.outputs - line.delta, lost=period.lost + lost)
        case Part.ADJUSTMENT:
            return replace(period, adjusted=period.adjusted + line.delta)
        case Part.NOTHING:
            return period


def _closed(period: Period, count: Line) -> Period:
    muf = unaccounted(inputs=period.inputs, outputs=period.outputs, opening=period.opening, closing=count.amount)
    return replace(period, end=count.at, closing=count.amount, closing_fact=count.fact, muf=muf)
