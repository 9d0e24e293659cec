"""C4 断报/零报: a site reports nothing for longer than its own habit allows.

Law kept: the deadline follows from the site's own earlier silences alone: the longest of the last weeks, and the
quantile of an exponential of their mean. It passes by time; the finding bears the deadline's instant.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from detectors.claim import Claim, Finding
from detectors.detector import Card, Step, View
from detectors.episode import end
from events.identity import home_of
from events.registry import Category, SiteEntry
from events.time import DAY, HOUR, MINUTE, Instant, civil_day, day_start, format_instant
from ledger.fact import Body, Count, Movement, Ref

_KEPT = 30
"""Intervals between bursts of reports that the mean is taken over."""
_LONGEST_KEPT = 5
"""The longest silences of the weeks remembered, newest of equals first."""
_MONDAY = 3
"""1970-01-01 was a Thursday: (day + 3) % 7 is 0 on Mondays."""


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """When silence is too long.

    The wait is −ln(``p``) × the mean interval, at least ``floor_h`` and ``longest_factor`` × the longest silence
    of the last ``memory_days``. Reports within ``burst_min`` of a first one are one burst. ``warm_up_intervals``
    come before any word; until ``week_days`` of habit are known, Saturdays and Sundays do not count.
    """

    p: Annotated[float, Meta(gt=0, lt=1)] = 1e-4
    floor_h: Annotated[int, Meta(ge=1)] = 36
    longest_factor: Annotated[float, Meta(ge=1)] = 1.25
    memory_days: Annotated[int, Meta(ge=7, le=400)] = 28
    burst_min: Annotated[int, Meta(ge=1)] = 60
    warm_up_intervals: Annotated[int, Meta(ge=10, le=_KEPT)] = 10
    week_days: Annotated[int, Meta(ge=0, le=60)] = 7


class Reported(Struct, frozen=True, array_like=True, gc=False):
    """The last report: whose it was, and where."""

    ref: Ref
    at: Instant
    site: str
    area: str
    unit: str
    category: Category


class Habit(Struct, frozen=True, array_like=True, gc=False):
    """A site's habit: its last intervals from burst to burst, and its longest silences as (ended, length).

    ``wait`` follows from both; ``due`` is when a report is overdue, None while the habit is not known.
    """

    first: Instant = 0
    last: Reported | None = None
    burst_at: Instant = 0
    intervals: tuple[int, ...] = ()
    longest: tuple[tuple[Instant, int], ...] = ()
    wait: int | None = None
    due: Instant | None = None


class SilentUnit:
    """Claims from the deadline on until the next report; evidence: the last report, the habit, and the wait."""

    card: ClassVar = Card(
        id="C4",
        name="SILENT_UNIT",
        title=("断报/零报", "Silent unit"),
        predicate=(
            "超过本站点自身惯常间隔(近期间隔均值的指数分布分位数与最长间隔)仍无任何上报",
            "no report within the site's own expected interval: a quantile of its recent ones, and its longest",
        ),
        misses=(
            "新站点的头十个间隔；长期只零星上报的站点发现得晚；仅停报部分品种的站点",
            "a new site's first ten intervals; a site that always reported seldom is noticed late; a site that "
            "leaves out some goods only",
        ),
        key="site",
        place="site",
    )
    State: ClassVar = Habit
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {
        "p": "higher",
        "floor_h": "lower",
        "longest_factor": "lower",
        "warm_up_intervals": "lower",
        "week_days": "lower",
    }
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement, Count))

    def start(self) -> Habit:
        """No habit yet."""
        return Habit()

    def see(self, state: Habit, step: Step, view: View) -> tuple[Habit, Sequence[Claim]]:
        """A report ends a silence, teaches the habit, and sets the next deadline."""
        fact, body = step.fact, step.fact.body
        if not isinstance(body, Movement | Count):
            return state, ()
        made: list[Claim] = []
        if state.due is not None and fact.at > state.due and _is_watched(view, state.due):
            made.append(end(_overdue(state, view), fact))
        terms = view.terms("C4", fact.at, category=body.category, area=body.area, unit=body.unit)
        parameters = terms.parameters
        last = Reported(fact.ref, fact.at, body.site, body.area, body.unit, body.category)
        return _learn(state, last, parameters), made

    def at(self, state: Habit, now: Instant, view: View) -> Sequence[Claim]:
        """The silence, once its deadline has passed and the site is still registered."""
        overdue = state.due is not None and state.due <= now and _is_watched(view, state.due)
        return (_overdue(state, view),) if overdue else ()

    def wakes(self, state: Habit, view: View) -> Sequence[Instant]:
        """The deadline."""
        return () if state.due is None else (state.due,)

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """Since when there is silence, the site's habit, and when it was due."""
        claim, numbers = finding.claim, finding.claim.numbers
        last, due = format_instant(int(numbers["last_report_at"])), format_instant(claim.since)
        mean, longest, wait = numbers["mean_interval_h"], numbers["longest_silence_h"], numbers["wait_h"]
        if lang == "zh":
            then = "至今未报" if claim.until is None else f"直到 {format_instant(claim.until)} 才恢复上报"
            return (
                f"{claim.site} 最后一次上报发生于 {last}，此后{then}。其惯常间隔平均 {mean} 小时,"
                f"近期最长 {longest} 小时；最多可等 {wait} 小时，应不迟于 {due} 上报。"
            )
        then = "nothing since" if claim.until is None else f"then nothing until {format_instant(claim.until)}"
        return (
            f"{claim.site} last reported at {last}, {then}. It used to report every {mean} h, "
            f"silent lately for {longest} h at most; after {wait} h, at {due}, a report was overdue."
        )


def _learn(habit: Habit, last: Reported, parameters: Parameters) -> Habit:
    """The habit after a report: a silence beyond the deadline teaches no more than the deadline."""
    if habit.last is None:
        return Habit(last.at, last, last.at)
    burst_at, intervals, longest, wait = habit.burst_at, habit.intervals, habit.longest, habit.wait
    if last.at - burst_at >= parameters.burst_min * MINUTE:
        ended = last.at if habit.due is None else min(last.at, habit.due)
        intervals = (*intervals, ended - burst_at)[-_KEPT:]
        since = last.at - parameters.memory_days * DAY
        remembered = (*(old for old in longest if old[0] >= since), (last.at, ended - habit.last.at))
        longest = tuple(sorted(remembered, key=lambda old: (-old[1], -old[0]))[:_LONGEST_KEPT])
        wait = _wait(intervals, longest[0][1], parameters)
        burst_at = last.at
    due = None
    if wait is not None:
        knows_weekends = last.at - habit.first >= parameters.week_days * DAY
        due = last.at + wait if knows_weekends else _without_weekends(last.at, wait)
    return Habit(habit.first, last, burst_at, intervals, longest, wait, due)


def _wait(intervals: tuple[int, ...], longest: int, parameters: Parameters) -> int | None:
    """How long this site may be silent, in whole minutes; None while its habit is not known."""
    if len(intervals) < parameters.warm_up_intervals:
        return None
    quantile = round(-math.log(parameters.p) * (sum(intervals) // len(intervals)))
    wait = max(quantile, round(parameters.longest_factor * longest), parameters.floor_h * HOUR)
    return -(-wait // MINUTE) * MINUTE


def _overdue(habit: Habit, view: View) -> Claim:
    """The claim that stands from the deadline on."""
    last, due = habit.last, habit.due
    assert last is not None
    assert due is not None
    terms = view.terms("C4", due, category=last.category, area=last.area, unit=last.unit)
    return Claim(
        anchor=last.ref.id,
        since=due,
        speaks_at=terms.speaks(due),
        refs=(last.ref,),
        numbers={
            "last_report_at": last.at,
            "mean_interval_h": round(sum(habit.intervals) / len(habit.intervals) / HOUR, 1),
            "longest_silence_h": round(habit.longest[0][1] / HOUR, 1),
            "wait_h": round((due - last.at) / HOUR, 1),
        },
        area=last.area,
        unit=last.unit,
        category=last.category,
        site=last.site,
        ref_count=1,
    )


def _without_weekends(at: Instant, wait: int) -> Instant:
    """The instant when ``wait`` has passed on Mondays to Fridays."""
    while True:
        day = civil_day(at)
        midnight = day_start(day + 1)
        if (day + _MONDAY) % 7 < 5:
            if wait <= midnight - at:
                return at + wait
            wait -= midnight - at
        at = midnight


def _is_watched(view: View, due: Instant) -> bool:
    """Whether the site was still registered at the deadline: one that was given up owes no report."""
    site = home_of(view.key)
    known = site in view.reference.subjects(SiteEntry)
    return not known or view.reference.registered(SiteEntry, site, due) is not None
