"""One key under watch: its facts held singly, what is folded behind them, and what was said about it.

Laws kept: state is a function of the set of facts (law 3); what closed time holds is folded in event order and
forgotten singly (law 11).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from detectors.cause import News
from detectors.claim import Claim, Status, finding_id
from detectors.fold import Folded, copy_fold
from events.identity import kind_of
from events.time import DAY, HOUR, Instant, civil_day, day_start
from ledger.account import empty_account
from ledger.fact import INWARD, STANDING, Cell, Fact, Leg, merge_cells

STANDS_FOR = 8 * DAY
"""How long a vehicle's trip is remembered after it should have ended."""
TOLD_FOR = 7 * DAY
"""How long after its end a claim about a vehicle's plans is still made: no longer than the plans are remembered."""

Order = tuple[Instant, int, str]
STANDS = -1
"""The segment of standing facts."""
MOST_MARKS = 4
"""How many marks there are within the latest day; of each day before it, its end is marked."""
MOST_SPENT = 16
"""Of how many findings of closed time a key remembers the last revision."""
BEFORE_ALL: Order = (-(2**62), 0, "")
AFTER_ALL: Order = (2**62, 0, "")


class Said(Struct, frozen=True, array_like=True, gc=False):
    """The last word on one finding: its revision, the digest of its content, and when it was raised."""

    revision: int
    digest: bytes
    status: Status
    since: Instant
    raised_at: Instant
    told_at: Instant


class Before(NamedTuple):
    """Where a subject's fold stood."""

    tail: Folded | None
    tail_at: Order
    marks: list[tuple[Order, Folded]]
    unmarked: int


class Subject:
    """One key's facts in event order, over a base of folded ones; ``forgotten`` says that all of it may go."""

    __slots__ = (
        "asked",
        "base",
        "base_changed",
        "changed",
        "facts",
        "forgotten",
        "horizon",
        "key",
        "kind",
        "marks",
        "news",
        "order",
        "recalled",
        "rejudge",
        "said",
        "shown",
        "spent",
        "tail",
        "tail_at",
        "told_by",
        "told_failed",
        "unmarked",
        "wake",
    )

    def __init__(self, key: str, horizon: Instant = BEFORE_ALL[0]) -> None:
        self.key = key
        self.kind = kind_of(key)
        self.horizon = horizon
        self.base = Folded(empty_account(self.kind), {}, {}, {})
        self.facts: dict[str, Fact] = {}
        self.order: list[Order] = []
        self.tail: Folded | None = None
        self.tail_at: Order = BEFORE_ALL
        self.marks: list[tuple[Order, Folded]] = []
        self.unmarked = 0
        self.said: dict[str, Said] = {}
        self.shown: dict[str, Claim] = {}
        self.spent: dict[str, int] = {}
        self.told_failed: frozenset[str] = frozenset()
        self.recalled = True
        """Whether ``shown`` is what was told; if not, it must be found again from the facts."""
        self.told_by = ""
        """The version of the code that told what was said, where that is another than judges now."""
        self.rejudge = False
        self.forgotten = False
        self.wake: Instant | None = None
        self.asked: Instant | None = None
        self.changed: dict[int, Order] = {}
        """The stretches that changed since they were last written, each from where in event order."""
        self.news: list[News] = []
        self.base_changed = False

    def put(self, fact: Fact) -> Fact | None:
        """Take a fact, or its newer version; the fact as it now stands, or None where it changes nothing."""
        known = self.facts.get(fact.id)
        if known is not None:
            if isinstance(fact.body, Cell) and isinstance(known.body, Cell):
                merged = merge_cells(known.body, fact.body)
                first = min(known, fact, key=lambda one: (one.received_at, one.source))
                fact = replace(first, body=merged)
                if fact == known:
                    return None
            elif known.version >= fact.version:
                return None
            self._remove(known)
        self._insert(fact)
        return fact

    def learn(self, fact: Fact) -> Fact | None:
        """As ``put``, and note until the next look what came: it may be what takes a finding back."""
        was = self.facts.get(fact.id)
        stands = self.put(fact)
        if stands is not None:
            self.news.append(News(stands.ref, stands, was))
        return stands

    def take_back(self, fact: Fact, known: Fact | None) -> None:
        """Undo one ``put``: the fact that it made to stand, and the one that stood before."""
        self._remove(fact)
        if known is None:
            del self.facts[fact.id]
        else:
            self._insert(known)

    def before(self) -> Before:
        """Where the fold stands, to come back to; what is folded from here on does not touch it."""
        before = Before(self.tail, self.tail_at, list(self.marks), self.unmarked)
        if self.tail is not None:
            self.tail = copy_fold(self.tail)
        return before

    def go_back(self, before: Before) -> None:
        """Fold from where it stood, once the facts put since were taken back."""
        self.tail, self.tail_at, self.marks, self.unmarked = before

    def _insert(self, fact: Fact) -> None:
        order, orders = fact.order, self.order
        self.facts[fact.id] = fact
        if orders and order < orders[-1]:
            insort(orders, order)
        else:
            orders.append(order)
        self._unfold(order)
        self._touch(self.segment(fact), order)

    def _remove(self, known: Fact) -> None:
        order = known.order
        del self.order[bisect_left(self.order, order)]
        self._unfold(order)
        self._touch(self.segment(known), order)

    def segment(self, fact: Fact) -> int:
        """The stretch of time under which a fact is stored: an hour for vehicles, a civil day for the rest."""
        if fact.rank == STANDING:
            return STANDS
        return fact.at // HOUR if self.kind == "vehicle" else civil_day(fact.at)

    def held_from(self) -> Instant | None:
        """When the first fact is that is held and does not stand before all others."""
        return next((order[0] for order in self.order if order[1] != STANDING), None)

    def unfold(self) -> None:
        """Forget what was folded over the base: something that judges the facts has changed."""
        self.tail = None
        self.marks.clear()
        self.rejudge = True

    def drop_before(self, horizon: Instant) -> list[Fact]:
        """Take the facts of closed time out, in event order; the caller folds them into the base.

        Standing facts stay until nothing that is held can need them.
        """
        first = bisect_left(self.order, (0, INWARD, ""))
        cut = bisect_left(self.order, (horizon, STANDING, ""), lo=first)
        closed = [self.facts.pop(order[2]) for order in self.order[first:cut]]
        del self.order[first:cut]
        until = _stand_until(self.standing())
        over = [order for order in self.order[:first] if until[order[2]] < horizon]
        for order in over:
            self.order.remove(order)
            self._touch(self.segment(self.facts.pop(order[2])), order)
        for fact in closed:
            self._touch(self.segment(fact), fact.order)
        self.horizon = horizon
        return closed

    def standing(self) -> list[Fact]:
        """The facts that stand before all others."""
        first = bisect_left(self.order, (0, INWARD, ""))
        return [self.facts[order[2]] for order in self.order[:first]]

    def mark(self) -> None:
        """Remember the fold as it stands, so that a fact a little behind it need not refold everything."""
        if self.tail is None or (self.marks and self.marks[-1][0] >= self.tail_at):
            return
        self.marks.append((self.tail_at, copy_fold(self.tail)))
        self.unmarked = 0
        days = [civil_day(at[0]) for at, _ in self.marks]
        if days.count(days[-1]) > MOST_MARKS:
            del self.marks[days.index(days[-1])]
        elif len(days) > 1 and days[-2] < days[-1]:
            # A day is over: of its marks the last is enough.
            del self.marks[days.index(days[-2]) : len(days) - 2]

    def resume(self, until: Order = AFTER_ALL) -> tuple[Order, Folded]:
        """Where folding goes on from: the last mark up to a place in event order, or the base."""
        marks = ((at, fold) for at, fold in reversed(self.marks) if at <= until)
        at, marked = next(marks, (BEFORE_ALL, self.base))
        return at, copy_fold(marked)

    def close(self, base: Folded) -> None:
        """Put what closed time adds up to in place of its facts; later marks stay good while no fact stands."""
        self.base, self.base_changed = base, True
        stands = bool(self.order) and self.order[0][1] == STANDING
        self.marks = [] if stands else [(at, fold) for at, fold in self.marks if at[0] >= self.horizon]

    def forget(self, detector: str, anchor: str) -> bool:
        """Drop a claim that ended in closed time, wherever it is still folded; not where later facts took it up."""
        key = (detector, anchor)
        ended = self.base.claims[key]
        folds = [fold for fold in (self.base, self.tail, *(fold for _, fold in self.marks)) if fold is not None]
        if any(fold.claims.get(key, ended) != ended for fold in folds):
            return False
        for fold in folds:
            fold.claims.pop(key, None)
        return True

    def spend(self, finding: str) -> None:
        """Forget what was said of a finding, but not how often: an obligation taken up again goes on counting."""
        said = self.said.pop(finding, None)
        self.shown.pop(finding, None)
        if said is not None:
            self.spent[finding] = said.revision
            while len(self.spent) > MOST_SPENT:
                del self.spent[next(iter(self.spent))]

    def after(self, at: Order) -> list[Fact]:
        """The facts behind a place in event order."""
        return [self.facts[order[2]] for order in self.order[bisect_right(self.order, at) :]]

    def within(self, segment: int, at: Order = BEFORE_ALL, *, every: int = 1) -> tuple[int, list[Fact]]:
        """The facts that are stored under a segment, in event order, from a place on, or from the nearest multiple
        of ``every`` before it; with how many stand before these.
        """
        if segment == STANDS:
            first, last = 0, bisect_left(self.order, (0, INWARD, ""))
        else:
            start = segment * HOUR if self.kind == "vehicle" else day_start(segment)
            end = start + (HOUR if self.kind == "vehicle" else DAY)
            first, last = (bisect_left(self.order, (edge, INWARD, "")) for edge in (start, end))
        before = (bisect_left(self.order, at, first, last) - first) // every * every
        return before, [self.facts[order[2]] for order in self.order[first + before : last]]

    def _touch(self, segment: int, order: Order) -> None:
        known = self.changed.get(segment)
        if known is None or order < known:
            self.changed[segment] = order

    def _unfold(self, order: Order) -> None:
        if order <= self.tail_at:
            self.tail = None
        while self.marks and self.marks[-1][0] >= order:
            self.marks.pop()


def long_over(subject: Subject, finding: str, now: Instant) -> bool:
    """Whether what was said of plans ended so long ago that it is no longer claimed, and stays as it was said."""
    claim = subject.shown.get(finding)
    return claim is not None and claim.until is not None and claim.until + TOLD_FOR <= now


def heir_of(
    key: str, detector: str, said: Said, claims: Mapping[tuple[str, str], Claim], standing: set[str]
) -> str | None:
    """The finding that took a withdrawn one's place: same rule, still standing, nearest in time."""
    best: tuple[Instant, str] | None = None
    for (name, anchor), claim in claims.items():
        heir = finding_id(name, key, anchor)
        if name == detector and heir in standing:
            distance = (abs(claim.since - said.since), heir)
            best = distance if best is None else min(best, distance)
    return None if best is None else best[1]


def _stand_until(facts: Iterable[Fact]) -> dict[str, Instant]:
    """Until when each standing fact is needed: a trip's stages together, and not before the trips are over that
    departed while it was under way."""
    stages: dict[str, list[tuple[str, Instant]]] = {}
    departs: dict[str, Instant] = {}
    for fact in facts:
        leg = fact.body if isinstance(fact.body, Leg) else Leg("gone", fact.id)
        stages.setdefault(leg.consignment, []).append((fact.id, max(fact.at, leg.arrive_by)))
        if leg.stage == "plan":
            departs[leg.consignment] = min(leg.depart_at, departs.get(leg.consignment, leg.depart_at))
    ends = {trip: max(end for _, end in told) for trip, told in stages.items()}
    needed = {
        trip: max(end, *(ends[other] for other, at in departs.items() if departs.get(trip, at) <= at <= end), end)
        for trip, end in ends.items()
    }
    return {name: needed[trip] + STANDS_FOR for trip, told in stages.items() for name, _ in told}
