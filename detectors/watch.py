"""Watch: run every detector over one key's facts, and say only what differs from what was said.

Laws kept: findings are a function of the facts and the time; what is told is the difference (laws 2, 3, 4). A
detector that falls over loses its own finding only, visibly.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from detectors.cause import cause_of, code_ref, policy_ref
from detectors.cells import Seen
from detectors.claim import Claim, Finding, Status, finding_id
from detectors.detector import Detector, View
from detectors.fold import Claims, Folded, Folding, copy_fold
from detectors.policy import Terms
from detectors.ride import Ride
from detectors.subject import BEFORE_ALL, Said, Subject, heir_of, long_over
from detectors.telling import digest_of, finding_of
from detectors.vehicle import Vehicle
from events.time import DAY, HOUR, Instant, civil_day, day_start
from ledger.fact import Fact, Ref

SLACK = HOUR
"""How long beyond its lateness a fact is still held singly."""
MARK_EVERY = 4
"""How many facts are worth a mark to resume from; so is the end of a day."""


class Watched(Struct, frozen=True, gc=False):
    """What one look at a key yields: findings to tell, the detectors that fell over, with the reason, and those
    that had and no longer do."""

    findings: tuple[Finding, ...]
    failed: tuple[tuple[str, str], ...] = ()
    mended: tuple[str, ...] = ()


QUIET: Final = Watched(())
"""What a look yields where there was nothing to tell."""


class Watch:
    """All detectors, by the kind of key that they live on; ``version`` stands for their code."""

    def __init__(self, detectors: Iterable[Detector], lateness: Mapping[str, Instant], version: str = "") -> None:
        self.version = version
        self.detectors: dict[str, list[Detector]] = {}
        for detector in sorted(detectors, key=lambda d: d.card.id):
            self.detectors.setdefault(detector.card.key, []).append(detector)
        self.lateness = lateness
        self._foldings = {
            kind: Folding(kind, self.detectors.get(kind, ())) for kind in {*lateness, *self.detectors}
        }
        self.by_papers = frozenset(kind for kind, folding in self._foldings.items() if folding.by_papers)
        """Kinds of key at which what is registered speaks, facts or none, and goes by what will be in force."""
        self._ride = Ride(self.detectors.get("vehicle", ()), self._foldings["vehicle"].fold)

    def horizon(self, kind: str, now: Instant) -> Instant:
        """Where closed time ends for a kind of key: whole Shanghai days."""
        return day_start(civil_day(now - self.lateness[kind] - SLACK))

    def closes(self, kind: str, at: Instant) -> Instant:
        """When the day of ``at`` becomes closed time for a kind of key."""
        return day_start(civil_day(at) + 1) + self.lateness[kind] + SLACK

    def look(self, subject: Subject, now: Instant, view: View) -> Watched:
        """Fold what is new, tell what differs, close what time has closed, and note when to wake."""
        if isinstance(subject, Vehicle) and subject.retold is None and self._ride.passes(subject, now, view):
            return QUIET
        tail = self.advance(subject, view)
        timed, wakes = self._foldings[subject.kind].timed(tail, now, view)
        claims = {**tail.claims, **timed}
        failed = tuple(item for item in sorted(tail.failed.items()) if item[0] not in subject.told_failed)
        mended = tuple(sorted(subject.told_failed - tail.failed.keys()))
        subject.told_failed = failing = frozenset(tail.failed)
        findings = self._tell(subject, claims, now, view)
        subject.rejudge = False
        subject.news.clear()
        subject.told_by = ""
        self._rest(subject, claims, wakes, now, view)
        if isinstance(subject, Vehicle):
            plans = self._foldings[subject.kind].plans_wake(tail, now, view)
            self._calm(subject, tail, now, until=plans if not timed and not failing else now)
        return Watched(tuple(findings), failed, mended)

    def skim_cells(self, vehicle: Vehicle, cells: Iterable[Seen], now: Instant, view: View) -> bool:
        """As ``skim``, for a vehicle's cells; False, and nothing was taken, where each must be taken in turn."""
        return vehicle.retold is None and self._ride.skims(vehicle, cells, now, view)

    def skim(self, subject: Subject, facts: Iterable[Fact], now: Instant, view: View) -> list[Fact] | None:
        """Take new facts and look once, where by ``now`` nothing comes of them that must be told.

        Returns the facts that changed something; None, and the subject is as it was, where something must be told:
        then each fact must be taken at its own time, so that what is told bears it.
        """
        if subject.rejudge:
            return None
        before, known, taken = subject.before(), [], []
        for fact in facts:
            was = subject.facts.get(fact.id)
            stands = subject.put(fact)
            if stands is not None:
                known.append(was)
                taken.append(stands)
        tail = self.advance(subject, view)
        timed, wakes = self._foldings[subject.kind].timed(tail, now, view)
        claims = {**tail.claims, **timed} if timed else tail.claims
        if tail.failed.keys() != subject.told_failed or self._news(subject, claims, now, view):
            for stands, was in zip(reversed(taken), reversed(known), strict=True):
                subject.take_back(stands, was)
            subject.go_back(before)
            return None
        self._rest(subject, claims, wakes, now, view)
        return taken

    def _rest(self, subject: Subject, claims: Claims, wakes: list[Instant], now: Instant, view: View) -> None:
        """What is left once all is told: close what time has closed, and note when to wake."""
        self._close(subject, now, view)
        wakes.extend(claim.speaks_at for claim in claims.values())
        subject.wake = self._next(subject, wakes, now, view)

    def recall(self, subject: Subject, view: View) -> None:
        """After a restore of what was kept without it: what stands of what was said, found again from the facts."""
        tail = self.advance(subject, view)
        if not subject.said or subject.recalled:
            return
        latest = max(said.told_at for said in subject.said.values())
        timed, _ = self._foldings[subject.kind].timed(tail, latest, view)
        for (detector, anchor), claim in {**tail.claims, **timed}.items():
            name = finding_id(detector, subject.key, anchor)
            if name in subject.said and subject.said[name].status is not Status.WITHDRAWN:
                subject.shown[name] = claim

    def advance(self, subject: Subject, view: View) -> Folded:
        """The fold at the last fact: from where it stands, or from the base where facts changed behind it."""
        if isinstance(subject, Vehicle):
            return self._ride.advance(subject, view)
        tail = subject.tail
        if tail is not None and (not subject.order or subject.order[-1] <= subject.tail_at):
            return tail
        at, tail = (subject.tail_at, tail) if tail is not None else subject.resume()
        folding = self._foldings[subject.kind]
        for facts in _by_day(subject.after(at)):
            if civil_day(at[0]) < civil_day(facts[0].order[0]):
                subject.mark()
            subject.tail = tail = folding.fold(tail, facts, view)
            at = subject.tail_at = facts[-1].order
            subject.unmarked += len(facts)
            if subject.unmarked >= MARK_EVERY:
                subject.mark()
        subject.tail, subject.tail_at = tail, subject.order[-1] if subject.order else BEFORE_ALL
        return tail

    def _news(self, subject: Subject, claims: Claims, now: Instant, view: View) -> bool:
        """Whether anything would have to be told: ``_tell`` without telling."""
        if not claims and not subject.said:
            return False
        standing: set[str] = set()
        for (detector, anchor), claim in claims.items():
            if claim.speaks_at > now:
                continue
            name = finding_id(detector, subject.key, anchor)
            if subject.shown.get(name) != claim and self._terms(view, detector, claim).enabled:
                return True
            standing.add(name)
        return any(True for _ in self._gone(subject, standing))

    def _tell(self, subject: Subject, claims: Claims, now: Instant, view: View) -> list[Finding]:
        told: list[Finding] = []
        if not claims and not subject.said:
            return told
        standing: set[str] = set()
        for (detector, anchor), claim in claims.items():
            if claim.speaks_at > now:
                continue
            name = finding_id(detector, subject.key, anchor)
            if not subject.rejudge and subject.shown.get(name) == claim:
                standing.add(name)
                continue
            terms = self._terms(view, detector, claim)
            if not terms.enabled:
                continue
            standing.add(name)
            policy = view.world.policy(claim.since)
            version = "" if policy is None else policy.digest
            severity = claim.severity or terms.severity
            said = self._changed(subject, name, claim, digest_of(claim, severity, version), now)
            subject.shown[name] = claim
            if said is not None:
                told.append(finding_of(subject, name, said, detector, version, severity, claim))
        for name in list(self._gone(subject, standing)):
            if name.partition("-")[0] in self._foldings[subject.kind].forgetful and long_over(subject, name, now):
                subject.spend(name)
                continue
            heir = heir_of(subject.key, name.partition("-")[0], subject.said[name], claims, standing)
            told.extend(self._withdrawn(subject, name, heir, view=view, now=now))
        return told

    def _terms(self, view: View, detector: str, claim: Claim) -> Terms[Any]:
        return view.terms(detector, claim.since, category=claim.category, area=claim.area, unit=claim.unit)

    def _changed(self, subject: Subject, name: str, claim: Claim, digest: bytes, now: Instant) -> Said | None:
        """The new word on a finding; None where it has been said already."""
        said = subject.said.get(name)
        if said is not None and said.digest == digest and said.status is claim.status:
            return None
        raised = now if said is None else said.raised_at
        revision = 1 + (subject.spent.get(name, 0) if said is None else said.revision)
        new = subject.said[name] = Said(revision, digest, claim.status, claim.since, raised, now)
        return new

    def _gone(self, subject: Subject, standing: set[str]) -> Iterator[str]:
        """What was said and no longer stands; of a detector that fell over nothing is known."""
        for name, said in subject.said.items():
            if name not in standing and said.status is not Status.WITHDRAWN:
                if name.partition("-")[0] not in subject.told_failed:
                    yield name

    def _withdrawn(
        self, subject: Subject, name: str, heir: str | None, *, view: View, now: Instant
    ) -> Iterable[Finding]:
        """The last word on a finding: it bears the severity and the version that it was said with."""
        said = subject.said[name]
        claim = subject.shown.pop(name, None)
        by = None if claim is None else self._cause(subject, name, now, view)
        subject.said[name] = Said(said.revision + 1, b"", Status.WITHDRAWN, said.since, said.raised_at, now)
        if claim is None:
            return
        detector = name.partition("-")[0]
        policy = view.world.policy(claim.since)
        yield Finding(
            name, said.revision + 1, detector, "" if policy is None else policy.digest, subject.key,
            Status.WITHDRAWN, claim.severity or self._terms(view, detector, claim).severity, claim,
            said.raised_at, now, heir, withdrawn_by=by,
        )  # fmt: skip

    def _cause(self, subject: Subject, name: str, now: Instant, view: View) -> Ref | None:
        """What of the latest news took a finding back; else newer code, or a policy in force since it was told."""

        def stands() -> bool:
            tail = self.advance(subject, view)
            timed, _ = self._foldings[subject.kind].timed(tail, now, view)
            claims = {**tail.claims, **timed}
            said = (at for at, claim in claims.items() if claim.speaks_at <= now)
            return any(finding_id(rule, subject.key, anchor) == name for rule, anchor in said)

        told_at = subject.said[name].told_at
        by = cause_of(subject, view.reference, stands)
        if by is not None:
            return by
        if subject.told_by:
            return code_ref(self.version)
        before, policy = view.world.policy(told_at), view.world.policy(now)
        return None if policy is None or policy is before else policy_ref(policy.digest)

    def _close(self, subject: Subject, now: Instant, view: View) -> None:
        """Fold what closed time holds into the base, and forget what was said for good."""
        horizon = self.horizon(subject.kind, now)
        if horizon <= subject.horizon:
            return
        if self._fold_closed(subject, horizon, view):
            for (detector, anchor), claim in list(subject.base.claims.items()):
                name = finding_id(detector, subject.key, anchor)
                over = claim.until is not None and claim.speaks_at <= now
                # What time makes true may have taken an obligation up again that had ended before.
                if over and subject.shown.get(name, claim) == claim and subject.forget(detector, anchor):
                    subject.spend(name)
        for name, said in list(subject.said.items()):
            if said.status is Status.WITHDRAWN and max(said.since, said.told_at) < horizon:
                subject.spend(name)

    def _fold_closed(self, subject: Subject, horizon: Instant, view: View) -> bool:
        """Fold the facts of closed time into the base and drop them; whether there were any."""
        if isinstance(subject, Vehicle):
            first = subject.held_from()
            closed = first is not None and first < horizon
            if closed:
                subject.close_until(horizon, self._ride.closed(subject, horizon, view))
            subject.drop_before(horizon)
            return closed
        standing = subject.standing()
        facts = subject.drop_before(horizon)
        if facts:
            subject.close(self._closed(subject, facts, standing, view))
        return bool(facts)

    def _calm(self, vehicle: Vehicle, tail: Folded, now: Instant, *, until: Instant) -> None:
        """Note until when nothing but facts can change what is said of a vehicle: of its plans, up to ``until``.

        Its latest cell must have claimed nothing: it still grows, and is then looked at anew.
        """
        calm = until > now and bool(vehicle.marks) and vehicle.marks[-1][1].claims == tail.claims
        closes = vehicle.horizon + DAY + self.lateness[vehicle.kind] + SLACK
        speaks = (claim.speaks_at for claim in tail.claims.values() if claim.speaks_at > now)
        vehicle.calm_until = min(closes, until, *speaks) if calm else BEFORE_ALL[0]

    def _closed(self, subject: Subject, closed: list[Fact], standing: list[Fact], view: View) -> Folded:
        """What closed facts add up to: from the last mark among them on, where nothing stands before all facts."""
        folding = self._foldings[subject.kind]
        if standing:
            base = folding.fold(copy_fold(subject.base), [*standing, *closed], view)
            return Folded(subject.base.account, base.states, base.claims, base.failed)
        at, start = subject.resume(closed[-1].order)
        return folding.fold(start, [fact for fact in closed if fact.order > at], view)

    def _next(self, subject: Subject, wakes: Iterable[Instant], now: Instant, view: View) -> Instant | None:
        future = [at for at in wakes if at > now]
        held, subject.forgotten = subject.held_from(), False
        if held is not None:
            future.append(max(self.closes(subject.kind, held), now + 1))
        elif isinstance(subject, Vehicle):
            # Quiet: once a day it is seen whether its trips are over, and whether all of it may go.
            subject.forgotten = self._ride.forgotten(subject)
            future.extend(() if subject.forgotten else (now + DAY,))
        elif any(said.status is Status.WITHDRAWN for said in subject.said.values()):
            future.append(now + DAY)
        else:
            over = self._foldings[subject.kind].over_from(subject.base, view)
            gone = None if over is None else self.closes(subject.kind, over)
            subject.forgotten = gone is not None and gone <= now and not subject.said
            future.extend(() if gone is None or gone <= now else (gone,))
        return min(future, default=None)


def _by_day(facts: Sequence[Fact]) -> Iterator[Sequence[Fact]]:
    """Facts in event order, a civil day at a time; those that stand before all others first."""
    if facts and civil_day(facts[0].order[0]) == civil_day(facts[-1].order[0]):
        yield facts
        return
    days = [civil_day(fact.order[0]) for fact in facts]
    start = 0
    while start < len(facts):
        end = bisect_right(days, days[start], lo=start)
        yield facts[start:end]
        start = end
