"""GeoJSON (RFC 7946): the features of a collection, each by its number, or what is wrong with it.

Law kept: positions are longitude, latitude; a file is read whole or not at all, and each fault names its feature,
what stands there, and how it should read.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from cli.reference_tables import MOST_BYTES, MOST_ROWS, ORIGIN, Wrong
from cli.verb import Exit, Refused
from events.registry import Point

SUFFIXES: Final = (".geojson", ".json")
_WGS84: Final = ("CRS84", "4326")
_SHAPES: Final = ("Point", "LineString", "Polygon")


class Feature(Struct, frozen=True):
    """One feature: its file, its number there from 1, its geometry's type, its points, what it says of itself."""

    file: str
    number: int
    shape: str
    points: tuple[Point, ...]
    says: dict[str, Any]

    @property
    def name(self) -> str:
        """What it is called where features of several files are."""
        return f"{self.file}#{self.number}"


class Drawn(Struct, frozen=True):
    """The features of a file, what is wrong with the others, and what the file says of itself (its origin)."""

    features: list[Feature]
    wrong: list[Wrong]
    says: dict[str, str]


class _Collection(Struct, frozen=True):
    type: str
    features: list[Any]
    crs: Any = None
    datum: str | None = None
    source: str = ""
    date: str = ""
    verified: bool | str = ""


class _Bad(Exception):
    """A feature that cannot be taken."""

    def __init__(self, part: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.part, self.zh, self.en = part, zh, en


def read_features(path: Path) -> Drawn:
    """The features of a file; `Refused` where it is no GeoJSON."""
    if not path.is_file():
        raise Refused(f"没有文件 {path}", f"there is no file {path}", Exit.UNAVAILABLE)
    if path.stat().st_size > MOST_BYTES:
        raise Refused(f"{path} 过大", f"{path} is larger than {MOST_BYTES} bytes")
    try:
        collection = msgspec.json.decode(path.read_bytes(), type=_Collection)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(f"{path} 不是 GeoJSON:{error}", f"{path} is no GeoJSON: {error}") from None
    if collection.type != "FeatureCollection":
        raise Refused(
            f"{path} 须为 FeatureCollection,不是 {collection.type}",
            f"{path} must be a FeatureCollection, not a {collection.type}",
        )
    if collection.crs is not None and not any(name in str(collection.crs) for name in _WGS84):
        raise Refused(
            f"{path} 指明了 crs:RFC 7946 只有 WGS-84;gcj02、bd09 用 datum 属性注明",
            f"{path} names a crs: RFC 7946 knows WGS-84 alone; say gcj02 or bd09 in the property datum",
        )
    if len(collection.features) > MOST_ROWS:
        raise Refused(f"{path} 超过 {MOST_ROWS} 个要素", f"{path} has more than {MOST_ROWS} features")
    features: list[Feature] = []
    wrong: list[Wrong] = []
    for number, raw in enumerate(collection.features, 1):
        try:
            features.append(_feature((path.name, number), raw, collection.datum))
        except _Bad as bad:
            wrong.append(Wrong(number, bad.part, bad.zh, bad.en))
    return Drawn(features, wrong, {name: as_text(getattr(collection, name)) for name in ORIGIN})


def as_text(value: Any) -> str:
    """A member or property as a table's cell: of a list its members, with spaces between."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(map(str, value)) if isinstance(value, list) else str(value).strip()


def _feature(where: tuple[str, int], raw: object, datum: str | None) -> Feature:
    if not isinstance(raw, dict) or raw.get("type") != "Feature":
        raise _Bad("type", "应为 Feature", "must be a Feature")
    geometry, says = raw.get("geometry"), raw.get("properties") or {}
    if not isinstance(says, dict):
        raise _Bad("properties", "应为对象", "must be an object")
    shape = geometry.get("type") if isinstance(geometry, dict) else None
    if shape not in _SHAPES or not isinstance(geometry, dict):
        known = ", ".join(_SHAPES)
        raise _Bad("geometry", f"应为 {known} 之一,不是 {shape}", f"one of {known}, not {shape}")
    said = {name: value for name, value in says.items() if value is not None and value != ""}
    return Feature(*where, shape, _points(shape, geometry), {"datum": datum or "wgs84", **said})


def _points(shape: str, geometry: Mapping[str, Any]) -> tuple[Point, ...]:
    """A line's points, a polygon's outer ring without its repeated end, a point as one."""
    found = geometry.get("coordinates")
    if shape == "Point":
        return (_point(found),)
    if not isinstance(found, list):
        raise _Bad("coordinates", "缺少坐标", "there are no coordinates")
    if shape == "LineString":
        if len(found) < 2:
            raise _Bad("coordinates", "线至少两个点", "a line has two points at least")
        return tuple(_point(one) for one in found)
    if len(found) != 1:
        raise _Bad("coordinates", "多边形须恰有一个外环,不带孔", "a polygon has one ring, without holes")
    ring = [_point(one) for one in found[0]] if isinstance(found[0], list) else []
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise _Bad(
            "coordinates", "外环至少四个点,末点与首点相同", "a ring has four points at least, the last as the first"
        )
    return tuple(ring[:-1])


def _point(found: object) -> Point:
    numbers = found if isinstance(found, list) else []
    if len(numbers) < 2 or not all(isinstance(one, int | float) and not isinstance(one, bool) for one in numbers):
        raise _Bad(
            "coordinates", f"点应为 [经度, 纬度]:{found}", f"a point reads [longitude, latitude], not {found}"
        )
    lon, lat = float(numbers[0]), float(numbers[1])
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise _Bad(
            "coordinates",
            f"[{lon}, {lat}]:经度在前,纬度在后",
            f"[{lon}, {lat}]: longitude comes first, then latitude",
        )
    return lon, lat
