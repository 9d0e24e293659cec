"""A warning's sentence as a page says it: names for ids, pieces for items, times to the minute.

Law kept: the sentence stays the detector's own; only what stands for something is put in words. What nobody
registered keeps its id.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from desk.words import Lang

_ITEMS: Final = re.compile(r"(?<![\w.])(\d+) item\b")
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?\+08:00")
_LIKE_AN_ID: Final = re.compile(r"(?<![\w./-])(?=[^\s]*[A-Z0-9])[A-Za-z0-9][\w.-]*(?<![.-])")
"""What may be an id inside a sentence: a run with a digit or a capital in it, and no point at its end."""

_BETWEEN_HAN: Final = re.compile(r"(?<=[\u4e00-\u9fff）)]) (?=[\u4e00-\u9fff（])")
"""A blank that set an id apart, and stands between two Chinese words once the id is a name."""


def sentence(text: str, name: Callable[[str], str], lang: Lang) -> str:
    """The sentence with each id that ``name`` knows ("" where it does not) by that name.

    >>> sentence("At S1 12 item of DET were counted at 2026-05-04T18:42:51+08:00.", {"S1": "depot"}.get, "en")
    'At depot 12 items of DET were counted at 2026-05-04 18:42.'
    >>> sentence("S1 的 DET 短少 1 item", {"S1": "一号库", "DET": "雷管"}.get, "zh")
    '一号库的雷管短少 1 件'
    """
    text = _TIME.sub(r"\1 \2", text)
    text = _ITEMS.sub(lambda found: f"{found[1]} {_pieces(found[1], lang)}", text)
    text = _LIKE_AN_ID.sub(lambda found: name(found[0]) or found[0], text)
    return _BETWEEN_HAN.sub("", text)


def _pieces(number: str, lang: Lang) -> str:
    if lang == "zh":
        return "件"
    return "item" if number == "1" else "items"
