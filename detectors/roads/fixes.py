"""Fixes that can be believed: a vehicle neither leaps, nor stands still at speed, nor sails off Africa.

Law kept: an impossible fix is no evidence about the road. A single leap is dropped; a second fix that agrees with
it means that the vehicle is there now.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from detectors.roads.geometry import distance_m
from events.time import DAY, HOUR, Instant
from ledger.fact import Cell, Fix

FASTEST_KMH: Final = 200.0
"""Faster between two fixes is a leap of the receiver, not of the vehicle."""
MOVING_KMH: Final = 10.0
"""A fix at the very same place that claims more than this is frozen."""
FORGOTTEN: Final = DAY
"""After so long a silence it does not matter where a vehicle was before: all that was known of it may go."""
NOWHERE_DEG: Final = 0.01


class Track(Struct, frozen=True, array_like=True, gc=False):
    """The last fix that was believed, and the leap after it that was not."""

    last: Fix | None = None
    leap: Fix | None = None


def follow(track: Track, fix: Fix) -> tuple[Track, bool]:
    """The track with one more fix, and whether that fix is believed."""
    if nowhere(fix):
        return track, False
    last = track.last
    if last is None or fix.at - last.at >= FORGOTTEN:
        return Track(fix), True
    if (fix.lon, fix.lat) == (last.lon, last.lat) and fix.speed_kmh > MOVING_KMH:
        return track, False
    if speed_kmh(last, fix) <= FASTEST_KMH or (track.leap and speed_kmh(track.leap, fix) <= FASTEST_KMH):
        return Track(fix), True
    return Track(last, fix), False


def forgettable(track: Track, since: Instant) -> bool:
    """Whether a track is so old that it makes no later fix a leap."""
    return all(fix is None or fix.at <= since for fix in (track.last, track.leap))


def nowhere(fix: Fix) -> bool:
    """Whether a fix is at zero degrees both ways, where receivers without satellites are."""
    return abs(fix.lon) < NOWHERE_DEG and abs(fix.lat) < NOWHERE_DEG


def speed_kmh(a: Fix, b: Fix) -> float:
    """The speed that takes a vehicle from one fix to a later one; infinite for two places at one instant.

    >>> round(speed_kmh(Fix(0, 119.3, 26.08, 0.0), Fix(60_000_000, 119.31, 26.08, 0.0)))
    60
    """
    metres = distance_m((a.lon, a.lat), (b.lon, b.lat))
    hours = (b.at - a.at) / HOUR
    return metres / 1000 / hours if hours > 0 else (float("inf") if metres else 0.0)


def fixes_of(cell: Cell) -> tuple[Fix, ...]:
    """A minute's first and last fix, once where they are the same."""
    return (cell.first,) if cell.first == cell.last else (cell.first, cell.last)


def believed(track: Track, cell: Cell) -> tuple[Track, tuple[Fix, ...]]:
    """The track behind a minute, and those of its fixes that are believed."""
    good = []
    for fix in fixes_of(cell):
        track, is_good = follow(track, fix)
        if is_good:
            good.append(fix)
    return track, tuple(good)


def pace_kmh(before: Fix | None, good: tuple[Fix, ...]) -> float:
    """How fast a vehicle was in a minute for certain: as its fixes say, and as its way since the fix before says.

    A fix that names no speed leaves it to the way; 0 where there is nothing to go by.
    """
    last = good[-1]
    earlier = good[0] if before is None or last.at - before.at >= FORGOTTEN else before
    way = speed_kmh(earlier, last)
    if way > FASTEST_KMH:
        return 0.0
    told = max(fix.speed_kmh for fix in good)
    return min(way, told) if told > 0 else way
