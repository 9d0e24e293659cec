"""The cast: every process of an installation, each of which can be killed, frozen and started again.

Law kept: nobody outlives the run: each process hangs on a leash of ours. Who ends by itself is started again, as a
supervisor would, and why it ended is told.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from deploy.local import KafkaBroker, RedisServer
from deploy.local.process import LocalProcess, free_ports
from events.time import Instant
from streams.broker.process import environment
from streams.broker.topics import create_topics
from streams.providers import Providers
from streams.settings import Settings

PROVIDER = "chaos"
_REASON = re.compile(r"^[\w.]*(Fenced|Gap|Fault|Error)\b|reason=")


class Member(LocalProcess):
    """A process of ours that is started with the same words each time."""

    def __init__(self, name: str, log: Path, command: Sequence[str], values: Mapping[str, str]) -> None:
        super().__init__(name, log)
        self._command, self._values = command, values
        self.wanted = False
        """Whether it ought to run."""

    def begin(self) -> None:
        """Start it; whether it comes up, and when, is its own affair."""
        self.wanted = True
        self.start(self._command, answers=lambda: True, environment=self._values)

    def end(self) -> None:
        """SIGTERM, and nobody starts it again."""
        self.wanted = False
        self.stop()

    def last_words(self) -> str:
        """The last reason that its log gives, or just the end of it."""
        lines = self.log.read_text("utf-8", "replace").strip().splitlines()[-200:]
        reasons = [line for line in lines if _REASON.search(line)]
        return (reasons or lines or [""])[-1].strip()[:300]


class Cast:
    """A broker, a Redis, a door, a desk and some workers on one installation of their own."""

    def __init__(self, folder: Path, settings: Settings, workers: int, tell: Callable[[str], None]) -> None:
        self.folder, self._tell = folder, tell
        self.broker, self.redis = KafkaBroker(folder / "kafka"), RedisServer(folder / "redis")
        self.broker.start()
        self.redis.start()
        door, desk = free_ports(2)
        self.settings = replace(
            settings, brokers=self.broker.address, redis=self.redis.url, home=str(folder / "home")
        )
        create_topics(self.settings)
        self.address = f"127.0.0.1:{door}"
        self.door = self._verb("door", door)
        self.desk = self._verb("desk", desk)
        self.workers = [self._worker(number) for number in range(workers)]
        for one in (self.door, self.desk, *self.workers):
            one.begin()

    def token(self, now: Instant) -> str:
        """What the provider posts with."""
        return Providers(Path(self.settings.home)).add(PROVIDER, now)

    def add(self) -> Member:
        """One worker more."""
        worker = self._worker(len(self.workers))
        self.workers.append(worker)
        worker.begin()
        return worker

    def wanted(self) -> list[Member]:
        """The workers that ought to run."""
        return [worker for worker in self.workers if worker.wanted]

    def mend(self) -> None:
        """Start again who ought to run and does not."""
        for one in (self.door, self.desk, *self.workers):
            if one.wanted and one.pid is None:
                self._tell(f"{one.name} had ended: {one.last_words()}")
                one.begin()

    def close(self) -> None:
        """End everybody, whoever still runs."""
        for one in (self.door, self.desk, *self.workers):
            one.end()
        self.redis.stop()
        self.broker.stop()

    def _worker(self, number: int) -> Member:
        faust = str(Path(sys.executable).with_name("faust"))
        return Member(
            f"worker {number}", self.folder / f"worker-{number}.log",
            (faust, "-A", "app", "worker", "-l", "info"), environment(self.settings),
        )  # fmt: skip

    def _verb(self, verb: str, port: int) -> Member:
        values = environment(replace(self.settings, bind=f"127.0.0.1:{port}"))
        return Member(verb, self.folder / f"{verb}.log", (sys.executable, "-m", "cli", verb), values)
