"""B14 消耗比异常: over a month a unit uses up more, or less, of a goods than what it made calls for.

Laws kept: a month (Shanghai's) is judged once it is over, by the yields in force at its end, in exact fractions.
Where one goods goes into several products, the bands of all of them add up. Without a yield nothing is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from math import ceil, floor
from typing import Annotated, ClassVar, Final, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number, measure_of
from detectors.detector import Card, Step, View
from events.identity import home_of
from events.quantity import UNITS, Measure, show_quantity
from events.registry import GoodsEntry, UnitEntry, YieldEntry
from events.time import Instant, civil_day, day_start, day_text, moment
from ledger.fact import Body, Movement, Ref

MOST_GOODS: Final = 100
"""Of how many goods a unit's month is kept; of more, the first that it made or used."""
_KEPT_REFS: Final = 2
_EPOCH: Final = date(1970, 1, 1)


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """``slack_percent``: how far beyond the registered band, for what is in hand at the month's ends.

    Products of which less was made than ``least_kg``, ``least_l`` or ``least_items`` are not held against the lower
    bound; what that much of one product may take is never too much.
    """

    slack_percent: Annotated[int, Meta(ge=0, le=1_000)] = 5
    least_kg: Annotated[int, Meta(ge=0)] = 100
    least_l: Annotated[int, Meta(ge=0)] = 100
    least_items: Annotated[int, Meta(ge=0)] = 100


class Line(Struct, frozen=True, array_like=True, gc=False):
    """One goods in a unit's month: base units made and used up, and the first reports of using it."""

    goods: str
    made: int = 0
    used: int = 0
    refs: tuple[Ref, ...] = ()
    reports: int = 0


class Month(Struct, frozen=True, array_like=True, gc=False):
    """A unit's month so far, counted from the year 0; ``area`` is the last movement's."""

    month: int = 0
    area: str = ""
    lines: tuple[Line, ...] = ()


class _Made(Struct, frozen=True, gc=False):
    """One product's part of a band: the bounds that it sets, what its least production may take, how it reads."""

    low: Fraction
    high: Fraction
    least: Fraction
    shown: str


class Yield:
    """Claims for months in which consumption is outside the band; evidence: used, made, and the band."""

    card: ClassVar = Card(
        id="B14",
        name="YIELD",
        title=("消耗比异常", "Consumption out of proportion"),
        predicate=(
            "自然月内某原料的消耗量，超出按当月各产品产量和登记的消耗定额算出的上下限（加宽限）",
            "in a calendar month what was used up of a goods is outside the band that follows from what was made "
            "of each product and its registered yield, widened by a slack",
        ),
        misses=(
            "未登记消耗定额的；产量与消耗一同虚报的；月内先多后少的；跨月的在制品超过宽限；"
            "定额未列明的其他用途会显得消耗过多",
            "what has no registered yield; output invented along with the consumption; too much one week and too "
            "little the next; work in hand over the month's end beyond the slack; a use that no yield names looks "
            "like too much",
        ),
        key="unit",
        place="unit",
    )
    State: ClassVar = Month
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {
        "slack_percent": "lower", "least_kg": "lower", "least_l": "lower", "least_items": "lower",
    }  # fmt: skip
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))
    deeds: ClassVar = frozenset(("produce", "consume"))

    def start(self) -> Month:
        """No month yet."""
        return Month()

    def see(self, state: Month, step: Step, view: View) -> tuple[Month, Sequence[Claim]]:
        """Judge the month that is over, then count the movement to its own; only what the unit reported itself."""
        fact, moved = step.fact, step.fact.body
        if not isinstance(moved, Movement) or moved.operation not in self.deeds or moved.unit != home_of(view.key):
            return state, ()
        month = month_of(fact.at)
        made: list[Claim] = []
        if month != state.month:
            made += _judged(state, view)
            state = Month(month)
        lines = {line.goods: line for line in state.lines}
        line = lines.get(moved.goods) or Line(moved.goods)
        if moved.operation == "produce":
            line = replace(line, made=line.made + moved.amount)
        else:
            refs = line.refs if len(line.refs) >= _KEPT_REFS else (*line.refs, fact.ref)
            line = replace(line, used=line.used + moved.amount, refs=refs, reports=line.reports + 1)
        if moved.goods in lines or len(lines) < MOST_GOODS:
            lines[moved.goods] = line
        kept = tuple(lines[goods] for goods in sorted(lines))
        return Month(month, moved.area, kept), made

    def at(self, state: Month, now: Instant, view: View) -> Sequence[Claim]:
        """What the month says once it is over."""
        return _judged(state, view) if state.lines and month_start(state.month + 1) <= now else ()

    def wakes(self, state: Month, view: View) -> Sequence[Instant]:
        """The month's end."""
        return (month_start(state.month + 1),) if state.lines else ()

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """How much was used, and how much the month's products account for."""
        claim, numbers = finding.claim, finding.claim.numbers
        used, low, high = (
            show_quantity(int(numbers[name]), measure_of(claim)) for name in ("used_up", "band_low", "band_high")
        )
        month, products = numbers["month"], numbers["products"]
        much = int(numbers["used_up"]) > int(numbers["band_high"])
        if lang == "zh":
            how, made = "过多" if much else "过少", products or "无"
            return (
                f"{claim.unit} 在 {month} 消耗 {claim.goods} {used}，{how}：当月产出 {made}，应为 {low} 至 {high}。"
            )
        how, made = "too much" if much else "too little", products or "nothing"
        return (
            f"In {month} {claim.unit} used up {used} of {claim.goods}, {how} for what it made ({made}): that "
            f"accounts for {low} to {high}."
        )


def month_of(at: Instant) -> int:
    """The Shanghai month that holds an instant, counted from the year 0.

    >>> month_of(0)
    23640
    """
    day = moment(at)
    return day.year * 12 + day.month - 1


def month_start(month: int) -> Instant:
    """The first instant of a month.

    >>> month_of(month_start(24_316)), month_of(month_start(24_316) - 1)
    (24316, 24315)
    """
    return day_start((date(month // 12, month % 12 + 1, 1) - _EPOCH).days)


def exact(number: float) -> Fraction:
    """The fraction that a decimal number says, not the binary one nearest to it.

    >>> exact(0.1)
    Fraction(1, 10)
    """
    return Fraction(repr(number))


def _judged(state: Month, view: View) -> list[Claim]:
    """What a month that is over says: each goods that a yield names, against all that it goes into."""
    if not state.lines:
        return []
    last, unit = month_start(state.month + 1) - 1, home_of(view.key)
    goods: dict[str, list[YieldEntry]] = {}
    for subject in view.reference.subjects(YieldEntry):
        entry = view.reference.in_force(YieldEntry, subject, last, unit)
        if entry is not None:
            goods.setdefault(entry.consumed, []).append(entry)
    claims = (_claim(state, view, view.world.goods(name, last), entries) for name, entries in sorted(goods.items()))
    return [claim for claim in claims if claim is not None]


def _claim(state: Month, view: View, goods: GoodsEntry | None, entries: Sequence[YieldEntry]) -> Claim | None:
    """One goods against the band of all that it goes into; None where it is inside, or cannot be judged."""
    if goods is None:
        return None
    last, unit = month_start(state.month + 1) - 1, home_of(view.key)
    known = view.reference.in_force(UnitEntry, "self", last, unit)
    area = state.area if known is None else known.area
    terms = view.terms("B14", last, category=goods.category, area=area, unit=unit)
    lines = {line.goods: line for line in state.lines}
    parts = [_part(entry, lines, view.world.goods(entry.produced, last), terms.parameters) for entry in entries]
    sure = [part for part in parts if part is not None]
    if len(sure) < len(parts):
        return None
    used = lines.get(goods.goods, Line(goods.goods))
    slack = Fraction(terms.parameters.slack_percent, 100)
    low = sum((part.low for part in sure), Fraction(0)) * max(1 - slack, Fraction(0))
    most = max(sum((part.high for part in sure), Fraction(0)), *(part.least for part in sure))
    high = most * (1 + slack)
    if low <= used.used <= high:
        return None
    month = month_start(state.month)
    numbers: dict[str, Number] = {
        "month": day_text(civil_day(month))[:7],
        "used_up": used.used,
        "band_low": ceil(low),
        "band_high": floor(high),
        "products": ", ".join(part.shown for part in sure if part.shown),
        "measure": goods.measure.value,
    }
    return Claim(
        anchor=f"{unit}/{goods.goods}/{numbers['month']}",
        since=month,
        until=last + 1,
        speaks_at=terms.speaks(last),
        refs=used.refs,
        numbers=numbers,
        area=area,
        unit=unit,
        category=goods.category,
        goods=goods.goods,
        ref_count=used.reports,
    )


def _part(
    entry: YieldEntry, lines: Mapping[str, Line], product: GoodsEntry | None, asked: Parameters
) -> _Made | None:
    """What one product accounts for; None where it is not known, or of a measure that nothing is made in."""
    least = None if product is None else _least(product.measure, asked)
    if product is None or least is None:
        return None
    made = lines[entry.produced].made if entry.produced in lines else 0
    low = exact(entry.low) * made if made >= least else Fraction(0)
    shown = f"{entry.produced} {show_quantity(made, product.measure)}" if made else ""
    return _Made(low, exact(entry.high) * made, exact(entry.high) * least, shown)


def _least(measure: Measure, asked: Parameters) -> int | None:
    """The production from which a month can be judged, in base units."""
    match measure:
        case Measure.MASS:
            return asked.least_kg * UNITS["kg"][1]
        case Measure.NEQ:
            return asked.least_kg * UNITS["kg_neq"][1]
        case Measure.VOLUME:
            return asked.least_l * UNITS["L"][1]
        case Measure.COUNT:
            return asked.least_items
        case Measure.ACTIVITY:
            return None
