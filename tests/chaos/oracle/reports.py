"""Reports: which of all that was received speaks for an event.

Law kept: one event, one content: of equal revisions the first received, of revisions the highest; what was received
too late, or corrects what never came, does not speak.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from msgspec import Struct

from events.identity import home_of, kind_of
from events.intake import Arrival, Record, encode, read
from events.log import Received, Tick
from events.rejection import Source
from events.report import Consignment, Flow, Inventory, Position, Registry
from events.time import DAY, HOUR, Instant

Said = Flow | Inventory | Consignment | Registry
LATENESS: dict[str, Instant | None] = {"site": 7 * DAY, "consignment": 7 * DAY, "vehicle": 24 * HOUR, "unit": None}


class Telling(Struct, frozen=True):
    """One revision of one event as first received; ``event`` None takes it back."""

    revision: int
    received_at: Instant
    content: bytes
    at: Instant
    event: Said | None


class Report(Struct, frozen=True):
    """One event: its identity, the key it was reported at, and its revisions, lowest first."""

    identity: str
    home: str
    tellings: tuple[Telling, ...]

    @property
    def original(self) -> Telling | None:
        """The first telling; None where only corrections came."""
        return self.tellings[0] if self.tellings[0].revision == 0 else None

    @property
    def last(self) -> Telling:
        """The telling that speaks."""
        return self.tellings[-1]


class Fixed(Struct, frozen=True):
    """One position of one vehicle."""

    position: Position
    at: Instant
    received_at: Instant


class Log(Struct, frozen=True):
    """What was reported in time, and how far time has come."""

    reports: tuple[Report, ...]
    fixes: tuple[Fixed, ...]
    time: Instant


def sort_out(items: Iterable[Received | Tick]) -> Log:
    """The events of a log, each once."""
    tellings: dict[tuple[str, str], dict[int, Telling]] = {}
    fixes: list[Fixed] = []
    time = 0
    for item in items:
        if isinstance(item, Tick):
            time = max(time, item.at)
            continue
        taken = read(Record(item.raw, item.provider, item.received_at, Source("oracle", 0, 0)))
        if not isinstance(taken, Arrival):
            continue
        lateness = LATENESS[kind_of(taken.home)]
        if lateness is not None and taken.received_at - taken.at > lateness:
            continue
        if isinstance(taken.event, Position):
            fixes.append(Fixed(taken.event, taken.at, taken.received_at))
            continue
        identity, told = _telling(taken, taken.event)
        known = tellings.setdefault((identity, taken.home), {})
        earlier = known.get(told.revision)
        if earlier is None or (told.received_at, told.content) < (earlier.received_at, earlier.content):
            known[told.revision] = told
    reports = (
        Report(identity, home, tuple(known[revision] for revision in sorted(known)))
        for (identity, home), known in tellings.items()
    )
    return Log(tuple(reports), tuple(fixes), time)


def _telling(taken: Arrival, event: Said) -> tuple[str, Telling]:
    """Whose event it is, and which revision of it."""
    place = home_of(taken.home) if kind_of(taken.home) == "site" else taken.home
    corrects = event.corrects
    target = event.id if corrects is None else corrects.id
    gone = corrects is not None and corrects.void
    told = Telling(
        0 if corrects is None else corrects.revision,
        taken.received_at,
        blake2b(encode(event), digest_size=16).digest(),
        taken.at,
        None if gone else event,
    )
    return f"{taken.provider}|{place}|{target}", told
