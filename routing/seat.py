"""Finds the office that acts: from a place and an asked level up to the authority that sits there.

Law kept: every search ends. It only climbs the dated chain of superiors and follows a redirect at most
once each; what cannot be answered is a flaw with a name, never a guess.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from events.time import Instant
from routing.area import LEVEL_NAMES, RANK, Area, Level
from routing.areas import Areas
from routing.policy import Policy
from routing.question import Authority, Reason, Why


class Flaw(StrEnum):
    """What can be wrong with a cell of the policy."""

    NO_HANDLER = "no_handler"
    TWO_RULES = "two_rules"
    LEVEL_MISSING = "level_missing"
    NO_ADDRESSEE = "no_addressee"
    AGENCY_ABSENT = "agency_absent"
    OUTSIDE = "outside"
    LOOP = "loop"


class Seat(Struct, frozen=True):
    """The authority found, its level, and the steps that led there."""

    authority: Authority
    level: Level
    why: tuple[Why, ...]


def seat(agency: str, level: Level, place: str, at: Instant, *, policy: Policy, areas: Areas) -> Seat | Flaw:
    """The ``agency``'s office for ``place`` at ``level``, or the next one above that exists."""
    steps: list[Why] = []
    start = _addressed(areas.area(place), at, policy=policy, areas=areas, steps=steps)
    if isinstance(start, Flaw):
        return start
    for area in areas.chain(start.id, at):
        if not _stands(area, agency, level, policy):
            continue
        found = _addressed(area, at, policy=policy, areas=areas, steps=steps)
        if isinstance(found, Flaw):
            return found
        if found.level not in policy.agencies[agency].levels:
            return Flaw.AGENCY_ABSENT
        steps.extend(_climbed(found, start, level, policy))
        return Seat(authority(agency, found, at, policy=policy, areas=areas), found.level, tuple(steps))
    return Flaw.AGENCY_ABSENT


def superior(of: Authority, at: Instant, *, policy: Policy, areas: Areas) -> Authority | None:
    """Who an authority answers to: the same agency one level up, missing levels skipped; None at the top."""
    for area in areas.chain(of.area_id, at)[1:]:
        found = _addressed(area, at, policy=policy, areas=areas, steps=[])
        if isinstance(found, Area) and found.level in policy.agencies[of.agency].levels:
            return authority(of.agency, found, at, policy=policy, areas=areas)
    return None


def authority(agency: str, area: Area, at: Instant, *, policy: Policy, areas: Areas) -> Authority:
    """The authority of that agency and area, with its full name."""
    office, place = policy.agencies[agency].name, areas.name(area.id, at)
    return Authority(agency, area.id, (place[0] + office[0], f"{office[1]}, {place[1]}"))


def _stands(area: Area, agency: str, level: Level, policy: Policy) -> bool:
    extra = policy.acts_as.get(area.id)
    high_enough = RANK[area.level] >= RANK[level] or (extra is not None and level in extra.levels)
    return high_enough and area.level in policy.agencies[agency].levels


def _addressed(area: Area | None, at: Instant, *, policy: Policy, areas: Areas, steps: list[Why]) -> Area | Flaw:
    seen: set[str] = set()
    while area is not None and not area.addressee:
        redirect = policy.redirects.get(area.id)
        if redirect is None:
            return Flaw.NO_ADDRESSEE
        if area.id in seen:
            return Flaw.LOOP
        seen.add(area.id)
        if not any(step.rule == f"redirect.{area.id}" for step in steps):
            steps.append(Why(Reason.REDIRECTED, *redirect.text, f"redirect.{area.id}", redirect.line))
        area = areas.area(redirect.to)
    return area if area is not None and area.in_force(at) else Flaw.NO_ADDRESSEE


def _climbed(found: Area, start: Area, level: Level, policy: Policy) -> list[Why]:
    asked, has = LEVEL_NAMES[level], LEVEL_NAMES[found.level]
    extra = policy.acts_as.get(found.id)
    if found.level is level:
        return []
    if extra is not None and level in extra.levels:
        return [Why(Reason.ACTS_AS, *extra.text, f"acts_as.{found.id}", extra.line)]
    if found.id == start.id:
        return [
            Why(Reason.PLACE_ABOVE_LEVEL, f"该地本身即为{has[0]}", f"the place itself is of {has[1]}"),
        ]
    return [
        Why(
            Reason.LEVEL_MISSING,
            f"该地没有{asked[0]}机关，由上一级（{has[0]}）承接",
            f"no office of {asked[1]} there: the next one above ({has[1]}) takes it",
        )
    ]
