"""What the page of the rules shows beside cards and policies: evidence by name, and what the simulator stages.

Law kept: both are read from the code that makes them: evidence from the sources of the rule (a test holds it
against what rules really say), scenarios from their own first lines.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

from desk.evidence import label
from detectors.catalogue import catalogue, rule_names
from detectors.paragraph import Shown, rule_name
from simulator.scenarios import DIVERSIONS, LOOK_ALIKES, Staged

_TREE: Final = Path(__file__).parents[1]
_PLAYED: Final = re.compile(r"(?P<rules>[A-E]\d+(?:(?:, | and )[A-E]\d+)*)[^:]*: (?P<what>.+)", re.DOTALL)
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_EVERYDAY: Final = {"buying", "catalogue", "claim", "detector", "fold", "policy", "season", "unit_days", "world"}
"""Modules that make no evidence of their own."""


def shown() -> dict[str, Shown]:
    """What is shown of each rule, by the rule's name."""
    ids = {rule_name(one): one.card.id for one in catalogue()}
    return {
        name: Shown(
            evidence=tuple((one, label(one, "zh"), label(one, "en")) for one in evidence_of(name)),
            diversions=tuple(_played(DIVERSIONS, ids[name])),
            look_alikes=tuple(_played(LOOK_ALIKES, ids[name])),
        )
        for name in rule_names()
    }


def evidence_of(rule: str) -> tuple[str, ...]:
    """The names of the numbers that a rule's findings bear, in alphabetical order."""
    found: set[str] = set()
    waiting, read = [rule], set[str]()
    while waiting:
        module = waiting.pop()
        read.add(module)
        tree = _parsed(module)
        found.update(_names(tree))
        waiting += [one for one in _imports(tree) if one not in read and one not in waiting]
    return tuple(sorted(found - {"measure"}))


def _played(scenes: tuple[Staged, ...], rule: str) -> Iterator[tuple[str, str]]:
    for scene in scenes:
        told = _PLAYED.fullmatch((scene.__doc__ or "").strip())
        if told is not None and rule in re.split(r", | and ", told["rules"]):
            yield scene.__name__, " ".join(told["what"].split())


@lru_cache(maxsize=256)
def _parsed(module: str) -> ast.Module:
    return ast.parse((_TREE / "detectors" / f"{module.replace('.', '/')}.py").read_text("utf-8"))


def _imports(tree: ast.Module) -> Iterator[str]:
    """The detectors' own modules that a module takes something from, those of everyday use apart."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("detectors."):
            name = node.module.removeprefix("detectors.")
            if name not in _EVERYDAY and (_TREE / "detectors" / f"{name.replace('.', '/')}.py").is_file():
                yield name


def _names(tree: ast.Module) -> Iterator[str]:
    """Keys of texts in functions' dicts of evidence, by a constant's name too, and what is asked of ``numbers``."""
    named: dict[str, str] = {}
    for top in tree.body:
        match top:
            case ast.AnnAssign(target=ast.Name(id=constant), value=ast.Constant(value=str(text))):
                named[constant] = text
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            match node:
                case ast.Dict(keys=keys) if keys and not _of_pairs(node):
                    yield from (key.value for key in keys if _is_name(key))  # type: ignore[union-attr]  # a Constant
                    yield from (named[key.id] for key in keys if isinstance(key, ast.Name) and key.id in named)
                case ast.Subscript(
                    value=ast.Name(id="n" | "numbers" | "told"), slice=ast.Constant(value=str(name))
                ):
                    yield name
                case ast.Subscript(
                    value=ast.Name(id="n" | "numbers" | "told"),
                    slice=ast.JoinedStr(values=[ast.Constant(value=str(name)), *_]),
                ):
                    yield f"{name}1"


def _of_pairs(node: ast.Dict) -> bool:
    """Whether a dict is a table of names for people."""
    return all(isinstance(value, ast.Tuple) for value in node.values)


def _is_name(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Constant) and isinstance(key.value, str) and bool(_NAME.fullmatch(key.value))
