"""A policy's page as read: takes each value out of TOML, and notes each fault with its line and remedy.

Law kept: reading goes on after a fault, so that the officer sees all of them at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final, TypeAlias, cast

from events.time import Instant, day_start
from routing.areas import Areas
from routing.unusable import Problem, line_of

Table: TypeAlias = Mapping[str, object]
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()


class Page:
    """One text being read, and the faults found so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.problems: list[Problem] = []

    def fault(self, table: str, key: str, what: tuple[str, str], mend: tuple[str, str]) -> None:
        """Notes one fault at ``key`` of ``[table]``."""
        field = ".".join(part for part in (table, key) if part)
        line = line_of(self.text, table, key) or line_of(self.text, key)
        self.problems.append(Problem(line, field, what, mend))

    def only(self, table: str, raw: Table, known: Collection[str]) -> None:
        """Every key must be a known one."""
        for key in raw:
            if key not in known:
                listed = "、".join(known), ", ".join(known)
                what = f"未知的字段 {key}", f"unknown key {key!r}"
                self.fault(table, key, what, (f"可用字段：{listed[0]}", f"use one of {listed[1]}"))

    def table(self, raw: Table, key: str, *, within: str = "") -> Table:
        """A sub-table; an empty one if it is absent or none."""
        value = raw.get(key)
        if isinstance(value, dict):
            return cast("Table", value)
        name = f"{within}.{key}" if within else key
        self.fault(name, "", ("缺少该节", "the section is missing"), (f"写上 [{name}]", f"add [{name}]"))
        return {}

    def word(self, table: str, raw: Table, key: str, allowed: Collection[str] | None = None) -> str:
        """A text, one of ``allowed`` if given."""
        value = raw.get(key)
        if not isinstance(value, str) or not value:
            what = "缺少该字段，或不是文字", "missing, or not a text"
            self.fault(table, key, what, (f'写上 {key} = "……"', f'write {key} = "..."'))
            return ""
        self._check(table, key, value, allowed)
        return value

    def words(self, table: str, raw: Table, key: str, allowed: Collection[str] | None) -> tuple[str, ...]:
        """A list of different texts, each one of ``allowed`` if given."""
        value = raw.get(key)
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            what = "应为文字的列表", "not a list of texts"
            self.fault(table, key, what, (f'如 {key} = ["……"]', f'such as {key} = ["..."]'))
            return ()
        for word in value:
            self._check(table, key, word, allowed)
        if len(set(value)) < len(value):
            self.fault(table, key, ("有重复", "says something twice"), ("删去重复者", "remove the repetition"))
        return tuple(value)

    def texts(self, table: str, raw: Table, stem: str = "") -> tuple[str, str]:
        """A text in both languages: ``zh`` and ``en``, or ``stem_zh`` and ``stem_en``."""
        return self.word(table, raw, f"{stem}zh"), self.word(table, raw, f"{stem}en")

    def day(self, table: str, raw: Table, key: str) -> Instant:
        """The first instant, in Shanghai, of a TOML date."""
        value = raw.get(key)
        if type(value) is not date:
            what = "应为日期", "not a date"
            self.fault(table, key, what, (f"如 {key} = 2026-01-01", f"such as {key} = 2026-01-01"))
            return 0
        return day_start(value.toordinal() - _EPOCH_DAY)

    def _check(self, table: str, key: str, value: str, allowed: Collection[str] | None) -> None:
        if allowed is not None and value not in allowed:
            listed = [str(word) for word in allowed][:60]
            what = f"未知的值 {value}", f"unknown value {value!r}"
            self.fault(table, key, what, (f"可用：{'、'.join(listed)}", f"use one of {', '.join(listed)}"))

    def line(self, table: str) -> int | None:
        """The line where ``[table]`` stands."""
        return line_of(self.text, table)

    def known_area(self, table: str, area_id: str, areas: Areas) -> None:
        """``area_id`` must be in the table of areas, and not have ended."""
        area = areas.area(area_id)
        if area is not None and area.end is None:
            return
        if area is None:
            what = f"区划 {area_id} 不在表中", f"area {area_id!r} is not in the table"
            mend = "用 areas.toml 中的编号", "use an id of areas.toml"
        else:
            heirs = ", ".join(area.successors) or "-"
            what = f"区划 {area_id} 已终止", f"area {area_id!r} has ended"
            mend = f"改用继承者 {heirs}", f"use its successor {heirs}"
        self.fault(table, "", what, mend)
