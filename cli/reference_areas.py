"""Restricted areas from GeoJSON: each polygon a row of the table that a spreadsheet would have.

Law kept: what a polygon's properties say is read as the columns of the same names are, and the collection's members
as the lines above them; a feature's number stands where a line's would.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cli.geojson import Feature, as_text, read_features
from cli.reference_tables import Row, Table, Wrong

KIND: Final = "restricted_area"


def read_areas(path: Path) -> Table:
    """The polygons of a file as a table of restricted areas; `Refused` where it is no GeoJSON."""
    drawn = read_features(path)
    rows: list[Row] = []
    wrong = list(drawn.wrong)
    for feature in drawn.features:
        if feature.shape == "Polygon":
            rows.append(Row(feature.number, _cells(feature)))
            continue
        zh = f"禁行区是 Polygon,不是 {feature.shape};路线和停靠点用 hazflow corridors"
        en = f"a restricted area is a Polygon, not a {feature.shape}; hazflow corridors takes roads and stops"
        wrong.append(Wrong(feature.number, "geometry", zh, en))
    return Table(KIND, drawn.says, tuple(rows), tuple(wrong))


def _cells(feature: Feature) -> dict[str, str]:
    cells = {name: as_text(value) for name, value in feature.says.items()}
    cells["outline"] = "; ".join(f"{lon!r} {lat!r}" for lon, lat in feature.points)
    return {name: cell for name, cell in cells.items() if cell}
