"""A lorry on the road from S1 to S2, twenty kilometres due east, for the stories of the road."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from events.log import Received
from events.registry import Point
from events.report import Counterparty, Event, Position, Route
from simulator import stories as s

STRAIGHT: Final = s.straight("S1", "S2")
NORTH: Final = Route(line=tuple(s.along(part / 10, aside_m=1000) for part in range(11)), half_width_m=300.0)
"""The same road a kilometre further north."""

ARRIVED: Final[tuple[Event, ...]] = (
    s.stage("C1", "arrive", when="day 1 10:00"),
    s.receive("100 item", site="S2", goods="DET", when="day 1 10:05", consignment="C1",
              counterparty=Counterparty(unit="U1", site="S1")),
)  # fmt: skip


def filed(*routes: Route) -> tuple[Event, ...]:
    """A hundred detonators sent at nine, on any of these routes."""
    return (
        s.opening("800 item", site="S1", goods="DET", when="day 1 08:00"),
        s.plan("C1", {"DET": "100 item"}, depart="day 1 09:00", arrive_by="day 1 10:30", routes=routes),
        s.issue("100 item", site="S1", goods="DET", when="day 1 09:00", consignment="C1",
                counterparty=Counterparty(unit="U2", site="S2")),
    )  # fmt: skip


def fix(minute: int, where: Callable[[int], Point]) -> Position:
    """Where the lorry says it is, a minute of the hour from nine to ten."""
    return s.position(where(minute), when=f"day 1 09:{minute:02}", speed_kmh=20, loaded=True)


def drive(where: Callable[[int], Point], minutes: Iterable[int] = range(60)) -> list[Received]:
    """A fix in each of these minutes, received seconds later."""
    return [s.received(fix(minute, where), when=f"day 1 09:{minute:02}:05") for minute in minutes]
