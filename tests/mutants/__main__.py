"""``python -m tests.mutants [FILE ...] [--all] [--most N] [--seconds N]``: the score of files, and what survived.

Without files: those of detectors/ and ledger/ that differ from where this branch left main, or, on main itself,
from the commit before. What was tried is kept in ``.cache/mutants/tried.jsonl``: a run that was cut off goes on
from there, and a mutant whose file and tests are as they were is not tried again (``--anew`` tries all); one that
survived is, where the checks have changed.
"""

from __future__ import annotations

import argparse
import difflib
import hashlib
import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import msgspec

from tests.mutants.choosing import CHECKS, TREE, changed, every, tests_of

CACHE: Final = TREE / ".cache" / "mutants"
WRITTEN: Final = CACHE / "written"
TRIED: Final = CACHE / "tried.jsonl"


class Mutant(msgspec.Struct, frozen=True):
    """A mutant's name (a digest of it and of the tests), its operator, and its text."""

    id: str
    operator: str
    text: str


class Score(msgspec.Struct, frozen=True):
    """What came of a file: its mutants, those tried, those noticed, and the survivors as differences."""

    file: str
    mutants: int
    tried: int
    noticed: int
    survivors: tuple[str, ...]


class Log:
    """What was tried, by the mutant's name; every outcome is written down as it comes."""

    def __init__(self, anew: bool) -> None:
        lines = TRIED.read_text(encoding="utf-8").splitlines() if TRIED.exists() and not anew else []
        self.checks = _digest(_texts([CHECKS]))
        self.outcomes: dict[str, str] = {
            one["id"]: one["outcome"]
            for one in map(json.loads, lines)
            if one["outcome"] != "survived" or one.get("checks") == self.checks
        }
        self._lock = threading.Lock()

    def add(self, line: dict[str, Any]) -> None:
        """One more."""
        with self._lock, TRIED.open("a", encoding="utf-8") as log:
            log.write(json.dumps(line | {"checks": self.checks}) + "\n")
            self.outcomes[line["id"]] = line["outcome"]


def main() -> int:
    """Try the mutants of each file, print score and survivors."""
    asked = _asked()
    files = [Path(name) for name in asked.files] or (every() if asked.all else changed())
    if not files:
        print("no file of detectors/ or ledger/ has changed; name one, or say --all")
        return 0
    WRITTEN.mkdir(exist_ok=True)
    ends, log = time.monotonic() + asked.seconds, Log(asked.anew)
    with ThreadPoolExecutor(asked.workers) as pool:
        scores = list(pool.map(lambda path: _score(path, ends, asked, log), files))
    noticed, tried = sum(one.noticed for one in scores), sum(one.tried for one in scores)
    if asked.json:
        Path(asked.json).write_bytes(msgspec.json.format(msgspec.json.encode(scores)))
    print("\n" + "\n".join(_table(scores)))
    print(f"\nin all: {noticed} of {tried} mutants noticed ({_percent(noticed, tried):.1f} %)")
    unfinished = [one.file for one in scores if one.tried < min(one.mutants, asked.most)]
    if unfinished:
        print(f"not whole (the same command goes on): {', '.join(unfinished)}")
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
    parser.add_argument("--workers", type=int, default=2, help="files tried at a time")
    parser.add_argument("--least", type=float, default=0.0, help="percent below which this fails")
    parser.add_argument("--anew", action="store_true", help="try again what the log holds")
    parser.add_argument("--json", metavar="FILE", help="write scores and survivors there")
    return parser.parse_args()


def _score(path: Path, ends: float, asked: argparse.Namespace, log: Log) -> Score:
    """Try the mutants of one file that the log does not hold."""
    source, began = (TREE / path).read_text(encoding="utf-8"), time.monotonic()
    written = _written(path, source)
    chosen = random.Random(asked.seed).sample(written, len(written))[: asked.most]  # more goes on from fewer
    _try(path, [one for one in chosen if one.id not in log.outcomes], ends, log)
    tried = [one for one in chosen if one.id in log.outcomes]
    survivors = [one for one in tried if log.outcomes[one.id] == "survived"]
    shown = tuple(f"{one.operator}\n" + "\n".join(_difference(path, source, one.text)) for one in survivors)
    noticed = len(tried) - len(survivors)
    share = f"{noticed} of {len(tried)} noticed ({_percent(noticed, len(tried)):.1f} %) of {len(written)} mutants"
    told = "\n".join(f"survived: {one}" for one in shown)
    sys.stdout.write(f"{path}: {share}, {time.monotonic() - began:.0f} s\n" + (f"{told}\n\n" if told else ""))
    sys.stdout.flush()
    return Score(str(path), len(written), len(tried), noticed, shown)


def _try(path: Path, mutants: Sequence[Mutant], ends: float, log: Log) -> None:
    """Have a process of their own try them, until the time is up."""
    if not mutants or time.monotonic() > ends:
        return
    host = subprocess.Popen(
        [sys.executable, "-m", "tests.mutants.hosting", str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=TREE,
    )  # fmt: skip
    assert host.stdin is not None
    assert host.stdout is not None
    with host:
        host.stdin.write(b"".join(msgspec.json.encode(one) + b"\n" for one in mutants))
        host.stdin.close()
        for line in host.stdout:
            told = json.loads(line)
            if told["id"]:
                log.add({"file": str(path), **told})
            if time.monotonic() > ends:
                host.kill()
                return
    if host.returncode:
        print(f"{path}: not tried, see above", file=sys.stderr, flush=True)


def _written(path: Path, source: str) -> list[Mutant]:
    """Every mutant of a file, from the cache if it was written before."""
    kept = WRITTEN / f"{_digest([source])}.jsonl"
    if not kept.exists():
        told = subprocess.run(
            [str(CACHE / "bin" / "python"), str(TREE / "tests" / "mutants" / "writing.py"), str(path)],
            check=True, capture_output=True, text=True, cwd=TREE,
        ).stdout  # fmt: skip
        kept.write_text(told, encoding="utf-8")
    tests = _digest(_texts(place for one in tests_of(path).arguments if (place := Path(one)) != CHECKS))
    lines = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    return [Mutant(_digest([str(path), one["text"], tests]), one["operator"], one["text"]) for one in lines]


def _texts(places: Iterable[Path]) -> list[str]:
    """What files say, and the files right in folders."""
    files = [one for place in places for one in ([place] if place.is_file() else sorted(place.glob("*.py")))]
    return [one.read_text(encoding="utf-8") for one in files]


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:20]


def _difference(path: Path, source: str, text: str) -> list[str]:
    lines = difflib.unified_diff(source.splitlines(), text.splitlines(), str(path), "mutant", lineterm="", n=0)
    return [line for line in lines if not line.startswith(("---", "+++"))]


def _table(scores: Sequence[Score]) -> list[str]:
    """A row a file, and a folder's together."""
    rows = ["| file | mutants | tried | noticed | score |", "|---|---|---|---|---|"]
    folders: dict[str, list[Score]] = {}
    for one in scores:
        folders.setdefault(str(Path(one.file).parent), []).append(one)
    for folder, inside in folders.items():
        rows += [_row(f"`{one.file}`", [one]) for one in inside] + [_row(f"**{folder}/**", inside)]
    return [*rows, _row("**together**", scores)]


def _row(name: str, scores: Sequence[Score]) -> str:
    mutants, tried = sum(one.mutants for one in scores), sum(one.tried for one in scores)
    noticed = sum(one.noticed for one in scores)
    return f"| {name} | {mutants} | {tried} | {noticed} | {_percent(noticed, tried):.1f} % |"


def _percent(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else 100.0


if __name__ == "__main__":
    sys.exit(main())
