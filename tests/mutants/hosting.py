"""``python -m tests.mutants.hosting FILE``: tries the mutants on stdin, a JSON line each; prints what came.

The tests are loaded once and run once without a fault: how long each takes, and the functions of the file that it
calls. Then a forked child a mutant: it has the mutant's code in the place of the faultless one and runs the tests
that call the mutated function, those first that noticed most in the least time, until one fails.

Law kept: the tree on the disk is never touched, and a child's doings end with it.
"""

from __future__ import annotations

import contextlib
import doctest
import gc
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Final

import pytest
from hypothesis import Phase, settings

from tests.mutants.afresh import DOCTESTS, QUICK
from tests.mutants.choosing import TREE, Tests, module_of, tests_of
from tests.mutants.replacing import functions_of, replacements

MOST_S: Final = 6.0
"""A mutant's tests take no longer than this without it: the quickest of those that call its function."""
SLACK_S: Final = 10.0
SLOWER: Final = 8.0
"""A mutant that takes so many times as long as without it, and the slack more, hangs the tests: it is noticed."""


class Seen:
    """What one run of the tests showed: seconds and functions by the test, and what runs while modules load."""

    def __init__(self, filename: str) -> None:
        self.filename = filename
        self.seconds: dict[str, float] = {}
        self.calls: dict[str, set[str]] = {}
        self.loading: set[str] = set()

    @contextlib.contextmanager
    def watching(self, found: set[str]) -> Iterator[None]:
        """While something runs: the functions of the file that are called, by qualified name."""

        def called(frame: FrameType, event: str, _: object) -> None:
            if frame.f_code.co_filename == self.filename:
                found.add(frame.f_code.co_qualname.partition(".<locals>")[0])

        sys.settrace(called)
        yield
        sys.settrace(None)

    @contextlib.contextmanager
    def running(self, test: str) -> Iterator[None]:
        """While a test runs."""
        began = time.process_time()
        with self.watching(self.calls.setdefault(test, set())):
            yield
        self.seconds[test] = time.process_time() - began


class Host:
    """A plugin of pytest that tries mutants in the place of the loop over the tests."""

    def __init__(self, path: Path, mutants: list[dict[str, str]], tells: int) -> None:
        self.path, self.mutants, self.tells = path, mutants, tells
        self.source, self.filename = (TREE / path).read_text(encoding="utf-8"), str(TREE / path)
        self.tests: Tests = tests_of(path)
        self.seen = Seen(self.filename)
        self.failed = ""
        self.items: dict[str, pytest.Item | None] = {}
        self.noticed: dict[str, int] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Iterator[None]:
        """Load the tests; what fails need not be made smaller."""
        settings.register_profile("mutants", settings(phases=(Phase.explicit, Phase.generate), database=None))
        settings.load_profile("mutants")
        with self.seen.watching(self.seen.loading):
            yield
            _warm(stories=any("stories" in one for one in self.tests.arguments))

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Only the file's tests."""
        items[:] = [item for item in items if self.tests.counts(item.nodeid)]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test failed."""
        if report.failed:
            self.failed = f"{report.nodeid}\n{report.longreprtext}"

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests once, then the mutants."""
        self.items = {item.nodeid: item for item in session.items}
        if self.tests.doctests:
            self.items[DOCTESTS] = None
        self._look()
        live = functions_of(self.filename)
        gc.collect()
        gc.freeze()
        for mutant in self.mutants:
            self._tell(mutant["id"], *self._tried(mutant["text"], live))
        return True

    def _tell(self, name: str, outcome: str, by: str, seconds: float) -> None:
        line = {"id": name, "outcome": outcome, "by": by, "seconds": round(seconds, 3)}
        os.write(self.tells, (json.dumps(line) + "\n").encode())

    def _look(self) -> None:
        """Run the tests without a fault, in a child."""
        reader, writer = os.pipe()
        if not (pid := os.fork()):
            for test in self.items:
                with self.seen.running(test):
                    self._run(test, None)
                if self.failed:
                    break
            with os.fdopen(writer, "w") as out:
                calls = {test: sorted(found) for test, found in self.seen.calls.items()}
                json.dump([self.failed, self.seen.seconds, calls], out)
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as told:
            failed, self.seen.seconds, calls = json.load(told)
        os.waitpid(pid, 0)
        if failed:
            os.write(2, f"{self.path}: its tests fail without any mutant: {failed}\n".encode())
            os._exit(3)
        self.seen.calls = {test: set(found) for test, found in calls.items()}
        self._tell("", "faultless", f"{len(self.items)} tests", sum(self.seen.seconds.values()))

    def _run(self, test: str, after: str | None) -> None:
        item = self.items[test]
        if item is not None:
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after and self.items[after])
        elif doctest.testmod(importlib.import_module(module_of(self.path))).failed:
            self.failed = DOCTESTS

    def _tried(self, text: str, live: dict[str, list[FunctionType]]) -> tuple[str, str, float]:
        """Outcome, the test that noticed, and the seconds."""
        codes = replacements(self.source, text, self.filename)
        held = codes is not None and set(codes) <= set(live) and not set(codes) & self.seen.loading
        tests = self._tests(set(codes) if held and codes else None)
        ends = SLACK_S + SLOWER * sum(self.seen.seconds[test] for test in tests)
        began = time.monotonic()
        if not tests:
            return "survived", "no test calls it", 0.0
        outcome, by = self._forked(codes, live, tests, ends) if held and codes else self._afresh(text, tests, ends)
        self.noticed[by] = self.noticed.get(by, 0) + 1
        return outcome, by, time.monotonic() - began

    def _tests(self, functions: set[str] | None) -> list[str]:
        """Those that call one of the functions (None: all), the most telling for their time first."""
        fit = [test for test in self.items if functions is None or functions & self.seen.calls[test]]

        def worth(test: str) -> float:
            own = 4 if self.tests.own in test or test == DOCTESTS else 1
            return -(self.noticed.get(test, 0) + 0.1 * own) / (self.seen.seconds[test] + 0.005)

        total = 0.0
        kept: list[str] = []
        for test in sorted(fit, key=worth):
            total += self.seen.seconds[test]
            if total > MOST_S and kept:
                break
            kept.append(test)
        return kept

    def _forked(
        self, codes: dict[str, CodeType], live: dict[str, list[FunctionType]], tests: Sequence[str], ends: float
    ) -> tuple[str, str]:
        reader, writer = os.pipe()
        if not (pid := os.fork()):
            os.close(reader)
            os.setsid()
            os._exit(self._child(codes, live, tests, writer))
        os.close(writer)
        done, _, _ = select.select([reader], [], [], ends)
        if not done:
            os.killpg(pid, signal.SIGKILL)
        by = os.read(reader, 4096).decode() if done else ""
        os.close(reader)
        _, status = os.waitpid(pid, 0)
        if not done:
            return "too slow", ""
        return ("survived", "") if os.waitstatus_to_exitcode(status) == 0 else ("noticed", by)

    def _child(
        self, codes: dict[str, CodeType], live: dict[str, list[FunctionType]], tests: Sequence[str], tells: int
    ) -> int:
        try:
            for name, code in codes.items():
                for function in live[name]:
                    function.__code__ = code
            for number, test in enumerate(tests):
                self._run(test, tests[number + 1] if number + 1 < len(tests) else None)
                if self.failed:
                    os.write(tells, test.encode())
                    return 1
        except BaseException:  # noqa: BLE001 - whatever it is, the mutant was noticed
            return 1
        return 0

    def _afresh(self, text: str, tests: Sequence[str], ends: float) -> tuple[str, str]:
        words = [sys.executable, "-m", "tests.mutants.afresh", module_of(self.path), self.filename, *tests]
        try:
            done = subprocess.run(
                words, input=text, text=True, timeout=ends + SLACK_S, capture_output=True, check=False, cwd=TREE
            )
        except subprocess.TimeoutExpired:
            return "too slow", ""
        return ("survived", "") if done.returncode == 0 else ("noticed", "loading")


def _warm(stories: bool) -> None:
    """Read the policies, and what the stories' little world is made of, before the children need them."""
    importlib.import_module("tests.detector_kit").policy_texts()
    if stories:
        importlib.import_module("tests.stories.telling").tell(until="day 1 00:30")


def main(path: Path) -> int:
    """Try the mutants of one file."""
    mutants = [json.loads(line) for line in sys.stdin]
    tells, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    host = Host(path, mutants, tells)
    quick = [word for word in QUICK if word not in ("-x", "--tb=no")]
    return int(pytest.main([*quick, *host.tests.arguments], plugins=[host]))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
