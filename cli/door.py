"""``hazflow door``: reports over HTTP to Kafka, and the ticks of all input topics behind them.

Law kept: a report is answered once the broker holds it, or, while Kafka is down, the door's own disk; a tick stands
behind everything answered before it. One door an application: time is the smallest of its feeders', and each topic
has this one.
"""

from __future__ import annotations

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cli.installation import DATABASE, settings
from cli.verb import Exit, Verb

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from cli.kafka_ports import FedFile
    from cli.observed import Ticking
    from operating.meter import Meter
    from streams.broker.spooled import Door, SpooledDoor
    from streams.settings import Settings

_TICK_EVERY_S: Final = 1.0
SPOOL: Final = "spool"
"""The folder in the home that takes reports while Kafka is down."""
_OPEN: Final = ("/healthz", "/readyz", "/metrics", "/v1/events")


def _arguments(parser: ArgumentParser) -> None:
    """Everything is a setting."""


def run(arguments: Namespace) -> int:
    """Take reports until Ctrl-C or SIGTERM."""
    from cli.kafka_ports import FedFile
    from cli.observed import log_as_set
    from streams.broker.topics import NoBroker, verified

    found = settings()
    log_as_set(found)
    Path(found.home).mkdir(parents=True, exist_ok=True)
    file = FedFile(Path(found.home) / "fed.json")
    try:
        verified(found)
    except NoBroker as error:
        if not file.fed.log:
            raise
        # It has been through here with these topics before: what is reported meanwhile goes into the spool.
        print(f"{error}; 先写入暂存 · reports go into the spool", file=sys.stderr, flush=True)
    asyncio.run(_serve(found, file))
    return Exit.OK


async def _serve(found: Settings, file: FedFile) -> None:
    from cli.kafka_serving import serving
    from cli.observed import Ticking
    from operating.meter import Meter
    from operating.metrics import Role
    from streams.broker.door import KafkaDoor
    from streams.broker.spool import Spool
    from streams.broker.spooled import SpooledDoor

    meter, spool = Meter(Role.DOOR), Spool(Path(found.home) / SPOOL, found.spool_bytes)
    watched = Ticking(meter, lambda: spool.size)
    door = SpooledDoor(lambda: KafkaDoor(found), spool)
    await door.start()
    try:
        await _found(found, door, file)
        ticking = asyncio.create_task(_tick(door, watched))
        async with serving(found, _app(found, door, meter, watched)) as page:
            await page
        ticking.cancel()
        with suppress(asyncio.CancelledError):
            await ticking
    finally:
        await door.stop()


async def _found(found: Settings, door: Door, file: FedFile) -> None:
    """Publish policies and models when this installation has taken nothing yet."""
    from streams.assembly import rule_policies
    from streams.founding import founding
    from streams.model_files import shipped
    from streams.writer import wall_clock

    if not file.fed.log:
        await door.put(founding(rule_policies(Path(found.policies)), wall_clock(), shipped()))
        file.fed.log = "live"
        file.keep()


async def _tick(door: SpooledDoor, watched: Ticking) -> None:
    from events.log import Tick
    from events.time import SECOND
    from streams.writer import wall_clock

    while True:
        now = wall_clock()
        tick = Tick(now - now % SECOND)
        await door.put([tick])
        if door.idle:  # a tick behind what waits in the spool is left out
            watched.ticked(tick)
        await asyncio.sleep(_TICK_EVERY_S)


def _app(found: Settings, door: Door, meter: Meter, watched: Ticking) -> Starlette:
    """The desk's own API, of which this process offers the door alone."""
    import sqlite3
    import time

    from starlette.applications import Starlette
    from starlette.middleware import Middleware

    from cli.kafka_ports import KafkaIntake, QuarantineLimit
    from cli.observed import ObservedIntake, operated_door
    from desk.access import Gate, Sessions
    from desk.api import Api
    from desk.asking import Asking
    from desk.books import Books
    from desk.names import RegisteredNames
    from desk.ports import Ports
    from desk.render import Desk
    from streams.assembly import read_areas
    from streams.projection import SCHEMA
    from streams.providers import Providers
    from streams.writer import wall_clock

    path = Path(found.home) / DATABASE
    with sqlite3.connect(path) as database:
        database.executescript(SCHEMA)
    asked = Asking(path)
    intake = ObservedIntake(KafkaIntake(door, wall_clock, QuarantineLimit(asked.projected, found)), meter)
    ports = Ports(intake, Providers(Path(found.home)), operated=operated_door(meter, watched, Path(found.home)))
    sessions = None if found.token is None else Sessions(found.token, time.time)
    names = RegisteredNames(asked.projected, read_areas())
    desk = Desk(asked, Books(asked.projected), names, ports, sessions, time.time)
    routes = [route for route in Api(desk).routes() if route.path in _OPEN]
    return Starlette(routes=routes, middleware=[Middleware(Gate, sessions=sessions)])


VERB = Verb(
    "door",
    ("经 HTTP 接收报告写入 Kafka", "take reports over HTTP and write them to Kafka"),
    ("door",),
    _arguments,
    run,
)
