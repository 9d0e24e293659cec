"""Histories over years: consignments and permits that are used again after a quiet time, papers that are renewed.

Law kept: what a history reports is lawful input, as in the other histories; only the time between is longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from hypothesis import strategies as st

from events.log import Received, Tick
from events.registry import (
    CapacityEntry,
    Category,
    InstrumentEntry,
    LicenceEntry,
    PermitEntry,
    PermitReturnEntry,
    PermittedGoods,
)
from events.report import Event, Registry
from events.time import DAY, MINUTE, Instant, instant
from simulator import stories as s
from tests.laws.histories import GOODS

GAPS: Final = (1, 9, 99, 100, 101, 108, 130, 1_099, 1_100, 1_101, 1_108, 1_300)
"""Days from one use to the next: under, at and over what is quiet for a consignment, and for a permit."""
_delays = st.one_of(st.integers(0, 60), st.integers(60, 6 * 24 * 60)).map(lambda minutes: minutes * MINUTE)
_ends = st.sampled_from((("issue", "S1"), ("issue", "S2"), ("receive", "S2"), ("receive", "S3"), ("return", "S1")))


@st.composite
def _uses(draw: st.DrawFn, day: int, nth: int) -> list[Event]:
    """One use: some movements of a consignment and on a permit, perhaps one of them corrected or taken back."""
    told: list[Event] = []
    for number in range(draw(st.integers(1, 5))):
        operation, site = draw(_ends)
        goods = draw(st.sampled_from(sorted(GOODS)))
        fields: dict[str, Any] = {"id": f"e{nth}.{number}"}
        if draw(st.integers(0, 3)):
            fields["consignment"] = draw(st.sampled_from(("C1", "C1", "C2")))
        if operation == "receive" and draw(st.booleans()):
            fields["permit"] = draw(st.sampled_from(("P1", "P2")))
        when = f"day {day + draw(st.integers(0, 2))} {draw(st.integers(6, 20)):02d}:00"
        amount = f"{draw(st.sampled_from((5, 5, 20)))} {GOODS[goods]}"
        moved = s.flow(operation, amount, site=site, goods=goods, when=when, **fields)  # type: ignore[arg-type]  # drawn words
        told.append(moved)
        if draw(st.integers(0, 4)) == 0:
            told.append(draw(st.sampled_from((s.void(moved), s.correct(moved, consignment="C2")))))
    return told


@st.composite
def quiet_logs(draw: st.DrawFn) -> list[Received]:
    """Two or three uses, as received."""
    log = [s.received(entry) for entry in s.world()]
    day = 1
    for nth, gap in enumerate((0, *draw(st.lists(st.sampled_from(GAPS), min_size=1, max_size=2)))):
        day += gap
        for event in draw(_uses(day, nth)):
            first = s.received(event)
            log.append(Received(first.raw, first.provider, instant(event.occurred_at) + draw(_delays)))
    return sorted(log, key=lambda line: line.received_at)


@st.composite
def _paper(draw: st.DrawFn, day: int, id_: str) -> Registry:
    """One more entry about a capacity, a licence, a permit or a scale, dated about a day."""
    starts = day + draw(st.integers(-40, 3))
    until = draw(st.sampled_from((None, 5, 60, 60)))
    dates: dict[str, Any] = {"valid_from": f"day {starts} 00:00", "entered": f"day {day} 05:00", "id": id_}
    if until is not None:
        dates["valid_to"] = f"day {max(starts + 1, day + until)} 00:00"
    most = s.quantity(f"{draw(st.sampled_from((3, 30)))} item")
    match draw(st.integers(0, 3)):
        case 0:
            return s.registry(CapacityEntry(site="S2", goods="DET", quantity=most), unit="U2", **dates)
        case 1:
            category = draw(st.sampled_from((Category.EXPLOSIVES, Category.CHEMICALS)))
            held = LicenceEntry(licence="L-U2-explosives", category=category, activities=("use",))
            return s.registry(held, unit="U2", **dates)
        case 2:
            goods = (PermittedGoods("DET", most),)
            bought = PermitEntry(permit="P1", purpose="purchase", goods=goods, one_time=draw(st.booleans()))
            return s.registry(bought, unit="U2", **dates)
        case _:
            error = draw(st.sampled_from((0.0, 0.3)))
            scale = InstrumentEntry(instrument="SCALE-S2", site="S2", random=error, systematic=error)
            return s.registry(scale, unit="U2", **dates)


@st.composite
def paper_logs(draw: st.DrawFn, *, changed: bool) -> list[Received]:
    """Some weeks of uses, with entries that supersede each other; ``changed``: corrected or voided much later."""
    log = [s.received(entry) for entry in s.world()]
    day = 1
    known: list[Registry] = []
    for nth in range(draw(st.integers(2, 5))):
        day += draw(st.sampled_from((1, 4, 12, 30)))
        for number in range(draw(st.integers(0, 3))):
            entry = draw(_paper(day, f"p{nth}.{number}"))
            known.append(entry)
            log.append(s.received(entry))
        if changed and draw(st.booleans()) and known:
            old = draw(st.sampled_from(known))
            change = s.void(old, nth + 1) if draw(st.booleans()) else s.correct(old, nth + 1, valid_to=None)
            log.append(s.received(draw(st.sampled_from((change, change, old))), when=f"day {day} 05:30"))
        for event in draw(_uses(day, nth)):
            first = s.received(event)
            log.append(Received(first.raw, first.provider, instant(event.occurred_at) + draw(_delays)))
    return sorted(log, key=lambda line: line.received_at)


@st.composite
def permit_logs(draw: st.DrawFn) -> list[Received]:
    """Transports on permits for one time: used late or twice, told late or otherwise, handed back, told again."""
    log = [s.received(entry) for entry in s.world()]
    day = 1
    for nth in range(draw(st.integers(1, 4))):
        day += draw(st.sampled_from((2, 20, 131, 150)))
        goods = (PermittedGoods("DET", s.quantity(f"{draw(st.sampled_from((5, 20)))} item")),)
        carried = PermitEntry(permit=f"T{nth}", purpose="transport", goods=goods, one_time=True)
        dates: dict[str, Any] = {"valid_from": f"day {day} 00:00", "valid_to": f"day {day + 3} 00:00"}
        given = s.registry(carried, unit="U2", id=f"t{nth}", **dates)
        told_on = day + draw(st.sampled_from((0, 0, 2, 30)))
        log.append(s.received(given, when=f"day {told_on} 05:00"))
        if draw(st.booleans()):
            change = draw(st.sampled_from((s.void(given), s.correct(given, valid_to=None))))
            log.append(s.received(change, when=f"day {told_on + draw(st.sampled_from((1, 9, 60)))} 06:00"))
        if draw(st.booleans()):  # told again when the unit's home may have forgotten it
            log.append(s.received(given, when=f"day {told_on + draw(st.sampled_from((1, 100, 160)))} 07:00"))
        if draw(st.booleans()):
            back = s.registry(PermitReturnEntry(permit=f"T{nth}"), unit="U2", id=f"b{nth}", **dates)
            log.append(s.received(back, when=f"day {day + draw(st.sampled_from((4, 40)))} 08:00"))
        for number, after in enumerate(draw(st.lists(st.sampled_from((0, 1, 5)), max_size=3))):
            moved = s.receive(
                "5 item", site="S2", goods="DET", when=f"day {day + after} 1{number}:00", id=f"u{nth}.{number}",
                permit=f"T{nth}", consignment=f"K{nth}.{number}",
            )  # fmt: skip
            log.append(Received(s.received(moved).raw, s.PROVIDER, instant(moved.occurred_at) + draw(_delays)))
    return sorted(log, key=lambda line: line.received_at)


def end_of(log: Sequence[Received]) -> Instant:
    """A tick here finds everything over that is quiet, whatever the log's last use was."""
    return log[-1].received_at + 1_300 * DAY


def with_sparse_ticks(log: Sequence[Received]) -> list[Received | Tick]:
    """A live log: time moves often while something is reported, and by the month in between."""
    told: list[Received | Tick] = []
    at = s.at("day 1 00:00")
    for line in log:
        while at < line.received_at:
            told.append(Tick(at))
            at += DAY // 2 if line.received_at - at < 9 * DAY else 8 * DAY
        told.append(line)
    after = (1, 3, 8, 9, 30, 100, 108, 109, 1_100, 1_110)
    return [*told, *(Tick(log[-1].received_at + days * DAY) for days in after), Tick(end_of(log))]
