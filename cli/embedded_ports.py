"""What the desk reaches the embedded engine through: the writer's door, the demo's clock, the sample's progress.

Law kept: a report is answered once it is committed; the demo's time moves only by ticks through the same writer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from cli.demo import PROVIDER
from desk.ports import Demo, Disposition, Intake, Progress, ReadyMade, TooMany, Unavailable
from events.log import Tick
from events.rejection import MEND
from events.time import DAY, HOUR, Instant, civil_day, day_start
from ledger.held import Standing
from routing.notice import Text
from streams.database import CannotWrite
from streams.embedded import Outcome
from streams.piecemeal import Stopped
from streams.writer import Busy, QuarantineFull, Writer

RETRY_S: Final = 2
QUARANTINE_RETRY_S: Final = 3_600
_STATUS: Final = {Standing.KNOWN: "known", Standing.REFUSED: "refused"}


class WriterIntake(Intake):
    """Posts through the writer: kept for good before it answers; a few at a time are judged too."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def post(self, provider: str, records: list[bytes]) -> list[Disposition]:
        """One disposition a record, in order."""
        try:
            outcomes = await asyncio.wrap_future(self._writer.post(provider, records))
        except (Busy, CannotWrite, Stopped) as error:
            raise Unavailable(RETRY_S) from error
        except QuarantineFull as full:
            raise (Unavailable if full.total else TooMany)(QUARANTINE_RETRY_S) from full
        return [_disposition(outcome) for outcome in outcomes]


class WriterDemo(Demo):
    """The sample's time: it stands at its last tick until a button moves it."""

    def __init__(self, writer: Writer, reports: Callable[[Instant], Sequence[ReadyMade]]) -> None:
        self._writer, self._reports = writer, reports

    @property
    def provider(self) -> str:
        """The provider of reports posted from the page."""
        return PROVIDER

    def now(self) -> Instant:
        """The last tick."""
        return self._writer.now

    async def forward(self, hours: int) -> Instant:
        """So many hours on."""
        return await self._to(self.now() + hours * HOUR)

    async def to_day_end(self) -> Instant:
        """The end of the Shanghai day."""
        return await self._to(day_start(civil_day(self.now())) + DAY)

    def ready_made(self) -> Sequence[ReadyMade]:
        """Reports to post, for the demo's present time."""
        return self._reports(self.now())

    async def _to(self, at: Instant) -> Instant:
        await asyncio.wrap_future(self._writer.feed([Tick(at)]))
        return at


class SampleProgress(Progress):
    """How much of the sample was taken."""

    def __init__(self) -> None:
        self.done, self.total = 0, 1

    def fraction(self) -> float:
        """0 to 1; 1 is all of it."""
        return min(self.done / max(self.total, 1), 1.0)

    def text(self) -> Text:
        """The same in words."""
        return Text(
            f"样例已读 {self.done:,} / {self.total:,} 条", f"{self.done:,} of {self.total:,} sample records read"
        )


def _disposition(outcome: Outcome) -> Disposition:
    status = _STATUS.get(outcome.standing, "accepted")
    reason = outcome.reason
    zh, en = MEND[reason] if reason is not None else (None, None)
    return Disposition(
        status,  # type: ignore[arg-type]  # the three words of the table above
        outcome.event_id,
        reason.value if reason is not None else None,
        outcome.field or None,
        outcome.detail or None,
        zh,
        en,
    )
