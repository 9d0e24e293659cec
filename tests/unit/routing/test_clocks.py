"""Clocks: hours as they pass, calendar days to midnight in Shanghai."""

from __future__ import annotations

import pytest

from events.time import HOUR, parse_instant
from routing.clocks import parse_length
from tests.unit.routing.world import NOW


def test_hours_run_as_they_pass() -> None:
    """Two hours after eight is ten."""
    length = parse_length("2 h")
    assert length is not None
    assert length.due(NOW) == NOW + 2 * HOUR


@pytest.mark.parametrize("start", ["2026-11-24T00:00:00+08:00", "2026-11-24T23:59:59.999999+08:00"])
def test_calendar_days_end_at_midnight_after_the_last(start: str) -> None:
    """Whenever on the 24th it starts, five calendar days end with the 29th."""
    length = parse_length("5 d")
    assert length is not None
    assert length.due(parse_instant(start)) == parse_instant("2026-11-30T00:00:00+08:00")


@pytest.mark.parametrize("text", ["", "2", "2h", "0 h", "-1 h", "2 w", "1.5 h", "99999 h", "2 h "])
def test_what_is_no_length_is_none(text: str) -> None:
    """Only a whole count and h or d make a length."""
    assert parse_length(text) is None
