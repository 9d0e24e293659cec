"""The engine as operations see it: a small job runs, and each metric of it moves.

Laws: a metric is moved by what really happened, once a batch; watching changes nothing of what is done.
"""

from __future__ import annotations

import io
import itertools
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec.structs import replace

from detectors.b2_negative_balance import NegativeBalance
from detectors.catalogue import catalogue
from detectors.claim import Claim
from detectors.detector import Step, View
from detectors.watch import Watch
from events.log import Received, Tick
from events.registry import CalendarEntry
from events.time import MINUTE, SECOND, parse_instant
from operating.meter import Meter
from operating.metrics import OTHER, Metric, Role
from operating.recovery import Recovery
from simulator import stories as s
from streams.assembly import LATENESS, TREE, Assembly, assemble, rule_policies
from streams.effects import Effects
from streams.embedded import Embedded
from streams.founding import founding
from streams.metering import Metering
from streams.observing import SILENT, TOLD_EVERY, Batch, counted
from streams.projected import ProjectedGauges
from tests.engines import answers
from tests.metered import moved, value

MOVED_BY_THE_ENGINE: Final = frozenset(
    {
        Metric.RECORDS, Metric.BATCH_RECORDS, Metric.STEP_SECONDS, Metric.COMMIT_SECONDS, Metric.DUPLICATES,
        Metric.REFUSED, Metric.QUARANTINE, Metric.WARNINGS, Metric.INCOMPLETE, Metric.INCOMPLETE_KEYS,
        Metric.ABORTS, Metric.RESTORED_RECORDS, Metric.RESTORE_REMAINING, Metric.RESTORE_SECONDS, Metric.TIME,
        Metric.TIME_BEHIND, Metric.TIME_STANDS_STILL, Metric.CALENDAR_DAYS,
    }
)  # fmt: skip
DAY_1 = s.at("day 1 00:00")


class Falling(NegativeBalance):
    """B2 with a fault: it falls over at a movement of five pieces."""

    def see(self, state: Any, step: Step, view: View) -> tuple[Any, Sequence[Claim]]:
        """Fall over at a movement of five pieces."""
        if getattr(step.fact.body, "amount", 0) == 5:
            raise ZeroDivisionError("a fault of its own")
        return super().see(state, step, view)


class Clock:
    """A clock that says what it is told to say."""

    now = DAY_1

    def __call__(self) -> int:
        return self.now


@pytest.fixture(scope="module")
def assembly() -> Assembly:
    """The tree's own parts, with a B2 that falls over."""
    others = [one for one in catalogue() if one.card.id != "B2"]
    fallen: Any = Falling()
    return replace(assemble(TREE / "policies"), watch=Watch([*others, fallen], LATENESS))


@pytest.fixture
def clock() -> Clock:
    """The clock of the installation."""
    return Clock()


@pytest.fixture
def metering(clock: Clock) -> Metering:
    """Whoever watches it; a restore is shown nowhere."""
    return Metering(Meter(Role.RUN), clock, Recovery(terminal=io.StringIO()))


@pytest.fixture
def engine(assembly: Assembly, tmp_path: Path, metering: Metering) -> Iterator[Embedded]:
    """An engine that is watched, its projection too."""
    made = Embedded(tmp_path / "hazflow.db", assembly, metering)
    reading = sqlite3.connect(made.path, check_same_thread=False)
    minutes = itertools.count(0.0, 60.0)  # each showing asks again
    ProjectedGauges(
        metering.meter, lambda sql: reading.execute(sql).fetchall(), lambda: next(minutes), lambda: DAY_1 / SECOND
    )
    yield made
    reading.close()
    made.close()


def job() -> list[Received | Tick]:
    """A theft, a report twice, two that are refused, a rule that falls over, and time."""
    policies = founding(rule_policies(TREE / "policies"), s.at("day -30 00:00"), {})
    theft = s.received(s.issue("6 item", site="S3", goods="DET", when="day 1 08:00", id="theft"))
    five = s.received(s.issue("5 item", site="S2", goods="DET", when="day 1 08:00", id="five"))
    bad = [Received(raw, "plant-17", DAY_1) for raw in (b"nonsense", b"[]")]
    calendar = s.registry(CalendarEntry(year=2026, holidays=()), valid_from="day -20 00:00")
    world = [s.received(entry) for entry in (*s.world(), calendar)]
    return [*policies, *world, Tick(DAY_1), theft, theft, five, *bad, Tick(s.at("day 2 12:00"))]


def test_every_metric_of_the_engine_is_moved_by_a_small_job(
    engine: Embedded, metering: Metering, clock: Clock, assembly: Assembly
) -> None:
    """Law: each of them changes when what it speaks of happens, and by as much."""
    before = metering.meter.show()
    items = job()
    engine.apply(items)
    clock.now = s.at("day 2 12:00") + 7 * MINUTE
    with sqlite3.connect(engine.path) as database:
        database.execute("CREATE TRIGGER full BEFORE INSERT ON clock BEGIN SELECT RAISE(ABORT, 'full'); END")
    with pytest.raises(sqlite3.IntegrityError):
        engine.apply([Tick(clock.now)])
    with sqlite3.connect(engine.path) as database:
        database.execute("DROP TRIGGER full")
    clock.now += 7 * MINUTE
    engine.advance()
    after = metering.meter.show()
    assert moved(before, after) >= MOVED_BY_THE_ENGINE - {Metric.RESTORE_REMAINING}
    assert value(after, Metric.RECORDS, "log") == len(items) + 1
    assert value(after, Metric.BATCH_RECORDS) == 2
    assert value(after, Metric.DUPLICATES, "identity") == 1
    assert value(after, Metric.REFUSED, "plant-17") == 2
    assert value(after, Metric.REFUSED, "not_json") == 1
    assert value(after, Metric.QUARANTINE, "plant-17") == 2
    assert value(after, Metric.WARNINGS, "open") >= 1
    assert value(after, Metric.INCOMPLETE, "B2") == value(after, Metric.INCOMPLETE_KEYS, "B2") == 1
    assert value(after, Metric.ABORTS) == 1
    assert value(after, Metric.TIME_BEHIND) == 7 * 60
    assert value(after, Metric.CALENDAR_DAYS) == 242
    assert value(after, Metric.TIME_STANDS_STILL) == 1


def test_watching_changes_nothing(engine: Embedded, assembly: Assembly, tmp_path: Path) -> None:
    """Law: watched or not, the same books, warnings and refusals."""
    alone = Embedded(tmp_path / "alone.db", assembly, SILENT)
    for one in (engine, alone):
        one.apply(job())
    with sqlite3.connect(engine.path) as watched, sqlite3.connect(alone.path) as unwatched:
        assert answers(watched) == answers(unwatched)
    alone.close()


def test_a_restore_says_how_much_is_left(metering: Metering) -> None:
    """Law: now and then on its way, nothing at its end; looking through the state later is no restore."""
    metering.restoring(0)
    rows = counted(range(2 * TOLD_EVERY + 5), 2 * TOLD_EVERY + 5, metering, 0)
    for _ in range(TOLD_EVERY + 1):
        next(rows)
    shown = metering.meter.show()
    assert value(shown, Metric.RESTORED_RECORDS) == TOLD_EVERY
    assert value(shown, Metric.RESTORE_REMAINING) == TOLD_EVERY + 5
    assert metering.restoring_lanes == {0}
    assert len(list(rows)) == TOLD_EVERY + 4
    metering.opened(0, DAY_1)
    assert list(counted([1], 1, metering, 0)) == [1]
    shown = metering.meter.show()
    assert value(shown, Metric.RESTORED_RECORDS) == 2 * TOLD_EVERY + 5
    assert value(shown, Metric.RESTORE_REMAINING) == 0
    assert metering.restoring_lanes == frozenset()


def test_standing_still_is_said_once_and_moving_again_too(
    metering: Metering, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Law: an alarm's line in the log is one line, not one a second."""
    caplog.set_level(logging.INFO)
    metering.batch(quiet(DAY_1))
    for minutes in (0, 4, 5, 6):
        clock.now = DAY_1 + minutes * MINUTE
        metering.look_at_time()
        metering.look_at_time()
    metering.batch(quiet(clock.now - SECOND))
    metering.look_at_time()
    assert [record.message for record in caplog.records] == ["time_stands_still", "time_moves_again"]


def test_a_log_of_its_own_time_never_stands_still(clock: Clock) -> None:
    """Law: a sample's time waits for its buttons, and nothing is wrong with that."""
    sample = Metering(Meter(Role.RUN), clock, live=False)
    sample.batch(quiet(DAY_1))
    clock.now = DAY_1 + 60 * MINUTE
    assert sample.behind_s() is None
    assert value(sample.meter.show(), Metric.TIME_STANDS_STILL) == 0


def test_more_providers_than_series_are_shown_together() -> None:
    """Law 11: who has most has a series of its own, the rest one together; who has none any more has none."""
    rows = [[(f"p{n}", 200 - n) for n in range(60)], []]
    clock = iter((0.0, 5.0, 20.0))
    meter = Meter(Role.DESK)
    ProjectedGauges(meter, lambda sql: rows[0] if "refusals" in sql else [], lambda: next(clock))
    shown = meter.show()
    assert value(shown, Metric.QUARANTINE, "p0") == 200
    assert value(shown, Metric.QUARANTINE, OTHER) == sum(200 - n for n in range(49, 60))
    rows.pop(0)
    assert value(meter.show(), Metric.QUARANTINE) > 0
    assert value(meter.show(), Metric.QUARANTINE) == 0


def test_how_long_days_off_are_known_is_shown_by_the_wall_clock() -> None:
    """Nothing where no calendar was ever imported; negative once the last one is over."""
    known: list[tuple[str]] = []
    walls = iter(
        parse_instant(f"{day}T00:00:00+08:00") / SECOND for day in ("2026-11-26", "2026-11-26", "2027-01-03")
    )
    seconds = iter((0.0, 20.0, 40.0))
    meter = Meter(Role.DESK)
    ProjectedGauges(
        meter, lambda sql: known if "calendar" in sql else [], lambda: next(seconds), lambda: next(walls)
    )
    assert value(meter.show(), Metric.CALENDAR_DAYS) == 0
    known += [("2025",), ("2026",)]
    assert value(meter.show(), Metric.CALENDAR_DAYS) == 36
    assert value(meter.show(), Metric.CALENDAR_DAYS) == -2


def quiet(time: int) -> Batch:
    """A batch in which nothing happened but time."""
    return Batch(lane=0, records={"log": 1}, effects=Effects(), step_s=0.0, commit_s=0.0, time=time)
