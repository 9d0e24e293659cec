"""What runs beside the workers: the followers of the committed topics, and HTTP.

Law kept: whatever is served stops when asked, after what it has in hand.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from cli.installation import DATABASE
from delivery.redis_stream import RedisStreams
from desk.asking import Asking
from streams.broker.follow import Follower
from streams.broker.observed_followers import ObservedFollowers
from streams.broker.projector import Projector, projecting
from streams.broker.topics import WARNINGS, Topics
from streams.projected import ProjectedGauges
from streams.settings import Settings, address


@asynccontextmanager
async def following(found: Settings, *, live: bool = True) -> AsyncIterator[ObservedFollowers]:
    """The projection and the Redis streams, kept up to date and watched; ``live`` False: in a log's own time."""
    projector = Projector(Path(found.home) / DATABASE, found)
    streams = RedisStreams(found.redis, found.application, cafile=found.ssl_cafile)
    asking = Asking(Path(found.home) / DATABASE)
    watched = ObservedFollowers(found, asking.time, live=live)
    ProjectedGauges(watched.meter, asking.projected.rows)
    followers = {
        "projector": projecting(found, projector, watched.projector),
        "redis": Follower(found, [Topics(found.application).named(WARNINGS)], streams, watched.redis),
    }
    tasks = [asyncio.create_task(follower.run()) for follower in followers.values()]
    watching = asyncio.create_task(watched.run(followers))
    try:
        yield watched
    finally:
        watching.cancel()
        for follower in followers.values():
            follower.stop()
        await asyncio.gather(*tasks)
        await asyncio.wait([watching])
        projector.close()
        await streams.close()


@asynccontextmanager
async def serving(found: Settings, app: ASGIApp) -> AsyncIterator[asyncio.Task[None]]:
    """An application over HTTP meanwhile; its task ends on Ctrl-C or SIGTERM."""
    host, port = address(found.bind)
    # What uvicorn has to say goes where everything is logged, in the same form, without secrets.
    config = uvicorn.Config(app, host=host, port=port, log_config=None, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    print(f"HTTP: http://{host}:{port}/", flush=True)
    try:
        yield task
    finally:
        server.should_exit = True
        await task
