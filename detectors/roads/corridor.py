"""How far outside of everything permitted a vehicle is: routes with their widths, and stops.

Law kept: inside any permitted route or stop of any trip under way is inside. The cursor only says where to look
first; it changes no answer.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from detectors.roads.geometry import Line, Nearest, distance_m, distance_near, nearest
from ledger.fact import Fix, Leg


class Cursor(Struct, frozen=True, array_like=True, gc=False):
    """Where a vehicle was on a trip's routes when last inside: consignment, route, edge."""

    consignment: str = ""
    route: int = 0
    edge: int = 0


class Aside(Struct, frozen=True, gc=False):
    """The route that a fix is least outside of: its line, half its width, and where it comes nearest."""

    line: Line
    half_width_m: float
    place: Nearest

    @property
    def excess_m(self) -> float:
        """Metres beyond the corridor; negative inside."""
        return self.place.distance_m - self.half_width_m


def advance(cursor: Cursor, legs: Sequence[Leg], fix: Fix) -> Cursor | None:
    """The cursor of a fix that the cursor's surroundings show to be inside; None where they do not."""
    for leg in legs:
        if leg.consignment == cursor.consignment and cursor.route < len(leg.routes):
            line, half_width = leg.routes[cursor.route]
            metres, edge = distance_near(line, (fix.lon, fix.lat), cursor.edge)
            if metres <= half_width:
                return cursor if edge == cursor.edge else Cursor(cursor.consignment, cursor.route, edge)
    return None


def locate(legs: Sequence[Leg], fix: Fix) -> tuple[Cursor, Aside]:
    """The route that a fix is least outside of, and where on it; needs one route at least."""
    point = (fix.lon, fix.lat)
    found = [
        (leg.consignment, number, Aside(line, half_width, nearest(line, point)))
        for leg in legs
        for number, (line, half_width) in enumerate(leg.routes)
    ]
    consignment, number, aside = min(found, key=lambda one: one[2].excess_m)
    return Cursor(consignment, number, aside.place.edge), aside


def at_stop(legs: Sequence[Leg], fix: Fix) -> bool:
    """Whether a fix is at a permitted stop."""
    place = (fix.lon, fix.lat)
    return any(distance_m((lon, lat), place) <= radius for leg in legs for lon, lat, radius in leg.stops)
