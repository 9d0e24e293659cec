"""The answer to a what-if as one value: lines by county, prefecture or category, weeks, what is gained and lost.

Law kept: ``now`` is the policy held against, ``then`` the one proposed; both are asked over the same unit-days.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from detectors.claim import finding_id
from detectors.outlier_terms import E7
from detectors.unit_days import anchor
from events.identity import unit_key
from events.time import day_text
from models.episode import Episode, episodes, strangest
from models.scored import Scored
from models.whatif import (
    Policy,
    Population,
    Raised,
    chain,
    counted,
    difference,
    grouped,
    outlier_days,
    population,
    raise_under,
    week_text,
)
from simulator.evaluate import Raised as Warned
from simulator.evaluate import Score, evaluate
from simulator.labels import Label

By = Literal["county", "prefecture", "category"]


class Question(Struct, frozen=True):
    """What was asked: digests of the scored file and of both policies, how to group, how many to list, labels."""

    scored: str
    now: str
    then: str
    by: By
    listed: int
    labels: tuple[Label, ...] | None = None


class Line(Struct, frozen=True):
    """One county, prefecture or category: warnings in all, and a week; outlier days a week against what the terms
    bear of them a week, out of the unit-days scored."""

    name: str
    now: int
    then: int
    now_a_week: float
    then_a_week: float
    outlier_days_now_a_week: float
    outlier_days_then_a_week: float
    budgeted_now_a_week: float
    budgeted_then_a_week: float
    scored_a_week: float


class Week(Struct, frozen=True):
    """One ISO week of one line in which anything is raised, by the first day of each warning."""

    week: str
    name: str
    now: int
    then: int


class Listed(Struct, frozen=True):
    """One warning gained or lost."""

    anchor: str
    area: str
    first_day: str
    last_day: str
    days: int
    events: int
    score: float


class Answers(Struct, frozen=True):
    """How E7 answers a simulation's labels: label ids caught and missed, warnings raised falsely and allowed."""

    caught: tuple[str, ...]
    missed: tuple[str, ...]
    false: int
    allowed: int


class Told(Struct, frozen=True):
    """The whole answer. A warning is gained where it shares no day with any of now, lost where with none of then;
    what is neither is the same, longer, shorter, joined or divided."""

    scored: str
    policies: dict[str, str]
    by: By
    unit_days: int
    first_day: str
    last_day: str
    weeks: float
    total: Line
    lines: tuple[Line, ...]
    by_week: tuple[Week, ...]
    gained: int
    lost: int
    gained_listed: tuple[Listed, ...]
    lost_listed: tuple[Listed, ...]
    labels: dict[str, Answers] | None = None


def tell(scored: Scored, now: Policy, then: Policy, asked: Question) -> Told:
    """Ask both policies, and hold their warnings against each other and against labels."""
    among = population(scored)
    sides = raise_under(scored, now, among), raise_under(scored, then, among)
    lines, by_week = _lines(scored, among, sides, _names(scored, asked.by))
    (total,), _ = _lines(scored, among, sides, ["*"] * len(scored.cell_chain)) if lines else ((_NOTHING,), ())
    gained, lost = difference(*sides)
    first = int(scored.day.min()) if len(scored) else 0
    labels = None
    if asked.labels is not None:
        labels = {
            name: _answers(scored, one, asked.labels) for name, one in zip(("now", "then"), sides, strict=True)
        }
    return Told(
        scored=asked.scored,
        policies={"now": asked.now, "then": asked.then},
        by=asked.by,
        unit_days=len(scored),
        first_day=day_text(first),
        last_day=day_text(first + max(among.days - 1, 0)),
        weeks=among.days / 7,
        total=total,
        lines=lines,
        by_week=by_week,
        gained=len(gained),
        lost=len(lost),
        gained_listed=_listed(strangest(scored, sides[1], gained, asked.listed)),
        lost_listed=_listed(strangest(scored, sides[0], lost, asked.listed)),
        labels=labels,
    )


_NOTHING = Line("*", 0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def _names(scored: Scored, by: By) -> list[str]:
    """The name of each cell's line. Areas are those of the day: one that changed its code has two lines."""
    cells = range(len(scored.cell_chain))
    match by:
        case "category":
            return [str(category) for category in scored.cell_category]
        case "prefecture":
            return [chain(scored, cell)[-2:][0] for cell in cells]
        case "county":
            return [chain(scored, cell)[0] for cell in cells]


def _lines(
    scored: Scored, among: Population, sides: tuple[Raised, Raised], names: list[str]
) -> tuple[tuple[Line, ...], tuple[Week, ...]]:
    now, then = (grouped(counted(scored, side, among), names) for side in sides)
    strange_now, strange_then = (grouped(outlier_days(scored, side, among), names) for side in sides)
    borne_now, borne_then = (grouped(side.budgeted, names) for side in sides)
    days, weeks = grouped(among.scored, names), among.days / 7
    lines = tuple(
        Line(
            name=name,
            now=int(now[name].sum()),
            then=int(then[name].sum()),
            now_a_week=float(now[name].sum()) / weeks,
            then_a_week=float(then[name].sum()) / weeks,
            outlier_days_now_a_week=float(strange_now[name].sum()) / weeks,
            outlier_days_then_a_week=float(strange_then[name].sum()) / weeks,
            budgeted_now_a_week=float(borne_now[name].sum()) / weeks,
            budgeted_then_a_week=float(borne_then[name].sum()) / weeks,
            scored_a_week=float(days[name].sum()) / weeks,
        )
        for name in days
    )
    by_week = tuple(
        Week(week_text(among.week + week), name, int(was), int(becomes))
        for name in days
        for week, (was, becomes) in enumerate(zip(now[name], then[name], strict=True))
        if was or becomes
    )
    return lines, by_week


def _listed(found: Iterable[Episode]) -> tuple[Listed, ...]:
    return tuple(
        Listed(
            anchor=anchor(one.unit, one.category, one.measure, one.first),
            area=one.area,
            first_day=day_text(one.first),
            last_day=day_text(one.last),
            days=one.days,
            events=one.events,
            score=one.score,
        )
        for one in found
    )


def _answers(scored: Scored, raised: Raised, labels: tuple[Label, ...]) -> Answers:
    """E7's row of what ``hazflow evaluate`` says of these warnings."""
    scores = evaluate(labels, [_warned(one) for one in episodes(scored, raised)]).scores
    own = next((score for score in scores if score.detector == E7), Score(E7, (), (), (), 0))
    return Answers(own.caught, own.missed, len(own.false), own.allowed)


def _warned(one: Episode) -> Warned:
    subject = unit_key(one.unit)
    return Warned(
        finding_id=finding_id(E7, subject, anchor(one.unit, one.category, one.measure, one.first)),
        detector=E7, subject=subject, since=one.since, until=one.until, unit=one.unit, area=one.area,
    )  # fmt: skip
