"""A small simulated province, written once, and an installation for each test."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import simulator
from cli.__main__ import main
from tests.unit.cli.installed import TREE, Installed, small


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> tuple[simulator.Simulation, Path]:
    """A simulation and the folder that it lies in."""
    simulation, folder = small(), tmp_path_factory.mktemp("province")
    simulator.write(simulation, folder)
    return simulation, folder


@pytest.fixture
def hazflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Installed:
    """The command line in an empty installation, with the tree's policies, speaking English."""
    home = tmp_path / "home"
    monkeypatch.setenv("HAZFLOW_HOME", str(home))
    monkeypatch.setenv("HAZFLOW_POLICIES", str(TREE / "policies"))
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    return Installed(home, capsys)


@pytest.fixture(scope="session")
def replayed_once(province: tuple[simulator.Simulation, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a replay of the small province, made once."""
    home = tmp_path_factory.mktemp("replayed")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HAZFLOW_HOME", str(home))
        environment.setenv("HAZFLOW_POLICIES", str(TREE / "policies"))
        assert main(["replay", str(province[1] / "log.jsonl.gz")]) == 0
    return home / "hazflow.db"


@pytest.fixture
def replayed(hazflow: Installed, replayed_once: Path) -> Installed:
    """An installation with the small province replayed into it."""
    hazflow.home.mkdir()
    with closing(sqlite3.connect(replayed_once)) as made, closing(sqlite3.connect(hazflow.database)) as copy:
        made.backup(copy)
    return hazflow
