"""Tracks: what a trip sends: its plan, its stages, and a position every 30 to 60 seconds.

Law kept: a clean trip's positions come from the moment it departs until it arrives, with no gap over ten
minutes; blind zones are filled in late, never left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from events.intake import encode
from events.log import Received
from events.quantity import quantity_of
from events.report import Consignment, Load, Party, Plan, Position, Route, Stop
from events.time import SECOND, Instant, instant, moment
from simulator.chance import Chance, chance
from simulator.drafts import Trip, World
from simulator.goods import CATALOGUE
from simulator.roads import DEGREE_M, Drive
from simulator.trips import drive_of
from simulator.upload import provider_of

TRACKER = "gps-35"
"""The provider of all positions: the province's vehicle platform."""
_EMPTY_EVERY_S, _EMPTY_KMH, _BLIND = 60.0, 60.0, 0.05


def trip_reports(world: World, trip: Trip) -> Iterator[Received]:
    """Everything that a trip sends."""
    draw = chance(world.config.seed, "track", trip.id)
    provider = provider_of(world.sites[trip.shipper].area)
    if trip.planned:
        held = trip.plan_received or trip.filed + int(draw.uniform(20, 150)) * SECOND
        yield Received(encode(_plan(world, trip)), provider, held)
        for event in (_stage(trip, "depart", trip.depart), _stage(trip, "arrive", trip.said or trip.arrive)):
            soon = instant(event.occurred_at) + int(draw.integers(2, 5)) * SECOND
            yield Received(encode(event), provider, max(soon, held + SECOND))
    if trip.tracked:
        yield from _loaded_drive(trip, draw)
        yield from _empty_drive(trip, draw)


def _plan(world: World, trip: Trip) -> Consignment:
    shipper, consignee = world.owner(trip.shipper), world.owner(trip.consignee)
    routes = tuple(Route(line=line, half_width_m=trip.half_width_m) for line in (trip.line, *trip.other_lines))
    plan = Plan(
        shipper=Party(unit=shipper.id, site=trip.shipper),
        consignee=Party(unit=consignee.id, site=trip.consignee),
        loads=tuple(
            Load(goods=goods, quantity=quantity_of(base, CATALOGUE[goods].measure))
            for goods, base in ((trip.goods, trip.base), *trip.beside)
        ),
        vehicle=trip.vehicle,
        depart_at=moment(trip.depart),
        arrive_by=moment(trip.arrive_by),
        carrier=shipper.id,
        driver=f"{shipper.id}-D{trip.vehicle[-1]}",
        escort=f"{shipper.id}-E{trip.vehicle[-1]}",
        permit=trip.permit,
        routes=routes,
        stops=tuple(Stop(at=place) for place in trip.stops),
        hours=trip.hours,
        speed_limit_kmh=trip.limit_kmh,
        areas=trip.areas,
    )
    return Consignment(version=1, id=f"{trip.id}-plan", occurred_at=moment(trip.filed),
                       consignment=trip.id, stage="plan", plan=plan)  # fmt: skip


def _stage(trip: Trip, reached: Literal["depart", "arrive"], at: Instant) -> Consignment:
    name = f"{trip.id}-{reached}"
    return Consignment(version=1, id=name, occurred_at=moment(at), consignment=trip.id, stage=reached)


def _loaded_drive(trip: Trip, draw: Chance) -> Iterator[Received]:
    drive = drive_of(trip)
    times, lon, lat, speed = drive.fixes(draw)
    blind = trip.backfilled
    if blind is None and draw.random() < _BLIND and len(times) > 30:
        begins = int(times[int(draw.integers(5, len(times) - 20))])
        blind = (begins, begins + int(draw.integers(120, 420)) * SECOND)
    for fraction in trip.jumps:
        lat[int(fraction * (len(lat) - 1))] += 1_500.0 / DEGREE_M
    for fraction in trip.spikes:
        speed[int(fraction * (len(speed) - 1))] = 160.0
    keep = np.ones(len(times), dtype=bool)
    if trip.dark is not None:
        keep = (times < trip.dark[0]) | (times > trip.dark[1])
    alarms = np.zeros(len(times), dtype=np.int64)
    if trip.alarms is not None:
        alarms[(times >= trip.alarms[0]) & (times <= trip.alarms[1])] = trip.alarms[2]
    places = zip(lon.tolist(), lat.tolist(), speed.tolist(), strict=True)
    for at, fix, bits, kept in zip(times.tolist(), places, alarms.tolist(), keep.tolist(), strict=True):
        if kept:
            yield _fix(trip.vehicle, at, fix, bits=bits, loaded=True, held=_held(at, blind))


def _empty_drive(trip: Trip, draw: Chance) -> Iterator[Received]:
    """The way home, unloaded; a vehicle that was held up or went dark goes home untracked."""
    if trip.dwells or trip.dark or trip.driven != trip.line:
        return
    starts = trip.taken.at + int(draw.integers(300, 600)) * SECOND
    times, lon, lat, speed = Drive(trip.line[::-1], starts, _EMPTY_KMH).fixes(draw, _EMPTY_EVERY_S)
    for at, x, y, kmh in zip(times.tolist(), lon.tolist(), lat.tolist(), speed.tolist(), strict=True):
        yield _fix(trip.vehicle, at, (x, y, kmh), bits=0, loaded=False, held=_held(at, None))


def _held(at: Instant, blind: tuple[Instant, Instant] | None) -> Instant:
    """When a fix is received: seconds later, or behind the blind zone."""
    if blind is not None and blind[0] <= at <= blind[1]:
        return blind[1] + 30 * SECOND + (at - blind[0]) // 200_000 * 1_000
    return at + (1 + at // SECOND % 4) * SECOND


def _fix(
    vehicle: str, at: Instant, fix: tuple[float, float, float], *, bits: int, loaded: bool, held: Instant
) -> Received:
    lon, lat, kmh = fix
    event = Position(
        version=1,
        occurred_at=moment(at),
        vehicle=vehicle,
        lon=round(lon, 5),
        lat=round(lat, 5),
        speed_kmh=round(max(0.0, kmh), 1),
        alarms=bits,
        loaded=loaded,
    )
    return Received(encode(event), TRACKER, held)
