"""A virtual environment for each peer, under ``.cache/peers``: what it needs never enters the project's own lock.

Law kept: versions and hashes are those of ``requirements-NAME.txt``; another text is another environment.
"""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Final

TREE: Final = Path(__file__).parents[2]
PEERS: Final = ("faust", "quix", "bytewax")


def environment_of(peer: str) -> Path:
    """The folder of a peer's environment, built first where there is none for its requirements as they are."""
    requirements = Path(__file__).with_name(f"requirements-{peer}.txt")
    folder = TREE / ".cache" / "peers" / peer
    stamp, wanted = folder / "built-for", sha256(requirements.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"building {folder}", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "-r", str(requirements)], check=True)
        stamp.write_text(wanted)
    return folder


if __name__ == "__main__":
    for name in PEERS:
        print(environment_of(name))
