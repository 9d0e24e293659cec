"""Policies: thresholds, severities, settle and legal bases that a regulator can read and change.

Law kept: a policy is data with a digest; what was in force at the fact's instant decides, and its version is
stamped on every finding. A wrong policy is refused with file, field and how to mend it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from itertools import permutations
from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from detectors.claim import Severity
from events.registry import Category
from events.time import MINUTE, Instant, civil_day, day_start, parse_instant

P = TypeVar("P")


class Basis(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """法律依据: one article, when it was valid, and whether somebody read it at the source.

    ``categories`` are the goods that it is about; empty means all. ``abroad``: law elsewhere, for comparison only.
    """

    law: str
    article: str
    categories: tuple[Category, ...] = ()
    valid_from: str | None = None
    valid_to: str | None = None
    verified: bool = False
    checked_by: str | None = None
    checked_on: str | None = None
    abroad: bool = False

    def __post_init__(self) -> None:
        since, until = self.valid_from, self.valid_to
        starts, ends = (None if day is None else _first_instant(day) for day in (since, until))
        if starts is not None and ends is not None and ends <= starts:
            raise ValueError(f"valid_to is the first day on which it is law no more: {until} is not after {since}")

    def covers(self, at: Instant, category: Category) -> bool:
        """Whether the article was law on these goods at an instant (Shanghai days; to is exclusive)."""
        if self.categories and category not in self.categories:
            return False
        since = self.valid_from is None or _first_instant(self.valid_from) <= at
        return since and (self.valid_to is None or at < _first_instant(self.valid_to))


class Override(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What differs for a category, area or unit; every matcher that is given must match."""

    category: Category | None = None
    area: str | None = None
    unit: str | None = None
    severity: Severity | None = None
    enabled: bool | None = None
    parameters: dict[str, Any] = {}


class RulePolicy(Struct, frozen=True, forbid_unknown_fields=True):
    """One rule's policy file.

    ``settle``: ``now`` speaks at once, ``day_end`` at the end of the reporting day plus ``settle_slack_min``.
    ``inform_unit``: when the unit itself is told.
    """

    severity: Severity
    inform_unit: Literal["now", "after_disposal", "never"]
    settle: Literal["now", "day_end"] = "now"
    settle_slack_min: Annotated[int, Meta(ge=0)] = 30
    enabled: bool = True
    parameters: dict[str, Any] = {}
    basis: tuple[Basis, ...] = ()
    override: tuple[Override, ...] = ()


class Terms(Struct, Generic[P], frozen=True, gc=False):
    """What one rule goes by at one instant for one category, area and unit."""

    parameters: P
    severity: Severity
    enabled: bool
    settle: str
    settle_slack_min: int

    def speaks(self, at: Instant) -> Instant:
        """When something that happened at ``at`` may be said."""
        if self.settle == "now":
            return at
        return day_start(civil_day(at) + 1) + self.settle_slack_min * MINUTE


class PolicyFault(Exception):
    """A policy that cannot be taken: names the file, the field and how to mend it."""


class Policy:
    """All rules' policies of one publication. Digest and version stand for their whole text."""

    __slots__ = ("_cache", "_parameters", "digest", "rules", "text")

    def __init__(self, text: str, rules: Mapping[str, RulePolicy], parameters: Mapping[str, type[Struct]]):
        self.text = text
        self.digest = blake2b(text.encode(), digest_size=8).hexdigest()
        self.rules = rules
        self._parameters = parameters
        self._cache: dict[tuple[str, str, tuple[str, ...], str], Terms[Any]] = {}

    def terms(self, detector: str, category: str, areas: tuple[str, ...], unit: str) -> Terms[Any]:
        """The terms of one rule; ``areas`` is the place and its superiors, nearest first."""
        key = (detector, category, areas, unit)
        found = self._cache.get(key)
        if found is None:
            found = self._resolve(*key)
            if len(self._cache) < 100_000:
                self._cache[key] = found
        return found

    def allowed(self, detector: str) -> tuple[Any, ...]:
        """The parameters that one rule may go by: its own, and its own with each override's alone.

        With several overrides at once each parameter is still one of these.
        """
        rule = self.rules[detector]
        given = [rule.parameters, *(rule.parameters | override.parameters for override in rule.override)]
        return tuple(msgspec.convert(parameters, self._parameters[detector]) for parameters in given)

    def _resolve(self, detector: str, category: str, areas: tuple[str, ...], unit: str) -> Terms[Any]:
        rule = self.rules.get(detector)
        if rule is None:
            raise LookupError(f"the policy in force ({self.digest}) has no table for {detector}: publish one")
        severity, enabled, parameters = rule.severity, rule.enabled, dict(rule.parameters)
        matching = [
            override
            for override in rule.override
            if override.category in (None, category)
            and (override.area is None or override.area in areas)
            and override.unit in (None, unit)
        ]
        for override in sorted(matching, key=lambda o: _specificity(o, areas)):
            severity = override.severity or severity
            enabled = enabled if override.enabled is None else override.enabled
            parameters |= override.parameters
        typed = msgspec.convert(parameters, self._parameters[detector])
        return Terms(typed, severity, enabled, rule.settle, rule.settle_slack_min)


def read_policy(text: str, parameters: Mapping[str, type[Struct]], *, published: bool = False) -> Policy:
    """The policy of a text: one TOML table per rule id.

    ``parameters`` names the rules that there are, with the type of their parameters. All must be there, and
    no others; once ``published``, what a newer or older hazflow does not share is left out: its rule is
    *incomplete* while that publication is in force.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyFault(f"policies: not TOML: {error}") from error
    missing, unknown = sorted(parameters.keys() - tables.keys()), sorted(tables.keys() - parameters.keys())
    if (missing or unknown) and not published:
        raise PolicyFault(f"policies: no table for rules {missing}; tables for unknown rules {unknown}")
    known = ((detector, table) for detector, table in tables.items() if detector in parameters)
    rules = {detector: _read_rule(detector, table, parameters[detector]) for detector, table in known}
    return Policy(text, rules, parameters)


def join_files(files: Mapping[str, str]) -> str:
    """One policy text of the rule files by name: each file's content under its rule's id.

    A file ``b2_negative_balance.toml`` becomes the tables ``[B2]``, ``[B2.parameters]``, ``[[B2.basis]]``, ….
    """
    parts = []
    for name in sorted(files):
        rule = name.partition("_")[0].upper()
        lines = [f"[{rule}]"]
        lines.extend(re.sub(r"^(\[\[?)", rf"\g<1>{rule}.", line) for line in files[name].splitlines())
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _read_rule(detector: str, table: object, kind: type[Struct]) -> RulePolicy:
    """One rule's table, with parameters that are good wherever they are gone by."""
    place = ""
    try:
        rule = msgspec.convert(table, RulePolicy)
        for stands, given in _together(rule):
            place = f", in {stands}"
            msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        raise PolicyFault(f"policies: rule {detector}: {error}{place}") from error
    return rule


def _together(rule: RulePolicy) -> Iterator[tuple[str, dict[str, Any]]]:
    """Where they stand, and parameters: the rule's own, those under each override, and under any two that may both
    match, for what depends on two of them must hold whichever is the nearer. An override within an override within
    a third says no more than these."""
    yield "parameters", rule.parameters
    for number, override in enumerate(rule.override):
        yield f"override[{number}].parameters", rule.parameters | override.parameters
    told = [(number, override) for number, override in enumerate(rule.override) if override.parameters]
    for (first, one), (second, other) in permutations(told, 2):
        alike = ((one.category, other.category), (one.unit, other.unit))
        if all(a is None or b is None or a == b for a, b in alike):
            stands = f"override[{first}].parameters with override[{second}].parameters"
            yield stands, rule.parameters | one.parameters | other.parameters


def _specificity(override: Override, areas: tuple[str, ...]) -> tuple[int, int, int]:
    """Later wins: a unit over an area over a category; a nearer area over a farther."""
    nearness = len(areas) - areas.index(override.area) if override.area else 0
    return (int(override.unit is not None), nearness, int(override.category is not None))


def _first_instant(day: str) -> Instant:
    """The first instant of a Shanghai day as a policy writes it."""
    try:
        return parse_instant(f"{day}T00:00:00+08:00")
    except ValueError:
        raise ValueError(f"a day is written as 2026-05-01, not {day}") from None
