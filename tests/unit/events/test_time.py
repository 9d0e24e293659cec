"""Event time: whole microseconds, and civil days of Shanghai.

Law: nothing is guessed at and nothing lost; what the calendar cannot hold can still be shown.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.time import (
    DAY,
    HOUR,
    SHANGHAI,
    civil_day,
    day_start,
    day_text,
    format_instant,
    hour_of_day,
    instant,
    moment,
    parse_instant,
)

_zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_moments = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=_zones)  # noqa: DTZ001 - zoned by hypothesis


@given(_moments)
def test_a_moment_survives_being_an_instant(when: datetime) -> None:
    """To the microsecond, whatever the zone."""
    assert moment(instant(when)) == when
    assert parse_instant(format_instant(instant(when))) == instant(when)


@given(_moments)
def test_a_civil_day_is_the_date_in_shanghai(when: datetime) -> None:
    """Days, hours and their texts are those of a clock in Shanghai, wherever the report came from."""
    at, there = instant(when), when.astimezone(SHANGHAI)
    assert day_text(civil_day(at)) == there.date().isoformat()
    assert hour_of_day(at) == there.hour
    assert day_start(civil_day(at)) <= at < day_start(civil_day(at)) + DAY


def test_midnight_begins_a_day() -> None:
    """The first instant belongs to the day, the one before to the day before."""
    midnight = parse_instant("2026-05-04T00:00:00+08:00")
    assert civil_day(midnight) == civil_day(midnight - 1) + 1
    assert hour_of_day(midnight - 1) == 23


@pytest.mark.parametrize("text", ["2026-05-04T08:00:00", "2026-05-04"])
def test_a_time_without_a_zone_is_refused(text: str) -> None:
    """Never guessed at."""
    with pytest.raises(ValueError, match="zone"):
        parse_instant(text)


def test_for_ever_can_be_shown() -> None:
    """9999-12-31T23:59:59Z is in the year 10000 in Shanghai: it reads as the end of the calendar."""
    for_ever = instant(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
    assert format_instant(for_ever).startswith("9999-12-31")
    assert format_instant(for_ever + 10_000 * DAY).startswith("9999-12-31")
    assert format_instant(-(2**62)).startswith("0001-01-01")
    assert day_text(civil_day(for_ever + DAY)) == "9999-12-31"


def test_the_calendars_last_hours_are_exact() -> None:
    """Only what is beyond the calendar is drawn in."""
    last = instant(datetime(9999, 12, 31, 23, 59, 59, tzinfo=SHANGHAI))
    assert instant(moment(last)) == last
    assert instant(moment(last - HOUR)) == last - HOUR
