"""reference: official lists come in whole, dated, with every fault named by line and column."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from openpyxl import Workbook

from cli.installation import open_engine
from cli.reference_entries import entries_of
from cli.reference_tables import Wrong, read_table
from cli.verb import Exit, Refused
from desk.asking import Asking
from events.registry import GoodsEntry, IncompatibilityEntry, RestrictedAreaEntry
from events.time import DAY, parse_instant
from streams.health import _calendar
from tests.unit.cli.installed import TREE, Installed

TABLES = TREE / "reference"
IMPORTED = ("goods", "nuclides", "incompatibility", "calendar")
GOODS = "goods,name,category,measure,cas,un,critical\n"


def file(tmp_path: Path, text: str, name: str = "list.csv", encoding: str = "utf-8") -> Path:
    """A list in a file."""
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def faults(path: Path) -> list[tuple[int, str]]:
    """Line and column of everything that is wrong with a list."""
    return [(made.line, made.column) for made in entries_of(read_table(path)) if isinstance(made, Wrong)]


@pytest.mark.parametrize("name", IMPORTED)
def test_every_shipped_table_can_be_imported_and_each_entry_names_its_origin(name: str) -> None:
    """Source and date that stand above the columns go with each entry; unverified stays unverified."""
    table = read_table(TABLES / f"{name}.csv")
    made = list(entries_of(table))
    assert made
    for one in made:
        assert not isinstance(one, Wrong)
        origin = one[1].origin
        assert origin is not None
        assert (origin.source, origin.dated.isoformat()) == (table.says["source"], table.says["date"])
        assert not origin.verified


def test_an_import_says_how_its_table_was_checked_and_what_is_in_force_whence_it_is(replayed: Installed) -> None:
    """Both languages; the entries in force keep it."""
    table = TABLES / "nuclides.csv"
    said = replayed("reference", "import", table, "--dry-run", "--lang", "en").out
    assert "(2026-11-26)" in said
    assert "UNVERIFIED: goods=own;" in said
    assert "half_life_s=program" in said
    assert "待核实: goods=own;" in replayed("reference", "import", table, "--dry-run", "--lang", "zh").out
    assert replayed("reference", "import", table, "--json").json["files"][0]["verified"] == "false"
    shown = replayed("reference", "show", "--table", "goods", "--json").json
    (cobalt,) = (one for one in shown if one["subject"] == "CO-60")
    assert cobalt["origin"] == {"source": read_table(table).says["source"], "dated": "2026-11-26"}
    (line,) = (
        one for one in replayed("reference", "show").out.splitlines() if one.startswith("goods") and "CS-137" in one
    )
    assert "? 2026-11-26 半衰期 ICRP 107" in line


def test_a_table_whose_date_is_none_names_the_line_above(tmp_path: Path) -> None:
    """Nothing of it is entered; without a source or a date entries just name no origin."""
    text = "# source: somewhere\n# date: last year\n" + GOODS + "X1,甲,chemicals,mass,,,\n"
    assert faults(file(tmp_path, text)) == [(0, "date")]
    assert faults(file(tmp_path, text.replace("last year", "2026-01-01\n# verified: maybe"))) == [(0, "verified")]
    ((_, entry),) = (
        one
        for one in entries_of(read_table(file(tmp_path, GOODS + "X1,甲,chemicals,mass,,,\n")))
        if not isinstance(one, Wrong)
    )
    assert entry.origin is None


def test_what_was_entered_before_entries_had_an_origin_reads_as_it_did() -> None:
    """An entry of an earlier version has none; one of this version says nothing of it where it has none."""
    told = b'{"type":"incompatibility","one":"1.1B","other":"1.1D"}'
    entry = msgspec.json.decode(told, type=IncompatibilityEntry)
    assert entry.origin is None
    assert msgspec.json.encode(entry) == told


def test_a_list_is_entered_once_and_what_changes_is_said(replayed: Installed, tmp_path: Path) -> None:
    """A dry run enters nothing; the same list again enters nothing; a changed line is one change."""
    first = file(tmp_path, GOODS + "X1,甲,chemicals,mass,7782-50-5,1017,5 t\nX2,乙,chemicals,mass,,,\n")
    dry = replayed("reference", "import", first, "--dry-run", "--json").json
    assert (dry["done"], dry["files"][0]["new"]) == ("dry_run", 2)
    assert replayed("reference", "show", "--table", "goods", "--json").out.count('"X1"') == 0
    assert replayed("reference", "import", first, "--json").json["done"] == "entered"
    again = replayed("reference", "import", first, "--json").json
    assert (again["done"], again["files"][0]["same"]) == ("nothing", 2)
    second = file(tmp_path, GOODS + "X1,甲,chemicals,mass,7782-50-5,1017,6 t\nX2,乙,chemicals,mass,,,\n")
    changed = replayed("reference", "import", second, "--json").json["files"][0]
    assert (changed["new"], changed["changed"], changed["same"]) == (0, 1, 1)
    assert changed["changes"][0]["fields"] == {
        "critical": [{"value": "5", "unit": "t"}, {"value": "6", "unit": "t"}]
    }
    earlier = replayed("reference", "import", first, "--valid-from", "2026-05-01")
    assert earlier.code == Exit.FOUND
    assert "another entry speaks" in earlier.out
    assert '"6"' in replayed("reference", "show", "--table", "goods", "--json").out


def test_of_a_file_with_a_fault_nothing_is_entered(replayed: Installed, tmp_path: Path) -> None:
    """The good line neither; the fault is named by line and column, in the reader's language."""
    bad = file(tmp_path, GOODS + "X1,甲,chemicals,mass,7782-50-6,,\nX2,乙,chemicals,mass,,,\n")
    ran = replayed("reference", "import", bad)
    assert ran.code == Exit.FOUND
    assert "2: cas 7782-50-6: its check digit would be 5" in ran.out
    assert '"X2"' not in replayed("reference", "show", "--json").out


def test_what_is_wrong_with_a_line_names_its_column(tmp_path: Path) -> None:
    """Every kind of fault, each at its own line."""
    rows = (
        "A,甲,chemicals,mass,123,,", "B,乙,chemicals,mass,,17,", "C,丙,chemicals,mass,,,5 m3",
        "D,丁,chemicals,weight,,,", "E,戊,cars,mass,,,", ",己,chemicals,mass,,,", "G,庚,chemicals,mass,,,5t",
    )  # fmt: skip
    assert faults(file(tmp_path, GOODS + "\n".join(rows) + "\n")) == [
        (2, "cas"), (3, "un"), (4, "critical"), (5, "measure"), (6, "category"), (7, "goods"), (8, "critical"),
    ]  # fmt: skip
    days = (
        "# table: calendar\ndate,kind\n2026-10-01,holiday\n2026-10-01,holiday\n2026-10-08,workday\n10/1,holiday\n"
    )
    assert faults(file(tmp_path, days)) == [(4, "date"), (5, "date"), (6, "date")]


def test_a_workbook_and_a_spreadsheets_encoding_are_read_as_a_plain_file_is(tmp_path: Path) -> None:
    """XLSX, and CSV as it is saved in China, with Chinese headings and words."""
    head = ("品种", "名称", "类别", "计量", "标志", "UN号")
    row = ("NACN", "氰化钠", "危险化学品", "质量", "剧毒", "1689")
    book = Workbook()
    sheet = book.active
    sheet.append(head)
    sheet.append((*row[:5], 1689))
    book.save(tmp_path / "list.xlsx")
    text = ",".join(head) + "\n" + ",".join(row) + "\n"
    made = [
        list(entries_of(read_table(path)))
        for path in (tmp_path / "list.xlsx", file(tmp_path, text, encoding="gb18030"))
    ]
    assert made[0] == made[1]
    (told,) = made[0]
    assert not isinstance(told, Wrong)
    assert isinstance(told[1], GoodsEntry)
    assert (told[1].flags, told[1].un) == (("highly_toxic",), "1689")


def test_a_restricted_area_has_an_outline_hours_and_categories(tmp_path: Path) -> None:
    """As the rule of the road asks for them, and says where it is from."""
    text = (
        "# source: 榕政通〔2026〕3号\n# date: 2026-03-01\nrestricted_area,name,outline,hours,categories\n"
        "R1,老城,119.30 26.08; 119.32 26.08; 119.32 26.10,07:00-09:00 22:00-05:00,民用爆炸物品 chemicals\n"
    )
    ((_, entry),) = (made for made in entries_of(read_table(file(tmp_path, text))) if not isinstance(made, Wrong))
    assert isinstance(entry, RestrictedAreaEntry)
    assert (len(entry.outline), entry.hours) == (3, ((420, 540), (1320, 300)))
    assert entry.categories == ("explosives", "chemicals")
    assert entry.origin is not None
    assert entry.origin.cited == "榕政通〔2026〕3号 (2026-03-01, 待核实 unverified)"


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    """Not there, unknown columns, missing columns, no workbook."""
    for path in (
        tmp_path / "none.csv", file(tmp_path, "a,b\n1,2\n"), file(tmp_path, "# table: goods\ngoods\nX\n"),
        file(tmp_path, "x", name="bad.xlsx"),
    ):  # fmt: skip
        with pytest.raises(Refused):
            read_table(path)


def test_events_for_another_engine_are_written_not_entered(hazflow: Installed, tmp_path: Path) -> None:
    """One a line, as they would be posted."""
    out = tmp_path / "entries.jsonl"
    assert hazflow("reference", "import", TABLES / "calendar.csv", "--out", out).code == Exit.OK
    assert [b'"calendar"' in line for line in out.read_bytes().splitlines()] == [True, True]
    assert not hazflow.database.exists()


def test_the_doctor_says_when_the_calendar_runs_out(replayed: Installed) -> None:
    """None known; less than sixty days left; past."""
    ends = parse_instant("2027-01-01T00:00:00+08:00")
    with closing(sqlite3.connect(replayed.database)) as db:
        assert _calendar(db, ends).verdict == "watch"
    assert replayed("reference", "import", TABLES / "calendar.csv").code == Exit.OK
    with closing(sqlite3.connect(replayed.database)) as db:
        said = [_calendar(db, ends + days * DAY).verdict for days in (-61, -59, 1)]
    assert said == ["ok", "watch", "wrong"]


def test_an_installation_of_before_shows_the_calendars_that_it_has(replayed: Installed) -> None:
    """Opened again, what the state holds is projected for the pages."""
    assert replayed("reference", "import", TABLES / "calendar.csv").code == Exit.OK
    with closing(sqlite3.connect(replayed.database)) as db, db:
        assert db.execute("UPDATE registered SET kind=NULL, id=NULL WHERE kind='calendar'").rowcount == 2
    assert Asking(replayed.database).calendars() == ()
    open_engine(replayed.database).close()
    assert Asking(replayed.database).calendars() == (2025, 2026)
