"""Facts: what one event means at one key, resolved against the registry, in exact integers.

Laws kept: facts at a key have one order, (occurred_at, inward before outward before count, event id), and of
two versions of one fact the higher speaks. State is a function of the set of facts.
"""

from __future__ import annotations

from msgspec import Struct

from events.quantity import Measure
from events.registry import Category
from events.rejection import Source
from events.report import SerialRange
from events.time import Instant

STANDING, INWARD, OUTWARD, COUNTED = -1, 0, 1, 2
"""Ranks in event order at one instant: what comes in is booked before what goes out, counts look last.

A standing fact (a vehicle's trip) is known to all facts of its key, whenever it came: it stands before them.
"""

_INWARD_OPERATIONS = frozenset(("open", "receive", "produce", "return"))


class Ref(Struct, frozen=True, array_like=True, gc=False):
    """A cited fact: its identity and where its record stands in the input."""

    id: str
    source: Source


class Detail(Struct, frozen=True, array_like=True, gc=False):
    """What few movements say: their store room, what the goods are for, whether the buyer was identified, when a
    loss was found, where the other side is, and the reporting unit's place in the chain."""

    room: str | None = None
    use: str | None = None
    identified: bool | None = None
    discovered_at: Instant | None = None
    counterparty_area: str | None = None
    tier: str | None = None


PLAIN = Detail()
"""A movement that says none of that."""


class Movement(Struct, frozen=True, array_like=True, tag="movement", gc=False):
    """One movement of one goods at one site; ``amount`` in base units of ``measure``."""

    operation: str
    amount: int
    measure: Measure
    category: Category
    goods: str
    site: str
    unit: str
    area: str
    counterparty_unit: str | None = None
    counterparty_site: str | None = None
    outside: str | None = None
    natural_person: bool = False
    consignment: str | None = None
    permit: str | None = None
    shift: str | None = None
    instrument: str | None = None
    direction: str | None = None
    approver: str | None = None
    custodians: tuple[str, ...] = ()
    payment: str | None = None
    serials: tuple[SerialRange, ...] = ()
    detail: Detail | None = None

    @property
    def more(self) -> Detail:
        """What it says beside the usual."""
        return self.detail or PLAIN


class Count(Struct, frozen=True, array_like=True, tag="count", gc=False):
    """One physical count or gauge reading; ``amount`` in base units of ``measure``, ``activity`` in Bq."""

    amount: int
    measure: Measure
    category: Category
    goods: str
    site: str
    unit: str
    area: str
    method: str = "count"
    instrument: str | None = None
    estimated: bool = False
    serials: tuple[SerialRange, ...] = ()
    activity: int | None = None


class Leg(Struct, frozen=True, array_like=True, tag="leg", gc=False):
    """One stage of a trip. A plan says everything; the other stages say only that they happened.

    ``loads`` are (goods, base units, measure); ``routes`` are (line, half width in metres) with the line as
    (longitude, latitude) points; ``stops`` are (longitude, latitude, radius in metres).
    """

    stage: str
    consignment: str
    vehicle: str | None = None
    shipper_unit: str | None = None
    shipper_site: str | None = None
    consignee_unit: str | None = None
    consignee_site: str | None = None
    loads: tuple[tuple[str, int, Measure], ...] = ()
    depart_at: Instant = 0
    arrive_by: Instant = 0
    permit: str | None = None
    carrier: str | None = None
    driver: str | None = None
    escort: str | None = None
    routes: tuple[tuple[tuple[tuple[float, float], ...], float], ...] = ()
    stops: tuple[tuple[float, float, float], ...] = ()
    category: Category | None = None
    hours: tuple[int, int] | None = None
    speed_limit_kmh: float | None = None
    areas: tuple[str, ...] = ()
    at: tuple[float, float] | None = None


class Fix(Struct, frozen=True, array_like=True, order=True, gc=False):
    """One position as it is kept: equal fixes merge, and ties at one instant break by the other fields."""

    at: Instant
    lon: float
    lat: float
    speed_kmh: float


class Cell(Struct, frozen=True, array_like=True, tag="cell", gc=False):
    """One vehicle's minute: first and last fix, alarm bits and load flags of all its fixes.

    Merging takes the earliest, the latest and the union, so that order and repetition cannot matter.
    """

    first: Fix
    last: Fix
    alarms: int = 0
    loaded: bool = False
    empty: bool = False


Body = Movement | Count | Leg | Cell


class Fact(Struct, frozen=True, array_like=True, gc=False):
    """One event at one key. ``body`` is None once the event is gone from this key.

    ``version`` counts how often the home key spoke of the event; ``revision`` is the reporter's own.
    """

    id: str
    at: Instant
    rank: int
    version: int
    revision: int
    received_at: Instant
    source: Source
    body: Body | None

    @property
    def order(self) -> tuple[Instant, int, str]:
        """Where the fact stands in event order."""
        return (self.at if self.rank != STANDING else 0, self.rank, self.id)

    @property
    def ref(self) -> Ref:
        """The citation of this fact."""
        return Ref(self.id, self.source)


def rank_of(body: Body) -> int:
    """The rank of a body in event order at one instant."""
    match body:
        case Movement():
            inward = body.operation in _INWARD_OPERATIONS or body.direction == "in"
            return INWARD if inward else OUTWARD
        case Count():
            return COUNTED
        case Leg() | Cell():
            return INWARD


def merge_cells(a: Cell, b: Cell) -> Cell:
    """The one cell of two sightings of the same minute: commutative, associative, idempotent."""
    return Cell(
        min(a.first, b.first),
        max(a.last, b.last),
        a.alarms | b.alarms,
        a.loaded or b.loaded,
        a.empty or b.empty,
    )
