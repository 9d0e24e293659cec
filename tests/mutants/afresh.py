"""``python -m tests.mutants.afresh MODULE PATH TESTS``: the tests with a mutant (stdin) in its module's place.

For what runs while modules load. Law kept: nothing of hazflow is imported before the mutant is in its place.
"""

from __future__ import annotations

import doctest
import importlib
import importlib.abc
import importlib.machinery
import sys
from pathlib import Path
from types import ModuleType

import pytest

DOCTESTS = "doctests"
"""In the place of a test: the module's own examples."""
QUICK = ("-x", "-q", "-n0", "-p", "no:cacheprovider", "-p", "no:randomly", "--no-header", "--tb=no")


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


def main(name: str, path: str, tests: list[str]) -> int:
    """0 where every test passes."""
    sys.meta_path.insert(0, InPlace(name, Path(path), sys.stdin.read()))
    if DOCTESTS in tests:
        if doctest.testmod(importlib.import_module(name)).failed:
            return 1
        tests = [one for one in tests if one != DOCTESTS]
    return int(pytest.main([*QUICK, *tests])) if tests else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
