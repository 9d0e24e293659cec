"""Scenarios of the order on a permitted road: it is driven from its start to its end, and no part of it is left out
(D2 by progress).

Law kept: an innocent trip comes by every part of its road in turn, whether the road runs back along itself or not.
"""

from __future__ import annotations

from events.registry import Point
from events.time import MINUTE
from simulator.drafts import Trip
from simulator.labels import Label
from simulator.roads import aside, fraction_of, length, place_at
from simulator.scenarios.scene import Scene
from simulator.trips import planned_along, rearranged

_BESIDE_M, _MISSED_M = 4_000.0, 300.0


def turns_back(scene: Scene) -> Label | None:
    """D2: turns back on its own road, drives a third of it again, and then on."""
    trip = scene.trip(lambda trip: trip.arrive - trip.depart > 30 * MINUTE, spare=True)
    if trip is None:
        return None
    _turned(trip, 0.7, 0.35)
    notes = ("沿许可路线折返后再前行", "turns back on the permitted road, then on again")
    return scene.label(["D2"], (trip.depart, trip.arrive), notes, **scene.on_trip(trip))


def turns_in_a_yard(scene: Scene) -> Label | None:
    """D2, innocent: misses a yard by three hundred metres, goes back to it, waits, and drives on."""
    trip = scene.trip(_fits, spare=True)
    if trip is None:
        return None
    _turned(trip, 0.6, 0.6 - _MISSED_M / length(trip.line))
    trip.dwells = ((0.6, 12.0),)
    rearranged(trip)
    notes = ("退回三百米进场停靠后继续", "goes three hundred metres back to a yard, then on")
    return scene.label(["D2"], (trip.depart, trip.arrive), notes, **scene.on_trip(trip))


def leaves_out(scene: Scene) -> Label | None:
    """D2: its road leads four kilometres to a checkpoint and back again; it drives straight on."""
    trip = scene.trip(_fits, spare=True)
    if trip is None:
        return None
    planned_along(trip, _by_checkpoint(trip))
    notes = ("漏走许可路线上往返检查站的一段", "leaves out the part of its road to a checkpoint and back")
    return scene.label(["D2"], (trip.depart, trip.arrive), notes, **scene.on_trip(trip))


def by_the_checkpoint(scene: Scene) -> Label | None:
    """D2, innocent: its road leads to a checkpoint and back again, and it drives all of it."""
    trip = scene.trip(_fits, spare=True)
    if trip is None:
        return None
    planned_along(trip, _by_checkpoint(trip))
    trip.driven = trip.line
    rearranged(trip)
    notes = ("按许可路线往返检查站", "drives to the checkpoint and back as its road leads")
    return scene.label(["D2"], (trip.depart, trip.arrive), notes, **scene.on_trip(trip))


def _fits(trip: Trip) -> bool:
    return trip.arrive - trip.depart > 20 * MINUTE


def _by_checkpoint(trip: Trip) -> tuple[Point, ...]:
    """A trip's road by way of a place four kilometres beside its middle, which it leaves as it came."""
    half = len(trip.line) // 2
    at = trip.line[half]
    return (*trip.line[: half + 1], aside(trip.line, half, _BESIDE_M), at, *trip.line[half + 1 :])


def _turned(trip: Trip, turns: float, again: float) -> None:
    """Drive a trip's road to one fraction of it, back to another, and from there to its end."""
    ways = [(fraction_of(trip.line, nth), point) for nth, point in enumerate(trip.line)]
    back = [point for at, point in reversed(ways) if again < at < turns]
    out = [point for at, point in ways if at < turns]
    on = [point for at, point in ways if at > again]
    trip.driven = (*out, place_at(trip.line, turns), *back, place_at(trip.line, again), *on)
    rearranged(trip)
