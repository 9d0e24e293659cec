"""Every event that hazflow writes into its log by name, with its level: one closed type.

Laws kept: a line is one event's name and fields; each event has a row in docs/alarms.md that says whether it asks
for action. Fields are names, counts and instants: never a report's content, a person, or a token.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

EVENT: Final = "event"
FIELDS: Final = "fields"
"""Where a log record of the standard library keeps the event's name and its fields."""


class LogEvent(StrEnum):
    """What may be said."""

    SERVING = "serving"
    PORT_TAKEN = "port_taken"
    LANE_RESTORING = "lane_restoring"
    LANE_RESTORED = "lane_restored"
    LANE_LEFT = "lane_left"
    BATCH_ABORTED = "batch_aborted"
    BATCH_NOT_TAKEN = "batch_not_taken"
    BATCHES_TAKEN_AGAIN = "batches_taken_again"
    LOG_NOT_APPLIED = "log_not_applied"
    LOG_APPLIED_AGAIN = "log_applied_again"
    EVENT_REFUSED = "event_refused"
    SPOOLING = "spooling"
    SPOOL_WAITS = "spool_waits"
    SPOOL_EMPTY = "spool_empty"
    PRODUCER_NOT_CLOSED = "producer_not_closed"
    FOLLOWER_WAITS = "follower_waits"
    QUARANTINE_FULL = "quarantine_full"
    TIME_STANDS_STILL = "time_stands_still"
    TIME_MOVES_AGAIN = "time_moves_again"
    BROKER_SILENT = "broker_silent"
    BROKER_ANSWERS = "broker_answers"


LEVELS: Final[Mapping[LogEvent, int]] = {
    LogEvent.SERVING: logging.INFO,
    LogEvent.PORT_TAKEN: logging.WARNING,
    LogEvent.LANE_RESTORING: logging.INFO,
    LogEvent.LANE_RESTORED: logging.INFO,
    LogEvent.LANE_LEFT: logging.INFO,
    LogEvent.BATCH_ABORTED: logging.WARNING,
    LogEvent.BATCH_NOT_TAKEN: logging.ERROR,
    LogEvent.BATCHES_TAKEN_AGAIN: logging.INFO,
    LogEvent.LOG_NOT_APPLIED: logging.ERROR,
    LogEvent.LOG_APPLIED_AGAIN: logging.INFO,
    LogEvent.EVENT_REFUSED: logging.ERROR,
    LogEvent.SPOOLING: logging.WARNING,
    LogEvent.SPOOL_WAITS: logging.WARNING,
    LogEvent.SPOOL_EMPTY: logging.INFO,
    LogEvent.PRODUCER_NOT_CLOSED: logging.WARNING,
    LogEvent.FOLLOWER_WAITS: logging.WARNING,
    LogEvent.QUARANTINE_FULL: logging.ERROR,
    LogEvent.TIME_STANDS_STILL: logging.ERROR,
    LogEvent.TIME_MOVES_AGAIN: logging.INFO,
    LogEvent.BROKER_SILENT: logging.WARNING,
    LogEvent.BROKER_ANSWERS: logging.INFO,
}


def say(log: logging.Logger, event: LogEvent, *, error: BaseException | None = None, **fields: object) -> None:
    """Write one event. ``error`` is shown by its kind and words; its traceback where the event is an error."""
    level = LEVELS[event]
    if error is not None:
        fields["error"] = f"{type(error).__name__}: {error}"
    trace = error if level >= logging.ERROR else None
    log.log(level, "%s", event.value, extra={EVENT: event.value, FIELDS: fields}, exc_info=trace)
