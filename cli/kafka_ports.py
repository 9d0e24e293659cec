"""What the desk reaches the Kafka engine through: the door and the demo's clock.

Law kept: a report is answered once the broker holds it; the demo's time moves only by ticks that went through the
same door, behind every report that was answered before them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec
from aiokafka.errors import KafkaError
from msgspec import Struct

from desk.ports import Demo, Disposition, Intake, ReadyMade, Unavailable
from events.intake import Record, event_id, read
from events.log import Received, Tick
from events.rejection import MEND, Rejection, Source
from events.time import DAY, HOUR, Instant, civil_day, day_start
from streams.broker.door import KafkaDoor

RETRY_S: Final = 5
_AT_THE_DOOR: Final = Source("door", 0, 0)


class Fed(Struct):
    """How far a log went through the door, and the last tick that did."""

    log: str = ""
    position: int = 0
    ticked: Instant = 0


class FedFile:
    """That, in a small file, written after the broker has acknowledged."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.fed = msgspec.json.decode(path.read_bytes(), type=Fed) if path.exists() else Fed()

    def keep(self) -> None:
        """Write it, whole or not at all."""
        part = self._path.with_suffix(".part")
        part.write_bytes(msgspec.json.encode(self.fed))
        part.replace(self._path)


class KafkaIntake(Intake):
    """Posts through the Kafka door. What breaks the contract is said at once, and kept as refused by its lane."""

    def __init__(self, door: KafkaDoor, clock: Callable[[], Instant]) -> None:
        self._door, self._clock = door, clock

    async def post(self, provider: str, records: list[bytes]) -> list[Disposition]:
        """One disposition a record, once the broker holds them all."""
        now = self._clock()
        try:
            await self._door.put(Received(raw, provider, now) for raw in records)
        except KafkaError as error:
            raise Unavailable(RETRY_S) from error
        return [_disposition(Record(raw, provider, now, _AT_THE_DOOR)) for raw in records]


class KafkaDemo(Demo):
    """The sample's time: it stands at its last tick until a button moves it."""

    def __init__(self, door: KafkaDoor, file: FedFile, examples: Callable[[Instant], Sequence[ReadyMade]]) -> None:
        self._door, self._file, self._examples = door, file, examples

    @property
    def provider(self) -> str:
        """The provider of reports posted from the page."""
        return "demo"

    def now(self) -> Instant:
        """The last tick."""
        return self._file.fed.ticked

    async def forward(self, hours: int) -> Instant:
        """So many hours on."""
        return await self._to(self.now() + hours * HOUR)

    async def to_day_end(self) -> Instant:
        """The end of the Shanghai day."""
        return await self._to(day_start(civil_day(self.now())) + DAY)

    def ready_made(self) -> Sequence[ReadyMade]:
        """Reports to post, for the demo's present time."""
        return self._examples(self.now())

    async def _to(self, at: Instant) -> Instant:
        await self._door.put([Tick(at)])
        self._file.fed.ticked = at
        self._file.keep()
        return at


def _disposition(record: Record) -> Disposition:
    decided = read(record)
    if isinstance(decided, Rejection):
        zh, en = MEND[decided.reason]
        return Disposition("refused", decided.event_id, decided.reason.value, decided.field, decided.detail, zh, en)
    return Disposition("accepted", event_id(decided.event))
