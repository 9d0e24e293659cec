"""Tries one mutant: a forked child puts it in the place of its module and runs that module's tests.

Law kept: nothing of hazflow is imported before the fork, so that nobody holds the faultless module; the tree on the
disk is never touched.
"""

from __future__ import annotations

import doctest
import importlib
import importlib.abc
import importlib.machinery
import os
import select
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Final, Literal

import msgspec
import pytest

Outcome = Literal["noticed", "survived", "too slow"]
HEAVY: Final = (
    "hypothesis",
    "numpy",
    "scipy.special",
    "shapely",
    "markupsafe",
    "msgspec",
    "pytest",
    "_pytest.assertion.rewrite",
)
"""What the tests load from elsewhere: loaded once, before the forks."""
DOCTESTS: Final = ("doctests",)
"""The run of a module's own examples."""


class InPlace(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds one module, with a text of its own."""

    def __init__(self, name: str, path: Path, text: str) -> None:
        self.name, self.path, self.text = name, path, text

    def find_spec(
        self, fullname: str, path: object, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The module, if it is the one."""
        if fullname != self.name:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, origin=str(self.path))

    def exec_module(self, module: ModuleType) -> None:
        """Run the text as the module."""
        module.__file__ = str(self.path)
        exec(compile(self.text, str(self.path), "exec"), module.__dict__)


class Trial(msgspec.Struct, frozen=True):
    """A module, its file, the text to try, and pytest's arguments: runs in this order until one fails."""

    module: str
    path: Path
    text: str
    runs: tuple[tuple[str, ...], ...]
    seconds: float


def load() -> None:
    """Load what every child needs."""
    for name in HEAVY:
        importlib.import_module(name)


def attempts(trials: Iterable[Trial], workers: int) -> Iterator[tuple[int, Outcome, float]]:
    """The outcome of each trial by its number, as they come, and how long it took; so many at a time."""
    waiting, running = enumerate(trials), dict[int, _Running]()
    for number, trial in waiting:
        running[number] = _begin(trial)
        if len(running) >= workers:
            yield from _ended(running)
    while running:
        yield from _ended(running)


class _Running(msgspec.Struct, frozen=True):
    """A child, the pipe that it holds open as long as it lives, and when it began and must have ended."""

    pid: int
    pipe: int
    began: float
    ends: float


def _begin(trial: Trial) -> _Running:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        os.setsid()
        os._exit(_child(trial))
    os.close(writer)
    now = time.monotonic()
    return _Running(pid, reader, now, now + trial.seconds)


def _ended(running: dict[int, _Running]) -> list[tuple[int, Outcome, float]]:
    """Wait until at least one child has ended or must have."""
    found: list[tuple[int, Outcome, float]] = []
    while not found:
        first = min(one.ends for one in running.values())
        done, _, _ = select.select(
            [one.pipe for one in running.values()], [], [], max(0.0, first - time.monotonic())
        )
        for number, one in list(running.items()):
            late = time.monotonic() >= one.ends
            if one.pipe not in done and not late:
                continue
            if one.pipe not in done:
                os.killpg(one.pid, signal.SIGKILL)
            os.close(one.pipe)
            _, status = os.waitpid(one.pid, 0)
            passed = os.waitstatus_to_exitcode(status) == 0
            outcome: Outcome = "survived" if passed else "noticed" if one.pipe in done else "too slow"
            found.append((number, outcome, time.monotonic() - one.began))
            del running[number]
    return found


def _child(trial: Trial) -> int:
    """0 where every test passes."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    try:
        sys.meta_path.insert(0, InPlace(trial.module, trial.path, trial.text))
        return next((code for run in trial.runs if (code := _tested(run, trial.module))), 0)
    except BaseException:  # noqa: BLE001 - whatever it is, the mutant was noticed
        return 1


def _tested(run: Sequence[str], module: str) -> int:
    if tuple(run) == DOCTESTS:
        # Not by pytest: it would load the faultless file in the module's place.
        return doctest.testmod(importlib.import_module(module)).failed
    quick = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "--no-header", "--tb=no")
    return int(pytest.main([*quick, *run]))
