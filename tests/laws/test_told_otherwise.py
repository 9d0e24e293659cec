"""Entries that are corrected or taken back after days that they speak of have closed: laws 3 and 4."""

from __future__ import annotations

import random
from datetime import date

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.log import Received, Tick
from events.quantity import Measure
from events.registry import (
    CalendarEntry,
    Category,
    GoodsEntry,
    IncompatibilityEntry,
    LicenceEntry,
    RestrictedAreaEntry,
)
from events.report import Registry
from events.time import DAY
from simulator import stories as s
from tests.laws.histories import with_ticks
from tests.laws.lanes import run

tried = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def world() -> list[Received]:
    """The little world, in which U9 has a store of its own."""
    entries = [entry for entry in s.world() if not (isinstance(entry.entry, LicenceEntry) and entry.unit == "U2")]
    return [s.received(entry) for entry in entries]


@st.composite
def told_otherwise(draw: st.DrawFn) -> list[Received]:
    """A licence, told, told otherwise and taken back, and what is used up in between, on days far apart."""
    log = world()
    first = s.registry(
        LicenceEntry(licence="L9", category=Category.EXPLOSIVES, activities=("store", "use", "purchase")),
        unit="U2", valid_from="day -20 00:00",
    )  # fmt: skip
    told_on = draw(st.sampled_from((-19, 3, 14)))
    log.append(s.received(first, when=f"day {told_on} 05:00"))
    changes: list[Registry] = [
        s.correct(first, 1, valid_to=None),
        s.correct(first, 2, entry=LicenceEntry(licence="L9", category=Category.EXPLOSIVES, activities=("sell",))),
        s.void(first, 3),
    ]
    for change in draw(st.lists(st.sampled_from(changes), unique_by=lambda one: one.id, max_size=3)):
        # One that comes before what it corrects waits, but not for days: it is refused then, and can be sent again.
        log.append(s.received(change, when=f"day {draw(st.integers(max(2, told_on), 40))} 05:30"))
    log.append(s.received(s.opening("500 item", site="S2", goods="DET", when="day 1 07:00")))
    for day in draw(st.lists(st.integers(1, 40), min_size=1, max_size=5, unique=True)):
        log.append(s.received(s.consume("1 item", site="S2", goods="DET", when=f"day {day} 10:00")))
    return sorted(log, key=lambda line: line.received_at)


GEL = GoodsEntry(
    goods="GEL", name="胶质炸药", name_en="gelignite", category=Category.EXPLOSIVES, measure=Measure.MASS,
    critical=s.quantity("1 t"), hazard_class="1.1D",
)  # fmt: skip
"""What the catalogue says of a goods at first."""
FOR_EVERYONE: dict[str, list[Registry]] = {
    "goods": [s.registry(GEL, valid_from="day -20 00:00")],
    "calendar": [s.registry(CalendarEntry(year=2026, holidays=()), valid_from="day -20 00:00")],
    "apart": [s.registry(IncompatibilityEntry(one="1.1D", other="1.1B"), valid_from="day -20 00:00")],
}
HOLIDAYS = tuple(date(2026, 5, day) for day in (6, 7, 8, 12, 13, 14, 20, 21, 22))


def _told_otherwise_to_everyone(draw: st.DrawFn) -> list[Received]:
    """The catalogue, the calendar and what is kept apart, each told some time and changed some times later."""
    log: list[Received] = []
    goods, calendar, apart = (FOR_EVERYONE[kind][0] for kind in ("goods", "calendar", "apart"))
    replaced = msgspec.structs.replace
    changes: dict[str, list[Registry]] = {
        "goods": [
            s.correct(goods, 1, entry=replaced(GEL, critical=s.quantity("10 kg"))),
            s.correct(goods, 2, entry=replaced(GEL, category=Category.CHEMICALS, flags=("explosive_precursor",))),
            s.correct(goods, 3, entry=replaced(GEL, hazard_class=None, critical=None)),
            s.void(goods, 4),
        ],
        "calendar": [
            s.correct(calendar, 1, entry=CalendarEntry(year=2026, holidays=HOLIDAYS)),
            s.void(calendar, 2),
        ],
        "apart": [s.correct(apart, 1, entry=IncompatibilityEntry(one="1.1D", other="8")), s.void(apart, 2)],
    }
    for kind, told in FOR_EVERYONE.items():
        told_on = draw(st.sampled_from((-19, 1, 3, 14)))
        log.append(s.received(told[0], when=f"day {told_on} 05:00"))
        later = st.integers(max(2, told_on), 40)
        changed = draw(st.lists(st.sampled_from(changes[kind]), unique_by=lambda one: one.id, max_size=3))
        log += [s.received(change, when=f"day {draw(later)} 05:30") for change in changed]
    return log


def _det() -> Registry:
    """What the catalogue says of detonators."""
    return next(one for one in s.world() if isinstance(one.entry, GoodsEntry) and one.entry.goods == "DET")


@st.composite
def told_otherwise_to_everyone(draw: st.DrawFn) -> list[Received]:
    """What a site holds, sells and lays together while what concerns everyone is told late and told otherwise."""
    entries = [s.received(entry) for entry in s.world()]
    det = _det()
    log = [*entries, *_told_otherwise_to_everyone(draw)]
    classed = msgspec.structs.replace(det.entry, hazard_class="1.1B")
    log.append(s.received(s.correct(det, 1, entry=classed), when=f"day {draw(st.integers(-19, 30))} 06:00"))
    for goods, amount in (("DET", "500 item"), ("GEL", "200 kg")):
        log.append(s.received(s.opening(amount, site="S2", goods=goods, when="day 1 07:00", room="R1")))
    for day in draw(st.lists(st.integers(1, 40), min_size=1, max_size=6, unique=True)):
        goods, unit = draw(st.sampled_from((("DET", "item"), ("GEL", "kg"))))
        deed = draw(st.sampled_from((s.consume, s.receive, s.issue)))
        log.append(s.received(deed(f"5 {unit}", site="S2", goods=goods, when=f"day {day} 10:00", room="R1")))
    return sorted(log, key=lambda line: line.received_at)


@st.composite
def areas_told_otherwise(draw: st.DrawFn) -> list[Received]:
    """Trips through a restricted area that is told late, moved or taken back, on days far apart."""
    log = [s.received(entry) for entry in s.world()]
    lons = (119.35, 119.45) if draw(st.booleans()) else (119.40, 119.60)

    def town(west: float, east: float) -> RestrictedAreaEntry:
        outline = ((west, 26.0), (east, 26.0), (east, 26.2), (west, 26.2))
        return RestrictedAreaEntry(restricted_area="R1", name="老城区", outline=outline)

    first = s.registry(town(*lons), valid_from="day -20 00:00")
    told_on = draw(st.sampled_from((-19, 2, 3, 4, 5, 9, 14)))
    log.append(s.received(first, when=f"day {told_on} 05:00"))
    changes = [s.correct(first, 1, entry=town(119.41, 119.42)), s.void(first, 2)]
    later = st.integers(max(2, told_on), 16)
    changed = draw(st.lists(st.sampled_from(changes), unique_by=lambda one: one.id, max_size=2))
    log += [s.received(change, when=f"day {draw(later)} 05:30") for change in changed]
    catalogued = _det()
    toxic = s.correct(catalogued, 1, entry=msgspec.structs.replace(catalogued.entry, flags=("highly_toxic",)))
    log.append(s.received(toxic, when=f"day {draw(later)} 06:00"))
    for number, day in enumerate(draw(st.lists(st.integers(2, 10), min_size=1, max_size=3, unique=True))):
        name = f"C{number}"
        plan = s.plan(name, {"DET": "20 item"}, depart=f"day {day} 08:00", arrive_by=f"day {day} 12:00")
        log.append(s.received(plan))
        for minute in range(0, 100, 2):
            when, place = f"day {day} {8 + minute // 60:02d}:{minute % 60:02d}", s.along(min(minute / 60, 0.6))
            log.append(s.received(s.position(place, when=when, loaded=True)))
    return sorted(log, key=lambda line: line.received_at)


def same_in_any_order(log: list[Received], seed: int) -> None:
    """As time went, or all at once and shuffled: the same end."""
    shuffled = list(log)
    random.Random(seed).shuffle(shuffled)
    end = log[-1].received_at + 30 * DAY
    assert run(with_ticks(log, DAY // 2, until=end)) == run([*shuffled, Tick(end)])


@tried
@given(told_otherwise(), st.integers(0, 2**16))
def test_an_entry_speaks_of_a_day_as_it_was_told_when_that_closed(log: list[Received], seed: int) -> None:
    """Told otherwise on the way or all at once, in any order: the same findings."""
    same_in_any_order(log, seed)


@tried
@given(told_otherwise_to_everyone(), st.integers(0, 2**16))
def test_what_concerns_everyone_speaks_of_a_day_as_it_was_told_when_that_closed(
    log: list[Received], seed: int
) -> None:
    """Goods, calendars and what is kept apart, told late, otherwise or taken back, in any order: the same end."""
    same_in_any_order(log, seed)


@tried
@given(areas_told_otherwise(), st.integers(0, 2**16))
def test_a_restricted_area_speaks_of_a_vehicles_day_as_it_was_told_when_that_closed(
    log: list[Received], seed: int
) -> None:
    """Vehicles close their days sooner than sites: told late, moved or taken back, in any order: the same end."""
    same_in_any_order(log, seed)
