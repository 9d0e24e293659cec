"""Incompatible goods: which pairs may not stand or travel together, by the registry and by the policy.

Law kept: the hazard classes in force at an instant decide, and the registry's pairs in force then; a goods without
a hazard class is judged by its category alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import combinations
from typing import TypeAlias

from detectors.world import World
from events.registry import Category, GoodsEntry, IncompatibilityEntry
from events.time import Instant

Pair: TypeAlias = tuple[str, str]
NO_CLASS = "none"
"""How a kind says that the goods have no hazard class."""


def clashes(goods: Iterable[str], at: Instant, world: World, pairs: tuple[Pair, ...]) -> Iterator[tuple[str, str]]:
    """The pairs of these goods that may not be together at an instant, in the order of their names.

    ``pairs`` are the policy's: kinds as ``category``, ``category/class`` or ``*/class``.
    """
    entries = [entry for one in sorted(goods) if (entry := world.goods(one, at)) is not None]
    for one, other in combinations(entries, 2):
        if _by_policy(_kind(one), _kind(other), pairs) or _by_registry(one, other, at, world):
            yield one.goods, other.goods


def listed(pairs: Iterable[tuple[str, str]], at: Instant, world: World) -> str | None:
    """The list that the first of these pairs of goods that the registry names is kept apart by, as it is cited."""
    entries = [known.entry for known in world.reference.of_kind(IncompatibilityEntry) if known.in_force(at)]
    for pair in pairs:
        one, other = (world.goods(goods, at) for goods in pair)
        classes = (None if one is None else one.hazard_class, None if other is None else other.hazard_class)
        named = [entry for entry in entries if isinstance(entry, IncompatibilityEntry) and _named(classes, entry)]
        if named:
            return min((entry.origin.cited for entry in named if entry.origin is not None), default=None)
    return None


def within(held: str | None, named: str) -> bool:
    """Whether a hazard class is the one that is named, or a division of it.

    >>> within("1.1D", "1"), within("1.1D", "1.1"), within("10", "1"), within(None, "none"), within(None, "3")
    (True, True, False, True, False)
    """
    if held is None or named == NO_CLASS:
        return held is None and named == NO_CLASS
    return held == named or (held.startswith(named) and not held[len(named)].isdigit())


def is_of(kind: tuple[Category, str | None], named: str) -> bool:
    """Whether goods of a category and hazard class are of a kind that the policy names.

    >>> is_of((Category.FIREARMS, "1.4S"), "firearms/1"), is_of((Category.CHEMICALS, "3"), "*/3")
    (True, True)
    """
    category, _, hazard = named.partition("/")
    return category in ("*", kind[0]) and (not hazard or within(kind[1], hazard))


def _kind(entry: GoodsEntry) -> tuple[Category, str | None]:
    return entry.category, entry.hazard_class


@lru_cache(maxsize=4_096)
def _by_policy(
    one: tuple[Category, str | None], other: tuple[Category, str | None], pairs: tuple[Pair, ...]
) -> bool:
    return any((is_of(one, a) and is_of(other, b)) or (is_of(one, b) and is_of(other, a)) for a, b in pairs)


def _by_registry(one: GoodsEntry, other: GoodsEntry, at: Instant, world: World) -> bool:
    classes = (one.hazard_class, other.hazard_class)
    if classes[0] is None or classes[1] is None:
        return False
    reference = world.reference

    def find(then: Instant) -> bool:
        found = (known.entry for known in reference.of_kind(IncompatibilityEntry) if known.in_force(then))
        return any(_named(classes, entry) for entry in found if isinstance(entry, IncompatibilityEntry))

    return reference.lasting(IncompatibilityEntry, classes, at, find)


def _named(classes: tuple[str | None, str | None], entry: IncompatibilityEntry) -> bool:
    one, other = classes
    straight = within(one, entry.one) and within(other, entry.other)
    return straight or (within(one, entry.other) and within(other, entry.one))
