"""What a block of numbers forgets when it grows too large, and what it keeps.

Laws: numbers that fare alike are put together before any is forgotten; what moved last is kept; what is forgotten
accuses nobody.
"""

from __future__ import annotations

import pytest

from ledger import lives
from ledger.account import apply
from ledger.fact import Count, Fact, Ref
from ledger.lives import MOST_CITED, Block, Life
from ledger.serials import NONE, size
from tests.detector_kit import count, movement
from tests.detector_words import run


def after(*facts: Fact) -> Block:
    """The block after these facts."""
    block = Block()
    for fact in facts:
        applied = apply(block, fact)
        assert isinstance(applied, Block)
        block = applied
    return block


def opened(number: int, *, site: str = "S1") -> Fact:
    """One gun of its own, an hour after the one before."""
    when = f"day {1 + number // 24} {number % 24:02}:00"
    return movement("open", "1 item", site=site, when=when, id=f"e{number:03}", serials=(run(2 * number),))


def strewn(operation: str, runs: int, *, first: int, day: int, site: str = "S1") -> Fact:
    """So many numbers, every second from the first on."""
    serials = tuple(run(first + 2 * nth) for nth in range(runs))
    return movement(operation, f"{runs} item", site=site, when=f"day {day} 08:00", serials=serials)


def test_a_life_says_where_its_numbers_are_since_when_and_by_what() -> None:
    """Whole; goods at a shift are neither held nor out, and come back from there."""
    made = movement("produce", "9 item", when="day 1 08:00", serials=(run(1, 9),))
    out = movement("issue", "4 item", when="day 1 09:00", shift="A", serials=(run(1, 4),))
    sold = movement("issue", "1 item", when="day 1 10:00", serials=(run(9),))
    assert after(made, out, sold) == Block(
        (
            Life(((5, 8),), "held", "S1", "350102", True, made.at, made.ref),
            Life(((1, 4),), "shift", "S1", "350102", True, out.at, out.ref),
            Life(((9, 9),), "out", "S1", "350102", True, sold.at, sold.ref),
        ),
        ((1, 9),),
    )


def test_what_names_no_numbers_leaves_the_block_as_it_is() -> None:
    """Movement or count; and a count that shows only what is known."""
    block = after(opened(0))
    assert apply(block, movement("issue", "1 item", when="day 2 08:00")) is block
    assert apply(block, count("1 item", when="day 2 08:00")) is block
    assert apply(block, count("1 item", when="day 2 08:00", serials=(run(0),))) is block


def test_only_what_is_known_as_lost_at_a_place_is_found_there() -> None:
    """Where part of what was lost is counted, with numbers that are held there, only the lost ones are new."""
    held = movement("open", "6 item", when="day 1 08:00", serials=(run(1, 6),))
    lost = movement("declare_loss", "3 item", when="day 1 09:00", serials=(run(1, 3),))
    seen = count("4 item", when="day 1 18:00", serials=(run(2, 5),))
    block = after(held, lost, seen)
    told = [(life.numbers, life.status, life.made, life.ref) for life in block.lives]
    assert told == [
        (((4, 6),), "held", True, held.ref),
        (((1, 1),), "lost", True, lost.ref),
        (((2, 3),), "held", True, seen.ref),
    ]
    assert isinstance(seen.body, Count)


def test_many_lives_that_differ_in_their_last_event_alone_are_put_together_the_older_half_first() -> None:
    """Seventy-nine guns are told apart; with the eightieth the older forty are one life that cites nothing."""
    apart = after(*map(opened, range(79)))
    assert len(apart.lives) == 79 > MOST_CITED
    assert all(life.ref.id for life in apart.lives)
    together = after(*map(opened, range(80)))
    (first, *newer) = together.lives
    assert first.numbers == tuple((2 * n, 2 * n) for n in range(40))
    assert (first.at, first.ref.id, first.made) == (opened(39).at, "", True)
    assert [life.ref.id for life in newer] == [f"teller|S1|e{n:03}" for n in range(40, 80)]
    assert not together.forgot


def test_two_lives_at_one_place_are_put_together_and_one_alone_keeps_what_it_cites(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No number is lost over it, whatever is told apart: status, site and whether it was ever made."""
    monkeypatch.setattr(lives, "MOST_LIVES", 8)
    received = movement("receive", "1 item", when="day 1 02:30", serials=(run(101),))
    facts = [opened(0), opened(1, site="S2"), opened(2), received, *map(opened, range(3, 8))]
    block = after(*facts)
    told = [(life.site, life.made, life.numbers, life.ref) for life in block.lives]
    nowhere = Ref("", block.lives[0].ref.source)
    assert told[:3] == [
        ("S1", True, ((0, 0), (4, 4)), nowhere),
        ("S2", True, ((2, 2),), facts[1].ref),
        ("S1", False, ((101, 101),), received.ref),
    ]
    assert block.lives[0].at == facts[2].at
    assert [ref for *_, ref in told[3:]] == [fact.ref for fact in facts[4:]]
    assert (size(block.known()), block.forgot) == (9, False)


def test_of_lives_that_all_differ_three_quarters_of_the_room_are_kept_the_latest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Eight fit; of nine the six that moved last stay, and that some are forgotten is known ever after."""
    monkeypatch.setattr(lives, "MOST_LIVES", 8)
    unlike = [opened(number, site=f"S{number}") for number in range(10)]
    assert (len(after(*unlike[:8]).lives), after(*unlike[:8]).forgot) == (8, False)
    block = after(*unlike[:9])
    assert [life.site for life in sorted(block.lives, key=lambda life: life.at)] == [f"S{n}" for n in range(3, 9)]
    assert block.forgot
    assert after(*unlike).forgot


def test_of_many_runs_those_of_the_lives_that_moved_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight runs fit; of nine as many lives as fit in six; of one life alone its first six."""
    monkeypatch.setattr(lives, "MOST_RUNS", 8)
    oldest, older, newest = (
        strewn("open", 3, first=100 * nth, day=nth, site=f"S{nth}") for nth in (1, 2, 3)
    )  # fmt: skip
    fits = after(strewn("open", 2, first=100, day=1, site="S1"), older, newest)
    assert (len(fits.lives), fits.forgot) == (3, False)
    over = after(oldest, older, newest)
    assert [(life.site, len(life.numbers)) for life in over.lives] == [("S3", 3), ("S2", 3)]
    assert over.forgot
    alone = after(strewn("open", 9, first=0, day=1))
    assert [life.numbers for life in alone.lives] == [tuple((2 * n, 2 * n) for n in range(6))]


def test_numbers_between_those_that_were_produced_count_as_produced_where_there_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From the last run that fits to the very last number: a forgery may pass, an honest gun never fails."""
    monkeypatch.setattr(lives, "MOST_RUNS", 3)
    assert after(strewn("produce", 3, first=0, day=1)).produced == ((0, 0), (2, 2), (4, 4))
    assert after(strewn("produce", 5, first=0, day=1)).produced == ((0, 0), (2, 2), (4, 8))
    assert after(strewn("open", 3, first=0, day=1)).produced == NONE
