"""A small simulated province, written once, and an installation for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

import simulator
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


@pytest.fixture
def replayed(hazflow: Installed, province: tuple[simulator.Simulation, Path]) -> Installed:
    """The same, with the small province replayed into it."""
    assert hazflow("replay", province[1] / "log.jsonl.gz").code == 0
    return hazflow
