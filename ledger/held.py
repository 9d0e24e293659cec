"""What a home holds of one event: every telling of it, and what was last said of it.

Law kept: equal content is the same event however often and from wherever it comes (2); what it says is kept as it
was said, to the byte, so that this can be told at any time.
"""

from __future__ import annotations

from enum import StrEnum
from hashlib import blake2b
from typing import Final

from msgspec import Struct

from events.intake import Arrival, decode, encode
from events.rejection import Source
from events.report import Consignment, Position, Registry
from events.time import Instant, instant
from ledger.reference import Registered, held_until
from ledger.speech import Report, Seen, Speech

_OWN_BYTES: Final = 2_048
"""Up to how many bytes a record is kept as it came; a longer one is written anew, without its white space."""


class Standing(StrEnum):
    """What became of an event at its home key."""

    TAKEN = "taken"
    WAITING = "waiting"
    KNOWN = "known"
    REFUSED = "refused"
    GONE = "gone"


class Telling(Struct, frozen=True, array_like=True, gc=False):
    """One report of an event's content: the original (revision 0) or a correction; ``raw`` None takes it back.

    ``raw`` are bytes that say it. ``digest`` stands for the content, equal content, equal digest, where that
    cannot be told from the bytes.
    """

    revision: int
    event_id: str
    provider: str
    received_at: Instant
    source: Source
    digest: bytes
    raw: bytes | None

    def event(self) -> Report | None:
        """What was told; None takes the event back."""
        event = None if self.raw is None else decode(self.raw)
        if isinstance(event, Position):
            raise TypeError("positions keep no ids: they are merged, not told")
        return event

    def content(self) -> bytes:
        """The digest of what was told: taken only where an event comes twice."""
        event = None if self.digest else self.event()
        return self.digest if event is None else _digest(event)


class Held(Struct, array_like=True, gc=False):
    """One event as its home holds it: the winning telling of each revision, and what was last said of it.

    ``at`` is when the original says that it occurred; while only corrections are here, the earliest that they say.
    Up to ``until`` its content can still be asked for: a trip's plan until it is over, a registry entry for ever,
    but for the filing of a deal, a permit that ends, its return, and a shift.
    ``spoken`` is `Seen` while the tellings are those that it was said of.
    """

    identity: str
    at: Instant
    tellings: tuple[Telling, ...] = ()
    version: int = 0
    spoken: Speech | Seen | None = None
    standing: Standing = Standing.WAITING
    shelf: str = ""
    until: Instant = 0

    def telling(self, revision: int) -> Telling | None:
        """The telling of one revision."""
        for told in self.tellings:
            if told.revision == revision:
                return told
        return None

    def closes_at(self) -> Instant:
        """Up to when in event time the event must be held."""
        return max(self.at, self.until)


def telling_of(arrival: Arrival, event: Report) -> Telling:
    """The telling that the arrival of an event makes."""
    corrects = event.corrects
    void = corrects is not None and corrects.void
    raw = arrival.raw if len(arrival.raw) <= _OWN_BYTES else encode(event)
    return Telling(
        0 if corrects is None else corrects.revision,
        event.id, arrival.provider, arrival.received_at, arrival.source,
        _digest(event) if void else b"",
        None if void else raw,
    )  # fmt: skip


def lasts_until(event: Report | None) -> Instant:
    """Up to when an event's content is asked for beyond the instant that it occurred at; 0 where no longer."""
    if isinstance(event, Registry):
        at, valid_to = instant(event.occurred_at), None if event.valid_to is None else instant(event.valid_to)
        return held_until(Registered(event.id, 0, event.unit, at, at, valid_to, event.entry, at))
    if isinstance(event, Consignment) and event.plan is not None:
        return instant(event.plan.arrive_by)
    return 0


def _digest(event: Report) -> bytes:
    return blake2b(encode(event), digest_size=16).digest()
