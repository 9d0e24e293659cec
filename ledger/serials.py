"""Sets of serial numbers as runs: what is there twice, what is missing, what is common, without a row a number.

Law kept: the arithmetic of runs is that of the sets of numbers that they stand for; what it costs goes with the
runs, not with the numbers.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import Final, TypeAlias

from events.identity import serial_key
from events.report import SerialRange
from events.serials import BLOCK

Span: TypeAlias = tuple[int, int]
"""A run of numbers, both ends included."""
Spans: TypeAlias = tuple[Span, ...]
"""A set of numbers: its runs in order, with at least one number missing between two of them."""

NONE: Final[Spans] = ()
_LONG: Final = 16


def spans(runs: Iterable[Span]) -> Spans:
    """The set of all numbers in some runs, in whatever order, overlapping or not.

    >>> spans([(5, 9), (1, 4), (8, 12), (20, 20)])
    ((1, 12), (20, 20))
    """
    made: list[Span] = []
    for first, last in sorted(runs):
        if made and first <= made[-1][1] + 1:
            if last > made[-1][1]:
                made[-1] = (made[-1][0], last)
        else:
            made.append((first, last))
    return tuple(made)


def union(one: Spans, other: Spans) -> Spans:
    """The numbers that are in either."""
    return one if not other else other if not one else spans((*one, *other))


def common(one: Spans, other: Spans) -> Spans:
    """The numbers that are in both.

    >>> common(((1, 10), (20, 30)), ((8, 22),))
    ((8, 10), (20, 22))
    """
    if not one or not other or one[-1][1] < other[0][0] or other[-1][1] < one[0][0]:
        return NONE
    if len(one) > len(other):
        one, other = other, one
    made: list[Span] = []
    # Where one is far shorter, what of the other lies before it is not walked over.
    i, j = 0, max(0, bisect_left(other, (one[0][0],)) - 1) if len(other) > _LONG else 0
    while i < len(one) and j < len(other):
        first, last = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if first <= last:
            made.append((first, last))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return tuple(made)


def without(one: Spans, other: Spans) -> Spans:
    """The numbers of the first that are not in the second.

    >>> without(((1, 100),), ((5, 6), (90, 200)))
    ((1, 4), (7, 89))
    """
    if not one or not other or one[-1][1] < other[0][0] or other[-1][1] < one[0][0]:
        return one
    made: list[Span] = []
    j = 0
    for first, last in one:
        while j < len(other) and other[j][1] < first:
            j += 1
        at, k = first, j
        while k < len(other) and other[k][0] <= last:
            if at < other[k][0]:
                made.append((at, other[k][0] - 1))
            at = other[k][1] + 1
            k += 1
        if at <= last:
            made.append((at, last))
    return tuple(made)


def repeated(runs: Iterable[Span]) -> Spans:
    """The numbers that stand in more than one of some runs.

    >>> repeated([(1, 5), (4, 8), (20, 21)])
    ((4, 5),)
    """
    twice: list[Span] = []
    reached = -1
    for first, last in sorted(runs):
        if first <= reached:
            twice.append((first, min(last, reached)))
        reached = max(reached, last)
    return spans(twice)


def size(numbers: Spans) -> int:
    """How many numbers there are."""
    return sum(last - first + 1 for first, last in numbers)


def fewest(numbers: Spans, most: int) -> Spans:
    """The numbers without those of the last runs, where there are more than ``most`` runs."""
    return numbers if len(numbers) <= most else numbers[:most]


def listed(numbers: Spans, most: int) -> str:
    """The numbers as people write them, the first ``most`` runs of them.

    >>> listed(((1, 4), (7, 7), (9, 12)), 2)
    '1-4, 7, …'
    """
    texts = [f"{first}" if first == last else f"{first}-{last}" for first, last in numbers[:most]]
    return ", ".join([*texts, *(["…"] if len(numbers) > most else [])])


def runs_of(serials: Iterable[SerialRange]) -> list[Span]:
    """The runs of some ranges; of one maker and type, as a block holds them."""
    return [(run.first, run.last) for run in serials]


def by_block(serials: Iterable[SerialRange]) -> dict[str, tuple[SerialRange, ...]]:
    """Some ranges, cut up by the block that they lie in: the blocks' keys with their parts."""
    cut: dict[str, list[SerialRange]] = {}
    for run in serials:
        for block in range(run.first // BLOCK, run.last // BLOCK + 1):
            first, last = max(run.first, block * BLOCK), min(run.last, (block + 1) * BLOCK - 1)
            whole = first == run.first and last == run.last
            own = run if whole else SerialRange(maker=run.maker, type=run.type, first=first, last=last)
            cut.setdefault(serial_key(run.maker, run.type, block), []).append(own)
    return {key: tuple(runs) for key, runs in cut.items()}
