"""``hazflow run --live`` as a process to be killed, and clients that post until they are answered."""

from __future__ import annotations

import http.client
import os
import re
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from msgspec import json, structs

from events.intake import encode
from events.time import SECOND, moment
from simulator import stories as s
from streams.assembly import TREE
from streams.providers import Providers
from streams.writer import wall_clock

PATIENCE_S = 120.0
_PAGE = re.compile(r"http://127\.0\.0\.1:(\d+)/")


class Service:
    """One installation, served by one process after another at one port."""

    def __init__(self, home: Path, told: Path) -> None:
        self.home, self.told = home, told
        self.token = Providers(home).add("teller", wall_clock())
        self.port = 0
        self.process: subprocess.Popen[str] | None = None

    @property
    def database(self) -> Path:
        """Its database."""
        return self.home / "hazflow.db"

    def start(self) -> int:
        """Begin to serve; the process id."""
        mine = {name: value for name, value in os.environ.items() if not name.startswith("HAZFLOW_")}
        mine |= {"HAZFLOW_HOME": str(self.home), "HAZFLOW_BIND": f"127.0.0.1:{self.port}", "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", "cli", "run", "--live"]
        with self.told.open("a") as told:
            process = subprocess.Popen(command, cwd=TREE, env=mine, stdout=subprocess.PIPE, stderr=told, text=True)
        self.process = process
        assert process.stdout is not None
        for line in process.stdout:
            if found := _PAGE.search(line):
                self.port = int(found[1])
                return process.pid
        raise AssertionError(self.told.read_text())

    def kill(self) -> None:
        """kill -9."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            assert self.process.stdout is not None
            self.process.stdout.close()

    def post(self, bodies: Sequence[bytes]) -> tuple[int, dict[str, str], Any]:
        """Post reports as NDJSON, over a connection of its own: status, headers, answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with closing(connection):
            head = {"authorization": f"Bearer {self.token}", "content-type": "application/x-ndjson"}
            connection.request("POST", "/v1/events", b"\n".join(bodies), head)
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, json.decode(answer.read())

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What another reader sees."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30)) as db:
            return db.execute(query).fetchall()

    def until_applied(self) -> None:
        """Wait until the state holds all that the log held when asked."""
        end = self.rows('SELECT max("offset") + 1 FROM log')[0][0]
        deadline = time.monotonic() + PATIENCE_S
        while self.rows("SELECT position FROM applied")[0][0] < end:
            assert time.monotonic() < deadline
            time.sleep(0.05)


@contextmanager
def installed(home: Path, told: Path) -> Iterator[Service]:
    """A service that runs, and knows the small world; what it complains of stands in ``told``."""
    made = Service(home, told)
    try:
        made.start()
        assert made.post([encode(entry) for entry in s.world()])[0] == 200
        yield made
    finally:
        made.kill()


class Client(threading.Thread):
    """Posts its batches one after another, each again and again until it is answered."""

    def __init__(self, service: Service, name: str, batches: int, size: int) -> None:
        super().__init__(name=name)
        self._service, self._batches, self._size = service, batches, size
        self.acknowledged: list[str] = []
        self.again = 0

    def run(self) -> None:
        """All batches."""
        for number in range(self._batches):
            ids = [f"{self.name}-{number}-{at}" for at in range(self._size)]
            bodies = [report(id_) for id_ in ids]
            deadline = time.monotonic() + PATIENCE_S
            while time.monotonic() < deadline:
                try:
                    status, _, answer = self._service.post(bodies)
                except (OSError, http.client.HTTPException):
                    status = 0
                if status == 200:
                    assert {item["status"] for item in answer["items"]} <= {"accepted", "known"}
                    self.acknowledged += ids
                    break
                self.again += 1
                time.sleep(0.02)


def report(id_: str) -> bytes:
    """A production of one detonator now."""
    now = wall_clock()
    made = s.produce("1 item", site="S2", goods="DET", when="day 1 08:00", id=id_)
    return encode(structs.replace(made, occurred_at=moment(now - now % SECOND)))
