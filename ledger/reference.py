"""Reference data as one key holds it: effective-dated, judged by what was in force when an event happened.

Law kept: reference entries are a set; which came first does not matter. Of several entries about the same
thing in force at an instant, the one with the latest ``valid_from`` (then record time, then id) speaks.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from itertools import takewhile
from operator import attrgetter
from typing import Any, Final, TypeVar

from msgspec import Struct

from events.registry import (
    CalendarEntry,
    CapacityEntry,
    Entry,
    GoodsEntry,
    HazardFilingEntry,
    IncompatibilityEntry,
    InstrumentEntry,
    LicenceEntry,
    ModelEntry,
    PermitEntry,
    PermitReturnEntry,
    PersonEntry,
    PolicyEntry,
    QuotaEntry,
    RestrictedAreaEntry,
    ShiftEntry,
    SiteEntry,
    SourceEntry,
    TradeFilingEntry,
    UnitEntry,
    VehicleEntry,
    YieldEntry,
)
from events.time import DAY, HOUR, Instant, civil_day, day_start
from ledger.indexes import Indexes

E = TypeVar("E", bound=Entry)
T = TypeVar("T")

MOST_LASTING: Final = 4_096
"""How many answers a key's reference data remembers."""
FOREVER: Final[Instant] = 2**62
SUPERSEDED: Final = (LicenceEntry, PermitEntry, PersonEntry, InstrumentEntry, CapacityEntry, ShiftEntry)
"""Kinds of entries of which closed time asks nothing: a unit's and a site's own are asked for as of when a finding
began or a silent site's deadline was, which may be long ago, and what concerns everyone as of any time."""
_JUDGED_BY: Final = (UnitEntry, SiteEntry, GoodsEntry)
FILED_FOR: Final = 130 * DAY
"""How long a deal's filing is kept: no rule asks for one of a deal that is older than a hundred days."""
OVER_FOR: Final = 1_100 * DAY
"""How long after its end a permit is asked for, and how long it is kept that it was handed back."""
ONCE_FOR: Final = 130 * DAY
"""How long after its end the unit's home keeps a permit for one time: its goods' consignment is over by then."""
_FROM_RECEIPT: Final = (TradeFilingEntry, PermitReturnEntry)
REACH: Final = 7 * DAY + HOUR
"""How long after its end a day can still be judged anew: the lateness of reports and an hour's slack."""
REACH_ON_ROADS: Final = 25 * HOUR
"""The same for where a vehicle was: the lateness of positions and an hour's slack."""


def closes(at: Instant, reach: Instant = REACH) -> Instant:
    """When the day of an instant is closed to new entries."""
    return day_start(civil_day(at) + 1) + reach


class Registered(Struct, frozen=True, array_like=True, gc=False):
    """One registry entry at one key; ``entry`` is None once it is gone from this key.

    ``heard_at`` is its receipt: it speaks of no day that had closed by then, so that lanes whose clocks run
    apart judge alike. From ``unsaid_at`` on it was told otherwise: it speaks of no day that closed after that.
    """

    id: str
    version: int
    unit: str
    recorded_at: Instant
    valid_from: Instant
    valid_to: Instant | None
    entry: Entry | None
    heard_at: Instant = 0
    unsaid_at: Instant | None = None

    def in_force(self, at: Instant, reach: Instant = REACH) -> bool:
        """Whether the entry was valid at an instant and heard of in time."""
        return self.valid(at) and self.heard_of(at, reach)

    def valid(self, at: Instant) -> bool:
        """Whether an instant is within its dates: from inclusive, to exclusive."""
        return self.valid_from <= at and (self.valid_to is None or at < self.valid_to)

    def heard_of(self, at: Instant, reach: Instant = REACH) -> bool:
        """Whether the entry may speak of the day of an instant: heard of before that closed, and not unsaid."""
        if self.unsaid_at is not None and (self.unsaid_at <= at or self.unsaid_at < closes(at, reach)):
            return False
        return self.heard_at <= at or self.heard_at < closes(at, reach)

    def bounds(self, reach: Instant = REACH) -> tuple[Instant, ...]:
        """The instants at which ``in_force`` may change its mind."""
        heard = day_start(civil_day(self.heard_at - reach))
        ends: tuple[Instant, ...] = () if self.valid_to is None else (self.valid_to,)
        if self.unsaid_at is not None:
            ends += (day_start(civil_day(self.unsaid_at - reach)),)
        return (self.valid_from, heard, *ends)


_ABOUT: Final[dict[type, Callable[[Any], str]]] = {
    UnitEntry: lambda entry: "self",
    SiteEntry: attrgetter("site"),
    LicenceEntry: attrgetter("licence"),
    PermitEntry: attrgetter("permit"),
    PersonEntry: lambda entry: f"{entry.person}/{entry.role}",
    InstrumentEntry: attrgetter("instrument"),
    CapacityEntry: lambda entry: f"{entry.site}/{entry.goods}",
    QuotaEntry: attrgetter("quota"),
    VehicleEntry: attrgetter("vehicle"),
    ShiftEntry: attrgetter("shift"),
    YieldEntry: lambda entry: f"{entry.consumed}/{entry.produced}",
    SourceEntry: lambda entry: f"{entry.maker}/{entry.model}/{entry.serial}",
    TradeFilingEntry: attrgetter("event"),
    HazardFilingEntry: attrgetter("site"),
    PermitReturnEntry: attrgetter("permit"),
    RestrictedAreaEntry: attrgetter("restricted_area"),
    IncompatibilityEntry: lambda entry: "/".join(sorted((entry.one, entry.other))),
    CalendarEntry: lambda entry: str(entry.year),
    GoodsEntry: attrgetter("goods"),
    PolicyEntry: lambda entry: "policy",
    ModelEntry: lambda entry: str(entry.category),
}


def subject_of(entry: Entry) -> str:
    """What an entry is about: entries about the same thing supersede each other."""
    return _ABOUT[type(entry)](entry)


def about(entry: Entry) -> tuple[type, str]:
    """What an entry is about, told apart by its kind."""
    return (type(entry), subject_of(entry))


class Reference:
    """The dated entries that one key holds; ``reach``: how long the days that ask of them stay open."""

    __slots__ = (
        "_bounds", "_dated", "_editions", "_gone", "_indexes", "_kinds", "_lasting", "_reach", "edition", "entries",
    )  # fmt: skip

    def __init__(self, entries: Iterator[Registered] | tuple[Registered, ...] = (), reach: Instant = REACH) -> None:
        self._reach = reach
        self.entries: dict[str, Registered] = {}
        self.edition = 0  # counts what was taken that reports are judged by: units, sites and goods
        self._dated: dict[tuple[type, str], list[tuple[Instant, Instant, str]]] = {}
        self._gone: set[str] = set()
        self._kinds: dict[type, dict[str, Registered]] = {}
        self._bounds: dict[type, list[Instant]] = {}
        self._editions: dict[type, int] = {}
        self._lasting: dict[type, dict[Hashable, tuple[Instant, Instant, Any]]] = {}
        self._indexes = Indexes()
        for entry in entries:
            self.put(entry)

    def put(self, registered: Registered) -> bool:
        """Take an entry, or its newer version; False where this changes nothing."""
        known = self.entries.get(registered.id)
        if known is not None:
            if known.version >= registered.version:
                return False
            self._unlist(known)
        self.entries[registered.id] = registered
        (self._gone.add if registered.entry is None else self._gone.discard)(registered.id)
        if isinstance(registered.entry, _JUDGED_BY) or (known is not None and isinstance(known.entry, _JUDGED_BY)):
            self.edition += 1
        if registered.entry is not None:
            key = about(registered.entry)
            self._forget(key[0])
            insort(self._dated.setdefault(key, []), _dating(registered))
            self._kinds.setdefault(key[0], {})[registered.id] = registered
            self._indexes.put(registered)
        return True

    def take_back(self, registered: Registered, known: Registered | None) -> None:
        """Undo one ``put``: the entry as it stands, and as it was known before."""
        if registered.id in self.entries:
            self._unlist(self.entries.pop(registered.id))
            self._gone.discard(registered.id)
        if known is not None:
            self.put(known)

    def in_force(self, kind: type[E], subject: str, at: Instant, unit: str | None = None) -> E | None:
        """The entry of one kind about one subject that was in force at an instant."""
        found = self.registered(kind, subject, at, unit)
        return None if found is None else found.entry  # type: ignore[return-value]  # indexed by its type

    def registered(self, kind: type[E], subject: str, at: Instant, unit: str | None = None) -> Registered | None:
        """As ``in_force``, with its dates and the unit that it is registered for."""
        for _, _, id_ in reversed(self._dated.get((kind, subject), ())):
            entry = self.entries[id_]
            if entry.in_force(at, self._reach) and (unit is None or entry.unit == unit):
                return entry
        return None

    def known_from(self, kind: type[E], subject: str, at: Instant) -> Instant:
        """Since when something in force about one subject at an instant was known without a break, however it was
        told; 0 where nothing is."""
        dated = [self.entries[id_] for _, _, id_ in self._dated.get((kind, subject), ())]
        since = min((entry.heard_at for entry in dated if entry.in_force(at, self._reach)), default=0)
        for entry in sorted(dated, key=_heard_at, reverse=True):
            if entry.unsaid_at is not None and entry.heard_at < since <= entry.unsaid_at and entry.valid(at):
                since = entry.heard_at
        return since

    def lasting(self, kind: type[E], about: Hashable, at: Instant, find: Callable[[Instant], T]) -> T:
        """What ``find`` makes of the entries of one kind at an instant, asked once for all the time it holds.

        ``about`` names the question; the answer holds until an entry of the kind begins or ends to speak, or one
        is put.
        """
        answers = self._lasting.get(kind)
        if answers is None:
            answers = self._lasting[kind] = {}
        known = answers.get(about)
        if known is not None and known[0] <= at < known[1]:
            answer: T = known[2]
            return answer
        answer = find(at)
        if len(answers) >= MOST_LASTING:
            answers.clear()
        answers[about] = (*self.span(kind, at), answer)
        return answer

    def indexed(self, kind: type[E], name: Callable[[E], Hashable]) -> Mapping[Hashable, Mapping[str, Registered]]:
        """All entries of one kind, by id, under what ``name`` makes of each."""
        return self._indexes.of(kind, name, self.of_kind(kind))

    def span(self, kind: type[E], at: Instant) -> tuple[Instant, Instant]:
        """The time around an instant in which no entry of a kind begins or ends to speak."""
        bounds = self._bounds.get(kind)
        if bounds is None:
            entries = self._kinds.get(kind, {}).values()
            bounds = self._bounds[kind] = sorted(
                {bound for entry in entries for bound in entry.bounds(self._reach)}
            )
        place = bisect_right(bounds, at)
        return bounds[place - 1] if place else -FOREVER, bounds[place] if place < len(bounds) else FOREVER

    def subjects(self, kind: type[E]) -> tuple[str, ...]:
        """Everything of one kind that this key has entries about, at any time."""
        return tuple(sorted(subject for of, subject in self._dated if of is kind))

    def of_kind(self, kind: type[E]) -> Iterable[Registered]:
        """Every entry of one kind, in force at some time: each movement asks, so the others are not looked at."""
        return self._kinds.get(kind, {}).values()

    def about(self, kind: type[E], subject: str) -> Iterator[Registered]:
        """Every entry of one kind about one subject, by its dates."""
        return (self.entries[id_] for _, _, id_ in self._dated.get((kind, subject), ()))

    def superseded(self, old: Registered, at: Instant) -> bool:
        """Whether from an instant on another entry about the same thing, for the same unit, speaks in its place."""
        if old.entry is None:
            return False
        if old.unsaid_at is not None:
            return old.unsaid_at <= at
        dated = self._dated[about(old.entry)]
        return any(
            new.unsaid_at is None
            and new.unit == old.unit
            and max(new.valid_from, new.heard_at) <= at
            and _lasts(old) <= _lasts(new)
            for new in (self.entries[id_] for _, _, id_ in dated[dated.index(_dating(old)) + 1 :])
        )

    def drop_superseded(self, put: Registered, horizon: Instant) -> list[str]:
        """Forget what only closed time could ask for of the thing that an entry is about, and entries that had gone
        by then; the ids of these.

        One that comes again is superseded as it was: it changes no answer, and is dropped again.
        """
        alike = [] if put.entry is None else [self.entries[id_] for _, _, id_ in self._dated[about(put.entry)]]
        over = [one for one in alike if isinstance(one.entry, SUPERSEDED) and self.superseded(one, horizon)]
        over += [one for one in (self.entries[id_] for id_ in self._gone) if one.heard_at < horizon]
        if put.entry is not None and (kind := type(put.entry)) in (*_FROM_RECEIPT, ShiftEntry, PermitEntry):
            known = {one.id for one in over}
            every = self._kinds[kind].values()
            gone = (takewhile if kind in _FROM_RECEIPT else filter)(lambda one: asked_until(one) < horizon, every)
            over += [one for one in gone if one.id not in known]
        for entry in over:
            self._unlist(entry)
            self._gone.discard(entry.id)
            del self.entries[entry.id]
        return [entry.id for entry in over]

    def editions(self, *kinds: type[Entry]) -> tuple[int, ...]:
        """What changes whenever an entry of one of these kinds does: an answer that rests on several kinds is told
        apart by it."""
        return tuple(self._editions.get(kind, 0) for kind in kinds)

    def _forget(self, kind: type) -> None:
        """Entries of a kind have changed: what was answered by them is asked anew."""
        self._editions[kind] = self._editions.get(kind, 0) + 1
        self._bounds.pop(kind, None)
        self._lasting.pop(kind, None)

    def _unlist(self, known: Registered) -> None:
        if known.entry is not None:
            key = about(known.entry)
            self._forget(key[0])
            self._dated[key].remove(_dating(known))
            if not self._dated[key]:
                del self._dated[key]
            del self._kinds[key[0]][known.id]
            self._indexes.drop(known)


_heard_at = attrgetter("heard_at")


def asked_until(entry: Registered) -> Instant:
    """Up to when an entry can be asked for, where it speaks of one deal, trip, shift or permit; else for ever."""
    match entry.entry:
        case TradeFilingEntry():
            return entry.heard_at + FILED_FOR
        case PermitReturnEntry():
            return entry.heard_at + OVER_FOR
        case ShiftEntry() if entry.valid_to is not None:
            return max(entry.heard_at, entry.valid_to)
        case PermitEntry() if entry.valid_to is not None:
            return max(entry.heard_at, entry.valid_to) + OVER_FOR
        case _:
            return FOREVER


def held_until(entry: Registered) -> Instant:
    """Up to when the unit's home holds an entry, to tell it again or otherwise."""
    once = entry.valid_to is not None and isinstance(entry.entry, PermitEntry) and entry.entry.one_time
    return asked_until(entry) - (OVER_FOR - ONCE_FOR if once else 0)


def _lasts(entry: Registered) -> Instant:
    return FOREVER if entry.valid_to is None else entry.valid_to


def _dating(entry: Registered) -> tuple[Instant, Instant, str]:
    return (entry.valid_from, entry.recorded_at, entry.id)
