"""One vehicle under watch, its cells looked at singly or ridden over, as a lane takes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from detectors.catalogue import catalogue
from detectors.cells import seen_of
from detectors.d2_route_deviation import Straying
from detectors.detector import Detector, View
from detectors.fold import Folded
from detectors.roads.corridor import Cursor
from detectors.subject import Subject
from detectors.vehicle import Vehicle, subject_of
from detectors.watch import Watch, Watched
from detectors.world import World
from events.time import Instant
from ledger.fact import STANDING, Cell, Fact
from ledger.reference import Reference
from streams.codec import SubjectCodec
from streams.store import MemoryStore
from tests.detector_kit import LATENESS, detector_of
from tests.laws.tracks import BEGINS, KEY, Told


class Key:
    """One vehicle under watch, all its cells looked at singly or ridden over."""

    def __init__(self, subject: Subject, surroundings: World, detectors: Iterable[Detector] | None = None) -> None:
        self.subject = subject
        self.watch = Watch(catalogue() if detectors is None else detectors, LATENESS)
        self.codec = SubjectCodec(d for group in self.watch.detectors.values() for d in group)
        self.store = MemoryStore()
        self.view = View(KEY, Reference(), surroundings)

    def hear(self, told: Told, *, passing: bool = True) -> Watched:
        """Take facts as a lane does (in passing where it can, unless time stood still), look, keep what changed."""
        facts = [
            fact
            for fact in told.facts
            if fact.rank == STANDING or fact.at >= max(self.subject.horizon, told.now - LATENESS["vehicle"])
        ]
        watched = Watched(()) if passing and self._skims(facts, told.now) else self._look(facts, told.now)
        self.store.keep(self.codec.changed(self.subject))
        return watched

    def due(self, now: Instant) -> bool:
        """Whether a lane would look by now, though no fact came."""
        wake = self.subject.wake
        return self.subject.base_changed if wake is None else wake <= now

    def restart(self) -> None:
        """Go on from what was kept."""
        if not self.store.parts(KEY):
            self.subject = subject_of(KEY, self.subject.horizon)
            return
        self.subject = self.codec.restore(KEY, self.store.parts(KEY))
        self.watch.recall(self.subject, self.view)

    def _skims(self, facts: Sequence[Fact], now: Instant) -> bool:
        """Whether cells could be taken in passing, as a lane first tries."""
        if not isinstance(self.subject, Vehicle) or not all(isinstance(fact.body, Cell) for fact in facts):
            return False
        return self.watch.skim_cells(self.subject, map(seen_of, facts), now, self.view)

    def _look(self, facts: Sequence[Fact], now: Instant) -> Watched:
        for fact in facts:
            self.subject.put(fact)
        return self.watch.look(self.subject, now, self.view)


def waking(key: Key, told: list[Told]) -> Iterator[tuple[Told, Watched]]:
    """The same with a look wherever the watch asks for one, as a lane's ticks bring it, and what comes of each."""
    now = BEGINS
    for one in told:
        while key.subject.wake is not None and now < key.subject.wake < one.now:
            now = key.subject.wake
            woken = Told((), now)
            yield woken, key.hear(woken)
        yield one, key.hear(one)
        now = one.now


def without_cursor(fold: Folded | None) -> tuple[Any, ...]:
    """A fold but for where D2 looks first, and for rules that know nothing yet: a vehicle forgotten begins anew."""
    assert fold is not None
    states = {
        name: replace(state, cursor=Cursor()) if isinstance(state, Straying) else state
        for name, state in fold.states.items()
        if state != detector_of(name, "vehicle").start()
    }
    return fold.account, states, dict(fold.claims), dict(fold.failed)
