"""Restricted areas in force: which of them hold a place, and whether they forbid it at an hour to what is carried.

Law kept: a place is told no by boxes and a grid before any outline is walked; outlines decide the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from math import floor
from typing import Final

from msgspec import Struct

from detectors.roads.clock import Hours, within
from detectors.roads.geometry import Line, nearest
from detectors.world import World
from events.registry import Category, RestrictedAreaEntry
from events.time import Instant
from ledger.reference import Reference

SQUARE_DEG: Final = 0.05
"""The grid's meshes."""
MOST_MESHES: Final = 10_000
"""An area over more than these is looked at for every place."""


class Area(Struct, frozen=True, gc=False):
    """One restricted area: its closed outline, the box around it, its hours and categories (none: all)."""

    id: str
    name: str
    outline: Line
    box: tuple[float, float, float, float]
    hours: tuple[Hours, ...]
    categories: tuple[Category, ...]

    def forbids(self, at: Instant, category: Category | None, approved: Iterable[str]) -> bool:
        """Whether it keeps out, at an instant, what is carried (None: anything) and is not approved for it."""
        if self.categories and category is not None and category not in self.categories:
            return False
        if self.hours and not any(within(hours, at) for hours in self.hours):
            return False
        return self.id not in approved

    def boxes(self, lon: float, lat: float) -> bool:
        """Whether its box holds a place."""
        west, south, east, north = self.box
        return west <= lon <= east and south <= lat <= north

    def holds(self, lon: float, lat: float) -> bool:
        """Whether its outline holds a place."""
        inside = False
        for (x0, y0), (x1, y1) in pairwise(self.outline):
            if (y0 > lat) != (y1 > lat) and lon < x0 + (lat - y0) * (x1 - x0) / (y1 - y0):
                inside = not inside
        return inside

    def depth_m(self, lon: float, lat: float) -> float:
        """Metres from a place to the outline."""
        return nearest(self.outline, (lon, lat)).distance_m


class Areas:
    """The restricted areas in force at some time, by the meshes that their boxes touch."""

    __slots__ = ("_meshes", "_wide", "any")

    def __init__(self, areas: Iterable[Area]) -> None:
        self._meshes: dict[tuple[int, int], tuple[Area, ...]] = {}
        self._wide: tuple[Area, ...] = ()
        for area in areas:
            west, south, east, north = (floor(edge / SQUARE_DEG) for edge in area.box)
            if (east - west + 1) * (north - south + 1) > MOST_MESHES:
                self._wide += (area,)
                continue
            for x in range(west, east + 1):
                for y in range(south, north + 1):
                    self._meshes[x, y] = (*self._meshes.get((x, y), ()), area)
        self.any = bool(self._meshes or self._wide)

    def near(self, lon: float, lat: float) -> Iterator[Area]:
        """The areas whose boxes hold a place."""
        found = self._meshes.get((floor(lon / SQUARE_DEG), floor(lat / SQUARE_DEG)), ()) + self._wide
        return (area for area in found if area.boxes(lon, lat))

    def clear(self, lon: float, lat: float) -> bool:
        """Whether no area can hold a place, approved or not, at whatever hour."""
        if (floor(lon / SQUARE_DEG), floor(lat / SQUARE_DEG)) not in self._meshes and not self._wide:
            return True
        return not any(True for _ in self.near(lon, lat))


NONE: Final = Areas(())


def areas_at(world: World, at: Instant) -> Areas:
    """The restricted areas in force at an instant, put together once for as long as they hold."""
    return world.on_roads.lasting(RestrictedAreaEntry, "areas", at, lambda at: _in_force(world.on_roads, at))


def _in_force(reference: Reference, at: Instant) -> Areas:
    names = reference.subjects(RestrictedAreaEntry)
    if not names:
        return NONE
    entries = (reference.in_force(RestrictedAreaEntry, name, at) for name in names)
    return Areas(_area(entry) for entry in entries if entry is not None)


def _area(entry: RestrictedAreaEntry) -> Area:
    outline = entry.outline if entry.outline[0] == entry.outline[-1] else (*entry.outline, entry.outline[0])
    lons, lats = [lon for lon, _ in outline], [lat for _, lat in outline]
    box = (min(lons), min(lats), max(lons), max(lats))
    return Area(entry.restricted_area, entry.name, outline, box, entry.hours, entry.categories)
