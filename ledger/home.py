"""The home key of an event: decides once whether it is new, known, waiting or refused, and speaks for it.

Laws kept: redelivery changes nothing (2); of one event received twice the earlier receipt counts, of two
contents under one id the earlier, whatever came first (3); a refusal has a reason and a way back (7).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct
from msgspec import field as default

from events.identity import event_identity, home_of, kind_of
from events.intake import Arrival
from events.rejection import Reason, Rejection, Source
from events.report import Flow, Inventory, Position
from events.time import Instant
from ledger.fact import COUNTED, Count, Fact, Movement, rank_of
from ledger.held import Held, Standing, Telling, lasts_until, telling_of
from ledger.judges import Ground, Judge
from ledger.reference import FOREVER
from ledger.retelling import earlier_tellings, gone_of
from ledger.shelves import Shelves
from ledger.speech import Entered, Seen, Speech, concerned, count, counted_at, movement, parted, said_of

MOST_WAITING = 10_000
"""How many events one home key lets wait; one more that would have to wait is refused at once."""

_WHOLE: Final[Mapping[str, Fact]] = {}


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


class Decision(Struct):
    """What taking one arrival, or looking again, did: refusals, standings, and events to speak of anew."""

    refusals: list[Rejection] = default(default_factory=list)
    told: list[Told] = default(default_factory=list)
    respeak: list[Held] = default(default_factory=list)


class First(Struct, frozen=True, gc=False):
    """An ordinary report, understood the first time it is told: the fact that it is at each of these keys.

    ``parts`` are what it is at those that hold only a part of it.
    """

    keys: tuple[str, ...]
    fact: Fact
    told: Told
    parts: Mapping[str, Fact]


class Home:
    """The events that one home key holds singly; a site's home also lists the books that it ever spoke to."""

    __slots__ = (
        "books", "held", "horizon", "judge", "key", "kind", "name", "settled", "shelves", "waiting", "wakes_from",
        "written",
    )  # fmt: skip

    def __init__(self, key: str, horizon: Instant) -> None:
        self.key, self.kind, self.name = key, kind_of(key), _home_name(key)
        self.horizon = horizon
        self.held: dict[str, Held] = {}
        self.waiting: set[str] = set()
        self.books: set[str] = set()
        self.judge: Judge | None = None
        self.settled: object = None  # the edition of the judge's data by which all that is held was judged
        self.shelves = Shelves()
        self.wakes_from: Instant = FOREVER  # of what occurred from then on, no wake needs to be noted
        self.written = b""  # the head, as last written

    def first(self, arrival: Arrival, event: Flow | Inventory, ground: Ground, lateness: Instant) -> First | None:
        """Take an ordinary report at once; None where it needs a closer look. The same as `take` and `judge` do."""
        at, amount = arrival.at, arrival.amount
        if (
            event.corrects is not None
            or amount is None
            or amount.measure is not ground.measure
            or arrival.received_at - at > lateness
            or at < self.horizon
        ):
            return None
        provider, id_ = arrival.provider, event.id
        identity = f"{provider}|{self.name}|{id_}"
        if identity in self.held:
            return None
        held = Held(identity, at, (telling_of(arrival, event),), 1, ground.seen, Standing.TAKEN)
        self.held[identity] = held
        self.shelves.put(held)
        if isinstance(event, Flow):
            keys, moved = concerned(event, ground.own), movement(event, amount, ground.seen)
            fact = Fact(identity, at, rank_of(moved), 1, 0, arrival.received_at, arrival.source, moved)
        else:
            keys, counted = counted_at(event, ground.own[:2]), count(event, amount, ground.seen)
            fact = Fact(identity, at, COUNTED, 1, 0, arrival.received_at, arrival.source, counted)
        told = Told(
            identity, id_, provider, self.key, Standing.TAKEN, None, "", arrival.source, arrival.received_at
        )  # fmt: skip
        return First(keys, fact, told, parted(fact) if event.serials else _WHOLE)

    def take(self, arrival: Arrival, lateness: Instant | None) -> Decision:
        """Decide about one arrival; ``lateness`` is None for what is never late."""
        event, at, decision = arrival.event, arrival.at, Decision()
        if isinstance(event, Position):
            raise TypeError("positions keep no ids: they are merged, not told")
        telling = telling_of(arrival, event)
        if lateness is not None and (arrival.received_at - at > lateness or at < self.horizon):
            decision.refusals.append(_refusal(telling, self.key, Reason.AFTER_CLOSE, "occurred_at", ""))
            decision.told.append(self._tell(telling, Standing.REFUSED, Reason.AFTER_CLOSE, again=True))
            return decision
        of = event.id if event.corrects is None else event.corrects.id
        identity = event_identity(arrival.provider, self.name, of)
        held = self.held.get(identity)
        if held is None:
            held = self.held[identity] = Held(identity, at)
            self.shelves.put(held)
        known = held.telling(telling.revision)
        if known is None:
            self._tell_of(held, telling, at)
            if telling.raw is not None:
                held.until = max(held.until, lasts_until(event))
            decision.respeak.append(held)
        else:
            self._again(held, known, (telling, at), decision)
        return decision

    def _tell_of(self, held: Held, telling: Telling, at: Instant) -> None:
        """Let a telling speak for its revision."""
        held.spoken = self.spoken(held)
        rest = (told for told in held.tellings if told.revision != telling.revision)
        held.tellings = tuple(sorted((*rest, telling), key=lambda told: told.revision))
        was, origin = held.at, held.telling(0)
        if telling.revision == 0:
            held.at = at
        elif origin is None:
            held.at = min(was, at)
        self.shelves.touch(held)

    def _again(self, held: Held, known: Telling, again: tuple[Telling, Instant], decision: Decision) -> None:
        """The same revision once more: the earlier receipt counts; other content under its id is refused."""
        new, at = again
        same = (known.raw is not None and known.raw == new.raw) or known.content() == new.content()
        stays = known.received_at < new.received_at or (
            known.received_at == new.received_at and (same or known.content() < new.content())
        )
        first, other = (known, new) if stays else (new, known)
        if not same:
            detail = f"first received at {first.source}"
            decision.refusals.append(_refusal(other, self.key, Reason.ID_REUSED, "id", detail))
            decision.told.append(self._tell(other, Standing.REFUSED, Reason.ID_REUSED, detail, again=True))
        elif first is known:
            decision.told.append(self._tell(new, Standing.KNOWN))
        if first is new:
            self._tell_of(held, new, at)
            held.until = max((lasts_until(told.event()) for told in held.tellings), default=0)
            self.unsettle()
            decision.respeak.append(held)

    def speak(self, held: Held, judge: Judge) -> tuple[Speech | None, list[Told]]:
        """What the home now says of an event: its speech, or None while it waits or is gone.

        Every report of it stands as the last one does: a corrected one is taken, one taken back is gone.
        """
        top = held.tellings[-1]
        origin = held.telling(0)
        if origin is None:
            return None, self._tell_each(held, Standing.WAITING, Reason.UNKNOWN_TARGET)
        event = top.event()
        before = earlier_tellings(held, judge) if len(held.tellings) > 1 else ()
        if event is None:
            return gone_of(held, before), self._tell_each(held, Standing.GONE)
        judged = judge(event, held.at)
        if not isinstance(judged, Speech):
            return None, self._tell_each(held, Standing.WAITING, judged.reason, judged.detail)
        counted = isinstance(judged.body, Movement | Count)
        heard_at = origin.received_at if counted else max(judged.received_at, top.received_at)
        if isinstance(judged.body, Entered):
            heard_at = max(heard_at, origin.received_at)
        spoken = Speech(judged.keys, judged.body, heard_at, top.source, top.revision, held.at, before)
        return spoken, self._tell_each(held, Standing.TAKEN)

    def spoken(self, held: Held) -> Speech | None:
        """What was last said of an event, in full."""
        if not isinstance(held.spoken, Seen):
            return held.spoken
        top, origin = held.tellings[-1], held.telling(0)
        event = top.event()
        assert origin is not None, held.identity
        assert isinstance(event, Flow | Inventory), held.identity
        said = said_of(event, held.spoken)
        return Speech(said.keys, said.body, origin.received_at, top.source, top.revision, held.at)

    def unsettle(self) -> None:
        """What was told is told otherwise, or forgotten: all that leans on it must be judged again."""
        if self.kind != "site":
            self.judge = self.settled = None

    def crowded_out(self, held: Held, judge: Judge) -> Decision | None:
        """The refusal of an event that would have to wait where as many wait as may; None where there is room."""
        if held.version or held.identity in self.waiting or len(self.waiting) < MOST_WAITING:
            return None
        decision = Decision()
        self._refuse_waiting(held, judge, decision)
        del self.held[held.identity]
        self.shelves.drop(held)
        return decision

    def refused(self, telling: Telling, reason: Reason, detail: str) -> Told:
        """That a telling was understood here, but cannot be used where it was to be told."""
        return self._tell(telling, Standing.REFUSED, reason, detail)

    def close(self, horizon: Instant, judge: Judge) -> Decision:
        """Forget what closed time holds; what still waits is refused with what it waited for."""
        decision = Decision()
        self.horizon = max(self.horizon, horizon)
        waiting: list[Held] = []
        for shelf in self.shelves.closing(horizon):
            over = [held for held in shelf.held if held.closes_at() < horizon]
            waiting += (held for held in over if held.standing is Standing.WAITING)
            if self.kind != "unit" and any(held.until for held in over):
                self.unsettle()  # what a unit's home forgets, deals and shifts, nothing else there leans on
            for held in over:
                del self.held[held.identity]
            self.shelves.clear(shelf, over)
        for held in sorted(waiting, key=lambda held: (held.at, held.identity)):
            self._refuse_waiting(held, judge, decision)
            self.waiting.discard(held.identity)
        self.shelves.forget()
        return decision

    def first_close(self) -> Instant:
        """Some instant of the first day at whose close something here can be forgotten."""
        if self.kind == "site":
            return self.shelves.first()
        return self.shelves.first_close()

    def _refuse_waiting(self, held: Held, judge: Judge, decision: Decision) -> None:
        top = held.tellings[-1]
        reason, field, detail = Reason.UNKNOWN_TARGET, "corrects.id", ""
        event = None if held.telling(0) is None else top.event()
        if event is not None:
            judged = judge(event, held.at)
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
        identity = event_identity(telling.provider, self.name, telling.event_id)
        if again:
            identity = f"{identity}#{telling.source}"
        return Told(
            identity, telling.event_id, telling.provider, self.key, standing, reason, detail,
            telling.source, telling.received_at,
        )  # fmt: skip


def _home_name(key: str) -> str:
    """What stands for a home in an identity: a site by its id, others by their key.

    Ids of trips, units and sites may be alike, and what they report under one event id meets at one key.
    """
    return home_of(key) if kind_of(key) == "site" else key


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
