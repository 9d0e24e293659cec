"""Accounts: what each key's facts add up to. One account a key; applying a fact gives a new account.

Law kept: an account is a fold over facts in event order, and holds no more than its key's open business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from itertools import groupby
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from events.quantity import Measure
from events.registry import Category
from events.time import Instant
from events.transit import ON_THE_ROAD, Side, in_transit
from ledger.fact import Count, Fact, Leg, Movement, Ref
from ledger.lives import Block, after_count, after_movement
from ledger.posting import book_delta

MOST_PLANS: Final = 16
"""Plans of one trip that a vehicle keeps apart; of more, the first made are taken together."""


class Book(Struct, frozen=True, array_like=True, tag="book", gc=False):
    """台账: what a site should hold of one goods, in base units.

    ``inward``, ``outward`` and ``adjusted`` are totals since opening; ``lost`` is what was declared lost from here.
    """

    balance: int = 0
    opening: int = 0
    inward: int = 0
    outward: int = 0
    adjusted: int = 0
    lost: int = 0
    measure: Measure | None = None
    category: Category | None = None


class Way(Struct, frozen=True, array_like=True, gc=False):
    """One goods on one consignment: what was sent, received and declared lost, with who said so."""

    goods: str
    measure: Measure
    category: Category
    sent: int = 0
    received: int = 0
    lost: int = 0
    shipper: Movement | None = None
    receiver: Movement | None = None
    sent_at: Instant | None = None
    received_at: Instant | None = None
    sent_ref: Ref | None = None
    received_ref: Ref | None = None

    @property
    def in_transit(self) -> int:
        """What is still under way, or the unresolved difference of shipper and receiver."""
        return in_transit(sent=self.sent, received=self.received, lost=self.lost)


class Trip(Struct, frozen=True, array_like=True, tag="trip", gc=False):
    """托运: a consignment's plan and what both ends said, per goods."""

    plan: Leg | None = None
    plan_ref: Ref | None = None
    departed_at: Instant | None = None
    arrived_at: Instant | None = None
    cancelled_at: Instant | None = None
    ways: tuple[Way, ...] = ()

    def way(self, goods: str) -> Way | None:
        """The line of one goods."""
        return next((way for way in self.ways if way.goods == goods), None)


class Quota(Struct, frozen=True, array_like=True, tag="quota", gc=False):
    """许可证用量: per goods, what was booked on a permit, and the consignments that it served.

    ``used`` are (goods, inward, base units): the buyer's receipts and the seller's issues are both reported
    on one permit, and must not be added together.
    """

    used: tuple[tuple[str, bool, int], ...] = ()
    consignments: tuple[str, ...] = ()

    def of(self, goods: str, *, inward: bool) -> int:
        """Base units of one goods booked so far, in one direction."""
        return next((n for name, way, n in self.used if name == goods and way is inward), 0)


class Planned(Struct, frozen=True, array_like=True, gc=False):
    """A plan that a vehicle knows, when it was heard of and made, and when it departs by what was made last."""

    leg: Leg
    ref: Ref
    heard_at: Instant
    at: Instant = 0
    departs: Instant = 0


class Ended(Struct, frozen=True, array_like=True, gc=False):
    """That a consignment arrived, was cancelled or ``moved`` to another vehicle, and when that was heard of."""

    consignment: str
    at: Instant
    heard_at: Instant
    moved: bool = False
    arrived: bool = True


class Driving(Struct, frozen=True, array_like=True, tag="driving", gc=False):
    """What a vehicle is on: the plans that it knows, in order of departure, and which of them ended.

    Of a trip that was planned anew ``made`` keeps each of its plans, in the order in which they were made: what it
    may drive by follows from all of them, whichever was told first.
    """

    plans: tuple[Planned, ...] = ()
    ended: tuple[Ended, ...] = ()
    made: tuple[Planned, ...] = ()

    def heard_before(self, closes: Instant) -> Driving:
        """What had been heard of before an instant: a day that closed then is not judged by what came after.

        To look at, not to go on with: how its plans were made is not in it.
        """
        heard = all(plan.heard_at < closes for plan in self.plans) and all(
            end.heard_at < closes for end in self.ended
        )
        if heard and all(plan.heard_at < closes for plan in self.made):
            return self
        anew = {plan.leg.consignment for plan in self.made}
        plans = [plan for plan in self.plans if plan.heard_at < closes and plan.leg.consignment not in anew]
        known = [plan for plan in self.made if plan.heard_at < closes]
        plans += (reduce(_replanned, told) for _, told in groupby(known, lambda plan: plan.leg.consignment))
        return Driving(_by_departure(plans), tuple(end for end in self.ended if end.heard_at < closes))


class Nothing(Struct, frozen=True, array_like=True, tag="nothing", gc=False):
    """The account of a key that adds nothing up."""


Account = Book | Trip | Quota | Block | Driving | Nothing

_EMPTY: dict[str, Account] = {
    "book": Book(),
    "consignment": Trip(),
    "permit": Quota(),
    "serial": Block(),
    "vehicle": Driving(),
}


def empty_account(kind: str) -> Account:
    """The account of a key of this kind before any fact."""
    return _EMPTY.get(kind, Nothing())


def apply(account: Account, fact: Fact) -> Account:
    """The account after one more fact in event order."""
    after = _AFTER.get((type(account), type(fact.body)))
    return account if after is None else after(account, fact.body, fact)


def _book(book: Book, moved: Movement, _: Fact) -> Book:
    delta = book_delta(moved)
    opening, inward, outward = book.opening, book.inward, book.outward
    adjusted, lost = book.adjusted, book.lost
    match moved.operation:
        case "open":
            opening += delta
        case "adjust":
            adjusted += delta
        case "declare_loss":
            lost -= delta
        case _ if delta >= 0:
            inward += delta
        case _:
            outward -= delta
    return Book(book.balance + delta, opening, inward, outward, adjusted, lost, moved.measure, moved.category)


def _leg(trip: Trip, leg: Leg, fact: Fact) -> Trip:
    plan, plan_ref = trip.plan, trip.plan_ref
    departed, arrived, cancelled = trip.departed_at, trip.arrived_at, trip.cancelled_at
    match leg.stage:
        case "plan":
            plan, plan_ref = leg, fact.ref
        case "depart":
            departed = fact.at
        case "arrive":
            arrived = fact.at
        case "cancel":
            cancelled = fact.at
    return Trip(plan, plan_ref, departed, arrived, cancelled, trip.ways)


def _way(trip: Trip, moved: Movement, fact: Fact) -> Trip:
    old = trip.way(moved.goods) or Way(moved.goods, moved.measure, moved.category)
    arrived = trip.arrived_at
    match ON_THE_ROAD[moved.operation]:
        case Side.SENT:
            # All that was sent has come, or come back: what is sent now is under way anew.
            again = 0 < old.sent <= old.received + old.lost
            arrived = None if again else arrived
            new = Way(
                old.goods, old.measure, old.category, old.sent + moved.amount, old.received, old.lost,
                old.shipper or moved, old.receiver, fact.at if again else old.sent_at or fact.at, old.received_at,
                old.sent_ref or fact.ref, old.received_ref,
            )  # fmt: skip
        case Side.LOST:
            new = Way(
                old.goods, old.measure, old.category, old.sent, old.received, old.lost + moved.amount,
                old.shipper, old.receiver, old.sent_at, old.received_at, old.sent_ref, old.received_ref,
            )  # fmt: skip
        case Side.RECEIVED:
            new = Way(
                old.goods, old.measure, old.category, old.sent, old.received + moved.amount, old.lost,
                old.shipper, moved, old.sent_at, fact.at, old.sent_ref, fact.ref,
            )  # fmt: skip
    others = tuple(way for way in trip.ways if way.goods != moved.goods)
    ways = tuple(sorted((*others, new), key=lambda way: way.goods))
    return Trip(trip.plan, trip.plan_ref, trip.departed_at, arrived, trip.cancelled_at, ways)


def _quota(quota: Quota, moved: Movement, _: Fact) -> Quota:
    used = {(goods, inward): amount for goods, inward, amount in quota.used}
    line = (moved.goods, moved.operation in ("receive", "return"))
    used[line] = used.get(line, 0) + moved.amount
    consignments = quota.consignments
    if moved.consignment is not None and moved.consignment not in consignments:
        consignments = (*consignments, moved.consignment)
    return Quota(tuple((*line, n) for line, n in sorted(used.items())), consignments)


def _driving(driving: Driving, leg: Leg, fact: Fact) -> Driving:
    """Of two plans of a trip the later made speaks; a call-off that names a vehicle moved it to that one.

    What ended before a later plan was made, and departs, ended what was planned before it.
    """
    known = next((plan for plan in driving.plans if plan.leg.consignment == leg.consignment), None)
    end = next((end for end in driving.ended if end.consignment == leg.consignment), None)
    ends = [other for other in driving.ended if other is not end]
    if leg.stage == "plan":
        made = [plan for plan in driving.made if plan.leg.consignment == leg.consignment]
        made = made or ([] if known is None else [known])
        made.append(Planned(leg, fact.ref, fact.received_at, fact.at, leg.depart_at))
        made.sort(key=_as_made)
        if len(made) > MOST_PLANS:
            made[:2] = [_replanned(made[0], made[1])]
        spoken = reduce(_replanned, made)
        plans = _by_departure((spoken, *(plan for plan in driving.plans if plan is not known)))
        ended = tuple(ends) if end is not None and _outdated(end, spoken) else driving.ended
        if len(made) == 1:
            return Driving(plans, ended, driving.made)
        made += (plan for plan in driving.made if plan.leg.consignment != leg.consignment)
        return Driving(plans, ended, tuple(sorted(made, key=_as_made)))
    if leg.stage not in ("arrive", "cancel"):
        return driving
    moved, arrived = leg.vehicle is not None, leg.stage == "arrive"
    new = Ended(leg.consignment, fact.at, fact.received_at, moved, arrived)
    if known is not None and _outdated(new, known):
        return driving
    if end is not None and (end.at < new.at if end.moved is not new.moved else end.at > new.at):
        return driving  # of ends of one kind the last counts, else the first
    return Driving(driving.plans, tuple(sorted((*ends, new), key=lambda one: one.consignment)), driving.made)


def _as_made(plan: Planned) -> tuple[str, Instant, str]:
    return plan.leg.consignment, plan.at, plan.ref.id


def _by_departure(plans: Iterable[Planned]) -> tuple[Planned, ...]:
    return tuple(sorted(plans, key=lambda plan: (plan.leg.depart_at, plan.leg.consignment)))


def _outdated(end: Ended, plan: Planned) -> bool:
    """Whether a trip's end is older than its plan; a plan written after its own trip does not undo that."""
    return end.at < plan.at and (end.moved or end.at <= plan.departs)


def _replanned(earlier: Planned, later: Planned) -> Planned:
    """A trip's plan as it was made anew: under way by then, it may have driven by both."""
    old, new = earlier.leg, later.leg
    if later.at <= old.depart_at:
        return later
    routes = tuple(dict.fromkeys((*old.routes, *new.routes))) if old.routes and new.routes else ()
    stops = tuple(dict.fromkeys((*old.stops, *new.stops)))
    leg = replace(new, depart_at=min(old.depart_at, new.depart_at), routes=routes, stops=stops)
    return replace(later, leg=leg)


_AFTER: Final[dict[tuple[type, type], Callable[[Any, Any, Fact], Account]]] = {
    (Book, Movement): _book,
    (Trip, Leg): _leg,
    (Trip, Movement): _way,
    (Quota, Movement): _quota,
    (Block, Movement): after_movement,
    (Block, Count): after_count,
    (Driving, Leg): _driving,
}
