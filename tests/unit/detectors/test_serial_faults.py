"""What is wrong with the numbers of one report: each life of a number against each thing said of it next."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from detectors.serial_faults import DUPLICATE, ELSEWHERE, ENDED_BEFORE, GAP, TWICE, UNMADE, Fault, faults
from events.time import HOUR, Instant
from ledger.fact import Count, Fact, Movement, Ref
from ledger.lives import CONSUMED, DESTROYED, HELD, LOST, OUT, SHIFT, Block, Life
from ledger.serials import Spans
from tests.detector_kit import at, count, movement, plan
from tests.detector_words import run

THEN = at("day 1 08:00")
NOON: Instant = THEN + 12 * HOUR
"""The last instant at which two records of one handover may stand in the wrong order."""
LATER: Instant = NOON + 1
OPERATIONS = ("open", "receive", "return", "produce", "issue", "consume", "destroy", "declare_loss", "adjust")


def life(
    status: str, *numbers: tuple[int, int], site: str = "S1", made: bool = False, when: Instant = THEN
) -> Life:
    """Numbers that are so at a site since some time."""
    return Life(numbers or ((7, 7),), status, site, "350102", made, when, Ref(f"{status}/{site}", MADE.source))


def said(operation: str, when: Instant, *runs: tuple[int, int], **fields: Any) -> Fact:
    """A movement or count of numbers at S1 at an instant."""
    told = (
        count("1 item", when="day 1 08:00")
        if operation == "count"
        else movement(operation, "1 item", when="day 1 08:00")
    )
    assert isinstance(told.body, Movement | Count)
    serials = tuple(run(first, last) for first, last in runs or ((7, 7),))
    return replace(told, at=when, body=replace(told.body, serials=serials, **fields))


MADE = movement("produce", "1 item", when="day 1 08:00")


def reasons(status: str, operation: str, when: Instant, *, site: str = "S1", made: bool = False) -> list[str]:
    """What is wrong with a number that was so at a site, as something is said of it at S1."""
    told = said(operation, when)
    found = faults(Block((life(status, site=site, made=made),)), told, least_produced=10**6, largest_gap=0)
    assert all((one.numbers, len(one.lives)) == (((7, 7),), 1) for one in found)
    return [one.reason for one in found]


def table(status: str, when: Instant, *, site: str = "S1", made: bool = False) -> dict[str, str]:
    """The operations that are wrong, with what is wrong."""
    told = {name: reasons(status, name, when, site=site, made=made) for name in (*OPERATIONS, "count")}
    assert all(len(found) <= 1 for found in told.values())
    return {name: found[0] for name, found in told.items() if found}


ALL_BUT_MAKING = dict.fromkeys(name for name in (*OPERATIONS, "count") if name not in ("produce", "adjust"))


@pytest.mark.parametrize("status", [CONSUMED, DESTROYED])
@pytest.mark.parametrize("site", ["S1", "S2"])
@pytest.mark.parametrize("when", [THEN, NOON, LATER])
def test_nothing_comes_back_from_its_end(status: str, site: str, when: Instant) -> None:
    """However soon and wherever: only an explicit adjustment says how; making it again is a double."""
    making = {"produce": DUPLICATE} if when > NOON else {}
    assert table(status, when, site=site) == dict.fromkeys(ALL_BUT_MAKING, ENDED_BEFORE) | making


@pytest.mark.parametrize("status", [HELD, SHIFT, OUT, LOST, CONSUMED])
@pytest.mark.parametrize("site", ["S1", "S2"])
def test_a_thing_is_made_once(status: str, site: str) -> None:
    """A day's production may be booked when the shift ends, half a day after it moved; what was made, is."""
    assert [reasons(status, "produce", when, site=site) for when in (THEN, NOON, LATER)] == [[], [], [DUPLICATE]]
    assert reasons(status, "produce", THEN, site=site, made=True) == [DUPLICATE]


def test_what_is_held_here_cannot_come_in_again() -> None:
    """All else may happen to it; what a shift has out may come back, and is let be."""
    assert table(HELD, LATER) == {"open": DUPLICATE, "receive": DUPLICATE, "produce": DUPLICATE}
    assert table(HELD, THEN) == {"open": DUPLICATE, "receive": DUPLICATE}
    assert table(SHIFT, LATER) == {"produce": DUPLICATE}


def test_what_is_held_elsewhere_is_in_two_places() -> None:
    """But for an issue that is recorded a little behind the receipt, and a count of half a day."""
    moved = dict.fromkeys(ALL_BUT_MAKING, ELSEWHERE)
    assert table(HELD, LATER, site="S2") == moved | {"produce": DUPLICATE}
    assert table(HELD, NOON, site="S2") == {
        name: reason for name, reason in moved.items() if name not in ("issue", "count")
    }
    assert table(SHIFT, LATER, site="S2") == moved | {"produce": DUPLICATE}
    assert table(SHIFT, NOON, site="S2") == {name: reason for name, reason in moved.items() if name != "count"}


def test_what_is_out_may_be_anywhere() -> None:
    """It was issued: it is received, counted or used elsewhere. From here it cannot go out twice."""
    assert table(OUT, LATER) == {"issue": DUPLICATE, "produce": DUPLICATE}
    assert table(OUT, LATER, site="S2") == {"produce": DUPLICATE}
    shift = said("issue", LATER, shift="night")
    assert faults(Block((life(OUT),)), shift, least_produced=1, largest_gap=0) == []


def test_what_was_lost_may_be_found_where_it_was_lost() -> None:
    """Elsewhere it accuses, however it comes there; a count of half a day may be of before."""
    assert table(LOST, LATER) == {"produce": DUPLICATE}
    elsewhere = dict.fromkeys(ALL_BUT_MAKING, ENDED_BEFORE)
    assert table(LOST, LATER, site="S2") == elsewhere | {"produce": DUPLICATE}
    assert table(LOST, NOON, site="S2") == {name: reason for name, reason in elsewhere.items() if name != "count"}


def test_what_is_wrong_in_one_way_is_one_fault_with_all_lives_that_say_so() -> None:
    """The numbers of each, and no number of a life that says nothing against it."""
    gone, burnt = life(CONSUMED, (1, 5)), life(DESTROYED, (8, 9), (20, 30))
    away, home = life(HELD, (10, 12), site="S2"), life(HELD, (13, 19))
    others = (life(LOST, (60, 70)), life(HELD, (40, 50), site="S3"))
    block = Block((others[0], gone, away, others[1], home, burnt))
    found = faults(block, said("issue", LATER, (4, 22), (22, 23)), least_produced=10**6, largest_gap=0)
    assert found == [
        Fault(ENDED_BEFORE, ((4, 5), (8, 9), (20, 23)), (gone, burnt)),
        Fault(ELSEWHERE, ((10, 12),), (away,)),
        Fault(TWICE, ((22, 22),)),
    ]


def test_a_report_that_names_a_number_twice_says_so() -> None:
    """Of movements and of counts, whatever else is wrong; of one run it cannot be."""
    for operation in ("receive", "count"):
        twice = faults(Block(), said(operation, THEN, (1, 9), (9, 12), (11, 11)), least_produced=1, largest_gap=0)
        assert twice == [Fault(TWICE, ((9, 9), (11, 11)))]
        assert faults(Block(), said(operation, THEN, (1, 9)), least_produced=1, largest_gap=0) == []


def test_what_names_no_numbers_accuses_nobody() -> None:
    """A movement without any, and what is no movement or count."""
    held = Block((life(CONSUMED),), ((1, 9),))
    assert faults(held, movement("receive", "1 item", when="day 3 08:00"), least_produced=0, largest_gap=9) == []
    trip = plan("C1", ("DET", "1 item"), depart="day 3 08:00", arrive_by="day 3 09:00")
    assert faults(held, trip, least_produced=0, largest_gap=9) == []


def unmade(block: Block, told: Fact, least: int) -> Spans:
    """The numbers that were never produced."""
    found = [one for one in faults(block, told, least_produced=least, largest_gap=0) if one.reason == UNMADE]
    assert all(one.lives == () for one in found)
    return found[0].numbers if found else ()


def test_a_number_from_nowhere_was_never_produced() -> None:
    """From the first one made on, where the maker reports enough of what it makes."""
    block = Block((life(HELD, (15, 16)),), ((10, 14), (18, 19)))
    got = said("receive", LATER, (5, 22))
    assert unmade(block, got, 7) == ((17, 17), (20, 22))
    assert unmade(block, got, 8) == ()
    assert unmade(block, said("count", LATER, (5, 22)), 7) == ((17, 17), (20, 22))
    assert unmade(block, said("receive", LATER, (3, 9)), 7) == ()
    assert unmade(block, said("receive", LATER, (3, 10)), 7) == ()
    assert unmade(block, said("receive", LATER, (19, 20)), 7) == ((20, 20),)
    assert unmade(block, said("receive", LATER, (15, 16)), 7) == ()
    assert unmade(block, said("receive", LATER, (11, 12)), 7) == ()
    assert unmade(replace(block, forgot=True), got, 7) == ()


@pytest.mark.parametrize("operation", ["open", "produce", "adjust"])
def test_what_says_itself_where_a_number_comes_from_does_not_ask(operation: str) -> None:
    """An opening, a production, an adjustment."""
    assert unmade(Block((), ((1, 5),)), said(operation, LATER, (6, 9)), 1) == ()


def test_every_block_may_be_expected_to_be_reported() -> None:
    """With nothing produced at all: from the first number on where the policy says 0, else not."""
    assert unmade(Block(), said("receive", LATER, (0, 3)), 0) == ((0, 3),)
    assert unmade(Block(), said("receive", LATER, (0, 3)), 1) == ()


def gaps(produced: Spans, numbers: tuple[int, int], largest: int) -> Spans:
    """What a production has just left out."""
    told = faults(Block((), produced), said("produce", LATER, numbers), least_produced=1, largest_gap=largest)
    return told[0].numbers if told else ()


@pytest.mark.parametrize("largest", [0, 1, 2, 3, 5])
@pytest.mark.parametrize("produced", [(), ((10, 12),), ((4, 5), (8, 9), (16, 17)), ((0, 0), (12, 20))])
def test_what_production_left_out_is_a_gap_once(produced: Spans, largest: int) -> None:
    """Looked for number by number: runs of so many at most between numbers made, that were no gap before."""

    def missing(made: set[int]) -> list[range]:
        found, since = [], None
        for number in range(min(made, default=0), max(made, default=0) + 1):
            if number in made:
                if since is not None and number - since <= largest:
                    found.append(range(since, number))
                since = None
            elif since is None:
                since = number
        return found

    before = {number for first, last in produced for number in range(first, last + 1)}
    for first in range(24):
        for last in range(first, 24, 3):
            known = missing(before)
            new = [one for one in missing(before | set(range(first, last + 1))) if not _within(one, known)]
            assert gaps(produced, (first, last), largest) == tuple((one.start, one.stop - 1) for one in new)


def _within(hole: range, others: list[range]) -> bool:
    return any(other.start <= hole.start and hole.stop <= other.stop for other in others)


def test_only_production_leaves_numbers_out() -> None:
    """A receipt of every other number says nothing of the rest."""
    for operation in ("receive", "open", "count"):
        told = faults(Block((), ((1, 3),)), said(operation, LATER, (5, 6)), least_produced=9, largest_gap=5)
        assert told == []
    assert faults(Block((), ((1, 3),)), said("produce", LATER, (5, 6)), least_produced=9, largest_gap=5) == [
        Fault(GAP, ((4, 4),))
    ]
