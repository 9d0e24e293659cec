"""A routing policy as a value: agencies, clocks and a tree of rules, in force from a date.

Law kept: the order of rules never matters. A rule applies where its whole path matches, the deepest one
wins, and two neighbours that match the same cell are a fault that the proof refuses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from msgspec import Struct

from events.time import Instant
from routing.area import Level
from routing.clocks import Clock

CHANNELS: Final = ("kafka", "redis", "sse")
ANY: Final = "*"


class Agency(Struct, frozen=True):
    """A line of authorities, such as public security, and the levels at which it has offices."""

    id: str
    name: tuple[str, str]
    levels: frozenset[Level]


class Target(Struct, frozen=True):
    """An agency to tell, at a level of its own (``ecology@county``) or at the handler's (None)."""

    agency: str
    level: Level | None

    def __str__(self) -> str:
        return self.agency if self.level is None else f"{self.agency}@{self.level}"


class Match(Struct, frozen=True):
    """What a rule applies to; None asks nothing. An area stands for all that lies in it, too."""

    category: frozenset[str] | None = None
    detector: frozenset[str] | None = None
    severity: frozenset[str] | None = None
    site_kind: frozenset[str] | None = None
    area: frozenset[str] | None = None

    def holds(self, cell: Cell) -> bool:
        """Whether the cell is meant."""
        return (
            (self.category is None or cell.category in self.category)
            and (self.detector is None or cell.detector in self.detector)
            and (self.severity is None or cell.severity in self.severity)
            and (self.site_kind is None or cell.site_kind in self.site_kind)
            and (self.area is None or not self.area.isdisjoint(cell.areas))
        )


class Cell(Struct, frozen=True):
    """What a rule is chosen by. ``areas`` are the place and all its superiors."""

    category: str
    detector: str
    severity: str
    site_kind: str
    areas: frozenset[str]


class Settings(Struct, frozen=True):
    """What a rule orders; a child keeps whatever it does not state itself."""

    lead: str | None = None
    level: Level = Level.COUNTY
    co_handlers: tuple[Target, ...] = ()
    informed: tuple[Target, ...] = ()
    along: tuple[str, ...] = ()
    clocks: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    basis: str = ""
    level_basis: str = ""
    verified: bool = False
    text: tuple[str, str] = ("", "")


class Rule(Struct, frozen=True, eq=False):
    """One node of the tree: its path, its line, what it applies to, what it orders, its refinements.

    Compared by identity, like its policy: it is a key of what routing remembers.
    """

    id: str
    line: int | None
    match: Match
    settings: Settings
    children: tuple[Rule, ...] = ()

    def walk(self) -> Iterator[Rule]:
        """This rule and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()


class ActsAs(Struct, frozen=True):
    """An area whose own authorities stand at more levels than its own, and why."""

    levels: frozenset[Level]
    line: int | None
    text: tuple[str, str]


class Redirect(Struct, frozen=True):
    """Who is told instead of an area that has no authority to tell, and why."""

    to: str
    line: int | None
    text: tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Policy:
    """One routing policy; compared by identity, named on every decision by ``version``.

    ``missing_level`` says what to do where a place has no office at the asked level: ``refuse`` the policy,
    or go ``up``. ``fallback`` is the (agency, area) that receives what no rule can place.
    """

    name: str
    version: str
    effective_from: Instant
    missing_level: str
    agencies: dict[str, Agency]
    clocks: dict[str, Clock]
    acts_as: dict[str, ActsAs]
    redirects: dict[str, Redirect]
    fallback: tuple[str, str]
    root: Rule

    def rule(self, cell: Cell) -> Rule:
        """The deepest rule that applies; the root applies to everything."""
        found = self.root
        while (below := next((c for c in found.children if c.match.holds(cell)), None)) is not None:
            found = below
        return found


def in_force(policies: Iterable[Policy], at: Instant) -> Policy | None:
    """The policy in force at ``at``: the last to begin not after it."""
    begun = [policy for policy in policies if policy.effective_from <= at]
    return max(begun, key=lambda policy: policy.effective_from, default=None)
