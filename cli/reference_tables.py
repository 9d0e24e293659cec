"""Reference tables as files: CSV or XLSX, with lines above the columns that say what they are and where from.

Law kept: a table is read whole or not at all; every fault names its line, its column and how it should read.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from cli.verb import Exit, Refused

MOST_ROWS: Final = 200_000
"""The longest list that is read: the national catalogue of goods has some three thousand lines."""
MOST_BYTES: Final = 64 << 20
_SAYS: Final = re.compile(r"#\s*(?P<name>[\w-]+)\s*[:：]\s*(?P<text>.*)")
KINDS: Final = {
    "goods": {"goods", "name", "category", "measure"},
    "incompatibility": {"one", "other"},
    "calendar": {"date", "kind"},
    "restricted_area": {"restricted_area", "name", "outline"},
}
"""Kind of table → the columns that it must have."""
ORIGIN: Final = ("source", "date", "verified")
"""What a table says above its columns, and a row may say of itself: where its content is from."""
ALIASES: Final = {
    "品种": "goods", "编码": "goods", "名称": "name", "品名": "name", "英文名": "name_en", "类别": "category",
    "计量": "measure", "标志": "flags", "cas号": "cas", "un号": "un", "危险性类别": "hazard_class",
    "临界量": "critical",
    "核素": "nuclide", "半衰期(秒)": "half_life_s", "d值": "d_value", "甲类别": "one", "乙类别": "other",
    "日期": "date",
    "情形": "kind", "禁行区": "restricted_area", "边界": "outline", "时段": "hours", "类别范围": "categories",
}  # fmt: skip
"""Columns by their Chinese headings."""


class Row(Struct, frozen=True):
    """One line of a table: its number in the file, and its cells by column; empty ones are left out."""

    line: int
    cells: dict[str, str]


class Wrong(Struct, frozen=True):
    """What is wrong with a line (0: with the table), in which column, in Chinese and English."""

    line: int
    column: str
    zh: str
    en: str


class Table(Struct, frozen=True):
    """A table as it was read: what it is of, what it says of itself, its rows, and what is none."""

    kind: str
    says: dict[str, str]
    rows: tuple[Row, ...]
    wrong: tuple[Wrong, ...] = ()


def read_table(path: Path, kind: str | None = None) -> Table:
    """The table in a file; ``kind`` where neither the file nor its columns say it."""
    if not path.is_file():
        raise Refused(f"没有文件 {path}", f"there is no file {path}", Exit.UNAVAILABLE)
    if path.stat().st_size > MOST_BYTES:
        raise Refused(f"{path} 过大", f"{path} is larger than {MOST_BYTES} bytes")
    lines = _sheet(path) if path.suffix.lower() in (".xlsx", ".xlsm") else _csv(path)
    says: dict[str, str] = {}
    head: list[str] | None = None
    rows: list[Row] = []
    for number, cells in lines:
        first = cells[0] if cells else ""
        if first.startswith("#"):
            found = _SAYS.match(first.rstrip(", "))
            if found is not None and head is None:
                says[found["name"].lower()] = found["text"].strip()
        elif not any(cells):
            continue
        elif head is None:
            head = [_column(cell) for cell in cells]
        else:
            named = dict(zip(head, cells, strict=False))
            rows.append(Row(number, {name: cell for name, cell in named.items() if name and cell}))
            if len(rows) > MOST_ROWS:
                raise Refused(f"{path} 超过 {MOST_ROWS} 行", f"{path} has more than {MOST_ROWS} rows")
    return Table(_kind(kind or says.get("table"), head or [], path), says, tuple(rows))


def _kind(said: str | None, head: Sequence[str], path: Path) -> str:
    """What the table is of, by its name or else its columns."""
    kinds = [name for name, needs in KINDS.items() if needs <= set(head)] if said is None else [said]
    if len(kinds) != 1 or kinds[0] not in KINDS:
        known = ", ".join(KINDS)
        raise Refused(
            f"{path} 不是可导入的表({said or '列名无法识别'}):{known}",
            f"{path} is no table that can be imported ({said or 'columns not known'}): {known}",
        )
    missing = sorted(KINDS[kinds[0]] - set(head))
    if missing:
        raise Refused(f"{path} 缺少列 {', '.join(missing)}", f"{path} lacks the column(s) {', '.join(missing)}")
    return kinds[0]


def _column(cell: str) -> str:
    name = re.sub(r"\s+", "_", cell.strip().lower().replace("（", "(").replace("）", ")"))
    return ALIASES.get(name, name)


def _csv(path: Path) -> Iterator[tuple[int, list[str]]]:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = raw.decode("gb18030")  # what spreadsheets save in China
        except UnicodeDecodeError:
            raise Refused(f"{path} 不是 UTF-8 或 GB18030", f"{path} is neither UTF-8 nor GB18030") from None
    lines = text.splitlines()
    above = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
    yield from ((number, [line]) for number, line in enumerate(lines[:above], 1))
    reader = csv.reader(lines[above:])
    try:
        for cells in reader:
            yield above + reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        number = above + reader.line_num
        raise Refused(f"{path} 第 {number} 行:{error}", f"{path}, line {number}: {error}") from error


def _sheet(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The first sheet of a workbook; formulas by the values that they were saved with."""
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, OSError, ValueError) as error:
        raise Refused(f"无法读取 {path}:{error}", f"{path} cannot be read as a workbook: {error}") from error
    try:
        values: Iterable[tuple[object, ...]] = book.worksheets[0].iter_rows(values_only=True)
        for number, cells in enumerate(values, 1):
            yield number, [_cell(cell) for cell in cells]
    finally:
        book.close()


def _cell(value: object) -> str:
    """A cell as text: dates by their day, whole numbers without a point."""
    from datetime import datetime

    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        return str(int(value))
    return str(value).strip()
