"""Evidence as people read it: a label for each number's name, and its value in people's units.

Law kept: what has no label of its own is still shown, by its name; a number is never left out and never rounded
into something else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from desk.found import FOUND
from desk.labels import LABELS
from desk.words import ACTIVITY, OPERATION, Lang, say
from events.quantity import Measure, show_quantity
from events.time import Instant, moment

MEASURE: Final = "measure"
"""The entry that says what the quantities are of; it is shown with them, not as a row."""

_INSTANT: Final = re.compile(r"(?:^|_)(?:at|until|from|to|since|due|by|deadline|start|end)$")
_NUMBERED: Final = re.compile(r"(\w+)_(\d+)$")
_WRITTEN: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(?:\.\d+)?\+08:00")
_PLAIN: Final = re.compile(
    r"(?:^|_)(?:movements|events|worth|counts?|readings|records|reports|facts|trips|consignments|licences|fix|fixes|cells|sites|units|people|times|periods|"
    r"days?|hours?|h|min|minutes|s|seconds|m|km|kmh|km_h|percent|permille|ppm|alarms?|bits|number|n|k|version|"
    r"lon|lat|rank|scores?|level|orders|sales|buyers|parties|known)$"
)
_SHARE: Final = re.compile(r"(?:^|_)(?:share|ratio|fraction|probability)$")
_EARLIEST: Final = 10**14
"""An integer above this under a time's name is an instant (1973 and later)."""


class Evidence(Struct, frozen=True):
    """One row: the label, the value as read, and the name and raw value behind them."""

    label: str
    value: str
    name: str
    raw: str


def evidence(numbers: Mapping[str, int | float | str], lang: Lang) -> tuple[Evidence, ...]:
    """The rows of a notice's numbers, in the detector's order."""
    told = str(numbers.get(MEASURE, ""))
    measure = Measure(told) if told in set(Measure) else None
    return tuple(
        Evidence(label(name, lang), shown(name, value, measure, lang), name, str(value))
        for name, value in numbers.items()
        if name != MEASURE
    )


def label(name: str, lang: Lang) -> str:
    """What a number is called; its own name in words where it has no label.

    >>> label("lowest", "en"), label("feature_2", "en"), label("worst_fix", "en")
    ('lowest', 'what is strange 2', 'worst fix')
    """
    numbered = _NUMBERED.match(name)
    if numbered and name not in LABELS and numbered[1] in LABELS:
        return f"{label(numbered[1], lang)} {numbered[2]}"
    pair = LABELS.get(name)
    return say(pair, lang) if pair is not None else name.replace("_", " ")


def shown(name: str, value: int | float | str, measure: Measure | None, lang: Lang) -> str:
    """The value as people read it.

    >>> shown("lowest", -12_500_000, Measure.MASS, "en"), shown("movements", 3, Measure.MASS, "en")
    ('−12.5 kg', '3')
    """
    if isinstance(value, str):
        return _list(value, lang)
    if isinstance(value, float):
        return f"{value:.2%}" if _SHARE.search(name) else f"{value:,.6g}".replace("-", "−")
    if _INSTANT.search(name) and value >= _EARLIEST:
        return show_time(value)
    if measure is not None and not _PLAIN.search(name):
        return show_amount(value, measure, lang)
    return f"{value:,}".replace("-", "−")


def show_amount(base: int, measure: Measure, lang: Lang) -> str:
    """An exact quantity with its unit; thousands set apart, a true minus sign.

    >>> show_amount(-1_234_500_000, Measure.MASS, "en"), show_amount(12, Measure.COUNT, "zh")
    ('−1,234.5 kg', '12 件')
    """
    number, _, unit = show_quantity(abs(base), measure).partition(" ")
    whole, point, fraction = number.partition(".")
    if measure is Measure.COUNT:
        unit = "件" if lang == "zh" else "item" if abs(base) == 1 else "items"
    return f"{'−' if base < 0 else ''}{int(whole):,}{point}{fraction} {unit}"


def show_time(at: Instant, *, seconds: bool = False) -> str:
    """A time in Shanghai, to the minute.

    >>> show_time(0)
    '1970-01-01 08:00'
    """
    return moment(at).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


def _list(text: str, lang: Lang) -> str:
    if not text:
        return "—"
    known = {**FOUND, **ACTIVITY, **OPERATION}
    parts = [one.strip() for one in _WRITTEN.sub(r"\1 \2", text).split(",")]
    said = [say(known[one], lang) if one in known else one for one in parts]
    return ("、" if lang == "zh" else ", ").join(said)
