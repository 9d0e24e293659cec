"""The watch held to its word: after every look, what stands and is carried is what folding all facts anew gives.

Law kept: the reference is naive: every fact that ever came, in event order, one after the other, nothing kept from
the look before.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from msgspec.structs import replace

from detectors.catalogue import catalogue
from detectors.claim import Claim, Finding, Severity, Status, finding_id
from detectors.detector import Detector, Step, View
from detectors.fold import Folded
from detectors.reckoning import reckoning_of
from detectors.subject import BEFORE_ALL, Order, Subject
from detectors.watch import SLACK, Watch
from events.identity import kind_of
from events.time import DAY, HOUR, Instant, civil_day, day_start
from ledger.account import apply, empty_account
from ledger.fact import STANDING, Fact, Movement
from streams.codec import SubjectCodec
from streams.store import MemoryStore
from tests.checks.folding import view_of
from tests.checks.histories import history_of
from tests.detector_kit import LATENESS, History, at, count, detector_of, movement
from tests.detector_words import mended

Came = tuple[Instant, Fact]
"""A fact and when it came."""
Claims = dict[tuple[str, str], Claim]
Stands = dict[str, tuple[Status, Severity, Claim]]
LATE: Final[Mapping[str, Instant]] = dict.fromkeys(LATENESS, DAY)
"""Days close soon, so that a few days of facts are folded away while others still come."""
BOOK: Final = "book:S1/DET"


def _book() -> tuple[Fact, ...]:
    """Detonators below nothing and counted otherwise; an issue is corrected, another taken back."""
    moves = [
        ("open", 50, "day 1 06:00"), ("issue", 20, "day 1 08:00"), ("issue", 40, "day 1 10:00"),
        ("receive", 5, "day 1 12:00"), ("receive", 30, "day 2 08:00"), ("issue", 26, "day 3 09:00"),
        ("issue", 3, "day 3 09:30"), ("receive", 30, "day 5 08:00"), ("issue", 1, "day 9 08:00"),
    ]  # fmt: skip
    moved = [movement(operation, f"{amount} item", when=when) for operation, amount, when in moves]
    counted = [count(f"{n} item", when=f"day {day} 18:00") for n, day in ((3, 1), (25, 2), (7, 3), (7, 5))]
    corrected = mended(moved[2], amount=10)
    return (*moved, *counted, corrected, replace(moved[6], version=2, body=None))


def _of(rule: str, key: str) -> History:
    """What makes a rule speak."""
    return history_of(detector_of(rule, key))


HISTORIES: Final[Mapping[str, History]] = {
    "a book": History("B2", BOOK, _book(), at("day 12 00:00")),
    "a trip": _of("D7", "consignment"),
    "a permit": _of("A5", "permit"),
    "a site": _of("C6", "site"),
    "a block": _of("B10", "serial"),
    "a unit": _of("A6", "unit"),
}


@cache
def _view(name: str) -> View:
    return view_of(HISTORIES[name])


def known(facts: Iterable[Fact]) -> list[Fact]:
    """Of each fact the highest version, in event order."""
    latest: dict[str, Fact] = {}
    for fact in facts:
        if fact.id not in latest or latest[fact.id].version < fact.version:
            latest[fact.id] = fact
    return sorted(latest.values(), key=lambda fact: fact.order)


class Anew:
    """Everything folded anew: what was carried behind each fact, and what stands by now."""

    def __init__(self, detectors: Sequence[Detector], facts: Iterable[Fact], view: View) -> None:
        self.detectors, self.view = detectors, view
        self.account = empty_account(kind_of(view.key))
        self.states: dict[str, Any] = {}
        self.claims: Claims = {}
        self.behind: dict[Order, Folded] = {BEFORE_ALL: Folded(self.account, {}, {}, {})}
        for fact in known(facts):
            if fact.body is not None:
                self._take(fact)
            self.behind[fact.order] = Folded(self.account, dict(self.states), dict(self.claims), {})

    def by(self, now: Instant) -> Claims:
        """What facts and time make true."""
        claims = dict(self.claims)
        for detector in self.detectors:
            papers = getattr(type(detector), "by_papers", False)
            state = self.states.get(detector.card.id, detector.start() if papers else None)
            if state is not None:
                claims |= {(detector.card.id, one.anchor): one for one in detector.at(state, now, self.view)}
        return claims

    def stands(self, now: Instant) -> Stands:
        """What must have been told by now, by the names of findings."""
        found: Stands = {}
        for (rule, anchor), one in self.by(now).items():
            terms = self.view.terms(rule, one.since, category=one.category, area=one.area, unit=one.unit)
            if one.speaks_at <= now and terms.enabled:
                name = finding_id(rule, self.view.key, anchor)
                found[name] = (one.status, one.severity or terms.severity, one)
        return found

    def wakes(self, now: Instant) -> list[Instant]:
        """When time alone may change what stands."""
        found = [one.speaks_at for one in self.by(now).values()]
        for detector in self.detectors:
            state = self.states.get(detector.card.id)
            if state is not None:
                found.extend(detector.wakes(state, self.view))
        return [at for at in found if at > now]

    def _take(self, fact: Fact) -> None:
        step = Step(fact, self.account, apply(self.account, fact))
        self.account = step.after
        if fact.rank == STANDING:
            return
        made: dict[str, Any] = {}
        for reckoning in {one.name: one for d in self.detectors if (one := reckoning_of(d)) is not None}.values():
            if type(fact.body) in reckoning.sees:
                was = self.states.get(reckoning.name, reckoning.start())
                state, made[reckoning.name] = reckoning.see(was, step, self.view)
                self._carry(reckoning.name, was, state)
        for detector in self.detectors:
            rests_on = reckoning_of(detector)
            if rests_on is None:
                self._show(detector, step)
            elif made.get(rests_on.name) is not None:
                self._show(detector, replace(step, made=made[rests_on.name]))

    def _show(self, detector: Detector, step: Step) -> None:
        body = step.fact.body
        deeds = getattr(detector, "deeds", None)
        if type(body) not in detector.sees:
            return
        if isinstance(body, Movement) and deeds is not None and body.operation not in deeds:
            return
        name = detector.card.id
        was = self.states.get(name, detector.start())
        state, claims = detector.see(was, step, self.view)
        self._carry(name, was, state)
        self.claims |= {(name, one.anchor): one for one in claims}

    def _carry(self, name: str, was: Any, state: Any) -> None:
        if state is not was:
            self.states[name] = state


class Key:
    """One key under the watch of all rules of its kind, with all that ever came and all that was told."""

    def __init__(self, name: str, *, lateness: Mapping[str, Instant] = LATE) -> None:
        history = HISTORIES[name]
        kind = kind_of(history.key)
        self.detectors = [one for one in catalogue() if one.card.key == kind]
        self.lateness, self.watch = lateness, Watch(self.detectors, lateness)
        self.subject, self.view = Subject(history.key), _view(name)
        self.codec, self.store = SubjectCodec(self.detectors), MemoryStore()
        self.came: list[Fact] = []
        self.told: list[Finding] = []
        self.skimmed = 0

    def come_to(self, now: Instant) -> None:
        """Time passes: the key wakes where it asked to, and nothing else has changed."""
        while self.subject.wake is not None and self.subject.wake <= now:
            self.look(self.subject.wake)
        self._stands(Anew(self.detectors, self.came, self.view), now)

    def take(self, facts: Sequence[Came]) -> None:
        """Facts come, each at its time: at once where nothing comes of them, else one by one."""
        last = facts[-1][0]
        before = whole(self.subject)
        if len(facts) > 1:
            taken = self.watch.skim(self.subject, [fact for _, fact in facts], last, self.view)
            if taken is not None:
                self.skimmed += len(taken)
                self.came.extend(fact for _, fact in facts)
                self.holds(last)
                return
            assert whole(self.subject) == before
        for now, fact in facts:
            self.come_to(now)
            self.came.append(fact)
            self.subject.learn(fact)
            self.look(now)

    def look(self, now: Instant) -> None:
        """One look, and everything is as it would be anew."""
        watched = self.watch.look(self.subject, now, self.view)
        assert (watched.failed, watched.mended) == ((), ())
        self.told.extend(watched.findings)
        self.holds(now)

    def restart(self) -> None:
        """The key is kept as bytes, and comes back."""
        self.store.keep(self.codec.changed(self.subject))
        before = told_of(self.subject)
        self.subject = self.codec.restore(self.subject.key, self.store.parts(self.subject.key))
        self.watch.recall(self.subject, self.view)
        assert told_of(self.subject) == before

    def holds(self, now: Instant) -> None:
        """What stands, what is carried, what is held, and when it wakes."""
        anew, subject = Anew(self.detectors, self.came, self.view), self.subject
        self._stands(anew, now)
        horizon = day_start(civil_day(now - self.lateness[subject.kind] - SLACK))
        held = [fact for fact in known(self.came) if fact.at >= horizon]
        assert (subject.horizon, subject.news, subject.rejudge) == (horizon, [], False)
        assert (subject.order, subject.facts) == ([f.order for f in held], {f.id: f for f in held})
        closed = [fact.order for fact in known(self.came) if fact.at < horizon]
        carried = [(closed[-1] if closed else BEFORE_ALL, subject.base), *subject.marks]
        if subject.tail is not None:
            carried.append((held[-1].order if held else carried[0][0], subject.tail))
        for place, fold in carried:
            self._carries(fold, anew.behind[place], now)
        self._wakes(anew, now, held)

    def _stands(self, anew: Anew, now: Instant) -> None:
        latest: dict[str, Finding] = {}
        for finding in self.told:
            before = latest.get(finding.id)
            assert finding.revision == (1 if before is None else before.revision + 1)
            assert before is None or content(before) != content(finding)
            latest[finding.id] = finding
        standing = {name: content(f) for name, f in latest.items() if f.status is not Status.WITHDRAWN}
        assert standing == anew.stands(now)
        open_ = {name for name, (status, _, _) in standing.items() if status is Status.OPEN}
        assert open_ <= self.subject.said.keys() == self.subject.said.keys() & latest.keys()
        assert all(self.subject.said[name].revision == latest[name].revision for name in self.subject.said)

    def _carries(self, fold: Folded, anew: Folded, now: Instant) -> None:
        """A fold is as anew, but for claims that had ended in closed time and were told."""
        assert (fold.account, fold.states, fold.failed) == (anew.account, anew.states, {})
        gone = anew.claims.keys() - fold.claims.keys()
        assert fold.claims == {at: one for at, one in anew.claims.items() if at not in gone}
        assert all(anew.claims[at].until is not None for at in gone)
        assert not {finding_id(rule, self.view.key, anchor) for rule, anchor in gone} & self.subject.said.keys()

    def _wakes(self, anew: Anew, now: Instant, held: Sequence[Fact]) -> None:
        """At the next instant that time alone may change something, or that closes the first day that is held."""
        wakes = anew.wakes(now)
        if held:
            wakes.append(day_start(civil_day(held[0].at) + 1) + self.lateness[self.subject.kind] + SLACK)
            assert self.subject.wake == min(wakes)
        elif wakes:
            assert self.subject.wake is not None
            assert self.subject.wake <= min(wakes)


def content(finding: Finding) -> tuple[Status, Severity, Claim]:
    """What is said."""
    return (finding.status, finding.severity, finding.claim)


def told_of(subject: Subject) -> tuple[Any, ...]:
    """What a subject remembers of what was told."""
    return (subject.said, subject.shown, subject.spent, subject.told_failed, subject.wake, subject.horizon)


def whole(subject: Subject) -> tuple[Any, ...]:
    """All that is known at a key, as values that nothing changes any more."""
    copied = [(at, _copied(fold)) for at, fold in subject.marks]
    return (
        dict(subject.facts), list(subject.order), _copied(subject.base), _copied(subject.tail), subject.tail_at,
        copied, subject.unmarked, dict(subject.said), dict(subject.shown), dict(subject.spent), subject.told_failed,
        subject.wake, subject.horizon, subject.rejudge, list(subject.news),
    )  # fmt: skip


def _copied(fold: Folded | None) -> Any:
    if fold is None:
        return None
    return (fold.account, dict(fold.states), dict(fold.claims), dict(fold.failed), fold.last)


def arrivals(facts: Sequence[Fact], seed: int | None) -> list[Came]:
    """When each fact comes: as it happens, or up to nearly a day late in an order of its own."""
    draw = random.Random(seed)
    late = [0 if seed is None else draw.randrange(0, 22 * HOUR) for _ in facts]
    came = [(fact.at + by, fact) for fact, by in zip(facts, late, strict=True)]
    return sorted(came, key=lambda one: (one[0], one[1].order))


def chunks(told: Sequence[Came], seed: int | None, most: int) -> Iterator[Sequence[Came]]:
    """Some at a time, of as many sizes."""
    draw, place = random.Random(seed), 0
    while place < len(told):
        size = draw.randint(1, most)
        yield told[place : place + size]
        place += size


def watched(name: str, seed: int | None, *, most: int = 1, restarts: bool = False) -> Key:
    """A history that came whole, as it happened (no seed) or in an order of its own, and three weeks more."""
    key, history = Key(name), HISTORIES[name]
    told = arrivals(history.facts, seed)
    for number, chunk in enumerate(chunks(told, seed, most)):
        key.take(chunk)
        if restarts and number % 2:
            key.restart()
    end = max(history.now, told[-1][0])
    key.come_to(end)
    key.come_to(end + 21 * DAY)
    return key
