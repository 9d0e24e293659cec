"""``hazflow run`` as people run it: a process, a page, a signal.

Laws: stopped at any point and run again, nothing is lost and nothing doubled (6); what stands in the way is said
in one line.
"""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from streams.assembly import TREE
from tests.engines import Answers, answers

_PAGE = re.compile(r"http://127\.0\.0\.1:(\d+)/")


def environment(home: Path, bind: str = "127.0.0.1:0") -> dict[str, str]:
    """An installation in a folder of its own, on any free port."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("HAZFLOW_")}
    return mine | {"HAZFLOW_HOME": str(home), "HAZFLOW_BIND": bind, "PYTHONUNBUFFERED": "1"}


def command(*words: str) -> list[str]:
    """The command line of a small sample."""
    return [sys.executable, "-m", "cli", "run", "--preset", "tiny", *words]


@contextmanager
def running(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process, once it says where its page is, and that address."""
    with subprocess.Popen(
        command(), cwd=TREE, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if found := _PAGE.search(line):
                    yield process, found.group()
                    break
        finally:
            process.kill()


def answered(address: str) -> bytes:
    """The page: whoever is told the address may ask at once."""
    with urllib.request.urlopen(address, timeout=20) as page:
        body: bytes = page.read()
        return body


def said(home: Path) -> Answers:
    """The books, warnings and refusals of an installation."""
    with closing(sqlite3.connect(f"file:{home / 'hazflow.db'}?mode=ro", uri=True)) as database:
        return answers(database)


def begun(home: Path) -> bool:
    """Whether a part of the sample is committed."""
    try:
        with closing(sqlite3.connect(f"file:{home / 'hazflow.db'}?mode=ro", uri=True, timeout=10)) as database:
            return int(database.execute("SELECT count(*) FROM feeds").fetchone()[0]) > 0
    except sqlite3.OperationalError:
        return False


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """What a whole run ends in."""
    home = tmp_path_factory.mktemp("whole")
    done = subprocess.run(
        command("--once"), cwd=TREE, env=environment(home), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return said(home)


def test_killed_while_it_reads_it_ends_where_an_uninterrupted_run_does(
    uninterrupted: Answers, tmp_path: Path
) -> None:
    """kill -9 once a part is committed, then again to the end: the same warnings and books."""
    with running(tmp_path) as (process, _):
        deadline = time.monotonic() + 30
        while not begun(tmp_path) and time.monotonic() < deadline:
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
            assert process.returncode is None
        process.kill()
    assert begun(tmp_path)
    again = subprocess.run(
        command("--once"), cwd=TREE, env=environment(tmp_path), capture_output=True, timeout=60, check=False
    )
    assert again.returncode == 0
    found = said(tmp_path)
    assert found == uninterrupted
    assert found.warnings


def test_the_page_answers_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    """While the sample is still being read; exit 0, within five seconds."""
    with running(tmp_path) as (process, address):
        assert b"<html" in answered(address)
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        assert time.monotonic() - begin < 30


def test_a_second_one_on_the_same_port_says_so(tmp_path: Path) -> None:
    """One line that names the address and what to set; the first goes on."""
    with running(tmp_path / "first") as (process, address):
        bind = address.removeprefix("http://").rstrip("/")
        second = subprocess.run(
            command("--once"), cwd=TREE, env=environment(tmp_path / "second", bind),
            capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
        assert second.returncode != 0
        assert f"cannot listen on {bind}" in second.stderr
        assert "HAZFLOW_BIND=" in second.stderr
        assert "Traceback" not in second.stderr
        assert answered(address)
        assert process.poll() is None
