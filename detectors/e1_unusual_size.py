"""E1 超常订购: a unit buys more of one goods in a calendar month than it ever does, or than its peers do.

Law kept: judged by the unit's own earlier whole months, deseasonalised, and by the published peers, and by nothing
else; said once a month and goods, at the purchase that crosses. While the unit is warming up its peers speak.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, ClassVar, Final, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from detectors.buying import bought_from, habits_of, limit_of, peers_of, roles_of
from detectors.claim import Claim, Finding, Number, Severity, cite, measure_of
from detectors.detector import Card, Step, View
from detectors.policy import Terms
from detectors.season import run_up
from events.identity import home_of
from events.quantity import show_quantity
from events.registry import UnitEntry
from events.time import Instant, civil_day, day_start, day_text
from ledger.fact import Body, Fact, Movement, Ref
from models.calibrate import Basis, Budget
from models.habits import HALF_YEAR, MOST_MONTHS, first_of, month_of, unusual

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
    """When a month is unusual.

    ``mean_factor`` × the mean of up to twelve earlier months, and more than each of the last six; or the score
    over the limit set on clean months for ``alarms_per_week`` of ``scored_per_week``, kept with ``confidence``
    (``fixed_score``, and ``fixed_peer_score`` against peers, where clean months are too few). ``ceilings`` are base
    units a month by goods.
    ``festival_factor``: what a month wholly within ``festival_days`` before the Spring Festival is to others.
    """

    alarms_per_week: Annotated[float, Meta(gt=0)] = 1.0
    scored_per_week: Annotated[float, Meta(gt=0)] = 250.0
    confidence: Annotated[float, Meta(gt=0, lt=1)] = 0.9
    fixed_score: Annotated[float, Meta(gt=0)] = 12.0
    fixed_peer_score: Annotated[float, Meta(gt=0)] = 6.0
    mean_factor: Annotated[float, Meta(ge=1)] = 2.0
    severe_factor: Annotated[float, Meta(ge=1)] = 3.0
    festival_factor: Annotated[float, Meta(ge=1)] = 1.0
    festival_days: Annotated[int, Meta(ge=1, le=120)] = 45
    ceilings: dict[str, int] = {}


class Months(Struct, frozen=True, array_like=True, gc=False):
    """What a unit bought of one goods: this month so far, the whole months before it (oldest first), the claim.

    ``first`` is the month that it began with, which was no whole one.
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
            "某品种一个自然月的购入量(扣除季节与春节备货)超过近六个月的最大值，"
            "且超过近十二个月均值的两倍或远离本单位惯常;或超过固定上限；历史不足的单位与公布的同类基线比较",
            "what a unit bought of a goods in a calendar month, season and stocking up for the Spring Festival "
            "taken off, is over the largest of its last six months and either twice the mean of twelve or far "
            "from its own habit; or over a fixed ceiling. A unit with too little history is held against its "
            "peers",
        ),
        misses=(
            "逐月缓慢增长；分散到多个单位或多个品种的购买；未填写来源的入库；"
            "新单位所购品种无同类基线时只看固定上限;一个单位十二种以外的品种；"
            "跨月末分开的购买（两部分各按所在月份判断）",
            "growth month by month; what is spread over several units or goods; receipts that name no origin; new "
            "units buying what no peer buys (only the ceiling speaks); goods beyond twelve a unit; "
            "a purchase split over the end of a month, whose parts are judged each in its own month",
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
        month = month_of(civil_day(fact.at))
        known = next((one for one in state.goods if one.goods == moved.goods), None)
        one = Months(moved.goods, month, month, fact.at) if known is None else _turned(known, month, made)
        refs = cite(one.refs, fact.ref) if len(one.refs) < _REFS else (*one.refs[1:], fact.ref)
        one = replace(one, total=one.total + moved.amount, orders=one.orders + 1, refs=refs, last=fact.at)
        ask = _ask(fact, moved, view)
        numbers = _judged(one, ask)
        if numbers is not None or one.open is not None:
            claim = _claim(one, numbers or _more(one), ask)
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
        if lang == "zh":
            return (
                f"单位 {claim.unit} 在 {n['month']} 已购入 {claim.goods} {bought}({n['orders']} 笔)：{zh}。"
                f"近六月最大 {largest}，惯常 {usual}；得分 {score}，阈值 {bar}，季节系数 {season}。须核实用途。"
            )
        return (
            f"Unit {claim.unit} has bought {bought} of {claim.goods} in {n['month']} ({n['orders']} orders): "
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
    return Months(one.goods, one.first, month, one.last, earlier=earlier)


class _Ask(Struct, frozen=True, gc=False):
    """What a purchase is judged by: itself, who its unit is registered as, the rule's terms, the view."""

    fact: Fact
    moved: Movement
    entry: UnitEntry | None
    terms: Terms[Parameters]
    view: View


def _ask(fact: Fact, moved: Movement, view: View) -> _Ask:
    entry = view.reference.in_force(UnitEntry, "self", fact.at)
    area = moved.area if entry is None else entry.area
    terms: Terms[Parameters] = view.terms("E1", fact.at, category=moved.category, area=area, unit=moved.unit)
    return _Ask(fact, moved, entry, terms, view)


def _judged(one: Months, ask: _Ask) -> dict[str, Number] | None:
    """The evidence where the month is unusual so far, None where it is not (or cannot be told yet)."""
    p, moved = ask.terms.parameters, ask.moved
    factors = _seasons(one, ask)
    even = [total / factor for total, factor in zip((*one.earlier, one.total), factors, strict=True)]
    earlier, now = even[:-1], even[-1]
    usual = mean = sum(earlier) / len(earlier) if earlier else 0.0
    score = unusual(earlier, now)
    which: Literal["own", "peers"] = "peers" if score is None else "own"
    if score is None:
        peers = peers_of(ask.view, moved.category, ask.fact.at, moved.goods, roles_of(ask.entry))
        if peers is not None:
            score, usual = peers.quantity.distance(math.log1p(now)), math.expm1(peers.quantity.median)
    over = one.total > p.ceilings.get(moved.goods, one.total)
    if not over and (score is None or score <= 0.0):
        return None
    bar, rests_on = _bar(which, ask)
    score = score or 0.0
    if over:
        by = "ceiling"
    elif which == "own" and now > p.mean_factor * mean > 0.0:
        by = "mean"
    elif score > bar:
        by = which
    else:
        return None
    return {
        "month": day_text(first_of(one.month))[:7],
        "by": by,
        "bought": one.total,
        "orders": one.orders,
        "largest": round(max(earlier[-HALF_YEAR:], default=0.0) * factors[-1]),
        "usual": round(usual * factors[-1]),
        "times_mean": round(now / mean, 2) if mean else 0.0,
        "score": round(score, 3),
        "threshold": round(bar, 3),
        "threshold_rests_on": rests_on,
        "months_known": len(one.earlier),
        "season_factor": round(factors[-1], 3),
        "measure": moved.measure.value,
    }


def _seasons(one: Months, ask: _Ask) -> list[float]:
    """What each of the months is to others: the peers' season, or the festival's where that is more."""
    months = range(one.month - len(one.earlier), one.month + 1)
    at, p = ask.fact.at, ask.terms.parameters
    found = habits_of(ask.view, ask.moved.category, at)
    season = [1.0] * len(months) if found is None else [found[1].factor(month) for month in months]
    if p.festival_factor == 1.0:
        return season
    spans = (range(first_of(month), first_of(month + 1)) for month in months)
    shares = (run_up(ask.view, at, span, p.festival_days).share for span in spans)
    return [
        max(known, 1.0 + (p.festival_factor - 1.0) * share) for known, share in zip(season, shares, strict=True)
    ]


def _bar(which: Literal["own", "peers"], ask: _Ask) -> tuple[float, str]:
    """The threshold and what it rests on: clean months, or the fixed score where they are too few."""
    p = ask.terms.parameters
    budget = Budget(p.alarms_per_week, p.scored_per_week, p.confidence)
    found = limit_of(ask.view, ask.moved.category, ask.fact.at, which, budget)
    fixed = p.fixed_score if which == "own" else p.fixed_peer_score
    if found is None:
        return fixed, "fixed_no_model"
    if found.basis is Basis.TOO_FEW:
        return max(found.score, fixed), "fixed_too_few"
    return found.score, found.basis.value


def _claim(one: Months, numbers: dict[str, Number], ask: _Ask) -> Claim:
    """The month's claim: begun by the purchase that crosses, its numbers those of the latest."""
    terms, moved = ask.terms, ask.moved
    severe = float(numbers["times_mean"]) > terms.parameters.severe_factor
    severity = Severity.ORANGE if severe and terms.severity in (Severity.YELLOW, Severity.BLUE) else None
    if one.open is not None:
        return replace(one.open, numbers=numbers, severity=severity, refs=one.refs, ref_count=one.orders)
    return Claim(
        anchor=f"{moved.unit}/{one.goods}/{numbers['month']}",
        since=ask.fact.at,
        speaks_at=terms.speaks(ask.fact.at),
        refs=one.refs,
        numbers=numbers,
        area=moved.area if ask.entry is None else ask.entry.area,
        unit=moved.unit,
        category=moved.category,
        goods=one.goods,
        severity=severity,
        ref_count=one.orders,
    )


def _more(one: Months) -> dict[str, Number]:
    """What stood goes on standing in its month, with what was bought since."""
    assert one.open is not None
    return {**one.open.numbers, "bought": one.total, "orders": one.orders}
