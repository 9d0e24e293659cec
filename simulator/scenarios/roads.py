"""Scenarios of the road itself: how a permitted trip is driven (D3, D4, D5, D9).

Law kept: an innocent trip keeps to its hours and its speed, whatever a receiver says now and then.
"""

from __future__ import annotations

from events.registry import RestrictedAreaEntry
from events.time import HOUR, MINUTE, hour_of_day
from simulator.drafts import Dated, Trip
from simulator.labels import Label
from simulator.roads import fraction_of
from simulator.scenarios.scene import Scene
from simulator.trips import drive_of, rearranged

_HALF_TOWN_DEG = 0.03
_LIMIT_KMH, _LOW_KMH = 60.0, 30.0


def roadside_stop(scene: Scene) -> Label | None:
    """D3: three quarters of an hour at the roadside, on the permitted road."""
    trip = scene.trip(lambda trip: trip.arrive - trip.depart > 30 * MINUTE)
    if trip is None:
        return None
    trip.dwells = ((fraction_of(trip.line, len(trip.line) // 2), 45.0),)
    rearranged(trip)
    notes = ("许可停靠点之外停车", "stands where no stop is permitted")
    return scene.label(["D3"], (trip.depart, trip.arrive), notes, **scene.on_trip(trip))


def fills_up(scene: Scene) -> Label | None:
    """D3, innocent: fifteen minutes at a filling station, then half an hour's queue at the consignee's gate."""
    trip = scene.trip(lambda trip: trip.arrive - trip.depart > 30 * MINUTE)
    if trip is None:
        return None
    trip.dwells = ((fraction_of(trip.line, len(trip.line) // 2), 15.0), (0.9999, 35.0))
    rearranged(trip)
    notes = ("途中加油,到收货方门前排队", "fills up on the way, queues at the consignee's gate")
    return scene.label(["D3"], (trip.depart, trip.arrive), notes, **scene.on_trip(trip))


def through_the_town(scene: Scene) -> Label | None:
    """D4: through an area that is closed while the trip passes, without approval."""
    trip = scene.trip(lambda trip: trip.arrive - trip.depart > 30 * MINUTE)
    if trip is None:
        return None
    _closed(scene, trip)
    notes = ("未经批准驶入禁行区", "drives into a restricted area without approval")
    return scene.label(["D4"], (trip.depart, trip.arrive), notes, **scene.on_trip(trip))


def approved_for_the_town(scene: Scene) -> Label | None:
    """D4, innocent: the plan names the area."""
    trip = scene.trip(lambda trip: trip.arrive - trip.depart > 30 * MINUTE)
    if trip is None:
        return None
    trip.areas = (*trip.areas, _closed(scene, trip))
    notes = ("经批准驶入禁行区", "drives into a restricted area that its plan names")
    return scene.label(["D4"], (trip.depart, trip.arrive), notes, **scene.on_trip(trip))


def _closed(scene: Scene, trip: Trip) -> str:
    """Close a square around the middle of a trip's road while it passes; all other trips are approved for it."""
    name, middle = f"R-{trip.id}", len(trip.line) // 2
    (x, y), half = trip.line[middle], _HALF_TOWN_DEG
    passes = drive_of(trip).when(fraction_of(trip.line, middle))
    corners = ((x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half))
    outline = tuple((round(lon, 6), round(lat, 6)) for lon, lat in corners)
    town = RestrictedAreaEntry(restricted_area=name, name="老城区", outline=outline)
    entered = scene.at(0, "00:00")
    scene.world.dated.append(
        Dated(unit="*", entry=town, valid_from=passes - HOUR, valid_to=passes + HOUR, entered=entered)
    )
    for other in scene.world.trips:
        if other is not trip:
            other.areas = (*other.areas, name)
    return name


def long_overdue(scene: Scene) -> Label | None:
    """D5: five and a half hours at a permitted stop; it arrives more than two hours after it was due."""
    trip = scene.trip(lambda trip: _long(trip) and trip.depart < scene.at(scene.day_of(trip), "09:00"))
    if trip is None:
        return None
    _rests(trip, 330.0)
    notes = ("远超计划到达时间仍在途中", "still under way long after it was due")
    return scene.label(["D5"], (trip.depart, trip.arrive), notes, **scene.on_trip(trip))


def late_on_the_road(scene: Scene) -> Label | None:
    """D5, innocent: two hours at a permitted stop; late, but within the grace."""
    trip = scene.trip(lambda trip: _long(trip) and trip.depart < scene.at(scene.day_of(trip), "15:00"))
    if trip is None:
        return None
    _rests(trip, 120.0)
    notes = ("在许可停靠点久停,迟到在宽限内", "rests long at a permitted stop, late within the grace")
    return scene.label(["D5", "D3"], (trip.depart, trip.arrive), notes, **scene.on_trip(trip))


def _long(trip: Trip) -> bool:
    return trip.arrive - trip.depart > 30 * MINUTE


def _rests(trip: Trip, minutes: float) -> None:
    at = len(trip.line) // 2
    trip.stops, trip.dwells = (trip.line[at],), ((fraction_of(trip.line, at), minutes),)
    rearranged(trip)


def too_fast_or_at_wrong_hours(scene: Scene) -> Label | None:
    """D9: drives twenty kilometres an hour faster than its plan allows, or after its permitted hours."""
    trip = scene.trip(lambda trip: trip.arrive - trip.depart > 25 * MINUTE)
    if trip is None:
        return None
    if scene.number % 2:
        before = hour_of_day(trip.depart)
        trip.hours = (60 * (before - 3), 60 * (before - 1))
        notes = ("在许可时段之外行驶", "driven after its permitted hours")
    else:
        trip.limit_kmh = _LOW_KMH
        notes = ("超过运单限速行驶", "driven faster than its plan allows")
    return scene.label(["D9"], (trip.depart, trip.arrive), notes, **scene.on_trip(trip))


def speed_spikes(scene: Scene) -> Label | None:
    """D9, innocent: inside its hours, over midnight as they are written; single fixes name impossible speeds."""
    trip = scene.trip(lambda trip: trip.arrive - trip.depart > 25 * MINUTE)
    if trip is None:
        return None
    trip.limit_kmh, trip.hours = _LIMIT_KMH, (6 * 60, 60)
    trip.spikes = (0.2, 0.45, 0.46, 0.8)
    notes = ("个别定位自报速度异常", "single fixes name impossible speeds")
    return scene.label(["D9"], (trip.depart, trip.arrive), notes, **scene.on_trip(trip))
