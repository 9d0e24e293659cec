"""A vehicle's cells: merged in any order to the same, packed to the bit, bounded by the days that are open.

Laws: order and repetition of fixes cannot matter; what closed time holds is forgotten singly (law 11): a cell with
the tick that closes its day, a trip with the tick that closes the eighth day after it.
"""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from detectors.catalogue import catalogue
from detectors.cells import QUARTER, Seen, merge, pack, seal, unpack
from detectors.detector import View
from detectors.fold import Folded
from detectors.vehicle import Vehicle, subject_of
from detectors.watch import Watch
from events.rejection import Source
from events.time import DAY, HOUR, MINUTE, SECOND
from ledger.fact import INWARD, Cell, Fact, Fix, Ref
from ledger.reference import Reference
from streams.codec import SubjectCodec
from streams.store import MemoryStore
from tests.detector_kit import LATENESS, at, plan, stage, world

KEY = "vehicle:V1"
BEGINS = at("day 2 08:00")
QUARTERS = BEGINS // QUARTER

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
    # A minute that ends elsewhere, behind which the vehicle is where that minute began.
    told += [fix(at("day 2 00:50") + nth * 30 * SECOND, place) for nth, place in enumerate((5, 6, 5, 6, 6, 5))]
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


def test_what_is_held_of_a_vehicle_BEGINS_and_goes_on_at_the_minute() -> None:
    """From the first minute that is held; the minutes behind an instant, in order, the latest left out."""
    told = [fix(BEGINS + minute * MINUTE, minute) for minute in (13, 14, 15, 31, 32, 33)]
    empty, one, many = vehicle([]), vehicle(told[:1]), vehicle(told)
    assert [empty.held_from(), list(empty.cells()), empty.minute] == [None, [], -1]
    assert [one.held_from(), list(one.cells()), one.current] == [BEGINS + 13 * MINUTE, [], told[0]]
    assert one.held_from() == many.held_from() == vehicle(told[:2]).held_from() == BEGINS + 13 * MINUTE
    assert list(many.cells()) == told[:5]
    for minute, first in ((12, 0), (13, 1), (14, 2), (15, 3), (30, 3), (31, 4), (32, 5)):
        assert list(many.cells(BEGINS + minute * MINUTE)) == told[first:5]
    assert many.current == told[5]


def test_of_a_minute_that_says_nothing_new_nothing_changes() -> None:
    """Neither what must be stored nor what was folded; what is new in an earlier minute undoes what lies behind."""
    told = [fix(BEGINS + minute * MINUTE, minute) for minute in (1, 2, 20, 21)]
    watched = vehicle(told)
    watched.changed.clear()
    for known in told:
        assert not watched.take(known)
    assert not watched.changed
    for late, quarter in ((fix(BEGINS + 3 * MINUTE, 3), 0), (fix(BEGINS + 20 * MINUTE + SECOND, 9), 1),
                          (fix(BEGINS + 21 * MINUTE + SECOND, 9), 1)):  # fmt: skip
        watched.changed.clear()
        assert watched.take(late)
        assert watched.changed.keys() == {QUARTERS + quarter}


def folded(watched: Vehicle, minute: int) -> None:
    """As if all up to a minute behind eight had been folded, and remembered."""
    watched.tail, watched.tail_at = (
        watched.base,
        (BEGINS + minute * MINUTE, INWARD, f"V1@{BEGINS // MINUTE + minute}"),
    )
    watched.mark()


def test_what_comes_late_undoes_what_was_folded_behind_it_and_nothing_before() -> None:
    """To the minute; a fold that ended before it stays whole, and what is calm stays calm."""
    for minute, marks in ((9, []), (10, []), (11, [10]), (20, [10]), (21, [10, 20])):
        stays = minute > 20
        watched = vehicle([fix(BEGINS + nth * MINUTE, nth) for nth in (8, 10, 20, 40)])
        for known in (10, 20):
            folded(watched, known)
        watched.calm_until, watched.fresh = BEGINS + DAY, []
        assert watched.take(fix(BEGINS + minute * MINUTE + SECOND, minute + 100))
        assert [(at[0] - BEGINS) // MINUTE for at, _ in watched.marks] == marks
        assert (watched.tail is not None) is stays
        assert watched.calm_until == (BEGINS + DAY if stays else -(2**62))
        assert watched.fresh is None


def test_a_late_minute_right_before_the_latest_is_read_behind_the_one_that_was_last() -> None:
    """It waits to be looked at as any other; one before that changes nothing of it."""
    watched = vehicle([fix(BEGINS + nth * MINUTE, nth) for nth in (8, 10, 20)])
    for late, behind in ((9, []), (14, [14]), (12, [12, 14])):
        watched.take(fix(BEGINS + late * MINUTE, late))
        assert [(cell[0][0] - BEGINS) // MINUTE for cell in watched.cells(BEGINS + 10 * MINUTE)] == behind


def test_the_latest_minute_grows_and_the_fold_that_saw_less_of_it_goes() -> None:
    """A fold that ended before it, and what has come since, stay."""
    for minute, stays in ((10, True), (20, False)):
        watched = vehicle([fix(BEGINS + nth * MINUTE, nth) for nth in (8, 10, 20)])
        folded(watched, minute)
        watched.fresh = []
        assert watched.take(fix(BEGINS + 20 * MINUTE + SECOND, 21))
        assert (watched.tail is not None) is stays
        assert (watched.fresh == []) is stays
        assert watched.current is not None
        assert (watched.current[0][0], watched.current[1][0]) == (
            BEGINS + 20 * MINUTE,
            BEGINS + 20 * MINUTE + SECOND,
        )


def test_minutes_behind_the_fold_wait_until_they_are_looked_at() -> None:
    """Each once the next one BEGINS; while it is the latest it may still grow."""
    watched = vehicle([fix(BEGINS + 8 * MINUTE, 8)])
    folded(watched, 8)
    watched.fresh = []
    told = [fix(BEGINS + minute * MINUTE, minute) for minute in (9, 14, 15, 40)]
    for nth, cell in enumerate(told):
        watched.take(cell)
        assert watched.fresh == told[:nth]


def test_what_was_ridden_over_is_held_as_if_it_had_been_taken() -> None:
    """The latest minute as it has grown, and those behind it, over the end of a quarter."""
    told = [fix(BEGINS + minute * MINUTE, minute) for minute in (12, 13, 14, 15, 16)]
    grown = merge(told[1], fix(BEGINS + 13 * MINUTE + 20 * SECOND, 99))
    ridden, taken = vehicle(told[:2]), vehicle([*told[:1], grown, *told[2:]])
    ridden.changed.clear()
    ridden.ridden([grown, *told[2:]])
    assert ridden.changed.keys() == {QUARTERS, QUARTERS + 1}
    for one in (ridden, taken):
        assert [*one.cells(), one.current] == [told[0], grown, *told[2:]]
    assert [ridden.packed(QUARTERS + nth) for nth in (-1, 0, 1, 2)] == [
        taken.packed(QUARTERS + nth) for nth in (-1, 0, 1, 2)
    ]
    assert ridden.packed(QUARTERS - 1) is ridden.packed(QUARTERS + 2) is None


def test_of_closed_time_no_minute_and_no_mark_is_left() -> None:
    """Quarters before the horizon go, and are written as gone; what lies behind it stays."""
    for quarters, left in ((0, [5, 20, 30]), (1, [20, 30]), (2, [30]), (3, [])):
        watched = vehicle([fix(BEGINS + minute * MINUTE, minute) for minute in (5, 20, 30)])
        for minute in (5, 20, 30):
            folded(watched, minute)
        watched.changed.clear()
        horizon, base = (QUARTERS + quarters) * QUARTER, Folded(watched.base.account, {}, {}, {})
        watched.close_until(horizon, base)
        held = [cell[0][0] for cell in (*watched.cells(), watched.current) if cell is not None]
        assert [(at - BEGINS) // MINUTE for at in held] == left
        assert [(at[0] - BEGINS) // MINUTE for at, _ in watched.marks] == left
        assert watched.changed.keys() == {QUARTERS + nth for nth in range(quarters)}
        assert all(watched.packed(quarter) is None for quarter in watched.changed)
        assert (watched.base is base, watched.base_changed, watched.minute >= 0) == (True, True, bool(left))
        later = fix(BEGINS + 50 * MINUTE, 50)
        watched.take(later)
        assert watched.packed(QUARTERS + 3) == vehicle([later]).packed(QUARTERS + 3)


def test_marks_grow_sparser_the_older_they_are() -> None:
    """Of each quarter within the hour, of each hour within eight, of each day the last: little is folded anew."""
    watched = vehicle([])
    for quarter in range(31 * 4):
        watched.tail, watched.tail_at = watched.base, (at("day 1 00:14") + quarter * QUARTER, INWARD, "")
        watched.mark()
    watched.mark()
    kept = [when for when, _ in watched.marks]
    assert [when[0] for when in kept] == [at(f"day {day}") for day in (
        "1 22:59", "1 23:59", "2 00:59", "2 01:59", "2 02:59", "2 03:59", "2 04:59", "2 05:59",
        "2 06:14", "2 06:29", "2 06:44", "2 06:59",
    )]  # fmt: skip


def test_what_is_told_of_a_trip_matters_from_its_earliest_departure_on() -> None:
    """A plan from then, an end from when it was or from then, of the same trip alone; a mere departure never."""
    first = planned("C1", "day 1 10:00")
    assert matters(first) == at("day 1 10:00")
    assert matters(first, replace(planned("C1", "day 1 12:00"), version=2)) == at("day 1 10:00")
    assert matters(replace(first, version=2), first) is None
    sooner, other = planned("C1", "day 1 09:00", id="anew"), planned("C2", "day 1 08:00")
    assert matters(first, sooner) == at("day 1 09:00")
    assert matters(sooner, first) == at("day 1 09:00")
    ended = stage("arrive", "C1", when="day 1 11:00", standing=True)
    assert matters(ended) == matters(other, ended) == 2**62
    assert matters(first, ended) == at("day 1 10:00")
    assert matters(first, sooner, other, ended) == at("day 1 09:00")
    assert matters(ended, ended) is None
    late, called_off = planned("C1", "day 1 12:00"), stage("cancel", "C1", when="day 1 11:00", standing=True)
    assert matters(late, called_off) == at("day 1 11:00")
    assert matters(first, stage("depart", "C1", when="day 1 10:10", standing=True)) == 2**62


def test_a_trip_that_is_told_leaves_the_fold_as_it_is_until_the_next_look() -> None:
    """Where trips matter from is known then; a vehicle that was forgotten is not any more."""
    watched = vehicle([fix(BEGINS, 1)])
    folded(watched, 0)
    watched.forgotten, marks = True, list(watched.marks)
    assert watched.put(planned("C1", "day 1 10:00"))
    assert watched.put(planned("C2", "day 1 09:00"))
    assert (watched.tail, watched.marks, watched.forgotten) == (watched.base, marks, False)
    assert watched.retold == at("day 1 09:00")


def planned(name: str, depart: str, **said: str) -> Fact:
    return plan(name, ("DET", "1 item"), depart=depart, arrive_by="day 1 15:00", told="day 1 07:00",
                standing=True, **said)  # type: ignore[arg-type]  # an id  # fmt: skip


def matters(*facts: Fact) -> int | None:
    """From when on a vehicle must be folded anew for the last thing that it is told of its trips."""
    told = vehicle([])
    for fact in facts[:-1]:
        told.put(fact)
    told.retold = None
    told.put(facts[-1])
    return told.retold


def test_a_minute_that_a_rule_must_see_is_a_fact_at_its_place_in_event_order() -> None:
    """Named by vehicle and minute, as it is cited; heard of when and where its first fix was."""
    first, last = fix(BEGINS + 10 * MINUTE + SECOND, 3)[0], fix(BEGINS + 10 * MINUTE + 9 * SECOND, 4)[0]
    seen: Seen = (first, last, 6, 1, BEGINS + HOUR, Source("position", 2, 77))
    minute, name = BEGINS // MINUTE + 10, f"V1@{BEGINS // MINUTE + 10}"
    told = vehicle([])
    body = Cell(Fix(*first), Fix(*last), 6, loaded=True, empty=False)
    assert told.fact(seen) == Fact(name, minute * MINUTE, INWARD, 0, 0, BEGINS + HOUR, seen[5], body)
    assert told.ref(seen) == Ref(name, seen[5])
    assert told.order_of(seen) == (minute * MINUTE, INWARD, name)
    assert vehicle([seen]).current == seen
    again = vehicle([])
    assert again.put(told.fact(seen)) == told.fact(seen)
    assert again.put(told.fact(seen)) is None
    assert again.current == seen


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
