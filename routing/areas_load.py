"""Reads ``areas.toml`` and refuses a table that could send a warning in circles or to two places.

Law kept: at every instant a code names at most one area, and an area in force has exactly one superior, of a
higher level, in force itself (none for a province). So every chain of superiors ends, without a loop.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

import msgspec
from msgspec import Struct

from events.time import DAY, Instant, day_start
from routing.area import RANK, Area, Dated, Level
from routing.areas import Areas
from routing.unusable import Problem, Unusable

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_ASK = ("对照文件头的说明改正该行", "correct the line by the file's own header")


class _Row(Struct, forbid_unknown_fields=True):
    id: str
    zh: str
    en: str
    level: Level
    codes: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    life: str = ""
    successors: tuple[str, ...] = ()
    no_addressee: bool = False
    source: str = ""


class _Table(Struct, forbid_unknown_fields=True):
    areas: list[dict[str, object]]


class _File(Struct, forbid_unknown_fields=True):
    source: dict[str, object]
    table: _Table


def load_areas(text: str) -> Areas:
    """The table that ``text`` (TOML) holds, or ``Unusable`` with every fault found."""
    version = hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest()[:12]
    try:
        file = msgspec.convert(tomllib.loads(text), _File)
        first_day = _day(str(file.source["history_from"]))
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, KeyError, ValueError) as error:
        raise Unusable("areas", [_problem(None, "table", f"无法读取：{error}", f"unreadable: {error}")]) from None
    areas: list[Area] = []
    problems: list[Problem] = []
    lines = _lines(text)
    for row in file.table.areas:
        name = str(row.get("id", ""))
        try:
            areas.append(_area(msgspec.convert(row, _Row), first_day))
        except (msgspec.ValidationError, ValueError) as error:
            problems.append(_problem(lines.get(name), name, f"写法不对：{error}", str(error)))
    if not problems:
        problems = [_problem(lines.get(who), who, zh, en) for who, zh, en in _faults(areas)]
    if problems:
        raise Unusable("areas", problems)
    return Areas(areas, version)


def _problem(line: int | None, field: str, zh: str, en: str) -> Problem:
    return Problem(line, field, (zh, en), _ASK)


def _lines(text: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        _, mark, rest = line.partition('id = "')
        if mark:
            found[rest.partition('"')[0]] = number
    return found


def _day(text: str) -> Instant:
    return day_start(date.fromisoformat(text).toordinal() - _EPOCH_DAY)


def _area(row: _Row, first_day: Instant) -> Area:
    start, end = _life(row.life, (first_day, None))
    return Area(
        id=row.id,
        zh=row.zh,
        en=row.en,
        level=row.level,
        start=start,
        end=end,
        codes=tuple(_dated(text, (start, end)) for text in row.codes),
        parents=tuple(_dated(text, (start, end)) for text in row.parents),
        successors=row.successors,
        addressee=not row.no_addressee,
        source=row.source,
    )


def _life(text: str, whole: tuple[Instant, Instant | None]) -> tuple[Instant, Instant | None]:
    if not text:
        return whole
    begin, dots, finish = text.partition("..")
    if not dots:
        raise ValueError(f"{text!r} is not FROM..TO")
    start, end = (_day(begin) if begin else whole[0]), (_day(finish) if finish else whole[1])
    if end is not None and end - start < DAY:
        raise ValueError(f"{text!r} ends before it begins")
    return start, end


def _dated(text: str, life: tuple[Instant, Instant | None]) -> Dated:
    value, _, span = text.partition(" ")
    return Dated(value, *_life(span, life))


def _faults(areas: list[Area]) -> Iterator[tuple[str, str, str]]:
    by_id = {area.id: area for area in areas}
    if len(by_id) < len(areas) or not areas:
        yield "id", "编号重复或表为空", "an id stands twice, or the table is empty"
        return
    yield from _code_faults(areas)
    for area in areas:
        yield from _parent_faults(area, by_id)
        yield from _heir_faults(area, by_id)


def _code_faults(areas: list[Area]) -> Iterator[tuple[str, str, str]]:
    spans = sorted(
        ((code.value, code.start, code.end, area.id) for area in areas for code in area.codes),
        key=lambda span: span[:2],
    )
    for value, start, end, who in spans:
        if end is not None and end <= start:
            yield who, f"代码 {value} 起止颠倒", f"code {value} ends before it begins"
    for (value, _, end, first), (other, start, _, second) in pairwise(spans):
        if value == other and (end is None or start < end):
            yield second, f"代码 {value} 同时属于 {first}", f"code {value} is {first}'s at the same time"


def _parent_faults(area: Area, by_id: dict[str, Area]) -> Iterator[tuple[str, str, str]]:
    if area.level is Level.PROVINCE:
        if area.parents:
            yield area.id, "省级不设上级", "a province has no superior here"
        return
    reached: Instant | None = area.start
    for span in sorted(area.parents, key=lambda s: s.start):
        above = by_id.get(span.value)
        if above is None:
            yield area.id, f"上级 {span.value} 不在表中", f"superior {span.value} is not in the table"
        elif RANK[above.level] <= RANK[area.level]:
            yield (
                area.id,
                f"上级 {span.value} 的级别不高于它，会成环",
                f"superior {span.value} is not of a higher level: superiors would loop",
            )
        elif above.start > span.start or _ends(above.end) < _ends(span.end):
            yield (
                area.id,
                f"上级 {span.value} 当时不存在",
                f"superior {span.value} was not in force all along",
            )
        if span.start != reached:
            yield area.id, "上级的起止有空档或重叠", "its superiors leave a gap or overlap"
        reached = span.end
    if not area.parents or reached != area.end:
        yield area.id, "存续期内须始终有一个上级", "it needs one superior all its life"


def _heir_faults(area: Area, by_id: dict[str, Area]) -> Iterator[tuple[str, str, str]]:
    if area.end is None and area.successors:
        yield area.id, "未终止的区划不得有继承者", "an area that has not ended has no successor"
    for heir in area.successors:
        found = by_id.get(heir)
        if found is None:
            yield area.id, f"继承者 {heir} 不在表中", f"successor {heir} is not in the table"
        elif area.end is not None and not found.in_force(area.end):
            yield area.id, f"继承者 {heir} 在其终止时不存在", f"successor {heir} is not in force when it ends"


def _ends(end: Instant | None) -> float:
    return float("inf") if end is None else end
