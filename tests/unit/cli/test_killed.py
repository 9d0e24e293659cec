"""kill -9 of the embedded engine: what was committed is there, what was not is taken again, nothing is doubled."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

import simulator
from streams.feeding import STRETCH
from tests.engines import Answers, answers
from tests.unit.cli.installed import TREE

PATIENCE_S = 120.0


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days of six counties: more than one commit takes."""
    folder = tmp_path_factory.mktemp("six")
    config = simulator.of_size(simulator.known_areas(), counties=6, units_per_county=9, days=2)
    simulation = simulator.simulate(config)
    assert len(simulation.log) > STRETCH
    simulator.write(simulation, folder)
    return folder / "log.jsonl.gz"


def replaying(log: Path, database: Path) -> subprocess.Popen[bytes]:
    """`hazflow replay` as a process of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HAZFLOW_")}
    environment |= {"HAZFLOW_HOME": str(database.parent)}
    command = [sys.executable, "-m", "cli", "replay", str(log), "--database", str(database)]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=TREE, env=environment, stdin=quiet, stdout=quiet, stderr=quiet)


def taken(database: Path) -> int:
    """How much of the log the database holds."""
    if not database.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as db:
            return int(db.execute("SELECT coalesce(max(position), 0) FROM feeds").fetchone()[0])
    except sqlite3.OperationalError:  # its tables are not there yet
        return 0


def said(database: Path) -> Answers:
    """What stands in a database."""
    with closing(sqlite3.connect(database)) as db:
        return answers(db)


def test_a_replay_killed_twice_ends_where_an_uninterrupted_one_does(log: Path, tmp_path: Path) -> None:
    """Law 6: once behind the first commit, once while everything is still being taken up again."""
    killed, whole = tmp_path / "killed.db", tmp_path / "whole.db"
    first = replaying(log, killed)
    deadline = time.monotonic() + PATIENCE_S
    while taken(killed) == 0 and time.monotonic() < deadline:
        time.sleep(0.01)
    first.kill()
    assert first.wait() == -9, "it was to be killed before its end"
    reached = taken(killed)
    assert reached >= STRETCH
    second = replaying(log, killed)
    with pytest.raises(subprocess.TimeoutExpired):
        second.wait(0.5)
    second.kill()
    second.wait()
    assert taken(killed) >= reached
    assert replaying(log, killed).wait(PATIENCE_S) == 0
    assert replaying(log, whole).wait(PATIENCE_S) == 0
    assert said(killed) == said(whole)
    assert said(whole).warnings
