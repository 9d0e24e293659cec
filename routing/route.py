"""``route``: one finding in, all its recipients out. Who handles, who helps, who knows, why, due when.

Law kept: total and pure. Every question gets exactly one handler, even one about a place nobody knows; the
answer is a function of (question, policy, areas) alone, stamped with the versions of both.
"""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from events.time import Instant
from routing.areas import Areas
from routing.clocks import START_NAMES, Clock, Length, Start
from routing.plan import Part, along, last_resort, parts
from routing.policy import Cell, Policy, Rule
from routing.question import (
    SEVERITIES,
    SEVERITY_NAMES,
    Answer,
    Enterprise,
    Obligation,
    Question,
    Reason,
    Recipient,
    Role,
    Why,
)


class Due(Struct, frozen=True):
    """What the clocks of a rule ask at one severity: the length for signing, and what follows it."""

    sign: Length
    basis: tuple[str, str]
    later: tuple[Obligation, ...]


class Plan(Struct, frozen=True):
    """Everything about a cell that does not depend on the single finding."""

    rule: Rule
    parts: tuple[Part, ...]
    due: Due
    why: tuple[Why, ...]


def route(question: Question, policy: Policy, areas: Areas) -> Answer:
    """The recipients of one finding: the handler first, each authority once, in its weightiest role."""
    now = areas.epoch(question.raised_at)
    place, found = _place(areas, question.area, question.unit_area, areas.epoch(question.at), now)
    plan = _plan(
        policy, areas, place, now, (question.category, question.detector, question.severity, question.site_kind)
    )
    told = plan.parts
    if question.informed_areas:
        told = _with_the_way(question, plan, now, policy=policy, areas=areas)
    recipients = [_recipient(part, plan, question.raised_at) for part in told]
    unit, held, unit_why = _unit(question, plan)
    return Answer(
        question.finding_id,
        (*recipients, *unit),
        held,
        policy.version,
        areas.version,
        (*found, *plan.why, *unit_why),
    )


def _recipient(part: Part, plan: Plan, raised_at: Instant) -> Recipient:
    due, masked = plan.due, part.role is Role.INFORMED
    return Recipient(
        part.role,
        part.authority,
        masked,
        due.sign.due(raised_at),
        *due.basis,
        () if masked else due.later,
        plan.rule.settings.channels,
        part.why,
    )


def _unit(question: Question, plan: Plan) -> tuple[tuple[Recipient, ...], tuple[Recipient, ...], tuple[Why, ...]]:
    if question.inform_unit == "never" or not question.unit:
        return (), (), (_UNIT_NEVER,)
    due, now = plan.due, question.inform_unit == "now"
    recipient = Recipient(
        Role.UNIT,
        Enterprise(question.unit, (f"从业单位 {question.unit}", f"unit {question.unit}")),
        False,
        due.sign.due(question.raised_at) if now else None,
        *(due.basis if now else ("", "")),
        due.later if now else (),
        plan.rule.settings.channels,
        (_UNIT_NOW if now else _UNIT_AFTER,),
    )
    return ((recipient,), (), ()) if now else ((), (recipient,), (_UNIT_AFTER,))


def _with_the_way(
    question: Question, plan: Plan, now: Instant, *, policy: Policy, areas: Areas
) -> tuple[Part, ...]:
    told, named = list(plan.parts), {part.authority.id for part in plan.parts}
    for code in filter(None, question.informed_areas):  # an empty one says that nobody knows it
        place, found = _place(areas, code, "", areas.epoch(question.at), now)
        for part in along(policy, areas, plan.rule, place or policy.fallback[1], now):
            if part.authority.id not in named:
                named.add(part.authority.id)
                told.append(part if place else Part(part.role, part.authority, (*found, *part.why)))
    return tuple(told)


@lru_cache(maxsize=16_384)
def _place(
    areas: Areas, code: str, unit_area: str, at: Instant, now: Instant
) -> tuple[str | None, tuple[Why, ...]]:
    """The area that answers now for the place as it was then, and how it was found."""
    why: list[Why] = []
    then = areas.place(code, at)
    if then is None and unit_area:
        then = areas.place(unit_area, at)
        zh, en = f"{code} 不在区划表中，改依单位（托运人）所在地", f"{code} is outside the table: the unit's county"
        why.append(Why(Reason.OUTSIDE_TABLE, zh, en))
    heir = areas.successor(then.id, now) if then else None
    if then is None or heir is None:
        zh, en = f"{code} 当前无归属区划", f"no area answers for {code} now"
        return None, (*why, Why(Reason.UNKNOWN_PLACE, zh, en))
    names = areas.name(then.id, at)
    why.append(Why(Reason.PLACE, f"事发地 {code} 为{names[0]}", f"{code} was then {names[1]}"))
    if heir.id != then.id:
        zh, en = f"{then.zh}已由{heir.zh}（{heir.id}）继承", f"{then.en} was succeeded by {heir.en} ({heir.id})"
        why.append(Why(Reason.SUCCEEDED, zh, en, article=heir.source, verified=heir.source.startswith("[V]")))
    return heir.id, tuple(why)


@lru_cache(maxsize=65_536)
def _plan(policy: Policy, areas: Areas, place: str | None, now: Instant, cell: tuple[str, str, str, str]) -> Plan:
    category, detector, severity, site_kind = cell
    why: list[Why] = []
    if severity not in SEVERITIES:
        zh, en = f"未知的等级 {severity}，按红色计时", f"unknown severity {severity}: clocks as for red"
        why.append(Why(Reason.UNKNOWN_SEVERITY, zh, en))
        severity = SEVERITIES[0]
    seen = frozenset(area.id for area in areas.chain(place or "", now))
    rule = policy.rule(Cell(category, detector, severity, site_kind, seen))
    found = parts(policy, areas, rule, place, now) if place else None
    told = found if isinstance(found, tuple) else (last_resort(policy, areas, now),)
    clocks = [policy.clocks[clock] for clock in rule.settings.clocks]
    return Plan(rule, told, _due(clocks, severity, policy), tuple(why))


def _due(clocks: list[Clock], severity: str, policy: Policy) -> Due:
    sign = next(clock for clock in clocks if clock.start is Start.RAISED)
    later = []
    for clock in clocks:
        if clock is not sign:
            length = clock.lengths[severity]
            later.append(
                Obligation(
                    clock.id,
                    str(clock.start),
                    f"{length.count} {length.reading}",
                    *_spoken(clock, severity, policy),
                )
            )
    return Due(sign.lengths[severity], _spoken(sign, severity, policy), tuple(later))


def _spoken(clock: Clock, severity: str, policy: Policy) -> tuple[str, str]:
    length, colour, start = clock.lengths[severity].text(), SEVERITY_NAMES[severity], START_NAMES[clock.start]
    at = f"{policy.version} clock.{clock.id}" + (f":{clock.line}" if clock.line else "")
    return (
        f"{start[0]} {length[0]}内{clock.name[0]}（{colour[0]}）；{clock.basis[0]}；{at}",
        f"{clock.name[1]} within {length[1]} {start[1]} ({colour[1]}); {clock.basis[1]}; {at}",
    )


_UNIT_NOW = Why(
    Reason.UNIT_NOW, "从业单位亦须处置预警", "the unit disposes of warnings too", article="管理办法第十五条"
)
_UNIT_AFTER = Why(
    Reason.UNIT_AFTER_DISPOSAL,
    "为免惊动内部人员，处置后再告知从业单位",
    "told to the unit only after disposal, so as not to tip off an insider",
)
_UNIT_NEVER = Why(Reason.UNIT_NEVER, "不告知从业单位", "the unit is not told")
