"""One key under watch: facts in event order over what closed time adds up to, marks to fold on from, what was said.

Laws: state is a function of the set of facts (3); what closed time holds is folded and forgotten singly (11).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import pytest
from msgspec.structs import replace

from detectors.cause import News
from detectors.claim import Status, finding_id
from detectors.fold import Folded
from detectors.subject import (
    AFTER_ALL,
    BEFORE_ALL,
    STANDS,
    STANDS_FOR,
    TOLD_FOR,
    Said,
    Subject,
    heir_of,
    long_over,
)
from events.time import DAY, HOUR, MINUTE, Instant, civil_day
from ledger.account import Book, Nothing
from ledger.fact import Cell, Fact, merge_cells
from tests.detector_kit import at, cell, count, movement, plan, stage
from tests.unit.detectors.probes import claim
from tests.unit.detectors.watching import HISTORIES, watched

KEY = "book:S1/DET"
DAY_1 = civil_day(at("day 1 12:00"))


def issue(when: str, name: str = "", *, version: int = 1) -> Fact:
    """Some goods leave."""
    return movement("issue", f"{version} item", when=when, version=version, id=name or when)


def folded(number: int = 0, **claims: Instant | None) -> Folded:
    """A fold of this balance with claims that end at these times."""
    made = {("A1", name): claim(name, until=until) for name, until in claims.items()}
    return Folded(Book(balance=number), {}, made, {})


def holding(*facts: Fact, key: str = KEY) -> Subject:
    """A key with these facts."""
    subject = Subject(key)
    for fact in facts:
        subject.put(fact)
    return subject


def marked(subject: Subject, *whens: str) -> None:
    """Folding has come to these times, one after the other, and each was marked."""
    for number, when in enumerate(whens):
        subject.tail, subject.tail_at = folded(number), (at(when), 0, "")
        subject.mark()


def places(subject: Subject) -> list[Instant]:
    """Where the marks stand."""
    return [place for (place, _, _), _ in subject.marks]


@pytest.mark.parametrize("name", sorted(HISTORIES))
@pytest.mark.parametrize("seed", [None, 3])
def test_kept_as_bytes_and_restored_a_key_goes_on_as_if_all_were_folded_anew(name: str, seed: int | None) -> None:
    """Fact by fact, as they happened or late, with a restart after every second."""
    key = watched(name, seed, restarts=True)
    assert key.told
    assert key.subject.facts == {}


def test_of_a_new_key_nothing_is_known() -> None:
    """Nothing has to be kept, looked at or judged anew; no time is closed."""
    new = Subject(KEY)
    assert (new.base_changed, new.rejudge, new.forgotten, new.wake, new.changed) == (False, False, False, None, {})
    assert (new.horizon, new.held_from(), new.recalled, new.unmarked) == (BEFORE_ALL[0], None, True, 0)
    assert STANDS == -1, "parts are kept under this name"


def test_of_the_versions_of_a_fact_the_highest_stands_in_whatever_order_they_come() -> None:
    """At its own place in event order; what is not newer changes nothing."""
    other, first = issue("day 1 10:00"), issue("day 1 12:00", "x")
    second, third = issue("day 1 08:00", "x", version=2), issue("day 2 08:00", "x", version=3)
    for told in permutations((other, first, second, third)):
        subject = Subject(KEY)
        for number, fact in enumerate(told):
            newest = all(fact.version > one.version for one in told[:number] if one.id == fact.id)
            assert subject.put(fact) == (fact if newest else None)
            assert subject.put(fact) is None
        assert subject.facts == {other.id: other, third.id: third}
        assert subject.order == [other.order, third.order]


def test_what_is_taken_back_was_never_put() -> None:
    """In reverse, whatever was put between."""
    told = ((9, "x", 1), (8, "y", 1), (7, "x", 2), (9, "z", 1), (12, "y", 2))
    facts = [issue(f"day 1 {hour:02d}:00", name, version=version) for hour, name, version in told]
    subject = Subject(KEY)
    stood = []
    for fact in facts:
        stood.append((dict(subject.facts), list(subject.order), fact, subject.facts.get(fact.id)))
        assert subject.put(fact) is fact
    for known, order, fact, was in reversed(stood):
        subject.take_back(fact, was)
        assert (subject.facts, subject.order) == (known, order)


def test_what_came_is_noted_until_the_next_look() -> None:
    """With what was known before; what changes nothing is no news."""
    first, second = issue("day 1 08:00", "x"), issue("day 1 08:00", "x", version=2)
    subject = Subject(KEY)
    assert [subject.learn(fact) for fact in (first, first, second, first)] == [first, None, second, None]
    assert subject.news == [News(first.ref, first, None), News(second.ref, second, first)]


def test_minutes_of_a_vehicle_are_merged_into_one() -> None:
    """In whichever order they come; heard of first counts."""
    one, two = (cell(f"day 1 08:00:{s}", (119.3, 26.0 + int(s) / 60), loaded=s == "10") for s in ("10", "20"))
    two = replace(two, received_at=one.received_at - 1)
    assert isinstance(one.body, Cell)
    assert isinstance(two.body, Cell)
    for first, then in ((one, two), (two, one)):
        subject = holding(first, key="vehicle:V1")
        assert subject.put(then) == replace(two, body=merge_cells(one.body, two.body))
        assert subject.put(first) is None
        assert subject.order == [one.order]


def test_days_that_changed_are_noted_from_the_first_place_that_did() -> None:
    """Of a fact that moves, both days; of a vehicle hours; what stands before all facts is by itself."""
    late, early, other = issue("day 1 12:00"), issue("day 1 08:00"), issue("day 2 00:00", "x")
    moved = issue("day 3 09:00", "x", version=2)
    subject = holding(late, early, issue("day 1 10:00"), other)
    assert subject.changed == {DAY_1: early.order, DAY_1 + 1: other.order}
    subject.changed.clear()
    subject.put(moved)
    assert subject.changed == {DAY_1 + 1: other.order, DAY_1 + 2: moved.order}
    trip = plan("C1", depart="day 1 08:00", arrive_by="day 1 12:00", standing=True)
    seen = cell("day 1 08:59", (119.3, 26.1))
    vehicle = holding(seen, trip, key="vehicle:V1")
    assert vehicle.changed == {at("day 1 08:00") // HOUR: seen.order, STANDS: trip.order}
    assert (vehicle.standing(), vehicle.held_from()) == ([trip], seen.at)
    assert [vehicle.within(part)[1] for part in (STANDS, at("day 1 08:00") // HOUR)] == [[trip], [seen]]
    assert vehicle.within(at("day 1 07:00") // HOUR) == vehicle.within(at("day 1 09:00") // HOUR) == (0, [])


def test_a_day_is_read_from_a_place_or_from_a_whole_number_of_parts_before_it() -> None:
    """With how many facts stand before what is read."""
    day = [issue(f"day 2 {hour:02d}:00") for hour in (0, 6, 12, 18, 23)]
    subject = holding(issue("day 1 23:59"), *day, issue("day 3 00:00"))
    assert subject.within(DAY_1 + 1) == (0, day)
    assert subject.within(DAY_1 + 1, day[3].order) == (3, day[3:])
    for every, before in ((1, 3), (2, 2), (3, 3), (4, 0)):
        assert subject.within(DAY_1 + 1, day[3].order, every=every) == (before, day[before:])
    assert subject.within(DAY_1 + 1, AFTER_ALL) == (5, [])
    assert subject.after(day[2].order) == [*day[3:], *subject.within(DAY_1 + 2)[1]]


@pytest.mark.parametrize(
    ("when", "kept", "tail"),
    [("06:00", 0, False), ("09:00", 1, False), ("10:00", 1, False), ("12:00", 2, False), ("13:00", 3, True)],
)
def test_what_was_folded_behind_a_new_fact_is_forgotten(when: str, kept: int, *, tail: bool) -> None:
    """What was folded before it is not."""
    facts = [issue(f"day 1 {hour}:00", f"{hour}") for hour in ("08", "10", "12")]
    subject = holding(*facts)
    for fact in facts:
        subject.tail, subject.tail_at = folded(), fact.order
        subject.mark()
    name = when[:2] if when[:2] in ("08", "10", "12") else "x"
    subject.put(issue(f"day 1 {when}", name, version=2))
    assert len(subject.marks) == kept
    assert (subject.tail is not None) is tail


def test_of_the_latest_day_four_marks_are_kept_and_of_each_before_its_last() -> None:
    """None is made twice at one place, nor of nothing."""
    subject = Subject(KEY)
    subject.unmarked = 3
    subject.mark()
    assert (subject.marks, subject.unmarked) == ([], 3)
    day_1, day_2, day_5 = ([f"day {day} {hour:02d}:00" for hour in range(8, 14)] for day in (1, 2, 5))
    for whens, left in ((day_1[:4], day_1[:4]), (day_1[4:5], day_1[1:5]), (day_1[4:], day_1[2:6]),
                        (day_2[:2], [day_1[5], *day_2[:2]]), (day_2[1:], [day_1[5], *day_2[2:]]),
                        (["day 4 00:00"], [day_1[5], day_2[5], "day 4 00:00"]),
                        (day_5[:4], [day_1[5], day_2[5], "day 4 00:00", *day_5[:4]]),
                        (day_5[4:5], [day_1[5], day_2[5], "day 4 00:00", *day_5[1:5]])):  # fmt: skip
        marked(subject, *whens)
        assert places(subject) == [at(when) for when in left]
        assert subject.unmarked == 0


def test_folding_goes_on_from_the_last_mark_up_to_a_place() -> None:
    """Else from the base; what is folded from there on touches neither."""
    subject = Subject(KEY)
    marked(subject, "day 1 08:00", "day 1 10:00")
    for until, number in ((AFTER_ALL, 1), ((at("day 1 10:00"), 0, ""), 1), ((at("day 1 10:00") - 1, 9, "z"), 0)):
        place, fold = subject.resume(until)
        assert (place, fold) == subject.marks[number]
        fold.claims["A1", "x"] = claim("x")
        assert subject.marks[number][1].claims == {}
    assert subject.resume((at("day 1 07:00"), 0, "")) == (BEFORE_ALL, subject.base)
    assert subject.resume((at("day 1 07:00"), 0, ""))[1].claims is not subject.base.claims


def test_what_is_folded_after_is_not_seen_by_who_goes_back() -> None:
    """Tail, marks and all."""
    subject = holding(issue("day 1 08:00"))
    marked(subject, "day 1 08:00")
    subject.unmarked = 2
    before = subject.before()
    kept = (folded(), (at("day 1 08:00"), 0, ""), list(subject.marks), 2)
    assert subject.tail is not None
    subject.tail.claims["A1", "x"] = claim("x")
    marked(subject, "day 1 09:00")
    subject.unfold()
    assert [subject.tail, *subject.marks, subject.rejudge] == [None, True]
    subject.go_back(before)
    assert (subject.tail, subject.tail_at, subject.marks, subject.unmarked) == kept
    empty = Subject(KEY).before()
    assert (empty.tail, empty.tail_at, empty.marks) == (None, BEFORE_ALL, [])


def test_closed_time_is_taken_out_in_event_order() -> None:
    """Up to its end, exclusive; marks behind it stay good, but where facts stand before all others."""
    closing, counted = issue("day 2 00:00"), count("5 item", when="day 1 12:00", id="a")
    closed = [issue("day 1 08:00"), issue("day 1 12:00", "b"), counted]
    subject = holding(closing, *reversed(closed))
    marked(subject, "day 1 12:00", "day 2 00:00", "day 2 01:00")
    subject.changed.clear()
    assert subject.drop_before(at("day 2 00:00")) == closed
    assert (subject.facts, subject.order) == ({closing.id: closing}, [closing.order])
    assert (subject.horizon, subject.held_from()) == (at("day 2 00:00"), closing.at)
    assert subject.changed == {DAY_1: closed[0].order}
    subject.close(folded(7))
    assert (subject.base, subject.base_changed) == (folded(7), True)
    assert places(subject) == [at("day 2 00:00"), at("day 2 01:00")]
    subject.put(plan("C1", depart="day 1 08:00", arrive_by="day 1 12:00", standing=True))
    marked(subject, "day 2 02:00")
    subject.close(folded(8))
    assert subject.marks == []
    assert Subject("site:S1").base == Folded(Nothing(), {}, {}, {})


def trips(*stages: Fact) -> Sequence[str]:
    """A vehicle that knows these; which it forgets, and once what of day 10 is closed time."""
    subject = holding(*stages, key="vehicle:V1")
    gone = []
    for minute in range(0, 24 * 60, 30):
        for behind in (0, 1):
            known = list(subject.facts)
            assert subject.drop_before(at("day 10 00:00") + minute * MINUTE + behind) == []
            when = f"{minute // 60:02d}:{minute % 60:02d}" if behind else "too soon"
            gone += [f"{name.rpartition('|')[2]} {when}" for name in known if name not in subject.facts]
    return gone


def test_a_trip_is_remembered_eight_days_after_it_should_have_ended_or_did() -> None:
    """All its stages together, to the later of both; one that is gone, from when it was."""
    assert at("day 10 00:00") - at("day 2 00:00") == STANDS_FOR
    due = plan("C1", depart="day 1 08:00", arrive_by="day 2 04:00", standing=True, id="plan")
    early, late = (stage("arrive", "C1", when=f"day 2 {h}:00", standing=True, id="end") for h in ("03", "05"))
    assert trips(due) == ["plan 04:00"]
    assert sorted(trips(due, early)) == ["end 04:00", "plan 04:00"]
    assert sorted(trips(late, due)) == ["end 05:00", "plan 05:00"]
    assert trips(replace(due, at=at("day 2 06:00"), body=None)) == ["plan 06:00"]


def test_a_trip_is_remembered_as_long_as_those_that_departed_while_it_was_under_way() -> None:
    """From its first planned departure to its end; those that departed before or after do not matter."""

    def trip(name: str, departs: str, ends: str, told: int = 1) -> Fact:
        times = {"depart": f"day 2 {departs}", "arrive_by": f"day 2 {ends}", "told": f"day 1 0{told}:00"}
        return plan(name, standing=True, id=f"{name}.{told}", **times)  # type: ignore[arg-type]  # its times

    first, put_off = trip("C1", "01:00", "02:00"), trip("C1", "01:30", "02:00", 2)
    for departs, until in (("01:00", "04:00"), ("02:00", "04:00"), ("02:01", "02:00"), ("00:59", "02:00")):
        other = trip("C2", departs, "04:00")
        assert f"C1.1 {until}" in trips(first, other)
        assert f"C1.1 {until}" in trips(other, put_off, first)


def test_a_claim_is_forgotten_wherever_it_is_folded_unless_later_facts_took_it_up() -> None:
    """Then it stays everywhere."""
    subject = Subject(KEY)
    subject.base = folded(over=5, again=5)
    subject.marks = [((1, 0, ""), folded(over=5, again=5)), ((2, 0, ""), folded(again=None))]
    subject.tail = folded(over=5, again=5)
    assert not subject.forget("A1", "again")
    assert subject.forget("A1", "over")
    assert [list(fold.claims) for fold in (subject.base, *(fold for _, fold in subject.marks), subject.tail)] == [
        [("A1", "again")]
    ] * 4


def test_of_what_was_said_for_good_the_last_number_is_kept_for_a_while() -> None:
    """Of the sixteen spent last; of what was never said, nothing."""
    subject = Subject(KEY)
    for number in range(17):
        subject.said[f"A1-{number}"] = Said(number, b"", Status.CLOSED, 0, 0, 0)
        subject.shown[f"A1-{number}"] = claim("x")
        subject.spend(f"A1-{number}")
        assert (subject.said, subject.shown) == ({}, {})
    subject.shown["A1-x"] = claim("x")
    subject.spend("A1-x")
    assert subject.shown == {}
    assert subject.spent == {f"A1-{number}": number for number in range(1, 17)}


def test_a_claim_of_plans_is_long_over_seven_days_after_its_end() -> None:
    """What is open, or was never shown, is not."""
    subject = Subject("vehicle:V1")
    subject.shown = {"over": claim("x", until=100), "open": claim("y")}
    assert TOLD_FOR < STANDS_FOR, "its plans are known for longer"
    now = 100 + 7 * DAY
    assert [long_over(subject, "over", by) for by in (now - 1, now)] == [False, True]
    assert not long_over(subject, "open", now)
    assert not long_over(subject, "nothing", now)


def test_the_heir_of_a_finding_is_the_nearest_that_stands_of_its_rule() -> None:
    """Before or after; of two as near the one whose id comes first."""
    names = {anchor: finding_id("A1", KEY, anchor) for anchor in "abcd"}
    said = Said(1, b"", Status.OPEN, 100, 0, 0)
    claims = {("A1", "a"): claim("a", 90), ("A1", "b"): claim("b", 109), ("A1", "c"): claim("c", 110),
              ("A2", "d"): claim("d", 100)}  # fmt: skip
    standing = {*names.values(), finding_id("A2", KEY, "d")}
    assert heir_of(KEY, "A1", said, claims, standing) == names["b"]
    assert heir_of(KEY, "A1", said, claims, standing - {names["b"]}) == min(names["a"], names["c"])
    assert heir_of(KEY, "A1", said, claims, standing - {names["a"], names["b"]}) == names["c"]
    assert heir_of(KEY, "A1", said, claims, {finding_id("A2", KEY, "d")}) is None


def test_facts_stand_in_event_order_in_whatever_order_they_came() -> None:
    """At one instant what comes in before what goes out before counts, then by name."""
    got, counted = (
        movement("receive", "1 item", when="day 1 08:00", id="z"),
        count("1 item", when="day 1 08:00", id="a"),
    )
    facts = [issue("day 1 07:59", "y"), got, issue("day 1 08:00", "b"), issue("day 1 08:00", "c"), counted]
    for told in permutations(facts):
        assert holding(*told).after(BEFORE_ALL) == facts
