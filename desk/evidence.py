"""Evidence as people read it: a label for each number's name, and its value in people's units.

Law kept: what has no label of its own is still shown, by its name; a number is never left out and never rounded
into something else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from desk.words import OPERATION, Lang, Pair, say
from events.quantity import Measure, show_quantity
from events.time import Instant, moment

LABELS: Final[Mapping[str, Pair]] = {
    "allowed": ("允许", "allowed"),
    "allowed_difference": ("允许差值", "allowed difference"),
    "amount": ("数量", "amount"),
    "balance": ("账面结存", "book balance"),
    "book": ("账面数", "in the book"),
    "cancelled_at": ("取消时间", "cancelled at"),
    "capacity": ("核定储量", "licensed capacity"),
    "consignment": ("托运单", "consignment"),
    "counted": ("盘点数", "counted"),
    "deadline": ("期限", "deadline"),
    "depart_at": ("计划发车", "planned departure"),
    "deviation_m": ("偏离距离（米）", "off the route (m)"),
    "difference": ("差值", "difference"),
    "due": ("应在此前", "due"),
    "driver": ("驾驶员", "driver"),
    "escort": ("押运员", "escort"),
    "excess": ("超出", "over by"),
    "expected": ("应有", "expected"),
    "from": ("发自", "from"),
    "gap_min": ("中断时长（分钟）", "silent for (min)"),
    "highest": ("最高", "highest"),
    "kind": ("情形", "kind"),
    "last_counted_at": ("上次盘点", "last counted"),
    "last_licence": ("最近的许可", "last licence"),
    "last_until": ("该许可止于", "that licence ended"),
    "licence": ("许可", "licence"),
    "licences": ("许可", "licences"),
    "limit": ("限值", "limit"),
    "lost": ("已报失", "declared lost"),
    "lowest": ("最低", "lowest"),
    "missing": ("缺少", "missing"),
    "movements": ("出入库笔数", "movements"),
    "needs": ("需要的许可", "needs a licence to"),
    "operations": ("操作", "operations"),
    "other_goods": ("实收品种", "goods received instead"),
    "over": ("超出", "over by"),
    "permit": ("许可证", "permit"),
    "permitted": ("许可量", "permitted"),
    "physical": ("实盘", "counted"),
    "purpose": ("用途", "purpose"),
    "received": ("收到", "received"),
    "reporter": ("上报单位", "reported by"),
    "sent": ("发出", "sent"),
    "sent_at": ("发出时间", "sent at"),
    "score": ("异常分", "anomaly score"),
    "sigma": ("标准差", "standard deviation"),
    "speed_kmh": ("车速（km/h）", "speed (km/h)"),
    "statistic": ("统计量", "statistic"),
    "stopped_min": ("停留（分钟）", "stopped for (min)"),
    "threshold": ("阈值", "threshold"),
    "to": ("运往", "to"),
    "tolerance": ("容差", "tolerance"),
    "used": ("已用", "used"),
    "vehicle": ("车辆", "vehicle"),
}
MEASURE: Final = "measure"
"""The entry that says what the quantities are of; it is shown with them, not as a row."""

_INSTANT: Final = re.compile(r"(?:^|_)(?:at|until|from|since|due|by|deadline|start|end)$")
_PLAIN: Final = re.compile(
    r"(?:^|_)(?:movements|counts?|readings|records|reports|facts|trips|fixes|cells|sites|units|people|times|periods|"
    r"days?|hours?|h|min|minutes|s|seconds|m|km|kmh|km_h|percent|permille|ppm|alarms?|bits|number|n|k|version|"
    r"lon|lat|rank|score|level)$"
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

    >>> label("lowest", "en"), label("worst_fix", "en")
    ('lowest', 'worst fix')
    """
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
    said = [say(OPERATION[one], lang) if one in OPERATION else one for one in text.split(",")]
    return ("、" if lang == "zh" else ", ").join(said)
