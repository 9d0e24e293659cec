"""Reads a routing policy from its TOML text and proves it before anything is routed by it.

Law kept: routing is total and single-headed. ``load_policy`` returns a proven policy or raises ``Unusable``
that names what is wrong, where, and how to mend it; there is no third way.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable
from itertools import pairwise

from events.time import civil_day, day_text
from routing.area import Level
from routing.areas import Areas
from routing.clocks import Clock, Length, Start, parse_length
from routing.page import Page, Table
from routing.policy import ActsAs, Agency, Policy, Redirect, Rule
from routing.policy_rules import Vocabulary, read_rules
from routing.proof import Hole, prove
from routing.question import SEVERITIES, UNIT
from routing.unusable import Problem, Unusable

_SECTIONS = ("policy", "fallback", "agency", "acts_as", "redirect", "clock", "route")
_LEVELS = tuple(str(level) for level in Level)
_MISSING = ("refuse", "up")


def load_policy(text: str, areas: Areas, detectors: Iterable[str]) -> Policy:
    """The proven policy of ``text``, or ``Unusable``; ``detectors`` are the ids of the whole catalogue."""
    page = Page(text)
    try:
        raw: Table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        mend = "按 TOML 语法改正", "correct the TOML"
        problem = Problem(None, "toml", (f"无法读取：{error}", f"unreadable: {error}"), mend)
        raise Unusable("routing policy", [problem]) from None
    ids = tuple(detectors)
    policy = _policy(page, raw, areas, ids)
    if page.problems:
        raise Unusable(policy.version, page.problems)
    applied: set[str] = set()
    for at in (policy.effective_from, *(c for c in areas.changes if c > policy.effective_from)):
        found = prove(policy, areas, ids, at)
        if isinstance(found, tuple):
            raise Unusable(f"{policy.version} as of {day_text(civil_day(at))}", map(Hole.problem, found))
        applied |= found.rules
    idle = [rule for rule in policy.root.walk() if rule.id not in applied]
    if idle:
        raise Unusable(policy.version, map(_idle, idle))
    return policy


def _idle(rule: Rule) -> Problem:
    what = "任何预警都不适用该规则", "no warning can ever meet this rule"
    return Problem(rule.line, rule.id, what, ("改正 match，或删去该规则", "correct its match, or drop it"))


def _policy(page: Page, raw: Table, areas: Areas, detectors: tuple[str, ...]) -> Policy:
    page.only("", raw, _SECTIONS)
    head = page.table(raw, "policy")
    page.only("policy", head, ("name", "effective_from", "missing_level"))
    name = page.word("policy", head, "name")
    effective_from = page.day("policy", head, "effective_from")
    agencies = _agencies(page, raw)
    clocks = _clocks(page, raw)
    words = Vocabulary(detectors, frozenset(agencies), areas, clocks)
    digest = hashlib.sha256(page.text.replace("\r\n", "\n").encode()).hexdigest()[:12]
    return Policy(
        name=name,
        version=f"{name}-{day_text(civil_day(effective_from))}-{digest}",
        effective_from=effective_from,
        missing_level=page.word("policy", head, "missing_level", _MISSING),
        agencies=agencies,
        clocks=clocks,
        acts_as=_acts_as(page, raw, areas),
        redirects=_redirects(page, raw, areas),
        fallback=_fallback(page, raw, agencies, areas),
        root=read_rules(page, page.table(raw, "route"), words),
    )


def _agencies(page: Page, raw: Table) -> dict[str, Agency]:
    found: dict[str, Agency] = {}
    section = page.table(raw, "agency")
    for agency in section:
        name = f"agency.{agency}"
        body = page.table(section, agency, within="agency")
        page.only(name, body, ("zh", "en", "levels"))
        if agency == UNIT or not agency.replace("_", "").isalnum():
            what = f"名称 {agency} 不可用", f"{agency!r} cannot be an agency's name"
            page.fault(name, "", what, ("用小写字母与下划线", "use letters and underscores, not 'unit'"))
        levels = frozenset(Level(w) for w in page.words(name, body, "levels", _LEVELS) if w in _LEVELS)
        found[agency] = Agency(agency, page.texts(name, body), levels)
    return found


def _clocks(page: Page, raw: Table) -> dict[str, Clock]:
    found: dict[str, Clock] = {}
    section = page.table(raw, "clock")
    for clock in section:
        name = f"clock.{clock}"
        body = page.table(section, clock, within="clock")
        page.only(name, body, ("zh", "en", "start", "basis_zh", "basis_en", *SEVERITIES))
        start = page.word(name, body, "start", tuple(Start))
        found[clock] = Clock(
            id=clock,
            line=page.line(name),
            start=Start(start) if start in tuple(Start) else Start.RAISED,
            name=page.texts(name, body),
            basis=page.texts(name, body, "basis_"),
            lengths=_lengths(page, name, body),
        )
    return found


def _lengths(page: Page, name: str, body: Table) -> dict[str, Length]:
    lengths: dict[str, Length] = {}
    for severity in SEVERITIES:
        text = page.word(name, body, severity)
        length = parse_length(text)
        if length is not None:
            lengths[severity] = length
        elif text:
            what = f"{text} 不是时限", f"{text!r} is no length"
            page.fault(name, severity, what, ('如 "2 h" 或 "5 d"', 'write "2 h" or "5 d"'))
    for urgent, calm in pairwise(SEVERITIES):
        if urgent in lengths and calm in lengths and lengths[urgent].due(0) > lengths[calm].due(0):
            what = f"{urgent} 的时限长于 {calm}", f"{urgent} is given longer than {calm}"
            page.fault(name, urgent, what, ("紧急的应更短", "the urgent one must not be longer"))
    return lengths


def _acts_as(page: Page, raw: Table, areas: Areas) -> dict[str, ActsAs]:
    found: dict[str, ActsAs] = {}
    section = page.table(raw, "acts_as") if "acts_as" in raw else {}
    for area in section:
        name = f"acts_as.{area}"
        body = page.table(section, area, within="acts_as")
        page.only(name, body, ("levels", "zh", "en"))
        page.known_area(name, area, areas)
        levels = frozenset(Level(w) for w in page.words(name, body, "levels", _LEVELS) if w in _LEVELS)
        found[area] = ActsAs(levels, page.line(name), page.texts(name, body))
    return found


def _redirects(page: Page, raw: Table, areas: Areas) -> dict[str, Redirect]:
    found: dict[str, Redirect] = {}
    section = page.table(raw, "redirect") if "redirect" in raw else {}
    for area in section:
        name = f"redirect.{area}"
        body = page.table(section, area, within="redirect")
        page.only(name, body, ("to", "zh", "en"))
        page.known_area(name, area, areas)
        to = page.word(name, body, "to")
        page.known_area(name, to, areas)
        found[area] = Redirect(to, page.line(name), page.texts(name, body))
    return found


def _fallback(page: Page, raw: Table, agencies: dict[str, Agency], areas: Areas) -> tuple[str, str]:
    body = page.table(raw, "fallback")
    page.only("fallback", body, ("agency", "area"))
    agency, area = page.word("fallback", body, "agency", agencies), page.word("fallback", body, "area")
    page.known_area("fallback", area, areas)
    return agency, area
