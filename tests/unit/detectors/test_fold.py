"""Folding: who is asked about which fact, what is carried on, who fell over, and when a quiet key begins anew.

Laws: a fold is a function of its start and the facts; a detector that falls over stops there, and nobody else.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from detectors.claim import Claim
from detectors.detector import View
from detectors.fold import NO_FACT, Folded, Folding, copy_fold
from detectors.quiet import QUIET_FOR
from events.time import DAY, Instant
from ledger.account import Book, Driving, Trip, apply, empty_account
from ledger.fact import Count, Fact, Leg, Movement
from ledger.reference import FOREVER, Reference
from tests.detector_kit import at, cell, count, movement, permit, plan, stage, world
from tests.unit.detectors.probes import (
    PAIRS,
    Deeds,
    Pairs,
    Papers,
    Probe,
    Resting,
    Shown,
    Timed,
    claim,
    detectors,
    ids,
)

VIEW = View("book:S1/DET", Reference(), world())
OPENING = movement("open", "9 item", when="day 1 08:00")
ISSUE = movement("issue", "4 item", when="day 1 09:00")
RECEIPT = movement("receive", "2 item", when="day 1 10:00")
COUNTED = count("7 item", when="day 1 11:00")
FACTS = (OPENING, ISSUE, RECEIPT, COUNTED)


def begin(kind: str = "book") -> Folded:
    """Before any fact."""
    return Folded(empty_account(kind), {}, {}, {})


def folding(*probes: Probe, kind: str = "book") -> Folding:
    """These on one kind of key."""
    return Folding(kind, detectors(*probes))


class Saying(Probe):
    """Something is true by time, and stays so."""

    def at(self, state: object, now: Instant, view: View) -> list[Claim]:
        """Whatever the time."""
        return [claim("x", now)]


class Waiting(Probe):
    """It waits, and says nothing."""

    def wakes(self, state: object, view: View) -> list[Instant]:
        """Once."""
        return [5]


@pytest.fixture(autouse=True)
def sound_pairs() -> Iterator[None]:
    """A reckoning that does not fall over, and has folded nothing."""
    Pairs.falls, Pairs.folded = "", []
    yield
    Pairs.falls = ""


def test_a_fact_is_shown_with_the_account_before_and_after_it() -> None:
    """Of all facts the account is kept; a detector sees the bodies that it wants, and movements of its deeds."""
    all_, counts, deeds = Probe("A1", Movement, Count), Probe("A2", Count), Deeds("A3", Movement)
    folded = folding(all_, counts, deeds).fold(begin(), FACTS, VIEW)
    balances = [(step.before, step.after) for step in all_.steps]
    assert [(a.balance, b.balance) for a, b in balances if isinstance(a, Book) if isinstance(b, Book)] == [
        (0, 9), (9, 5), (5, 7), (7, 7),
    ]  # fmt: skip
    states = {"A1": ids(FACTS), "A2": (COUNTED.id,), "A3": (RECEIPT.id,)}
    assert folded == Folded(all_.steps[-1].after, states, {}, {}, NO_FACT)


def test_what_nobody_asks_about_is_in_the_account_all_the_same() -> None:
    """A movement that no detector sees moves the book; one that is gone from the key moves nothing."""
    alone, gone = Probe("A1", Count), replace(ISSUE, body=None)
    folded = folding(alone).fold(begin(), (OPENING, gone, RECEIPT, COUNTED), VIEW)
    assert (folded.account, folded.states) == (alone.steps[0].before, {"A1": (COUNTED.id,)})
    assert isinstance(folded.account, Book)
    assert folded.account.balance == 11
    nobody = folding().fold(begin(), FACTS, VIEW)
    assert nobody.account == folding(Deeds("A3")).fold(begin(), FACTS, VIEW).account != begin().account


def test_what_stands_before_all_facts_is_known_and_not_shown() -> None:
    """A trip's plan is in the account of every cell."""
    trip = plan("C1", depart="day 1 08:00", arrive_by="day 1 12:00", standing=True)
    seen = cell("day 1 09:00", (119.3, 26.1))
    probe = Probe("D1", Leg, type(seen.body), key="vehicle")  # type: ignore[arg-type]  # a cell
    folded = folding(probe, kind="vehicle").fold(begin("vehicle"), (trip, seen), VIEW)
    known = apply(Driving(), trip)
    assert [(step.fact, step.before, step.after) for step in probe.steps] == [(seen, known, known)]
    assert folded.account == known != Driving()


def test_a_state_is_kept_once_it_differs_from_before_any_fact() -> None:
    """A detector that carries nothing has no state, however much it sees."""
    shown = Shown("A1")
    folded = folding(shown, Probe("A2")).fold(begin(), FACTS, VIEW)
    assert (len(shown.steps), list(folded.states)) == (3, ["A2"])


def test_of_claims_the_last_word_per_anchor_stands() -> None:
    """Two detectors may use one anchor."""
    said = iter([[claim("x", 1), claim("y", 1)], [claim("x", 2)], []])
    one, other = Probe("A1", says=lambda _: next(said)), Probe("A2", says=lambda _: [claim("x", 9)])
    folded = folding(one, other).fold(begin(), FACTS, VIEW)
    assert folded.claims == {
        ("A1", "x"): claim("x", 2), ("A1", "y"): claim("y", 1), ("A2", "x"): claim("x", 9),
    }  # fmt: skip


def test_folding_a_prefix_first_changes_nothing() -> None:
    """From any place on, and a fold that was copied is not touched by going on."""
    rules = (Probe("A1", says=lambda step: [claim(step.fact.id)]), Resting("A2"), Resting("A3"))
    whole = folding(*rules).fold(begin(), FACTS, VIEW)
    for cut in range(len(FACTS)):
        half = folding(*rules).fold(begin(), FACTS[:cut], VIEW)
        kept = copy_fold(half)
        assert folding(*rules).fold(copy_fold(half), FACTS[cut:], VIEW) == whole
        assert half == kept


def test_a_detector_that_falls_over_stops_there_and_nobody_else() -> None:
    """It keeps what it had by then, and is not asked again: neither of facts nor of time."""
    falling = Timed("A1", says=lambda step: [claim(step.fact.id)])
    falling.falls, falling.waits = ISSUE.id, (at("day 2 00:00"),)
    other = Probe("A2")
    folded = folding(falling, other).fold(begin(), FACTS, VIEW)
    assert folded.failed == {"A1": f"ValueError: it fell (at {ISSUE.id})"}
    assert folded.states == {"A1": (OPENING.id,), "A2": ids(FACTS[:3])}
    assert folded.claims == {("A1", OPENING.id): claim(OPENING.id)}
    assert folding(falling, other).timed(folded, 0, VIEW) == ({}, [])


def test_a_reckoning_is_folded_once_for_all_that_rest_on_it() -> None:
    """They see the facts of which it made something, and what it made; its state lies beside theirs."""
    one, other = Resting("A1", says=lambda step: [claim(str(len(step.made)))]), Resting("A2")
    folded = folding(one, other).fold(begin(), FACTS, VIEW)
    assert Pairs.folded == [*ids(FACTS[:3])]
    made = [(step.fact.id, step.made) for step in one.steps]
    assert made == [(step.fact.id, step.made) for step in other.steps] == [(ISSUE.id, (OPENING.id, ISSUE.id))]
    assert one.steps[0].before == apply(begin().account, OPENING)
    assert folded.states == {"A1": (ISSUE.id,), "A2": (ISSUE.id,), PAIRS.name: (RECEIPT.id,)}
    assert folded.claims == {("A1", "2"): claim("2")}


def test_a_reckoning_that_falls_over_takes_with_it_those_that_rest_on_it() -> None:
    """Its state goes; who had fallen over before keeps its own reason; who rests on nothing goes on."""
    one, other, alone = Resting("A1"), Resting("A2"), Probe("A3")
    one.falls, Pairs.falls = ISSUE.id, RECEIPT.id
    folded = folding(one, other, alone).fold(begin(), FACTS, VIEW)
    assert folded.failed == {
        "A1": f"ValueError: it fell (at {ISSUE.id})", "A2": f"ValueError: it fell (at {RECEIPT.id})",
    }  # fmt: skip
    assert folded.states == {"A2": (ISSUE.id,), "A3": ids(FACTS[:3])}


def test_a_reckoning_goes_on_while_anybody_asks() -> None:
    """With the last that rests on it its state is gone, and it is not asked again."""
    one, other = Resting("A1"), Resting("A2")
    one.falls = ISSUE.id
    half = folding(one, other).fold(begin(), FACTS, VIEW)
    assert (half.states[PAIRS.name], list(half.failed)) == ((RECEIPT.id,), ["A1"])
    other.falls, Pairs.folded = ISSUE.id, []
    assert folding(one, other).fold(begin(), FACTS, VIEW).states == {}
    assert Pairs.folded == [*ids(FACTS[:2])]


def test_time_makes_true_what_the_detectors_that_wait_for_it_say() -> None:
    """By name and anchor, with all that they wait for; who has seen nothing is not asked."""
    one, idle, other = Timed("A1"), Timed("A2", Leg), Timed("A3")
    one.then = lambda state, now: [claim(f"{len(state)}", now), claim("z")]
    idle.then = lambda state, now: [claim("never")]
    one.waits, idle.waits, other.waits = (5, 3), (7,), (4,)
    arranged = folding(one, idle, other)
    folded = arranged.fold(begin(), FACTS, VIEW)
    said, wakes = arranged.timed(folded, 2, VIEW)
    assert said == {("A1", "3"): claim("3", 2), ("A1", "z"): claim("z")}
    assert wakes == [5, 3, 4]
    assert arranged.forgetful == frozenset()


def test_who_says_something_by_time_or_waits_for_it_is_asked() -> None:
    """Either is enough."""
    said, waits = Saying("A1"), Waiting("A2")
    arranged = folding(said, waits)
    folded = arranged.fold(begin(), FACTS, VIEW)
    assert arranged.timed(folded, 2, VIEW) == ({("A1", "x"): claim("x", 2)}, [5])


def test_what_speaks_by_papers_is_asked_where_nothing_was_seen() -> None:
    """With the state before any fact; what it says is forgotten once it is over for long."""
    papers = Papers("A9", key="permit")
    papers.then = lambda state, now: [claim(str(state), now)]
    arranged = folding(papers, Timed("A1", key="permit"), kind="permit")
    assert arranged.timed(begin("permit"), 2, VIEW)[0] == {("A9", "()"): claim("()", 2)}
    assert arranged.by_papers == arranged.forgetful == {"A9"}
    assert arranged.of_plans == frozenset()


def test_who_falls_over_by_time_says_nothing_and_waits_for_nothing() -> None:
    """From then on; what others say stands."""
    falling, other = Timed("A1"), Timed("A2")
    falling.late, falling.waits, other.waits = 10, (11,), (12,)
    arranged = folding(falling, other)
    folded = arranged.fold(begin(), FACTS, VIEW)
    assert arranged.timed(folded, 9, VIEW) == ({}, [11, 12])
    assert arranged.timed(folded, 10, VIEW) == ({}, [12])
    assert folded.failed == {"A1": "KeyError: 'late' (at 10)"}
    assert arranged.timed(folded, 9, VIEW) == ({}, [12])


def test_what_sees_plans_alone_is_asked_of_the_vehicles_account() -> None:
    """A rule that sees a vehicle's plans and nothing else has them as its state, and wakes what waits for plans."""
    plans, cells = Timed("D8", Leg, key="vehicle"), Timed("D9", Leg, Movement, key="vehicle")
    plans.then = lambda state, now: [claim(type(state).__name__)]
    plans.waits, cells.waits = (3, 9, 5), (4,)
    arranged = folding(plans, cells, kind="vehicle")
    tail = begin("vehicle")
    assert arranged.timed(tail, 0, VIEW) == ({("D8", "Driving"): claim("Driving")}, [3, 9, 5])
    assert arranged.of_plans == arranged.forgetful == {"D8"}
    assert [arranged.plans_wake(tail, now, VIEW) for now in (2, 3, 8, 9)] == [3, 5, 9, FOREVER]
    tail.failed["D8"] = "it fell"
    assert arranged.plans_wake(tail, 2, VIEW) == FOREVER
    assert folding(Timed("B4", Leg, key="consignment"), kind="consignment").of_plans == frozenset()


TRIP = View("consignment:C1", Reference(), world())
SENT = movement("issue", "4 item", when="day 1 09:00", consignment="C1")
QUIET = QUIET_FOR["consignment"]


def later(fact: Fact, by: Instant) -> Fact:
    """The same some time later."""
    return replace(fact, id=f"{fact.id}+", at=fact.at + by)


def sent(folded: Folded) -> int:
    """How much the consignment's account says was sent."""
    assert isinstance(folded.account, Trip)
    return sum(way.sent for way in folded.account.ways)


@pytest.mark.parametrize("prefix", [False, True])
def test_a_key_that_was_quiet_for_long_begins_anew(prefix: bool) -> None:
    """After a hundred days to the microsecond, whether what came before was folded first; findings are kept."""
    over = claim("x", until=SENT.at)
    for gap, amount, seen in ((QUIET - 1, 8, 2), (QUIET, 4, 1)):
        probe = Probe("B4", key="consignment", says=lambda step: [over])
        arranged, facts = folding(probe, kind="consignment"), (SENT, later(SENT, gap))
        start = arranged.fold(begin("consignment"), facts[:1], TRIP) if prefix else begin("consignment")
        folded = arranged.fold(start, facts[1:] if prefix else facts, TRIP)
        assert (sent(folded), folded.states) == (amount, {"B4": ids(facts)[-seen:]})
        assert (folded.last, folded.claims) == (facts[1].at, {("B4", "x"): over})


def test_quiet_is_reckoned_from_the_latest_fact() -> None:
    """A stage that nobody asks about is one; what is gone from the key is none."""
    probe, waits = Probe("B4", key="consignment"), replace(later(SENT, 60 * DAY), body=None)
    arrived = replace(stage("arrive", "C1", when="day 1 12:00"), at=SENT.at + 60 * DAY)
    again = later(SENT, 120 * DAY)
    arranged = folding(probe, kind="consignment")
    assert sent(arranged.fold(begin("consignment"), (SENT, arrived, again), TRIP)) == 8
    assert sent(arranged.fold(begin("consignment"), (SENT, waits, again), TRIP)) == 4


@pytest.mark.parametrize("kind", ["book", "site", "unit", "serial", "vehicle"])
def test_other_keys_never_begin_anew(kind: str) -> None:
    """A book is never over."""
    probe = Probe("A1", key=kind)
    facts = (OPENING, later(ISSUE, 9_000 * DAY))
    folded = folding(probe, kind=kind).fold(begin(kind), facts, VIEW)
    assert (folded.states, folded.last) == ({"A1": ids(facts)}, NO_FACT)
    assert folding(probe, kind=kind).over_from(folded, VIEW) is None


def test_what_stands_or_will_by_time_alone_keeps_a_key() -> None:
    """An open claim, one that time has made, one that it will make; one that has ended keeps nothing."""
    now, over = SENT.at + QUIET, claim("x", until=1)
    standing = Probe("B4", key="consignment", says=lambda _: [claim("x")])
    ended = Timed("B4", key="consignment", says=lambda _: [over])
    by_time = Timed("B4", key="consignment", then=lambda state, now: [over])
    waiting, waited = Timed("B4", key="consignment"), Timed("B4", key="consignment")
    waiting.waits, waited.waits = (now + 1,), (now, 1)
    for probe, rests in ((standing, False), (by_time, False), (waiting, False), (ended, True), (waited, True)):
        arranged = folding(probe, kind="consignment")
        folded = arranged.fold(begin("consignment"), (SENT,), TRIP)
        assert arranged.rests(folded, now, TRIP) is rests
        assert arranged.over_from(folded, TRIP) == (now if rests else None)
        assert sent(arranged.fold(folded, (later(SENT, QUIET),), TRIP)) == (4 if rests else 8)


def test_a_permit_is_over_once_its_paper_is_too() -> None:
    """1,100 days after its last use and its end; never while one has none, nor where a detector fell over."""
    used = replace(movement("receive", "1 item", when="day 1 09:00", permit="P1"), at=at("day 1 09:00"))
    arranged, long = folding(Probe("A3", key="permit"), kind="permit"), QUIET_FOR["permit"]
    papers = [permit("P1", ("DET", "1 item"), valid_to=f"day {day} 00:00", id=f"p{day}") for day in (9, 7)]
    for_ever = permit("P1", ("DET", "1 item"), id="p")
    folded = arranged.fold(begin("permit"), (used,), VIEW)
    for entries, over in (((), used.at), ((papers[0],), at("day 9 00:00")), (papers, at("day 9 00:00"))):
        view = View("permit:P1", Reference(tuple(entries)), world())
        assert arranged.over_from(folded, view) == over + long
        if entries:
            assert arranged.over_from(begin("permit"), view) == over + long
    assert arranged.over_from(folded, View("permit:P1", Reference((papers[0], for_ever)), world())) is None
    assert arranged.over_from(replace(folded, failed={"A3": "it fell"}), VIEW) is None


def test_asking_when_a_key_is_over_leaves_its_fold_alone() -> None:
    """A detector that falls over at that time has not fallen over by now."""
    falling = Timed("B4", key="consignment")
    falling.late = SENT.at + QUIET
    arranged = folding(falling, kind="consignment")
    folded = arranged.fold(begin("consignment"), (SENT,), TRIP)
    assert arranged.over_from(folded, TRIP) == SENT.at + QUIET
    assert folded.failed == {}
