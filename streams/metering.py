"""From what the engines tell to metrics: one call a batch, counted over what the batch did.

Law kept: watching reads what was done and never changes it.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable

from events.time import SECOND, Instant
from ledger.held import Standing
from operating.checks import STANDS_STILL_S
from operating.log_events import LogEvent, say
from operating.meter import Meter
from operating.metrics import Metric
from operating.recovery import Recovery
from streams.effects import Effects
from streams.observing import Batch, Observer

_log = logging.getLogger(__name__)


class Metering(Observer):
    """Moves the metrics of the lanes of one process. ``live`` False: time is a log's own, and may stand."""

    def __init__(
        self, meter: Meter, clock: Callable[[], Instant], recovery: Recovery | None = None, *, live: bool = True
    ) -> None:
        self.meter = self._meter = meter
        self._clock, self.live = clock, live
        self._recovery = recovery or Recovery()
        self._times: dict[int, Instant] = {}
        self._restoring: set[int] = set()
        self._still = False
        meter.refresh(self._refresh)

    @property
    def restoring_lanes(self) -> frozenset[int]:
        """The lanes that are being restored now."""
        return frozenset(self._restoring)

    def behind_s(self) -> float | None:
        """How far time is behind the clock, at the lane furthest behind; None where no lane has a time."""
        if not self._times or not self.live:
            return None
        return max(0.0, (self._clock() - min(self._times.values())) / SECOND)

    def restoring(self, lane: int) -> None:
        """A lane begins to be restored."""
        self._restoring.add(lane)
        self._recovery.begin(lane)
        self._meter.set(Metric.RESTORED_RECORDS, str(lane), to=0)

    def restored(self, lane: int, done: int, total: int) -> None:
        """So many records of so many are read; a lane that looks through its state later on restores nothing."""
        if lane not in self._restoring:
            return
        self._recovery.read(lane, done, total)
        self._meter.set(Metric.RESTORED_RECORDS, str(lane), to=done)
        self._meter.set(Metric.RESTORE_REMAINING, str(lane), to=max(total - done, 0))

    def opened(self, lane: int, time: Instant | None, keys: int | None = None) -> None:
        """The lane is restored: its time, and the keys of its state where all of it is in memory."""
        self._meter.set(Metric.RESTORE_REMAINING, str(lane), to=0)
        self._meter.set(Metric.RESTORE_SECONDS, str(lane), to=self._recovery.done(lane))
        self._restoring.discard(lane)
        self._came_to(lane, time, keys)

    def left(self, lane: int) -> None:
        """The lane is another worker's: its series end here."""
        self._times.pop(lane, None)
        own = (Metric.LAG_RECORDS, Metric.LAG_SECONDS, Metric.KEYS)
        each = (Metric.TIME, Metric.RESTORED_RECORDS, Metric.RESTORE_REMAINING, Metric.RESTORE_SECONDS)
        for metric in (*own, *each):
            self._meter.forget(metric, str(lane))
        say(_log, LogEvent.LANE_LEFT, lane=lane)

    def batch(self, batch: Batch) -> None:
        """A batch is committed."""
        meter, lane = self._meter, str(batch.lane)
        for topic, number in batch.records.items():
            meter.add(Metric.RECORDS, topic, by=number)
        meter.observe(Metric.BATCH_RECORDS, sum(batch.records.values()))
        meter.observe(Metric.STEP_SECONDS, batch.step_s)
        meter.observe(Metric.COMMIT_SECONDS, batch.commit_s)
        now = self._clock()
        for topic, received_at in batch.youngest.items():
            meter.set(Metric.LAG_SECONDS, lane, topic, to=max(0.0, (now - received_at) / SECOND))
        self._did(batch.effects)
        self._came_to(batch.lane, batch.time, batch.keys)

    def skipped(self, lane: int, records: int) -> None:
        """So many records were applied before."""
        self._meter.add(Metric.DUPLICATES, "position", by=records)

    def aborted(self, lane: int) -> None:
        """A batch was not committed."""
        self._meter.add(Metric.ABORTS)

    def look_at_time(self) -> None:
        """Say once, in the log, that time stands still, and once that it moves again. Call it now and then."""
        behind = self.behind_s()
        still = behind is not None and behind >= STANDS_STILL_S
        if still != self._still:
            self._still = still
            event = LogEvent.TIME_STANDS_STILL if still else LogEvent.TIME_MOVES_AGAIN
            say(_log, event, behind_s=round(behind or 0.0))

    def _did(self, effects: Effects) -> None:
        known = sum(told.standing is Standing.KNOWN for told in effects.told)
        if known:
            self._meter.add(Metric.DUPLICATES, "identity", by=known)
        refused = Counter((one.reason.value, one.provider) for one in effects.refusals)
        for (reason, provider), number in refused.items():
            self._meter.add(Metric.REFUSED, reason, provider, by=number)
        told = Counter((one.severity.value, one.status.value) for one in effects.findings)
        for (severity, status), number in told.items():
            self._meter.add(Metric.WARNINGS, severity, status, by=number)
        for detector, number in Counter(one.detector for one in effects.incomplete if one.reason).items():
            self._meter.add(Metric.INCOMPLETE, detector, by=number)

    def _came_to(self, lane: int, time: Instant | None, keys: int | None) -> None:
        if keys is not None:
            self._meter.set(Metric.KEYS, str(lane), to=keys)
        if time is not None:
            self._times[lane] = time
            self._meter.set(Metric.TIME, str(lane), to=time / SECOND)

    def _refresh(self) -> None:
        behind = self.behind_s()
        self._meter.set(Metric.TIME_BEHIND, to=behind or 0.0)
        self._meter.set(Metric.TIME_STANDS_STILL, to=behind is not None and behind >= STANDS_STILL_S)
