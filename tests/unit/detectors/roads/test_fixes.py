"""Which fixes are believed: leaps, frozen receivers and the Gulf of Guinea are not; a second witness is."""

from __future__ import annotations

from detectors.roads.fixes import Track, follow
from events.time import MINUTE
from ledger.fact import Fix


def believed(*fixes: Fix) -> list[bool]:
    track, told = Track(), []
    for fix in fixes:
        track, good = follow(track, fix)
        told.append(good)
    return told


def fix(minute: float, lon: float, lat: float = 26.08, speed: float = 60.0) -> Fix:
    return Fix(round(minute * MINUTE), lon, lat, speed)


def test_a_drive_is_believed() -> None:
    """A kilometre a minute."""
    assert believed(*(fix(n, 119.3 + n / 100) for n in range(5))) == [True] * 5


def test_a_single_leap_is_not() -> None:
    """40 km away and back within two minutes."""
    assert believed(fix(0, 119.30), fix(1, 119.70), fix(2, 119.32)) == [True, False, True]


def test_a_leap_that_lasts_is_where_the_vehicle_is() -> None:
    """Two fixes that agree there outweigh one here; and after an hour it may well be there."""
    assert believed(fix(0, 119.30), fix(1, 119.70), fix(2, 119.71)) == [True, False, True]
    assert believed(fix(0, 119.30), fix(60, 119.70)) == [True, True]


def test_a_frozen_receiver_and_zero_degrees_are_not() -> None:
    """The same place to the last digit at 60 km/h; no satellites at all. Parked is another thing."""
    assert believed(fix(0, 119.30), fix(1, 119.30), fix(2, 0.0, 0.0)) == [True, False, False]
    assert believed(fix(0, 119.30), fix(1, 119.30, speed=0.0)) == [True, True]
