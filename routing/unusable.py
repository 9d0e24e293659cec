"""Why a table or a policy is not taken: every fault at once, each with its line, field and remedy.

Law kept: a wrong policy never half applies. It is refused whole, before it routes anything, in words that
let the officer who wrote it mend it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

SHOWN = 10
"""Faults printed in full; the rest are counted."""


class Problem(Struct, frozen=True):
    """One fault: where it stands, what is wrong, how to mend it (Chinese, English)."""

    line: int | None
    field: str
    what: tuple[str, str]
    mend: tuple[str, str]

    def text(self, lang: str) -> str:
        """One line for a person; ``lang`` is ``zh`` or ``en``."""
        if lang == "zh":
            where = f"第 {self.line} 行 " if self.line else ""
            return f"{where}{self.field}：{self.what[0]}。处理：{self.mend[0]}"
        where = f"line {self.line}, " if self.line else ""
        return f"{where}{self.field}: {self.what[1]}. To mend: {self.mend[1]}"


class Unusable(ValueError):
    """A table or policy that must not be used; ``problems`` says why, all of it."""

    def __init__(self, source: str, problems: Iterable[Problem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        super().__init__(self.text("en"))

    def text(self, lang: str) -> str:
        """The refusal for a person: the first ten faults and how many more."""
        count, more = len(self.problems), len(self.problems) - SHOWN
        head = (
            f"{self.source}：不予采用，共 {count} 处问题"
            if lang == "zh"
            else f"{self.source} is refused: {count} fault(s)"
        )
        tail = [] if more <= 0 else [f"……另有 {more} 处" if lang == "zh" else f"... and {more} more"]
        return "\n  ".join([head, *(p.text(lang) for p in self.problems[:SHOWN]), *tail])


def line_of(text: str, table: str, key: str = "") -> int | None:
    """The line where TOML ``table`` (or its ``key``) stands; None if nowhere.

    >>> line_of("[a]\\nx = 1\\n[b]\\nx = 2", "b", "x")
    4
    """
    header = re.compile(r"^\s*\[\s*" + re.escape(table) + r"\s*\]")
    wanted = re.compile(r'^\s*"?' + re.escape(key) + r'"?\s*[=.]') if key else None
    found = None if table else 0
    for number, line in enumerate(text.splitlines(), 1):
        if header.match(line):
            found = number
        elif found is not None and line.lstrip().startswith("["):
            if found and not wanted:
                return found
            found = None if table else found
        elif found is not None and wanted is not None and wanted.match(line):
            return number
    return found if not wanted else line_of(text, table)
