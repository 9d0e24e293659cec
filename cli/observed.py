"""How the services of the command line are watched: intake, projection, and what must hold for each.

Law kept: a record counts as accepted once it was answered, as waiting until then; watching is at the edge alone.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from desk.ports import Disposition, Intake, TooMany, Unavailable
from events.log import Tick
from events.time import SECOND
from operating.answers import Operated
from operating.checks import Check, Health, Pulse, disk, time_behind
from operating.log_lines import set_up
from operating.meter import Meter
from operating.metrics import Metric
from streams.settings import Settings, secrets_of

if TYPE_CHECKING:
    from desk.asking import Asking
    from streams.metering import Metering
    from streams.writer import Writer


def log_as_set(found: Settings) -> None:
    """Let this process log as its settings say."""
    set_up(found.log_format, found.log_level, secrets_of(found))


class ObservedIntake(Intake):
    """A door, counted: posts, records, how long each waited for its durable answer."""

    def __init__(self, intake: Intake, meter: Meter) -> None:
        self._intake, self._meter = intake, meter
        self._waiting = 0

    async def post(self, provider: str, records: list[bytes]) -> list[Disposition]:
        """As the door beneath."""
        began = time.perf_counter()
        self._waits(len(records))
        answer = "failed"
        try:
            answered = await self._intake.post(provider, records)
            answer = "taken"
        except TooMany:
            answer = "too_many"
            raise
        except Unavailable:
            answer = "unavailable"
            raise
        finally:
            self._waits(-len(records))
            self._meter.add(Metric.INTAKE_POSTS, answer)
        self._meter.observe(Metric.INTAKE_SECONDS, time.perf_counter() - began)
        self._answered(answered)
        return answered

    def _waits(self, more: int) -> None:
        self._waiting += more
        self._meter.set(Metric.INTAKE_WAITING, to=self._waiting)

    def _answered(self, answered: Sequence[Disposition]) -> None:
        for status in ("accepted", "known", "refused"):
            if number := sum(one.status == status for one in answered):
                self._meter.add(Metric.INTAKE_RECORDS, status, by=number)


class Ticking:
    """The door's own clock as operations see it: the last tick that the broker holds; and its spool's bytes."""

    def __init__(self, meter: Meter, spooled: Callable[[], int]) -> None:
        self._meter, self._pulse = meter, Pulse("ticks")
        meter.refresh(lambda: meter.set(Metric.SPOOL, to=spooled()))

    def ticked(self, tick: Tick) -> None:
        """The broker holds this tick."""
        self._pulse.beat()
        self._meter.set(Metric.TICKED, to=tick.at / SECOND)

    def check(self) -> Check:
        """Wrong where no tick was acknowledged for a while: the broker does not answer, or the door is stuck."""
        found = self._pulse.check()
        if found.verdict == "ok":
            return Check("ticks", "ok", ("时刻照常写出", "ticks are written"))
        what = "时刻未能写入 Kafka", "ticks do not reach the broker"
        return Check("ticks", "wrong", what, ("hazflow doctor --kafka", "hazflow doctor --kafka"))


def operated_run(writer: Writer, metering: Metering, asking: Asking, home: Path) -> Operated:
    """The embedded engine: its writer must live; the projection readable, the disk writable."""

    def writes() -> Check:
        if writer.alive:
            return Check("writer", "ok", ("写入线程在运行", "its writer works"))
        what = "写入线程已停", "its writer has ended"
        return Check("writer", "wrong", what, ("重启并查看日志", "restart it and read its log"))

    ready = [readable(asking), lambda: disk(home)]
    if metering.live:  # a sample's time stands until a button moves it, and nothing is wrong with that
        ready.append(lambda: time_behind(metering.behind_s()))
    return Operated(metering.meter, Health((writes,), ready), home)


def operated_door(meter: Meter, ticking: Ticking, home: Path) -> Operated:
    """The door of a Kafka installation: its ticks must reach the broker."""
    # Not live by ticks: a broker that is away is no reason to restart the door.
    return Operated(meter, Health((), (ticking.check, lambda: disk(home))), home)


def readable(asking: Asking) -> Callable[[], Check]:
    """A check that the projection answers."""

    def check() -> Check:
        try:
            asking.last_told()
        except sqlite3.Error:
            what = "查询库读不出", "the projection cannot be read"
            return Check("projection", "wrong", what, ("运行 hazflow doctor", "run hazflow doctor"))
        return Check("projection", "ok", ("查询库可读", "the projection answers"))

    return check
