"""Ordinary cells are ridden over: what is told is, to the letter, what the rules say that look at each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from detectors.catalogue import catalogue
from detectors.cells import seen_of
from detectors.d2_route_deviation import Straying
from detectors.detector import View
from detectors.fold import Folded
from detectors.roads.corridor import Cursor
from detectors.subject import Subject
from detectors.vehicle import Vehicle, subject_of
from detectors.watch import Watch, Watched
from events.time import Instant
from ledger.fact import STANDING, Cell, Fact
from ledger.reference import Reference
from streams.codec import SubjectCodec
from streams.store import MemoryStore
from tests.detector_kit import LATENESS, detector_of, world
from tests.laws.tracks import AREAS, BEGINS, KEY, Told, track

tried = settings(max_examples=60, deadline=None)


class Key:
    """One vehicle under watch, all its cells looked at singly or ridden over."""

    def __init__(self, subject: Subject, overrides: dict[str, dict[str, int]]) -> None:
        self.subject = subject
        self.watch = Watch(catalogue(), LATENESS)
        self.codec = SubjectCodec(d for group in self.watch.detectors.values() for d in group)
        self.store = MemoryStore()
        self.view = View(KEY, Reference(), world(AREAS, overrides=overrides))

    def hear(self, told: Told) -> Watched:
        """Take facts as a lane does, look, and keep what changed."""
        facts = [
            fact
            for fact in told.facts
            if fact.rank == STANDING or fact.at >= max(self.subject.horizon, told.now - LATENESS["vehicle"])
        ]
        watched = Watched(()) if self._skims(facts, told.now) else self._look(facts, told.now)
        self.store.keep(self.codec.changed(self.subject))
        return watched

    def _skims(self, facts: Sequence[Fact], now: Instant) -> bool:
        """Whether cells could be taken in passing, as a lane first tries."""
        if not isinstance(self.subject, Vehicle) or not all(isinstance(fact.body, Cell) for fact in facts):
            return False
        return self.watch.skim_cells(self.subject, map(seen_of, facts), now, self.view)

    def _look(self, facts: Sequence[Fact], now: Instant) -> Watched:
        for fact in facts:
            self.subject.put(fact)
        return self.watch.look(self.subject, now, self.view)

    def restart(self) -> None:
        """Go on from what was kept."""
        if not self.store.parts(KEY):
            self.subject = subject_of(KEY, self.subject.horizon)
            return
        self.subject = self.codec.restore(KEY, self.store.parts(KEY))
        self.watch.recall(self.subject, self.view)


def waking(key: Key, told: list[Told]) -> list[Told]:
    """The same with a look wherever the exact watch asks for one, as a lane's ticks bring it."""
    woken: list[Told] = []
    now = BEGINS
    for one in told:
        while key.subject.wake is not None and now < key.subject.wake < one.now:
            now = key.subject.wake
            woken.append(Told((), now))
            key.hear(woken[-1])
        woken.append(one)
        key.hear(one)
        now = one.now
    return woken


def without_cursor(fold: Folded | None) -> tuple[Any, ...]:
    """A fold but for where D2 looks first, and for rules that know nothing yet: a vehicle forgotten begins anew."""
    assert fold is not None
    states = {
        name: replace(state, cursor=Cursor()) if isinstance(state, Straying) else state
        for name, state in fold.states.items()
        if state != detector_of(name, "vehicle").start()
    }
    return fold.account, states, fold.claims, fold.failed


@tried
@given(st.integers(0, 2**32), st.sampled_from((1, 3, 10)), st.sampled_from((0, 5)))
def test_what_is_ridden_over_is_told_as_if_looked_at(seed: int, gap: int, minutes: int) -> None:
    """Finding for finding, revision for revision, look for look; restarts on the way change nothing."""
    overrides = {"D6": {"max_gap_min": gap}, "D2": {"min_minutes": minutes}}
    told = waking(Key(Subject(KEY), overrides), track(seed))
    exact, riding = Key(Subject(KEY), overrides), Key(subject_of(KEY), overrides)
    for one in told:
        assert riding.hear(one) == exact.hear(one)
        if one.restart:
            riding.restart()
    assert riding.subject.said == exact.subject.said
    assert without_cursor(riding.subject.base) == without_cursor(exact.subject.base)


@tried
@given(st.integers(0, 2**32))
def test_the_fold_of_what_was_ridden_over_is_the_exact_one(seed: int) -> None:
    """States, claims and account at the last cell are those of looking at each, wherever the track is cut."""
    exact, riding = Key(Subject(KEY), {}), Key(subject_of(KEY), {})
    facts = [fact for told in track(seed) for fact in told.facts]
    for start in range(0, len(facts), 40):
        told = Told(tuple(facts[start : start + 40]), BEGINS)
        assert riding.hear(told) == exact.hear(told)
        assert isinstance(riding.subject, Vehicle)
        tail = riding.watch.advance(riding.subject, riding.view)
        assert without_cursor(tail) == without_cursor(exact.subject.tail)
