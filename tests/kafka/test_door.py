"""The door's writing side on a real broker that is killed: what it acknowledged arrives, and time behind it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from deploy.local import KafkaBroker
from events.log import Received, Tick
from streams.broker.door import KafkaDoor
from streams.broker.spool import Spool
from streams.broker.spooled import SpooledDoor
from tests.engines import difference
from tests.kafka.engine import Engine, last_tick, settings_for
from tests.kafka.test_aborts import log, right

ROOM = 64 << 20
STRETCH = 100


def test_reports_of_an_outage_arrive_once_and_in_time(tmp_path: Path) -> None:
    """Law 12: a broker killed, the door killed after it, both back: the answers are those of an undisturbed run."""
    items = log()
    third = len(items) // 3
    with KafkaBroker(tmp_path / "kafka") as broker:
        engine = Engine(settings_for(broker.address, tmp_path, partitions=2), tmp_path)

        async def fed(stretch: tuple[Received | Tick, ...], *, killed: bool) -> SpooledDoor:
            spool = Spool(tmp_path / "spool", ROOM)
            door = SpooledDoor(lambda: KafkaDoor(engine.settings), spool, patience_s=3.0)
            await door.start()
            for start in range(0, len(stretch), STRETCH):
                if killed and start == 2 * STRETCH:
                    broker.kill()
                await door.put(stretch[start : start + STRETCH])
            return door

        async def killed_with_its_broker() -> None:
            """Whoever runs this loop ends without a word: the door is not stopped, its spool not emptied."""
            await fed(items[:third], killed=True)

        async def back() -> None:
            broker.start()
            door = await fed(items[third:], killed=False)
            while not door.idle:
                await asyncio.sleep(0.05)
            await door.put([Tick(last_tick(items))])
            await door.stop()

        asyncio.run(killed_with_its_broker())
        assert not Spool(tmp_path / "spool", ROOM).empty
        asyncio.run(back())
        engine.work()
        assert not difference(right(), engine.until(last_tick(items)))
        engine.stop()
