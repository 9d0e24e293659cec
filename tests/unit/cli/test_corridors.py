"""corridors, and areas of reference import: what is drawn on a map comes in whole, every fault by its feature."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from cli.verb import Exit
from events.datum import gcj02
from events.intake import decode, encode
from events.report import Consignment, Event, Route
from simulator import stories as s
from tests.unit.cli.installed import Installed

ROAD = [[119.3, 26.08], [119.2, 25.9], [119.0, 25.44]]
SQUARE = [[119.30, 26.08], [119.32, 26.08], [119.32, 26.10], [119.30, 26.10], [119.30, 26.08]]


def planned(consignment: str, **fields: Any) -> Consignment:
    """A plan from S1 to S2 without a road."""
    said: dict[str, Any] = {"routes": (), **fields}
    return s.plan(consignment, {"DET": "5 item"}, depart="day 1 08:00", arrive_by="day 1 12:00", **said)


def reports(tmp_path: Path, *events: Event) -> Path:
    """A file of reports."""
    path = tmp_path / "plans.jsonl"
    path.write_bytes(b"".join(encode(event) + b"\n" for event in events))
    return path


def drawn(tmp_path: Path, *features: dict[str, Any], name: str = "map.geojson", **members: Any) -> Path:
    """A map in a file."""
    path = tmp_path / name
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **members}))
    return path


def feature(shape: str, coordinates: Any, **says: Any) -> dict[str, Any]:
    """One feature."""
    geometry = {"type": shape, "coordinates": coordinates}
    return {"type": "Feature", "geometry": geometry, "properties": says}


def told(path: Path) -> list[Event]:
    """What a file of reports says."""
    return [decode(line) for line in path.read_bytes().splitlines()]


def routes(event: Event) -> tuple[Route, ...]:
    """The corridors of a plan."""
    assert isinstance(event, Consignment)
    assert event.plan is not None
    return event.plan.routes


def test_roads_and_stops_of_several_files_are_filled_into_the_plans_that_they_name(
    hazflow: Installed, tmp_path: Path
) -> None:
    """By consignment, by permit, by the sites of both ends; the nearest kind of name speaks alone."""
    plans = reports(tmp_path, planned("C1"), planned("C2", permit="P7"), planned("C3"))
    roads = drawn(
        tmp_path,
        feature("LineString", ROAD, consignment="C1", half_width_m=50),
        feature("LineString", ROAD[::-1], permit="P7", road_class="motorway"),
        feature("LineString", [ROAD[0], ROAD[2]], **{"from": "S1", "to": "S2"}),
        feature("LineString", ROAD, consignment="C99"),
    )
    stops = drawn(tmp_path, feature("Point", ROAD[1], consignment="C1", radius_m=120), name="stops.geojson")
    out = tmp_path / "filled.jsonl"
    asked = ("corridors", plans, roads, stops, "--half-width", "motorway=100", "--out", out, "--json")
    ran = hazflow(*asked)
    assert (ran.code, ran.json["done"], ran.json["unused"]) == (Exit.OK, "written", ["map.geojson#4"])
    assert ran.json["plans"][0]["features"] == ["map.geojson#1", "stops.geojson#1"]
    one, two, three = told(out)
    assert routes(one) == (Route(line=tuple((lon, lat) for lon, lat in ROAD), half_width_m=50.0),)
    assert isinstance(one, Consignment)
    assert one.plan is not None
    assert [(stop.at, stop.radius_m) for stop in one.plan.stops] == [((119.2, 25.9), 120.0)]
    assert [route.half_width_m for route in (*routes(two), *routes(three))] == [100.0, 300.0]
    assert replace(one, plan=None) == replace(planned("C1"), plan=None)


def test_what_has_nothing_drawn_for_it_goes_through_to_the_byte_and_a_second_time_changes_nothing(
    hazflow: Installed, tmp_path: Path
) -> None:
    """Other reports, plans of others, and plans that say it already."""
    flow = s.issue("5 item", site="S1", goods="DET", when="day 1 08:00")
    plans = reports(tmp_path, flow, planned("C1"), planned("C2"))
    roads, out, again = (
        drawn(tmp_path, feature("LineString", ROAD, consignment="C1")),
        tmp_path / "a",
        tmp_path / "b",
    )
    assert hazflow("corridors", plans, roads, "--out", out).code == Exit.OK
    before, after = plans.read_bytes().splitlines(), out.read_bytes().splitlines()
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, False, True]
    ran = hazflow("corridors", out, roads, "--out", again, "--json").json
    assert [one["what"] for one in ran["plans"]] == ["same", "nothing_drawn"]
    assert again.read_bytes() == out.read_bytes()


def test_a_road_in_another_datum_comes_out_in_wgs84(hazflow: Installed, tmp_path: Path) -> None:
    """Named by the feature or by the file."""
    shifted = [list(gcj02((lon, lat))) for lon, lat in ROAD]
    plans, out = reports(tmp_path, planned("C1")), tmp_path / "out"
    maps = (
        drawn(tmp_path, feature("LineString", shifted, consignment="C1", datum="gcj02")),
        drawn(tmp_path, feature("LineString", shifted, consignment="C1"), name="other.geojson", datum="gcj02"),
    )
    for path in maps:
        assert hazflow("corridors", plans, path, "--out", out).code == Exit.OK
        (route,) = routes(told(out)[0])
        assert [list(point) for point in route.line] == [pytest.approx(point, abs=1e-9) for point in ROAD]


def test_plans_that_were_reported_before_come_out_as_corrections(hazflow: Installed, tmp_path: Path) -> None:
    """Of the revision that is asked for, which must be a higher one than they are at."""
    plans, roads = reports(tmp_path, planned("C1")), drawn(tmp_path, feature("LineString", ROAD, consignment="C1"))
    out = tmp_path / "out"
    assert hazflow("corridors", plans, roads, "--revision", "1", "--out", out).code == Exit.OK
    (new,) = told(out)
    assert isinstance(new, Consignment)
    assert new.corrects is not None
    assert (new.id, new.corrects.id, new.corrects.revision) == ("plan-C1-r1", "plan-C1", 1)
    other = drawn(tmp_path, feature("LineString", ROAD[:2], consignment="C1"))
    ran = hazflow("corridors", out, other, "--revision", "1", "--out", tmp_path / "never")
    assert (ran.code, "name a higher one" in ran.err) == (Exit.USAGE, True)


FAULTS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"type": "Point"}, "type"),
    (feature("MultiPolygon", [], consignment="C1"), "geometry"),
    (feature("Polygon", [SQUARE], consignment="C1"), "geometry"),
    (feature("LineString", [ROAD[0]], consignment="C1"), "coordinates"),
    (feature("LineString", [[26.08, 119.3], [25.9, 119.2]], consignment="C1"), "coordinates"),
    (feature("LineString", [["119.3", 26.08], ROAD[1]], consignment="C1"), "coordinates"),
    (feature("LineString", ROAD), "properties"),
    (feature("LineString", ROAD, **{"from": "S1"}), "properties"),
    (feature("LineString", ROAD, consignment="C1", datum="cgcs"), "datum"),
    (feature("LineString", ROAD, consignment="C1", road_class="lane"), "road_class"),
    (feature("LineString", ROAD, consignment="C1", half_width_m="wide"), "half_width_m"),
    (feature("Point", ROAD[0], consignment="C1", radius_m=0), "radius_m"),
)


def test_every_fault_is_named_by_its_feature_and_nothing_is_written(hazflow: Installed, tmp_path: Path) -> None:
    """The part that is wrong, in the reader's language; exit 1."""
    plans, out = reports(tmp_path, planned("C1")), tmp_path / "out"
    roads = drawn(tmp_path, *(one for one, _ in FAULTS), feature("LineString", ROAD, consignment="C1"))
    ran = hazflow("corridors", plans, roads, "--out", out, "--json")
    assert (ran.code, ran.json["done"], out.exists()) == (Exit.FOUND, "refused", False)
    found = [(one["line"], one["column"]) for one in ran.json["maps"][0]["faults"]]
    assert found == [(number, part) for number, (_, part) in enumerate(FAULTS, 1)]
    assert "longitude comes first" in hazflow("corridors", plans, roads, "--dry-run", "--lang", "en").out
    assert "经度在前" in hazflow("corridors", plans, roads, "--dry-run", "--lang", "zh").out


def test_a_broken_report_is_named_by_its_line(hazflow: Installed, tmp_path: Path) -> None:
    """With the reason that intake would give; of eleven alternatives it says that ten are the most."""
    plans = reports(tmp_path, planned("C1"))
    plans.write_bytes(plans.read_bytes() + b'{"kind":"consignment"}\n')
    roads = drawn(tmp_path, *[feature("LineString", ROAD, consignment="C1")] * 11)
    ran = hazflow("corridors", plans, roads, "--dry-run", "--json")
    assert ran.code == Exit.FOUND
    assert [(one["line"], one["column"]) for one in ran.json["faults"]] == [(1, "plan.routes"), (2, "version")]


@pytest.mark.parametrize(
    "members", [{"type": "Feature"}, {"crs": {"type": "name", "properties": {"name": "EPSG:4490"}}}]
)
def test_what_is_no_collection_or_not_in_wgs84_is_refused(
    hazflow: Installed, tmp_path: Path, members: dict[str, Any]
) -> None:
    """Said in a line: exit 2; a file that is not there: exit 3."""
    plans, roads = reports(tmp_path, planned("C1")), drawn(tmp_path, **members)
    assert hazflow("corridors", plans, roads, "--dry-run").code == Exit.USAGE
    assert hazflow("corridors", plans, tmp_path / "none.geojson", "--dry-run").code == Exit.UNAVAILABLE
    assert hazflow("corridors", tmp_path / "none", roads, "--dry-run").code in (Exit.USAGE, Exit.UNAVAILABLE)
    assert hazflow("corridors", plans, roads).code == Exit.USAGE
    roads.write_text("{")
    assert hazflow("corridors", plans, roads, "--dry-run").code == Exit.USAGE


def test_restricted_areas_come_in_from_a_map_as_from_a_table(replayed: Installed, tmp_path: Path) -> None:
    """Dry run, entered once, a changed one is said field by field; another datum than before is no change."""
    says: dict[str, Any] = {"restricted_area": "R1", "name": "老城", "hours": ["07:00-09:00", "22:00-05:00"]}
    first = drawn(tmp_path, feature("Polygon", [SQUARE], **says))
    dry = replayed("reference", "import", first, "--dry-run", "--json").json
    assert (dry["done"], dry["files"][0]["new"], dry["files"][0]["table"]) == ("dry_run", 1, "restricted_area")
    assert replayed("reference", "import", first, "--json").json["done"] == "entered"
    assert replayed("reference", "import", first, "--json").json["done"] == "nothing"
    (one,) = replayed("reference", "show", "--table", "restricted_area", "--json").json
    assert (one["outline"], one["hours"]) == (SQUARE[:-1], [[420, 540], [1320, 300]])
    second = drawn(tmp_path, feature("Polygon", [SQUARE], **says, categories="explosives"))
    changed = replayed("reference", "import", second, "--json").json["files"][0]
    assert changed["changes"][0]["fields"] == {"categories": [None, ["explosives"]]}
    shifted = [list(gcj02((lon, lat))) for lon, lat in SQUARE]
    third = drawn(tmp_path, feature("Polygon", [shifted], restricted_area="R2", name="新城", datum="GCJ-02"))
    assert replayed("reference", "import", third, "--json").json["done"] == "entered"
    assert replayed("reference", "import", third, "--json").json["done"] == "nothing"
    placed = replayed("reference", "show", "--table", "restricted_area", "--json").json[1]
    assert placed["outline"] == [pytest.approx(point, abs=1e-9) for point in SQUARE[:-1]]


def test_areas_of_a_map_name_where_they_are_from(replayed: Installed, tmp_path: Path) -> None:
    """As the map says of all, or a polygon of itself; a source without a date, as maps often have it, is none."""
    says: dict[str, Any] = {"source": "榕政通〔2026〕3号", "date": "2026-03-01", "verified": True}
    own: dict[str, Any] = {"source": "交警通告", "date": "2026-05-04", "verified": False}
    shapes = [
        feature("Polygon", [SQUARE], restricted_area=name, name=name, **more)
        for name, more in (("R1", {}), ("R2", own), ("R3", {"source": "survey"}))
    ]
    ran = replayed("reference", "import", drawn(tmp_path, *shapes, **says), "--json").json
    assert (ran["done"], ran["files"][0]["source"], ran["files"][0]["verified"]) == (
        "entered", says["source"], "true",
    )  # fmt: skip
    placed = replayed("reference", "show", "--table", "restricted_area", "--json").json
    whole = {"source": says["source"], "dated": says["date"], "verified": True}
    assert [one["origin"] for one in placed] == [whole, {"source": own["source"], "dated": own["date"]}, whole]
    shapes[1]["properties"]["date"] = "last year"
    ran = replayed("reference", "import", drawn(tmp_path, *shapes, **says), "--json").json
    assert (ran["done"], [(one["line"], one["column"]) for one in ran["files"][0]["faults"]]) == (
        "refused", [(2, "date")],
    )  # fmt: skip


def test_of_a_map_of_areas_with_a_fault_nothing_is_entered(replayed: Installed, tmp_path: Path) -> None:
    """Roads go elsewhere, holes and open rings are none, and hours are read as in a table."""
    says: dict[str, Any] = {"restricted_area": "R1", "name": "老城"}
    bad = drawn(
        tmp_path, feature("Polygon", [SQUARE], **says), feature("LineString", ROAD, **says),
        feature("Polygon", [SQUARE, SQUARE], **says), feature("Polygon", [SQUARE[:-1]], **says),
        feature("Polygon", [SQUARE], name="无号"), feature("Polygon", [SQUARE], **says, hours="7-9"),
    )  # fmt: skip
    ran = replayed("reference", "import", bad, "--json")
    assert (ran.code, ran.json["done"]) == (Exit.FOUND, "refused")
    found = {(one["line"], one["column"]) for one in ran.json["files"][0]["faults"]}
    assert found == {
        (2, "geometry"), (3, "coordinates"), (4, "coordinates"), (5, "restricted_area"), (6, "hours"),
    }  # fmt: skip
    assert replayed("reference", "show", "--table", "restricted_area", "--json").json == []
