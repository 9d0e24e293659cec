"""Mending one refused record: fields set or left out by their path, on a copy.

Law kept: only what is named changes; a text stays a text unless ``:=`` says that JSON follows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from cli.verb import Refused

_CHANGE = re.compile(r"(?P<path>[A-Za-z_][\w.\[\]]*)(?P<mark>:?=)(?P<value>.*)", re.DOTALL)
_STEP = re.compile(r"(?P<name>[A-Za-z_]\w*)|\[(?P<at>\d+)\]")


def mended(raw: bytes | None, changes: Sequence[str], unset: Sequence[str]) -> bytes:
    """The record with its changes made.

    >>> mended(b'{"quantity": {"value": "1", "unit": "kilo"}, "x": 1}', ["quantity.unit=kg", "version:=1"], ["x"])
    b'{"quantity":{"value":"1","unit":"kg"},"version":1}'
    """
    if not changes and not unset:
        raise Refused("请用 --set、--unset 或 --raw 说明改什么", "say what to change: --set, --unset or --raw")
    if raw is None:
        raise Refused("此处没有原始字节;请用 --raw", "its bytes are not kept here: use --raw")
    try:
        record: Any = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Refused("原始字节不是 JSON;请用 --raw", f"its bytes are no JSON ({error}): use --raw") from error
    for change in changes:
        found = _CHANGE.fullmatch(change)
        if found is None:
            raise Refused(f"无法识别 {change!r}", f"{change!r} is neither FIELD=TEXT nor FIELD:=JSON")
        _put(record, _path(found["path"]), _value(found["value"]) if found["mark"] == ":=" else found["value"])
    for name in unset:
        _drop(record, _path(name))
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Refused(f"{text!r} 不是 JSON", f"{text!r} is no JSON: {error}") from error


def _path(text: str) -> list[str | int]:
    """The steps of a path.

    >>> _path("plan.loads[0].goods")
    ['plan', 'loads', 0, 'goods']
    """
    steps: list[str | int] = [
        found["name"] if found["name"] else int(found["at"]) for found in _STEP.finditer(text)
    ]
    if not steps:
        raise Refused(f"无法识别字段 {text!r}", f"{text!r} is no field's path")
    return steps


def _put(record: Any, path: Sequence[str | int], value: Any) -> None:
    holder, last = _walk(record, path[:-1], making=True), path[-1]
    if not isinstance(holder, dict) and not _has(holder, last):
        raise _nowhere(path)
    holder[last] = value


def _drop(record: Any, path: Sequence[str | int]) -> None:
    holder, last = _walk(record, path[:-1], making=False), path[-1]
    if not _has(holder, last):
        raise _nowhere(path)
    del holder[last]


def _has(holder: Any, step: str | int) -> bool:
    if isinstance(holder, dict):
        return step in holder
    return isinstance(holder, list) and isinstance(step, int) and step < len(holder)


def _walk(record: Any, path: Sequence[str | int], *, making: bool) -> Any:
    at = record
    for step in path:
        if making and isinstance(at, dict) and isinstance(step, str):
            at.setdefault(step, {})
        if not _has(at, step):
            raise _nowhere(path)
        at = at[step]
    return at


def _nowhere(path: Sequence[str | int]) -> Refused:
    name = ".".join(map(str, path))
    return Refused(f"记录中没有 {name}", f"the record has no {name}")
