"""What the projection holds that operations watch: refused records that wait, incomplete detectors, days off.

Law kept: asking is read-only, and bounded: the same question within a few seconds is not asked again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from events.days_off import days_left
from events.time import SECOND
from operating.meter import Meter
from operating.metrics import OTHER, SPECS, Metric

KNOWN_FOR_S: Final = 10.0
Rows = Callable[[str], Sequence[tuple[Any, ...]]]
_QUARANTINE: Final = (
    "SELECT provider, count(*) FROM refusals WHERE standing='kept' GROUP BY provider ORDER BY 2 DESC, 1"
)
CALENDARS: Final = "SELECT id FROM registered WHERE kind='calendar'"
_INCOMPLETE: Final = "SELECT detector, count(*) FROM incomplete GROUP BY detector"


class ProjectedGauges:
    """Keeps the gauges of a meter as the projection's rows are; ``wall`` is seconds since 1970."""

    def __init__(
        self,
        meter: Meter,
        rows: Rows,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._meter, self._rows, self._clock, self._wall = meter, rows, clock, wall
        self._asked: float | None = None
        meter.refresh(self._refresh)

    def _refresh(self) -> None:
        now = self._clock()
        if self._asked is not None and now - self._asked < KNOWN_FOR_S:
            return
        self._asked = now
        # Who no longer has any is not shown with what it had; the providers with most have series of their own.
        self._show(Metric.QUARANTINE, self._rows(_QUARANTINE))
        self._show(Metric.INCOMPLETE_KEYS, self._rows(_INCOMPLETE))
        left = days_left((int(year) for (year,) in self._rows(CALENDARS)), int(self._wall() * SECOND))
        self._meter.set(Metric.CALENDAR_DAYS, to=left or 0)

    def _show(self, metric: Metric, rows: Sequence[tuple[Any, ...]]) -> None:
        most = SPECS[metric].labels[0].most - 1
        self._meter.forget(metric)
        for name, number in rows[:most]:
            self._meter.set(metric, str(name), to=number)
        if rest := sum(number for _, number in rows[most:]):
            self._meter.set(metric, OTHER, to=rest)
