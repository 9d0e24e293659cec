"""Histories of a few consignments and a permit that are used, and used again after they were quiet for long.

Law kept: what a history reports is lawful input, as in the other histories; only the time between is longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from hypothesis import strategies as st

from events.log import Received, Tick
from events.report import Event
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
