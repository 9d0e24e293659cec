"""HTTP intake of the embedded engine, acknowledged and durable: events a second, and how long a post takes.

The service is the very ``hazflow run --live``, a process of its own, its steps applied behind at the same time.
Closed loop: each of several connections posts its next batch of 100 reports (NDJSON) once the last is answered.
Every report that was answered as accepted must stand in the log once, and all of them in the books in the end, or
no figure is given.
"""

from __future__ import annotations

import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from msgspec import structs

from benchmarks.figure import Figure, WrongAnswer, percentiles
from benchmarks.latency import makers, ordinary_event
from events.intake import encode
from events.time import SECOND, moment
from simulator import stories as s
from streams.assembly import TREE
from streams.providers import Providers
from streams.writer import wall_clock

BATCH = 100
CONNECTIONS = 8
_PATIENCE_S = 300.0
_PAGE = re.compile(rb"http://127\.0\.0\.1:(\d+)/")
_ANSWER = re.compile(rb"HTTP/1\.1 (\d+) .*?content-length: (\d+)\r\n.*?\r\n\r\n", re.DOTALL | re.IGNORECASE)


class Posted(NamedTuple):
    """What the connections of a run heard: seconds of each post, and how many reports were answered how."""

    took: list[float]
    answers: Counter[bytes]


def measure(*, quick: bool = False) -> list[Figure]:
    """Batches from several connections until all are acknowledged; single reports once the rest is applied."""
    posts, singles = (20, 20) if quick else (300, 300)
    with TemporaryDirectory() as folder, serving(Path(folder)) as (port, token):
        ask = Asker(port, token)
        ask.all([b"\n".join(map(encode, (*s.world(), *makers())))])
        reports = [_report(number) for number in range(posts * BATCH + singles)]
        bodies = [b"\n".join(reports[at : at + BATCH]) for at in range(0, posts * BATCH, BATCH)]
        began = time.perf_counter()
        batches = ask.all(bodies, CONNECTIONS)
        wall = time.perf_counter() - began
        behind = _counted(Path(folder), 'SELECT (SELECT max("offset") + 1 FROM log) - position FROM applied')
        _until_applied(Path(folder))
        drained = time.perf_counter() - began
        alone = ask.all(reports[posts * BATCH :])
        _check(Path(folder), batches, alone, len(reports))
    says = (
        f"wall, closed loop, {CONNECTIONS} connections, {posts} batches of {BATCH}, productions of 300 makers; "
        f"{behind:,} not applied yet at the end"
    )
    return [
        Figure("HTTP intake, acknowledged and durable", posts * BATCH / wall, "events/s", says),
        Figure("the same, applied", posts * BATCH / drained, "events/s", "wall; until the last of them was"),
        *percentiles(f"a post of {BATCH}", batches.took, "while the steps are applied behind"),
        *percentiles("a post of one, judged", alone.took, "one connection, nothing else going on"),
    ]


class Asker:
    """Posts bodies over kept connections, as plainly as can be: the client shares the machine with the service."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._head = (
            f"POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
            "Content-Type: application/x-ndjson\r\nContent-Length: "
        ).encode()

    def all(self, bodies: Sequence[bytes], connections: int = 1) -> Posted:
        """Post all bodies, shared out among the connections."""
        took: list[float] = []
        answers: Counter[bytes] = Counter()
        with ThreadPoolExecutor(connections) as pool:
            for heard in pool.map(self._one, (bodies[at::connections] for at in range(connections))):
                took += heard.took
                answers += heard.answers
        return Posted(took, answers)

    def _one(self, bodies: Sequence[bytes]) -> Posted:
        took: list[float] = []
        answers: Counter[bytes] = Counter()
        with socket.create_connection(("127.0.0.1", self._port), timeout=_PATIENCE_S) as connection:
            for body in bodies:
                began = time.perf_counter()
                connection.sendall(b"%b%d\r\n\r\n%b" % (self._head, len(body), body))
                answer = _answer(connection)
                took.append(time.perf_counter() - began)
                answers.update(re.findall(rb'"status":"(\w+)"', answer))
        return Posted(took, answers)


def _answer(connection: socket.socket) -> bytes:
    found = b""
    while True:
        part = connection.recv(1 << 20)
        if not part:
            raise WrongAnswer(f"the connection ended: {found[-200:]!r}")
        found += part
        head = _ANSWER.match(found)
        if head is not None and len(found) >= head.end() + int(head[2]):
            if head[1] != b"200":
                raise WrongAnswer(found.decode("utf-8", "replace"))
            return found[head.end() :]


@contextmanager
def serving(home: Path) -> Iterator[tuple[int, str]]:
    """`hazflow run --live` in a new installation: its port, and a provider's token."""
    token = Providers(home).add("teller", wall_clock())
    mine = {name: value for name, value in os.environ.items() if not name.startswith("HAZFLOW_")}
    mine |= {"HAZFLOW_HOME": str(home), "HAZFLOW_BIND": "127.0.0.1:0", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "cli", "run", "--live"]
    with subprocess.Popen(command, cwd=TREE, env=mine, stdout=subprocess.PIPE) as service:
        try:
            assert service.stdout is not None
            for line in service.stdout:
                if found := _PAGE.search(line):
                    yield int(found[1]), token
                    break
        finally:
            service.terminate()


def _report(number: int) -> bytes:
    """A production of one detonator now."""
    now = wall_clock()
    return encode(structs.replace(ordinary_event(number), occurred_at=moment(now - now % SECOND)))


def _counted(home: Path, query: str) -> int:
    with closing(sqlite3.connect(f"file:{home / 'hazflow.db'}?mode=ro", uri=True, timeout=30)) as db:
        return int(db.execute(query).fetchone()[0] or 0)


def _until_applied(home: Path) -> None:
    """Until the state holds all that is in the log now."""
    end = _counted(home, 'SELECT max("offset") + 1 FROM log')
    deadline = time.monotonic() + _PATIENCE_S
    while _counted(home, "SELECT position FROM applied") < end:
        if time.monotonic() > deadline:
            raise WrongAnswer("what was accepted is not applied")
        time.sleep(0.1)


def _check(home: Path, batches: Posted, alone: Posted, reports: int) -> None:
    accepted = batches.answers[b"accepted"] + alone.answers[b"accepted"]
    if accepted != reports:
        raise WrongAnswer(f"{accepted} of {reports} reports were accepted: {batches.answers} {alone.answers}")
    _until_applied(home)
    kept = _counted(home, """SELECT count(*) FROM log WHERE instr(CAST(raw AS TEXT), '"made-')""")
    booked = _counted(home, "SELECT sum(delta) FROM book_lines WHERE fact LIKE 'teller|%|made-%'")
    if (kept, booked) != (reports, reports):
        raise WrongAnswer(f"of {reports} accepted, {kept} are in the log and {booked} in the books")
