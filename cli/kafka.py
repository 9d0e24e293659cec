"""``hazflow kafka``: the sample on a real Kafka and Redis of this machine, a Faust worker, the same page.

Law kept: stopped by Ctrl-C and started again it goes on where it was: nothing lost, nothing doubled.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cli.installation import DATABASE, TREE, settings
from cli.verb import Exit, Verb

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from cli.kafka_ports import FedFile
    from events.log import Received, Tick
    from events.time import Instant
    from operating.answers import Operated
    from streams.broker.door import KafkaDoor
    from streams.broker.process import WorkerProcess
    from streams.settings import Settings

_HOME = TREE / "var" / "kafka"
_SAMPLE = TREE / "var" / "sample"
_STRETCH = 4_000


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--log", type=Path, metavar="PATH", help="日志(默认:样例)· a log (the sample)")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="Faust 进程数 · Faust workers (1)")
    parser.add_argument("--once", action="store_true", help="处理完即退出 · end when the log is processed")


def run(arguments: Namespace) -> int:
    """Start the servers and workers, feed the log, serve the page until Ctrl-C or SIGTERM."""
    # Ended either way, it must take its workers along.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    log = arguments.log or _sample()
    with ExitStack() as servers:
        found = servers.enter_context(_servers(_own_home()))
        from streams.broker.topics import create_topics

        made = create_topics(found)
        print(f"Kafka {found.brokers}, Redis {found.redis}; {len(made)} 个新主题 · new topics", flush=True)
        workers = servers.enter_context(_workers(found, arguments.workers))
        try:
            asyncio.run(_serve(found, workers, log, once=arguments.once))
        except KeyboardInterrupt:
            print("正在停止 · stopping", flush=True)
    return Exit.OK


def _own_home() -> Settings:
    """The settings, with a home apart from the embedded engine's unless one is named."""
    from msgspec.structs import replace

    found = settings()
    return found if "HAZFLOW_HOME" in os.environ else replace(found, home=str(_HOME))


@contextmanager
def _servers(found: Settings) -> Iterator[Settings]:
    """The brokers and the Redis that the environment names, or else ones of our own in the home."""
    from msgspec.structs import replace

    from deploy.local import KafkaBroker, RedisServer

    home = Path(found.home)
    home.mkdir(parents=True, exist_ok=True)
    with ExitStack() as own:
        if "HAZFLOW_BROKERS" not in os.environ:
            broker = own.enter_context(KafkaBroker(home / "broker"))
            found = replace(found, brokers=broker.address)
        if "HAZFLOW_REDIS" not in os.environ:
            server = own.enter_context(RedisServer(home / "redis"))
            found = replace(found, redis=server.url)
        yield found


@contextmanager
def _workers(found: Settings, count: int) -> Iterator[list[WorkerProcess]]:
    from streams.broker.process import WorkerProcess

    home = Path(found.home)
    workers = [WorkerProcess(found, home / f"worker-{number}.log") for number in range(count)]
    try:
        yield workers
    finally:
        for worker in workers:
            worker.stop()


async def _serve(found: Settings, workers: list[WorkerProcess], log: Path, *, once: bool) -> None:
    from cli.kafka_ports import FedFile
    from cli.kafka_serving import following, serving
    from streams.broker.door import KafkaDoor

    home = Path(found.home)
    door, file = KafkaDoor(found), FedFile(home / "fed.json")
    await door.start()
    try:
        async with (
            following(found, live=False) as watched,
            serving(found, _desk(found, door, file, watched.operated)) as page,
        ):
            items = await asyncio.to_thread(_items, found, log)
            began = time.monotonic()
            await _feed(door, file, log, items)
            await _processed(home / DATABASE, file.fed.ticked, workers)
            print(_told(found, len(items), time.monotonic() - began), flush=True)
            if not once:
                await page
    finally:
        await door.stop()


def _desk(found: Settings, door: KafkaDoor, file: FedFile, operated: Operated) -> Starlette:
    from cli.demo import ReadyReports
    from cli.kafka_ports import KafkaDemo, KafkaIntake, QuarantineLimit
    from desk.app import make_app
    from desk.asking import Asking
    from desk.names import RegisteredNames
    from desk.ports import Ports
    from streams.assembly import read_areas
    from streams.providers import Providers

    asked = Asking(Path(found.home) / DATABASE)
    demo = KafkaDemo(door, file, ReadyReports(asked.projected).at)
    limit = QuarantineLimit(asked.projected, found)
    intake = KafkaIntake(door, demo.now, limit)
    ports = Ports(intake, Providers(Path(found.home)), demo, operated=operated)
    return make_app(asked, ports, names=RegisteredNames(asked.projected, read_areas()), token=found.token)


def _items(found: Settings, log: Path) -> list[Received | Tick]:
    """The log with what an installation is founded on in front of it."""
    from events.log import Tick, read_log
    from streams.assembly import rule_policies
    from streams.feeding import open_lines
    from streams.founding import founding
    from streams.model_files import shipped

    with open_lines(log) as (lines, _):
        items = list(read_log(lines))
    first = items[0]
    founded_at: Instant = first.at if isinstance(first, Tick) else first.received_at
    return [*founding(rule_policies(Path(found.policies)), founded_at, shipped()), *items]


async def _feed(door: KafkaDoor, file: FedFile, log: Path, items: list[Received | Tick]) -> None:
    """Put the log through the door from where it stands; a stretch put twice changes nothing."""
    from cli.progress import progress
    from events.log import Tick
    from streams.feeding import feed_name

    name = feed_name(log)
    if file.fed.log != name:
        file.fed.log, file.fed.position = name, 0
    with progress(f"{log.name} → Kafka", len(items)) as advance:
        for start in range(file.fed.position, len(items), _STRETCH):
            stretch = items[start : start + _STRETCH]
            await door.put(stretch)
            file.fed.position = start + len(stretch)
            file.fed.ticked = max([file.fed.ticked, *(item.at for item in stretch if isinstance(item, Tick))])
            file.keep()
            advance(file.fed.position)


async def _processed(database: Path, at: Instant, workers: list[WorkerProcess]) -> None:
    """Wait until every lane has come to an instant."""
    from cli.verb import Refused
    from desk.asking import Asking

    asked = Asking(database)
    while (asked.time() or 0) < at:
        if not any(worker.running for worker in workers):
            last = workers[0].told().strip().splitlines()[-1:]
            raise Refused(
                f"Faust 进程已退出,见 {workers[0].log}",
                f"the worker ended: see {workers[0].log}: {''.join(last)}",
                Exit.UNAVAILABLE,
            )
        await asyncio.sleep(0.2)


def _told(found: Settings, items: int, seconds: float) -> str:
    from desk.asking import Asking, Wanted

    counts = Asking(Path(found.home) / DATABASE).counts(Wanted(status="standing"))
    rules = ", ".join(f"{rule} {count}" for rule, count in sorted(counts.detector.items()))
    return (
        f"{items} 条 · items, {seconds:.0f} s; {counts.total} 条预警 · warnings that stand: {rules}\n"
        f"HAZFLOW_HOME={found.home} hazflow warnings list"
    )


def _sample() -> Path:
    """The sample's log, simulated when it is first asked for."""
    import simulator
    from simulator.files import LOG

    if not (_SAMPLE / LOG).is_file():
        print("模拟样例 · simulating the sample", flush=True)
        simulator.write(simulator.simulate(simulator.sample(simulator.known_areas())), _SAMPLE)
    return _SAMPLE / LOG


VERB = Verb(
    "kafka",
    ("在本机真实的 Kafka 与 Redis 上运行样例", "the sample on a real Kafka and Redis of this machine, with Faust"),
    ("kafka", "kafka --workers 2", "kafka --log var/tiny/log.jsonl.gz --once"),
    _arguments,
    run,
)
