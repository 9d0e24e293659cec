"""Histories with a register that comes late: sites, goods and permits heard of days after what they explain.

Law kept: an entry may come before or after what it explains, up to the close of that day; permits here are small
enough to be used up, run out, and be used again.
"""

from __future__ import annotations

from hypothesis import strategies as st
from msgspec.structs import replace

from events.log import Received, Tick
from events.quantity import Quantity
from events.registry import PermitEntry, PermittedGoods, SourceEntry
from events.report import Flow, Registry
from events.time import DAY, HOUR, MINUTE, instant, moment
from simulator import stories as s
from tests.laws.histories import events, with_ticks
from tests.laws.lanes import published

_KEPT = (("S2", "day -30 00:00"), ("S3", "day 2 12:00"), ("S2", "day 9 00:00"))
"""Where a source is registered, from when on."""


def papers() -> tuple[Registry, ...]:
    """Permits that run out: by quantity (P3), by date (P4), by their one consignment (P5)."""
    few = (PermittedGoods("DET", Quantity("30", "item")), PermittedGoods("EXP", Quantity("25", "kg")))
    many = (PermittedGoods("DET", Quantity("900", "item")), PermittedGoods("EXP", Quantity("900", "kg")))
    return (
        s.registry(PermitEntry(permit="P3", purpose="purchase", goods=few), unit="U2"),
        s.registry(PermitEntry(permit="P4", purpose="sale", goods=many), unit="U1", valid_to="day 2 06:00"),
        s.registry(PermitEntry(permit="P5", purpose="purchase", goods=many, one_time=True), unit="U2"),
        *(
            s.registry(source(site), unit="U2", id=f"source-{n}", valid_from=since)
            for n, (site, since) in enumerate(_KEPT)
        ),
    )


def source(site: str) -> SourceEntry:
    """A source, by a number that histories move, at a site."""
    return SourceEntry(
        maker="M1", model="T1", serial=3, goods="DET", site=site, activity=Quantity("1", "GBq"),
        measured_at=moment(s.at("day 1 00:00")),
    )  # fmt: skip


@st.composite
def chaotic(draw: st.DrawFn) -> list[Received | Tick]:
    """A live log up to some tick: movements on permits, the register in part days late, much told again."""
    told = [_on_permit(draw, event) if isinstance(event, Flow) else event for event in draw(events(20))]
    log: list[Received] = []
    for entry in (*s.world(), *papers()):
        late = draw(st.sampled_from((0, 0, 0, 0, 32, 34, 36, 40))) * DAY
        log.append(Received(s.received(entry).raw, s.PROVIDER, instant(entry.occurred_at) + 5 * MINUTE + late))
    for event in told:
        first = s.received(event)
        happened = instant(event.occurred_at)
        for _ in range(draw(st.sampled_from((1, 1, 1, 2, 3)))):
            late = draw(st.sampled_from((5 * MINUTE, 5 * MINUTE, HOUR, 19 * HOUR, 30 * HOUR, 6 * DAY)))
            log.append(Received(first.raw, first.provider, happened + late))
    live = with_ticks(sorted(log, key=lambda line: line.received_at))
    ticks = [place for place, item in enumerate(live) if isinstance(item, Tick)]
    cut = ticks[draw(st.integers(len(ticks) // 4, len(ticks) - 1))]
    return [published(), *live[: cut + 1]]


def _on_permit(draw: st.DrawFn, event: Flow) -> Flow:
    if event.operation not in ("receive", "issue"):
        return event
    return replace(event, permit=draw(st.sampled_from((None, "P1", "P3", "P4", "P5", "P6"))))
