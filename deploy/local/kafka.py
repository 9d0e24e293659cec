"""A Kafka broker of our own: one KRaft node on free loopback ports, its files in one folder.

Law: a broker started again in the same folder has the same address and everything that it had acknowledged.
Topics are created by those who own them; the broker invents none.
"""

import base64
import shutil
import socket
import struct
import subprocess
import uuid
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local.process import LocalProcess, ServerFailed, free_ports

LIBS = Path(__file__).resolve().parents[2] / ".cache" / "kafka" / "libs"
"""Where deploy/provision puts the jars that deploy/kafka/pom.xml names."""

LOGGING = Path(__file__).resolve().parents[1] / "kafka" / "log4j2.properties"

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
controller.listener.names=CONTROLLER
log.dirs={folder}/log
auto.create.topics.enable=false
# One node: every internal topic has one copy.
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
# A worker that was killed must be missed in seconds here, as its tests set it.
group.min.session.timeout.ms=1000
# After kill -9 the node waits until its former self is missed: 9 s by default.
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=1000
log.cleaner.dedupe.buffer.size=16777216
"""


class KafkaBroker:
    """A broker in `folder`; `address` is its host:port from the first start on."""

    def __init__(self, folder: Path, *, port: int | None = None, libs: Path = LIBS) -> None:
        self.folder = folder
        self._libs = libs
        self._wanted = port
        self._properties = folder / "server.properties"
        self._process = LocalProcess("Kafka", folder / "kafka.log")
        self._port = _port_in(self._properties)

    @property
    def address(self) -> str:
        """`127.0.0.1:PORT`, for `bootstrap_servers`."""
        if self._port is None:
            raise ServerFailed("this Kafka has not been started yet")
        return f"127.0.0.1:{self._port}"

    @property
    def pid(self) -> int | None:
        """The broker's process id while it runs."""
        return self._process.pid

    def start(self) -> None:
        """Start, on the first time after formatting the folder; return once it answers requests."""
        if self._port is None:
            self._format()
        self._process.start(self._java("kafka.Kafka", str(self._properties)), answers=self._answers)

    def restart(self) -> None:
        """Stop as asked politely, then start on the same ports with the same files."""
        self.stop()
        self.start()

    def stop(self) -> None:
        """A clean end: SIGTERM, and time to close its logs."""
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

    def _format(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        port, controller = free_ports(2)
        port = self._wanted or port
        self._properties.write_text(
            PROPERTIES.format(port=port, controller=controller, folder=self.folder.resolve())
        )
        cluster = base64.urlsafe_b64encode(b"\0" + uuid.uuid4().bytes[1:]).decode().rstrip("=")
        done = subprocess.run(
            self._java(
                "kafka.tools.StorageTool",
                "format",
                "--standalone",
                "-t",
                cluster,
                "-c",
                str(self._properties),
            ),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            self._properties.unlink()
            raise ServerFailed(f"Kafka could not format {self.folder}:\n{done.stdout}{done.stderr}")
        self._port = port

    def _java(self, *arguments: str) -> list[str]:
        java = shutil.which("java")
        if java is None or not any(self._libs.glob("kafka_*.jar")):
            raise ServerFailed("Kafka needs Java 17 and its jars: run `deploy/provision kafka`")
        return [
            java,
            "-Xmx512m",
            f"-Dlog4j2.configurationFile={LOGGING}",
            "-cp",
            f"{self._libs}/*",
            *arguments,
        ]

    def _answers(self) -> bool:
        """Whether an ApiVersions request gets its answer: a bound port alone is not yet a broker."""
        request = struct.pack(">hhih", 18, 0, 1, -1)
        try:
            with socket.create_connection(("127.0.0.1", self._port or 0), timeout=1) as connection:
                connection.sendall(struct.pack(">i", len(request)) + request)
                return len(connection.recv(4)) == 4
        except OSError:
            return False


def _port_in(properties: Path) -> int | None:
    """The port that an earlier start chose, read back from its settings."""
    if not properties.exists():
        return None
    settings = dict(line.split("=", 1) for line in properties.read_text().splitlines() if "=" in line)
    return int(settings["listeners"].split(",")[0].rsplit(":", 1)[1])
