"""Which files are mutated, and which tests are those of a file.

A file's tests are its own (units, ``test_<file>.py`` and ``test_<file>_<of what>.py``, story, doctests) and, for a
rule, all units that bear its id, and its checks; for what rules share, those of the rules that come to it through
the fewest imports; for the ledger, all units of the ledger and what each rule says in its own history.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Final

import msgspec

TREE: Final = Path(__file__).parents[2]
FOLDERS: Final = ("detectors", "ledger")
CHECKS: Final = TREE / "tests" / "checks"
SPEAKING: Final = "test_speaks_in_its_own_history"
"""The check that shows in a moment what every rule says."""
_RULE: Final = re.compile(r"([a-e]\d{1,2})_\w+")


class Tests(msgspec.Struct, frozen=True):
    """Pytest's arguments; of the checks count those of these rules, or, for the ledger, those that speak."""

    arguments: tuple[str, ...]
    rules: tuple[str, ...]
    own: str
    doctests: bool

    def counts(self, node: str) -> bool:
        """Whether a test is one of the file's."""
        if "tests/checks/" not in node:
            return True
        if not self.rules:
            return SPEAKING in node
        return any(f"[{rule}-" in node for rule in self.rules)


def every() -> list[Path]:
    """All files that are mutated, by folder."""
    found = (path for folder in FOLDERS for path in sorted((TREE / folder).rglob("*.py")))
    return [path.relative_to(TREE) for path in found if path.name != "__init__.py"]


def changed() -> list[Path]:
    """What differs from where this branch left main; on main itself, from the commit before."""
    base = _git("merge-base", "HEAD", "main") or _git("merge-base", "HEAD", "origin/main")
    if not base or base == _git("rev-parse", "HEAD"):
        base = "HEAD~1"
    names = _git("diff", "--name-only", "--diff-filter=d", base, "--", *FOLDERS).splitlines()
    return [Path(name) for name in names if name.endswith(".py") and not name.endswith("__init__.py")]


def module_of(path: Path) -> str:
    """The dotted name of a file's module."""
    return ".".join(path.with_suffix("").parts)


def tests_of(path: Path) -> Tests:
    """The tests of a file."""
    unit = TREE / "tests" / "unit" / path.parent
    own, story = unit / f"test_{path.stem}.py", TREE / "tests" / "stories" / f"test_{path.stem}.py"
    doctests = ">>>" in (TREE / path).read_text(encoding="utf-8")
    if path.parts[0] == "ledger":
        return Tests((str(unit), str(CHECKS)), (), own.name, doctests)
    rules = [path.stem] if _RULE.fullmatch(path.stem) else _nearest_rules(module_of(path))
    ids = (rule.partition("_")[0] for rule in rules)
    units = (one for id_ in ids for one in sorted((TREE / "tests" / "unit" / "detectors").glob(f"test_{id_}_*.py")))
    kin = [*unit.glob("test_*.py")] if path.parent.name != "detectors" else []
    files = dict.fromkeys((own, *sorted(unit.glob(f"{own.stem}_*.py")), story, *kin, *units))
    named = tuple(match[1].upper() for rule in rules if (match := _RULE.fullmatch(rule)))
    return Tests((*(str(one) for one in files if one.is_file()), str(CHECKS)), named, own.name, doctests)


def _nearest_rules(module: str) -> list[str]:
    """The rules that import a module, or that import what imports it, and so on until there are some."""
    texts = {path: (TREE / path).read_text(encoding="utf-8") for path in every()}
    wanted, seen = {module}, {module}
    while wanted:
        names = [f"from {name} import" for name in wanted]
        users = {path for path, text in texts.items() if any(name in text for name in names)}
        rules = sorted(path.stem for path in users if _RULE.fullmatch(path.stem))
        if rules:
            return rules
        wanted = {module_of(path) for path in users} - seen
        seen |= wanted
    return []


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=TREE, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
