"""B15 异常销毁/删改: in one week a unit destroys, adjusts or corrects far more than is its own habit.

Laws kept: a calendar week (Shanghai's, from Monday) is judged once it is over, by the unit's own earlier weeks and
a prior alone. The threshold is the probability that an honest week of this unit is raised. A week that was raised
teaches nothing, or an insider could teach it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, lgamma
from typing import Annotated, ClassVar, Final, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from detectors.claim import MOST_REFS, Claim, Finding, Number
from detectors.detector import Card, Step, View
from events.identity import home_of
from events.registry import Category, UnitEntry
from events.report import Operation
from events.time import Instant, civil_day, day_start, day_text
from ledger.fact import Body, Fact, Movement, Ref

_MONDAY: Final = 3
"""1970-01-01 was a Thursday: (day + 3) // 7 counts weeks that begin on Mondays."""
_ENOUGH: Final = 20_000
"""Events from which on older ones count half: a habit may change in the course of years."""


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """When a week is raised: of ``least_events`` or more such events, and less probable than ``false_alarm``.

    ``prior_share`` of ``prior_events`` stands for what is known of a unit before its first week. Nothing is said
    before ``warmup_weeks`` weeks with movements. ``operations`` count beside corrections.
    """

    false_alarm: Annotated[float, Meta(gt=0, lt=1)] = 1e-4
    least_events: Annotated[int, Meta(ge=1)] = 8
    prior_share: Annotated[float, Meta(gt=0, lt=1)] = 0.02
    prior_events: Annotated[int, Meta(ge=1)] = 100
    warmup_weeks: Annotated[int, Meta(ge=1, le=52)] = 4
    operations: tuple[Operation, ...] = ("destroy", "adjust")


class Week(Struct, frozen=True, array_like=True, gc=False):
    """The week under way: its movements, and those that count; place and category are the first such one's."""

    number: int = 0
    events: int = 0
    excess: int = 0
    destroyed: int = 0
    adjusted: int = 0
    corrected: int = 0
    area: str = ""
    category: Category = Category.EXPLOSIVES
    refs: tuple[Ref, ...] = ()


class Habit(Struct, frozen=True, array_like=True, gc=False):
    """A unit's habit: weeks with movements, their movements, and those that count; and the week under way."""

    weeks: int = 0
    events: int = 0
    excess: int = 0
    week: Week = Week()


class ExcessDisposal:
    """Claims weeks with too many such events; evidence: how many of each kind, the usual share, the probability."""

    card: ClassVar = Card(
        id="B15",
        name="EXCESS_DISPOSAL_OR_CORRECTION",
        title=("异常销毁/删改", "Excess of disposals or corrections"),
        predicate=(
            "一周内销毁、调整和被更正的出入库笔数不少于下限，且按本单位以往占比（含先验）的贝塔-二项分布，"
            "出现这么多笔的概率小于规定的误报概率",
            "of a week's movements so many were destroyed, adjusted or corrected that by the beta-binomial "
            "distribution of the unit's own earlier share (with a prior) as many are less probable than the stated "
            "false alarm, and not fewer than a least number",
        ),
        misses=(
            "整笔作废（冲正）的记录：作废后各处不再可见，只能从接收日志查；对盘点的更正；分散到各周的少量销毁；"
            "一开始就多的单位；一次批量录错、集中更正的诚实单位也会报出",
            "reports that were taken back whole: once voided they are nowhere seen but in the log of what was "
            "received; corrections of counts; a little more every week; a unit that did so from the beginning. An "
            "honest batch typed wrongly and corrected is raised too",
        ),
        key="unit",
        place="unit",
    )
    State: ClassVar = Habit
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {
        "false_alarm": "higher", "least_events": "lower", "prior_share": "lower", "warmup_weeks": "lower",
    }  # fmt: skip
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))

    def start(self) -> Habit:
        """No habit yet."""
        return Habit()

    def see(self, state: Habit, step: Step, view: View) -> tuple[Habit, Sequence[Claim]]:
        """Judge and learn the week that is over, then count the movement; only what the unit reported itself."""
        fact, moved = step.fact, step.fact.body
        if not isinstance(moved, Movement) or moved.unit != home_of(view.key):
            return state, ()
        number = week_of(fact.at)
        made: Sequence[Claim] = ()
        if number != state.week.number:
            made = _judged(state, view)
            state = _learned(state, number, raised=bool(made))
        terms = view.terms("B15", fact.at, category=moved.category, area=moved.area, unit=moved.unit)
        return replace(state, week=_counted(state.week, fact, moved, terms.parameters)), made

    def at(self, state: Habit, now: Instant, view: View) -> Sequence[Claim]:
        """What the week says once it is over."""
        return _judged(state, view) if state.week.excess and week_start(state.week.number + 1) <= now else ()

    def wakes(self, state: Habit, view: View) -> Sequence[Instant]:
        """The week's end."""
        return (week_start(state.week.number + 1),) if state.week.excess else ()

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """How many of how many, of what kind, against the usual share."""
        claim, n = finding.claim, finding.claim.numbers
        usual, chance = f"{float(n['usual_share']):.2%}", f"{float(n['chance']):.1e}"
        if lang == "zh":
            return (
                f"{claim.unit} 在 {n['week']} 起的一周共 {n['events']} 笔出入库，其中销毁 {n['destroyed']} 笔、"
                f"调整 {n['adjusted']} 笔、被更正 {n['corrected']} 笔，合计 {n['excess_events']} 笔；"
                f"其以往占比为 {usual}，出现这么多的概率为 {chance}。"
            )
        return (
            f"In the week of {n['week']} {n['excess_events']} of the {n['events']} movements of {claim.unit} were "
            f"out of the ordinary: {n['destroyed']} destroyed, {n['adjusted']} adjusted, {n['corrected']} "
            f"corrected. Its usual share is {usual}; as many by chance have a probability of {chance}."
        )


def week_of(at: Instant) -> int:
    """The number of the Shanghai week, from Monday on, that holds an instant.

    >>> week_of(day_start(4)) - week_of(day_start(3))
    1
    """
    return (civil_day(at) + _MONDAY) // 7


def week_start(number: int) -> Instant:
    """The first instant of a week.

    >>> week_of(week_start(2_900)), week_of(week_start(2_900) - 1)
    (2900, 2899)
    """
    return day_start(number * 7 - _MONDAY)


def tail(found: int, of: int, *, like: float, unlike: float) -> float:
    """The probability of ``found`` or more among ``of`` events, by ``like`` earlier ones and ``unlike`` others.

    Beta-binomial: the binomial tail over all shares that the earlier events leave possible, so that a short habit
    raises no more false alarms than a long one.

    >>> round(tail(2, 2, like=1.0, unlike=1.0), 6), tail(0, 5, like=1.0, unlike=9.0)
    (0.333333, 1.0)
    """
    if found <= 0:
        return 1.0
    term = exp(
        lgamma(of + 1) - lgamma(found + 1) - lgamma(of - found + 1)
        + lgamma(found + like) + lgamma(of - found + unlike) - lgamma(of + like + unlike)
        - lgamma(like) - lgamma(unlike) + lgamma(like + unlike)
    )  # fmt: skip
    total = 0.0
    for number in range(found, of + 1):
        total += term
        if number < of:
            term *= (of - number) / (number + 1) * (like + number) / (unlike + of - number - 1)
    return min(total, 1.0)


def _counted(week: Week, fact: Fact, moved: Movement, asked: Parameters) -> Week:
    corrected, named = fact.revision > 0, moved.operation in asked.operations
    if not corrected and not named:
        return replace(week, events=week.events + 1)
    first = not week.excess
    return Week(
        week.number,
        week.events + 1,
        week.excess + 1,
        week.destroyed + (named and moved.operation == "destroy"),
        week.adjusted + (named and moved.operation != "destroy"),
        week.corrected + corrected,
        moved.area if first else week.area,
        moved.category if first else week.category,
        week.refs if len(week.refs) >= MOST_REFS else (*week.refs, fact.ref),
    )


def _learned(state: Habit, number: int, *, raised: bool) -> Habit:
    """The habit with one more week in it, unless that was raised."""
    week = state.week
    if raised or not week.events:
        return replace(state, week=Week(number))
    events, excess = state.events + week.events, state.excess + week.excess
    if events > _ENOUGH:
        events, excess = events // 2, excess // 2
    return Habit(state.weeks + 1, events, excess, Week(number))


def _judged(state: Habit, view: View) -> Sequence[Claim]:
    """The claim of a week that is over; nothing while the habit is not known."""
    week, unit = state.week, home_of(view.key)
    if not week.excess:
        return ()
    since, until = week_start(week.number), week_start(week.number + 1)
    known = view.reference.in_force(UnitEntry, "self", until - 1, unit)
    area = week.area if known is None else known.area
    terms = view.terms("B15", until - 1, category=week.category, area=area, unit=unit)
    asked = terms.parameters
    if state.weeks < asked.warmup_weeks or week.excess < asked.least_events:
        return ()
    like = asked.prior_share * asked.prior_events + state.excess
    unlike = (1 - asked.prior_share) * asked.prior_events + state.events - state.excess
    chance = tail(week.excess, week.events, like=like, unlike=unlike)
    if chance > asked.false_alarm or week.excess * (like + unlike) <= week.events * like:
        return ()
    numbers: dict[str, Number] = {
        "week": day_text(civil_day(since)),
        "events": week.events,
        "excess_events": week.excess,
        "destroyed": week.destroyed,
        "adjusted": week.adjusted,
        "corrected": week.corrected,
        "usual_share": round(like / (like + unlike), 6),
        "chance": float(f"{chance:.3g}"),
    }
    claim = Claim(
        anchor=f"{unit}/{numbers['week']}",
        since=since,
        until=until,
        speaks_at=terms.speaks(until - 1),
        refs=week.refs,
        numbers=numbers,
        area=area,
        unit=unit,
        category=week.category,
        ref_count=week.excess,
    )
    return (claim,)
