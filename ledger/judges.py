"""Judges: what an event means at its home, by the entries in force when it happened, or why it must wait.

Law kept: what needs reference data is judged at the key, and judged again when something comes that it is judged
by. A judge says of everything that it hears whether that can change what other events of its home mean.
"""

from __future__ import annotations

from typing import Final, Protocol, TypeAlias

from msgspec import Struct

from events.identity import (
    EVERYONE,
    book_key,
    consignment_key,
    permit_key,
    serial_key,
    site_key,
    unit_key,
    vehicle_key,
)
from events.quantity import Measure
from events.registry import (
    CapacityEntry,
    GoodsEntry,
    HazardFilingEntry,
    InstrumentEntry,
    LicenceEntry,
    PermitEntry,
    PermitReturnEntry,
    ShiftEntry,
    SiteEntry,
    SourceEntry,
    TradeFilingEntry,
    UnitEntry,
    VehicleEntry,
)
from events.rejection import Reason
from events.report import Consignment, Flow, Inventory, Plan, Registry
from events.serials import BLOCK
from events.time import Instant, instant
from ledger.fact import Leg
from ledger.reference import Reference
from ledger.speech import Entered, Report, Seen, Speech, Wait, amount_of, said_of

MOST_GROUNDS: Final = 4_096
"""How many grounds one site's judge remembers; one more, and it forgets them all."""

Edition: TypeAlias = tuple[int, int]


class Judge(Protocol):
    """Resolve an event of one home: what it means at which keys, or why it must wait."""

    @property
    def edition(self) -> Edition:
        """What changes whenever the reference data changes that this judges by."""
        ...

    def __call__(self, event: Report, at: Instant) -> Speech | Wait:
        """Judge an event that occurred at an instant."""
        ...

    def hear(self, identity: str, event: Report | None, received_at: Instant) -> bool:
        """Take one more telling into account; whether it can change what other events of the home mean."""
        ...

    def leans(self, identity: str) -> bool:
        """Whether what an event means depends on what else is told at its home, or on reference data."""
        ...


class Ground(Struct, frozen=True, gc=False):
    """On what reports of one unit and goods are judged at a site, at instants from ``since`` up to ``until``.

    ``own`` are the site's, the book's and the unit's key.
    """

    seen: Seen
    measure: Measure
    since: Instant
    until: Instant
    own: tuple[str, str, str]


class SiteJudge:
    """The judge of one site's flow and inventory events, by what is entered for the site and for everyone.

    An event that a correction moved to another site keeps the place (area) of the site it was reported at.
    """

    __slots__ = ("_everyone", "_grounds", "_known", "_own", "_site")

    def __init__(self, site: str, own: Reference, everyone: Reference) -> None:
        self._site, self._own, self._everyone = site, own, everyone
        self._known = (-1, -1)
        self._grounds: dict[tuple[str, str], Ground] = {}

    @property
    def edition(self) -> Edition:
        """Of both."""
        return (self._own.edition, self._everyone.edition)

    def __call__(self, event: Report, at: Instant) -> Speech | Wait:
        """Judge one report; the first that it lacks is the reason that it waits for."""
        if not isinstance(event, Flow | Inventory):
            return Wait(Reason.INVALID_VALUE, "kind", "only flow and inventory live at a site")
        ground = self.ground(event.unit, event.goods, at)
        if isinstance(ground, Wait):
            return ground
        amount = amount_of(event.quantity)
        if amount.measure is not ground.measure:
            detail = f"{event.goods} is reported as {ground.measure}, not {amount.measure}"
            return Wait(Reason.WRONG_MEASURE, "quantity.unit", detail)
        return said_of(event, ground.seen)

    def hear(self, identity: str, event: Report | None, received_at: Instant) -> bool:
        """Reports of a site do not change what others mean."""
        return False

    def leans(self, identity: str) -> bool:
        """All lean on reference data."""
        return True

    def ground(self, unit: str, goods: str, at: Instant) -> Ground | Wait:
        """On what a report of a unit and goods is judged, or what is not known."""
        if self._known[0] != self._own.edition or self._known[1] != self._everyone.edition:
            self._grounds.clear()
            self._known = self.edition
        ground = self._grounds.get((unit, goods))
        if ground is not None and ground.since <= at < ground.until:
            return ground
        return self._found(unit, goods, at)

    def _found(self, unit: str, goods: str, at: Instant) -> Ground | Wait:
        place = self._own.registered(SiteEntry, self._site, at, unit)
        if place is None or not isinstance(place.entry, SiteEntry):
            if self._own.registered(SiteEntry, self._site, at) is not None:
                return Wait(Reason.NOT_UNITS_SITE, "unit", f"{self._site} is not a site of {unit}")
            return Wait(Reason.UNKNOWN_SITE, "site", self._site)
        whose = self._own.registered(UnitEntry, "self", at, unit)
        if whose is None:
            return Wait(Reason.UNKNOWN_UNIT, "unit", unit)
        known = self._everyone.in_force(GoodsEntry, goods, at)
        if known is None:
            return Wait(Reason.UNKNOWN_GOODS, "goods", goods)
        spans = (self._own.span(SiteEntry, at), self._own.span(UnitEntry, at), self._everyone.span(GoodsEntry, at))
        ground = Ground(
            Seen(place.entry.area, known.category, getattr(whose.entry, "tier", None)),
            known.measure,
            max(since for since, _ in spans),
            min(until for _, until in spans),
            (site_key(self._site), book_key(self._site, goods), unit_key(unit)),
        )
        if len(self._grounds) >= MOST_GROUNDS:
            self._grounds.clear()
        self._grounds[unit, goods] = ground
        return ground


class ConsignmentJudge:
    """The judge of one consignment's events: its plan, where known, says which vehicle the stages concern, and
    which permit an arrival does.

    A stage is heard of there no earlier than the plan that names them, and a plan no earlier than its goods. The
    vehicles of earlier plans hear of a new one too: it may take the trip off them. The unit whose people drive
    hears of its plans, and that one was called off.
    """

    __slots__ = ("_everyone", "_heard_at", "_permits", "_units", "_vehicles")

    def __init__(self, everyone: Reference) -> None:
        self._everyone = everyone
        self._vehicles: dict[str, Instant] = {}  # since when a plan names it
        self._permits: set[str] = set()
        self._units: set[str] = set()
        self._heard_at: Instant = 0

    @property
    def edition(self) -> Edition:
        """That of the goods."""
        return (0, self._everyone.edition)

    def __call__(self, event: Report, at: Instant) -> Speech | Wait:
        """Judge a plan by the goods that it loads, a stage by the plans."""
        if not isinstance(event, Consignment):
            return Wait(Reason.INVALID_VALUE, "kind", "only consignment events live at a consignment")
        plan = event.plan
        if plan is None:
            stage_keys = (consignment_key(event.consignment), *map(vehicle_key, sorted(self._vehicles)))
            if event.stage == "cancel":
                stage_keys += tuple(map(unit_key, sorted(self._units)))
            if event.stage == "arrive":
                stage_keys += tuple(map(permit_key, sorted(self._permits)))
            return Speech(stage_keys, Leg(event.stage, event.consignment, at=event.at), self._heard_at)
        loads = []
        category = None
        heard_at: Instant = 0
        for load in plan.loads:
            goods = self._everyone.in_force(GoodsEntry, load.goods, at)
            if goods is None:
                return Wait(Reason.UNKNOWN_GOODS, "plan.loads", load.goods)
            heard_at = max(heard_at, self._everyone.known_from(GoodsEntry, load.goods, at))
            amount = amount_of(load.quantity)
            category = category or goods.category
            loads.append((load.goods, amount.base, amount.measure))
        leg = Leg(
            "plan", event.consignment, plan.vehicle, plan.shipper.unit, plan.shipper.site,
            plan.consignee.unit, plan.consignee.site, tuple(loads), instant(plan.depart_at),
            instant(plan.arrive_by), plan.permit, plan.carrier, plan.driver, plan.escort,
            tuple((route.line, route.half_width_m) for route in plan.routes),
            tuple((stop.at[0], stop.at[1], stop.radius_m) for stop in plan.stops),
            category, plan.hours, plan.speed_limit_kmh, plan.areas, event.at,
        )  # fmt: skip
        former = sorted(name for name, since in self._vehicles.items() if since < at and name != plan.vehicle)
        keys = [consignment_key(event.consignment), *map(vehicle_key, (plan.vehicle, *former))]
        if plan.permit is not None:
            keys.append(permit_key(plan.permit))
        if plan.driver is not None or plan.escort is not None:
            keys.append(unit_key(_employer(plan)))
        return Speech(tuple(keys), leg, heard_at)

    def hear(self, identity: str, event: Report | None, received_at: Instant) -> bool:
        """A plan concerns all stages."""
        if not isinstance(event, Consignment) or event.plan is None:
            return False
        at = instant(event.occurred_at)
        self._vehicles[event.plan.vehicle] = min(at, self._vehicles.get(event.plan.vehicle, at))
        self._units.add(_employer(event.plan))
        if event.plan.permit is not None:
            self._permits.add(event.plan.permit)
        self._heard_at = max(self._heard_at, received_at)
        return True

    def leans(self, identity: str) -> bool:
        """Stages lean on the plans, and plans on the goods."""
        return True


def _employer(plan: Plan) -> str:
    """Whose people a trip's driver and escort are: the carrier's, or the shipper's own."""
    return plan.carrier or plan.shipper.unit


class UnitJudge:
    """The judge of one unit's registry entries: what concerns its sites goes to each, whenever the site joined."""

    __slots__ = ("_for_sites", "_sites")

    edition: Edition = (0, 0)
    """Entries are judged by each other alone."""

    def __init__(self) -> None:
        self._sites: set[str] = set()
        self._for_sites: set[str] = set()

    def __call__(self, event: Report, at: Instant) -> Speech | Wait:
        """Every entry can be understood; which sites it concerns may change."""
        if not isinstance(event, Registry):
            return Wait(Reason.INVALID_VALUE, "kind", "only registry entries live at a unit")
        valid_to = None if event.valid_to is None else instant(event.valid_to)
        entered = Entered(event.unit, at, instant(event.valid_from), valid_to, event.entry)
        return Speech(self._keys(event), entered)

    def hear(self, identity: str, event: Report | None, received_at: Instant) -> bool:
        """A site that joins hears of what concerns all sites."""
        if not isinstance(event, Registry):
            return False
        if isinstance(event.entry, UnitEntry | LicenceEntry | SourceEntry):
            self._for_sites.add(identity)
        elif isinstance(event.entry, SiteEntry) and event.entry.site not in self._sites:
            self._sites.add(event.entry.site)
            return True
        return False

    def leans(self, identity: str) -> bool:
        """What goes to all sites leans on which there are."""
        return identity in self._for_sites

    def _keys(self, event: Registry) -> tuple[str, ...]:
        if event.unit == EVERYONE:
            return (EVERYONE,)
        match event.entry:
            case SiteEntry() | InstrumentEntry() | CapacityEntry() | ShiftEntry() | HazardFilingEntry():
                return (unit_key(event.unit), site_key(event.entry.site))
            case TradeFilingEntry():
                return (site_key(event.entry.site),)
            case UnitEntry() | LicenceEntry():
                return (unit_key(event.unit), *map(site_key, sorted(self._sites)))
            case SourceEntry() as source:
                block = serial_key(source.maker, source.model, source.serial // BLOCK)
                return (unit_key(event.unit), block, *map(site_key, sorted(self._sites)))
            case (
                PermitEntry(one_time=True) | PermitReturnEntry()
            ):  # thousands a year: no rule asks for them at a unit
                return (permit_key(event.entry.permit),)
            case PermitEntry():
                return (unit_key(event.unit), permit_key(event.entry.permit))
            case VehicleEntry():
                return (unit_key(event.unit), vehicle_key(event.entry.vehicle))
            case _:
                return (unit_key(event.unit),)
