"""E2 频次异常/拆分: a unit orders one goods far too often, or again and again just under a threshold.

Law kept: a week is judged by the unit's own earlier weeks (their median and spread) and by the published peers,
and by nothing else; thresholds are those that policy, permits and the catalogue name. An episode lasts as long as
its window, and until the unit has been ordinary for a rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Final, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from detectors.buying import Ask, ask, bar_of, bought_from, peers_of
from detectors.claim import Claim, Finding, Number, measure_of
from detectors.detector import Card, Step, View
from detectors.order_limits import Named, order_limits
from detectors.season import before_days_off, run_up
from events.identity import home_of
from events.quantity import show_quantity
from events.time import DAY, Instant, civil_day, day_start, day_text, format_instant
from ledger.fact import Body, Movement, Ref
from models.baseline import middle
from models.habits import DAYS, crowded, frequent, weeks_of

MOST_GOODS: Final = 10
"""Of how many goods a unit's orders are counted; of more, the one that was longest not bought is forgotten."""
_NEAR: Final = 12
_REFS: Final = 3


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """When orders are too many, and when they keep just under a threshold.

    A week of ``least_orders`` and ``times`` the usual counts where its score (−log₁₀ of its chance) is over the
    limit set on clean weeks for ``alarms_per_week`` of ``scored_per_week``, kept with ``confidence``
    (``fixed_score`` where clean weeks are too few), and over ``least_score`` whatever they say. ``near_orders``
    within ``near_days``, each in [1 − ``near_below``, 1) of one threshold and ``near_share`` of all orders then,
    are a split. ``thresholds`` are base units by goods or flag/measure. An episode is over once its window has
    passed, and ``rest_days`` since the last order too many: what is odd again until then is the same finding.
    """

    alarms_per_week: Annotated[float, Meta(gt=0)] = 1.0
    scored_per_week: Annotated[float, Meta(gt=0)] = 1000.0
    confidence: Annotated[float, Meta(gt=0, lt=1)] = 0.9
    fixed_score: Annotated[float, Meta(gt=0)] = 8.0
    least_score: Annotated[float, Meta(ge=0)] = 0.0
    least_orders: Annotated[int, Meta(ge=2)] = 8
    times: Annotated[float, Meta(ge=1)] = 2.0
    before_days_off: Annotated[int, Meta(ge=0, le=60)] = 10
    days_off_factor: Annotated[float, Meta(ge=1)] = 1.5
    festival_factor: Annotated[float, Meta(ge=1)] = 1.0
    festival_days: Annotated[int, Meta(ge=1, le=120)] = 45
    near_orders: Annotated[int, Meta(ge=2, le=_NEAR)] = 4
    near_days: Annotated[int, Meta(ge=1, le=56)] = 14
    near_below: Annotated[float, Meta(gt=0, lt=1)] = 0.1
    near_share: Annotated[float, Meta(gt=0, le=1)] = 0.6
    rest_days: Annotated[int, Meta(ge=0, le=366)] = 0
    from_permits: bool = True
    from_critical: bool = True
    thresholds: dict[str, int] = {}


class Orders(Struct, frozen=True, array_like=True, gc=False):
    """Orders of one goods: how many on each of the last days (the last one is ``day``), and those near a
    threshold.

    ``near`` are (day, threshold), oldest first; ``expires`` is when an open episode is over, if nothing adds to
    it.
    """

    goods: str
    day: int
    daily: tuple[int, ...] = ()
    near: tuple[tuple[int, int], ...] = ()
    refs: tuple[Ref, ...] = ()
    open: Claim | None = None
    expires: Instant = 0


class Kept(Struct, frozen=True, array_like=True, gc=False):
    """A unit's goods, in the order of their names."""

    goods: tuple[Orders, ...] = ()


class FrequencyStructuring:
    """Claims while orders come too often or keep just under a threshold; evidence: how many, against what."""

    card: ClassVar = Card(
        id="E2",
        name="FREQUENCY_STRUCTURING",
        title=("频次异常/拆分", "Ordering too often or split"),
        predicate=(
            "七日内某品种的购入笔数远多于本单位以往各周(按中位数与离散度的负二项尾概率，节前备货除外;"
            "历史不足时与同类单位比较)；或若干日内多笔购入都恰低于同一限值(办法所列限值、许可数量、临界量)",
            "orders of a goods in seven days are far more than in the unit's earlier weeks (tail of a negative "
            "binomial of their median and spread, stocking up before days off let pass; peers speak while it is "
            "warming up); or several orders within days are each just under one threshold (policy, permits, the "
            "critical quantity)",
        ),
        misses=(
            "拆给多个单位或多个品种；低于限值较多的拆分；限值未列入办法、许可或目录；未填写来源的入库；"
            "十种以外的品种",
            "what is split over several units or goods; splits far below a threshold, or below one that neither "
            "policy, permit nor catalogue names; receipts that name no origin; goods beyond ten a unit",
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
        "least_score": "lower",
        "least_orders": "lower",
        "times": "lower",
        "near_orders": "lower",
        "near_share": "lower",
        "rest_days": "higher",
    }
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))
    deeds: ClassVar[frozenset[str]] = frozenset(("receive",))

    def start(self) -> Kept:
        """Nothing ordered yet."""
        return Kept()

    def see(self, state: Kept, step: Step, view: View) -> tuple[Kept, Sequence[Claim]]:
        """Count an order on its day; claim, go on with or close the goods' episode."""
        fact, moved = step.fact, step.fact.body
        if not isinstance(moved, Movement) or bought_from(moved, home_of(view.key)) is None:
            return state, ()
        made: list[Claim] = []
        day = civil_day(fact.at)
        known = next((one for one in state.goods if one.goods == moved.goods), None)
        one = Orders(moved.goods, day, (0,)) if known is None else _come_to(known, day)
        if one.open is not None and fact.at >= one.expires:
            made.append(replace(one.open, until=one.expires))
            one = replace(one, open=None)
        asked = ask(self.card.id, fact, moved, view)
        p = asked.terms.parameters
        near = [place for place in one.near if place[0] > day - p.near_days]
        near += [(day, bar) for bar in _bars(asked) if bar * (1 - p.near_below) <= moved.amount < bar]
        refs = (*one.refs, fact.ref)[-_REFS:]
        daily = (*one.daily[:-1], one.daily[-1] + 1)
        one = replace(one, daily=daily, near=tuple(near[-_NEAR:]), refs=refs)
        numbers = _split(one, asked) or _often(one, asked)
        if numbers is not None:
            one = _claimed(one, numbers, asked)
            made += [one.open] if one.open is not None else []
        others = [other for other in state.goods if other.goods != moved.goods]
        if len(others) >= MOST_GOODS:
            oldest = min(others, key=lambda other: (other.day, other.goods))
            others.remove(oldest)
            made += [replace(oldest.open, until=min(oldest.expires, fact.at))] if oldest.open is not None else []
        return Kept(tuple(sorted((*others, one), key=lambda other: other.goods))), made

    def at(self, state: Kept, now: Instant, view: View) -> Sequence[Claim]:
        """An episode that nothing added to within its window is over."""
        over = [one for one in state.goods if one.open is not None and now >= one.expires]
        return [replace(one.open, until=one.expires) for one in over if one.open is not None]

    def wakes(self, state: Kept, view: View) -> Sequence[Instant]:
        """The ends of the windows of what is open."""
        return sorted({one.expires for one in state.goods if one.open is not None})

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """How many orders, against what is usual or under which threshold."""
        claim, n = finding.claim, finding.claim.numbers
        since = format_instant(claim.since)
        if n["by"] == "split":
            bar = show_quantity(int(n["limit"]), measure_of(claim))
            if lang == "zh":
                return (
                    f"单位 {claim.unit} 自 {since} 起在 {n['window_days']} 日内购入 {claim.goods} "
                    f"{n['orders']} 笔，其中 {n['near_orders']} 笔恰低于限值 {bar}，疑似拆分。须核实是否规避审批。"
                )
            return (
                f"Since {since}, unit {claim.unit} has placed {n['orders']} orders of {claim.goods} within "
                f"{n['window_days']} days, {n['near_orders']} of them just under the threshold of {bar}."
            )
        usual, score, bar_ = (f"{float(n[name]):.3g}" for name in ("usual_orders", "score", "threshold"))
        if lang == "zh":
            return (
                f"单位 {claim.unit} 七日内购入 {claim.goods} {n['orders']} 笔，通常每周 {usual} 笔"
                f"({_whose(n, lang)})，自 {since} 起；得分 {score}，阈值 {bar_}。须核实。"
            )
        return (
            f"Unit {claim.unit} has placed {n['orders']} orders of {claim.goods} within seven days, usually "
            f"{usual} a week ({_whose(n, lang)}), since {since}; score {score}, threshold {bar_}."
        )


def _whose(numbers: dict[str, Number], lang: str) -> str:
    zh, en = (
        ("本单位", "its own habit") if numbers["by"] == "own" else ("同类单位", "its peers, for want of history")
    )
    return zh if lang == "zh" else en


def _bars(asked: Ask) -> tuple[int, ...]:
    p = asked.terms.parameters
    named = Named(p.thresholds, permits=p.from_permits, critical=p.from_critical)
    return order_limits(asked.moved, asked.fact.at, named, asked.view)


def _come_to(one: Orders, day: int) -> Orders:
    """The goods with its days up to this one; only those that a habit is taken over are kept."""
    if day == one.day:
        return one
    return replace(one, day=day, daily=(*one.daily, *(0,) * min(day - one.day, DAYS))[-DAYS:])


def _split(one: Orders, asked: Ask) -> dict[str, Number] | None:
    """The evidence where this order is one of many just under a threshold."""
    p = asked.terms.parameters
    if len(one.near) < p.near_orders or one.near[-1][0] != one.day:
        return None
    orders = sum(one.daily[-p.near_days :])
    for bar in sorted({bar for on, bar in one.near if on == one.day}):
        count = sum(other == bar for _, other in one.near)
        if count >= p.near_orders and count >= p.near_share * orders:
            return {
                "by": "split",
                "orders": orders,
                "near_orders": count,
                "limit": bar,
                "window_days": p.near_days,
                "amount": asked.moved.amount,
                "measure": asked.moved.measure.value,
            }
    return None


def _often(one: Orders, asked: Ask) -> dict[str, Number] | None:
    """The evidence where the seven days up to this order hold too many."""
    p, moved = asked.terms.parameters, asked.moved
    orders = sum(one.daily[-7:])
    if orders < p.least_orders:
        return None
    weeks = weeks_of(one.daily)[:-1]
    factor = _factor(one.day, asked)
    score, which = frequent(weeks, orders, factor), "own"
    usual = middle(weeks) if weeks else 0.0
    if score is None:
        peers = peers_of(asked)
        if peers is None:
            return None
        score, which, usual = crowded(peers, orders, factor), "peers", peers.orders.median
    if orders < p.times * usual * factor:
        return None
    bar = bar_of(asked, "orders" if which == "own" else "peer_orders", p.fixed_score)
    if score <= max(bar.score, p.least_score):
        return None
    return {
        "by": which,
        "orders": orders,
        "usual_orders": round(usual, 2),
        "weeks_known": len(weeks),
        "season_factor": round(factor, 3),
        "score": round(score, 3),
        "threshold": round(max(bar.score, p.least_score), 3),
        "threshold_rests_on": bar.rests_on,
        **bar.numbers(),
        "amount": moved.amount,
        "measure": moved.measure.value,
    }


def _factor(day: int, asked: Ask) -> float:
    """How much more often people order in the seven days up to this one, for the days off that come."""
    p, days = asked.terms.parameters, range(day - 6, day + 1)
    factor = 1.0
    if p.days_off_factor > 1.0 and before_days_off(asked.view, asked.fact.at, days, p.before_days_off):
        factor = p.days_off_factor
    if p.festival_factor > 1.0:
        share = run_up(asked.view, asked.fact.at, days, p.festival_days).share
        factor = max(factor, 1.0 + (p.festival_factor - 1.0) * share)
    return factor


def _claimed(one: Orders, numbers: dict[str, Number], asked: Ask) -> Orders:
    """The goods with its episode begun or gone on with, until its window and its rest have passed."""
    moved, p = asked.moved, asked.terms.parameters
    lasts = max(p.near_days if numbers["by"] == "split" else 7, p.rest_days)
    expires = day_start(one.day) + lasts * DAY
    if one.open is not None:
        claim = replace(one.open, numbers=numbers, refs=one.refs, ref_count=int(numbers["orders"]))
        return replace(one, open=claim, expires=max(expires, one.expires))
    claim = Claim(
        anchor=f"{moved.unit}/{one.goods}/{day_text(one.day)}",
        since=asked.fact.at,
        speaks_at=asked.terms.speaks(asked.fact.at),
        refs=one.refs,
        numbers=numbers,
        area=asked.area,
        unit=moved.unit,
        category=moved.category,
        goods=one.goods,
        ref_count=int(numbers["orders"]),
    )
    return replace(one, open=claim, expires=expires)
