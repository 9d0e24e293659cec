"""Numbers by maker and type against the sets that they stand for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from detectors.numbers import Numbers, holds, less, more, numbers_of, shown, total, within
from events.report import SerialRange
from tests.detector_words import run

_ranges = st.lists(
    st.builds(
        lambda maker, type_, first, longer: run(first, first + longer, maker=maker, type_=type_),
        st.sampled_from(("M1", "M2")), st.sampled_from(("T1", "T2")), st.integers(0, 30), st.integers(0, 6),
    ),
    max_size=6,
)  # fmt: skip


def each(numbers: Numbers) -> set[tuple[str, str, int]]:
    """The numbers one by one."""
    return {(of[0], of[1], one) for of in numbers for first, last in of[2] for one in range(first, last + 1)}


@given(_ranges, _ranges)
def test_what_is_in_either_and_what_is_left(one: list[SerialRange], other: list[SerialRange]) -> None:
    """Sums and differences are those of the sets; what has no number left is not listed."""
    a, b = numbers_of(one), numbers_of(other)
    assert each(more(a, b)) == each(a) | each(b)
    assert each(less(a, b)) == each(a) - each(b)
    assert all(own for _, _, own in (*more(a, b), *less(a, b)))
    assert total(a) == len(each(a))
    assert list(a) == sorted(a)
    for maker in ("M1", "M2"):
        for number in (0, 17, 36):
            assert holds(a, maker, "T1", number) is ((maker, "T1", number) in each(a))


@given(_ranges, st.integers(0, 8))
def test_of_too_many_runs_the_first_are_kept(ranges: list[SerialRange], most: int) -> None:
    """As many as there is room for, whole ones, and all where there is room for all."""
    numbers = numbers_of(ranges)
    runs = [(of[0], of[1], run) for of in numbers for run in of[2]]
    kept = [(of[0], of[1], run) for of in within(numbers, most) for run in of[2]]
    assert kept == runs[:most]


def test_people_read_a_few_runs_of_three_makers_and_types() -> None:
    """More stay unsaid."""
    numbers = numbers_of([run(1, 3, type_=f"T{n}") for n in range(4)] + [run(7, type_="T0"), run(9, type_="T0")])
    assert shown(numbers, 2) == "M1/T0 1-3, 7, …; M1/T1 1-3; M1/T2 1-3"
