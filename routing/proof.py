"""The proof: every (area, category, detector) has exactly one handler, and superiors never go in circles.

Law kept: law 8, routing is total and single-headed. All cells are visited; none is sampled. Severities and
kinds of site are visited as far as the policy tells them apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import product

from msgspec import Struct

from events.registry import Category
from events.time import Instant
from routing.area import Area
from routing.areas import Areas
from routing.plan import handler
from routing.policy import ANY, Cell, Policy, Rule
from routing.question import SEVERITIES
from routing.seat import Flaw, Seat, superior
from routing.unusable import Problem

_WHAT = {
    Flaw.NO_HANDLER: ("没有主办机关", "nobody handles it"),
    Flaw.TWO_RULES: ("两条规则同时匹配", "two neighbouring rules match"),
    Flaw.LEVEL_MISSING: ("该地没有所要求级别的机关", "no office of the asked level there"),
    Flaw.NO_ADDRESSEE: ("该地无收件机关", "the area has no office to write to"),
    Flaw.AGENCY_ABSENT: ("该机关在该级别及以上均不设", "the agency has no office at that level or above"),
    Flaw.OUTSIDE: ("主办机关不在该地或其上级", "the handler is neither of the area nor above it"),
    Flaw.LOOP: ("上级关系成环", "superiors, or redirects, go in a circle"),
}
_MEND = {
    Flaw.NO_HANDLER: ("为该类别写一条带 lead 的规则", "write a rule with a lead for it"),
    Flaw.TWO_RULES: ("缩小其中一条，或写成它的子规则", "narrow one, or nest it below the other"),
    Flaw.LEVEL_MISSING: (
        '用 [acts_as.区划] 写明，或 missing_level = "up"',
        'say so in [acts_as.AREA], or set missing_level = "up"',
    ),
    Flaw.NO_ADDRESSEE: ("用 [redirect.区划] 写明改送何处", "say in [redirect.AREA] who is told instead"),
    Flaw.AGENCY_ABSENT: (
        "改正该机关的 levels 或规则的 level",
        "correct the agency's levels or the rule's level",
    ),
    Flaw.OUTSIDE: ("改送该地的上级", "redirect to one of the area's superiors"),
    Flaw.LOOP: ("改正 [redirect]", "correct [redirect]"),
}


class Hole(Struct, frozen=True):
    """One cell that is not routed as it must be."""

    flaw: Flaw
    area: str
    category: str
    detector: str
    severity: str
    site_kind: str
    rule: str
    line: int | None

    def cell(self) -> str:
        """The cell's name: ``350102 × firearms × B1``, with severity and kind of site where they count."""
        extra = [part for part in (self.severity, self.site_kind) if part != ANY]
        return " × ".join([self.area, self.category, self.detector, *extra])

    def problem(self) -> Problem:
        """The hole as a fault of the policy."""
        zh, en = _WHAT[self.flaw]
        zh_text, en_text = f"{self.cell()} {zh}（{self.rule}）", f"{self.cell()}: {en} ({self.rule})"
        return Problem(self.line, self.rule, (zh_text, en_text), _MEND[self.flaw])


class Proof(Struct, frozen=True):
    """What was proven: how many cells, how many offices handle them, by which rules, as of when."""

    cells: int
    handlers: int
    rules: frozenset[str]
    at: Instant
    policy_version: str
    areas_version: str


class Point(Struct, frozen=True):
    """A cell without its area: what rules are chosen by, for a set of areas that no rule tells apart."""

    cell: Cell
    places: tuple[str, ...]


def prove(policy: Policy, areas: Areas, detectors: Iterable[str], at: Instant) -> Proof | tuple[Hole, ...]:
    """Visits every cell as of ``at``: a proof, or all the holes."""
    holes: list[Hole] = []
    seats: dict[tuple[str, str], Seat | Flaw] = {}
    used: set[str] = set()
    cells = 0
    for point in points((policy,), areas, detectors, at):
        rule, clash = _chosen(policy, point.cell, used)
        for place in point.places:
            cells += 1
            if clash is not None:
                holes.append(_hole(Flaw.TWO_RULES, place, point.cell, clash))
                continue
            key = (rule.id, place)
            if key not in seats:
                seats[key] = _sound(handler(policy, areas, rule, place, at), at, policy=policy, areas=areas)
            found = seats[key]
            if isinstance(found, Flaw):
                holes.append(_hole(found, place, point.cell, rule))
    if holes:
        return tuple(holes)
    handlers = {found.authority.id for found in seats.values() if isinstance(found, Seat)}
    return Proof(cells, len(handlers), frozenset(used), at, policy.version, areas.version)


def points(policies: tuple[Policy, ...], areas: Areas, detectors: Iterable[str], at: Instant) -> Iterator[Point]:
    """Every cell as of ``at``, areas grouped by what the policies can tell apart."""
    matches = [rule.match for policy in policies for rule in policy.root.walk()]
    severities = SEVERITIES if any(m.severity for m in matches) else (ANY,)
    kinds = (ANY, *sorted({kind for m in matches for kind in m.site_kind or ()}))
    named = frozenset(area for m in matches for area in m.area or ())
    groups = _groups(areas.all_in_force(at), named, areas, at)
    for category, detector, severity, kind in product(Category, detectors, severities, kinds):
        for seen, places in groups.items():
            yield Point(Cell(str(category), detector, severity, kind, seen), places)


def _groups(
    places: tuple[Area, ...], named: frozenset[str], areas: Areas, at: Instant
) -> dict[frozenset[str], tuple[str, ...]]:
    found: dict[frozenset[str], list[str]] = defaultdict(list)
    for place in places:
        found[named & {area.id for area in areas.chain(place.id, at)}].append(place.id)
    return {seen: tuple(ids) for seen, ids in found.items()}


def _chosen(policy: Policy, cell: Cell, used: set[str]) -> tuple[Rule, Rule | None]:
    rule = policy.root
    used.add(rule.id)
    while below := [child for child in rule.children if child.match.holds(cell)]:
        if len(below) > 1:
            return rule, below[1]
        rule = below[0]
        used.add(rule.id)
    return rule, None


def _sound(found: Seat | Flaw, at: Instant, *, policy: Policy, areas: Areas) -> Seat | Flaw:
    if isinstance(found, Flaw):
        return found
    seen, above = {found.authority.id}, superior(found.authority, at, policy=policy, areas=areas)
    while above is not None:
        if above.id in seen:
            return Flaw.LOOP
        seen.add(above.id)
        above = superior(above, at, policy=policy, areas=areas)
    return found


def _hole(flaw: Flaw, place: str, cell: Cell, rule: Rule) -> Hole:
    return Hole(flaw, place, cell.category, cell.detector, cell.severity, cell.site_kind, rule.id, rule.line)
