"""A reader who types what a page says: at the root of a tree of their own, with an installation of their own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

TREE = Path(__file__).parents[2]


def blocks(page: Path, language: str) -> list[str]:
    """The code blocks of one language, as printed."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)


def reader_in(folder: Path) -> Path:
    """A copy of the tree, with what was built in ours: whatever a page tells people to change is changed there."""
    tree = folder / "tree"
    shutil.copytree(TREE, tree, ignore=shutil.ignore_patterns(".*", "var", "__pycache__"))
    (tree / "var").mkdir()
    for built in (".venv", ".cache"):
        (tree / built).symlink_to(TREE / built)
    return tree


def typed(block: str, tree: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a block of shell as one would; stops at the first command that fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HAZFLOW_")}
    environment |= settings | {
        "HAZFLOW_HOME": str(tree / "var" / "home"),
        "PATH": f"{tree / 'bin'}:{os.environ['PATH']}",
        "LANG": "en_GB.UTF-8",
    }
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block],
        cwd=tree,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
