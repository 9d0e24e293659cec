"""A vehicle's minutes as bytes: what is unpacked is what was packed, and merging cares for no order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from detectors.cells import QUARTER, Place, Seen, merge, pack, seal, seen_of, unpack
from events.rejection import Source
from events.time import MINUTE
from tests.detector_kit import cell

BEGINS = 1_000 * QUARTER
_places = st.sampled_from(((119.3, 26.1, 0.0), (119.3, 26.1, 40.0), (119.4, 26.2, 0.0)))
_sources = st.builds(Source, st.sampled_from(("position", "other")), st.integers(0, 1), st.integers(0, 9))


@st.composite
def cells(draw: st.DrawFn, minute: int | None = None) -> Seen:
    """One minute: its fixes may be one, at one place, or two."""
    where = draw(st.integers(0, 14)) if minute is None else minute
    begins = BEGINS + where * MINUTE
    first = draw(st.integers(0, 59))
    last = draw(st.integers(first, 59))
    place, other = draw(_places), draw(_places)
    return (
        (begins + first * 1_000_000, *place),
        (begins + last * 1_000_000, *(place if first == last else other)),
        draw(st.sampled_from((0, 1, 1 << 31))),
        draw(st.integers(0, 3)),
        draw(st.integers(0, 3)),
        draw(_sources),
    )


@given(st.lists(cells(), max_size=8, unique_by=lambda one: one[0][0] // MINUTE))
def test_a_quarter_is_unpacked_to_the_bit(seen: list[Seen]) -> None:
    """Alarms, loads, sources and all, whether the vehicle drives, stands, or stands where it was before."""
    seen.sort()
    sources: list[tuple[str, int]] = []
    sealed, before = b"", None
    for one in seen:
        sealed += seal(one, before, sources)
        before = one[1][1:]
    assert list(unpack(pack(sources, sealed), BEGINS // QUARTER)) == seen


def test_who_stands_costs_a_third_of_who_drives() -> None:
    """A minute at the place of the minute before holds its times alone; one with two places holds both."""
    here: Place = (119.3, 26.1, 0.0)
    begins = BEGINS + MINUTE
    stands = ((begins, *here), (begins + 5, *here), 0, 0, 0, Source("position", 0, 0))
    drives = ((begins, *here), (begins + 5, 119.4, 26.1, 40.0), 0, 0, 0, Source("position", 0, 0))
    once = ((begins, *here), (begins, *here), 0, 0, 0, Source("position", 0, 0))
    sizes = [
        len(seal(one, before, [])) for one, before in ((once, here), (stands, here), (once, None), (drives, None))
    ]
    assert sizes == sorted(sizes)
    assert sizes[0] * 3 <= sizes[3]


@given(cells(3), cells(3), cells(3))
def test_merging_a_minute_does_not_care_for_order_or_repetition(a: Seen, b: Seen, c: Seen) -> None:
    """The earliest, the latest, the union, and where it was heard of first."""
    assert merge(a, b) == merge(b, a)
    assert merge(a, merge(b, c)) == merge(merge(a, b), c)
    both = merge(a, b)
    assert merge(both, a) == both
    assert both[0] == min(a[0], b[0])
    assert both[1] == max(a[1], b[1])
    assert both[2:4] == (a[2] | b[2], a[3] | b[3])
    assert both[4:] == min(a[4:], b[4:])


def test_a_fact_says_whether_it_is_loaded_or_empty() -> None:
    """One bit each."""
    said = [seen_of(cell("day 1 08:00", (119.3, 26.1), loaded=loaded, empty=empty))[3]
            for loaded, empty in ((False, False), (True, False), (False, True), (True, True))]  # fmt: skip
    assert said == [0, 1, 2, 3]
