"""The lives of a block's numbers: where each is, by the last word on it, within bounds.

Law: what was said last of a number counts; a count moves nothing; a block holds so many lives and runs, no more.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ledger.account import apply, empty_account
from ledger.fact import Fact
from ledger.lives import MOST_LIVES, MOST_RUNS, Block
from ledger.serials import Spans, common, size
from tests.detector_kit import at, count, movement
from tests.detector_words import run


def folded(*facts: Fact) -> Block:
    """The block after some facts."""
    block = empty_account("serial")
    for fact in sorted(facts, key=lambda fact: fact.order):
        block = apply(block, fact)
    assert isinstance(block, Block)
    return block


def where(block: Block) -> dict[tuple[str, str], Spans]:
    """Which numbers are how, and where."""
    return {(life.status, life.site): life.numbers for life in block.lives}


def test_a_box_is_made_sent_received_and_used_up() -> None:
    """From produced to destroyed, with a part of it at every stage."""
    made = movement("produce", "100 item", when="day 1 08:00", serials=(run(1, 100),))
    sent = movement("issue", "60 item", when="day 1 10:00", consignment="C1", serials=(run(1, 60),))
    got = movement("receive", "60 item", site="S2", when="day 1 12:00", consignment="C1", serials=(run(1, 60),))
    out = movement("issue", "20 item", site="S2", when="day 2 08:00", shift="A", serials=(run(1, 20),))
    used = movement("consume", "15 item", site="S2", when="day 2 11:00", shift="A", serials=(run(1, 15),))
    back = movement("return", "5 item", site="S2", when="day 2 17:00", shift="A", serials=(run(16, 20),))
    gone = movement("destroy", "1 item", site="S2", when="day 3 08:00", serials=(run(60),))
    block = folded(made, sent, got, out, used, back, gone)
    assert sorted((life.status, life.site, life.numbers) for life in block.lives) == [
        ("consumed", "S2", ((1, 15),)), ("destroyed", "S2", ((60, 60),)), ("held", "S1", ((61, 100),)),
        ("held", "S2", ((16, 20),)), ("held", "S2", ((21, 59),)),
    ]  # fmt: skip
    assert sum(size(life.numbers) for life in block.lives) == 100
    assert all(life.made for life in block.lives)
    assert block.produced == ((1, 100),)


def test_a_count_makes_known_what_nothing_was_known_of() -> None:
    """It moves nothing that is known, however it was reported."""
    held = movement("open", "5 item", when="day 1 08:00", serials=(run(1, 5),))
    seen = count("7 item", site="S2", when="day 1 18:00", serials=(run(4, 10),))
    assert where(folded(held, seen)) == {("held", "S1"): ((1, 5),), ("held", "S2"): ((6, 10),)}


def test_what_was_lost_and_is_counted_at_the_same_place_is_found() -> None:
    """Elsewhere it stays lost: then it is for a rule to speak."""
    held = movement("open", "5 item", when="day 1 08:00", serials=(run(1, 5),))
    lost = movement("declare_loss", "1 item", when="day 1 09:00", serials=(run(3),))
    assert where(folded(held, lost, count("5 item", when="day 1 18:00", serials=(run(1, 5),))))["held", "S1"]
    elsewhere = where(folded(held, lost, count("1 item", site="S2", when="day 1 18:00", serials=(run(3),))))
    assert elsewhere["lost", "S1"] == ((3, 3),)


def test_a_handover_recorded_in_the_wrong_order_leaves_the_goods_with_the_receiver() -> None:
    """The issue bears a time ten minutes behind the receipt; a day behind it is the last word."""
    held = movement("open", "5 item", when="day 1 08:00", serials=(run(1, 5),))
    got = movement("receive", "5 item", site="S2", when="day 1 10:00", serials=(run(1, 5),))
    sent = movement("issue", "5 item", when="day 1 10:10", serials=(run(1, 5),))
    late = movement("issue", "5 item", when="day 2 10:10", serials=(run(1, 5),))
    assert where(folded(held, got, sent)) == {("held", "S2"): ((1, 5),)}
    assert where(folded(held, got, late)) == {("out", "S1"): ((1, 5),)}


def test_a_block_stays_within_its_bounds() -> None:
    """A thousand guns that each go their own way, and numbers in every second place."""
    lone = [
        movement("open", "1 item", when=f"day {n // 20} {n % 20:02d}:00", id=f"e{n}", serials=(run(2 * n),))
        for n in range(1_000)
    ]
    block = folded(*lone)
    assert len(block.lives) <= MOST_LIVES
    assert not block.forgot
    assert size(block.known()) == 1_000
    many = [
        movement(
            "produce", "500 item", site=f"S{n}", when=f"day {n} 08:00",
            serials=tuple(run(m) for m in range(n, 5_000, 10)),
        )
        for n in range(0, 10, 2)
    ]  # fmt: skip
    block = folded(*many)
    assert block.forgot
    assert sum(len(life.numbers) for life in block.lives) <= MOST_RUNS
    assert len(block.produced) <= MOST_RUNS
    assert max(life.at for life in block.lives) == at("day 8 08:00")


@given(st.lists(st.tuples(st.sampled_from(("open", "receive", "issue", "consume")), st.integers(0, 40),
                          st.integers(0, 15), st.sampled_from(("S1", "S2"))), max_size=12))  # fmt: skip
def test_no_number_has_two_lives(told: list[tuple[str, int, int, str]]) -> None:
    """Whatever is reported, a number is in one place."""
    block = folded(*(
        movement(operation, "1 item", site=site, when=f"day {n + 1} 08:00", serials=(run(first, first + more),))
        for n, (operation, first, more, site) in enumerate(told)
    ))  # fmt: skip
    for n, life in enumerate(block.lives):
        assert life.numbers
        assert not any(common(life.numbers, other.numbers) for other in block.lives[n + 1 :])


def test_a_handover_may_be_recorded_twelve_hours_behind_its_receipt_to_the_second() -> None:
    """Then the issue is the last word; an issue at the same site, or of what has gone out, always is."""
    held = movement("open", "5 item", when="day 1 08:00", serials=(run(1, 5),))
    got = movement("receive", "5 item", site="S2", when="day 1 10:00", serials=(run(1, 5),))
    for when, place in (("day 1 22:00", ("held", "S2")), ("day 1 22:00:01", ("out", "S1"))):
        sent = movement("issue", "5 item", when=when, serials=(run(1, 5),))
        assert where(folded(held, got, sent)) == {place: ((1, 5),)}, when
    own = movement("issue", "5 item", when="day 1 08:05", serials=(run(1, 5),))
    assert where(folded(held, own)) == {("out", "S1"): ((1, 5),)}
    elsewhere = movement("issue", "5 item", site="S2", when="day 1 08:10", serials=(run(1, 5),))
    assert where(folded(held, own, elsewhere)) == {("out", "S2"): ((1, 5),)}


def test_only_part_of_a_run_moves_on_and_what_nobody_made_is_marked() -> None:
    """The rest stays as it was; numbers that were never said to be made are a life of their own."""
    made = movement("produce", "10 item", when="day 1 08:00", serials=(run(1, 10),))
    got = movement("receive", "10 item", site="S2", when="day 1 10:00", serials=(run(6, 15),))
    lives = {(life.site, life.made): life.numbers for life in folded(made, got).lives}
    assert lives == {("S1", True): ((1, 5),), ("S2", True): ((6, 10),), ("S2", False): ((11, 15),)}
    seen = count("20 item", site="S3", when="day 2 08:00", serials=(run(16, 20),))
    assert [life.made for life in folded(seen).lives] == [False]


def test_what_is_found_again_keeps_whether_it_was_made() -> None:
    """Numbers found at a count with others that nobody knew are together what is known of the least of them."""
    held = movement("open", "5 item", when="day 1 08:00", serials=(run(1, 5),))
    lost = movement("declare_loss", "2 item", when="day 1 09:00", serials=(run(3, 4),))
    for first, last, made in ((3, 4, True), (3, 3, True), (3, 6, False)):
        block = folded(held, lost, count("9 item", when="day 1 18:00", serials=(run(first, last),)))
        (found,) = (life for life in block.lives if life.at == at("day 1 18:00"))
        assert found.made is made, (first, last)
    block = folded(held, lost, count("1 item", when="day 1 18:00", serials=(run(3),)))
    assert where(block)["lost", "S1"] == ((4, 4),)


def test_an_adjustment_puts_numbers_in_or_takes_them_out() -> None:
    """Directions have their own status; production alone makes a number produced."""
    into = movement("adjust", "2 item", when="day 1 08:00", direction="in", serials=(run(1, 2),))
    out = movement("adjust", "1 item", when="day 1 09:00", direction="out", serials=(run(1),))
    block = folded(into, out)
    assert where(block) == {("held", "S1"): ((2, 2),), ("out", "S1"): ((1, 1),)}
    assert block.produced == ()
    assert not any(life.made for life in block.lives)
