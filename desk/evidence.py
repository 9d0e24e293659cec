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
from desk.words import ACTIVITY, OPERATION, Lang, Pair, say
from events.quantity import Measure, show_quantity
from events.time import Instant, moment

LABELS: Final[Mapping[str, Pair]] = {
    "activity": ("环节", "activity"),
    "area_name": ("区域名称", "name of the area"),
    "alarms": ("终端报警位", "alarm bits"),
    "adjusted": ("调整笔数", "adjusted"),
    "allowed": ("允许", "allowed"),
    "allowed_difference": ("允许差值", "allowed difference"),
    "allowed_min": ("允许（分钟）", "allowed (min)"),
    "ahead_days": ("应提前（日）", "to be ahead (days)"),
    "ahead_h": ("实际提前（小时）", "was ahead (h)"),
    "ahead_s": ("最多超前（秒）", "ahead by up to (s)"),
    "allowed_from": ("最早可启用", "allowed from"),
    "allowed_m": ("允许距离（米）", "allowed distance (m)"),
    "allowed_percent": ("允许储存（占核定容量的百分比）", "allowed, percent of the capacity"),
    "amount": ("数量", "amount"),
    "area": ("地点", "area"),
    "arrive_by": ("应到时间", "due to arrive"),
    "arrived_at": ("到达时间", "arrived at"),
    "assigned": ("登记在", "registered at"),
    "astray_goods": ("错送品种", "goods gone astray"),
    "back_km": ("折回（公里）", "went back (km)"),
    "balance": ("账面结存", "book balance"),
    "band_high": ("应不多于", "at most"),
    "band_low": ("应不少于", "at least"),
    "book": ("账面数", "in the book"),
    "calendar": ("节假日依据", "days off by"),
    "bought": ("本月已购", "bought this month"),
    "buyer": ("购买方", "buyer"),
    "buyers": ("购买方数", "buyers"),
    "by": ("判据", "by which test"),
    "cancelled_at": ("取消时间", "cancelled at"),
    "capacity": ("核定储量", "licensed capacity"),
    "category": ("类别", "category"),
    "clean_scores": ("标定样本数", "clean scores"),
    "clean_scores_of": ("标定所用同类", "calibrated on"),
    "clean_units": ("标定单位数", "of so many units"),
    "clean_worth": ("相当于独立样本数", "worth so many independent ones"),
    "chance": ("偶然出现的概率", "probability by chance"),
    "consignment": ("托运单", "consignment"),
    "consignments": ("托运单数", "consignments"),
    "corrected": ("被更正笔数", "corrected"),
    "counted": ("盘点数", "counted"),
    "counted_since": ("上次盘点", "counted before"),
    "cumuf": ("累计平衡差（标准差倍数）", "sum of differences, in standard deviations"),
    "deepest_m": ("深入边界（米）", "inside the outline by (m)"),
    "days": ("涉及日数", "days"),
    "counterparty": ("对手方", "counterparty"),
    "counterparty_area": ("对手方所在地", "counterparty's area"),
    "deadline": ("期限", "deadline"),
    "declared": ("运单所列", "declared on the waybill"),
    "deals": ("购销笔数", "deals"),
    "dealt_on": ("成交日", "dealt on"),
    "delay_min": ("延迟（分钟）", "delay (min)"),
    "depart_at": ("计划发车", "planned departure"),
    "deviations": ("标准差倍数", "standard deviations"),
    "destroyed": ("销毁笔数", "destroyed"),
    "deviation_m": ("偏离距离（米）", "off the route (m)"),
    "difference": ("差值", "difference"),
    "discovered_at": ("发现时间", "found at"),
    "driver": ("驾驶员", "driver"),
    "due": ("应在此前", "due"),
    "edges": ("流向环节（售>购）", "places in the chain (seller>buyer)"),
    "duty": ("备案种类", "to be filed as"),
    "escort": ("押运员", "escort"),
    "events": ("出入库笔数", "movements"),
    "excess": ("超出", "over by"),
    "excess_events": ("异常笔数", "out of the ordinary"),
    "expected": ("应有", "expected"),
    "first": ("首笔", "the first"),
    "first_day": ("首日", "first day"),
    "first_use_at": ("首笔出入库", "first used at"),
    "first_bought_at": ("首次购入", "first bought"),
    "expected_at": ("预计到达", "expected at"),
    "fixes": ("定位点数", "position fixes"),
    "flags": ("管制类别", "listed as"),
    "from": ("发自", "from"),
    "gap_min": ("中断时长（分钟）", "silent for (min)"),
    "goods": ("品种", "goods"),
    "greatest_m": ("最远偏离（米）", "farthest off the route (m)"),
    "hazard_goods": ("各品种存量/临界量", "goods, held / critical"),
    "hazard_ratio": ("Σq/Q（占临界量）", "Σ q/Q (share of critical)"),
    "goods_count": ("品种数", "goods"),
    "filed": ("已备案", "filed"),
    "hands": ("手数", "hands"),
    "highest": ("最高", "highest"),
    "highest_kmh": ("最高车速（km/h）", "fastest (km/h)"),
    "interval_days": ("盘存间隔（日）", "count interval (days)"),
    "implied_kmh": ("所需车速（km/h）", "implied speed (km/h)"),
    "kind": ("情形", "kind"),
    "issued": ("领用", "taken"),
    "km": ("距离（公里）", "distance (km)"),
    "known_parties": ("已知对手方数", "parties known before"),
    "largest": ("最大差值", "largest difference"),
    "last_counted_at": ("上次盘点", "last counted"),
    "last_day": ("末日", "last day"),
    "last_licence": ("最近的许可", "last licence"),
    "last_report_at": ("最近一次上报", "last report"),
    "last_said_at": ("此前记录于", "said before that at"),
    "last_until": ("该许可止于", "that licence ended"),
    "lat": ("纬度", "latitude"),
    "least_people": ("至少应有人数", "people at least"),
    "late": ("逾期笔数", "late"),
    "late_min": ("较计划迟（分钟）", "after the planned time (min)"),
    "left_km": ("剩余路程（公里）", "still to go (km)"),
    "licence": ("许可", "licence"),
    "licences": ("许可", "licences"),
    "limit": ("限值", "limit"),
    "limit_km": ("距离限值（公里）", "distance limit (km)"),
    "limit_rests_on": ("限值依据", "the limit rests on"),
    "load": ("装载", "load"),
    "loaded": ("实装", "loaded"),
    "limit_kmh": ("限速（km/h）", "speed limit (km/h)"),
    "left_out_km": ("漏走（公里）", "left out (km)"),
    "lon": ("经度", "longitude"),
    "longest_delay_days": ("最长间隔（日）", "longest delay (days)"),
    "longest_delay_h": ("最长延迟（小时）", "longest delay (h)"),
    "longest_silence_h": ("以往最长间隔（小时）", "longest silence so far (h)"),
    "losses": ("报失笔数", "losses"),
    "lost": ("已报失", "declared lost"),
    "lowest": ("最低", "lowest"),
    "maker": ("生产厂", "maker"),
    "mean_silence_h": ("平均间隔（小时）", "mean silence (h)"),
    "measured": ("测得", "measured"),
    "minutes": ("持续（分钟）", "minutes"),
    "missing": ("缺少", "missing"),
    "most": ("其中一期最多", "most of it in one period"),
    "most_at": ("该期止于", "that period ended"),
    "month": ("月份", "month"),
    "months_known": ("已知月数", "whole months known"),
    "more_parties": ("同时另有", "further parties at once"),
    "movements": ("出入库笔数", "movements"),
    "named": ("其中", "among them"),
    "by_list": ("所据目录", "by the list"),
    "near_orders": ("恰低于限值的笔数", "orders just under the threshold"),
    "needs": ("需要的许可", "needs a licence to"),
    "off_m": ("距许可路线终点（米）", "off the end of the route (m)"),
    "noticed": ("可发现的短少", "loss that would be noticed"),
    "noticed_days": ("多少天内可发现", "within (days)"),
    "noticed_probability": ("发现概率", "with probability"),
    "operation": ("操作", "operation"),
    "not_filed": ("至今未备案", "still not filed"),
    "operations": ("操作", "operations"),
    "orders": ("订购笔数", "orders"),
    "other_goods": ("实收品种", "goods received instead"),
    "other_sent": ("另发数量", "other goods sent"),
    "others": ("他处", "other places"),
    "outcome": ("结果", "outcome"),
    "over": ("超出", "over by"),
    "page": ("累积检验统计量", "cumulated test statistic"),
    "paper": ("证照", "paper"),
    "parties": ("对方", "other sides"),
    "payments": ("付款方式", "paid by"),
    "people": ("人员", "people"),
    "pairs": ("不得同处的品种", "goods that may not be together"),
    "payment": ("付款方式", "payment"),
    "periods": ("盘点期数", "balance periods"),
    "permit": ("许可证", "permit"),
    "permitted": ("许可量", "permitted"),
    "permitted_hours": ("许可时段", "permitted hours"),
    "physical": ("实盘", "counted"),
    "planned": ("计划", "planned"),
    "products": ("产出", "made"),
    "purpose": ("用途", "purpose"),
    "quotas": ("限额文号", "quotas"),
    "reason": ("原因", "reason"),
    "reasons": ("疑点", "what is doubtful"),
    "received": ("收到", "received"),
    "received_day": ("上报日", "reported on"),
    "registered_at": ("登记时间", "registered at"),
    "reported_at": ("上报时间", "reported at"),
    "reporter": ("上报单位", "reported by"),
    "residual": ("未清", "unaccounted for"),
    "returned": ("退回", "given back"),
    "reached_km": ("已行至（公里）", "had come to (km)"),
    "reports": ("上报条数", "reports"),
    "resumed_km": ("再现于（公里）", "seen again at (km)"),
    "role": ("岗位", "role"),
    "room": ("库房", "store room"),
    "restricted_area": ("禁行区", "restricted area"),
    "returned_at": ("核销时间", "handed back at"),
    "route_km": ("沿线里程（公里）", "along the route (km)"),
    "run_since": ("累积起点", "run began"),
    "rated": ("核定载质量", "rated load"),
    "sales": ("销售笔数", "doubtful sales"),
    "scope": ("登记范围", "registered scope"),
    "runs_from": ("起算", "runs from"),
    "score": ("异常分", "anomaly score"),
    "score_even": ("扣除季节后异常分", "score with the season off"),
    "season_by": ("季节依据", "season by"),
    "season_factor": ("季节系数", "season factor"),
    "sent": ("发出", "sent"),
    "sent_at": ("发出时间", "sent at"),
    "sent_goods": ("所发品种", "goods sent"),
    "serial": ("编码", "serial number"),
    "serials": ("编码", "serial numbers"),
    "shift": ("班次", "shift"),
    "shift_ends_at": ("班次结束", "shift ended"),
    "set": ("组合", "set"),
    "sigma": ("标准差", "standard deviation"),
    "sites": ("场所", "sites"),
    "speed_kmh": ("车速（km/h）", "speed (km/h)"),
    "statistic": ("统计量", "statistic"),
    "stopped_min": ("停留（分钟）", "stopped for (min)"),
    "surplus": ("盘盈", "more than recorded"),
    "threshold": ("阈值", "threshold"),
    "threshold_rests_on": ("阈值依据", "the threshold rests on"),
    "times": ("次数", "times"),
    "span": ("时段", "over"),
    "times_usual": ("为平日的倍数", "times the usual"),
    "times_mean": ("为均值的倍数", "times the mean"),
    "to": ("运往", "to"),
    "tolerance": ("容差", "tolerance"),
    "tolerance_percent": ("允差（%）", "tolerance (%)"),
    "total": ("共计", "in all"),
    "type": ("型号", "type"),
    "unit": ("单位", "unit"),
    "unnamed_movements": ("未登记人员的笔数", "movements that name nobody"),
    "used_up": ("消耗", "used up"),
    "use": ("登记用途", "stated use"),
    "used": ("已用", "used"),
    "usual": ("惯常", "usual"),
    "usual_orders": ("通常每周笔数", "usual orders a week"),
    "usual_share": ("以往占比", "usual share"),
    "valid_from": ("有效期起", "valid from"),
    "valid_to": ("有效期止", "valid to"),
    "vehicle": ("车辆", "vehicle"),
    "week": ("所在周（周一）", "week of"),
    "wait_h": ("已等待（小时）", "waited (h)"),
    "way": ("途经", "way"),
    "way_days": ("历时（天）", "days on the way"),
    "year": ("年度", "year"),
    "within_days": ("期限（日）", "within (days)"),
    "within_min": ("时限（分钟）", "within (min)"),
    "weeks_known": ("已知周数", "whole weeks known"),
    "window_days": ("时间窗（天）", "window (days)"),
}
MEASURE: Final = "measure"
"""The entry that says what the quantities are of; it is shown with them, not as a row."""

_INSTANT: Final = re.compile(r"(?:^|_)(?:at|until|from|to|since|due|by|deadline|start|end)$")
_WRITTEN: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(?:\.\d+)?\+08:00")
_PLAIN: Final = re.compile(
    r"(?:^|_)(?:movements|counts?|readings|records|reports|facts|trips|consignments|licences|fix|fixes|cells|sites|units|people|times|periods|"
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
