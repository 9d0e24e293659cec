"""Datums: the published points, there and back; and a report in another datum is taken as what it is in WGS-84."""

from __future__ import annotations

from math import cos, hypot, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from events.datum import bd09, gcj02, to_wgs84
from events.intake import Arrival, Record, decode, encode, read
from events.registry import Datum, Entry, Point, RestrictedAreaEntry, SiteEntry
from events.rejection import Reason, Rejection, Source
from events.report import Consignment, Event, Position, Registry, Route, Stop
from events.time import moment, parse_instant
from simulator import stories as s

AT = parse_instant("2026-05-04T09:00:00+08:00")
SHIFTED = (
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
)
"""Points of Shanghai, Shenzhen and Beijing in WGS-84 and GCJ-02, as public implementations are tested with."""
BAIDU = ((116.404, 39.915), (116.41036949371029, 39.92133699351021))
"""A point of Beijing in GCJ-02 and BD-09, the same."""


@pytest.mark.parametrize(("wgs", "gcj"), SHIFTED)
def test_gcj02_is_the_published_one_and_comes_back_exactly(wgs: Point, gcj: Point) -> None:
    """To the sixth decimal, a tenth of a metre; and the way back ends where it began."""
    assert gcj02(wgs) == pytest.approx(gcj, abs=1e-6)
    assert to_wgs84(gcj02(wgs), "gcj02") == pytest.approx(wgs, abs=1e-11)


def test_bd09_is_the_published_one_and_comes_back_exactly() -> None:
    """There to the ninth decimal; and back to where it began, the whole way to WGS-84."""
    gcj, baidu = BAIDU
    assert bd09(gcj) == pytest.approx(baidu, abs=1e-9)
    assert to_wgs84(baidu, "bd09") == pytest.approx(to_wgs84(gcj, "gcj02"), abs=1e-11)


@given(st.floats(115.8, 120.8), st.floats(23.4, 28.4))
def test_anywhere_in_the_province_there_and_back_is_the_same_place(lon: float, lat: float) -> None:
    """A micrometre at most; and the shift itself is some hundred metres."""
    for point in (to_wgs84(gcj02((lon, lat)), "gcj02"), to_wgs84(bd09(gcj02((lon, lat))), "bd09")):
        assert hypot((point[0] - lon) * cos(radians(lat)), point[1] - lat) * 111_195 < 1e-5
    x, y = gcj02((lon, lat))
    assert 100 < hypot((x - lon) * cos(radians(lat)), y - lat) * 111_195 < 1_000


def test_outside_the_box_nothing_is_shifted() -> None:
    """London is where it is."""
    assert to_wgs84((-0.1276, 51.5072), "gcj02") == (-0.1276, 51.5072)


def test_a_position_in_another_datum_is_taken_in_wgs84() -> None:
    """Intake converts it; its own bytes stay as they were sent."""
    wgs, gcj = SHIFTED[0]
    told = Position(version=1, occurred_at=moment(AT), vehicle="V1", lon=gcj[0], lat=gcj[1], datum="gcj02")
    raw = encode(told)
    assert b'"datum":"gcj02"' in raw
    taken = read(Record(raw, "gps", AT, Source("position", 0, 0)))
    assert isinstance(taken, Arrival)
    assert isinstance(taken.event, Position)
    assert (taken.event.lon, taken.event.lat) == pytest.approx(wgs, abs=1e-6)
    assert (taken.event.datum, taken.raw) == ("wgs84", raw)


def test_the_usual_report_says_nothing_of_its_datum() -> None:
    """Defaults stay off the wire, and what is in WGS-84 is not touched."""
    told = Position(version=1, occurred_at=moment(AT), vehicle="V1", lon=119.3, lat=26.08)
    assert b"datum" not in encode(told)
    taken = read(Record(encode(told), "gps", AT, Source("position", 0, 0)))
    assert isinstance(taken, Arrival)
    assert taken.event == told


def taken(told: Event) -> Event:
    """What intake makes of an event; its own bytes stay as they were sent, and say the same when read again."""
    raw = encode(told)
    arrival = read(Record(raw, "any", AT, Source("any", 0, 0)))
    assert isinstance(arrival, Arrival)
    assert (arrival.raw, decode(raw)) == (raw, arrival.event)
    return arrival.event


def shifted(point: Point, datum: Datum) -> Point:
    """A point of WGS-84 as another datum has it."""
    return point if datum == "wgs84" else gcj02(point) if datum == "gcj02" else bd09(gcj02(point))


def near(points: tuple[Point, ...]) -> list[object]:
    """Points to compare with: to a tenth of a millimetre."""
    return [pytest.approx(point, abs=1e-9) for point in points]


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
def test_a_plan_and_where_a_trip_arrived_are_taken_in_wgs84(datum: Datum) -> None:
    """Routes, stops and places of one report are in the datum that it names."""
    line, rest = ((119.3, 26.08), (119.2, 25.9), (119.0, 25.44)), (119.1, 25.7)
    told = s.plan(
        "C1", {"DET": "5 item"}, depart="day 1 08:00", arrive_by="day 1 12:00",
        routes=(Route(line=tuple(shifted(point, datum) for point in line), half_width_m=50.0),),
        stops=(Stop(at=shifted(rest, datum)),),
    )  # fmt: skip
    event = taken(replace(told, datum=datum, at=shifted(rest, datum)))
    assert isinstance(event, Consignment)
    assert event.plan is not None
    assert told.plan is not None
    assert list(event.plan.routes[0].line) == near(line)
    assert (event.plan.routes[0].half_width_m, event.datum) == (50.0, "wgs84")
    assert [event.plan.stops[0].at, event.at] == near((rest, rest))
    assert replace(event.plan, routes=(), stops=()) == replace(told.plan, routes=(), stops=())


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
def test_a_restricted_area_and_a_site_are_taken_in_wgs84(datum: Datum) -> None:
    """Each entry names its own."""
    outline = ((119.30, 26.08), (119.32, 26.08), (119.32, 26.10))
    lon, lat = shifted(outline[0], datum)
    area = RestrictedAreaEntry(
        restricted_area="R1", name="老城", outline=tuple(shifted(point, datum) for point in outline), datum=datum
    )
    site = SiteEntry(site="S9", name="库", area="350102", lon=lon, lat=lat, datum=datum)
    closed, placed = entry_of(s.registry(area, unit="*")), entry_of(s.registry(site, unit="U1"))
    assert isinstance(closed, RestrictedAreaEntry)
    assert isinstance(placed, SiteEntry)
    assert list(closed.outline) == near(outline)
    assert [(placed.lon, placed.lat)] == near(outline[:1])
    assert (closed.datum, placed.datum) == ("wgs84", "wgs84")


def entry_of(told: Registry) -> Entry:
    """The entry as it is taken."""
    event = taken(told)
    assert isinstance(event, Registry)
    return event.entry


def test_a_site_without_a_place_may_name_a_datum() -> None:
    """There is nothing to bring anywhere."""
    told = SiteEntry(site="S9", name="库", area="350102", datum="bd09")
    assert entry_of(s.registry(told, unit="U1")) == replace(told, datum="wgs84")


@pytest.mark.parametrize("kind", ["consignment", "registry"])
def test_reports_of_before_say_nothing_of_a_datum_and_stay_as_they_are(kind: str) -> None:
    """The same bytes, the same content."""
    told: Event = s.plan("C1", {"DET": "5 item"}, depart="day 1 08:00", arrive_by="day 1 12:00")
    if kind == "registry":
        outline = ((119.30, 26.08), (119.32, 26.08), (119.32, 26.10))
        told = s.registry(RestrictedAreaEntry(restricted_area="R1", name="老城", outline=outline), unit="*")
    assert b"datum" not in encode(told)
    assert taken(told) == told


def test_an_unknown_datum_is_refused_by_its_name() -> None:
    """The field is named, and which there are is in the contract."""
    told = s.plan("C1", {"DET": "5 item"}, depart="day 1 08:00", arrive_by="day 1 12:00")
    raw = encode(replace(told, datum="gcj02")).replace(b"gcj02", b"cgcs")
    refused = read(Record(raw, "any", AT, Source("any", 0, 0)))
    assert isinstance(refused, Rejection)
    assert (refused.reason, refused.field) == (Reason.INVALID_VALUE, "datum")
