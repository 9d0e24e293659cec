"""Rows of reference tables become registry entries; whatever does not says which line, which column, and why.

Law kept: pure: rows in, entries and faults out. What an entry means is judged by intake as of any other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Final, TypeVar

import msgspec
from msgspec.structs import replace

from cli.reference_tables import ORIGIN, Row, Table, Wrong
from events.cas import cas_fault
from events.quantity import UNITS, Amount, Measure, Quantity, parse_quantity
from events.registry import (
    CATEGORY_NAMES,
    CalendarEntry,
    Entry,
    GoodsEntry,
    IncompatibilityEntry,
    Origin,
    RestrictedAreaEntry,
)

E = TypeVar("E", bound=Entry)
Made = tuple[int, Entry]
"""The line that an entry is from (of several: the first), and the entry."""
Told = Iterator[Made | Wrong]

_CATEGORIES: Final = {zh: category for category, (zh, _) in CATEGORY_NAMES.items()}
_MEASURES: Final = {"件": "count", "质量": "mass", "体积": "volume", "活度": "activity", "净药量": "neq"}
_FLAGS: Final = {
    "剧毒": "highly_toxic", "易制爆": "explosive_precursor", "易制毒": "drug_precursor", "农药": "pesticide",
    "易制毒一类": "drug_precursor_1", "易制毒二类": "drug_precursor_2", "易制毒三类": "drug_precursor_3",
}  # fmt: skip
_KINDS: Final = {"放假": "holiday", "上班": "workday"}
_UN: Final = re.compile(r"(?:UN)?\s*(\d{4})", re.ASCII | re.IGNORECASE)
_CLASS: Final = re.compile(r"[1-9](?:\.[1-6])?[A-LNS]?", re.ASCII)


class _Bad(Exception):
    """One cell that cannot be taken."""

    def __init__(self, column: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.column, self.zh, self.en = column, zh, en


def entries_of(table: Table) -> Told:
    """What the rows of a table enter, in their order, and what is wrong with those that enter nothing.

    Each entry names the source and date that its row says, or that stand above the columns, where both do.
    """
    yield from table.wrong
    try:
        origin = _origin(table.says)
    except _Bad as bad:
        yield Wrong(0, bad.column, bad.zh, bad.en)
        return
    for made in _calendars(table.rows) if table.kind == "calendar" else _rows(table):
        if isinstance(made, Wrong) or made[1].origin is not None:
            yield made
        else:
            yield made[0], replace(made[1], origin=origin)


def _rows(table: Table) -> Told:
    make = _MAKERS[table.kind]
    for row in table.rows:
        try:
            yield row.line, replace(make(row.cells), origin=_origin(row.cells))
        except _Bad as bad:
            yield Wrong(row.line, bad.column, bad.zh, bad.en)


def _origin(says: Mapping[str, str]) -> Origin | None:
    """Where a table or a row says that it is from: verified only where it says so."""
    source, dated, verified = (says.get(name, "") for name in ORIGIN)
    if not source or not dated:
        return None
    if verified not in ("", "true", "false"):
        raise _Bad("verified", f"应为 true 或 false:{verified}", f"true or false, not {verified}")
    try:
        return msgspec.convert({"source": source, "dated": dated, "verified": verified == "true"}, Origin)
    except msgspec.ValidationError as error:
        raise _Bad("date", f"来源或日期(如 2026-11-26)有误:{error}", f"source or date: {error}") from None


def _goods(cells: Mapping[str, str]) -> GoodsEntry:
    said: dict[str, object] = {name: _needed(cells, name) for name in ("goods", "name")}
    said["name_en"] = cells.get("name_en", said["name"])
    category = _needed(cells, "category")
    said["category"] = _CATEGORIES.get(category, category)
    measure = _MEASURES.get(_needed(cells, "measure"), cells["measure"])
    if measure not in set(Measure):
        raise _Bad("measure", f"应为 {', '.join(Measure)}:{measure}", f"one of {', '.join(Measure)}, not {measure}")
    said["measure"] = measure
    said["flags"] = [_FLAGS.get(flag, flag) for flag in re.split(r"[\s;；、]+", cells.get("flags", "")) if flag]
    if "cas" in cells:
        fault = cas_fault(cells["cas"])
        if fault is not None:
            raise _Bad("cas", f"CAS 号有误:{fault}", fault)
        said["cas"] = cells["cas"]
    if "un" in cells:
        found = _UN.fullmatch(cells["un"])
        if found is None:
            raise _Bad("un", f"UN 号应为四位数字:{cells['un']}", f"a UN number has four digits, not {cells['un']}")
        said["un"] = found[1]
    if "hazard_class" in cells:
        if _CLASS.fullmatch(cells["hazard_class"]) is None:
            text = cells["hazard_class"]
            raise _Bad("hazard_class", f"类别或项别如 6.1、1.1D:{text}", f"a class reads 6.1 or 1.1D, not {text}")
        said["hazard_class"] = cells["hazard_class"]
    if "critical" in cells:
        said["critical"] = _quantity(cells["critical"], "critical", Measure(measure))
    if ("half_life_s" in cells or "d_value" in cells) and "nuclide" not in cells:
        raise _Bad("nuclide", "有半衰期或 D 值须写核素", "a half-life or D value needs its nuclide")
    if "nuclide" in cells:
        said["nuclide"] = cells["nuclide"]
    if "half_life_s" in cells:
        said["half_life_s"] = _number(cells["half_life_s"], "half_life_s")
    if "d_value" in cells:
        said["d_value"] = _quantity(cells["d_value"], "d_value", Measure.ACTIVITY)
    return _converted(said, GoodsEntry)


def _incompatibility(cells: Mapping[str, str]) -> IncompatibilityEntry:
    for name in ("one", "other"):
        if _CLASS.fullmatch(_needed(cells, name)) is None:
            raise _Bad(
                name, f"类别或项别如 6.1、1.1D:{cells[name]}", f"a class reads 6.1 or 1.1D, not {cells[name]}"
            )
    return IncompatibilityEntry(one=cells["one"], other=cells["other"])


def _restricted_area(cells: Mapping[str, str]) -> RestrictedAreaEntry:
    outline = []
    for pair in re.split(r"\s*[;；]\s*", _needed(cells, "outline").strip(";； ")):
        lon, _, lat = pair.replace(",", " ").partition(" ")
        outline.append((_number(lon, "outline"), _number(lat, "outline")))
    hours = [_hours(span) for span in re.split(r"[\s;；]+", cells.get("hours", "")) if span]
    named = [one for one in re.split(r"[\s;；、]+", cells.get("categories", "")) if one]
    said: dict[str, object] = {
        "restricted_area": _needed(cells, "restricted_area"), "name": _needed(cells, "name"), "outline": outline,
        "hours": hours, "categories": [_CATEGORIES.get(one, one) for one in named],
        "datum": cells.get("datum", "wgs84").lower().replace("-", ""),
    }  # fmt: skip
    return _converted(said, RestrictedAreaEntry)


_MAKERS: Final[dict[str, Callable[[Mapping[str, str]], Entry]]] = {
    "goods": _goods,
    "incompatibility": _incompatibility,
    "restricted_area": _restricted_area,
}


def _calendars(rows: tuple[Row, ...]) -> Told:
    """One entry a year: its days off, and the weekend days that are worked."""
    days: dict[int, dict[date, str]] = {}
    first: dict[int, int] = {}
    for row in rows:
        try:
            day, kind = _day(row.cells)
            known = days.setdefault(day.year, {})
            if day in known:
                raise _Bad("date", f"{day} 重复", f"{day} comes twice")
            known[day] = kind
            first.setdefault(day.year, row.line)
        except _Bad as bad:
            yield Wrong(row.line, bad.column, bad.zh, bad.en)
    for year in sorted(days):
        holidays, workdays = (
            sorted(day for day, said in days[year].items() if said == kind) for kind in ("holiday", "workday")
        )
        yield first[year], CalendarEntry(year=year, holidays=tuple(holidays), workdays=tuple(workdays))


def _day(cells: Mapping[str, str]) -> tuple[date, str]:
    text, kind = _needed(cells, "date"), _needed(cells, "kind")
    kind = _KINDS.get(kind, kind)
    try:
        day = date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise _Bad("date", f"日期如 2026-10-01:{text}", f"a date reads 2026-10-01, not {text}") from None
    if kind not in ("holiday", "workday"):
        raise _Bad("kind", f"应为 holiday(放假)或 workday(上班):{kind}", f"holiday or workday, not {kind}")
    if kind == "workday" and day.weekday() < 5:
        raise _Bad("date", f"{day} 不是周末,无须调休上班", f"{day} is no weekend day: it is worked anyway")
    return day, kind


def _needed(cells: Mapping[str, str], name: str) -> str:
    if name not in cells:
        raise _Bad(name, "必填", "must be said")
    return cells[name]


def _number(text: str, column: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise _Bad(column, f"不是数:{text}", f"no number: {text}") from None


def _hours(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d\d?):(\d\d)-(\d\d?):(\d\d)", text)
    if found is None:
        raise _Bad("hours", f"时段如 07:00-09:00:{text}", f"hours read 07:00-09:00, not {text}")
    begin, end = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    return begin, end


def _quantity(text: str, column: str, measure: Measure) -> Quantity:
    value, _, unit = text.partition(" ")
    amount = parse_quantity(value, unit.strip())
    if not isinstance(amount, Amount):
        raise _Bad(column, f"数量如 5 t:{text}", f"a quantity reads 5 t, not {text}")
    if amount.measure is not measure:
        units = ", ".join(name for name, (of, _) in UNITS.items() if of is measure)
        raise _Bad(column, f"该品种的计量单位为 {units}", f"these goods are measured in {units}")
    return Quantity(value, unit.strip())


def _converted(said: dict[str, object], kind: type[E]) -> E:
    try:
        return msgspec.convert({"type": kind.__struct_config__.tag, **said}, kind)
    except msgspec.ValidationError as error:
        column = re.search(r"at `\$\.(\w+)", str(error))
        raise _Bad(column[1] if column else "", f"不合契约:{error}", str(error)) from None
