"""What a new policy would change: which office gains and loses which cells, and which clocks move.

Law kept: nothing changes hands unseen. Every cell of both policies is compared, none is sampled.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from msgspec import Struct

from events.time import Instant
from routing.areas import Areas
from routing.plan import parts
from routing.policy import ANY, Cell, Policy
from routing.proof import points
from routing.question import ROLE_NAMES, SEVERITIES, Role

Held = tuple[Role, str]


class Shift(Struct, frozen=True):
    """What one office gains and loses in one role; cells read ``350102 × firearms × B1``."""

    role: Role
    authority: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]


class ClockMove(Struct, frozen=True):
    """One clock's length at one severity, before and after (None: no such clock)."""

    clock: str
    severity: str
    before: str | None
    after: str | None


class Difference(Struct, frozen=True):
    """All that changes from one policy to another."""

    before: str
    after: str
    cells: int
    shifts: tuple[Shift, ...]
    clocks: tuple[ClockMove, ...]

    def text(self, lang: str) -> str:
        """The change for a person: an office a line, its cells counted by category."""
        zh = lang == "zh"
        lines = [f"{self.before} → {self.after}：比较 {self.cells} 格" if zh else
                 f"{self.before} → {self.after}: {self.cells} cells compared"]  # fmt: skip
        for shift in self.shifts:
            role = ROLE_NAMES[shift.role][0 if zh else 1]
            for sign, cells in (("+", shift.gained), ("-", shift.lost)):
                if cells:
                    lines.append(f"{sign}{len(cells)} {shift.authority} ({role}) {_summary(cells)}")
        lines += [f"{m.clock}.{m.severity}: {m.before} → {m.after}" for m in self.clocks]
        if len(lines) == 1:
            lines.append("无变化" if zh else "no change")
        return "\n".join(lines)


def diff(
    before: Policy, after: Policy, areas: Areas, detectors: Iterable[str], *, at: Instant | None = None
) -> Difference:
    """Who gains and who loses what, as of ``at`` (by default when the later of the two begins)."""
    when = max(before.effective_from, after.effective_from) if at is None else at
    gained: dict[Held, list[str]] = defaultdict(list)
    lost: dict[Held, list[str]] = defaultdict(list)
    cells = 0
    for point in points((before, after), areas, tuple(detectors), when):
        for place in point.places:
            cells += 1
            old, new = (_held(policy, areas, point.cell, place, when) for policy in (before, after))
            for held in new - old:
                gained[held].append(_name(point.cell, place))
            for held in old - new:
                lost[held].append(_name(point.cell, place))
    shifts = [Shift(*held, tuple(gained[held]), tuple(lost[held])) for held in sorted({*gained, *lost})]
    return Difference(before.version, after.version, cells, tuple(shifts), tuple(_clocks(before, after)))


def _held(policy: Policy, areas: Areas, cell: Cell, place: str, at: Instant) -> frozenset[Held]:
    rule = policy.rule(cell)
    found = parts(policy, areas, rule, place, at)
    offices = {(part.role, part.authority.id) for part in found} if isinstance(found, tuple) else set()
    return frozenset(offices | {(Role.INFORMED, f"{agency}@along") for agency in rule.settings.along})


def _name(cell: Cell, place: str) -> str:
    extra = [part for part in (cell.severity, cell.site_kind) if part != ANY]
    return " × ".join([place, cell.category, cell.detector, *extra])


def _summary(cells: tuple[str, ...]) -> str:
    counted = Counter(cell.split(" × ")[1] for cell in cells)
    return ", ".join(f"{category} {count}" for category, count in sorted(counted.items()))


def _clocks(before: Policy, after: Policy) -> list[ClockMove]:
    moves = []
    for clock in sorted({*before.clocks, *after.clocks}):
        for severity in SEVERITIES:
            old, new = (_length(policy, clock, severity) for policy in (before, after))
            if old != new:
                moves.append(ClockMove(clock, severity, old, new))
    return moves


def _length(policy: Policy, clock: str, severity: str) -> str | None:
    found = policy.clocks.get(clock)
    return f"{found.lengths[severity].count} {found.lengths[severity].reading}" if found else None
