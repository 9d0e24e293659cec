"""The examples in docstrings, run: they are where a function computes what its docstring says."""

from __future__ import annotations

import doctest
import re
from importlib import import_module
from pathlib import Path
from typing import Final

import pytest

from tests.docs.running import TREE

PACKAGES: Final = ("events", "ledger", "detectors", "models", "routing", "simulator", "streams", "delivery", "desk",
                   "cli", "deploy", "benchmarks", "operating")  # fmt: skip


def with_examples() -> list[str]:
    """The modules that hold an example, by name; found in their text, so that only these are imported."""
    paths = [path for package in PACKAGES for path in (TREE / package).rglob("*.py")]
    return sorted(_name(path) for path in paths if re.search(r"^\s*>>> ", path.read_text("utf-8"), re.M))


def _name(path: Path) -> str:
    return ".".join(path.relative_to(TREE).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("module", with_examples())
def test_the_examples_of_a_module_are_true(module: str) -> None:
    """Law: what a docstring shows is what comes out."""
    found = doctest.testmod(import_module(module), verbose=False)
    assert found.attempted > 0
    assert found.failed == 0


def test_every_package_is_searched() -> None:
    """Law: a folder of code that is added is searched too."""
    packages = {path.parent.name for path in TREE.glob("*/__init__.py")} - {"tests"}
    assert packages == set(PACKAGES)
