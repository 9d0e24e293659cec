"""Roads and stops that were drawn on a map become the corridors of plans.

Law kept: pure: features and reports in, plans and faults out. A feature says whose it is: a consignment's, a
permit's, or of all trips from one site to another; what a plan means is judged by intake as of any other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias, get_args

from msgspec import Struct
from msgspec.structs import replace

from cli.geojson import Feature
from cli.reference_tables import Wrong
from events.datum import to_wgs84
from events.registry import Datum
from events.report import Consignment, Corrects, Plan, Route, Stop

Whose: TypeAlias = tuple[str, ...]
"""What a feature is for: ("consignment", id), ("permit", id), or ("way", site, site)."""
DEFAULT_M: Final = 300.0
"""Half a corridor's width and a stop's radius in metres where a feature says neither: the contract's."""


class Drawn(Struct):
    """What was drawn for some trips: its alternatives, its stops, and by which features."""

    routes: list[Route]
    stops: list[Stop]
    features: list[str]


class Filled(Struct, frozen=True):
    """A plan with the corridors that were drawn for it, by which features."""

    event: Consignment
    features: tuple[str, ...]


class Map:
    """Features by whose they are; ``half_widths`` are those of the classes of roads, in metres."""

    def __init__(self, half_widths: Mapping[str, float]) -> None:
        self._drawn: dict[Whose, Drawn] = defaultdict(lambda: Drawn([], [], []))
        self._used: set[Whose] = set()
        self._half_widths = half_widths

    def put(self, features: Iterable[Feature]) -> list[Wrong]:
        """Keep features, beside those that are here; returns what is wrong with which of them."""
        judged = ((feature.number, self._put(feature)) for feature in features)
        return [Wrong(number, *fault) for number, fault in judged if fault is not None]

    def fill(self, event: Consignment, plan: Plan) -> Filled | None:
        """The plan with what was drawn for it, of the nearest kind: for itself, for its permit, for its way."""
        for whose in _names(event, plan):
            drawn = self._drawn.get(whose)
            if drawn is not None:
                self._used.add(whose)
                routes, stops = tuple(drawn.routes) or plan.routes, tuple(drawn.stops) or plan.stops
                return Filled(replace(event, plan=replace(plan, routes=routes, stops=stops)), tuple(drawn.features))
        return None

    def unused(self) -> list[str]:
        """The names of the features that no plan has asked for."""
        left = (drawn.features for whose, drawn in self._drawn.items() if whose not in self._used)
        return sorted(name for features in left for name in features)

    def _put(self, feature: Feature) -> tuple[str, str, str] | None:
        """Keep a feature; or which part of it is wrong, in Chinese and English."""
        says, datums = feature.says, get_args(Datum)
        whose = _whose(says)
        if whose is None:
            zh, en = "须写明 consignment、permit 或 from 与 to", "say consignment, or permit, or both from and to"
            return "properties", zh, en
        if says["datum"] not in datums:
            named = ", ".join(datums)
            return "datum", f"应为 {named}:{says['datum']}", f"one of {named}, not {says['datum']}"
        points = tuple(to_wgs84(point, says["datum"]) for point in feature.points)
        if feature.shape == "Polygon":
            zh, en = "禁行区用 hazflow reference import", "hazflow reference import takes restricted areas"
            return "geometry", zh, en
        measure = "radius_m" if feature.shape == "Point" else "half_width_m"
        metres = self._metres(says, measure)
        if isinstance(metres, tuple):
            return metres
        drawn = self._drawn[whose]
        drawn.features.append(feature.name)
        if feature.shape == "Point":
            drawn.stops.append(Stop(at=points[0], radius_m=metres))
        else:
            drawn.routes.append(Route(line=points, half_width_m=metres))
        return None

    def _metres(self, says: Mapping[str, Any], measure: str) -> float | tuple[str, str, str]:
        """How far a feature reaches: as it says, or as its road's class does."""
        if measure not in says and "road_class" in says and measure == "half_width_m":
            road_class = str(says["road_class"])
            if road_class in self._half_widths:
                return self._half_widths[road_class]
            zh, en = f"未给宽度:--half-width {road_class}=米数", f"has no width: --half-width {road_class}=METRES"
            return "road_class", f"{road_class} {zh}", f"{road_class} {en}"
        metres = says.get(measure, DEFAULT_M)
        if isinstance(metres, bool) or not isinstance(metres, int | float) or not 0 < metres <= 10_000:
            return measure, f"应为 0 至 10000 米:{metres}", f"more than 0 and at most 10,000 metres, not {metres}"
        return float(metres)


def corrected(event: Consignment, revision: int) -> Consignment | None:
    """The plan as a correction of that revision of what was reported; None where it is at that one already."""
    target = event.corrects
    if target is not None and target.revision >= revision:
        return None
    first = event.id if target is None else target.id
    home = None if target is None else target.home
    return replace(event, id=f"{first}-r{revision}", corrects=Corrects(id=first, revision=revision, home=home))


def _whose(says: Mapping[str, Any]) -> Whose | None:
    for name in ("consignment", "permit"):
        if name in says:
            return name, str(says[name])
    return ("way", str(says["from"]), str(says["to"])) if "from" in says and "to" in says else None


def _names(event: Consignment, plan: Plan) -> tuple[Whose, ...]:
    way = ("way", plan.shipper.site, plan.consignee.site)
    permit = () if plan.permit is None else (("permit", plan.permit),)
    return ("consignment", event.consignment), *permit, way
