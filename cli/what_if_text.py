"""A what-if's answer as a table for people, in their language."""

from __future__ import annotations

from collections.abc import Sequence

from cli.show import Lang, table
from cli.what_if_told import By, Line, Listed, Told
from events.time import parse_instant
from streams.assembly import read_areas

_BY: dict[By, tuple[str, str]] = {
    "county": ("县级地区", "county"),
    "prefecture": ("设区市", "prefecture"),
    "category": ("类别", "category"),
}
_HEAD = {
    "zh": ("现行/周", "拟议/周", "差/周", "现行共", "拟议共", "异常日/周(容许误报)现行", "拟议", "名称"),
    "en": (
        "now/week",
        "then/week",
        "difference",
        "now",
        "then",
        "strange days/week (false ones borne): now",
        "then",
        "name",
    ),
}
_LISTED = {
    "zh": ("得分", "首日", "末日", "异常日", "笔数", "地区", "单位/类别/计量/首日"),
    "en": ("score", "first day", "last day", "days", "entries", "area", "unit/category/measure/first day"),
}


def as_text(told: Told, lang: Lang) -> str:
    """The lines that raise anything, their sum, what is gained and lost, and how the labels are answered."""
    zh = lang == "zh"
    said = [line for line in told.lines if line.now or line.then]
    silent = len(told.lines) - len(said)
    rows = [_row(line, _named(told, line.name, lang)) for line in said]
    rows.append(_row(told.total, "合计" if zh else "all"))
    parts = [
        f"{told.unit_days:,} 个单位日,{told.first_day} 至 {told.last_day}({told.weeks:.1f} 周);"
        f"现行 {told.policies['now']},拟议 {told.policies['then']}"
        if zh
        else f"{told.unit_days:,} unit-days, {told.first_day} to {told.last_day} ({told.weeks:.1f} weeks); "
        f"now {told.policies['now']}, then {told.policies['then']}",
        "",
        table((_BY[told.by][0 if zh else 1], *_HEAD[lang]), rows),
    ]
    if silent:
        parts.append(f"另有 {silent} 行两边均无预警" if zh else f"{silent} more raise nothing under either")
    for number, listed, words in (
        (told.gained, told.gained_listed, ("增加", "gained")),
        (told.lost, told.lost_listed, ("减少", "lost")),
    ):
        parts += ["", f"{words[0 if zh else 1]}: {number}"]
        if listed:
            parts.append(table(_LISTED[lang], [_listed(one) for one in listed]))
    return "\n".join([*parts, *_labels(told, zh)])


def _row(line: Line, name: str) -> Sequence[object]:
    return (
        line.name,
        f"{line.now_a_week:.2f}",
        f"{line.then_a_week:.2f}",
        f"{line.then_a_week - line.now_a_week:+.2f}",
        line.now,
        line.then,
        f"{line.outlier_days_now_a_week:.2f} ({line.budgeted_now_a_week:.2f})",
        f"{line.outlier_days_then_a_week:.2f} ({line.budgeted_then_a_week:.2f})",
        name,
    )


def _listed(one: Listed) -> Sequence[object]:
    return f"{one.score:.4f}", one.first_day, one.last_day, one.days, one.events, one.area, one.anchor


def _labels(told: Told, zh: bool) -> list[str]:
    if told.labels is None:
        return []
    head = ("标签", "查获", "漏报", "误报", "不计", "漏报的标签") if zh else (
        "labels", "caught", "missed", "false", "allowed", "missed labels"
    )  # fmt: skip
    names = {"now": "现行", "then": "拟议"} if zh else {"now": "now", "then": "then"}
    rows = [
        (names[side], len(one.caught), len(one.missed), one.false, one.allowed, " ".join(one.missed))
        for side, one in told.labels.items()
    ]
    return ["", table(head, rows)]


def _named(told: Told, name: str, lang: Lang) -> str:
    """An area's name as of the last day, or of the first where it is no more; a category needs none."""
    if told.by == "category":
        return ""
    areas = read_areas()
    for day in (told.last_day, told.first_day):
        at = parse_instant(f"{day}T00:00:00+08:00")
        area = areas.by_code(name, at)
        if area is not None:
            return areas.name(area.id, at)[0 if lang == "zh" else 1]
    return ""
