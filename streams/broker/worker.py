"""The Faust application: group membership, assignment and life cycle are Faust's; the lanes do the work.

Law kept: nothing is acknowledged before it is committed; what a worker cannot go on after ends it, with the reason.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import faust
from faust.app.base import BootStrategy
from yarl import URL

from operating.log_lines import log_config
from operating.standing import tells_on_signal
from streams.assembly import Assembly
from streams.broker.assignor import WholeAssignor
from streams.broker.chunk import Chunk
from streams.broker.clients import faust_credentials
from streams.broker.driver import BatchConsumer, Positions, transport_of
from streams.broker.lanes import Lanes
from streams.broker.observed import Observed
from streams.broker.topics import Topics, verified
from streams.collecting import collect_seldom
from streams.settings import Settings, secrets_of


class ChunkSchema(faust.Schema[None, Chunk]):
    """Chunks are decoded where they are applied: Faust hands them on as they are."""

    def loads_key(self, app: Any, message: Any, *, loads: Any = None, serializer: Any = None) -> Any:
        """A chunk has no key of its own."""
        return None

    def loads_value(self, app: Any, message: Any, *, loads: Any = None, serializer: Any = None) -> Any:
        """The chunk."""
        return message.value


class NoWeb(BootStrategy):
    """Faust's command line turns its own web server on, for all the world to reach; a worker serves nobody."""

    enable_web = False


class LaneApp(faust.App):
    """The application with its lanes. They exist from its start on, once the topics are proven."""

    BootStrategy = NoWeb

    settings_: Settings
    assemble_: Callable[[], Assembly]
    lanes: Lanes
    observed: Observed

    async def on_first_start(self) -> None:
        """Refuse topics that cannot be used before the group is joined."""
        tells_on_signal(lambda: (self.loop, cast(BatchConsumer, self.consumer).thread_loop))
        self.observed.start(lambda: self.lanes.positions() if hasattr(self, "lanes") else {})
        found = await asyncio.to_thread(verified, self.settings_)
        assembly = await asyncio.to_thread(self.assemble_)
        collect_seldom()
        self.lanes = Lanes(self.settings_, assembly, found, self.crash, self.observed.observer)
        await super().on_first_start()

    async def on_stop(self) -> None:
        """A clean stop: Faust waits for what was handed to the lanes, then the lanes let go."""
        await super().on_stop()
        if hasattr(self, "lanes"):
            await self.lanes.close()
        await self.observed.stop()


def make_app(settings: Settings, assemble: Callable[[], Assembly], folder: Path) -> LaneApp:
    """The application of these settings; ``folder`` takes what Faust insists on writing."""
    session = settings.session_timeout_s
    folder.mkdir(parents=True, exist_ok=True)
    app = LaneApp(
        settings.application,
        broker=[URL(f"aiokafka://{address}") for address in settings.brokers.split(",")],
        broker_credentials=faust_credentials(settings),
        broker_session_timeout=session,
        broker_heartbeat_interval=session / 5,
        broker_max_poll_records=settings.batch_records * max(settings.partitions, 4),
        broker_commit_interval=1.0,
        broker_max_poll_interval=600.0,
        consumer_max_fetch_size=4 << 20,
        consumer_auto_offset_reset="earliest",
        stream_buffer_maxsize=64,
        stream_wait_empty=True,
        topic_allow_declare=False,
        topic_disable_leader=True,
        store="memory://",
        web_enabled=False,
        datadir=str(folder),
        autodiscover=False,
        logging_config=log_config(settings.log_format, settings.log_level, secrets_of(settings)),
        PartitionAssignor=WholeAssignor,
    )
    app.settings_, app.assemble_ = settings, assemble
    app.observed = Observed(settings, folder.parent)

    async def assigner(assigned: set[tuple[str, int]]) -> Positions:
        return await app.lanes.assign(assigned)

    def room(topic: str, partition: int) -> bool:
        return app.lanes.has_room(topic, partition)

    app.transport = transport_of(assigner, room, settings.batch_records)(app.conf.broker_consumer, app)
    topic = app.topic(*Topics(settings.application).lane, schema=ChunkSchema(), internal=False)

    @app.agent(topic, name="lanes", concurrency=1)
    async def lanes(stream: Any) -> None:
        """Hand every chunk to its lane, which acknowledges it after its commit."""
        async for event in stream.noack().events():
            chunk: Chunk = event.value
            app.lanes.take(chunk, event.ack)

    return app
