"""A command line to test with: runs verbs in this process, in an installation of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import simulator
from cli.__main__ import main
from events.log import Received, Tick

TREE = Path(__file__).parents[3]


class Ran(NamedTuple):
    """What one command did: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What ``--json`` printed."""
        return json.loads(self.out)


class Installed:
    """An installation in a folder of its own."""

    def __init__(self, home: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.home, self._capture = home, capture

    @property
    def database(self) -> Path:
        """Its database."""
        return self.home / "hazflow.db"

    def __call__(self, *words: str | Path) -> Ran:
        """Run one command line."""
        self._capture.readouterr()
        code = main([str(word) for word in words])
        return Ran(code, *self._capture.readouterr())


def small() -> simulator.Simulation:
    """A day of three counties."""
    return simulator.simulate(simulator.tiny(simulator.known_areas()))


def first_events(simulation: simulator.Simulation, kind: str, count: int) -> list[bytes]:
    """Some events of a kind, as their providers sent them."""
    mark = f'"kind":"{kind}"'.encode()
    found = [line.raw for line in simulation.log if isinstance(line, Received) and mark in line.raw]
    return found[:count]


def last_tick(simulation: simulator.Simulation) -> int:
    """Where a simulation's time ends."""
    return max(line.at for line in simulation.log if isinstance(line, Tick))
