"""The feeder: produces while faults strike, tries again until it is answered, and remembers what was acknowledged.

Law kept: 12, from a provider's seat: what was answered for is held to be kept; what was not is sent again, in the
same order, before anything behind it.
"""

from __future__ import annotations

import asyncio
import http.client
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence

from aiokafka.errors import KafkaError

from events.log import Received, Tick
from streams.broker.door import KafkaDoor
from streams.settings import Settings
from tests.chaos.real.plan import DOOR_CLOSES
from tests.chaos.real.production import Production

_PATIENCE_S = 5.0


class Feeder:
    """Produces in a thread of its own, up to a share of everything that the runner allows."""

    def __init__(self, production: Production, address: str, token: str, settings: Settings) -> None:
        self.acknowledged: Counter[bytes] = Counter()
        self.retries = 0
        self.failed: Exception | None = None
        self.door_is_open = True
        self._production, self._address, self._settings = production, address, settings
        self._token = token
        self._done = 0
        self._allowed = 0.0
        self._on = threading.Condition()
        self._spooled = threading.Event()
        self._thread = threading.Thread(target=self._run, name="feeder", daemon=True)

    def start(self) -> None:
        """Begin, as far as it is allowed."""
        self._thread.start()

    @property
    def share(self) -> float:
        """How much of everything is produced: the door's part up to where it closes, then the days'."""
        posted, passed = len(self._production.posted), len(self._production.passed)
        if self._done < posted:
            return DOOR_CLOSES * self._done / posted
        return DOOR_CLOSES + (1 - DOOR_CLOSES) * (self._done - posted) / passed

    def allow(self, share: float) -> None:
        """Let it go on up to a share of everything."""
        with self._on:
            self._allowed = max(self._allowed, share)
            self._on.notify()

    def let_days_pass(self) -> None:
        """What the door had kept on its own disk stands on the topics: time may go on behind it."""
        self._spooled.set()

    def _run(self) -> None:
        try:
            for batch in self._production.posted:
                self._wait()
                self._until_done(lambda: self._post(batch))  # noqa: B023 - called at once
            self.door_is_open = False
            self._spooled.wait()
            asyncio.run(self._pass())
        except Exception as error:  # noqa: BLE001 - raised by whoever waits for the thread
            self.failed = error

    async def _pass(self) -> None:
        door: KafkaDoor | None = None
        for stretch in self._production.passed:
            await asyncio.to_thread(self._wait)
            door = await self._put(door, stretch)
        if door is not None:
            await door.stop()

    async def _put(self, door: KafkaDoor | None, stretch: Sequence[Received | Tick]) -> KafkaDoor:
        while True:
            try:
                if door is None:
                    door = KafkaDoor(self._settings)
                    await door.start()
                await door.put(stretch)
            except (KafkaError, OSError):
                self.retries += 1
                door = None
                await asyncio.sleep(0.2)
                continue
            self.acknowledged.update(item.raw for item in stretch if isinstance(item, Received))
            self._count()
            return door

    def _post(self, batch: Sequence[bytes]) -> bool:
        """One request; whether it was answered for."""
        connection = http.client.HTTPConnection(self._address, timeout=_PATIENCE_S)
        try:
            headers = {"authorization": f"Bearer {self._token}", "content-type": "application/x-ndjson"}
            connection.request("POST", "/v1/events", b"\n".join(batch), headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                self.acknowledged.update(batch)
                self._count()
                return True
            if answer.status not in (429, 503):
                raise RuntimeError(f"the door answers {answer.status}")
            return False
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _until_done(self, work: Callable[[], bool]) -> None:
        while not work():
            self.retries += 1
            time.sleep(0.2)

    def _wait(self) -> None:
        with self._on:
            self._on.wait_for(lambda: self.share < self._allowed)

    def _count(self) -> None:
        self._done += 1
