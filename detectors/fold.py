"""Folding: a key's account and its detectors' states over facts in event order.

Law kept: a fold is a function of its start and the facts; a detector that falls over stops there, and nobody else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, get_args

from msgspec import Struct

from detectors.claim import Claim
from detectors.detector import Detector, Rule, Step, View
from detectors.quiet import QUIET_FOR, spoken_out_from
from detectors.reckoning import Reckoning, reckoning_of
from events.report import Operation
from events.time import Instant
from ledger.account import Account, apply, empty_account
from ledger.fact import STANDING, Body, Fact, Leg, Movement
from ledger.reference import FOREVER

See = Callable[[Any, Step, View], tuple[Any, Sequence[Claim]]]
Asked = tuple[tuple[str, See, Any], ...]
"""Who is asked about a fact: name, ``see``, and the state before any fact."""
Claims = Mapping[tuple[str, str], Claim]


NO_FACT: Final[Instant] = -(2**62)
_PLANS: Final = frozenset((Leg,))
"""What rules see that judge a vehicle's plans alone: these stand before its cells; the account is their state."""


class Folded(Struct, frozen=True, array_like=True, gc=False):
    """What facts in event order add up to: the account, each detector's state, and the claims that stand.

    A detector that still is as before any fact has no state here. Claims are by (detector, anchor); ``failed``
    names the detectors that fell over, and why. ``last`` is when the latest fact was, of the kinds of key that
    begin anew once they were quiet for long.
    """

    account: Account
    states: dict[str, Any]
    claims: dict[tuple[str, str], Claim]
    failed: dict[str, str]
    last: Instant = NO_FACT


def copy_fold(folded: Folded) -> Folded:
    """The same fold with dicts of its own; what they hold is frozen."""
    return Folded(folded.account, dict(folded.states), dict(folded.claims), dict(folded.failed), folded.last)


class Folding:
    """The detectors of one kind of key, arranged by what each wants to see."""

    def __init__(self, kind: str, detectors: Sequence[Detector]) -> None:
        self._empty = empty_account(kind)
        self._quiet = QUIET_FOR.get(kind)
        bodies = {body for detector in detectors for body in detector.sees}
        asked = {detector.card.id: (detector.card.id, detector.see, detector.start()) for detector in detectors}
        alone = [detector for detector in detectors if reckoning_of(detector) is None]
        self._sees: dict[type[Body], Asked] = {
            body: tuple(asked[d.card.id] for d in alone if body in d.sees) for body in bodies
        }
        self._deeds: dict[str, Asked] = {
            deed: tuple(asked[d.card.id] for d in alone if Movement in d.sees and _wants(d, deed))
            for deed in get_args(Operation)
        }
        reckonings = {one.name: one for d in detectors if (one := reckoning_of(d)) is not None}
        resting = {
            name: tuple(asked[d.card.id] for d in detectors if reckoning_of(d) is one)
            for name, one in reckonings.items()
        }
        self._reckons: dict[type[Body], tuple[tuple[Reckoning, Any, Asked], ...]] = {
            body: tuple((one, one.start(), resting[name]) for name, one in reckonings.items() if body in one.sees)
            for body in bodies
        }
        self._timed = tuple((d.card.id, d) for d in detectors if not _timeless(d))
        self.by_papers = frozenset(d.card.id for d in detectors if _speaks_by_papers(d))
        self.of_plans = frozenset(d.card.id for d in detectors if kind == "vehicle" and d.sees == _PLANS)
        # What these say no fact ends: once it has been over for long it is forgotten, and not withdrawn.
        self.forgetful = self.of_plans | self.by_papers

    def fold(self, start: Folded, facts: Iterable[Fact], view: View) -> Folded:
        """Fold facts in event order over a start, whose dicts are the caller's to change.

        A key that was quiet for long, and where nothing stands by the next fact, begins anew with it.
        """
        account, states, claims, failed = start.account, start.states, start.claims, start.failed
        sees, deeds, reckons, quiet, last = self._sees, self._deeds, self._reckons, self._quiet, start.last
        for fact in facts:
            body = fact.body
            if body is None:
                continue
            if quiet is not None:
                if fact.at >= last + quiet and self.rests(Folded(account, states, claims, failed), fact.at, view):
                    account = self._empty
                    states.clear()
                last = fact.at
            after = apply(account, fact)
            if fact.rank == STANDING:
                account = after
                continue
            wanted = deeds[body.operation] if type(body) is Movement else sees.get(type(body))
            reckoned = reckons.get(type(body))
            if not wanted and not reckoned:
                account = after
                continue
            step = Step(fact, account, after)
            account = after
            if wanted:
                _ask(wanted, step, view, start)
            for reckoning, begin, resting in reckoned or ():
                made = _reckon((reckoning, begin, resting), step, view, start)
                if made is not None:
                    _ask(resting, made, view, start)
        return Folded(account, states, claims, failed, last)

    def rests(self, folded: Folded, at: Instant, view: View) -> bool:
        """Whether nothing stands at an instant, nor will if only time passes."""
        if any(claim.until is None for claim in folded.claims.values()):
            return False
        timed, wakes = self.timed(folded, at, view)
        return not timed and all(wake <= at for wake in wakes)

    def over_from(self, base: Folded, view: View) -> Instant | None:
        """When a key of closed facts alone is over, if none comes; None where that is not by time alone."""
        spoken_out = spoken_out_from(view.reference)
        if self._quiet is None or spoken_out is None or base.failed:
            return None
        over = max(base.last + self._quiet, spoken_out)
        return over if self.rests(copy_fold(base), over, view) else None

    def plans_wake(self, tail: Folded, now: Instant, view: View) -> Instant:
        """When time alone may next change what is said of a vehicle's plans."""
        known = tuple(d for name, d in self._timed if name in self.of_plans and name not in tail.failed)
        return min((at for d in known for at in d.wakes(tail.account, view) if at > now), default=FOREVER)

    def timed(self, tail: Folded, now: Instant, view: View) -> tuple[dict[tuple[str, str], Claim], list[Instant]]:
        """What time alone makes true by ``now``, and when that may change; a detector that falls over is noted."""
        claims: dict[tuple[str, str], Claim] = {}
        wakes: list[Instant] = []
        for name, detector in self._timed:
            state = tail.account if name in self.of_plans else tail.states.get(name)
            if state is None and name in self.by_papers:
                state = detector.start()
            if state is None or name in tail.failed:
                continue
            try:
                for claim in detector.at(state, now, view):
                    claims[name, claim.anchor] = claim
                wakes.extend(detector.wakes(state, view))
            except Exception as error:  # noqa: BLE001 - as above
                tail.failed[name] = f"{type(error).__name__}: {error} (at {now})"
        return claims, wakes


def _ask(asked: Asked, step: Step, view: View, into: Folded) -> None:
    """Show one step to each detector, and keep its state and claims."""
    states, claims, failed = into.states, into.claims, into.failed
    for name, see, begin in asked:
        if failed and name in failed:
            continue
        known = states.get(name, begin)
        try:
            state, made = see(known, step, view)
        except Exception as error:  # noqa: BLE001 - a detector that falls over loses its own finding only
            failed[name] = f"{type(error).__name__}: {error} (at {step.fact.id})"
            continue
        if state is not known:
            states[name] = state
        for claim in made:
            claims[name, claim.anchor] = claim


def _reckon(reckoned: tuple[Reckoning, Any, Asked], step: Step, view: View, into: Folded) -> Step | None:
    """Fold one step into a reckoning; the step with what it made, None where nothing or nobody asks any more."""
    (reckoning, begin, resting), states, failed = reckoned, into.states, into.failed
    if failed and all(name in failed for name, _, _ in resting):
        states.pop(reckoning.name, None)
        return None
    known = states.get(reckoning.name, begin)
    try:
        state, made = reckoning.see(known, step, view)
    except Exception as error:  # noqa: BLE001 - it takes with it those that rest on it, nobody else
        for name, _, _ in resting:
            failed.setdefault(name, f"{type(error).__name__}: {error} (at {step.fact.id})")
        states.pop(reckoning.name, None)
        return None
    if state is not known:
        states[reckoning.name] = state
    return None if made is None else Step(step.fact, step.before, step.after, made)


def _wants(detector: Detector, deed: str) -> bool:
    """Whether a detector cares for movements of one operation: for all, unless it names those that it does."""
    named: frozenset[str] | None = getattr(detector, "deeds", None)
    return named is None or deed in named


def _timeless(detector: Detector) -> bool:
    """Whether time alone never makes anything true for it: such a detector is not asked."""
    kind = type(detector)
    return getattr(kind, "at", None) is Rule.at and getattr(kind, "wakes", None) is Rule.wakes


def _speaks_by_papers(detector: Detector) -> bool:
    """Whether what is registered makes it speak, facts or none: it is asked at every key of its kind."""
    return getattr(type(detector), "by_papers", False) is True
