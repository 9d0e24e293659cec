"""Looks: which keys of a lane have something new, and when each is looked at.

Laws kept: batching is unobservable (4): what is told bears the time at which it would have been told, had each
report come by itself. A key is looked at once a batch where nothing comes of its facts; where something does,
they are taken again tick by tick.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from typing import Final

from detectors.cause import News
from detectors.cells import Seen
from detectors.claim import Finding, Status
from detectors.subject import Subject
from detectors.vehicle import Vehicle
from detectors.watch import QUIET, Watch
from events.rejection import Rejection
from events.time import DAY, Instant
from ledger.fact import Fact
from streams.effects import BookLine, Effects, Incomplete
from streams.holdings import Holdings
from streams.messages import not_booked
from streams.piecemeal import CANNOT, said

New = tuple[int, Fact | Seen | None]
"""At which of the batch's times what came: a fact, a cell of a vehicle, or that all must be judged anew."""
Wakes = list[tuple[Instant, str]]
"""A heap of when to wake which key."""


STANDSTILL: Final = 365 * DAY
"""A leap of time over which rules may have forgotten what they said: less than they remember papers for."""


class Looks:
    """What is new at each key since it was looked at last, by the lane's times of the batch under way."""

    def __init__(self, watch: Watch, held: Holdings, wakes: Wakes, now: Instant) -> None:
        self._watch, self._held, self._wakes = watch, held, wakes
        self._times = [now]
        self._new: dict[str, list[New]] = {}
        self._findings: list[Finding] = []
        self._lines: list[BookLine] = []
        self._incomplete: list[Incomplete] = []
        self._refusals: list[Rejection] = []
        self.careful = False
        """Whether each fact is taken by itself, and what the books cannot take is refused at its key."""

    def take(self, key: str, fact: Fact | Seen) -> None:
        """A fact has come to a key, or a cell to a vehicle's."""
        self._note(key, fact)

    def rejudge(self, key: str, by: News) -> None:
        """Something that judges the key's facts has changed; ``catch_up`` must have come before it did."""
        subject = self._held.subject(key, self._times[-1])
        subject.unfold()
        subject.news.append(by)
        self._note(key, None)

    def reconsider(self, key: str, by: News) -> None:
        """As ``rejudge``, where what has changed judges what time makes true.

        Only claims that facts have made by now are a reason to refold: facts may run ahead of time.
        """
        subject = self._held.subject(key, self._times[-1])
        if subject.tail is None or subject.tail.claims:
            subject.unfold()
        subject.news.append(by)
        self._note(key, None)

    def time_is(self, now: Instant) -> None:
        """Time has moved: what is new from here on came after."""
        self._times.append(now)

    def woken(self, key: str, asked: Instant) -> None:
        """A key wanted to be woken by now, if nothing has changed its mind since."""
        now = self._times[-1]
        subject = self._held.subject(key, now)
        if subject.asked == asked:
            subject.asked = None
        if self._due(subject, now):
            if key in self._new:
                self.catch_up((key,))
            if self._due(subject, now):
                self._come_to(subject, now)
                self._held.keep_subject(subject)
        self._wake(subject)

    def catch_up(self, keys: Iterable[str] | None = None) -> None:
        """Look at what came to these keys (None: to all) before the present tick, and wake them where they must."""
        last = len(self._times) - 1
        for key in list(self._new) if keys is None else keys:
            new = self._new.get(key)
            if new is None or new[0][0] == last:
                continue
            past = next((place for place, (i, _) in enumerate(new) if i == last), len(new))
            self._take_up(key, new[:past])
            if past < len(new):
                self._new[key] = new[past:]
            else:
                del self._new[key]

    def finish(self, effects: Effects) -> None:
        """Look at everything that is new, and hand out what the batch's looks have found, in order of telling."""
        for key, new in self._new.items():
            self._take_up(key, new)
        self._new.clear()
        self._times = self._times[-1:]
        self._findings.sort(key=lambda finding: finding.told_at)
        effects.findings, self._findings = self._findings, []
        effects.lines, self._lines = self._lines, []
        effects.incomplete, self._incomplete = self._incomplete, []
        effects.refusals.extend(self._refusals)
        self._refusals = []

    def _note(self, key: str, fact: Fact | Seen | None) -> None:
        new = self._new.get(key)
        if new is None:
            self._new[key] = [(len(self._times) - 1, fact)]
        else:
            new.append((len(self._times) - 1, fact))

    def _take_up(self, key: str, new: list[New]) -> None:
        """Look once where time has moved since the first, but nothing comes of it; else tick by tick."""
        first, last = new[0][0], len(self._times) - 1
        subject = self._held.subject(key, self._times[first])
        if self.careful or first == last or not self._at_once(subject, new, self._times[last]):
            self._by_ticks(subject, new, last)
        self._held.keep_subject(subject)
        self._wake(subject)

    def _due(self, subject: Subject, now: Instant) -> bool:
        """Whether a key must be looked at by now, or one where a detector fell over is to be tried again.

        So must one whose base is of an older version, that asked for no wake, or whose findings are.
        """
        if subject.told_failed or subject.told_by:
            return True
        return subject.base_changed if subject.wake is None else subject.wake <= now

    def _wake(self, subject: Subject) -> None:
        """Note when a key wants to be looked at, unless it is woken before that anyway."""
        wake = subject.wake
        if wake is not None and (subject.asked is None or wake < subject.asked):
            subject.asked = wake
            heapq.heappush(self._wakes, (wake, subject.key))

    def _at_once(self, subject: Subject, new: list[New], now: Instant) -> bool:
        if isinstance(subject, Vehicle):
            cells = [cell for _, cell in new if isinstance(cell, tuple)]
            return len(cells) == len(new) and self._watch.skim_cells(
                subject, cells, now, self._held.view(subject.key)
            )
        facts = [fact for _, fact in new if isinstance(fact, Fact)]
        if len(facts) < len(new):
            return False
        taken = self._watch.skim(subject, facts, now, self._held.view(subject.key))
        if taken is None:
            return False
        self._book(subject, taken)
        return True

    def _by_ticks(self, subject: Subject, new: list[New], last: int) -> None:
        place, first = 0, new[0][0]
        for i in range(first, last + 1):
            now = self._times[i]
            if i > first and subject.wake is not None and subject.wake <= now:
                self._come_to(subject, now)
            start = place
            while place < len(new) and new[place][0] == i:
                place += 1
            if place > start:
                if self.careful and not isinstance(subject, Vehicle):
                    self._one_by_one(subject, new[start:place], now)
                else:
                    self._put(subject, new[start:place])
                    self._look(subject, now)

    def _put(self, subject: Subject, new: Iterable[New]) -> None:
        stands: list[Fact] = []
        for _, fact in new:
            if isinstance(fact, Fact):
                stood = subject.learn(fact)
                if stood is not None:
                    stands.append(stood)
            elif fact is not None and isinstance(subject, Vehicle):
                if subject.take(fact) and (not subject.news or subject.news[-1].new is None):
                    subject.news = [News(subject.ref(fact))]
        self._book(subject, stands)

    def _one_by_one(self, subject: Subject, new: Iterable[New], now: Instant) -> None:
        """Take facts by themselves; one that the books cannot take is refused at the key."""
        self._look(subject, now)
        for _, fact in new:
            if not isinstance(fact, Fact):
                continue
            before, was = subject.before(), subject.facts.get(fact.id)
            stands = subject.learn(fact)
            if stands is None:
                continue
            try:
                self._look(subject, now)
            except CANNOT as error:
                subject.take_back(stands, was)
                subject.go_back(before)
                subject.news.clear()
                self._refusals.append(not_booked(subject.key, fact, said(error)))
            else:
                self._book(subject, [stands])

    def _come_to(self, subject: Subject, now: Instant) -> None:
        """Look by now; where time stood still for a year, first at each deadline of what stands open.

        What was over for long by now is else no longer claimed, and would be taken back where it must be ended.
        """
        while subject.wake is not None and subject.wake < now - STANDSTILL and _is_open(subject):
            self._look(subject, subject.wake)
        self._look(subject, now)

    def _look(self, subject: Subject, now: Instant) -> None:
        watched = self._watch.look(subject, now, self._held.view(subject.key))
        if watched is QUIET:
            return
        self._findings.extend(watched.findings)
        self._incomplete.extend(Incomplete(name, subject.key, reason, now) for name, reason in watched.failed)
        self._incomplete.extend(Incomplete(name, subject.key, "", now) for name in watched.mended)

    def _book(self, subject: Subject, facts: Iterable[Fact]) -> None:
        if subject.kind == "book":
            self._lines.extend(BookLine(subject.key, fact) for fact in facts)


def _is_open(subject: Subject) -> bool:
    """Whether anything that was said of a key is still open."""
    return any(said.status is Status.OPEN for said in subject.said.values())
