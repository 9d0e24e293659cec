"""A simulated province: from a configuration to a log in order of receipt, with its labels.

Law kept: one configuration, one log, to the last byte. Whatever is not in order in it carries a label.
"""

from __future__ import annotations

from msgspec import Struct

from events.intake import encode
from events.log import Received, Tick
from events.time import HOUR, MINUTE, Instant, day_start
from simulator.config import Config
from simulator.counting import count
from simulator.drafts import World
from simulator.filing import filings
from simulator.founding import found
from simulator.labels import Label
from simulator.numbering import number
from simulator.papers import papers
from simulator.scenarios import stage
from simulator.settling import settle
from simulator.tracks import trip_reports
from simulator.trips import dispatch
from simulator.upload import site_reports
from simulator.work import labour

REGISTRAR = "registry-35"
"""The provider of all registry entries."""
_HISTORY_TICK = 3 * HOUR


class Simulation(Struct, frozen=True):
    """What was received, with ticks, in order; and what was done on purpose."""

    config: Config
    log: tuple[Received | Tick, ...]
    labels: tuple[Label, ...]


def simulate(config: Config, *, positions: bool = True) -> Simulation:
    """The province of a configuration; without ``positions`` no vehicle says where it is."""
    world = draft(config)
    lines = [Received(encode(filed.event), REGISTRAR, filed.received_at) for filed in papers(world)]
    for site in world.sites.values():
        lines.extend(site_reports(world, site))
    lines.extend(filings(world, REGISTRAR))
    for trip in world.trips:
        trip.tracked = trip.tracked and positions
        lines.extend(trip_reports(world, trip))
    lines.sort(key=lambda line: line.received_at)
    return Simulation(config, tuple(_with_ticks(lines, ticks(world))), tuple(world.labels))


def draft(config: Config) -> World:
    """The province in draft, staged and counted: what the reports will say, before they are said."""
    world = found(config)
    labour(world)
    dispatch(world)
    settle(world)
    stage(world)
    count(world)
    number(world)
    return world


def ticks(world: World) -> list[Instant]:
    """When time is told: every three hours in the history, every quarter from the first day to the end."""
    config = world.config
    first = min((day_start(site.first_day) for site in world.sites.values()), default=config.starts)
    last = config.ends + config.settle_hours * HOUR
    return [
        *range(first, config.starts, _HISTORY_TICK),
        *range(config.starts, last, config.tick_minutes * MINUTE),
        last,
    ]


def _with_ticks(lines: list[Received], times: list[Instant]) -> list[Received | Tick]:
    """Each tick stands behind everything that was received up to it; what came after the last is left out."""
    merged: list[Received | Tick] = []
    at = 0
    for time in times:
        start = at
        while at < len(lines) and lines[at].received_at <= time:
            at += 1
        merged.extend(lines[start:at])
        merged.append(Tick(time))
    return merged
