"""What a lane holds in memory, loaded from the store as it is touched, and what of it must be kept.

Law kept: state is one thing: a subject, home or reference is the same whether it was just restored or never left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol

from detectors.detector import View
from detectors.quiet import QUIET_FOR
from detectors.subject import Subject
from detectors.vehicle import subject_of
from detectors.watch import Watch
from detectors.world import World
from events.identity import EVERYONE, home_of, kind_of, site_key
from events.time import Instant
from ledger.home import Home
from ledger.reference import Reference, Registered
from streams.codec import (
    SubjectCodec,
    holds,
    read_head,
    registered_part,
    restore_registered,
)
from streams.effects import StatePart
from streams.home_codec import home_parts, home_wake, restore_home
from streams.live import Live

LANE, CODE = "lane", "code"
"""The key of what a lane says of itself, and the part of it that says by which code."""
HOME, REFERENCE = "home|", "ref|"
"""Prefixes of the keys under which homes and reference data are stored."""


class Store(Protocol):
    """The committed state that a lane reads what it does not hold in memory from."""

    def parts(self, key: str) -> Mapping[str, bytes]:
        """The parts of one key's state; empty where there is none."""
        ...

    def heads(self) -> Iterable[tuple[str, bytes]]:
        """Every key that has a head, with it."""
        ...


class Holdings:
    """Subjects, homes and reference data of one lane."""

    def __init__(self, world: World, watch: Watch, store: Store) -> None:
        self._world, self._watch, self._store = world, watch, store
        self._codec = SubjectCodec((d for group in watch.detectors.values() for d in group), watch.version)
        self._subjects: Live[Subject] = Live()
        self._references: Live[Reference] = Live()
        self._views: dict[str, View] = {}
        """Of vehicles: they are looked at with every second fix."""
        self._homes: Live[Home] = Live()
        self.retrying = store.parts(LANE).get(CODE, b"").decode() != watch.version
        """Whether other code than this wrote the state: what fell over then is tried once more."""
        self._looked_at: dict[str, Subject] = {}
        self._states: dict[tuple[str, str], StatePart] = {}
        for data in store.parts(REFERENCE + EVERYONE).values():
            world.put(restore_registered(data))

    def subject(self, key: str, now: Instant) -> Subject:
        """A key under watch."""
        subject = self._subjects.get(key)
        if subject is None:
            parts = self._store.parts(key)
            subject = (
                self._codec.restore(key, parts, retry=self.retrying)
                if parts
                else subject_of(key, self._watch.horizon(kind_of(key), now))
            )
            self._subjects.put(key, subject)
            if parts:
                self._watch.recall(subject, self.view(key))
        return subject

    def home(self, key: str, now: Instant) -> Home:
        """A home key."""
        found = self._homes.get(key)
        if found is None:
            parts = self._store.parts(HOME + key)
            fresh = Home(key, self._watch.horizon(kind_of(key), now))
            found = self._homes.put(key, restore_home(key, parts) if parts else fresh)
        return found

    def reference(self, key: str) -> Reference:
        """The reference data that a key is judged by: a book's is its site's."""
        owner = site_key(home_of(key)) if kind_of(key) == "book" else key
        found = self._references.get(owner)
        if found is None:
            parts = self._store.parts(REFERENCE + owner)
            found = self._references.put(owner, Reference(restore_registered(data) for data in parts.values()))
        return found

    def view(self, key: str) -> View:
        """What detectors may look at beside the facts of a key."""
        found = self._views.get(key)
        if found is None:
            found = View(key, self.reference(key), self._world)
            if kind_of(key) == "vehicle":
                self._views[key] = found
        return found

    def everything(
        self, now: Instant, concerned: Callable[[str], bool] = lambda key: True
    ) -> tuple[list[Home], list[Subject]]:
        """All homes and the concerned subjects that it can matter to, loaded: for the rare entry for everyone.

        Those that hold nothing singly are as they would be judged again and stay bytes, unless papers speak there.
        """
        for key, data in list(self._store.heads()):
            if key.startswith(HOME):
                if len(self._store.parts(key)) > 1:
                    self.home(key.removeprefix(HOME), now)
            elif concerned(key) and (self.by_papers(key) or holds(data) or self._has_cells(key)):
                self.subject(key, now)
        return list(self._homes.values()), [one for one in self._subjects.values() if concerned(one.key)]

    def by_papers(self, key: str) -> bool:
        """Whether what is registered speaks at a key of this kind, facts or none."""
        return kind_of(key) in self._watch.by_papers

    def _has_cells(self, key: str) -> bool:
        return kind_of(key) == "vehicle" and bool(self._store.parts(key).keys() - {"head", "base"})

    def wakes(self) -> Iterator[tuple[Instant, str]]:
        """When each stored key wants to be woken; homes' keys bear their prefix.

        Those where a detector fell over or something was said want it at once where there is other code by now;
        quiet ones of a kind that is over some day, kept by a version that let none go, as if their last fact had
        just been closed.
        """
        for key, data in self._store.heads():
            if key.startswith(HOME):
                wake = home_wake(data)
            else:
                head = read_head(data)
                wake = 0 if self.retrying and (head.failed or head.code) else head.wake
                kind = kind_of(key)
                if wake is None and kind in QUIET_FOR:
                    wake = self._watch.closes(kind, head.horizon + QUIET_FOR[kind])
            if wake is not None:
                yield wake, key

    def stored(self, key: str, part: str) -> bytes | None:
        """One part of the stored state."""
        return self._store.parts(key).get(part)

    def keep_subject(self, subject: Subject) -> None:
        """Note that a subject changed: it is encoded once a batch, however often it was looked at."""
        self._looked_at[subject.key] = subject

    def keep_home(self, home: Home, wake: Instant | None) -> None:
        """Note what changed of a home."""
        self.keep(home_parts(home, wake))

    def keep_registered(self, key: str, registered: Registered) -> None:
        """Note a registry entry at a key."""
        self.keep((registered_part(key, registered),))

    def drop_superseded(self, key: str, put: Registered, horizon: Instant) -> None:
        """Forget the entries at a key of which, since one more was put, only closed time could ask."""
        dropped = self.reference(key).drop_superseded(put, horizon)
        self.keep(StatePart(REFERENCE + key, entry, None) for entry in dropped)

    def keep(self, parts: Iterable[StatePart]) -> None:
        """Note parts of the state; the last word on a part counts."""
        for part in parts:
            self._states[(part.key, part.part)] = part

    def drop_home(self, key: str) -> None:
        """Forget a home for good: nothing of it is stored any more."""
        self._homes.drop(key)
        for part in self._store.parts(HOME + key):
            self._states[(HOME + key, part)] = StatePart(HOME + key, part, None)

    def let_go(self, most: int) -> None:
        """Forget the live objects that were not touched lately, down to about ``most`` of a kind.

        Only between batches, once the store has what was noted: they are loaded from there when they are touched.
        """
        for key in self._subjects.let_go(most):
            self._codec.forget(key)
            self._views.pop(key, None)
        self._homes.let_go(most)
        gone = set(self._references.let_go(most))
        for key in gone:
            self._views.pop(key, None)
        for home in self._homes.values() if gone else ():
            if home.key in gone:
                home.judge = home.settled = None

    def retried(self) -> None:
        """Every key where a detector had fallen over was looked at: from here on the state is this code's."""
        if self.retrying:
            self.retrying = False
            self.keep((StatePart(LANE, CODE, self._watch.version.encode()),))

    def _forget(self, key: str) -> None:
        """Let go of a key that is over, and of what was registered for it: nothing of that speaks any more.

        What is registered of a vehicle speaks of its next trip, however long it rested.
        """
        self._subjects.drop(key)
        self._views.pop(key, None)
        if kind_of(key) != "vehicle":
            self.keep(StatePart(REFERENCE + key, entry, None) for entry in self.reference(key).entries)
            self._references.drop(key)

    def changed(self) -> list[StatePart]:
        """All that was noted since the last call."""
        for subject in self._looked_at.values():
            self.keep(self._codec.changed(subject))
            if subject.forgotten:
                self._forget(subject.key)
        self._looked_at.clear()
        states, self._states = self._states, {}
        return list(states.values())
