"""What the door says of a record at once: what its bytes and the contract say, and whether it was taken before.

Laws kept: bytes and contract alone refuse here, as they will when the record is applied; a provider's refusals
count against its share of the quarantine from the moment that they are accepted (7).
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Sequence

from msgspec import Struct

from events.intake import Arrival, Record, event_id, read
from events.log import Received
from events.rejection import Source
from ledger.held import Standing
from streams.embedded import Outcome
from streams.log import LOG, Log, Named


def accepted(log: Log, items: Sequence[Received], start: int) -> list[Outcome]:
    """What can be said of records that were accepted from a position on, before any of them is applied."""
    outcomes: list[Outcome] = []
    named: list[Named] = []
    places: list[int] = []
    for number, item in enumerate(items):
        source = Source(LOG, 0, start + number)
        decided = read(Record(item.raw, item.provider, item.received_at, source))
        if isinstance(decided, Arrival):
            id_ = event_id(decided.event)
            outcomes.append(Outcome(Standing.TAKEN, source, id_, applied=False))
            if id_ is not None:
                named.append(Named(item.provider, id_, decided.home, item.raw))
                places.append(number)
        else:
            outcomes.append(
                Outcome(
                    Standing.REFUSED,
                    source,
                    decided.event_id,
                    decided.reason,
                    decided.field,
                    decided.detail,
                    applied=False,
                )
            )
    for at in log.known(named):
        one = outcomes[places[at]]
        outcomes[places[at]] = Outcome(Standing.KNOWN, one.source, one.event_id, applied=False)
    return outcomes


class Share(Struct, frozen=True):
    """Refusals that are accepted and not applied yet: a provider's own, and all."""

    own: int
    total: int


class Refused:
    """The refusals that the quarantine does not know of yet, by provider."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ahead: deque[tuple[int, Counter[str]]] = deque()
        self._counts: Counter[str] = Counter()

    def add(self, end: int, items: Sequence[Received], outcomes: Sequence[Outcome]) -> None:
        """Count the refused among records accepted up to a position."""
        counts = Counter(
            item.provider
            for item, outcome in zip(items, outcomes, strict=True)
            if outcome.standing is Standing.REFUSED
        )
        if counts:
            with self._lock:
                self._ahead.append((end, counts))
                self._counts += counts

    def of(self, provider: str, applied: int) -> Share:
        """Those of a provider and of all, without what is applied by now."""
        with self._lock:
            while self._ahead and self._ahead[0][0] <= applied:
                self._counts -= self._ahead.popleft()[1]
            return Share(self._counts[provider], self._counts.total())
