"""What the desk reaches the Kafka engine through: the door and the demo's clock.

Law kept: a report is answered once the broker holds it; the demo's time moves only by ticks that went through the
same door, behind every report that was answered before them.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec
from aiokafka.errors import KafkaError
from msgspec import Struct

from desk.asking import Projected
from desk.ports import Demo, Disposition, Intake, ReadyMade, TooMany, Unavailable
from events.intake import Record, event_id, read
from events.log import Received, Tick
from events.rejection import MEND, Rejection, Source
from events.time import DAY, HOUR, Instant, civil_day, day_start
from operating.log_events import LogEvent, say
from streams.broker.door import KafkaDoor
from streams.broker.spool import Full
from streams.broker.spooled import Door
from streams.settings import Settings

RETRY_S: Final = 5
QUARANTINE_RETRY_S: Final = 3_600
COUNTED_FOR_S: Final = 2.0
_log = logging.getLogger(__name__)
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


class QuarantineLimit:
    """Law 7: whose refused records fill its share of the quarantine is told to mend some first; then everybody."""

    def __init__(self, projected: Projected, settings: Settings) -> None:
        self._projected, self._settings = projected, settings
        self._asked: dict[str, tuple[float, int, int]] = {}

    def check(self, provider: str) -> None:
        """Raise ``TooMany`` for this provider or, loudly, ``Unavailable`` for all, where there is no room."""
        own, every = self._waiting(provider)
        if every >= self._settings.quarantine_total:
            say(_log, LogEvent.QUARANTINE_FULL, records=every, most=self._settings.quarantine_total)
            raise Unavailable(QUARANTINE_RETRY_S)
        if own >= self._settings.quarantine_per_provider:
            raise TooMany(QUARANTINE_RETRY_S)

    def _waiting(self, provider: str) -> tuple[int, int]:
        """How many refusals wait to be mended, of the provider and of all; counted again after a while."""
        asked_at, own, every = self._asked.get(provider, (0.0, 0, 0))
        now = time.monotonic()
        if provider not in self._asked or now - asked_at > COUNTED_FOR_S:
            row = self._projected.rows(
                "SELECT coalesce(sum(provider=?), 0), count(*) FROM refusals WHERE standing='kept'", (provider,)
            )[0]
            own, every = int(row[0]), int(row[1])
            self._asked[provider] = (now, own, every)
        return own, every


class KafkaIntake(Intake):
    """Posts through the Kafka door. What breaks the contract is said at once, and kept as refused by its lane."""

    def __init__(self, door: Door, clock: Callable[[], Instant], limit: QuarantineLimit) -> None:
        self._door, self._clock, self._limit = door, clock, limit

    async def post(self, provider: str, records: list[bytes]) -> list[Disposition]:
        """One disposition a record, once the broker, or the door's own disk, holds them all."""
        self._limit.check(provider)
        now = self._clock()
        try:
            await self._door.put(Received(raw, provider, now) for raw in records)
        except (KafkaError, Full, OSError) as error:
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
