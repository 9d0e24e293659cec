"""Evidence as people read it: a label for each number's name, and its value in people's units.

Law kept: what has no label of its own is still shown, by its name; a number is never left out and never rounded
into something else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from desk.words import ACTIVITY, FOUND, OPERATION, Lang, Pair, say
from events.quantity import Measure, show_quantity
from events.time import Instant, moment

LABELS: Final[Mapping[str, Pair]] = {
    "adjusted": ("调整笔数", "adjusted"),
    "allowed": ("允许", "allowed"),
    "allowed_difference": ("允许差值", "allowed difference"),
    "allowed_m": ("允许距离（米）", "allowed distance (m)"),
    "allowed_percent": ("允许储存（占核定容量的百分比）", "allowed, percent of the capacity"),
    "amount": ("数量", "amount"),
    "area": ("地点", "area"),
    "arrive_by": ("应到时间", "due to arrive"),
    "arrived_at": ("到达时间", "arrived at"),
    "astray_goods": ("错送品种", "goods gone astray"),
    "balance": ("账面结存", "book balance"),
    "band_high": ("应不多于", "at most"),
    "band_low": ("应不少于", "at least"),
    "book": ("账面数", "in the book"),
    "cancelled_at": ("取消时间", "cancelled at"),
    "capacity": ("核定储量", "licensed capacity"),
    "category": ("类别", "category"),
    "chance": ("偶然出现的概率", "probability by chance"),
    "consignment": ("托运单", "consignment"),
    "consignments": ("托运单数", "consignments"),
    "corrected": ("被更正笔数", "corrected"),
    "counted": ("盘点数", "counted"),
    "deadline": ("期限", "deadline"),
    "declared": ("运单所列", "declared on the waybill"),
    "depart_at": ("计划发车", "planned departure"),
    "destroyed": ("销毁笔数", "destroyed"),
    "deviation_m": ("偏离距离（米）", "off the route (m)"),
    "difference": ("差值", "difference"),
    "driver": ("驾驶员", "driver"),
    "due": ("应在此前", "due"),
    "escort": ("押运员", "escort"),
    "events": ("出入库笔数", "movements"),
    "excess": ("超出", "over by"),
    "excess_events": ("异常笔数", "out of the ordinary"),
    "expected": ("应有", "expected"),
    "fixes": ("定位点数", "position fixes"),
    "from": ("发自", "from"),
    "goods": ("品种", "goods"),
    "gap_min": ("中断时长（分钟）", "silent for (min)"),
    "greatest_m": ("最远偏离（米）", "farthest off the route (m)"),
    "hazard_goods": ("各品种存量/临界量", "goods, held / critical"),
    "hazard_ratio": ("Σq/Q（占临界量）", "Σ q/Q (share of critical)"),
    "goods_count": ("品种数", "goods"),
    "filed": ("已备案", "filed"),
    "highest": ("最高", "highest"),
    "kind": ("情形", "kind"),
    "issued": ("领用", "taken"),
    "largest": ("最大差值", "largest difference"),
    "last_counted_at": ("上次盘点", "last counted"),
    "last_licence": ("最近的许可", "last licence"),
    "last_report_at": ("最近一次上报", "last report"),
    "last_until": ("该许可止于", "that licence ended"),
    "lat": ("纬度", "latitude"),
    "licence": ("许可", "licence"),
    "licences": ("许可", "licences"),
    "limit": ("限值", "limit"),
    "load": ("装载", "load"),
    "loaded": ("实装", "loaded"),
    "lon": ("经度", "longitude"),
    "longest_delay_h": ("最长延迟（小时）", "longest delay (h)"),
    "longest_silence_h": ("以往最长间隔（小时）", "longest silence so far (h)"),
    "lost": ("已报失", "declared lost"),
    "lowest": ("最低", "lowest"),
    "mean_silence_h": ("平均间隔（小时）", "mean silence (h)"),
    "minutes": ("持续（分钟）", "minutes"),
    "missing": ("缺少", "missing"),
    "month": ("月份", "month"),
    "movements": ("出入库笔数", "movements"),
    "named": ("其中", "among them"),
    "needs": ("需要的许可", "needs a licence to"),
    "off_m": ("距许可路线终点（米）", "off the end of the route (m)"),
    "operations": ("操作", "operations"),
    "other_goods": ("实收品种", "goods received instead"),
    "other_sent": ("另发数量", "other goods sent"),
    "over": ("超出", "over by"),
    "page": ("累积检验统计量", "cumulated test statistic"),
    "pairs": ("不得同处的品种", "goods that may not be together"),
    "periods": ("盘点期数", "balance periods"),
    "permit": ("许可证", "permit"),
    "permitted": ("许可量", "permitted"),
    "physical": ("实盘", "counted"),
    "planned": ("计划", "planned"),
    "products": ("产出", "made"),
    "purpose": ("用途", "purpose"),
    "reason": ("原因", "reason"),
    "received": ("收到", "received"),
    "received_day": ("上报日", "reported on"),
    "reporter": ("上报单位", "reported by"),
    "residual": ("未清", "unaccounted for"),
    "returned": ("退回", "given back"),
    "reports": ("上报条数", "reports"),
    "room": ("库房", "store room"),
    "route_km": ("沿线里程（公里）", "along the route (km)"),
    "run_since": ("累积起点", "run began"),
    "rated": ("核定载质量", "rated load"),
    "scope": ("登记范围", "registered scope"),
    "score": ("异常分", "anomaly score"),
    "sent": ("发出", "sent"),
    "sent_at": ("发出时间", "sent at"),
    "sent_goods": ("所发品种", "goods sent"),
    "shift": ("班次", "shift"),
    "shift_ends_at": ("班次结束", "shift ended"),
    "sigma": ("标准差", "standard deviation"),
    "sites": ("场所", "sites"),
    "speed_kmh": ("车速（km/h）", "speed (km/h)"),
    "statistic": ("统计量", "statistic"),
    "stopped_min": ("停留（分钟）", "stopped for (min)"),
    "threshold": ("阈值", "threshold"),
    "times": ("次数", "times"),
    "to": ("运往", "to"),
    "tolerance": ("容差", "tolerance"),
    "unit": ("单位", "unit"),
    "used_up": ("消耗", "used up"),
    "used": ("已用", "used"),
    "usual_share": ("以往占比", "usual share"),
    "valid_from": ("有效期起", "valid from"),
    "valid_to": ("有效期止", "valid to"),
    "vehicle": ("车辆", "vehicle"),
    "week": ("所在周（周一）", "week of"),
    "wait_h": ("已等待（小时）", "waited (h)"),
}
MEASURE: Final = "measure"
"""The entry that says what the quantities are of; it is shown with them, not as a row."""

_INSTANT: Final = re.compile(r"(?:^|_)(?:at|until|from|to|since|due|by|deadline|start|end)$")
_WRITTEN: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(?:\.\d+)?\+08:00")
_PLAIN: Final = re.compile(
    r"(?:^|_)(?:movements|counts?|readings|records|reports|facts|trips|consignments|licences|fix|fixes|cells|sites|units|people|times|periods|"
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
    if not text:
        return "—"
    known = {**FOUND, **ACTIVITY, **OPERATION}
    parts = [one.strip() for one in _WRITTEN.sub(r"\1 \2", text).split(",")]
    said = [say(known[one], lang) if one in known else one for one in parts]
    return ("、" if lang == "zh" else ", ").join(said)
