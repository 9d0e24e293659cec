"""``make chaos``: a run as long as one likes, by hand; writes its log and its summary.

make chaos ARGS="--kills 200 --seed 7"
"""

from __future__ import annotations

import argparse
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

import msgspec

from tests.chaos.real.runner import Runner

TREE = Path(__file__).parents[3]


def main() -> int:
    """Run; 0 where nothing was wrong."""
    parser = argparse.ArgumentParser(prog="make chaos")
    parser.add_argument("--kills", type=int, default=40, help="how many kill -9")
    parser.add_argument(
        "--seed", type=int, default=None, help="of plan and production; drawn where it is not given"
    )
    parser.add_argument("--size", type=int, default=None, help="units a county: how much is produced")
    parser.add_argument("--out", type=Path, default=TREE / "var" / "chaos", help="where log and summary go")
    asked = parser.parse_args()
    seed = secrets.randbelow(1_000_000) if asked.seed is None else asked.seed
    asked.out.mkdir(parents=True, exist_ok=True)
    with (asked.out / f"seed-{seed}.log").open("w", encoding="utf-8") as log:

        def tell(line: str) -> None:
            print(line, flush=True)
            print(line, file=log, flush=True)

        folder = Path(tempfile.mkdtemp(prefix=f"chaos-{seed}-"))
        size = asked.size or max(4, asked.kills // 4)
        summary = Runner(seed, asked.kills, folder, size=size, tell=tell).run()
        if summary.wrong:
            tell(f"everything of it is in {folder}")
        else:
            shutil.rmtree(folder)
        text = msgspec.json.format(msgspec.json.encode(summary), indent=2).decode()
        tell(text)
    (asked.out / f"seed-{seed}.json").write_text(text + "\n", encoding="utf-8")
    return 1 if summary.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
