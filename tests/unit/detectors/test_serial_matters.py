"""What is open about a block's numbers: added to, put right by what accounts for it, let be in the end, bounded."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from detectors.claim import Claim
from detectors.serial_faults import DUPLICATE, ELSEWHERE, ENDED_BEFORE, GAP, TWICE, UNMADE, Fault
from detectors.serial_matters import MOST_OPEN, MOST_RUNS, Matter, Matters, add, over, put_right
from events.time import DAY, HOUR, Instant
from ledger.fact import Fact, Ref
from ledger.lives import HELD, Life
from ledger.serials import Spans
from tests.detector_kit import at, count, movement, plan
from tests.detector_words import run

BEGAN = at("day 1 08:00")
SPEAKS = at("day 2 00:30")


def said(operation: str, when: str, *runs: tuple[int, int], site: str = "S1", **fields: Any) -> Fact:
    """A movement or count of some numbers."""
    serials = tuple(run(first, last) for first, last in runs or ((1, 9),))
    if operation == "count":
        return count("1 item", site=site, when=when, serials=serials, **fields)
    return movement(operation, "1 item", site=site, when=when, serials=serials, **fields)


def life(site: str = "S2", area: str = "350111", name: str = "before", when: Instant = BEGAN - HOUR) -> Life:
    """A life of some numbers elsewhere."""
    return Life(((1, 9),), HELD, site, area, False, when, Ref(name, said("open", "day 1 07:00").source))


def opened(
    reason: str, *numbers: tuple[int, int], lives: tuple[Life, ...] = (), when: str = "day 1 08:00"
) -> Matter:
    """One matter that a receipt at S1 opened."""
    fault = Fault(reason, numbers or ((1, 9),), lives)
    (matter,), closed = add((), fault, said("receive", when), SPEAKS, 90.0)
    assert closed == []
    return matter


def test_a_matter_says_what_is_wrong_where_with_which_numbers() -> None:
    """By what report, whose numbers, what said so before and when; the other site's county is informed."""
    fault = Fault(
        ELSEWHERE, ((1, 4), (8, 8)), (life("S3", "350302", "older", BEGAN - DAY), life(), life("S1", "350102"))
    )
    fact = said("receive", "day 1 08:00", (1, 8))
    (matter,), closed = add((), fault, fact, SPEAKS, 1.5)
    assert closed == []
    assert (matter.reason, matter.site, matter.numbers, matter.total) == (ELSEWHERE, "S1", ((1, 4), (8, 8)), 5)
    assert (matter.others, matter.last_at, matter.ages_at) == (("S2", "S3"), BEGAN, SPEAKS + DAY * 3 // 2)
    claim = matter.claim
    assert claim.numbers == {
        "reason": ELSEWHERE, "operation": "receive", "maker": "M1", "type": "T1", "last_said_at": BEGAN - HOUR,
        "serials": "1-4, 8", "total": 5, "others": "S2, S3",
    }  # fmt: skip
    assert (claim.anchor, claim.since, claim.speaks_at, claim.until) == (
        f"{fact.id}#{ELSEWHERE}",
        BEGAN,
        SPEAKS,
        None,
    )
    assert (claim.site, claim.area, claim.unit, claim.informed_areas) == (
        "S1",
        "350102",
        "U1",
        ("350111", "350302"),
    )
    assert [ref.id for ref in claim.refs] == ["older", "before", fact.id]
    assert claim.ref_count == 3


def test_what_no_life_says_names_no_other_place() -> None:
    """A number listed twice in a count: the report alone is cited."""
    fact = said("count", "day 1 08:00", (1, 9))
    ((matter,), _) = add((), Fault(TWICE, ((5, 5),)), fact, SPEAKS, 90.0)
    assert matter.claim.numbers == {
        "reason": TWICE, "operation": "count", "maker": "M1", "type": "T1", "serials": "5", "total": 1,
    }  # fmt: skip
    assert (matter.claim.refs, matter.claim.ref_count, matter.claim.informed_areas) == ((fact.ref,), 1, ())


def test_a_life_whose_event_is_forgotten_or_cited_already_is_not_cited() -> None:
    """Each event once, the latest last, eight at most; three other sites and counties are named."""
    fact = said("receive", "day 1 08:00")
    none, again = life(name=""), replace(life(), ref=fact.ref)
    ((matter,), _) = add((), Fault(DUPLICATE, ((1, 1),), (none, life(), life(), again)), fact, SPEAKS, 90.0)
    assert [ref.id for ref in matter.claim.refs] == ["before", fact.id]
    many = tuple(life(f"S{nth}", f"35010{nth}", f"life {nth}") for nth in range(2, 13))
    ((matter,), _) = add((), Fault(DUPLICATE, ((1, 1),), many), fact, SPEAKS, 90.0)
    assert [ref.id for ref in matter.claim.refs] == [*(f"life {nth}" for nth in range(2, 9)), fact.id]
    assert (matter.others, matter.claim.ref_count) == (("S10", "S11", "S12"), 8)
    assert matter.claim.informed_areas == ("3501010", "3501011", "3501012")


def test_more_of_the_same_at_the_same_site_goes_on_with_it() -> None:
    """Its numbers and places grow, its head and its end do not; what is known already adds nothing."""
    first = opened(ELSEWHERE, (1, 4), lives=(life(),))
    beside = opened(DUPLICATE, (1, 4))
    later = said("issue", "day 3 08:00", (3, 6))
    (kept, grown), closed = add((first, beside), Fault(ELSEWHERE, ((3, 6),), (life("S3"),)), later, SPEAKS, 5.0)
    assert (kept, closed) == (beside, [])
    assert (grown.numbers, grown.total, grown.others) == (((1, 6),), 6, ("S2", "S3"))
    assert (grown.last_at, grown.ages_at, grown.claim.anchor) == (later.at, first.ages_at, first.claim.anchor)
    assert grown.claim.refs == (*first.claim.refs, later.ref)
    assert grown.claim.ref_count == 3
    shown = {"serials": "1-6", "total": 6, "others": "S2, S3"}
    assert grown.claim.numbers == first.claim.numbers | shown
    again = said("issue", "day 4 08:00", (1, 6))
    assert add((kept, grown), Fault(ELSEWHERE, ((2, 5),)), again, SPEAKS, 5.0) == ((kept, grown), [])


def test_the_same_at_another_site_or_something_else_is_another_matter() -> None:
    """One a reason and site, in the order in which they came up."""
    matters: tuple[Matter, ...] = ()
    for reason, site in ((ELSEWHERE, "S1"), (ELSEWHERE, "S2"), (DUPLICATE, "S1"), (ELSEWHERE, "S1")):
        fact = said("receive", "day 1 08:00", site=site)
        matters, _ = add(matters, Fault(reason, ((1, 1),)), fact, SPEAKS, 90.0)
    assert [(one.reason, one.site) for one in matters] == [(ELSEWHERE, "S1"), (ELSEWHERE, "S2"), (DUPLICATE, "S1")]


def test_it_cites_eight_reports_and_counts_the_others() -> None:
    """However many add to it."""
    matters: tuple[Matter, ...] = (opened(DUPLICATE, (0, 0)),)
    facts = [said("receive", f"day {day} 08:00") for day in range(2, 14)]
    for number, fact in enumerate(facts, start=1):
        matters, _ = add(matters, Fault(DUPLICATE, ((number, number),)), fact, SPEAKS, 90.0)
    (matter,) = matters
    assert matter.claim.refs[1:] == tuple(fact.ref for fact in facts[:7])
    assert (matter.claim.ref_count, matter.total) == (13, 13)


def test_it_knows_a_bounded_number_of_runs_and_counts_all_numbers() -> None:
    """Of more runs the evidence lists some, and the total says how many numbers there are."""
    every = tuple((number, number) for number in range(0, 4 * MOST_RUNS, 2))
    matter = opened(DUPLICATE, *every)
    assert (len(matter.numbers), matter.total) == (MOST_RUNS, len(every))
    assert matter.claim.numbers["total"] == len(every)
    (grown,), _ = add((matter,), Fault(DUPLICATE, ((9001, 9001),)), said("receive", "day 2 08:00"), SPEAKS, 90.0)
    assert (len(grown.numbers), grown.total) == (MOST_RUNS, len(every) + 1)


def test_of_too_many_matters_the_one_that_began_first_is_closed() -> None:
    """As of the report that is one too many."""
    days = (3, 2, 1, 4, 5, 6, 7, 8)
    sites = [f"X{day}" for day in days]
    matters: tuple[Matter, ...] = ()
    for day, site in zip(days, sites, strict=True):
        matters, closed = add(
            matters, Fault(DUPLICATE, ((1, 1),)), said("receive", f"day {day} 08:00", site=site), SPEAKS, 9.0
        )
        assert closed == []
    assert len(matters) == MOST_OPEN
    last = said("receive", "day 9 08:00", site="X9")
    kept, closed = add(matters, Fault(DUPLICATE, ((1, 1),)), last, SPEAKS, 9.0)
    assert [one.site for one in kept] == ["X3", "X2", "X4", "X5", "X6", "X7", "X8", "X9"]
    assert closed == [replace(matters[2].claim, until=last.at)]


def after(matter: Matter, fact: Fact) -> tuple[Spans, list[Claim]]:
    """The numbers that are still open after a fact, and what it closed."""
    left, closed = put_right((matter,), fact)
    return (left[0].numbers if left else ()), closed


SOON, LATE = "day 1 20:00", "day 1 20:00:01"
"""Twelve hours after it came up, and a second more."""


@pytest.mark.parametrize(
    ("reason", "operation", "soon", "late"),
    [
        *((reason, "adjust", True, True) for reason in (DUPLICATE, ELSEWHERE, ENDED_BEFORE, GAP, TWICE, UNMADE)),
        (GAP, "produce", True, True),
        (UNMADE, "produce", True, False),
        (ELSEWHERE, "produce", False, False),
        (DUPLICATE, "produce", False, False),
        *((reason, "issue", False, False) for reason in (DUPLICATE, ENDED_BEFORE, GAP, TWICE, UNMADE)),
        *((reason, "receive", False, False) for reason in (DUPLICATE, ELSEWHERE, GAP, UNMADE)),
    ],
)
def test_what_accounts_for_a_matter_puts_it_right(reason: str, operation: str, soon: bool, late: bool) -> None:
    """An adjustment always; making what was left out; making what is not made yet, of half a day."""
    for when, rights in ((SOON, soon), (LATE, late)):
        matter = opened(reason, (1, 9), lives=(life(),))
        assert after(matter, said(operation, when, (1, 9)))[0] == (() if rights else ((1, 9),))


def test_an_issue_where_it_was_before_puts_right_that_it_is_here() -> None:
    """Half a day behind the receipt at most, and not from a third place."""
    matter = opened(ELSEWHERE, (1, 9), lives=(life("S2"),))
    assert after(matter, said("issue", SOON, (1, 9), site="S2"))[0] == ()
    assert after(matter, said("issue", LATE, (1, 9), site="S2"))[0] == ((1, 9),)
    assert after(matter, said("issue", SOON, (1, 9), site="S3"))[0] == ((1, 9),)


def test_what_is_no_movement_puts_nothing_right() -> None:
    """Nor does a movement of other numbers, or of none."""
    matter = opened(GAP, (1, 9))
    trip = plan("C1", ("DET", "1 item"), depart="day 1 09:00", arrive_by="day 1 10:00")
    for fact in (
        trip,
        said("count", SOON),
        said("adjust", SOON, (10, 20)),
        movement("adjust", "1 item", when=SOON),
    ):
        assert put_right((matter,), fact) == ((matter,), [])


def test_what_is_put_right_in_part_goes_on_with_the_rest() -> None:
    """The evidence shows what is left; then the last of it closes the claim, if that was said already."""
    matter, beside = opened(GAP, (1, 9)), opened(TWICE, (40, 40))
    (left, other), closed = put_right((matter, beside), said("adjust", "day 2 09:00", (3, 5)))
    assert (other, closed) == (beside, [])
    assert (left.numbers, left.total) == (((1, 2), (6, 9)), 6)
    assert left.claim == replace(matter.claim, numbers=matter.claim.numbers | {"serials": "1-2, 6-9", "total": 6})
    last = said("adjust", "day 2 10:00", (1, 9))
    kept, (claim,) = put_right((left, beside), last)
    assert kept == (beside,)
    assert (claim.until, claim.refs[-1], claim.ref_count) == (last.at, last.ref, left.claim.ref_count + 1)


def test_what_is_put_right_before_it_may_be_said_is_never_said() -> None:
    """Up to the instant at which it may be said; a microsecond later it was said, and is closed."""
    matter = opened(GAP, (1, 9))
    for late, said_already in ((0, 0), (1, 1)):
        fact = replace(said("adjust", "day 1 09:00"), at=SPEAKS + late)
        left, closed = put_right((matter,), fact)
        assert (left, len(closed)) == ((), said_already)


def test_runs_that_are_not_known_singly_stay_open() -> None:
    """Of a matter with more runs than it knows, what is put right by number leaves the others counted."""
    every = tuple((number, number) for number in range(0, 2 * MOST_RUNS + 4, 2))
    matter = opened(DUPLICATE, *every)
    (left,), closed = put_right((matter,), said("adjust", "day 3 08:00", (0, 2 * MOST_RUNS + 4)))
    assert (left.numbers, left.total, closed) == ((), 2, [])


def test_a_matter_is_let_be_when_its_time_is_over() -> None:
    """From that instant on: its claim ends there, however late anybody looks."""
    short, long = opened(GAP, (1, 9)), replace(opened(TWICE, (1, 1)), ages_at=SPEAKS + 200 * DAY)
    ages = short.ages_at
    assert ages == SPEAKS + 90 * DAY
    assert (short.said(ages - 1), short.said(ages)) == (short.claim, replace(short.claim, until=ages))
    assert over(Matters((short, long)), ages - 1) == ((short, long), [])
    assert over(Matters((short, long)), ages) == ((long,), [replace(short.claim, until=ages)])
    assert over(Matters((short, long)), ages + DAY) == ((long,), [replace(short.claim, until=ages)])
