"""``hazflow run``: the embedded engine with the sample province, or live; the page; reports over HTTP until Ctrl-C.

Law kept: stopped at any point and run again, nothing is lost and nothing doubled: the sample goes on from the
position that was committed with what it did.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import threading
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cli.installation import DATABASE, open_engine, settings
from cli.progress import progress
from cli.verb import Exit, Refused, Verb

if TYPE_CHECKING:
    import uvicorn

    from cli.embedded_ports import SampleProgress
    from desk.asking import Asking
    from events.log import Received, Tick
    from streams.log import Feed
    from streams.metering import Metering
    from streams.settings import Settings
    from streams.writer import Writer

SAMPLE_FEED: Final = "log:sample"
_DONE: Final = "sample:whole"
_FOUNDING: Final = "live:founding"
_STRETCH: Final = 1_000
"""Items committed together: what Ctrl-C waits for at most."""
_AGAIN_S: Final = 1.0
"""Seconds until what could not be written is tried again."""
_BACKLOG: Final = 128
_TURN_S: Final = 0.000_5
"""How long the steps keep Python to themselves while the door wants to answer."""
_SHOWN: Final = 20
_WIDE: Final = 140


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--live", action="store_true", help="从空库起,时间随本机 · start empty, with real time")
    parser.add_argument("--preset", choices=("sample", "tiny"), default="sample", help="样例 · which sample")
    parser.add_argument("--once", action="store_true", help="读完样例即退出 · end when the sample is read")


def run(arguments: Namespace) -> int:
    """Open the engine, serve the page, read the sample behind it, go on until Ctrl-C."""
    from cli.observed import log_as_set
    from operating.meter import Meter
    from operating.metrics import Role
    from streams.metering import Metering
    from streams.writer import Writer, wall_clock

    found = settings()
    log_as_set(found)
    home = Path(found.home) if not arguments.live or "HAZFLOW_HOME" in os.environ else Path(f"{found.home}-live")
    listener = _listen(found)
    meter = Meter(Role.RUN)
    metering = Metering(meter, wall_clock, live=arguments.live)
    engine = open_engine(home / DATABASE, metering)
    if arguments.live and SAMPLE_FEED in engine.log.feeds():
        raise Refused(
            f"{home} 是样例库", f"{home} holds the sample, whose time is its own: name another HAZFLOW_HOME"
        )
    writer = Writer(
        engine,
        wall_clock if arguments.live else None,
        per_provider=found.quarantine_per_provider,
        total=found.quarantine_total,
    )
    sys.setswitchinterval(_TURN_S)
    writer.start()
    try:
        asyncio.run(_serve(arguments, found, writer, home, listener, metering))
    except KeyboardInterrupt:
        print("正在停止 · stopping", file=sys.stderr)
    finally:
        writer.stop()
        engine.close()
    return Exit.OK


async def _serve(
    arguments: Namespace,
    found: Settings,
    writer: Writer,
    home: Path,
    listener: socket.socket,
    metering: Metering,
) -> None:
    from cli.embedded_ports import SampleProgress
    from desk.asking import Asking
    from streams.assembly import read_leading_policy

    leading = read_leading_policy(Path(found.policies))
    asking, shown, stop = Asking(home / DATABASE, leading), SampleProgress(), threading.Event()
    server = _page(arguments, found, writer, asking, shown, metering)
    looking = asyncio.create_task(_look_at_time(metering))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    host, port = listener.getsockname()[:2]
    print(f"网页 · the page: http://{host}:{port}/   (Ctrl-C 停止 · to stop)", flush=True)
    feeding = _beside(partial(_begin, arguments, found, writer, shown, stop))
    try:
        await asyncio.wait({serving, feeding}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        looking.cancel()
        stop.set()  # Ctrl-C cancels the wait itself
    await feeding
    if not arguments.live and not serving.done():
        _table(asking)
    if arguments.once:
        server.should_exit = True
    await serving


def _beside(work: Callable[[], None]) -> asyncio.Future[None]:
    """Work in a thread that nobody waits for at the end: simulating takes seconds, and can be done again."""
    done: Future[None] = Future()
    done.set_running_or_notify_cancel()

    def go() -> None:
        try:
            work()
            done.set_result(None)
        except BaseException as error:  # noqa: BLE001 - whoever waits for the work is told what happened to it
            done.set_exception(error)

    threading.Thread(target=go, name="hazflow-sample", daemon=True).start()
    return asyncio.wrap_future(done)


def _page(
    arguments: Namespace,
    found: Settings,
    writer: Writer,
    asking: Asking,
    shown: SampleProgress,
    metering: Metering,
) -> uvicorn.Server:
    import uvicorn

    from cli.demo import ReadyReports
    from cli.embedded_ports import WriterDemo, WriterIntake
    from cli.observed import ObservedIntake, operated_run
    from desk.app import make_app
    from desk.names import RegisteredNames
    from desk.ports import Ports
    from streams.assembly import read_areas
    from streams.projected import ProjectedGauges
    from streams.providers import Providers

    home = asking.projected.path.parent
    ProjectedGauges(metering.meter, asking.projected.rows)
    intake = ObservedIntake(WriterIntake(writer), metering.meter)
    demo = None if arguments.live else WriterDemo(writer, ReadyReports(asking.projected).at)
    operated = operated_run(writer, metering, asking, home)
    ports = Ports(intake, Providers(home), demo, None if arguments.live else shown, operated)
    names = RegisteredNames(asking.projected, read_areas())
    app = make_app(asking, ports, names=names, token=found.token)
    # A stream of events never ends by itself: a second is what a listener is given to let go.
    return uvicorn.Server(
        uvicorn.Config(app, log_config=None, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
    )


async def _look_at_time(metering: Metering) -> None:
    while True:
        metering.look_at_time()
        await asyncio.sleep(1.0)


def _listen(found: Settings) -> socket.socket:
    """The socket of the page, listening before anything else is begun: whoever is told the address is let wait."""
    from streams.settings import address

    host, port = address(found.bind)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named TCP, or asyncio lets each answer wait for the receipt of the one before (40 ms).
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # Two that are only bound share a port in peace; the second to listen is refused, and must be refused here.
        listener.listen(_BACKLOG)
    except OSError as error:
        raise Refused(
            f"无法监听 {found.bind}:{error.strerror};可设 HAZFLOW_BIND=127.0.0.1:8601",
            f"cannot listen on {found.bind}: {error.strerror}; set HAZFLOW_BIND=127.0.0.1:8601, say",
            Exit.UNAVAILABLE,
        ) from None
    return listener


def _begin(
    arguments: Namespace, found: Settings, writer: Writer, shown: SampleProgress, stop: threading.Event
) -> None:
    """Found an empty live installation, or read the sample from where it stands."""
    from events.time import Instant
    from streams.assembly import rule_policies
    from streams.founding import founding
    from streams.log import Feed
    from streams.model_files import shipped

    def founded(at: Instant) -> list[Received]:
        return founding(rule_policies(Path(found.policies)), at, shipped())

    if arguments.live:
        if writer.empty:
            records = founded(writer.now)
            _fed(writer, records, Feed(_FOUNDING, len(records)), stop)
        return
    if writer.position(_DONE):
        shown.done = shown.total = writer.position(_DONE)
        return
    from events.log import Tick

    items: list[Received | Tick] = _sample(arguments.preset)
    if stop.is_set():
        return
    first = items[0]
    founding_records = founded(first.at if isinstance(first, Tick) else first.received_at)
    _feed(writer, [*founding_records, *items], shown, stop)


def _sample(preset: str) -> list[Received | Tick]:
    from simulator import known_areas, sample, simulate, tiny

    config = (sample if preset == "sample" else tiny)(known_areas())
    print(f"生成样例 · simulating a week of Fujian (seed {config.seed})", file=sys.stderr, flush=True)
    return list(simulate(config).log)


def _feed(writer: Writer, items: list[Received | Tick], shown: SampleProgress, stop: threading.Event) -> None:
    from streams.log import Feed

    shown.total = len(items)
    shown.done = writer.position(SAMPLE_FEED)
    with progress("样例 · sample", len(items)) as advance:
        for start in range(shown.done, len(items), _STRETCH):
            if stop.is_set():
                return
            stretch = items[start : start + _STRETCH]
            reached = start + len(stretch)
            _fed(writer, stretch, Feed(SAMPLE_FEED, reached), stop)
            shown.done = reached
            advance(reached)
    _fed(writer, [], Feed(_DONE, len(items)), stop)


def _fed(writer: Writer, items: Sequence[Received | Tick], feed: Feed, stop: threading.Event) -> None:
    """Have a stretch taken, however long the disk is full: the page and the door live on meanwhile, and say so.

    What the log has kept by then is not told it again: the writer applies it once it can.
    """
    from streams.database import CannotWrite

    while not stop.is_set() and writer.position(feed.name) < feed.position:
        try:
            writer.feed(items, feed).result()
            return
        except CannotWrite:
            stop.wait(_AGAIN_S)


def _table(asking: Asking) -> None:
    """The warnings that stand, worst and latest first, as many as one reads at once."""
    from rich.console import Console
    from rich.table import Table

    from desk.asking import Wanted
    from events.time import format_instant
    from routing.question import SEVERITIES, SEVERITY_NAMES

    notices = [listed.notice for listed in asking.warnings(Wanted(status="standing"), limit=1_000).items]
    notices.sort(key=lambda notice: (SEVERITIES.index(notice.severity), -notice.raised_at))
    console = Console()
    wide = console.width >= _WIDE
    table = Table(title=f"{len(notices)} 条预警 · warnings", title_justify="left", show_lines=wide)
    for head in ("级别 severity", "规则 rule", "地点 place", "自 since", *(("说明 what",) if wide else ())):
        table.add_column(head, overflow="fold")
    for notice in notices[:_SHOWN]:
        severity = " ".join(SEVERITY_NAMES[notice.severity])
        since = format_instant(notice.since)[5:16].replace("T", " ")
        rule = f"{notice.detector} {notice.title.zh} {notice.title.en}"
        what = (f"{notice.explanation.zh}\n{notice.explanation.en}",) if wide else ()
        table.add_row(severity, rule, f"{notice.area_name.zh} {notice.area_name.en}", since, *what)
    console.print(table)
    if len(notices) > _SHOWN:
        console.print(f"… 另有 {len(notices) - _SHOWN} 条见网页 · more on the page, or: bin/hazflow warnings")


VERB = Verb(
    "run",
    (
        "单机运行:读入样例、出网页、收上报,直到 Ctrl-C",
        "run on this machine: the sample, the page, reports over HTTP, until Ctrl-C",
    ),
    (
        "run",
        "run --live",
        "run --preset tiny --once",
    ),
    _arguments,
    run,
)
