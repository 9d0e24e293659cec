"""The watch: says only what differs from what was said.

Laws: findings are a function of facts and time (2, 3); no revision exists with two contents; what is said for good
is forgotten (11).
"""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from detectors.cause import code_ref, entry_news, policy_ref
from detectors.claim import Claim, Finding, Severity, Status, finding_id
from detectors.subject import TOLD_FOR
from detectors.watch import Watched
from events.registry import PolicyEntry
from events.time import DAY, MINUTE
from ledger.fact import Fact
from tests.detector_kit import Bench, History, at, movement
from tests.unit.detectors.probes import Papers, Probe, Timed, Toy, claim, policy
from tests.unit.detectors.watching import HISTORIES, watched, whole

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
    assert (book.told[2].severity, book.told[2].version) == (book.told[1].severity, book.told[1].version)
    assert book.told[2].superseded_by is None


@pytest.mark.parametrize("name", sorted(HISTORIES))
@pytest.mark.parametrize(("seed", "most"), [(1, 4), (2, 2)])
def test_what_stands_and_is_carried_is_as_if_all_were_folded_anew(name: str, seed: int, most: int) -> None:
    """After every look, in any order, one by one or some at once, kept as bytes and restored in between."""
    key = watched(name, seed, most=most, restarts=seed == 2)
    assert key.told
    assert key.subject.facts == {}


def test_a_day_is_closed_whole_once_no_report_of_it_can_come() -> None:
    """Seven days after its end, and an hour; a vehicle's a day after."""
    watch = Toy(Probe("A1")).watch
    for kind, days in (("book", 9), ("vehicle", 3)):
        closed = at(f"day {days} 01:00")
        assert watch.closes(kind, at("day 1 00:00")) == watch.closes(kind, at("day 2 00:00") - 1) == closed
        horizons = [watch.horizon(kind, closed - 1), watch.horizon(kind, closed)]
        assert horizons == [at("day 1 00:00"), at("day 2 00:00")]


NOON = at("day 1 12:00")
ONE, OTHER = issue("day 1 08:00"), issue("day 1 09:00")


def saying(*said: Claim) -> Toy:
    """A rule that says the same of every movement."""
    return Toy(Probe("A1", says=lambda _: said))


def test_it_wakes_when_the_next_claim_may_be_said_or_the_first_day_is_closed() -> None:
    """Not before, and not for what may be said by now."""
    toy = saying(claim("x", speaks_at=NOON + 2), claim("y", speaks_at=NOON + 1), claim("z", speaks_at=NOON))
    toy.look(NOON, ONE)
    assert (toy.words(), toy.subject.wake) == ([("z", 1, "open")], NOON + 1)
    toy.look(NOON + 1)
    toy.look(NOON + 2)
    assert toy.subject.wake == toy.watch.closes("book", ONE.at)
    assert toy.words() == [("z", 1, "open"), ("y", 1, "open"), ("x", 1, "open")]


def test_a_fact_of_closed_time_is_looked_at_again_at_once() -> None:
    """It is folded into what is closed at the next look, whenever that is; with nothing held there is no wake."""
    toy, now = Toy(Probe("A1")), at("day 20 00:00")
    for facts, wake in (((), None), ((ONE,), now + 1)):
        toy.look(now, *facts)
        assert toy.subject.wake == wake


def test_what_a_policy_turns_off_is_not_told() -> None:
    """Nor is it a reason to take facts one by one; what stood is withdrawn, and the policy is named."""
    off = policy("A1", more="enabled = false", since="day 1 10:00")
    toy = Toy(Probe("A1", says=lambda _: [claim("x", at("day 1 10:00")), claim("y", at("day 1 09:59"))]))
    toy.look(NOON, ONE)
    toy.view.world.put(off)
    toy.subject.unfold()
    toy.subject.news.append(entry_news(off, for_everyone=True))
    toy.look(NOON + 1)
    assert toy.words() == [("x", 1, "open"), ("y", 1, "open"), ("x", 2, "withdrawn")]
    assert isinstance(off.entry, PolicyEntry)
    assert toy.told[-1].withdrawn_by == policy_ref(off.entry.digest)
    assert toy.told[-1].superseded_by == toy.told[1].id
    gone = Toy(Probe("A1", says=lambda _: [claim("x")]), policies=[policy("A1", more="enabled = false")])
    assert gone.watch.skim(gone.subject, [ONE, OTHER], NOON, gone.view) == [ONE, OTHER]


def test_a_finding_bears_the_terms_of_when_it_began() -> None:
    """Severity and version of the policy then, or the claim's own severity; judged anew, it is told anew."""
    later, red = policy("A1", severity="orange", since="day 1 10:00"), replace(claim("z"), severity=Severity.RED)
    said = [claim("x", at("day 1 10:00") - 1), claim("y", at("day 1 10:00")), red]
    toy = Toy(Probe("A1", says=lambda _: said), policies=[policy("A1"), later])
    first, second = toy.view.world.policies()
    toy.look(NOON, ONE)
    assert [(one.claim.anchor, one.severity, one.version) for one in toy.told] == [
        ("x", "yellow", first.digest), ("y", "orange", second.digest), ("z", "red", first.digest),
    ]  # fmt: skip
    toy.view.world.put(policy("A1", severity="blue", since="day 1 11:00"))
    toy.look(NOON + 1)
    toy.view.world.put(replace(later, version=2, entry=policy("A1", severity="red").entry))
    toy.look(NOON + 2)
    assert len(toy.told) == 3
    toy.subject.unfold()
    toy.look(NOON + 3)
    assert [(one.claim.anchor, one.revision, one.severity) for one in toy.told[3:]] == [("y", 2, "red")]


def test_who_falls_over_is_told_of_once_and_when_it_is_mended() -> None:
    """What it said stays as it was said meanwhile: of who fell over nothing is known."""
    falling = Timed("A2", says=lambda _: [claim("x")])
    toy = Toy(falling, Probe("A1"))
    toy.look(NOON, ONE)
    falling.falls = ONE.id
    toy.subject.unfold()
    assert toy.look(NOON + 1) == Watched((), (("A2", f"ValueError: it fell (at {ONE.id})"),))
    assert toy.subject.told_failed == {"A2"}
    assert toy.look(NOON + 2, OTHER) == Watched(())
    falling.falls = ""
    toy.subject.unfold()
    falling.says = None
    mended = toy.look(NOON + 3)
    assert (mended.failed, mended.mended, toy.subject.told_failed) == ((), ("A2",), frozenset())
    assert toy.words() == [("x", 1, "open"), ("x", 2, "withdrawn")]


def test_nothing_is_taken_at_once_where_something_must_be_told() -> None:
    """A claim, one that is gone, who fell over or is mended; then the key is as it was, to the last mark."""
    probe = Timed("A1")
    more = [OTHER, replace(ONE, version=2), replace(issue("day 1 09:15"), version=2, body=None)]

    toy = Toy(probe)
    assert toy.watch.skim(toy.subject, [ONE], NOON, toy.view) == [ONE]
    toy.look(NOON, *(issue(f"day 1 09:{minute}") for minute in range(10, 20)))

    def refused() -> bool:
        before = whole(toy.subject)
        taken = toy.watch.skim(toy.subject, more, NOON + 1, toy.view)
        return taken is None and whole(toy.subject) == before

    probe.says = lambda step: [claim("untold", speaks_at=NOON + 2), claim("x", speaks_at=NOON + 1)]
    assert refused()
    probe.then = lambda state, now: [claim("y")]
    probe.says = None
    assert refused()
    toy.look(NOON + 1)
    probe.then = lambda state, now: []
    assert refused()
    toy.look(NOON + 1)
    probe.falls = OTHER.id
    assert refused()
    toy.subject.told_failed = frozenset(("A1",))
    probe.falls = ""
    assert refused()
    toy.subject.told_failed = frozenset()
    toy.subject.rejudge = True
    assert refused()
    toy.subject.rejudge = False
    assert toy.watch.skim(toy.subject, [*more, OTHER], NOON + 1, toy.view) == more
    assert toy.subject.wake == toy.watch.closes("book", ONE.at)


def test_what_was_over_in_closed_time_is_forgotten_once_it_was_told() -> None:
    """What is open, what may not be said yet, and what time has taken up again stays; numbers go on."""
    closes = at("day 9 01:00")
    over, open_, again = claim("over", until=9), claim("open"), claim("again", until=9)
    just, waits = (claim(name, until=9, speaks_at=when) for name, when in (("just", closes), ("wait", closes + 1)))
    said, up = [over, open_, just, waits, again], replace(again, until=None)
    rule = Timed("A1", says=lambda step: said if step.fact == ONE else [over], then=lambda state, now: [up])
    toy = Toy(rule)
    toy.look(NOON, ONE)
    toy.look(closes - 1)
    assert (len(toy.subject.base.claims), len(toy.subject.said)) == (0, 3)
    toy.look(closes)
    assert [anchor for _, anchor in toy.subject.base.claims] == ["open", "wait", "again"]
    names = {anchor: finding_id("A1", toy.subject.key, anchor) for anchor in ("over", "just", "open", "again")}
    assert toy.subject.spent == {names["over"]: 1, names["just"]: 1}
    assert list(toy.subject.said) == list(toy.subject.shown) == [names["open"], names["again"]]
    toy.look(closes, issue("day 9 00:30"))
    assert toy.words()[4:] == [("over", 2, "closed")]


def test_what_was_withdrawn_is_forgotten_with_the_day_on_which_that_was_told() -> None:
    """Until then its number is kept beside it; a key of which nothing else is held wakes for that."""
    toy = Toy(Timed("A1", says=lambda _: [claim("x", ONE.at)]))
    toy.look(NOON, ONE)
    toy.look(at("day 3 00:00"), replace(ONE, version=2, body=None))
    assert toy.words() == [("x", 1, "open"), ("x", 2, "withdrawn")]
    (name,) = toy.subject.said
    toy.look(at("day 9 01:00"))
    assert (toy.subject.facts, toy.subject.wake) == ({}, at("day 10 01:00"))
    toy.look(at("day 11 01:00") - 1)
    assert (list(toy.subject.said), toy.subject.spent) == ([name], {})
    toy.look(at("day 11 01:00"))
    assert (toy.subject.said, toy.subject.spent, toy.subject.wake) == ({}, {name: 2}, None)


@pytest.mark.parametrize(
    ("starts", "by"), [("day 1 12:00", 0), ("day 1 12:01", 1), ("day 2 12:00", 1), ("day 2 12:01", 0)]
)
def test_what_time_takes_back_is_a_policys_doing_if_one_began_since_it_was_told(starts: str, by: int) -> None:
    """Else nobody's; where another version of the code told it, that version's."""
    rule = Timed("A1", then=lambda state, now: [claim("x")] if now < at("day 2 12:00") else [])
    toy = Toy(rule, policies=[policy("A1"), policy("A1", since=starts, severity="red")])
    begun = policy_ref(toy.view.world.policies()[1].digest)
    for told_by, named in (("", begun if by else None), ("1.0", code_ref("2.0"))):
        toy.look(NOON, ONE)
        toy.subject.told_by = told_by
        toy.look(at("day 2 12:00"))
        assert (toy.told[-1].status, toy.told[-1].withdrawn_by) == (Status.WITHDRAWN, named)
        assert toy.subject.told_by == ""


@pytest.mark.parametrize(("rule", "forgets"), [(Papers, True), (Timed, False)])
def test_what_papers_made_true_and_is_long_over_is_forgotten_and_not_taken_back(
    rule: type[Timed], *, forgets: bool
) -> None:
    """Nobody claims it any more seven days after its end; before that, or of other rules, it is withdrawn."""
    over = [claim("x", until=NOON), claim("y", until=NOON - 1), claim("z", until=NOON + 1)]
    toy = Toy(rule("A9", key="permit", then=lambda state, now: over if now <= NOON else []), key="permit:P1")
    assert toy.watch.by_papers == ({"permit"} if forgets else set())
    toy.look(NOON, ONE)
    toy.look(NOON + TOLD_FOR)
    gone = [(one.claim.anchor, one.status.value) for one in toy.told[3:]]
    assert gone == [(anchor, "withdrawn") for anchor in ("z" if forgets else "xyz")]
    assert list(toy.subject.spent.values()) == ([1, 1] if forgets else [])


def test_of_all_that_came_what_took_a_finding_back_is_named() -> None:
    """What may no longer be said by now is taken back, as what is no longer claimed is."""
    second, third = issue("day 1 10:00"), issue("day 1 11:00")
    toy = Toy(Probe("A1", says=lambda step: [claim("x", speaks_at=NOON + (step.fact.id == second.id))]))
    toy.look(NOON, ONE)
    toy.look(NOON, OTHER, second, issue("day 1 07:00"))
    toy.look(NOON, third, issue("day 1 10:30"))
    assert toy.words() == [("x", 1, "open"), ("x", 2, "withdrawn"), ("x", 3, "open")]
    assert toy.told[1].withdrawn_by == second.ref
    assert toy.subject.news == []


def test_a_consignment_is_forgotten_once_the_day_on_which_it_is_over_has_closed() -> None:
    """A hundred days after its last report; it wakes for that, and a report before it puts it off."""
    sent = movement("issue", "5 item", when="day 1 08:00", consignment="C1")
    toy = Toy(Probe("B4", key="consignment"), key="consignment:C1")
    toy.look(NOON, sent)
    toy.look(at("day 9 01:00"))
    over = toy.watch.closes("consignment", sent.at + 100 * DAY)
    assert (toy.subject.forgotten, toy.subject.wake) == (False, over)
    toy.look(over - 1)
    assert (toy.subject.forgotten, toy.subject.wake) == (False, over)
    toy.look(over)
    assert (toy.subject.forgotten, toy.subject.wake) == (True, None)


def test_after_a_restore_what_was_shown_is_found_again_if_it_was_not_kept() -> None:
    """Of what was told and stands, as of when it was told last; of what was withdrawn or never told, nothing."""
    rule = Timed("A1", says=lambda step: [claim("x"), claim("gone"), claim("untold", speaks_at=NOON + DAY)])
    rule.then = lambda state, now: [claim("by time", now)]
    toy = Toy(rule)
    toy.look(NOON, ONE)
    gone = finding_id("A1", toy.subject.key, "gone")
    toy.subject.said[gone] = replace(toy.subject.said[gone], status=Status.WITHDRAWN)
    shown = {name: one for name, one in toy.subject.shown.items() if name != gone}
    assert toy.subject.recalled
    for recalled, found in ((False, shown), (True, {})):
        toy.subject.shown, toy.subject.recalled, toy.subject.tail = {}, recalled, None
        toy.watch.recall(toy.subject, toy.view)
        assert toy.subject.shown == found
        assert toy.subject.tail is not None
