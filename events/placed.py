"""Events in the one datum in which all is reckoned: WGS-84, whatever datum a record names for its places.

Law kept: what names WGS-84, or nothing, is untouched; what is brought to it says so, so that this happens once.
"""

from __future__ import annotations

from typing import TypeVar

from msgspec.structs import replace

from events.datum import to_wgs84
from events.registry import Datum, Entry, Point, RestrictedAreaEntry, SiteEntry
from events.report import Consignment, Event, Plan, Position, Registry

E = TypeVar("E", bound=Entry)
R = TypeVar("R", bound=Event)


def in_wgs84(event: R) -> R:
    """The event with its places in WGS-84: a position, a plan's routes and stops, a stage's place, an entry's."""
    if isinstance(event, Position):
        if event.datum == "wgs84":
            return event
        lon, lat = to_wgs84((event.lon, event.lat), event.datum)
        return replace(event, lon=lon, lat=lat, datum="wgs84")
    if isinstance(event, Consignment) and event.datum != "wgs84":
        at = None if event.at is None else to_wgs84(event.at, event.datum)
        plan = None if event.plan is None else _plan(event.plan, event.datum)
        return replace(event, at=at, plan=plan, datum="wgs84")
    if isinstance(event, Registry):
        entry = entry_in_wgs84(event.entry)
        return event if entry is event.entry else replace(event, entry=entry)
    return event


def entry_in_wgs84(entry: E) -> E:
    """The entry with its place, or its outline, in WGS-84."""
    if isinstance(entry, SiteEntry) and entry.datum != "wgs84":
        if entry.lon is None or entry.lat is None:
            return replace(entry, datum="wgs84")
        lon, lat = to_wgs84((entry.lon, entry.lat), entry.datum)
        return replace(entry, lon=lon, lat=lat, datum="wgs84")
    if isinstance(entry, RestrictedAreaEntry) and entry.datum != "wgs84":
        return replace(entry, outline=_line(entry.outline, entry.datum), datum="wgs84")
    return entry


def _plan(plan: Plan, datum: Datum) -> Plan:
    routes = tuple(replace(route, line=_line(route.line, datum)) for route in plan.routes)
    stops = tuple(replace(stop, at=to_wgs84(stop.at, datum)) for stop in plan.stops)
    return replace(plan, routes=routes, stops=stops)


def _line(line: tuple[Point, ...], datum: Datum) -> tuple[Point, ...]:
    return tuple(to_wgs84(point, datum) for point in line)
