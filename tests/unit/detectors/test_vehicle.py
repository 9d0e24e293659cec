"""A vehicle's cells: merged in any order to the same, packed to the bit, bounded by the days that are open.

Laws: order and repetition of fixes cannot matter; what closed time holds is forgotten singly (law 11): a cell with
the tick that closes its day, a trip with the tick that closes the eighth day after it.
"""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from detectors.catalogue import catalogue
from detectors.cells import QUARTER, Seen, merge, pack, seal, unpack
from detectors.detector import View
from detectors.vehicle import Vehicle, subject_of
from detectors.watch import Watch
from events.rejection import Source
from events.time import DAY, HOUR, MINUTE, SECOND
from ledger.reference import Reference
from streams.codec import SubjectCodec
from streams.store import MemoryStore
from tests.detector_kit import LATENESS, at, plan, world

KEY = "vehicle:V1"
QUARTERS = at("day 2 08:00") // QUARTER

_places = st.tuples(st.floats(-180, 180), st.floats(-90, 90), st.floats(0, 500)) | st.just((119.3, 26.1, 0.0))
_sources = st.builds(Source, st.sampled_from(("position", "log")), st.integers(0, 3), st.integers(0, 2**40))


@st.composite
def cells(draw: st.DrawFn, minute: int) -> Seen:
    """Any cell of a minute."""
    begins = QUARTERS * QUARTER + minute * MINUTE
    times = sorted((draw(st.integers(0, MINUTE - 1)), draw(st.integers(0, MINUTE - 1))))
    first, last = (begins + times[0], *draw(_places)), (begins + times[1], *draw(_places))
    alarms = draw(st.sampled_from((0, 1, 2**32 - 1)))
    return (
        min(first, last),
        max(first, last),
        alarms,
        draw(st.integers(0, 3)),
        draw(st.integers(0, 2**60)),
        draw(_sources),
    )


@st.composite
def quarters(draw: st.DrawFn) -> list[Seen]:
    """Some minutes of a quarter."""
    return [draw(cells(minute)) for minute in sorted(draw(st.sets(st.integers(0, 14), min_size=1)))]


@given(quarters())
def test_what_is_unpacked_is_what_was_packed(told: list[Seen]) -> None:
    """To the bit: places, times, alarms, loads, receipts and sources."""
    sources: list[tuple[str, int]] = []
    sealed, before = b"", None
    for cell in told:
        sealed += seal(cell, before, sources)
        before = cell[1][1:]
    assert list(unpack(pack(sources, sealed), QUARTERS)) == told


@given(cells(3), cells(3), cells(3))
def test_merging_does_not_care_for_order_or_repetition(a: Seen, b: Seen, c: Seen) -> None:
    """Commutative, associative, idempotent."""
    assert merge(a, b) == merge(b, a)
    assert merge(merge(a, b), c) == merge(a, merge(b, c))
    assert merge(merge(a, b), b) == merge(a, b)


def test_fixes_in_any_order_are_the_same_cells() -> None:
    """Shuffled, twice over, and stored and restored in between."""
    told = [fix(at("day 1 22:30") + nth * 20 * SECOND, nth) for nth in range(400)]
    straight = vehicle(told)
    for seed in range(5):
        other = told + told[::3]
        random.Random(seed).shuffle(other)
        shuffled = vehicle(other)
        assert [*shuffled.cells(), shuffled.current] == [*straight.cells(), straight.current]
        codec, store = SubjectCodec(()), MemoryStore()
        store.keep(codec.changed(shuffled))
        again = SubjectCodec(()).restore(KEY, store.parts(KEY))
        assert isinstance(again, Vehicle)
        assert [*again.cells(), again.current] == [*straight.cells(), straight.current]


def test_a_standing_vehicle_costs_a_third_of_one_that_drives() -> None:
    """A minute at the place of the one before holds only its times."""
    begins = QUARTERS * QUARTER
    drives = vehicle([fix(begins + nth * 20 * SECOND, nth) for nth in range(45)]).packed(QUARTERS)
    stands = vehicle([fix(begins + nth * 20 * SECOND, 0) for nth in range(45)]).packed(QUARTERS)
    assert drives is not None
    assert stands is not None
    assert len(stands) < 0.4 * len(drives)


def test_ticks_clear_cells_with_their_day_trips_eight_days_later_and_then_all_of_a_quiet_vehicle() -> None:
    """No cell, no part of one, no mark of a closed day; with the last trip everything goes, by its own wakes."""
    watch, view = Watch(catalogue(), LATENESS), View(KEY, Reference(), world())
    codec, store = SubjectCodec(d for d in catalogue() if d.card.key == "vehicle"), MemoryStore()
    told = vehicle([])
    told.put(plan("C1", ("DET", "1 item"), depart="day 1 08:00", arrive_by="day 1 12:00", standing=True))
    for minute in range(24 * 60):
        told.take(fix(at("day 1 00:00") + minute * MINUTE, minute % 300))
        if minute % 10 == 0:
            watch.look(told, told.minute * MINUTE, view)
            store.keep(codec.changed(told))
    held = [part for part in store.parts(KEY) if part.startswith("q")]
    assert len(held) == 24 * 4
    assert len(told.marks) <= 16
    closing = at("day 2 00:00") + DAY + HOUR
    for now in (closing - 1, closing):
        watch.look(told, now, view)
        store.keep(codec.changed(told))
        assert bool([part for part in store.parts(KEY) if part.startswith("q")]) is (now < closing)
    assert (told.held_from(), told.marks) == (None, [])
    assert told.facts
    days = 0
    while told.wake is not None:
        watch.look(told, told.wake, view)
        store.keep(codec.changed(told))
        days += 1
    assert not told.facts
    assert not store.parts(KEY)
    assert 8 <= days <= 12


def vehicle(told: list[Seen]) -> Vehicle:
    """The vehicle that these fixes reached."""
    made = subject_of(KEY)
    assert isinstance(made, Vehicle)
    for cell in told:
        made.take(cell)
    return made


def fix(when: int, place: int) -> Seen:
    """A fix on a road due east."""
    one = (when, 119.3 + place / 1_000, 26.08, 50.0 if place else 0.0)
    return one, one, 0, 0, when + SECOND, Source("position", 0, when)
