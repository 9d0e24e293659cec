"""The README's shell, typed by a newcomer while the service runs. `make` itself is what runs these tests."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from detectors.catalogue import rule_names
from tests.docs.running import TREE, blocks, reader_in, typed

README = TREE / "README.md"
PATIENCE_S = 120.0


class Newcomer(NamedTuple):
    """A tree with the service going in it, and the port of its page."""

    tree: Path
    port: int

    def types(self, block: str) -> subprocess.CompletedProcess[str]:
        """Type a block; the page's usual port may be taken here, so another stands in for it."""
        return typed(block.replace("127.0.0.1:8600", f"127.0.0.1:{self.port}"), self.tree)


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newcomer]:
    """`make run` with the small sample in place of the week, stopped by Ctrl-C."""
    tree = reader_in(tmp_path_factory.mktemp("newcomer"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HAZFLOW_")}
    environment |= {"HAZFLOW_HOME": str(tree / "var" / "home"), "HAZFLOW_BIND": f"127.0.0.1:{port}"}
    log = (tree / "var" / "log").open("wb")
    command = [str(tree / "bin" / "hazflow"), "run", "--preset", "tiny"]
    with log, subprocess.Popen(command, cwd=tree, env=environment, stdout=log, stderr=log) as service:
        try:
            _until_read(port, service, tree / "var" / "log")
            yield Newcomer(tree, port)
        finally:
            service.terminate()


def _until_read(port: int, service: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the whole sample is read."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and service.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/time", timeout=5) as told:
                state = json.load(told)
            if state["time"] is not None and state["progress"] is None:
                return
        except OSError:
            pass
        time.sleep(0.2)
    pytest.fail(log.read_text("utf-8", "replace"))


def test_the_first_report_is_answered_with_a_warning(newcomer: Newcomer) -> None:
    """Law: every command of the page runs as printed, and what it promises comes true."""
    report, asking = blocks(README, "sh")
    done = newcomer.types(report)
    assert done.returncode == 0, done.stderr
    assert '"accepted"' in done.stdout
    warned = json.loads(done.stdout[done.stdout.index('{"items"') :])["items"]
    assert [(one["detector"], one["severity"]) for one in warned] == [("B1", "red")]
    asked = newcomer.types(asking)
    assert asked.returncode == 0, asked.stdout + asked.stderr
    assert "S35010201A" in asked.stdout


def test_make_run_twice_doubles_nothing(tmp_path: Path) -> None:
    """Law: stopped and started again, the same warnings stand; on a terminal that is none it prints plainly."""
    tree = reader_in(tmp_path)
    told = []
    for _ in range(2):
        done = typed('make -s run ARGS="--preset tiny --once"', tree, HAZFLOW_BIND="127.0.0.1:0")
        assert done.returncode == 0, done.stderr
        told.append(done.stdout.partition("\n")[2])
    assert told[0] == told[1]
    assert "账物不符" in told[0]
    assert "\x1b" not in told[0]


def test_make_kafka_says_what_make_run_says(tmp_path: Path) -> None:
    """Law: the same sample on a real Kafka and Redis with a Faust worker; the desk's database has the warnings."""
    tree = reader_in(tmp_path)
    made = typed("hazflow simulate --preset tiny --out var/tiny", tree)
    assert made.returncode == 0, made.stderr
    command = 'make -s kafka ARGS="--log var/tiny/log.jsonl.gz --once" && hazflow evaluate var/tiny/labels.json'
    done = typed(command, tree, HAZFLOW_BIND="127.0.0.1:0")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^B1 +2 +0 +0 ", done.stdout, re.M), done.stdout


def test_every_make_target_of_the_page_is_there() -> None:
    """Law: what the page tells people to make can be made."""
    named = {line.split()[1] for block in blocks(README, "text") for line in block.splitlines() if line}
    done = subprocess.run(["make", "-s", "help"], cwd=TREE, capture_output=True, text=True, check=True)
    assert named <= {line.split()[1] for line in done.stdout.splitlines()}


def test_the_pages_count_the_rules_rightly() -> None:
    """Law: a rule that is added is announced; the list of changes names each."""
    rules = rule_names()
    assert f" {len(rules)} rules" in README.read_text("utf-8")
    changes = (TREE / "CHANGELOG.md").read_text("utf-8")
    assert f" {len(rules)} rules" in changes
    assert {name.partition("_")[0].upper() for name in rules} <= set(re.findall(r"\b[A-E]\d+\b", changes))


def test_the_picture_is_small() -> None:
    """Law: a clone does not pay for a picture."""
    assert (TREE / "docs" / "img" / "warnings.png").stat().st_size < 300_000
