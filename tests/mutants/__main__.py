"""``python -m tests.mutants [FILE ...] [--all] [--seconds N]``: the score of files, and what survived.

Without files: those of detectors/ and ledger/ that differ from where this branch left main, or, on main itself,
from the commit before.
"""

from __future__ import annotations

import argparse
import difflib
import itertools
import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from tests.mutants.trying import DOCTESTS, Outcome, Trial, attempts, load

TREE: Final = Path(__file__).parents[2]
TOOL: Final = TREE / ".cache" / "mutants" / "bin" / "python"
FOLDERS: Final = ("detectors", "ledger")
SLOWEST_S: Final = 90.0
"""A mutant that takes longer hangs the tests: it is noticed."""
_RULE: Final = re.compile(r"([a-e]\d{1,2})_\w+")


class Result(msgspec.Struct, frozen=True):
    """What came of one mutant."""

    operator: str
    text: str
    outcome: Outcome


def main() -> int:
    """Try the mutants of each file, print score and survivors."""
    asked = _asked()
    files = [Path(name) for name in asked.files] or (_every() if asked.all else _changed())
    if not files:
        print("no file of detectors/ or ledger/ has changed; name one, or say --all")
        return 0
    load()
    ends, scores = time.monotonic() + asked.seconds, []
    for path in files:
        if time.monotonic() > ends:
            print(f"{path}: not begun, the time is up")
            continue
        scores.append(_score(path, ends, asked))
    noticed, tried = sum(one[0] for one in scores), sum(one[1] for one in scores)
    print(f"\nin all: {noticed} of {tried} mutants noticed ({_percent(noticed, tried):.1f} %)")
    return 0 if _percent(noticed, tried) >= asked.least else 1


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("files", nargs="*", help="files of detectors/ or ledger/")
    parser.add_argument("--all", action="store_true", help="every file of both folders")
    parser.add_argument("--seconds", type=float, default=3_300.0, help="stop after so long (default: 3,300)")
    parser.add_argument(
        "--most", type=int, default=10_000, help="mutants of a file, drawn by chance if it has more"
    )
    parser.add_argument("--seed", type=int, default=1, help="of that chance")
    parser.add_argument("--workers", type=int, default=2, help="mutants tried at a time")
    parser.add_argument("--least", type=float, default=0.0, help="percent below which this fails")
    return parser.parse_args()


def _score(path: Path, ends: float, asked: argparse.Namespace) -> tuple[int, int]:
    """How many of a file's mutants were noticed, and how many were tried."""
    source, began = path.read_text(encoding="utf-8"), time.monotonic()
    written = _written(path)
    chosen = written if len(written) <= asked.most else random.Random(asked.seed).sample(written, asked.most)
    ((_, outcome, took),) = attempts([_trial(path, source)], 1)
    if outcome != "survived":
        raise SystemExit(f"{path}: its tests fail without any mutant")
    in_time = itertools.takewhile(lambda _: time.monotonic() < ends, (_trial(path, one["text"]) for one in chosen))
    results: list[Result] = []
    for number, outcome, _ in attempts(in_time, asked.workers):
        results.append(Result(chosen[number]["operator"], chosen[number]["text"], outcome))
        if len(results) % 20 == 0:
            print(f"  {path}: {len(results)} of {len(chosen)}", file=sys.stderr, flush=True)
    survivors = [one for one in results if one.outcome == "survived"]
    for one in survivors:
        print(f"\nsurvived: {one.operator}")
        print("\n".join(_difference(path, source, one.text)))
    noticed, tried = len(results) - len(survivors), len(results)
    spent, left = time.monotonic() - began, len(written) - tried
    share = f"{noticed} of {tried} noticed ({_percent(noticed, tried):.1f} %)"
    rest = f", {left} not tried" if left else ""
    print(f"{path}: {share}{rest}; {took:.1f} s a run, {spent:.0f} s in all")
    sys.stdout.flush()
    return noticed, tried


def _written(path: Path) -> list[dict[str, str]]:
    told = subprocess.run(
        [str(TOOL), str(TREE / "tests" / "mutants" / "writing.py"), str(path)],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return [json.loads(line) for line in told.splitlines()]


def _trial(path: Path, text: str) -> Trial:
    full = (TREE / path).resolve()
    module = ".".join(full.relative_to(TREE).with_suffix("").parts)
    return Trial(module, full, text, tuple(_runs(path)), SLOWEST_S)


def _runs(path: Path) -> Iterator[tuple[str, ...]]:
    """The tests of a file: its own first, then those of the rules that use it, then the laws of its kind."""
    unit = TREE / "tests" / "unit" / path.parent.name / f"test_{path.stem}.py"
    own = [str(one) for one in (unit, TREE / "tests" / "stories" / f"test_{path.stem}.py") if one.is_file()]
    if own:
        yield tuple(own)
    if ">>>" in (TREE / path).read_text(encoding="utf-8"):
        yield DOCTESTS
    rule, checks = _RULE.fullmatch(path.stem), str(TREE / "tests" / "checks")
    if rule is not None:
        yield (checks, "-k", f"{rule[1].upper()}-")
        return
    users = _users(path)
    if users:
        yield tuple(users)
    if path.parent.name == "ledger" or not users:
        yield (str(TREE / "tests" / "unit" / path.parent.name),)
        yield (checks,)


def _users(path: Path) -> list[str]:
    """The tests of the rules that import a module."""
    name = f"from {path.parent.name}.{path.stem} import"
    rules = [
        one.stem for one in sorted((TREE / "detectors").glob("*.py")) if name in one.read_text(encoding="utf-8")
    ]
    tests = (TREE / "tests" / "unit" / "detectors" / f"test_{rule}.py" for rule in rules if _RULE.fullmatch(rule))
    return [str(test) for test in tests if test.is_file()]


def _every() -> list[Path]:
    return [path.relative_to(TREE) for folder in FOLDERS for path in sorted((TREE / folder).glob("*.py"))
            if path.name != "__init__.py"]  # fmt: skip


def _changed() -> list[Path]:
    """What differs from where this branch left main; on main itself, from the commit before."""
    base = _git("merge-base", "HEAD", "main") or _git("merge-base", "HEAD", "origin/main")
    if not base or base == _git("rev-parse", "HEAD"):
        base = "HEAD~1"
    names = _git("diff", "--name-only", "--diff-filter=d", base, "--", *FOLDERS).splitlines()
    return [Path(name) for name in names if name.endswith(".py") and not name.endswith("__init__.py")]


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=TREE, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def _difference(path: Path, source: str, text: str) -> list[str]:
    lines = difflib.unified_diff(source.splitlines(), text.splitlines(), str(path), "mutant", lineterm="", n=0)
    return [line for line in lines if not line.startswith(("---", "+++"))]


def _percent(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else 100.0


if __name__ == "__main__":
    sys.exit(main())
