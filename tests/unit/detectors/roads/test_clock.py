"""Hours of the Shanghai day, by which places are forbidden and trips permitted.

Law: the last minute is not included; whether an hour holds changes at its ends and nowhere else.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from detectors.roads.clock import changes_at, clock_text, within
from events.time import DAY, HOUR, MINUTE
from tests.detector_kit import at

minutes = st.integers(0, 24 * 60 - 1)
instants = st.integers(at("day 1 00:00"), at("day 3 00:00"))


@given(st.tuples(minutes, minutes), minutes)
def test_hours_hold_the_minutes_that_people_count_on_the_clock(hours: tuple[int, int], minute: int) -> None:
    """Going round the clock from the first minute, the last one not included; both the same are the whole day."""
    first, last = hours
    held = {(first + n) % (24 * 60) for n in range((last - first) % (24 * 60) or 24 * 60)}
    begins = at("day 2 00:00") + minute * MINUTE
    for instant in (begins, begins + MINUTE - 1):
        assert within(hours, instant) is (minute in held)


@given(st.tuples(minutes, minutes), instants)
def test_until_the_next_change_nothing_changes(hours: tuple[int, int], now: int) -> None:
    """Within a day there is one, behind the instant that is asked; up to it hours hold, or do not."""
    change = changes_at(hours, now)
    assert now < change <= now + DAY
    assert within(hours, change - 1) is within(hours, now)
    assert hours[0] == hours[1] or within(hours, change) is not within(hours, now)


def test_at_a_change_the_next_one_is_asked_for() -> None:
    """Who wakes at six is told of ten in the evening."""
    assert changes_at((22 * 60, 6 * 60), at("day 1 06:00")) == at("day 1 22:00")
    assert changes_at((22 * 60, 6 * 60), at("day 1 06:00") - 1) == at("day 1 06:00")
    assert changes_at((22 * 60, 6 * 60), at("day 1 22:00")) == at("day 1 22:00") + 8 * HOUR
    assert clock_text((9 * 60 + 5, 0)) == "09:05-00:00"
