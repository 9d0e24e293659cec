"""Scenarios of the road itself: how a permitted trip is driven (D9).

Law kept: an innocent trip keeps to its hours and its speed, whatever a receiver says now and then.
"""

from __future__ import annotations

from events.time import MINUTE, hour_of_day
from simulator.labels import Label
from simulator.scenarios.scene import Scene

_LIMIT_KMH, _LOW_KMH = 60.0, 30.0


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
