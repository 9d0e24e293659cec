"""Whose road it was: the county of a fix, and the counties that a permitted route passes.

Law kept: every finding on the road has a place. A vehicle knows nothing of the consignor's site, so what lies
outside the table of areas goes to the province.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from math import ceil
from typing import Final

from detectors.roads.geometry import Line, distance_m
from detectors.world import Areas
from ledger.fact import Fix, Leg

PROVINCE: Final = "350000"
"""Who answers where no county does."""
STEP_M: Final = 3_000.0
"""How far apart a route is asked for its counties."""


def county_at(areas: Areas, fix: Fix) -> str:
    """The county of a fix, the province outside the table."""
    return areas.county(fix.lon, fix.lat) or PROVINCE


def counties_along(areas: Areas, leg: Leg) -> tuple[str, ...]:
    """Origin, transit and destination by the permitted routes, ascending."""
    return _counties_along(areas, leg.routes)  # type: ignore[arg-type]  # a table of areas is itself alone


@lru_cache(maxsize=4_096)
def _counties_along(areas: Areas, routes: tuple[tuple[Line, float], ...]) -> tuple[str, ...]:
    """A trip is asked for its counties whenever its first minute is folded anew: its road is walked once."""
    found = {areas.county(*point) for line, _ in routes for point in line}
    for line, _ in routes:
        for (x0, y0), (x1, y1) in pairwise(line):
            parts = ceil(distance_m((x0, y0), (x1, y1)) / STEP_M)
            found.update(
                areas.county(x0 + (x1 - x0) * i / parts, y0 + (y1 - y0) * i / parts) for i in range(1, parts)
            )
    return tuple(sorted(code for code in found if code is not None))
