"""Recovery: a bar on a terminal, lines elsewhere, nothing where it takes no time."""

from __future__ import annotations

import io
import logging

import pytest

from operating.log_events import FIELDS
from operating.recovery import Recovery


class Clock:
    """Seconds, as told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    """Something that says it is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


def said(caplog: pytest.LogCaptureFixture) -> list[tuple[str, dict[str, object]]]:
    """The events and fields of a log."""
    return [(record.message, getattr(record, FIELDS)) for record in caplog.records]


def test_lines_say_how_much_how_fast_and_how_long_yet(caplog: pytest.LogCaptureFixture) -> None:
    """Law: the first after a second, then now and then, not for every fetch; the last word is the whole."""
    caplog.set_level(logging.INFO)
    clock = Clock()
    recovery = Recovery(clock, io.StringIO())
    recovery.begin(3)
    for clock.now, done in ((0.5, 100), (2.0, 400), (2.1, 420), (8.0, 1_600)):
        recovery.read(3, done, 2_000)
    clock.now = 10.0
    recovery.read(3, 2_000, 2_000)
    assert recovery.done(3) == 10.0
    assert said(caplog) == [
        ("lane_restoring", {"lane": 3, "records": 400, "of": 2_000, "per_s": 200, "remaining_s": 8}),
        ("lane_restoring", {"lane": 3, "records": 1_600, "of": 2_000, "per_s": 200, "remaining_s": 2}),
        ("lane_restored", {"lane": 3, "records": 2_000, "seconds": 10.0}),
    ]


def test_a_quick_start_says_only_that_it_is_done(caplog: pytest.LogCaptureFixture) -> None:
    """Law: what takes less than a second needs no telling on its way."""
    caplog.set_level(logging.INFO)
    recovery = Recovery(Clock(), Terminal())
    recovery.begin(0)
    recovery.read(0, 20, 20)
    recovery.done(0)
    assert [event for event, _ in said(caplog)] == ["lane_restored"]


def test_a_terminal_gets_a_bar_for_each_lane() -> None:
    """Law: several lanes at once, each with its own bar; gone when all are done."""
    clock, terminal = Clock(), Terminal()
    recovery = Recovery(clock, terminal)
    for lane in (1, 2):
        recovery.begin(lane)
    clock.now = 2.0
    for lane in (1, 2):
        recovery.read(lane, 500, 1_000)
    for lane in (1, 2):
        recovery.done(lane)
    shown = terminal.getvalue()
    assert "lane 1" in shown
    assert "lane 2" in shown
    assert "500/1000" in shown
