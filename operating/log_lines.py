"""How a log line looks: readable, or one JSON object a line; the secrets of the settings never in it.

Law kept: whatever is logged, ours or a library's, no token and no password of this installation stands in a line.
"""

from __future__ import annotations

import logging
import logging.config
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final, Literal, TextIO

import msgspec

from operating.log_events import EVENT, FIELDS

Format = Literal["text", "json"]
LEVELS: Final = ("debug", "info", "warning", "error")
_MASK: Final = "***"
_SHORTEST: Final = 4
"""A secret shorter than this would mask ordinary words."""
_LIBRARY: Final = "library"
"""The event of a line that a library wrote: its own words are the ``message``."""


class Lines(logging.Formatter):
    """Formats records as text or JSON, without the secrets."""

    def __init__(self, form: Format = "text", secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._form = form
        known = {one for one in secrets if len(one) >= _SHORTEST}
        # Within JSON a quote or a backslash of a password stands escaped.
        known |= {msgspec.json.encode(one).decode()[1:-1] for one in known}
        self._secrets = sorted(known, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """One line; a traceback stands behind it as text, within it as JSON."""
        told: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": getattr(record, EVENT, _LIBRARY),
            "logger": record.name,
        }
        fields: dict[str, object] | None = getattr(record, FIELDS, None)
        told |= {"message": record.getMessage()} if fields is None else fields
        trace = self.formatException(record.exc_info) if record.exc_info else ""
        return self._masked(_json(told, trace) if self._form == "json" else _text(told, trace))

    def _masked(self, line: str) -> str:
        for secret in self._secrets:
            line = line.replace(secret, _MASK)
        return line


class Stderr(logging.StreamHandler[TextIO]):
    """Standard error as it is at set-up; above the bar, while one of rich's stands on the terminal.

    Faust puts a proxy in its place later, which would write into the log what the log writes.
    """

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self._own = sys.stderr

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line."""
        self.stream = sys.stderr if type(sys.stderr).__module__ == "rich.file_proxy" else self._own
        super().emit(record)


def log_config(form: Format, level: str, secrets: Iterable[str]) -> dict[str, Any]:
    """The configuration for `logging.config.dictConfig`: everything to standard error."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"hazflow": {"()": Lines, "form": form, "secrets": list(secrets)}},
        "handlers": {"stderr": {"()": Stderr, "formatter": "hazflow"}},
        "root": {"level": level.upper(), "handlers": ["stderr"]},
        # Libraries tell of every request and partition at this level; what goes wrong is above it.
        "loggers": {name: {"level": "WARNING"} for name in ("kafka", "aiokafka", "asyncio")},
    }


def set_up(form: Format, level: str, secrets: Iterable[str]) -> None:
    """Let this process log so."""
    logging.config.dictConfig(log_config(form, level, secrets))


def _json(told: dict[str, object], trace: str) -> str:
    if trace:
        told["trace"] = trace
    return msgspec.json.encode(told, enc_hook=str).decode()


def _text(told: dict[str, object], trace: str) -> str:
    at, level, event, logger, *_ = told.values()
    rest = " ".join(f"{name}={_shown(value)}" for name, value in list(told.items())[4:])
    line = f"{at} {str(level).upper():<7} {event} {rest}".rstrip() + f" [{logger}]"
    return f"{line}\n{trace}" if trace else line


def _shown(value: object) -> str:
    text = f"{value:.3f}" if isinstance(value, float) else str(value)
    return f'"{text}"' if " " in text else text
