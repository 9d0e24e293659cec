"""A book's balance as a picture: a step line of the movements, a dot a count, drawn as plain SVG figures.

Law kept: nothing is smoothed. Where there are more movements than pixels, each pixel keeps its lowest and highest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from desk.books import Book, Entry
from events.time import DAY, HOUR, MINUTE, Instant, moment

WIDTH: Final = 960
HEIGHT: Final = 300
LEFT: Final = 96
RIGHT: Final = 12
TOP: Final = 14
BOTTOM: Final = 30
_LABEL: Final = 38
"""Half the width of the widest label below: what stands nearer to the edge is left out."""
_MOST_POINTS: Final = 1_200


class Tick(Struct, frozen=True):
    """A mark on an axis: where, and the base units or text it stands for."""

    at: float
    value: int
    text: str


class Dot(Struct, frozen=True):
    """A count: where it stands, where the book stood, and by how much they differ (base units)."""

    x: float
    y: float
    book_y: float
    difference: int
    agrees: bool
    amount: int
    at: Instant


class Chart(Struct, frozen=True):
    """Everything to draw, in pixels of a WIDTH × HEIGHT picture; ``low`` and ``high`` in base units."""

    line: str
    area: str
    dots: tuple[Dot, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    zero_y: float
    capacity_y: float | None
    low: int
    high: int
    start: Instant
    end: Instant


def chart(book: Book, now: Instant | None, capacity: int | None = None) -> Chart | None:
    """The picture of a book up to ``now`` (or its last line); None where there is nothing to draw."""
    entries = book.entries
    if not entries:
        return None
    start = entries[0].line.at
    end = max(entries[-1].line.at, now or 0, start + HOUR)
    seen = [entry.balance for entry in entries] + [
        entry.line.amount for entry in entries if entry.difference is not None
    ]
    low, high = min(0, *seen), max(1, *seen, capacity or 0)
    ups = _steps(low, high)
    low_y, high_y = min(low, ups[0]), max(high, ups[-1])

    def x(at: Instant) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (at - start) / (end - start), 1)

    def y(base: int) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (high_y - base) / (high_y - low_y), 1)

    line = _step_line(entries, [(x(entry.line.at), y(entry.balance)) for entry in entries], x(end), y(0))
    dots = tuple(
        Dot(
            x(entry.line.at), y(entry.line.amount), y(entry.balance), entry.difference, entry.agrees,
            entry.line.amount, entry.line.at,
        )
        for entry in entries
        if entry.difference is not None
    )  # fmt: skip
    return Chart(
        line, f"{line}V{y(0)}H{x(start)}Z", dots, _days(start, end, x),
        tuple(Tick(y(base), base, "") for base in ups), y(0),
        None if capacity is None else y(capacity), min(seen), max(seen), start, end,
    )  # fmt: skip


def _step_line(entries: Sequence[Entry], points: Sequence[tuple[float, float]], end: float, zero: float) -> str:
    """A path that stands at each balance until the next: from nothing, across, then up or down."""
    kept = points if len(entries) <= _MOST_POINTS else _by_pixel(points)
    path = [f"M{points[0][0]} {zero}V{kept[0][1]}"]
    path += [f"H{x}V{y}" for x, y in kept[1:]]
    return "".join(path) + f"H{end}"


def _by_pixel(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    kept: list[tuple[float, float]] = []
    column: list[tuple[float, float]] = []
    for point in points:
        if column and int(point[0]) != int(column[0][0]):
            kept += _corners(column)
            column = []
        column.append(point)
    return kept + _corners(column)


def _corners(column: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """First, lowest, highest and last of one pixel's points, in their order, each once."""
    by_height = sorted(range(len(column)), key=lambda i: column[i][1])
    return [column[i] for i in sorted({0, by_height[0], by_height[-1], len(column) - 1})]


def _steps(low: int, high: int) -> list[int]:
    """Three to seven round values that span low to high.

    >>> _steps(0, 47), _steps(-3, 10)
    ([0, 10, 20, 30, 40, 50], [-4, -2, 0, 2, 4, 6, 8, 10])
    """
    size = 10 ** (len(str(high - low)) - 1)
    for step in (max(1, size // 5), max(1, size // 2), size, 2 * size):
        first, last = low // step * step, -(-high // step) * step
        if (last - first) // step <= 7:
            break
    return list(range(first, last + 1, step))


def _days(start: Instant, end: Instant, x: Callable[[Instant], float]) -> tuple[Tick, ...]:
    span = end - start
    for step in (
        10 * MINUTE,
        HOUR,
        3 * HOUR,
        6 * HOUR,
        12 * HOUR,
        DAY,
        2 * DAY,
        7 * DAY,
        14 * DAY,
        30 * DAY,
        91 * DAY,
    ):
        if span // step <= 9:
            break
    offset = 8 * HOUR
    first = -(-(start + offset) // step) * step - offset
    form = "%m-%d" if step >= DAY else "%m-%d %H:%M"
    return tuple(
        Tick(x(at), at, moment(at).strftime(form)) for at in range(first, end + 1, step) if x(at) <= WIDTH - _LABEL
    )
