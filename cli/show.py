"""How answers are printed: a table for people, JSON for programs, in the reader's language.

Law kept: ``--json`` prints one JSON value and nothing else.
"""

from __future__ import annotations

import os
import unicodedata
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from typing import Literal

Lang = Literal["zh", "en"]


def json_argument(parser: ArgumentParser) -> None:
    """``--json``."""
    parser.add_argument("--json", action="store_true", help="输出 JSON · print JSON")


def lang_argument(parser: ArgumentParser) -> None:
    """``--lang zh|en``: by default the terminal's."""
    parser.add_argument("--lang", choices=("zh", "en"), default=spoken(), help="语言 · language (%(default)s)")


def spoken() -> Lang:
    """The language of this terminal: Chinese if its locale says so, else English."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if locale.startswith("zh") else "en"


def print_json(value: object) -> None:
    """One JSON value, indented."""
    import msgspec

    print(msgspec.json.format(msgspec.json.encode(value), indent=1).decode())


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Columns as wide as their widest cell; the last one is left as it is.

    >>> print(table(("品种", "n"), [("氯", 1), ("chlorine", 22)]))
    品种      n
    氯        1
    chlorine  22
    """
    cells = [tuple(head), *(tuple("" if cell is None else str(cell) for cell in row) for row in rows)]
    widths = [max(width(row[at]) for row in cells) for at in range(len(head))]
    return "\n".join(
        "  ".join(cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def width(text: str) -> int:
    """How many columns a text takes on a terminal: Chinese characters take two.

    >>> width("氯 Cl")
    5
    """
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
