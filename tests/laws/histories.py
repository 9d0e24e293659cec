"""Histories to try the laws on: a few days at three sites, reported late, twice, corrected and out of order.

Law kept: what a history reports is lawful input (nothing later than its lateness); what it means may be anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hypothesis import strategies as st

from events.log import Received, Tick
from events.report import Consignment, Counterparty, Event, Flow, Inventory, Operation, SerialRange
from events.time import DAY, HOUR, MINUTE, Instant, instant
from events.transit import ON_THE_ROAD
from simulator import stories as s
from simulator.stories.relative import OWNER

GOODS = {"DET": "item", "EXP": "kg"}
LAST = s.at("day 30 00:00")
"""A tick here finds every deadline passed and every fact folded."""

OPERATIONS: Final[tuple[Operation, ...]] = (
    "open",
    "receive",
    "receive",
    "issue",
    "issue",
    "issue",
    "produce",
    "consume",
    "destroy",
    "return",
    "declare_loss",
    "adjust",
)
_NEEDS: Final[Mapping[str, Mapping[str, str]]] = {
    "declare_loss": {"reason": "spilt"},
    "adjust": {"reason": "found", "approver": "A", "direction": "out"},
}  # fmt: skip
_sites = st.sampled_from(sorted(OWNER))
_goods = st.sampled_from(sorted(GOODS))
_amounts = st.integers(0, 40)
_times = st.builds(
    lambda d, h, m: f"day {d} {h:02d}:{m:02d}", st.integers(1, 3), st.integers(6, 21), st.sampled_from((0, 30))
)
_runs = st.builds(
    lambda first, more: SerialRange(maker="M1", type="T1", first=first, last=first + more),
    st.sampled_from((1, 3, 5, 9_998, 10_001)),
    st.sampled_from((0, 2, 6, 10_000)),
)
_serials = st.one_of(st.just(()), st.just(()), st.lists(_runs, min_size=1, max_size=3).map(tuple))
"""Of few numbers, so that the same ones are met again, on both sides of a block's border."""
_delays = st.one_of(st.integers(0, 60), st.integers(60, 6 * 24 * 60)).map(lambda minutes: minutes * MINUTE)


@st.composite
def flows(draw: st.DrawFn, number: int) -> Flow:
    """A movement of some kind; about half go by a consignment, so that both ends may speak of it."""
    goods = draw(_goods)
    operation = draw(st.sampled_from(OPERATIONS))
    fields: dict[str, Any] = {"id": f"e{number}", **_NEEDS.get(operation, {})}
    if operation in ON_THE_ROAD and draw(st.booleans()):
        fields["consignment"] = draw(st.sampled_from(("C1", "C2")))
    if operation == "issue" and draw(st.booleans()):
        whither = draw(_sites)
        fields["counterparty"] = Counterparty(unit=OWNER[whither], site=whither)
    if operation == "receive" and draw(st.booleans()):
        fields["permit"] = "P1"
    if goods == "DET":
        fields["serials"] = draw(_serials)
    amount = f"{draw(_amounts)} {GOODS[goods]}"
    return s.flow(operation, amount, site=draw(_sites), goods=goods, when=draw(_times), **fields)


@st.composite
def counts(draw: st.DrawFn, number: int) -> Inventory:
    """A physical count."""
    goods = draw(_goods)
    amount = f"{draw(_amounts)} {GOODS[goods]}"
    return s.count(
        amount, site=draw(_sites), goods=goods, when=draw(_times), id=f"e{number}", estimated=draw(st.booleans()),
        serials=draw(_serials) if goods == "DET" else (),
    )  # fmt: skip


@st.composite
def events(draw: st.DrawFn, most: int = 14) -> list[Event]:
    """Some days of movements, counts, plans, positions, with a few corrections and events taken back."""
    told: list[Event] = [
        draw(st.one_of(flows(number), flows(number), counts(number)))
        for number in range(draw(st.integers(2, most)))
    ]
    for event in draw(st.lists(st.sampled_from(told), max_size=3, unique_by=id)):
        if isinstance(event, Flow | Inventory):
            amount = s.quantity(f"{draw(_amounts)} {GOODS[event.goods]}")
            renumbered = s.correct(event, quantity=amount, serials=draw(_serials))
            told.append(draw(st.sampled_from((s.void(event), s.correct(event, quantity=amount), renumbered))))
    if draw(st.booleans()):
        told.extend(_trip(draw))
    return told


def _trip(draw: st.DrawFn) -> list[Event]:
    plan = s.plan("C1", {"DET": "20 item"}, depart="day 2 08:00", arrive_by="day 2 12:00")
    told: list[Event] = [plan]
    if draw(st.booleans()):
        told.append(s.stage("C1", "arrive", when="day 2 11:30"))
    for minute in range(0, draw(st.sampled_from((0, 10, 40))), 2):
        point = s.along(minute / 60, aside_m=draw(st.sampled_from((0.0, 0.0, 2_000.0))))
        told.append(s.position(point, when=f"day 2 08:{minute:02d}", loaded=True))
    return told


@st.composite
def logs(draw: st.DrawFn) -> list[Received]:
    """A history as received: each event some time after it happened, some twice, in order of receipt."""
    log = [s.received(entry) for entry in s.world()]
    for event in draw(events()):
        happened = instant(event.occurred_at)
        late = draw(_delays) if not isinstance(event, Consignment) else draw(_delays) % (2 * DAY)
        if getattr(event, "vehicle", None) is not None:
            late %= 20 * HOUR
        first = s.received(event)
        log.append(Received(first.raw, first.provider, happened + late))
        if draw(st.integers(0, 5)) == 0:
            again = late + draw(st.integers(0, 60)) * MINUTE
            log.append(Received(first.raw, first.provider, happened + min(again, 19 * HOUR + 6 * DAY)))
    return sorted(log, key=lambda line: line.received_at)


def with_ticks(log: list[Received], every: Instant = 6 * HOUR, *, until: Instant = LAST) -> list[Received | Tick]:
    """A live log: ticks stand behind what was received before them, to the end of all lateness, or another."""
    told: list[Received | Tick] = []
    at = s.at("day 1 00:00")
    for line in log:
        while at < line.received_at:
            told.append(Tick(at))
            at += every
        told.append(line)
    while at <= until:
        told.append(Tick(at))
        at += every * 4
    return [*told, Tick(until)]
