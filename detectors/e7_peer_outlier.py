"""E7 同类离群: a unit's day is unlike its own days and its peers' days, says the isolation forest in force.

Law kept: a day is judged once it is over, by the unit's own earlier days and the published peers, and by nothing
else; without a model, or while the unit is still warming up, nothing is said. Late facts fold into the same score.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Final, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number, cite
from detectors.detector import Card, Step, View
from detectors.outlier_words import outlier_words
from detectors.season import nearness
from detectors.unit_days import anchor, counted, segment, strand
from events.identity import home_of
from events.quantity import Measure
from events.registry import Category, UnitEntry
from events.time import Instant, civil_day, day_start, day_text
from ledger.fact import Body, Fact, Movement, Ref
from models.baseline import EVERYBODY, Trailing, absorb
from models.calibrate import Budget, Limit, limit
from models.judge import Judgement, judge, score_day, score_in_season
from models.season import FARTHEST, Season
from models.unit_day import UnitDay

DIGITS: Final = 6
"""Digits of scores and features in the evidence."""


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """How many false alarms are borne, and which days belong together.

    ``alarms_per_week`` of ``scored_per_week`` clean unit-days may be raised, kept with ``confidence``;
    ``bridge_days``: an outlier so many days after the last one, with only idle days between, goes on with it.
    ``festival_factor``: up to how many times its usual entries and quantities a unit's day may have from
    ``festival_days`` before the Spring Festival to ``after_festival`` days after it, and ``days_off_factor`` near
    three or more days off in a row: that much, or how much less it is, is taken off before the day is judged.
    """

    alarms_per_week: Annotated[float, Meta(gt=0)] = 2.0
    scored_per_week: Annotated[float, Meta(gt=0)] = 1000.0
    confidence: Annotated[float, Meta(gt=0, lt=1)] = 0.9
    bridge_days: Annotated[int, Meta(ge=1)] = 3
    festival_factor: Annotated[float, Meta(ge=1)] = 1.0
    festival_days: Annotated[int, Meta(ge=0, le=FARTHEST)] = 45
    after_festival: Annotated[int, Meta(ge=0, le=FARTHEST)] = 0
    days_off_factor: Annotated[float, Meta(ge=1)] = 1.0
    before_days_off: Annotated[int, Meta(ge=0, le=FARTHEST)] = 10
    after_days_off: Annotated[int, Meta(ge=0, le=FARTHEST)] = 0

    @property
    def season(self) -> Season:
        """What is allowed near days off."""
        return Season(*(getattr(self, name) for name in Season.__struct_fields__))


class Run(Struct, frozen=True, array_like=True, gc=False):
    """Outlier days that belong together: the last one, the day on which the run is over, and the claim."""

    last: int
    expires: int
    claim: Claim


class Days(Struct, frozen=True, array_like=True, gc=False):
    """One category and measure of a unit: today so far, the days before it, and the run of outliers if any."""

    category: Category
    measure: Measure
    today: UnitDay
    area: str
    refs: tuple[Ref, ...] = ()
    trailing: Trailing = Trailing()
    run: Run | None = None


class Kept(Struct, frozen=True, array_like=True, gc=False):
    """A unit's days, by category and measure."""

    strands: tuple[Days, ...] = ()


class _Verdict(Struct, frozen=True, gc=False):
    """A day that was judged: the threshold, why it stands out if it does, and whose clean scores say so."""

    limit: Limit
    why: Judgement | None
    season: dict[str, Number] = {}
    units: int = 0
    stratum: str = EVERYBODY


class PeerOutlier:
    """Claims for days whose score is above the threshold; evidence: score, threshold, what made it so."""

    card: ClassVar = Card(
        id="E7",
        name="PEER_OUTLIER",
        title=("同类离群", "A day unlike its peers"),
        predicate=(
            "单位某日(按类别和计量)的流向特征经孤立森林评分高于阈值；阈值由无异常历史按每周允许误报数标定；春节与长假前后按"
            "与平日之比扣除后再评；相邻离群日合为一次",
            "the isolation forest scores a unit's day (by category and measure) above the threshold, set on clean "
            "history for a number of false alarms a week; near the Spring Festival and long holidays its times the "
            "usual are taken off first; neighbouring outlier days are one finding",
        ),
        misses=(
            "与平日和同类相似的违规；未上报的流向；活动日不足或已知未满两周(预热)的单位；没有生效模型的类别；"
            "训练数据中已有的异常；只是数量大、别无异常的一天(大小超出训练范围后得分不再升高；购入量由 E1 "
            "判断)；春节与长假前后系数以内的多进多出、少进少出(模型未学过这些日子；无日历的年份，"
            "春节可能的每一天都算)；得分只说明少见，不说明违法",
            "wrong that looks like any other day; what is not reported; units with too few active days, or known "
            "for less than two weeks; categories without a model in force; whatever was in the training data; a "
            "day that is strange in size alone (beyond what it learnt a forest's score rises no more; E1 judges "
            "what is bought); near the Spring Festival and long holidays, which the models never saw, more than "
            "usual up to the factor, and less (without a calendar, any day that the festival can have). A score "
            "says rare, not unlawful",
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
        "bridge_days": "higher",
        "festival_factor": "lower",
        "festival_days": "lower",
        "after_festival": "lower",
        "days_off_factor": "lower",
        "before_days_off": "lower",
        "after_days_off": "lower",
    }
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))

    def start(self) -> Kept:
        """No day yet."""
        return Kept()

    def see(self, state: Kept, step: Step, view: View) -> tuple[Kept, Sequence[Claim]]:
        """Judge the days that are over, then count the movement to its own; only what the unit reported itself."""
        fact, moved = step.fact, step.fact.body
        if not isinstance(moved, Movement) or moved.unit != home_of(view.key):
            return state, ()
        today = civil_day(fact.at)
        if len(state.strands) == 1 and _same_day(state.strands[0], moved, today):
            return Kept((_counted(state.strands[0], fact, moved),)), ()
        turned = [_turn(days, today, view) for days in state.strands]
        strands = {(days.category, days.measure): days for days, _ in turned}
        of = strand(moved)
        strands[of] = _counted(strands.get(of) or Days(*of, UnitDay(today), moved.area), fact, moved)
        return Kept(tuple(strands[of] for of in sorted(strands))), [claim for _, told in turned for claim in told]

    def at(self, state: Kept, now: Instant, view: View) -> Sequence[Claim]:
        """What the days that are over say, if nothing more comes."""
        return [claim for days in state.strands for claim in _turn(days, civil_day(now), view)[1]]

    def wakes(self, state: Kept, view: View) -> Sequence[Instant]:
        """The ends of the days that are under way, and of the runs that they may leave open."""
        found: set[int] = set()
        for days in state.strands:
            if days.today.count:
                day = days.today.day
                found |= {day + 1, day + _parameters(days, day, view).bridge_days + 1}
            if days.run is not None:
                found.add(days.run.expires)
        return [day_start(day) for day in sorted(found)]

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """Which day, how strange, and the features that made it so."""
        return outlier_words(finding.claim, lang)


def _same_day(days: Days, moved: Movement, today: int) -> bool:
    """Whether one more movement turns no day, and so ends no run either: most do neither."""
    return days.today.day == today and (days.category, days.measure) == strand(moved)


def _counted(days: Days, fact: Fact, moved: Movement) -> Days:
    return replace(days, today=counted(days.today, fact, moved), area=moved.area, refs=cite(days.refs, fact.ref))


def _turn(days: Days, to_day: int, view: View) -> tuple[Days, tuple[Claim, ...]]:
    """The strand as a later day begins: today judged and put behind, a run ended that nothing went on with."""
    claims: dict[str, Claim] = {}
    today = days.today
    if today.day < to_day and today.count:
        if days.run is not None and today.day >= days.run.expires:
            days = _ended(days, claims)
        verdict = _judged(days, view)
        if verdict is not None:
            days = (
                _ended(days, claims) if verdict.why is None else _went_on(days, verdict, verdict.why, view, claims)
            )
        days = replace(days, today=UnitDay(to_day), refs=(), trailing=absorb(days.trailing, today))
    elif today.day < to_day:
        days = replace(days, today=UnitDay(to_day))
    if days.run is not None and to_day >= days.run.expires:
        days = _ended(days, claims)
    return days, tuple(claims.values())


def _judged(days: Days, view: View) -> _Verdict | None:
    """Today's verdict; None without a model, without clean scores, or while the unit is warming up."""
    last = day_start(days.today.day + 1) - 1
    model = view.world.model(days.category, last)
    if model is None:
        return None
    p = _parameters(days, days.today.day, view)
    peers = segment((days.category, days.measure), view.reference.in_force(UnitEntry, "self", last))
    depends = model.dependence(peers)
    budget = Budget(p.alarms_per_week, p.scored_per_week, p.confidence)
    found = limit(model.clean_of(peers), budget, depends.effects)
    score = score_day(model, days.today, trailing=days.trailing, segment=peers)
    if found is None or score is None:
        return None
    if score <= found.score:
        return _Verdict(found, None)
    season: dict[str, Number] = {}
    near = nearness(view.world.reference, last, days.today.day)
    if (allowed := p.season.allows(near)) > 1.0:
        of, even = score_in_season(model, days.today, trailing=days.trailing, segment=peers)
        even = min(even, score)
        by = "calendar" if near.known else "any_date"
        if of <= allowed and even <= found.score:
            return _Verdict(found, None)
        season = {
            "season_factor": allowed,
            "times_usual": round(of, 3),
            "score_even": round(even, DIGITS),
            "season_by": by,
        }
    why = judge(model, days.today, trailing=days.trailing, segment=peers)
    return _Verdict(found, why, season, depends.units, model.stratum(peers))


def _went_on(days: Days, verdict: _Verdict, why: Judgement, view: View, claims: dict[str, Claim]) -> Days:
    """A run begun or prolonged by today; the claim shows its strangest day."""
    day, p = days.today.day, _parameters(days, days.today.day, view)
    numbers = _numbers(days, verdict, why)
    if days.run is None:
        claim = _begun(days, numbers, view)
    else:
        known = days.run.claim
        stranger = round(why.score, DIGITS) > float(known.numbers["score"])
        shown = numbers if stranger else known.numbers
        claim = replace(
            known,
            numbers={**shown, "first_day": known.numbers["first_day"], "days": int(known.numbers["days"]) + 1},
            refs=days.refs if stranger else known.refs,
            ref_count=known.ref_count + days.today.count,
        )
    claims[claim.anchor] = claim
    return replace(days, run=Run(day, day + p.bridge_days + 1, claim))


def _begun(days: Days, numbers: dict[str, Number], view: View) -> Claim:
    unit, day = home_of(view.key), days.today.day
    last = day_start(day + 1) - 1
    area = _area(days, last, view)
    terms = view.terms("E7", last, category=days.category, area=area, unit=unit)
    return Claim(
        anchor=anchor(unit, days.category, days.measure, day),
        since=day_start(day),
        speaks_at=terms.speaks(last),
        refs=days.refs,
        numbers=numbers,
        area=area,
        unit=unit,
        category=days.category,
        ref_count=days.today.count,
    )


def _ended(days: Days, claims: dict[str, Claim]) -> Days:
    """The strand without its run, which ends with its last outlier day."""
    if days.run is not None:
        claim = replace(days.run.claim, until=day_start(days.run.last + 1))
        claims[claim.anchor] = claim
    return replace(days, run=None)


def _numbers(days: Days, verdict: _Verdict, why: Judgement) -> dict[str, Number]:
    day, found = day_text(days.today.day), verdict.limit
    numbers: dict[str, Number] = {
        "first_day": day,
        "day": day,
        "days": 1,
        "score": round(why.score, DIGITS),
        "threshold": round(found.score, DIGITS),
        "threshold_rests_on": found.basis.value,
        "clean_scores": found.clean,
        "clean_units": verdict.units,
        "clean_worth": found.worth,
        "clean_scores_of": "everybody" if verdict.stratum == EVERYBODY else verdict.stratum,
        "p": round(why.p, DIGITS),
        "events": days.today.count,
        "throughput": days.today.throughput,
        "measure": days.measure.value,
        "model": why.model,
        **verdict.season,
    }
    for number, part in enumerate(why.because, 1):
        numbers[f"feature_{number}"] = part.feature
        numbers[f"value_{number}"] = round(part.value, DIGITS)
        numbers[f"usual_{number}"] = round(part.usual, DIGITS)
        numbers[f"adds_{number}"] = round(part.contribution, DIGITS)
    return numbers


def _parameters(days: Days, day: int, view: View) -> Parameters:
    last = day_start(day + 1) - 1
    area = _area(days, last, view)
    terms = view.terms("E7", last, category=days.category, area=area, unit=home_of(view.key))
    found = terms.parameters
    assert isinstance(found, Parameters)
    return found


def _area(days: Days, at: Instant, view: View) -> str:
    """The unit's county as registered, else that of the site it last moved something at."""
    entry = view.reference.in_force(UnitEntry, "self", at)
    return days.area if entry is None else entry.area
