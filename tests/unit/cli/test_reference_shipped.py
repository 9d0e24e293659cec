"""The tables and laws that are shipped: each says how it was checked, and is as what it was checked against."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.reference_entries import entries_of
from cli.reference_tables import Wrong, read_table
from events.registry import CalendarEntry, GoodsEntry
from tests.unit.cli.installed import TREE, Installed

TABLES = TREE / "reference"


@pytest.mark.parametrize("path", sorted(TABLES.glob("*.csv")), ids=lambda path: path.stem)
def test_every_shipped_table_says_where_it_is_from_and_how_each_column_was_checked(path: Path) -> None:
    """Law: machine-readable, in the file itself; verified only where nothing is from memory or second hand."""
    lines = path.read_text("utf-8").splitlines()
    above = dict(line.removeprefix("# ").split(": ", 1) for line in lines if line.startswith("#"))
    (head, *rows) = csv.reader(line for line in lines if not line.startswith("#"))
    assert above["table"]
    assert above["source"]
    assert above["checked"]
    assert date.fromisoformat(above["date"]) <= date(2026, 11, 30)
    marks = dict(one.split("=") for one in above["marks"].split("; "))
    assert list(marks) == head
    assert set(marks.values()) <= {"source", "secondary", "program", "memory", "own"}
    assert above["verified"] == str(set(marks.values()) <= {"source", "program", "own"}).lower()
    assert ("secondary" in marks.values()) <= ("secondary" in above)
    assert all(len(row) == len(head) for row in rows)


def test_the_shipped_calendar_is_as_the_notices_have_it() -> None:
    """Days off by their first and last, and weekend days worked: 国办发明电〔2024〕12号, 〔2025〕7号, by Xinhua."""
    off = {
        2025: "0101-0101 0128-0204 0404-0406 0501-0505 0531-0602 1001-1008",
        2026: "0101-0103 0215-0223 0404-0406 0501-0505 0619-0621 0925-0927 1001-1007",
    }
    worked = {2025: "0126 0208 0427 0928 1011", 2026: "0104 0214 0228 0509 0920 1010"}
    for _, entry in (one for one in entries_of(read_table(TABLES / "calendar.csv")) if not isinstance(one, Wrong)):
        assert isinstance(entry, CalendarEntry)
        days = {day for span in off[entry.year].split() for day in _days(entry.year, *span.split("-"))}
        assert set(entry.holidays) == days
        assert set(entry.workdays) == {_day(entry.year, day) for day in worked[entry.year].split()}


def _day(year: int, text: str) -> date:
    return date(year, int(text[:2]), int(text[2:]))


def _days(year: int, first: str, last: str) -> list[date]:
    span = (_day(year, last) - _day(year, first)).days
    return [_day(year, first) + timedelta(days=number) for number in range(span + 1)]


def test_critical_quantities_are_those_of_the_standard_as_transcribed() -> None:
    """GB 18218-2018 table 1, t by CAS number, and table 2; litres by their density, t/m³, never above the mass."""
    table_1 = {
        "7664-41-7": 10, "7446-09-5": 20, "75-44-5": 0.3, "75-21-8": 10, "7783-06-4": 5, "7782-50-5": 5,
        "7664-39-3": 1, "74-90-8": 1, "6484-52-2": 50, "7757-79-1": 1000, "8006-14-2": 50, "1333-74-0": 5,
        "68476-85-7": 50, "74-86-2": 1, "7782-44-7": 200, "71-43-2": 50, "67-64-1": 500, "108-88-3": 500,
        "67-56-1": 500,
        "86290-81-5": 200, "60-29-7": 10, "3811-04-9": 100, "7775-09-9": 100, "7697-37-2": 100,
    }  # fmt: skip
    density = {"ACETONE": 0.791, "TOLUENE": 0.867, "METHANOL": 0.792, "PETROL": 0.74, "ETHER": 0.714}
    by_class = {"BLACK-POWDER": 1.0, "H2O2": 200.0}
    for _, entry in (one for one in entries_of(read_table(TABLES / "goods.csv")) if not isinstance(one, Wrong)):
        assert isinstance(entry, GoodsEntry)
        tonnes = by_class.get(entry.goods, table_1.get(entry.cas or ""))
        assert (entry.critical is None) is (tonnes is None), entry.goods
        if entry.critical is not None and tonnes is not None:
            said = float(entry.critical.value) * density.get(entry.goods, 1.0)
            assert tonnes * 0.98 <= said <= tonnes * 1.001, entry.goods


def test_d_values_are_a_tenth_of_the_category_2_thresholds_where_there_is_one() -> None:
    """TBq, 10 CFR 73 appendix I: category 1 is a thousand times D, category 2 ten times."""
    category_2 = {
        "Am-241": 0.6, "Cf-252": 0.2, "Cm-244": 0.5, "Co-60": 0.3, "Cs-137": 1, "Gd-153": 10, "Ir-192": 0.8,
        "Pm-147": 400, "Pu-238": 0.6, "Pu-239": 0.6, "Ra-226": 0.4, "Se-75": 2, "Sr-90": 10, "Tm-170": 200,
        "Yb-169": 3,
    }  # fmt: skip
    made = (one[1] for one in entries_of(read_table(TABLES / "nuclides.csv")) if not isinstance(one, Wrong))
    known = {one.nuclide: float(one.d_value.value) for one in made if isinstance(one, GoodsEntry) and one.d_value}
    assert {name: known[name] for name in category_2} == {name: value / 10 for name, value in category_2.items()}


def test_the_licences_to_read_name_the_activities_that_the_rule_knows() -> None:
    """Whatever A1 asks for has a paper in at least one category."""
    policy = tomllib.loads((TREE / "policies" / "a1_no_licence.toml").read_text())
    asked = {activity for needs in policy["parameters"]["needs"].values() for activity in needs}
    lines = [line for line in (TABLES / "licence_types.csv").read_text().splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    assert asked <= {row["activity"] for row in rows}
    assert all(None not in row for row in rows)


def test_the_shipped_calendar_has_both_years_whole() -> None:
    """Thirteen statutory days each at least, and no worked day in the middle of a week."""
    made = [one[1] for one in entries_of(read_table(TABLES / "calendar.csv")) if not isinstance(one, Wrong)]
    assert [entry.year for entry in made if isinstance(entry, CalendarEntry)] == [2025, 2026]
    assert all(len(entry.holidays) >= 13 for entry in made if isinstance(entry, CalendarEntry))


def test_a_law_is_verified_only_where_somebody_is_named_who_read_it() -> None:
    """Of every policy that is shipped, routing's too."""
    for path in sorted((TREE / "policies").glob("*.toml")):
        for table in _tables(tomllib.loads(path.read_text("utf-8"))):
            if table.get("verified") is True:
                assert table.get("checked_by"), path.name
                assert date.fromisoformat(table["checked_on"]), path.name


def _tables(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _tables(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _tables(inner)


def test_a_law_that_nobody_read_is_said_to_be_unverified_in_each_warning(replayed: Installed) -> None:
    """In the terminal, in both languages, beside the article; B3's foreign one is the only one verified."""
    told = replayed("warnings", "list", "--json").json["warnings"]
    assert told
    for warning in told:
        for lang, word in (("en", "(unverified)"), ("zh", "(待核实)")):
            text = replayed("warnings", "show", warning["finding"], "--lang", lang).out
            for law in warning["basis"]:
                (line,) = {one for one in text.splitlines() if one.startswith(f"  {law['law']} {law['article']}")}
                assert (word in line) is not law["verified"]
                assert law["verified"] <= law["abroad"]
