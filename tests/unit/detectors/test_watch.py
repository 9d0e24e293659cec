"""The watch: says only what differs from what was said.

Laws: findings are a function of facts and time (2, 3); no revision exists with two contents; what is said for good
is forgotten (11).
"""

from __future__ import annotations

import random

import pytest

from detectors.claim import Finding, Status
from events.time import DAY, MINUTE
from ledger.fact import Fact
from tests.detector_kit import Bench, History, at, movement

KEY = "book:S2/DET"
DAY_END = at("day 2 00:30")


def bench(*facts: Fact) -> Bench:
    """A book under watch for a negative balance, which settles at the end of the day."""
    made = Bench(History(rule="B2", key=KEY, facts=(), now=0))
    for fact in facts:
        made.put(fact)
    return made


def issue(when: str, amount: int = 5, **fields: str) -> Fact:
    """Goods that leave the book."""
    return movement("issue", f"{amount} item", site="S2", goods="DET", when=when, **fields)  # type: ignore[arg-type]  # drawn words


def opening(amount: int, when: str = "day 1 06:00") -> Fact:
    """Goods that were there."""
    return movement("open", f"{amount} item", site="S2", goods="DET", when=when)


def said(told: list[Finding]) -> list[tuple[int, str]]:
    """Revision and status of each finding told, in order."""
    return [(finding.revision, finding.status.value) for finding in told]


def test_a_rule_that_settles_says_nothing_before_its_time() -> None:
    """And wakes by itself when it may speak."""
    book = bench(issue("day 1 08:00"))
    book.look(DAY_END - 1)
    assert book.told == []
    assert book.subject.wake == DAY_END
    book.look(DAY_END)
    assert said(book.told) == [(1, "open")]


def test_what_is_explained_before_it_may_be_said_is_never_said() -> None:
    """An upload due by midnight: nobody was told anything, nothing has to be taken back."""
    book = bench(issue("day 1 08:00"))
    book.look(at("day 1 20:00"))
    book.put(opening(5))
    book.look(DAY_END + DAY)
    assert book.told == []


def test_looking_again_says_nothing_again() -> None:
    """Same facts, later time: no new revision."""
    book = bench(issue("day 1 08:00"))
    for minute in range(5):
        book.look(DAY_END + minute * MINUTE)
    assert said(book.told) == [(1, "open")]


def test_a_late_fact_revises_and_then_withdraws() -> None:
    """One finding, rising revisions; what no longer stands is taken back with what it had said."""
    book = bench(issue("day 1 08:00"))
    book.look(DAY_END)
    book.put(issue("day 1 09:00"))
    book.look(DAY_END + MINUTE)
    book.put(opening(100))
    book.look(DAY_END + 2 * MINUTE)
    assert said(book.told) == [(1, "open"), (2, "open"), (3, "withdrawn")]
    assert len({finding.id for finding in book.told}) == 1
    assert book.told[2].claim == book.told[1].claim
    assert book.told[2].severity == book.told[1].severity
    assert book.told[2].superseded_by is None


def test_a_withdrawn_finding_names_its_heir() -> None:
    """A late fact before the anchor moves it: the old finding says which one stands in its place."""
    book = bench(issue("day 1 08:00"))
    book.look(DAY_END)
    book.put(issue("day 1 07:00"))
    book.look(DAY_END + MINUTE)
    old, *rest = book.told
    assert {(one.id == old.id, one.status) for one in rest} == {(True, Status.WITHDRAWN), (False, Status.OPEN)}
    heir = next(one for one in rest if one.status is Status.OPEN)
    withdrawn = next(one for one in rest if one.status is Status.WITHDRAWN)
    assert withdrawn.superseded_by == heir.id


def test_what_comes_back_is_the_same_finding_at_a_higher_revision() -> None:
    """Withdrawn, then true again: its number goes on, so no revision ever has two contents."""
    book = bench(issue("day 1 08:00"))
    book.look(DAY_END)
    book.put(opening(5))
    book.look(DAY_END + MINUTE)
    gone = opening(5)
    book.put(Fact(gone.id, gone.at, gone.rank, 2, 1, gone.received_at, gone.source, None))
    book.look(DAY_END + 2 * MINUTE)
    assert said(book.told) == [(1, "open"), (2, "withdrawn"), (3, "open")]


def test_an_ended_claim_is_folded_away_with_its_day() -> None:
    """Law 11: closed, then of closed time: nothing is held of it, and nothing more is said."""
    book = bench(issue("day 1 08:00"), opening(50, when="day 1 12:00"))
    book.look(DAY_END)
    assert said(book.told) == [(1, "closed")]
    book.look(at("day 20 00:00"))
    assert said(book.told) == [(1, "closed")]
    subject = book.subject
    assert (subject.facts, subject.said, subject.shown, subject.base.claims) == ({}, {}, {}, {})
    assert subject.wake is None


def test_an_open_claim_outlives_the_facts_that_it_is_about() -> None:
    """It stands until something ends it, weeks later."""
    book = bench(issue("day 1 08:00"))
    book.look(at("day 20 00:00"))
    assert book.subject.facts == {}
    book.put(opening(50, when="day 21 08:00"))
    book.look(at("day 22 00:30"))
    assert said(book.told) == [(1, "open"), (2, "closed")]
    book.look(at("day 40 00:00"))
    assert book.subject.said == {}


@pytest.mark.parametrize("seed", range(12))
def test_no_revision_is_told_twice_and_none_goes_back(seed: int) -> None:
    """Facts in any order with looks between: each finding's revisions rise by one, whatever comes."""
    draw = random.Random(seed)
    facts = [issue(f"day {day} {hour:02d}:00", draw.randint(1, 9)) for day in (1, 2) for hour in range(7, 19, 3)]
    facts += [opening(draw.randint(1, 40)), opening(draw.randint(1, 40), when="day 2 11:00")]
    draw.shuffle(facts)
    book = bench()
    now = at("day 1 00:00")
    for fact in facts:
        book.put(fact)
        now += draw.randint(1, 8) * 60 * MINUTE
        book.look(now)
    book.look(at("day 5 00:00"))
    latest: dict[str, int] = {}
    for finding in book.told:
        assert finding.revision == latest.get(finding.id, 0) + 1
        latest[finding.id] = finding.revision
    once = bench(*facts)
    once.look(at("day 5 00:00"))
    assert [(one.id, one.status, one.claim) for one in book.standing()] == [
        (one.id, one.status, one.claim) for one in once.standing()
    ]
