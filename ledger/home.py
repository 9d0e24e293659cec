"""The home key of an event: decides once whether it is new, known, waiting or refused, and speaks for it.

Laws kept: redelivery changes nothing (2); of one event received twice the earlier receipt counts, of two
contents under one id the earlier, whatever came first (3); a refusal has a reason and a way back (7).
"""

from __future__ import annotations

from enum import StrEnum
from hashlib import blake2b

from msgspec import Struct

from events.identity import event_identity, home_of, kind_of
from events.intake import Arrival, encode
from events.rejection import Reason, Rejection, Source
from events.report import Consignment, Flow, Inventory, Position, Registry
from events.time import Instant, civil_day, instant
from ledger.fact import Count, Movement
from ledger.speech import Judge, Speech

FOREVER: Instant = 2**62
MOST_WAITING = 10_000
"""How many events one home key lets wait; one more that would have to wait is refused at once."""


class Standing(StrEnum):
    """What became of an event at its home key."""

    TAKEN = "taken"
    WAITING = "waiting"
    KNOWN = "known"
    REFUSED = "refused"
    GONE = "gone"


class Told(Struct, frozen=True, array_like=True, gc=False):
    """Report one event's standing: for the provider who asks what became of it."""

    identity: str
    event_id: str
    provider: str
    home: str
    standing: Standing
    reason: Reason | None
    detail: str
    source: Source
    received_at: Instant


class Telling(Struct, frozen=True, array_like=True, gc=False):
    """One report of an event's content: the original (revision 0) or a correction; ``event`` None takes it back.

    ``digest`` stands for the content: equal content, equal digest.
    """

    revision: int
    event_id: str
    provider: str
    received_at: Instant
    source: Source
    digest: bytes
    event: Flow | Inventory | Consignment | Registry | None


class Held(Struct, array_like=True, gc=False):
    """One event as its home holds it: the winning telling of each revision, and what was last said of it.

    ``at`` is when the original says that it occurred; while only corrections are here, the earliest that they say.
    """

    identity: str
    at: Instant
    tellings: tuple[Telling, ...] = ()
    version: int = 0
    spoken: Speech | None = None
    standing: Standing = Standing.WAITING

    def telling(self, revision: int) -> Telling | None:
        """The telling of one revision."""
        for (
            told
        ) in self.tellings:  # most have one, and every report asks twice: a generator costs more than the look
            if told.revision == revision:
                return told
        return None


class Decision(Struct, gc=False):
    """What taking one arrival, or looking again, did: refusals, standings, and events to speak of anew."""

    refusals: list[Rejection]
    told: list[Told]
    respeak: list[Held]


class Home:
    """The events that one home key holds singly; a site's home also lists the books that it ever spoke to."""

    __slots__ = ("books", "changed", "held", "horizon", "key", "waiting")

    def __init__(self, key: str, horizon: Instant) -> None:
        self.key = key
        self.horizon = horizon
        self.held: dict[str, Held] = {}
        self.waiting: set[str] = set()
        self.books: set[str] = set()
        self.changed: set[int] = set()

    def take(self, arrival: Arrival, lateness: Instant | None) -> Decision:
        """Decide about one arrival; ``lateness`` is None for what is never late."""
        decision = Decision([], [], [])
        telling, target, at = _telling(arrival)
        self.changed.add(civil_day(at))
        if lateness is not None and (arrival.received_at - at > lateness or at < self.horizon):
            decision.refusals.append(_refusal(telling, self.key, Reason.AFTER_CLOSE, "occurred_at", ""))
            decision.told.append(self._tell(telling, Standing.REFUSED, Reason.AFTER_CLOSE, again=True))
            return decision
        held = self.held.get(target)
        if held is None:
            held = self.held[target] = Held(target, at)
        known = held.telling(telling.revision)
        if known is None:
            self._tell_of(held, telling, at)
            decision.respeak.append(held)
        else:
            self._again(held, known, (telling, at), decision)
        return decision

    def _tell_of(self, held: Held, telling: Telling, at: Instant) -> None:
        """Let a telling speak for its revision."""
        rest = (told for told in held.tellings if told.revision != telling.revision)
        held.tellings = tuple(sorted((*rest, telling), key=lambda told: told.revision))
        was, origin = held.at, held.telling(0)
        if telling.revision == 0:
            held.at = at
        elif origin is None:
            held.at = min(was, at)
        self.changed.update((civil_day(was), civil_day(held.at)))

    def _again(self, held: Held, known: Telling, again: tuple[Telling, Instant], decision: Decision) -> None:
        """The same revision once more: the earlier receipt counts; other content under its id is refused."""
        new, at = again
        same = known.digest == new.digest
        first, other = (
            (known, new) if (known.received_at, known.digest) <= (new.received_at, new.digest) else (new, known)
        )
        if not same:
            detail = f"first received at {first.source}"
            decision.refusals.append(_refusal(other, self.key, Reason.ID_REUSED, "id", detail))
            decision.told.append(self._tell(other, Standing.REFUSED, Reason.ID_REUSED, detail, again=True))
        elif first is known:
            decision.told.append(self._tell(new, Standing.KNOWN))
        if first is new:
            self._tell_of(held, new, at)
            decision.respeak.append(held)

    def judge(self, held: Held, judge: Judge) -> tuple[Speech | None, list[Told]]:
        """What the home now says of an event: its speech, or None while it waits or is gone.

        Every report of it stands as the last one does: a corrected one is taken, one taken back is gone.
        """
        top = held.tellings[-1]
        origin = held.telling(0)
        if origin is None:
            return None, self._tell_each(held, Standing.WAITING, Reason.UNKNOWN_TARGET)
        if top.event is None:
            return None, self._tell_each(held, Standing.GONE)
        judged = judge(top.event, held.at)
        if not isinstance(judged, Speech):
            return None, self._tell_each(held, Standing.WAITING, judged.reason, judged.detail)
        counted = isinstance(judged.body, Movement | Count)
        heard_at = origin.received_at if counted else max(judged.received_at, top.received_at)
        spoken = Speech(judged.keys, judged.body, heard_at, top.source, top.revision, held.at)
        return spoken, self._tell_each(held, Standing.TAKEN)

    def crowded_out(self, held: Held, judge: Judge) -> Decision | None:
        """The refusal of an event that would have to wait where as many wait as may; None where there is room."""
        if held.version or held.identity in self.waiting or len(self.waiting) < MOST_WAITING:
            return None
        decision = Decision([], [], [])
        self._refuse_waiting(held, judge, decision)
        del self.held[held.identity]
        return decision

    def refused(self, telling: Telling, reason: Reason, detail: str) -> Told:
        """That a telling was understood here, but cannot be used where it was to be told."""
        return self._tell(telling, Standing.REFUSED, reason, detail)

    def close(self, horizon: Instant, judge: Judge) -> Decision:
        """Forget what closed time holds; what still waits is refused with what it waited for."""
        decision = Decision([], [], [])
        self.horizon = max(self.horizon, horizon)
        over = [held for held in self.held.values() if held_until(held) < horizon]
        for held in sorted(over, key=lambda held: (held.at, held.identity)):
            if held.standing is Standing.WAITING:
                self._refuse_waiting(held, judge, decision)
            del self.held[held.identity]
            self.waiting.discard(held.identity)
            self.changed.add(civil_day(held.at))
        return decision

    def _refuse_waiting(self, held: Held, judge: Judge, decision: Decision) -> None:
        top = held.tellings[-1]
        reason, field, detail = Reason.UNKNOWN_TARGET, "corrects.id", ""
        if held.telling(0) is not None and top.event is not None:
            judged = judge(top.event, held.at)
            if not isinstance(judged, Speech):
                reason, field, detail = judged.reason, judged.field, judged.detail
        for told in held.tellings:
            decision.refusals.append(_refusal(told, self.key, reason, field, detail))
            decision.told.append(self._tell(told, Standing.REFUSED, reason, detail))

    def _tell_each(
        self, held: Held, standing: Standing, reason: Reason | None = None, detail: str = ""
    ) -> list[Told]:
        return [self._tell(told, standing, reason, detail) for told in held.tellings]

    def _tell(
        self,
        telling: Telling,
        standing: Standing,
        reason: Reason | None = None,
        detail: str = "",
        *,
        again: bool = False,
    ) -> Told:
        """The standing of one telling; ``again`` tells it apart from the one that its id stands for."""
        identity = event_identity(telling.provider, _home_name(self.key), telling.event_id)
        if again:
            identity = f"{identity}#{telling.source}"
        return Told(
            identity, telling.event_id, telling.provider, self.key, standing, reason, detail,
            telling.source, telling.received_at,
        )  # fmt: skip


def _telling(arrival: Arrival) -> tuple[Telling, str, Instant]:
    """The telling that an arrival makes, the identity that it tells of, and when that occurred."""
    event = arrival.event
    if isinstance(event, Position):
        raise TypeError("positions keep no ids: they are merged, not told")
    home = _home_name(arrival.home)
    corrects = event.corrects
    target = event.id if corrects is None else corrects.id
    telling = Telling(
        0 if corrects is None else corrects.revision,
        event.id, arrival.provider, arrival.received_at, arrival.source,
        blake2b(encode(event), digest_size=16).digest(),
        None if corrects is not None and corrects.void else event,
    )  # fmt: skip
    return telling, event_identity(arrival.provider, home, target), arrival.at


def _home_name(key: str) -> str:
    """What stands for a home in an identity: a site by its id, others by their key.

    Ids of trips, units and sites may be alike, and what they report under one event id meets at one key.
    """
    return home_of(key) if kind_of(key) == "site" else key


def held_until(held: Held) -> Instant:
    """Up to when in event time an event's content can still be asked for: a trip's plan until it is over."""
    until = held.at
    for told in held.tellings:
        if isinstance(told.event, Registry):
            return FOREVER
        if isinstance(told.event, Consignment) and told.event.plan is not None:
            until = max(until, instant(told.event.plan.arrive_by))
    return until


def _refusal(telling: Telling, home: str, reason: Reason, field: str, detail: str) -> Rejection:
    """A refusal at the key: the bytes stay in the input log, at the position that is named."""
    return Rejection(
        id=f"{telling.source}",
        reason=reason,
        field=field,
        detail=detail,
        provider=telling.provider,
        source=telling.source,
        received_at=telling.received_at,
        event_id=telling.event_id,
        home=home,
    )
