"""What the desk needs of an engine: a door to post through, a clock of the demo, how far the sample is read.

Law kept: the desk knows no engine. It reads the projection, and reaches whatever runs only through these.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from msgspec import Struct

from events.time import Instant
from routing.areas import Areas
from routing.notice import Text


class Disposition(Struct, frozen=True, omit_defaults=True):
    """What became of one posted record: kept, known already, or refused with a reason and a way back.

    ``id`` is the event's own; ``retry_after_s`` is set where the record may be sent again later.
    """

    status: Literal["accepted", "known", "refused"]
    id: str | None = None
    reason: str | None = None
    field: str | None = None
    detail: str | None = None
    mend_zh: str | None = None
    mend_en: str | None = None
    retry_after_s: int | None = None


class Unavailable(Exception):
    """The engine cannot take records now: try again after so many seconds."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"retry after {retry_after_s} s")
        self.retry_after_s = retry_after_s


class TooMany(Exception):
    """This provider has used up its share (of the quarantine): try again after so many seconds."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"retry after {retry_after_s} s")
        self.retry_after_s = retry_after_s


class Intake(Protocol):
    """The door. What ``post`` has returned for is kept; raises ``Unavailable`` or ``TooMany`` for all of it."""

    async def post(self, provider: str, records: list[bytes]) -> list[Disposition]:
        """One disposition a record, in order."""
        ...


class Providers(Protocol):
    """Who sends: the provider that a credential names."""

    def of(self, token: str) -> str | None:
        """The provider of a token; None if there is none."""
        ...


class ReadyMade(Struct, frozen=True):
    """A report to try: what it is, its JSON, and what to expect by when."""

    name: Text
    text: str
    expectation: Text


class Demo(Protocol):
    """Time that moves only by buttons, and reports made ready to post. ``provider`` is whom they come from."""

    @property
    def provider(self) -> str:
        """The provider of reports posted from the page."""
        ...

    def now(self) -> Instant:
        """The demo's time."""
        ...

    async def forward(self, hours: int) -> Instant:
        """Write the tick that many hours on; returns the time reached."""
        ...

    async def to_day_end(self) -> Instant:
        """Write the tick at the end of the Shanghai day; returns the time reached."""
        ...

    def ready_made(self) -> Sequence[ReadyMade]:
        """Reports to post, for the demo's present time."""
        ...


class Progress(Protocol):
    """How far the sample is read."""

    def fraction(self) -> float:
        """0 to 1; 1 is all of it."""
        ...

    def text(self) -> Text:
        """The same in words."""
        ...


class Names(Protocol):
    """The names of things: the table of areas, and what the registry calls units, sites and goods."""

    @property
    def areas(self) -> Areas:
        """The dated table of areas."""
        ...

    def known(self, kind: Literal["unit", "site", "goods"], id: str) -> Text | None:
        """The registered name; None where there is none."""
        ...

    def capacity(self, site: str, goods: str, at: Instant) -> int | None:
        """How much of the goods the site may hold, in base units; None where nothing says so."""
        ...


class Operated(Protocol):
    """The process as operations see it."""

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, content type and body of /healthz, /readyz or /metrics."""
        ...


class Ports(Struct, frozen=True):
    """All that an engine offers; what is None is not offered on the pages either."""

    intake: Intake | None = None
    providers: Providers | None = None
    demo: Demo | None = None
    progress: Progress | None = None
    operated: Operated | None = None
