"""What a unit bought of a goods in a span, a calendar month or the thirty days up to a purchase: how unusual it is.

Law kept: a span is held against the same spans that were over before it began, each made even for its season, and
against what peers buy in such spans. Thirty days that lie within one month say nothing that the month does not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, TypeAlias

from msgspec import Struct, UnsetType

from detectors.buying import Ask, Bar, bar_of, habits_of, peers_of
from detectors.claim import Number
from detectors.season import run_up
from events.time import day_text
from models.habits import HALF_YEAR, first_of, month_of, unusual
from models.thirty_days import ThirtyDays, ended_before, reach

Of: TypeAlias = Literal["month", "thirty_days"]


class Span(Struct, frozen=True, gc=False):
    """Some civil days, the base units bought on them in so many orders, and the same of earlier spans, made even.

    ``factor`` is what the season makes of these days.
    """

    of: Of
    days: range
    total: int
    orders: int
    factor: float
    earlier: tuple[float, ...]

    @property
    def even(self) -> float:
        """The total with the season taken off."""
        return self.total / self.factor


def month_of_orders(month: int, bought: tuple[int, int], earlier: Sequence[int], asked: Ask) -> Span:
    """A calendar month so far, its base units and orders, after whole months (oldest first)."""
    first, (total, orders) = month - len(earlier), bought
    before = (total / _factor(_month(first + nth), asked) for nth, total in enumerate(earlier))
    return Span("month", _month(month), total, orders, _factor(_month(month), asked), tuple(before))


def thirty_days_of_orders(known: ThirtyDays, day: int, asked: Ask) -> Span | None:
    """The thirty days up to this one; None where nothing was bought in them before this month."""
    if known.days[0][0] >= first_of(month_of(day)):
        return None
    over = reach(day)
    peaks = ended_before(known, over.ends)
    before = (total / _factor(reach(on).days, asked) if total else 0.0 for total, on in peaks)
    return Span("thirty_days", over.days, known.total, known.orders, _factor(over.days, asked), tuple(before))


def judged(span: Span, asked: Ask) -> dict[str, Number] | None:
    """The evidence where a span is unusual so far, None where it is not (or cannot be told yet)."""
    p, goods = asked.terms.parameters, asked.moved.goods
    usual = mean = sum(span.earlier) / len(span.earlier) if span.earlier else 0.0
    score = unusual(span.earlier, span.even) if span.earlier else None
    which: Literal["own", "peers"] = "peers" if score is None else "own"
    if score is None and (peers := _among_peers(span, asked)) is not None:
        score, usual = peers
    over = span.of == "month" and span.total > p.ceilings.get(goods, span.total)
    if not over and (score is None or score <= 0.0):
        return None
    bar, score = _bar(span, which, asked), score or 0.0
    if over:
        by = "ceiling"
    elif which == "own" and span.even > p.mean_factor * mean > 0.0 and score > p.mean_score:
        by = "mean"
    elif score > bar.score:
        by = which
    else:
        return None
    return {
        "month": day_text(span.days[-1])[:7],
        "span": span.of,
        "first_day": day_text(span.days[0]),
        "last_day": day_text(span.days[-1]),
        "by": by,
        "bought": span.total,
        "orders": span.orders,
        "largest": round(max(span.earlier[-HALF_YEAR:], default=0.0) * span.factor),
        "usual": round(usual * span.factor),
        "times_mean": round(span.even / mean, 2) if mean else 0.0,
        "score": round(score, 3),
        "threshold": round(bar.score, 3),
        "threshold_rests_on": bar.rests_on,
        **bar.numbers(),
        "months_known": len(span.earlier),
        "season_factor": round(span.factor, 3),
        "measure": asked.moved.measure.value,
    }


def _among_peers(span: Span, asked: Ask) -> tuple[float, float] | None:
    """How far over what peers buy in such a span, and what that usually is; None where none is published."""
    peers = peers_of(asked)
    spread = None if peers is None else peers.quantity if span.of == "month" else peers.thirty_days
    if spread is None or isinstance(spread, UnsetType):
        return None
    return spread.distance(math.log1p(span.even)), math.expm1(spread.median)


def _bar(span: Span, which: Literal["own", "peers"], asked: Ask) -> Bar:
    """The threshold; clean scores of a model of old are of calendar months, and say little of thirty days."""
    p = asked.terms.parameters
    fixed = float(p.fixed_score if which == "own" else p.fixed_peer_score)
    bar = bar_of(asked, which, fixed)
    if span.of == "thirty_days" and not bar.units:
        return Bar(max(bar.score, fixed), "fixed_no_model")
    return bar


def _factor(days: range, asked: Ask) -> float:
    """What some days are to others: the peers' season, or the festival's where that is more."""
    at, p = asked.fact.at, asked.terms.parameters
    found = habits_of(asked.view, asked.moved.category, at)
    season = 1.0 if found is None else found[1].over(days)
    if p.festival_factor == 1.0:
        return season
    share = run_up(asked.view, at, days, p.festival_days).share
    return max(season, 1.0 + float(p.festival_factor - 1.0) * share)


def _month(month: int) -> range:
    return range(first_of(month), first_of(month + 1))
