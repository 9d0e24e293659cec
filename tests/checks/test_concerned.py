"""No rule asks for what concerns everyone at a key that is not judged anew when it changes (law 3)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import pytest

from detectors.catalogue import catalogue
from detectors.detector import Detector
from detectors.fold import copy_fold
from events.identity import kind_of
from events.registry import Entry, GoodsEntry, PolicyEntry
from events.time import DAY, Instant
from ledger.reference import REACH, Reference, Registered
from streams.concerned import ASKED_AT
from tests.checks.histories import history_of
from tests.detector_kit import Bench
from tests.laws.publications import others_of

E = TypeVar("E", bound=Entry)
T = TypeVar("T")


class Overheard(Reference):
    """Reference data that notes what is asked of it: kinds of entries, and subjects where one is named."""

    def __init__(self, of: Reference, reach: Instant = REACH) -> None:
        self.asked: set[tuple[type[Any], str | None]] = set()
        super().__init__(tuple(of.entries.values()), reach)

    def registered(self, kind: type[E], subject: str, at: Instant, unit: str | None = None) -> Registered | None:
        self.asked.add((kind, subject))
        return super().registered(kind, subject, at, unit)

    def lasting(self, kind: type[E], about: Hashable, at: Instant, find: Callable[[Instant], T]) -> T:
        self.asked.add((kind, None))
        return super().lasting(kind, about, at, find)

    def indexed(self, kind: type[E], name: Callable[[E], Hashable]) -> Mapping[Hashable, Mapping[str, Registered]]:
        self.asked.add((kind, None))
        return super().indexed(kind, name)

    def subjects(self, kind: type[E]) -> tuple[str, ...]:
        self.asked.add((kind, None))
        return super().subjects(kind)

    def of_kind(self, kind: type[E]) -> Iterable[Registered]:
        self.asked.add((kind, None))
        return super().of_kind(kind)

    def about(self, kind: type[E], subject: str) -> Iterator[Registered]:
        self.asked.add((kind, subject))
        return super().about(kind, subject)


@pytest.mark.parametrize(
    "detector", catalogue(), ids=[f"{detector.card.id}-{detector.card.key}" for detector in catalogue()]
)
def test_a_rule_asks_at_its_key_only_for_what_that_is_judged_anew_by(detector: Detector) -> None:
    """Of entries of a kind that are asked for at some kinds of key, and at a book for its own goods."""
    history = history_of(detector)
    bench = Bench(history)
    world: Any = bench.view.world
    heard = [Overheard(world.reference), Overheard(world.on_roads)]
    world.reference, world.on_roads = heard
    for fact in history.facts:
        bench.put(fact)
    bench.look(history.now)
    kind, goods = kind_of(history.key), history.key.rpartition("/")[2]
    for asked, subject in {one for reference in heard for one in reference.asked}:
        assert kind in ASKED_AT.get(asked, {kind})
        if kind == "book" and asked is GoodsEntry:
            assert subject == goods


@pytest.mark.parametrize(
    "detector", catalogue(), ids=[f"{detector.card.id}-{detector.card.key}" for detector in catalogue()]
)
def test_what_closed_facts_make_true_in_time_leans_on_no_later_policy(detector: Detector) -> None:
    """Keys that hold nothing singly are not judged anew by a new policy, but for those where papers speak."""
    history = history_of(detector)
    for facts in (history.facts, history.facts[: len(history.facts) // 2]):
        bench = Bench(history)
        for fact in facts:
            bench.put(fact)
        folding = bench.watch._foldings[bench.subject.kind]
        folded = bench.watch.advance(bench.subject, bench.view)
        last = max((fact.at for fact in facts), default=history.now - 100 * DAY)
        closed = bench.watch.closes(bench.subject.kind, last)
        before = _to_come(folding.timed(copy_fold(folded), closed, bench.view), closed)
        for version, text in enumerate(others_of(history.rule, 4), start=1):
            later = PolicyEntry(digest="later", text=text)
            bench.view.world.put(Registered("later", version, "*", closed, closed, None, later))
            after = _to_come(folding.timed(copy_fold(folded), closed, bench.view), closed)
            assert before == after or getattr(detector, "by_papers", False)


def _to_come(timed: tuple[Any, list[Instant]], at: Instant) -> tuple[Any, list[Instant]]:
    return timed[0], sorted(wake for wake in timed[1] if wake > at)
