"""Drafts: the province while it is being thought up, before anything is written as a report.

Law kept: the books are drafted first and the papers after, so that in the clean province openings,
capacities, permits and licences are in order by construction. Only a scenario breaks them, and labels it.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import Literal

from msgspec import Struct, field

from events.registry import Entry, Point
from events.report import Counterparty, Operation, SerialRange
from events.time import Instant
from simulator.config import Config
from simulator.labels import Label
from simulator.season import in_season
from simulator.trades import TRADES, Trade

INWARD = frozenset({"open", "receive", "produce", "return"})


class Move(Struct, kw_only=True):
    """A movement at a book. ``received`` overrides when its report comes in; ``typo`` is a quantity
    reported wrongly at first, put right by a correction received at ``mended``, ``mistyped_room`` likewise.

    ``custodians`` and ``payment`` override what such goods usually say. ``found`` is when a loss was discovered,
    ``filed`` when a deal was filed if not the next day, ``unfiled`` that it never was.
    """

    at: Instant
    operation: Operation
    base: int
    counterparty: Counterparty | None = None
    consignment: str | None = None
    permit: str | None = None
    shift: str | None = None
    received: Instant | None = None
    typo: int | None = None
    mended: Instant | None = None
    serials: tuple[SerialRange, ...] = ()
    custodians: tuple[str, ...] | None = None
    payment: Literal["bank", "cash", "other"] | None = None
    room: str | None = None
    mistyped_room: str | None = None
    found: Instant | None = None
    filed: Instant | None = None
    unfiled: bool = False
    use: str | None = None
    identified: bool | None = None

    @property
    def delta(self) -> int:
        """What it does to the book: a shift's consumption is out of the shift, not of the book."""
        if self.operation == "consume" and self.shift:
            return 0
        return self.base if self.operation in INWARD else -self.base


class Count(Struct, kw_only=True):
    """A count or gauge reading, as it will be reported."""

    at: Instant
    base: int
    received: Instant | None = None
    serials: tuple[SerialRange, ...] = ()
    activity: int | None = None


class Book(Struct):
    """What happens to one goods at one site; ``stolen`` is what leaves without any report, ``swapped`` what is
    exchanged for items of other numbers.

    From ``uncounted`` on nobody counts it, but on the day of ``counted``.
    """

    site: str
    goods: str
    moves: list[Move] = field(default_factory=list)
    counts: list[Count] = field(default_factory=list)
    stolen: list[tuple[Instant, int]] = field(default_factory=list)
    capacity: int = 0
    swapped: list[tuple[Instant, int]] = field(default_factory=list)
    uncounted: Instant | None = None
    counted: Instant | None = None

    def in_order(self) -> list[Move]:
        """Its movements in event order: by time, inward before outward."""
        return sorted(self.moves, key=lambda move: (move.at, move.operation not in INWARD))

    def running(self) -> tuple[list[Instant], list[int]]:
        """The times of its movements, and the balance after each."""
        moves = self.in_order()
        return [move.at for move in moves], list(accumulate(move.delta for move in moves))

    def balance(self, at: Instant) -> int:
        """What the book holds at ``at``."""
        times, after = self.running()
        found = bisect_right(times, at)
        return after[found - 1] if found else 0

    def taken(self, at: Instant) -> int:
        """What has been stolen by ``at``."""
        return sum(base for when, base in self.stolen if when <= at)


class Site(Struct, kw_only=True):
    """A place of a unit. ``bias`` is its gauge's own systematic error, in standard uncertainties.

    ``entered`` is when it was registered, if not with all others.
    """

    id: str
    unit: str
    name: str
    area: str
    lon: float
    lat: float
    first_day: int
    scale: float
    pace: float
    bias: float
    count_minute: float
    count_every: int = 1
    silent_from: Instant | None = None
    entered: Instant | None = None

    @property
    def place(self) -> Point:
        """Where it is, (longitude, latitude)."""
        return (self.lon, self.lat)


class Unit(Struct, kw_only=True):
    """A licensed unit; ``lists`` says whether its licence lists goods (else the whole category)."""

    id: str
    name: str
    area: str
    trade_key: str
    sites: list[str]
    vehicles: list[str]
    lists: bool

    @property
    def trade(self) -> Trade:
        """What it does for a living."""
        return TRADES[self.trade_key]


class Trip(Struct, kw_only=True):
    """A consignment under way: what was allowed (``line``) and what was driven (``driven``, ``dwells``).

    ``beside`` is what it carries beside its goods. ``said`` is when it is said to have arrived, if not when it did.
    ``spikes`` are the fractions of the way at which a fix names a speed that nobody drives.
    ``returned`` is when its transport permit was handed back, if not the day after; ``kept``: it never was.
    """

    id: str
    shipper: str
    consignee: str
    vehicle: str
    goods: str
    base: int
    filed: Instant
    depart: Instant
    arrive: Instant
    arrive_by: Instant
    line: tuple[Point, ...]
    driven: tuple[Point, ...]
    sent: Move
    taken: Move
    beside: tuple[tuple[str, int], ...] = ()
    said: Instant | None = None
    half_width_m: float = 300.0
    other_lines: tuple[tuple[Point, ...], ...] = ()
    stops: tuple[Point, ...] = ()
    dwells: tuple[tuple[float, float], ...] = ()
    permit: str | None = None
    planned: bool = True
    plan_received: Instant | None = None
    tracked: bool = True
    dark: tuple[Instant, Instant] | None = None
    backfilled: tuple[Instant, Instant] | None = None
    alarms: tuple[Instant, Instant, int] | None = None
    jumps: tuple[float, ...] = ()
    spikes: tuple[float, ...] = ()
    hours: tuple[int, int] | None = None
    limit_kmh: float | None = None
    areas: tuple[str, ...] = ()
    returned: Instant | None = None
    kept: bool = False


class Dated(Struct, kw_only=True):
    """A registry entry that a scenario or a book calls for, with its own dates."""

    unit: str
    entry: Entry
    valid_from: Instant
    valid_to: Instant | None = None
    entered: Instant | None = None
    received: Instant | None = None


class World(Struct):
    """The whole province in draft."""

    config: Config
    units: dict[str, Unit] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    books: dict[tuple[str, str], Book] = field(default_factory=dict)
    trips: list[Trip] = field(default_factory=list)
    dated: list[Dated] = field(default_factory=list)
    licence_ends: dict[str, Instant] = field(default_factory=dict)
    labels: list[Label] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    filing_ends: dict[str, Instant] = field(default_factory=dict)
    person_ends: dict[str, Instant] = field(default_factory=dict)

    def book(self, site: str, goods: str) -> Book:
        """The book of a goods at a site, begun if it is new."""
        return self.books.setdefault((site, goods), Book(site, goods))

    def books_of(self, site: str) -> list[Book]:
        """All books of a site."""
        return [book for (where, _), book in self.books.items() if where == site]

    def closed(self, site: Site, day: int) -> bool:
        """Whether a site rests that day for the festival."""
        unit = self.units[site.unit]
        return in_season(self.config, unit.trade_key, unit.id, day)[0] == 0.0

    def owner(self, site: str) -> Unit:
        """The unit that a site belongs to."""
        return self.units[self.sites[site].unit]
