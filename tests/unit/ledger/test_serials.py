"""Runs of numbers against the sets that they stand for.

Law: the arithmetic of runs is that of sets; runs come out in order, apart, and no more than need be.
"""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from events.report import SerialRange
from events.serials import BLOCK, blocks_concerned
from ledger.serials import (
    Span,
    Spans,
    by_block,
    common,
    fewest,
    listed,
    repeated,
    runs_of,
    size,
    spans,
    union,
    without,
)

_span = st.builds(lambda first, more: (first, first + more), st.integers(0, 60), st.integers(0, 12))
_runs = st.lists(_span, max_size=8)
_sets = _runs.map(spans)
_range = st.builds(
    lambda type_, first, more: SerialRange(maker="M", type=type_, first=first, last=first + more),
    st.sampled_from(("T1", "T2")), st.integers(0, 5 * BLOCK), st.sampled_from((0, 3, BLOCK - 1, BLOCK, 3 * BLOCK)),
)  # fmt: skip


def numbers(runs: list[Span] | Spans) -> set[int]:
    """The numbers, one by one."""
    return {number for first, last in runs for number in range(first, last + 1)}


def is_least(found: Spans) -> bool:
    """Whether runs stand in order, and no two could be one."""
    return all(first <= last for first, last in found) and all(
        before[1] + 1 < after[0] for before, after in itertools.pairwise(found)
    )


@given(_runs)
def test_spans_are_the_numbers_of_all_runs(runs: list[Span]) -> None:
    """In any order, overlapping, one behind the other: each number once."""
    assert numbers(spans(runs)) == numbers(runs)
    assert is_least(spans(runs))
    assert size(spans(runs)) == len(numbers(runs))
    assert spans(spans(runs)) == spans(runs)


@given(_sets, _sets)
def test_what_is_in_either_in_both_and_in_one_alone(one: Spans, other: Spans) -> None:
    """Union, intersection, difference."""
    assert numbers(union(one, other)) == numbers(one) | numbers(other)
    assert numbers(common(one, other)) == numbers(one) & numbers(other)
    assert numbers(without(one, other)) == numbers(one) - numbers(other)
    assert all(map(is_least, (union(one, other), common(one, other), without(one, other))))


def test_a_few_runs_against_very_many_wherever_they_lie() -> None:
    """Before the first of forty, within any, over several, behind the last."""
    many = tuple((10 * nth, 10 * nth + 4) for nth in range(1, 41))
    for first in range(0, 430, 3):
        for few in (((first, first + 2),), ((first, first + 12), (first + 30, first + 31))):
            both = numbers(few) & numbers(many)
            assert numbers(common(few, many)) == numbers(common(many, few)) == both
            assert numbers(without(few, many)) == numbers(few) - both
            assert numbers(without(many, few)) == numbers(many) - both


@given(_runs)
def test_what_stands_twice_is_found(runs: list[Span]) -> None:
    """A number in two runs of one list, whichever comes first."""
    seen: set[int] = set()
    twice: set[int] = set()
    for run in runs:
        twice |= seen & numbers([run])
        seen |= numbers([run])
    assert numbers(repeated(runs)) == twice


@given(st.lists(_range, max_size=5))
def test_ranges_are_cut_at_the_borders_of_blocks(ranges: list[SerialRange]) -> None:
    """Every number goes to its own block, none is lost, and the blocks are counted without cutting."""
    cut = by_block(ranges)
    assert len(cut) == blocks_concerned(ranges)
    for type_ in ("T1", "T2"):
        own = spans((run.first, run.last) for run in ranges if run.type == type_)
        parts = [
            (run.first, run.last)
            for key, runs in cut.items()
            for run in runs
            if key.startswith(f"serial:M/{type_}/")
        ]
        assert spans(parts) == own
    for key, runs in cut.items():
        block = int(key.rpartition("/")[2])
        assert all(run.first // BLOCK == run.last // BLOCK == block for run in runs)


def test_ten_million_numbers_cost_no_more_than_their_runs() -> None:
    """A run is a run, however long."""
    whole = ((0, 9_999_999),)
    assert size(without(whole, ((5_000_000, 5_000_000),))) == 9_999_999
    assert without(whole, ((5_000_000, 5_000_000),)) == ((0, 4_999_999), (5_000_001, 9_999_999))


def test_numbers_are_listed_up_to_a_limit() -> None:
    """People read a few runs; that there are more is said."""
    assert listed(((1, 3), (5, 5)), 5) == "1-3, 5"
    assert listed(((1, 3), (5, 5)), 2) == "1-3, 5"
    assert fewest(((1, 3), (5, 5)), 2) == ((1, 3), (5, 5))
    assert listed(tuple((n, n) for n in range(0, 20, 2)), 3) == "0, 2, 4, …"
    assert fewest(((1, 3), (5, 5), (7, 9)), 2) == ((1, 3), (5, 5))


def test_what_lies_in_one_block_keeps_its_own_range_and_makers_have_blocks_of_their_own() -> None:
    """A run over two borders is cut in three; of one that fits nothing is made anew."""
    own = SerialRange(maker="M", type="T1", first=3, last=BLOCK - 1)
    other = SerialRange(maker="N", type="T1", first=BLOCK, last=BLOCK)
    over = SerialRange(maker="M", type="T1", first=BLOCK - 1, last=2 * BLOCK)
    cut = by_block((own, other, over))
    assert cut["serial:M/T1/0"][0] is own
    assert {key: runs_of(runs) for key, runs in cut.items()} == {
        "serial:M/T1/0": [(3, BLOCK - 1), (BLOCK - 1, BLOCK - 1)],
        "serial:N/T1/1": [(BLOCK, BLOCK)],
        "serial:M/T1/1": [(BLOCK, 2 * BLOCK - 1)],
        "serial:M/T1/2": [(2 * BLOCK, 2 * BLOCK)],
    }
    assert by_block(()) == {}
