"""E1 超常订购: a unit buys more of one goods in a month, or in thirty days over the end of one, than it ever does.

Law kept: judged by the unit's own earlier months, deseasonalised, and by the published peers, and by nothing else;
said once a month and goods, at the purchase that crosses. What was told of in one month is not added up again in
the next. While the unit is warming up its peers speak.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Final, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from detectors.buying import Ask, ask, bought_from
from detectors.claim import Claim, Finding, Number, Severity, cite, measure_of
from detectors.detector import Card, Step, View
from detectors.order_spans import judged, month_of_orders, thirty_days_of_orders
from events.identity import home_of
from events.quantity import show_quantity
from events.time import Instant, civil_day, day_start, day_text
from ledger.fact import Body, Movement, Ref
from models.habits import MOST_MONTHS, first_of, month_of
from models.thirty_days import ThirtyDays, bought, turned

MOST_GOODS: Final = 12
"""Of how many goods a unit's months are kept; of more, the one that was longest not bought is forgotten."""
_REFS: Final = 3
_WHY: Final = {
    "ceiling": ("超过该品种月度上限", "over the fixed ceiling for a month"),
    "mean": ("远超近十二月均值", "far over the mean of the last twelve months"),
    "own": ("超过近六月最大值且远离本单位惯常", "over the largest of six months, far from its own habit"),
    "peers": ("本单位历史不足，远超同类单位", "far over its peers, the unit's own history being too short"),
}


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """When a month is unusual, or thirty days.

    ``mean_factor`` × the mean of up to twelve earlier ones, and more than each of the last six; or the score over
    the limit set on clean months (of each the higher of both) for ``alarms_per_week`` of ``scored_per_week``, kept
    with ``confidence`` (``fixed_score``, and ``fixed_peer_score`` against peers, where clean months are too few).
    Twice the mean speaks where the score is over ``mean_score``: months of a unit may vary by as much. What peers
    spoke of they speak of again where it is over ``again_factor`` × what was told; then the unit has a history.
    ``ceilings`` are base units a month by goods.
    ``festival_factor``: what a month wholly within ``festival_days`` before the Spring Festival is to others.
    """

    alarms_per_week: Annotated[float, Meta(gt=0)] = 1.0
    scored_per_week: Annotated[float, Meta(gt=0)] = 250.0
    confidence: Annotated[float, Meta(gt=0, lt=1)] = 0.9
    fixed_score: Annotated[float, Meta(gt=0)] = 12.0
    fixed_peer_score: Annotated[float, Meta(gt=0)] = 6.0
    mean_factor: Annotated[float, Meta(ge=1)] = 2.0
    mean_score: Annotated[float, Meta(ge=0)] = 0.0
    again_factor: Annotated[float, Meta(ge=0)] = 0.0
    severe_factor: Annotated[float, Meta(ge=1)] = 3.0
    festival_factor: Annotated[float, Meta(ge=1)] = 1.0
    festival_days: Annotated[int, Meta(ge=1, le=120)] = 45
    ceilings: dict[str, int] = {}


class Months(Struct, frozen=True, array_like=True, gc=False):
    """What a unit bought of one goods: this month so far, the whole months before it (oldest first), the claim.

    ``first`` is the month that it began with, which was no whole one. ``thirty`` are the days up to the latest
    purchase, whatever month they are of; state of the version before has none, and counts them from then on.
    ``told`` is the most that its peers spoke of, in base units.
    """

    goods: str
    first: int
    month: int
    last: Instant
    total: int = 0
    orders: int = 0
    earlier: tuple[int, ...] = ()
    refs: tuple[Ref, ...] = ()
    open: Claim | None = None
    thirty: ThirtyDays = ThirtyDays()
    told: int = 0


class Kept(Struct, frozen=True, array_like=True, gc=False):
    """A unit's goods, in the order of their names."""

    goods: tuple[Months, ...] = ()


class UnusualSize:
    """Claims from the purchase that makes a month unusual to the month's end; evidence: by what, and how much."""

    card: ClassVar = Card(
        id="E1",
        name="UNUSUAL_SIZE",
        title=("超常订购", "Unusual order size"),
        predicate=(
            "某品种一个自然月(或跨月末的连续三十日)的购入量(扣除季节与春节备货)超过近六个月的最大值，"
            "且超过近十二个月均值的两倍或远离本单位惯常;或自然月超过固定上限；历史不足的单位与公布的同类基线比较",
            "what a unit bought of a goods in a calendar month, or in thirty days over the end of one, season and "
            "stocking up for the Spring Festival taken off, is over the largest of its last six months (of the "
            "most of any thirty days in each) and either twice the mean of twelve or far from its own habit; or a "
            "month is over a fixed ceiling. A unit with too little history is held against its peers",
        ),
        misses=(
            "逐月缓慢增长；分散到多个单位或多个品种的购买；未填写来源的入库；"
            "新单位所购品种无同类基线时只看固定上限;一个单位十二种以外的品种；"
            "分散在三十日以上的购买；紧接已预警月份之后的跨月购买；固定上限只按自然月",
            "growth month by month; what is spread over several units or goods; receipts that name no origin; new "
            "units buying what no peer buys (only the ceiling speaks); goods beyond twelve a unit; what is spread "
            "over more than thirty days, or over the end of a month that was warned of already; ceilings hold for "
            "calendar months alone",
        ),
        key="unit",
        place="unit",
    )
    State: ClassVar = Kept
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {
        "alarms_per_week": "higher",
        "scored_per_week": "lower",
        "confidence": "lower",
        "fixed_score": "lower",
        "fixed_peer_score": "lower",
        "mean_factor": "lower",
        "mean_score": "lower",
        "again_factor": "lower",
    }
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))
    deeds: ClassVar[frozenset[str]] = frozenset(("receive",))

    def start(self) -> Kept:
        """Nothing bought yet."""
        return Kept()

    def see(self, state: Kept, step: Step, view: View) -> tuple[Kept, Sequence[Claim]]:
        """Add a purchase to its month; claim where that makes the month unusual, once."""
        fact, moved = step.fact, step.fact.body
        if not isinstance(moved, Movement) or bought_from(moved, home_of(view.key)) is None:
            return state, ()
        made: dict[str, Claim] = {}
        day = civil_day(fact.at)
        month = month_of(day)
        known = next((one for one in state.goods if one.goods == moved.goods), None)
        one = Months(moved.goods, month, month, fact.at) if known is None else _turned(known, month, made)
        refs = cite(one.refs, fact.ref) if len(one.refs) < _REFS else (*one.refs[1:], fact.ref)
        thirty = bought(one.thirty, day, moved.amount)
        one = replace(
            one, total=one.total + moved.amount, orders=one.orders + 1, refs=refs, last=fact.at, thirty=thirty
        )
        asked = ask(self.card.id, fact, moved, view)
        numbers = _unusual(one, day, asked)
        if numbers is None and one.open is not None:
            numbers = _more(one.open, day, moved.amount)
        if numbers is not None:
            claim = _claim(one, numbers, asked)
            one = replace(one, open=claim)
            made[claim.anchor] = claim
        others = [other for other in state.goods if other.goods != moved.goods]
        if len(others) >= MOST_GOODS:
            oldest = min(others, key=lambda other: (other.last, other.goods))
            others.remove(oldest)
            _turned(oldest, month, made, at=fact.at)
        return Kept(tuple(sorted((*others, one), key=lambda other: other.goods))), list(made.values())

    def at(self, state: Kept, now: Instant, view: View) -> Sequence[Claim]:
        """A month that is over closes its claim."""
        open_ = [one for one in state.goods if one.open is not None and now >= _ends(one)]
        return [replace(one.open, until=_ends(one)) for one in open_ if one.open is not None]

    def wakes(self, state: Kept, view: View) -> Sequence[Instant]:
        """The ends of the months that are claimed."""
        return sorted({_ends(one) for one in state.goods if one.open is not None})

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """How much in which month, against what, and by which of the tests."""
        claim, n = finding.claim, finding.claim.numbers
        measure = measure_of(claim)
        bought, largest, usual = (show_quantity(int(n[name]), measure) for name in ("bought", "largest", "usual"))
        zh, en = _WHY[str(n["by"])]
        score, bar, season = (f"{float(n[name]):.3g}" for name in ("score", "threshold", "season_factor"))
        when = f"{n['first_day']}–{n['last_day']}" if n.get("span") == "thirty_days" else str(n["month"])
        if lang == "zh":
            return (
                f"单位 {claim.unit} 在 {when} 已购入 {claim.goods} {bought}({n['orders']} 笔)：{zh}。"
                f"近六月最大 {largest}，惯常 {usual}；得分 {score}，阈值 {bar}，季节系数 {season}。须核实用途。"
            )
        return (
            f"Unit {claim.unit} has bought {bought} of {claim.goods} in {when} ({n['orders']} orders): "
            f"{en}. Largest of six months {largest}, usually {usual}; score {score}, threshold {bar}, season "
            f"{season}."
        )


def _ends(one: Months) -> Instant:
    """When the month of a goods is over."""
    return day_start(first_of(one.month + 1))


def _turned(one: Months, month: int, made: dict[str, Claim], at: Instant | None = None) -> Months:
    """The goods as a later month begins: this one put behind, those without a purchase too, its claim closed."""
    if month == one.month and at is None:
        return one
    if one.open is not None:
        made[one.open.anchor] = replace(one.open, until=_ends(one) if at is None else min(at, _ends(one)))
    whole = (one.total,) if one.month > one.first else ()
    idle = (0,) * min(month - one.month - 1, MOST_MONTHS)
    earlier = (*one.earlier, *whole, *idle)[-MOST_MONTHS:]
    thirty = turned(one.thirty, whole=bool(whole), idle=len(idle), told=one.open is not None)
    by_peers = one.open is not None and one.open.numbers["by"] == "peers"
    told = max(one.told, int(one.open.numbers["bought"])) if one.open is not None and by_peers else one.told
    return Months(one.goods, one.first, month, one.last, earlier=earlier, thirty=thirty, told=told)


def _unusual(one: Months, day: int, asked: Ask) -> dict[str, Number] | None:
    """The evidence where the month is unusual so far, else where the thirty days over its beginning are."""
    month = month_of_orders(one.month, (one.total, one.orders), one.earlier, asked)
    found = judged(month, asked)
    if found is None:
        thirty = thirty_days_of_orders(one.thirty, day, asked)
        found = None if thirty is None else judged(thirty, asked)
    again = asked.terms.parameters.again_factor * one.told
    return None if found is not None and found["by"] == "peers" and int(found["bought"]) <= again else found


def _claim(one: Months, numbers: dict[str, Number], asked: Ask) -> Claim:
    """The month's claim: begun by the purchase that crosses, its numbers those of the latest."""
    terms, moved = asked.terms, asked.moved
    severe = float(numbers["times_mean"]) > terms.parameters.severe_factor
    severity = Severity.ORANGE if severe and terms.severity in (Severity.YELLOW, Severity.BLUE) else None
    orders = int(numbers["orders"])
    if one.open is not None:
        severity = severity or one.open.severity
        return replace(one.open, numbers=numbers, severity=severity, refs=one.refs, ref_count=orders)
    return Claim(
        anchor=f"{moved.unit}/{one.goods}/{numbers['month']}",
        since=asked.fact.at,
        speaks_at=terms.speaks(asked.fact.at),
        refs=one.refs,
        numbers=numbers,
        area=asked.area,
        unit=moved.unit,
        category=moved.category,
        goods=one.goods,
        severity=severity,
        ref_count=orders,
    )


def _more(claim: Claim, day: int, base: int) -> dict[str, Number]:
    """What stood goes on standing in its month, with what was bought since."""
    n = claim.numbers
    more = {"bought": int(n["bought"]) + base, "orders": int(n["orders"]) + 1}
    return {**n, **more, "last_day": day_text(day)} if n.get("span") == "thirty_days" else {**n, **more}
