"""Folding a history by one detector, step by step, without the watch around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Severity, Status
from detectors.detector import Detector, Step, View
from detectors.reckoning import Reckoning, reckoning_of
from events.identity import kind_of
from events.time import DAY, Instant, civil_day
from ledger.account import apply, empty_account
from ledger.fact import STANDING, Cell, Fact, Leg
from ledger.reference import Reference
from tests.detector_kit import History, world

Told = tuple[str, Status, Severity, Claim]


class Fold(Struct, frozen=True):
    """One step taken: the state before and after, the claims made, and what was stepped on."""

    before: Any
    after: Any
    claims: tuple[Claim, ...]
    step: Step


def view_of(history: History) -> View:
    """What the detector may look at in this history."""
    overrides = {history.rule: history.parameters} if history.parameters else {}
    surroundings = world(history.world, overrides=overrides, models=history.models)
    return View(history.key, Reference(history.reference), surroundings)


def steps(history: History, facts: Sequence[Fact] | None = None) -> Iterator[Step]:
    """The steps of a history in event order, standing facts first."""
    account = empty_account(kind_of(history.key))
    for fact in sorted(history.facts if facts is None else facts, key=lambda fact: fact.order):
        after = apply(account, fact)
        if fact.rank != STANDING:
            yield Step(fact, account, after)
        account = after


def fold(detector: Detector, taken: Sequence[Step], view: View) -> Iterator[Fold]:
    """The detector's states and claims over steps that it wants to see."""
    state = detector.start()
    reckoning = reckoning_of(detector)
    for step in taken if reckoning is None else _reckoned(reckoning, taken, view):
        if type(step.fact.body) in detector.sees:
            after, claims = detector.see(state, step, view)
            yield Fold(state, after, tuple(claims), step)
            state = after


def _reckoned(reckoning: Reckoning, taken: Sequence[Step], view: View) -> Iterator[Step]:
    """The steps of which a reckoning makes something, with what it makes."""
    state = reckoning.start()
    for step in taken:
        if type(step.fact.body) in reckoning.sees:
            state, made = reckoning.see(state, step, view)
            if made is not None:
                yield replace(step, made=made)


def again(history: History, least: int) -> tuple[Fact, ...]:
    """The history over and over, a whole number of days later each time, until there are enough facts."""
    days = [civil_day(fact.at) for fact in history.facts]
    period = (max(days) - min(days) + 1) * DAY
    rounds = -(-least // len(history.facts))
    return tuple(_later(fact, turn * period, turn) for turn in range(rounds) for fact in history.facts)


def content(findings: Sequence[Finding]) -> list[Told]:
    """What *equal* means of findings: status, severity and claim of each, by id."""
    return sorted((f.id, f.status, f.severity, f.claim) for f in findings)


def covers(findings: Sequence[Finding], at: Instant) -> bool:
    """Whether any of the findings stands over an instant."""
    return any(f.claim.since <= at and (f.claim.until is None or at <= f.claim.until) for f in findings)


def _later(fact: Fact, by: Instant, turn: int) -> Fact:
    body = fact.body
    if isinstance(body, Leg):
        body = replace(body, depart_at=body.depart_at + by, arrive_by=body.arrive_by + by)
    if isinstance(body, Cell):
        first = replace(body.first, at=body.first.at + by)
        body = replace(body, first=first, last=replace(body.last, at=body.last.at + by))
    return replace(fact, id=f"{fact.id}~{turn}", at=fact.at + by, received_at=fact.received_at + by, body=body)
