"""``hazflow desk``: on a Kafka installation, the pages, with projection and Redis streams kept up to date."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from cli.installation import DATABASE, settings
from cli.verb import Exit, Verb

if TYPE_CHECKING:
    from streams.settings import Settings


def _arguments(parser: ArgumentParser) -> None:
    """Everything is a setting."""


def run(arguments: Namespace) -> int:
    """Follow and serve until Ctrl-C or SIGTERM."""
    from cli.observed import log_as_set
    from streams.broker.topics import verified

    found = settings()
    log_as_set(found)
    verified(found)
    asyncio.run(_serve(found))
    return Exit.OK


async def _serve(found: Settings) -> None:
    from cli.kafka_serving import following, serving
    from desk.app import make_app
    from desk.asking import Asking
    from desk.names import RegisteredNames
    from desk.ports import Ports
    from streams.assembly import read_areas, read_leading_policy

    async with following(found) as watched:
        asked = Asking(Path(found.home) / DATABASE, read_leading_policy(Path(found.policies)))
        names, ports = RegisteredNames(asked.projected, read_areas()), Ports(operated=watched.operated)
        async with serving(found, make_app(asked, ports, names=names, token=found.token)) as page:
            await page


VERB = Verb(
    "desk",
    (
        "Kafka 安装的网页、查询库与 Redis 预警流",
        "a Kafka installation's pages, projection and Redis streams",
    ),
    ("desk",),
    _arguments,
    run,
)
