"""Riding: a run of cells of which D1, D2 and D6 have nothing to say, recognised by a few comparisons.

Law kept: what is admitted is ordinary for certain: each rule would claim nothing, and go on to a state that the
last cell alone decides. What is not admitted is not thereby wrong; the rules themselves look at it.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from detectors.cells import EMPTY, LOADED, Seen
from detectors.roads.alarms import blinding
from detectors.roads.fixes import FASTEST_KMH, MOVING_KMH, NOWHERE_DEG
from detectors.roads.window import Window
from events.time import HOUR, Instant

_ANY_BLINDING: Final = blinding(2**32 - 1)
_DEGREE_M: Final = 111_700.0
"""More metres than any degree has, so that a speed is never thought lower than it is."""
_DEGREES: Final = FASTEST_KMH * 1000 / HOUR / _DEGREE_M * 0.999
"""Degrees a microsecond that are no leap."""
_NEVER: Final = 2**62


Place: TypeAlias = tuple[Instant, float, float, Instant, Seen | None]
"""When and where a run came to, until when it may be silent, and its last cell."""


class Riding:
    """What must be remembered of a run: its window, where it came to, when a silence would be too long.

    ``last`` is the last cell taken; ``on`` says whether positions are owed (a trip, not known to be unloaded).
    """

    __slots__ = ("at", "due", "edge", "emptied", "gap", "last", "lat", "lon", "on", "window")

    def __init__(self, window: Window, gap: Instant, emptied: str) -> None:
        self.window, self.gap, self.emptied = window, gap, emptied
        self.on = bool(window.trip) and emptied != window.trip
        self.due: Instant = _NEVER
        self.at: Instant = -_NEVER
        self.lon = self.lat = 0.0
        self.edge = -1
        self.last: Seen | None = None

    def admits(self, cell: Seen) -> bool:
        """Whether a cell behind the last one is ordinary."""
        (at, lon, lat, _), last, alarms, load, _, _ = cell
        window = self.window
        if at < window.since or last[0] >= window.until or at > self.due or alarms & _ANY_BLINDING:
            return False
        if (-NOWHERE_DEG < lon < NOWHERE_DEG) or (-NOWHERE_DEG < last[1] < NOWHERE_DEG):
            return False
        if load:
            if not window.trip:
                if load & LOADED:
                    return False
            elif self.emptied != (window.trip if load == EMPTY else "") or load == LOADED | EMPTY:
                return False
        if not self._follows(cell):
            return False
        edges = window.edges
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
        """Go on to a cell that was admitted."""
        self.last = cell
        self.at, self.lon, self.lat, _ = cell[1]
        if self.on:
            self.due = self.at + self.gap
        else:
            self.due = _NEVER

    def where(self) -> Place:
        """Where the run came to, to go back to."""
        return self.at, self.lon, self.lat, self.due, self.last

    def go_back(self, before: Place) -> None:
        """Undo what was taken since."""
        self.at, self.lon, self.lat, self.due, self.last = before

    def _follows(self, cell: Seen) -> bool:
        """Whether both fixes of a cell are where a vehicle can have come to, and not frozen."""
        (at, lon, lat, speed), last, _, _, _, _ = cell
        if self.at > -_NEVER:
            away = abs(lon - self.lon) + abs(lat - self.lat)
            if at <= self.at or away > _DEGREES * (at - self.at) or (away == 0.0 and speed > MOVING_KMH):
                return False
        if last is cell[0] or last == cell[0]:
            return True
        then, x, y, fast = last
        away = abs(x - lon) + abs(y - lat)
        return then > at and away <= _DEGREES * (then - at) and not (away == 0.0 and fast > MOVING_KMH)
