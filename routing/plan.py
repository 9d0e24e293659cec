"""What one rule means at one place: the offices, before any clock starts. The part of routing that repeats.

Law kept: a pure function of (policy, areas, rule, place, instant), so it may be remembered, within a limit.
"""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from events.time import Instant
from routing.area import LEVEL_NAMES, RANK, Level
from routing.areas import Areas
from routing.policy import Policy, Rule
from routing.question import Authority, Reason, Role, Why
from routing.seat import Flaw, Seat, seat


class Part(Struct, frozen=True):
    """One office's part in a warning: as what, and why."""

    role: Role
    authority: Authority
    why: tuple[Why, ...]


def handler(policy: Policy, areas: Areas, rule: Rule, place: str, at: Instant) -> Seat | Flaw:
    """The one office that handles what ``rule`` says at ``place``, or what is wrong with the cell."""
    lead, level = rule.settings.lead, rule.settings.level
    if lead is None:
        return Flaw.NO_HANDLER
    found = seat(lead, level, place, at, policy=policy, areas=areas)
    if isinstance(found, Flaw):
        return found
    climbed = any(step.reason is Reason.LEVEL_MISSING for step in found.why)
    if climbed and policy.missing_level == "refuse":
        return Flaw.LEVEL_MISSING
    if found.authority.area_id not in {area.id for area in areas.chain(place, at)}:
        return Flaw.OUTSIDE
    return found


@lru_cache(maxsize=16_384)
def parts(policy: Policy, areas: Areas, rule: Rule, place: str, at: Instant) -> tuple[Part, ...] | Flaw:
    """Handler, co-handlers and informed offices of ``rule`` at ``place``, each office once, or the flaw."""
    head = handler(policy, areas, rule, place, at)
    if isinstance(head, Flaw):
        return head
    found = [Part(Role.HANDLER, head.authority, (_lead(rule), _level(rule, head), *head.why))]
    for role, targets in (
        (Role.CO_HANDLER, rule.settings.co_handlers),
        (Role.INFORMED, rule.settings.informed),
    ):
        for target in targets:
            level = target.level or rule.settings.level
            other = seat(target.agency, level, place, at, policy=policy, areas=areas)
            if isinstance(other, Seat) and all(other.authority.id != part.authority.id for part in found):
                found.append(Part(role, other.authority, (_told(rule, role), *other.why)))
    return tuple(found)


@lru_cache(maxsize=16_384)
def along(policy: Policy, areas: Areas, rule: Rule, place: str, at: Instant) -> tuple[Part, ...]:
    """The offices told because the trip begins, passes or ends at ``place``."""
    found = []
    for agency in rule.settings.along:
        office = seat(agency, Level.COUNTY, place, at, policy=policy, areas=areas)
        if isinstance(office, Seat):
            zh, en = "起运地、途经地或目的地（本地规定）", "origin, transit or destination (local policy)"
            why = Why(Reason.ALONG_THE_WAY, zh, en, rule.id, rule.line)
            found.append(Part(Role.INFORMED, office.authority, (why, *office.why)))
    return tuple(found)


def last_resort(policy: Policy, areas: Areas, at: Instant) -> Part:
    """The office that receives what no rule can place; it exists at every instant."""
    agency, area_id = policy.fallback
    office, place = policy.agencies[agency].name, areas.name(area_id, at)
    named = Authority(agency, area_id, (place[0] + office[0], f"{office[1]}, {place[1]}"))
    zh, en = "无规则可循，由兜底机关主办", "no rule can place it: the office of last resort handles it"
    return Part(Role.HANDLER, named, (Why(Reason.NO_RULE, zh, en, "fallback"),))


def _why(rule: Rule, reason: Reason, zh: str, en: str) -> Why:
    settings = rule.settings
    return Why(reason, zh, en, rule.id, rule.line, settings.basis, settings.verified)


def _lead(rule: Rule) -> Why:
    return _why(rule, Reason.LEAD, *rule.settings.text)


def _told(rule: Rule, role: Role) -> Why:
    return _why(rule, Reason(role.value), *rule.settings.text)


def _level(rule: Rule, found: Seat) -> Why:
    asked = LEVEL_NAMES[rule.settings.level]
    zh, en = f"由{asked[0]}机关处置", f"handled at {asked[1]}"
    if RANK[found.level] > RANK[rule.settings.level]:
        zh, en = zh + "，或其上一级", en + ", or the next above"
    return Why(Reason.LEVEL, zh, en, rule.id, rule.line, rule.settings.level_basis, bool(rule.settings.level_basis))
