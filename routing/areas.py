"""The table of areas, answerable both as of an event and as of now.

Law kept: jurisdictions are dated. A code read in 2016 finds the area that bore it then, and that area's
heir says who answers for it today. No answer is ever taken from a code's prefix.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final, final

from events.time import Instant
from routing.area import RANK, Area, Level


@final
class Areas:
    """All areas, in force or ended; compared by identity, told apart by ``version``.

    ``changes`` are the instants at which any answer may change; between two of them all answers are equal.
    """

    __slots__ = ("_by_code", "_by_id", "_predecessors", "changes", "version")

    def __init__(self, areas: Iterable[Area], version: str) -> None:
        self.version: Final = version
        self._by_id: Final = {area.id: area for area in areas}
        self._by_code: Final[dict[str, list[tuple[Instant, Instant | None, Area]]]] = {}
        self._predecessors: Final[dict[str, list[str]]] = {}
        changes: set[Instant] = set()
        for area in self._by_id.values():
            changes.update(_edges(area))
            for code in area.codes:
                self._by_code.setdefault(code.value, []).append((code.start, code.end, area))
            for heir in area.successors:
                self._predecessors.setdefault(heir, []).append(area.id)
        self.changes: Final = tuple(sorted(changes))

    def epoch(self, at: Instant) -> Instant:
        """The last change not after ``at``: every question as of it has the same answer as of ``at``."""
        index = bisect_right(self.changes, at)
        return self.changes[index - 1] if index else self.changes[0] - 1

    def area(self, area_id: str) -> Area | None:
        """The area of that id, ended ones too."""
        return self._by_id.get(area_id)

    def by_code(self, code: str, at: Instant) -> Area | None:
        """The area that bore ``code`` at ``at``."""
        for start, end, area in self._by_code.get(code, ()):
            if start <= at and (end is None or at < end):
                return area
        return None

    def place(self, code_or_id: str, at: Instant) -> Area | None:
        """The area that a report means: by its code as of ``at``, else by its id whenever it lived."""
        return self.by_code(code_or_id, at) or self._by_id.get(code_or_id)

    def parent(self, area_id: str, at: Instant) -> Area | None:
        """The area's superior at ``at``; None for a province, an unknown area, or one not in force."""
        area = self._by_id.get(area_id)
        if area is None:
            return None
        return next((self._by_id.get(p.value) for p in area.parents if p.holds(at)), None)

    def chain(self, area_id: str, at: Instant) -> tuple[Area, ...]:
        """The area and its superiors at ``at``, lowest first; empty if it was not in force."""
        area = self._by_id.get(area_id)
        if area is None or not area.in_force(at):
            return ()
        found = [area]
        while (above := self.parent(found[-1].id, at)) is not None:
            found.append(above)
        return tuple(found)

    def successor(self, area_id: str, at: Instant) -> Area | None:
        """Who answers at ``at`` for the area: itself or its last heir; None before its time."""
        area = self._by_id.get(area_id)
        while area is not None and area.end is not None and at >= area.end:
            area = self._by_id.get(area.successors[0]) if area.successors else None
        return area if area is not None and area.in_force(at) else None

    def predecessors(self, area_id: str) -> tuple[str, ...]:
        """The ids of the areas that this one took over."""
        return tuple(self._predecessors.get(area_id, ()))

    def all_in_force(self, at: Instant) -> tuple[Area, ...]:
        """Every area in force at ``at``, in the table's order."""
        return tuple(area for area in self._by_id.values() if area.in_force(at))

    def counties(self, at: Instant) -> tuple[Area, ...]:
        """The county-level areas in force at ``at``."""
        return tuple(area for area in self.all_in_force(at) if area.level is Level.COUNTY)

    def name(self, area_id: str, at: Instant) -> tuple[str, str]:
        """The full name in Chinese and English: 福州市鼓楼区; Gulou District, Fuzhou City."""
        area = self._by_id.get(area_id)
        chain = self.chain(area_id, at) or (() if area is None else (area,))
        named = [a for a in chain if RANK[a.level] < RANK[Level.PROVINCE]] or list(chain)
        return "".join(a.zh for a in reversed(named)), ", ".join(a.en for a in named)


def _edges(area: Area) -> set[Instant]:
    spans = (*area.codes, *area.parents)
    starts = {area.start, *(span.start for span in spans)}
    return starts | {end for end in (area.end, *(span.end for span in spans)) if end is not None}
