"""One server process of our own: started, stopped, killed, frozen, and never left behind.

Law: when the Python process that started a server is gone, however it went, the server is gone as well.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

LEASH = 'read -r _ || kill -9 "-$0"'
"""Waits on a pipe that only the parent holds: it breaks when the parent dies, and the server with it."""


class ServerFailed(RuntimeError):
    """A server did not come up; the message ends with the last lines of its log."""


def free_ports(count: int) -> tuple[int, ...]:
    """Ports of the loopback address that nobody listens on at the moment."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return tuple(each.getsockname()[1] for each in sockets)
    finally:
        for each in sockets:
            each.close()


class LocalProcess:
    """A server in its own process group (a Ctrl-C meant for us must not stop it before us), with its log."""

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._leash: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs, frozen or not."""
        return None if self._process is None or self._process.poll() is not None else self._process.pid

    def start(
        self,
        command: Sequence[str],
        *,
        answers: Callable[[], bool],
        environment: Mapping[str, str] | None = None,
        seconds: float = 60,
    ) -> None:
        """Start and wait until `answers` says yes; raise `ServerFailed` when it does not in time."""
        if self.pid is not None:
            raise ServerFailed(f"{self.name} runs already (process {self.pid})")
        self._release()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )
        self._leash = subprocess.Popen(
            ["/bin/sh", "-c", LEASH, str(self._process.pid)], stdin=subprocess.PIPE, start_new_session=True
        )
        deadline = time.monotonic() + seconds
        while not answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise ServerFailed(f"{self.name} did not come up; the end of {self.log}:\n{self._log_tail()}")
            time.sleep(0.05)

    def stop(self, *, seconds: float = 30) -> None:
        """Ask it to end (SIGTERM), then make it."""
        if self._process is None or self.pid is None:
            self._release()
            return
        self.thaw()
        self._process.terminate()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
        self._release()

    def kill(self) -> None:
        """kill -9, as a power cut would."""
        if self._process is not None and self.pid is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._release()

    def freeze(self) -> None:
        """SIGSTOP: it holds its sockets and answers nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT: it wakes up and believes that no time has passed."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self.pid is not None:
            os.killpg(self._process.pid, number)

    def _release(self) -> None:
        if self._leash is not None:
            self._leash.communicate(b"\n")
            self._leash = None

    def _log_tail(self) -> str:
        lines = self.log.read_text("utf-8", "replace").splitlines()
        return "\n".join(lines[-20:])
