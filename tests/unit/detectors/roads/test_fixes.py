"""Which fixes are believed: leaps, frozen receivers and the Gulf of Guinea are not; a second witness is."""

from __future__ import annotations

from detectors.roads.fixes import FORGOTTEN, Track, fixes_of, follow, forgettable, pace_kmh
from detectors.roads.fixes import believed as believed_of
from events.time import HOUR, MINUTE
from ledger.fact import Cell, Fix


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


def test_a_vehicle_does_two_hundred_an_hour_at_most_and_stands_still_up_to_ten() -> None:
    """What is just slower, or just at that, is believed."""
    degree = 100_049.0  # metres a degree of longitude, at this latitude
    for kmh, good in ((199.0, True), (201.0, False)):
        assert believed(fix(0, 119.3), fix(60, 119.3 + kmh * 1_000 / degree)) == [True, good]
    for speed, good in ((10.0, True), (10.1, False)):
        assert believed(fix(0, 119.3), fix(1, 119.3, speed=speed)) == [True, good]
    for lon, lat, good in ((0.0099, 0.0099, False), (0.0101, 0.0, True), (0.0, 0.0101, True)):
        assert believed(fix(0, lon, lat, 0.0)) == [good]


def test_after_a_day_of_silence_any_place_is_believed_and_before_that_what_was_is_kept() -> None:
    """To the very second: then all that was known may go."""
    far = [fix(0, 119.3), fix(1, 179.0, 80.0), fix(2, 100.0, -40.0)]
    assert believed(*far) == [True, False, False]
    for at, good in ((FORGOTTEN - 1, False), (FORGOTTEN, True)):
        assert believed(fix(0, 119.3), Fix(at, 119.3, 26.08, 60.0)) == [True, good]
    last, leap = fix(0, 119.3), fix(1, 119.7)
    assert forgettable(Track(), 0)
    for track in (Track(last), Track(None, last), Track(last, last)):
        assert forgettable(track, last.at)
        assert not forgettable(track, last.at - 1)
    assert not forgettable(Track(last, leap), last.at)


def test_a_minute_has_two_fixes_or_one_and_those_that_are_believed_count() -> None:
    """In order; the track goes on from the last of them."""
    one, other, far = fix(0, 119.3), fix(0.5, 119.305), fix(0.5, 119.9)
    assert fixes_of(Cell(one, one)) == (one,)
    assert fixes_of(Cell(one, other)) == (one, other)
    assert believed_of(Track(), Cell(one, other)) == (Track(other), (one, other))
    assert believed_of(Track(), Cell(one, far)) == (Track(one, far), (one,))


def test_how_fast_a_vehicle_was_for_certain_is_the_lesser_of_what_is_said_and_what_it_drove() -> None:
    """A fix that names no speed leaves it to the way; what is a leap says nothing."""
    before, kmh_60 = fix(0, 119.3), 119.3 + 60_000 / 100_049.0
    after = fix(60, kmh_60, speed=90.0)
    assert round(pace_kmh(before, (after,))) == 60
    assert pace_kmh(before, (fix(60, kmh_60, speed=40.0),)) == 40.0
    assert round(pace_kmh(before, (fix(60, kmh_60, speed=0.0),))) == 60
    assert pace_kmh(before, (fix(1, 119.4, speed=90.0),)) == 0.0
    assert round(pace_kmh(None, (fix(0, 119.3, speed=90.0), after))) == 60
    quiet = Fix(FORGOTTEN + HOUR, kmh_60, 26.08, 90.0)
    assert pace_kmh(before, (Fix(FORGOTTEN, 119.3, 26.08, 30.0), quiet)) > 59
