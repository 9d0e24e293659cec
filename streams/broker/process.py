"""A worker as a process of its own, started with the settings of whoever starts it.

Law kept: a worker sees exactly these settings, wherever they came from.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import msgspec

from streams.assembly import TREE
from streams.settings import PREFIX, Settings

_PATIENCE_S: Final = 60.0


def environment(settings: Settings) -> dict[str, str]:
    """The settings as environment variables; what is at its default stays unsaid.

    >>> environment(Settings(partitions=12, topic_providers={"flow": "p"}))
    {'HAZFLOW_PARTITIONS': '12', 'HAZFLOW_TOPIC_PROVIDERS': '{"flow":"p"}'}
    """
    said = msgspec.structs.asdict(settings)
    defaults = msgspec.structs.asdict(Settings())
    return {PREFIX + name.upper(): _text(value) for name, value in said.items() if value != defaults[name]}


class WorkerProcess:
    """One ``faust -A app worker``; what it says goes to the end of ``log``."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self.log = log
        values = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        with self.log.open("ab") as out:
            # A session of its own: a Ctrl-C meant for us must not stop it before us.
            self._process = subprocess.Popen(
                [str(Path(sys.executable).with_name("faust")), "-A", "app", "worker", "-l", "info"],
                cwd=TREE,
                env=values | environment(settings),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.ended is None

    @property
    def ended(self) -> int | None:
        """How it ended, as of `subprocess`: below zero by a signal; None while it runs."""
        return self._process.poll()

    @property
    def resident_kib(self) -> int:
        """How much of its memory is in RAM."""
        status = Path(f"/proc/{self._process.pid}/status").read_text("ascii")
        return int(status.partition("VmRSS:")[2].split()[0])

    def told(self) -> str:
        """What it has said."""
        return self.log.read_text("utf-8", "replace")

    def stop(self) -> int:
        """A clean end; returns its exit code."""
        if self.running:
            self._process.terminate()
        return self.wait()

    def wait(self) -> int:
        """Its exit code once it has ended; a worker that does not end in time is killed."""
        try:
            return self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self._process.wait()

    def tell(self) -> None:
        """SIGUSR1: it says where it stands."""
        if self.running:
            self._process.send_signal(signal.SIGUSR1)

    def freeze(self) -> None:
        """SIGSTOP: it holds its sockets and answers nothing."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT: it wakes up and believes that no time has passed."""
        self._process.send_signal(signal.SIGCONT)


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
