"""Log lines: one event and its fields, as text or JSON, and never a secret."""

from __future__ import annotations

import logging
import logging.config
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from operating.log_events import LEVELS, LogEvent, say
from operating.log_lines import Format, Lines, log_config, set_up
from streams.settings import Settings, secrets_of

SETTINGS = Settings(
    token="a-token-of-ours", sasl_password='pass"word', redis="redis://:redis-secret@127.0.0.1:6379/0"
)
TREE = Path(__file__).parents[3]
CODE = ("streams", "cli", "operating", "desk", "delivery")
OWN = (TREE / "operating" / "log_events.py").read_text("utf-8")
log = logging.getLogger("tests.said")


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, put back afterwards."""
    held = logging.root
    level, handlers = held.level, list(held.handlers)
    yield held
    held.setLevel(level)
    held.handlers[:] = handlers


def written(form: Format, capsys: pytest.CaptureFixture[str], root: logging.Logger) -> list[str]:
    """One event of ours with an error, and one line of a library, as they come out."""
    set_up(form, "info", secrets_of(SETTINGS))
    try:
        raise OSError('cannot reach redis://:redis-secret@host with pass"word')
    except OSError as error:
        say(log, LogEvent.FOLLOWER_WAITS, follower="redis", error=error)
    logging.getLogger("some.library").warning("bearer %s", SETTINGS.token)
    return capsys.readouterr().err.splitlines()


def test_a_line_of_json_is_one_event_with_its_fields(
    capsys: pytest.CaptureFixture[str], root: logging.Logger
) -> None:
    """Law: every line parses; ours bear the event's name, a library's its words."""
    ours, theirs = (msgspec.json.decode(line) for line in written("json", capsys, root))
    assert (ours["event"], ours["level"], ours["follower"]) == ("follower_waits", "warning", "redis")
    assert ours["error"].startswith("OSError: cannot reach")
    assert (theirs["event"], theirs["message"]) == ("library", "bearer ***")
    assert ours["at"].endswith("+00:00")


def test_a_line_of_text_can_be_read(capsys: pytest.CaptureFixture[str], root: logging.Logger) -> None:
    """Law: time, level, event, fields, in that order."""
    ours, theirs = written("text", capsys, root)
    assert " WARNING follower_waits follower=redis error=" in ours
    assert 'message="bearer ***"' in theirs


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_of_the_settings_stands_in_a_line(
    form: Format, capsys: pytest.CaptureFixture[str], root: logging.Logger
) -> None:
    """Law: whoever wrote the line, and however it is escaped."""
    lines = "\n".join(written(form, capsys, root))
    assert "redis-secret" not in lines
    assert "a-token-of-ours" not in lines
    assert "word" not in lines.replace("***", "").replace("library", "")
    assert lines.count("***") >= 3


def test_an_error_shows_where_it_came_from() -> None:
    """Law: what is a fault of hazflow's own bears its traceback, on the same line of JSON."""
    record = logging.LogRecord("x", logging.ERROR, "", 0, "batch_not_taken", None, None)
    try:
        raise ValueError("no")
    except ValueError as error:
        record.exc_info = (type(error), error, error.__traceback__)
    assert "Traceback" in msgspec.json.decode(Lines("json").format(record))["trace"]
    assert "\n" not in Lines("json").format(record)


def test_every_event_has_a_level_and_is_said_somewhere() -> None:
    """Law: how loud an event is belongs to the event; one that nobody says is taken out."""
    assert set(LEVELS) == set(LogEvent)
    code = "".join(path.read_text("utf-8") for part in CODE for path in (TREE / part).rglob("*.py"))
    assert {event for event in LogEvent if f"LogEvent.{event.name}" not in code.replace(OWN, "")} == set()


def test_the_level_of_the_settings_is_kept(capsys: pytest.CaptureFixture[str], root: logging.Logger) -> None:
    """Law: what is below it is not written."""
    logging.config.dictConfig(log_config("text", "warning", ()))
    say(log, LogEvent.LANE_LEFT, lane=3)
    say(log, LogEvent.PORT_TAKEN, error=OSError("in use"))
    assert [line.split()[2] for line in capsys.readouterr().err.splitlines()] == ["port_taken"]
