"""Whose road it is: the county of a fix, and every county that a route passes, at its corners or between them."""

from __future__ import annotations

from math import floor

import pytest

from detectors.roads.place import PROVINCE, counties_along, county_at
from ledger.fact import Fix, Leg
from tests.detector_kit import FakeAreas


class Strips(FakeAreas):
    """Squares of a tenth of a degree, each a county of its own, from 119° E and 26° N on."""

    def county(self, lon: float, lat: float) -> str | None:
        """Its column and its row."""
        return f"{floor(lon * 10) - 1190}{floor(lat * 10) - 260}" if lon >= 119.0 else None


def along(*line: tuple[float, float]) -> tuple[str, ...]:
    return counties_along(Strips(), Leg("plan", "C1", routes=((line, 300.0),)))


@pytest.mark.parametrize(
    ("line", "counties"),
    [
        (((119.05, 26.05), (119.55, 26.05)), ("00", "10", "20", "30", "40", "50")),
        (((119.55, 26.05), (119.05, 26.05)), ("00", "10", "20", "30", "40", "50")),
        (((119.05, 26.05), (119.05, 26.35)), ("00", "01", "02", "03")),
        (((119.03, 26.03), (119.33, 26.33)), ("00", "11", "22", "33")),
        (((119.05, 26.05), (119.06, 26.05)), ("00",)),
        (((118.55, 26.05), (119.05, 26.05)), ("00",)),
        (((119.05, 26.05), (119.25, 26.05), (119.25, 26.25)), ("00", "10", "20", "21", "22")),
    ],
)  # fmt: skip
def test_a_county_between_two_corners_is_passed_too(
    line: tuple[tuple[float, float], ...], counties: tuple[str, ...]
) -> None:
    """Each once, in order of their codes; what no county is, is left out."""
    assert along(*line) == counties


def test_all_routes_count_and_a_plan_without_any_passes_nothing() -> None:
    """The vehicle may take either."""
    routes = ((((119.05, 26.05), (119.25, 26.05)), 300.0), (((119.05, 26.05), (119.05, 26.25)), 300.0))
    assert counties_along(Strips(), Leg("plan", "C1", routes=routes)) == ("00", "01", "02", "10", "20")
    assert counties_along(Strips(), Leg("plan", "C1")) == ()


def test_where_no_county_is_the_province_answers() -> None:
    """Every finding on the road has a place."""
    assert county_at(Strips(), Fix(0, 119.15, 26.05, 0.0)) == "10"
    assert county_at(Strips(), Fix(0, 110.0, 26.05, 0.0)) == PROVINCE == "350000"
