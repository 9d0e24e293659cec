"""Where a process stands: told when asked, and told before the end of one that hangs or crashes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

HANGS = """
import asyncio, threading
from operating.standing import turned, unwatched

async def keeps_turning():
    for _ in range(20):
        turned(0.5)
        await asyncio.sleep(0.1)

async def hangs_here():
    threading.Event().wait(60)

asyncio.run(keeps_turning())
print("turned", flush=True)
asyncio.run(hangs_here())
"""
ASKED = """
import asyncio
from operating.standing import tells_on_signal

async def waits_for_word(asked):
    await asked.wait()

async def main():
    asked = asyncio.Event()
    task = asyncio.create_task(waits_for_word(asked), name="the-waiting-one")
    loop = asyncio.get_running_loop()
    tells_on_signal(lambda: (loop,))
    print("ready", flush=True)
    await asyncio.to_thread(input)
    asked.set()
    await task

asyncio.run(main())
"""


def test_a_loop_that_hangs_ends_its_process_and_leaves_where_it_stood() -> None:
    """One that goes on turning is left alone."""
    ended = subprocess.run([sys.executable, "-c", HANGS], capture_output=True, text=True, timeout=50, check=False)
    assert ended.returncode == 1
    assert ended.stdout == "turned\n"
    assert "in hangs_here" in ended.stderr


def test_a_process_tells_where_its_tasks_stand_when_asked() -> None:
    """It goes on afterwards as if nothing had happened."""
    process = subprocess.Popen(
        [sys.executable, "-c", ASKED],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline() == "ready\n"
    os.kill(process.pid, signal.SIGUSR1)
    told = ""
    while "Task the-waiting-one" not in told:
        told += process.stderr.readline()
    assert "waits_for_word" in told.rpartition("Task the-waiting-one")[2]
    process.communicate("go on\n", timeout=50)
    assert process.returncode == 0


def test_a_process_that_crashes_leaves_where_it_stood() -> None:
    """Whoever reads its log must not take it for one that waits."""
    crashes = ASKED.replace(
        "await asyncio.to_thread(input)", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    )
    ended = subprocess.run([sys.executable, "-c", crashes], capture_output=True, text=True, timeout=50, check=False)
    assert ended.returncode == -signal.SIGSEGV
    assert "Segmentation fault" in ended.stderr
    assert "in main" in ended.stderr
