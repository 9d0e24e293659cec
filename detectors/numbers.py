"""Numbers by maker and type: what a book holds or has given away, in runs.

Law kept: what is carried is bounded by its runs; of too many the last are forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from events.report import SerialRange
from ledger.serials import Span, Spans, common, fewest, listed, size, spans, union, without

Numbers: TypeAlias = tuple[tuple[str, str, Spans], ...]
"""(maker, type, their numbers), in order."""


def numbers_of(serials: Iterable[SerialRange]) -> Numbers:
    """What a report lists."""
    found: dict[tuple[str, str], list[Span]] = {}
    for run in serials:
        found.setdefault((run.maker, run.type), []).append((run.first, run.last))
    return tuple((*of, spans(own)) for of, own in sorted(found.items()))


def more(one: Numbers, other: Numbers) -> Numbers:
    """What is in either."""
    found = {(maker, type_): own for maker, type_, own in one}
    for maker, type_, own in other:
        found[maker, type_] = union(found.get((maker, type_), ()), own)
    return tuple((*of, own) for of, own in sorted(found.items()))


def less(one: Numbers, other: Numbers) -> Numbers:
    """What is in the first and not in the second."""
    gone = {(maker, type_): own for maker, type_, own in other}
    left = ((maker, type_, without(own, gone.get((maker, type_), ()))) for maker, type_, own in one)
    return tuple(of for of in left if of[2])


def within(numbers: Numbers, most: int) -> Numbers:
    """As many of the first runs as there is room for."""
    made, room = [], most
    for maker, type_, own in numbers:
        if room > 0:
            made.append((maker, type_, fewest(own, room)))
            room -= len(own)
    return tuple(made)


def total(numbers: Numbers) -> int:
    """How many they are."""
    return sum(size(own) for _, _, own in numbers)


def holds(numbers: Numbers, maker: str, type_: str, one: int) -> bool:
    """Whether one number is among them."""
    return any(of[:2] == (maker, type_) and common(of[2], ((one, one),)) for of in numbers)


def shown(numbers: Numbers, most: int) -> str:
    """As people read them, with up to ``most`` runs of each of up to three makers and types."""
    return "; ".join(f"{maker}/{type_} {listed(own, most)}" for maker, type_, own in numbers[:3])
