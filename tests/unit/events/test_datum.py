"""Datums: the published points, there and back; and a report in another datum is taken as what it is in WGS-84."""

from __future__ import annotations

from math import cos, hypot, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.datum import bd09, gcj02, to_wgs84
from events.intake import Arrival, Record, encode, read
from events.registry import Point
from events.rejection import Source
from events.report import Position
from events.time import moment, parse_instant

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
