"""Struct types are made ready before threads share them: lanes are taken up side by side."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec

from streams.assembly import TREE
from streams.store import MemoryStore
from tests.laws.lanes import Lanes

SIDE_BY_SIDE = """
import sys, threading
from pathlib import Path

import msgspec

from streams.assembly import TREE, assemble
from streams.store import MemoryStore

assembly = assemble(TREE / "policies")
sys.setswitchinterval(1e-6)
together = threading.Barrier(4)

def take_up(number):
    store = MemoryStore()
    for key, part, data in msgspec.msgpack.decode(Path(sys.argv[1]).read_bytes()):
        store.put(key, part, data)
    together.wait()
    assembly.lane(number, 4, store)
    print("taken up", flush=True)

threads = [threading.Thread(target=take_up, args=(number,)) for number in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_lanes_taken_up_side_by_side_do_not_kill_their_process(tmp_path: Path) -> None:
    """Law: each reads the policies in force from its state, and none a type that another has half made."""
    kept = tmp_path / "state"
    kept.write_bytes(msgspec.msgpack.encode(_state()))
    for _ in range(3):
        ended = subprocess.run(
            [sys.executable, "-X", "faulthandler", "-c", SIDE_BY_SIDE, str(kept)],
            cwd=TREE, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout.count("taken up") == 4


def _state() -> list[tuple[str, str, bytes]]:
    """What a lane keeps once the shipped policies are published."""
    lanes = Lanes()
    lanes.publish()
    store: MemoryStore = lanes.stores[0]
    return [(key, part, data) for key in store for part, data in store.parts(key).items()]
