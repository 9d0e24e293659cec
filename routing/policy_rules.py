"""Reads the tree of rules: ``[route]``, ``[route.firearms]``, ``[route.firearms.road]`` and so on.

Law kept: a word that is nobody's (category, detector, agency, clock, channel) is refused, never ignored:
a rule that matches nothing by a slip of the pen would leave a hole nobody sees.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, cast

from msgspec import Struct
from msgspec.structs import replace

from events.registry import Category
from routing.area import Level
from routing.areas import Areas
from routing.clocks import Clock, Start
from routing.page import Page, Table
from routing.policy import CHANNELS, Match, Rule, Settings, Target
from routing.question import SEVERITIES

SITE_KINDS: Final = ("store", "plant", "shop", "use_point")
_CATEGORIES: Final = tuple(str(category) for category in Category)
_LEVELS: Final = tuple(str(level) for level in Level)
_MATCH: Final = ("category", "detector", "severity", "site_kind", "area")
RULE_KEYS: Final = (
    "match", "lead", "level", "co_handlers", "informed", "along", "clocks", "channels", "basis",
    "level_basis", "verified", "zh", "en",
)  # fmt: skip


class Vocabulary(Struct, frozen=True):
    """The words a rule may use."""

    detectors: tuple[str, ...]
    agencies: frozenset[str]
    areas: Areas
    clocks: dict[str, Clock]


def read_rules(page: Page, raw: Table, words: Vocabulary) -> Rule:
    """The whole tree under ``[route]``."""
    return _rule(page, "route", raw, words, Settings())


def _rule(page: Page, path: str, raw: Table, words: Vocabulary, above: Settings) -> Rule:
    root = path == "route"
    children = {k: cast("Table", v) for k, v in raw.items() if k not in RULE_KEYS and isinstance(v, dict)}
    page.only(path, {k: v for k, v in raw.items() if k not in children}, RULE_KEYS)
    match = Match()
    if not root and not isinstance(raw.get("match"), dict):
        what = "规则没有 match（或字段名写错）", "a rule without match, or a misspelt key"
        page.fault(path, "", what, ("写上 match = { … }", "write match = { ... }"))
    elif root and "match" in raw:
        what = "根规则适用于一切", "the root applies to everything"
        page.fault(path, "match", what, ("移入子规则", "move it into a rule below"))
    elif not root:
        match = _match(page, path, cast("Table", raw["match"]), words)
    settings = _settings(page, path, raw, words, above)
    return Rule(
        id=path,
        line=page.line(path),
        match=match,
        settings=settings,
        children=tuple(_rule(page, f"{path}.{k}", v, words, settings) for k, v in children.items()),
    )


def _match(page: Page, path: str, raw: Table, words: Vocabulary) -> Match:
    page.only(path, raw, _MATCH)
    given: dict[str, frozenset[str]] = {}
    allowed = {
        "category": _CATEGORIES,
        "detector": (*words.detectors, *sorted({f"{d[0]}*" for d in words.detectors})),
        "severity": SEVERITIES,
        "site_kind": SITE_KINDS,
        "area": None,
    }
    for key in raw:
        if key in allowed:
            given[key] = frozenset(page.words(path, raw, key, allowed[key]))
    for area in sorted(given.get("area", ())):
        page.known_area(path, area, words.areas)
    if "detector" in given:
        given["detector"] = _expanded(given["detector"], words.detectors)
    if not all(given.values()) or not given:
        what = "match 为空，不匹配任何预警", "match is empty: it means no warning at all"
        page.fault(path, "match", what, ("写明匹配什么，或删去该规则", "say what it matches, or drop the rule"))
    return Match(**given)


def _expanded(patterns: Iterable[str], detectors: tuple[str, ...]) -> frozenset[str]:
    families = {p[0] for p in patterns if p.endswith("*")}
    return frozenset(d for d in detectors if d in patterns or d[0] in families)


def _settings(page: Page, path: str, raw: Table, words: Vocabulary, above: Settings) -> Settings:
    given: dict[str, object] = {}
    if "lead" in raw:
        given["lead"] = page.word(path, raw, "lead", sorted(words.agencies))
    if "level" in raw:
        level = page.word(path, raw, "level", _LEVELS)
        given["level"] = Level(level) if level in _LEVELS else Level.COUNTY
    for key in ("co_handlers", "informed"):
        if key in raw:
            given[key] = _targets(page, path, raw, key, words)
    for key, allowed in (
        ("along", sorted(words.agencies)),
        ("clocks", sorted(words.clocks)),
        ("channels", CHANNELS),
    ):
        if key in raw:
            given[key] = page.words(path, raw, key, allowed)
    for key in ("basis", "level_basis"):
        if key in raw:
            given[key] = page.word(path, raw, key)
    if "verified" in raw:
        if not isinstance(raw["verified"], bool):
            mend = "写 true 或 false", "write true or false"
            page.fault(path, "verified", ("应为 true 或 false", "neither true nor false"), mend)
        given["verified"] = raw["verified"] is True
    given["text"] = page.texts(path, raw)
    settings = replace(above, **given)
    _check_clocks(page, path, settings, words)
    return settings


def _check_clocks(page: Page, path: str, settings: Settings, words: Vocabulary) -> None:
    known = [words.clocks[clock] for clock in settings.clocks if clock in words.clocks]
    if sum(clock.start is Start.RAISED for clock in known) != 1:
        what = "须恰有一个自预警发出起算的时限（签收）", "it needs exactly one clock that starts when raised"
        page.fault(path, "clocks", what, ('如 ["sign", "dispose"]', 'such as ["sign", "dispose"]'))


def _targets(page: Page, path: str, raw: Table, key: str, words: Vocabulary) -> tuple[Target, ...]:
    allowed = [*words.agencies, *(f"{agency}@{level}" for agency in words.agencies for level in _LEVELS)]
    targets = []
    for word in page.words(path, raw, key, sorted(allowed)):
        agency, _, level = word.partition("@")
        targets.append(Target(agency, Level(level) if level in _LEVELS else None))
    return tuple(targets)
