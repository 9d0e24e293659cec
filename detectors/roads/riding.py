"""Riding: a run of cells of which no rule of the road has anything to say, recognised by a few comparisons.

Law kept: what is admitted is ordinary for certain: each rule would claim nothing, and go on to a state that the
last cell alone decides. What is not admitted is not thereby wrong; the rules themselves look at it.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from msgspec.structs import replace

from detectors.cells import EMPTY, LOADED, Seen
from detectors.roads.alarms import blinding
from detectors.roads.course import Ways
from detectors.roads.fixes import FASTEST_KMH, MOVING_KMH, NOWHERE_DEG
from detectors.roads.ordinary import ANY_KMH, NEVER, Ordinary, Run
from events.time import HOUR, Instant

_ANY_BLINDING: Final = blinding(2**32 - 1)
_DEGREE_M: Final = 111_700.0
"""More metres than any degree has, so that a speed is never thought lower than it is."""
_DEGREES_A_KMH: Final = 1000 / HOUR / _DEGREE_M * 0.999
_DEGREES: Final = FASTEST_KMH * _DEGREES_A_KMH
"""Degrees a microsecond that are no leap."""

Place: TypeAlias = tuple[Instant, float, float, Instant, Seen | None, Ways]
"""When and where a run came to, until when it may be silent, its last cell, and how far along its routes."""


class Riding:
    """What must be remembered of a run: its window, where it came to, when a silence would be too long.

    ``last`` is the last cell taken; ``on`` says whether positions are owed (a trip, not known to be unloaded).
    """

    __slots__ = (
        "_after",
        "_asks",
        "_course",
        "_fastest",
        "_kept_out",
        "_since",
        "_slow",
        "_standing",
        "_stands",
        "_until",
        "_within",
        "at",
        "due",
        "edge",
        "gap",
        "last",
        "lat",
        "lon",
        "quiet_until",
        "run",
        "ways",
    )

    def __init__(self, run: Run, ordinary: Ordinary) -> None:
        self.run = run
        self._since, self._until = run.since, min(run.until, ordinary.until)
        self.gap, self.quiet_until = ordinary.gap, ordinary.quiet_until
        self._fastest, self._slow = ordinary.fastest_kmh, ordinary.fastest_kmh * _DEGREES_A_KMH
        self._standing, self._stands, self._within = ordinary.standing_kmh, ordinary.stands, ordinary.within
        self._kept_out, self._course = ordinary.kept_out, ordinary.course
        self.ways = self._after = ordinary.ways
        asks = self._fastest < ANY_KMH or self._standing >= 0 or self._kept_out is not None
        self._asks = bool(run.trip) and asks
        self.due: Instant = ordinary.heard_by
        self.at: Instant = -NEVER
        self.lon = self.lat = 0.0
        self.edge = -1
        self.last: Seen | None = None

    def admits(self, cell: Seen) -> bool:
        """Whether a cell behind the last one is ordinary."""
        (at, lon, lat, _), last, alarms, load, _, _ = cell
        if at < self._since or last[0] >= self._until or at >= self.due or alarms & _ANY_BLINDING:
            return False
        if (-NOWHERE_DEG < lon < NOWHERE_DEG) or (-NOWHERE_DEG < last[1] < NOWHERE_DEG):
            return False
        if load:
            run = self.run
            if not run.trip:
                if load & LOADED:
                    return False
            elif run.emptied != (run.trip if load == EMPTY else "") or load == LOADED | EMPTY:
                return False
        if not self._follows(cell):
            return False
        if self._asks and load != EMPTY and not self._steady(cell):
            return False
        if self._course is not None:
            return self._goes_on(cell)
        edges = self._within
        if edges is None:
            return True
        edge = edges.find(lon, lat, self.edge)
        if edge >= 0 and last is not cell[0]:
            edge = edges.find(last[1], last[2], edge)
        if edge < 0:
            return False
        self.edge = edge
        return True

    def take(self, cell: Seen) -> None:
        """Go on to the cell that was admitted last."""
        self.last, self.ways = cell, self._after
        self.at, self.lon, self.lat, _ = cell[1]
        self.due = self.at + self.gap

    def silent(self, latest: Seen) -> Instant:
        """When time alone may say something behind a cell."""
        return min(latest[1][0] + self.gap, self.quiet_until)

    def where(self) -> Place:
        """Where the run came to, to go back to."""
        return self.at, self.lon, self.lat, self.due, self.last, self.ways

    def go_back(self, before: Place) -> None:
        """Undo what was taken since."""
        self.at, self.lon, self.lat, self.due, self.last, self.ways = before

    def ended(self) -> Run:
        """The run with how far along its routes it came."""
        return self.run if self._course is None else replace(self.run, ways=self.ways)

    def _goes_on(self, cell: Seen) -> bool:
        """Whether both fixes of a cell go on along the routes."""
        ways = self._gone(self.ways, cell[0])
        if ways is not None and cell[1] is not cell[0] and cell[1] != cell[0]:
            ways = self._gone(ways, cell[1])
        if ways is None:
            return False
        self._after = ways
        return True

    def _gone(self, ways: Ways, fix: tuple[Instant, float, float, float]) -> Ways | None:
        """The ways behind a fix; near the routes is enough once the trip has come to its end."""
        course, edges = self._course, self._within
        if course is None or edges is None:
            return None
        at, lon, lat, _ = fix
        if not ways:
            return course.begin(at, lon, lat) or None
        if not course.done(ways):
            return course.go_on(ways, at, lon, lat)
        edge = edges.find(lon, lat, self.edge)
        if edge < 0:
            return None
        self.edge = edge
        return ways

    def _follows(self, cell: Seen) -> bool:
        """Whether both fixes of a cell are where a vehicle can have come to, and not frozen."""
        (at, lon, lat, speed), last, _, _, _, _ = cell
        if self.at > -NEVER:
            away = abs(lon - self.lon) + abs(lat - self.lat)
            if at <= self.at or away > _DEGREES * (at - self.at) or (away == 0.0 and speed > MOVING_KMH):
                return False
        if last is cell[0] or last == cell[0]:
            return True
        then, x, y, fast = last
        away = abs(x - lon) + abs(y - lat)
        return then > at and away <= _DEGREES * (then - at) and not (away == 0.0 and fast > MOVING_KMH)

    def _steady(self, cell: Seen) -> bool:
        """Whether a loaded minute is not too fast, not at a standstill where that counts, and nowhere forbidden."""
        (at, lon, lat, speed), (then, x, y, fast), _, _, _, _ = cell
        speed = max(speed, fast)
        if speed > self._fastest:
            return False
        if speed == 0.0:
            # The terminal names no speed, or the vehicle stands: its way says which.
            if self.at > -NEVER:
                at, lon, lat = self.at, self.lon, self.lat
            if abs(x - lon) + abs(y - lat) > self._slow * (then - at):
                return False
        kept_out = self._kept_out
        if kept_out is not None:
            first, last = cell[0], cell[1]
            if not (kept_out.allows(first[0], first[1], first[2]) and kept_out.allows(last[0], last[1], last[2])):
                return False
        if speed > self._standing:
            return True
        stands = self._stands
        return stands is not None and stands.find(cell[0][1], cell[0][2], -1) >= 0 and stands.find(x, y, -1) >= 0
