"""Whose road it was: the county of a fix, and the counties that a permitted route passes.

Law kept: every finding on the road has a place. A vehicle knows nothing of the consignor's site, so what lies
outside the table of areas goes to the province.
"""

from __future__ import annotations

from itertools import pairwise
from math import ceil
from typing import Final

from detectors.roads.geometry import distance_m
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
    found = {areas.county(*point) for line, _ in leg.routes for point in line}
    for line, _ in leg.routes:
        for (x0, y0), (x1, y1) in pairwise(line):
            parts = ceil(distance_m((x0, y0), (x1, y1)) / STEP_M)
            found.update(
                areas.county(x0 + (x1 - x0) * i / parts, y0 + (y1 - y0) * i / parts) for i in range(1, parts)
            )
    return tuple(sorted(code for code in found if code is not None))
