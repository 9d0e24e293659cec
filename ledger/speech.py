"""What an event means, and at which keys: the wire's words resolved against what was in force.

Law kept: what needs reference data is judged at the key, by the entries in force when the event happened, and
judged again when one arrives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from msgspec import Struct

from events.identity import (
    EVERYONE,
    book_key,
    consignment_key,
    permit_key,
    site_key,
    unit_key,
    vehicle_key,
)
from events.quantity import Amount, Quantity, parse_quantity
from events.registry import (
    CapacityEntry,
    Entry,
    GoodsEntry,
    InstrumentEntry,
    LicenceEntry,
    PermitEntry,
    SiteEntry,
    UnitEntry,
)
from events.rejection import Reason, Source
from events.report import Consignment, Flow, Inventory, Registry
from events.time import Instant, instant
from ledger.fact import Count, Leg, Movement
from ledger.reference import Reference


class Entered(Struct, frozen=True, array_like=True, tag="entered", gc=False):
    """A registry entry as it travels to the keys that it concerns."""

    unit: str
    recorded_at: Instant
    valid_from: Instant
    valid_to: Instant | None
    entry: Entry


class Speech(Struct, frozen=True, array_like=True, gc=False):
    """What a home key says of one event: its meaning, the keys that it concerns, where it was reported, and when
    it occurred."""

    keys: tuple[str, ...]
    body: Movement | Count | Leg | Entered
    received_at: Instant = 0
    source: Source = Source("", 0, 0)
    revision: int = 0
    at: Instant = 0


class Wait(Struct, frozen=True, array_like=True, gc=False):
    """Why an event cannot be understood yet: what it will be refused for if nothing comes."""

    reason: Reason
    field: str
    detail: str


Told = Flow | Inventory | Consignment | Registry
Judge = Callable[[Told, Instant], Speech | Wait]
"""Resolve an event against the reference data in force: what it means at which keys, or why it must wait."""


class Catalogue(Protocol):
    """The goods that are known."""

    def goods(self, goods: str, at: Instant) -> GoodsEntry | None:
        """The entry of a goods in force at an instant."""
        ...


def judge_at_site(site: str, reference: Reference, catalogue: Catalogue) -> Judge:
    """The judge of one site's flow and inventory events.

    An event that a correction moved to another site keeps the place (area) of the site it was reported at.
    """

    def judge(event: Told, at: Instant) -> Speech | Wait:
        if not isinstance(event, Flow | Inventory):
            return Wait(Reason.INVALID_VALUE, "kind", "only flow and inventory live at a site")
        registered = reference.registered(SiteEntry, site, at, event.unit)
        if registered is None or not isinstance(registered.entry, SiteEntry):
            if reference.registered(SiteEntry, site, at) is not None:
                return Wait(Reason.NOT_UNITS_SITE, "unit", f"{site} is not a site of {event.unit}")
            return Wait(Reason.UNKNOWN_SITE, "site", site)
        if reference.registered(UnitEntry, "self", at, event.unit) is None:
            return Wait(Reason.UNKNOWN_UNIT, "unit", event.unit)
        goods = catalogue.goods(event.goods, at)
        if goods is None:
            return Wait(Reason.UNKNOWN_GOODS, "goods", event.goods)
        amount = _amount(event.quantity)
        if amount.measure is not goods.measure:
            detail = f"{event.goods} is reported as {goods.measure}, not {amount.measure}"
            return Wait(Reason.WRONG_MEASURE, "quantity.unit", detail)
        area = registered.entry.area
        if isinstance(event, Inventory):
            count = Count(
                amount.base, amount.measure, goods.category, event.goods, event.site, event.unit, area,
                event.method, event.instrument, event.estimated,
            )  # fmt: skip
            return Speech((site_key(event.site), book_key(event.site, event.goods)), count)
        return Speech(_flow_keys(event), _movement(event, amount, goods, area))

    return judge


def judge_at_consignment(plans: Iterable[tuple[Consignment, Instant]], catalogue: Catalogue) -> Judge:
    """The judge of one consignment's events: its plan, where known, says which vehicle the stages concern.

    ``plans`` are with their receipt: a stage is heard of at a vehicle no earlier than the plan that names it.
    """
    planned = [(event.plan.vehicle, received_at) for event, received_at in plans if event.plan is not None]

    def judge(event: Told, at: Instant) -> Speech | Wait:
        if not isinstance(event, Consignment):
            return Wait(Reason.INVALID_VALUE, "kind", "only consignment events live at a consignment")
        plan = event.plan
        if plan is None:
            heard_at = max((received_at for _, received_at in planned), default=0)
            vehicles = sorted({vehicle for vehicle, _ in planned})
            stage_keys = (consignment_key(event.consignment), *map(vehicle_key, vehicles))
            return Speech(stage_keys, Leg(event.stage, event.consignment), heard_at)
        loads = []
        category = None
        for load in plan.loads:
            goods = catalogue.goods(load.goods, at)
            if goods is None:
                return Wait(Reason.UNKNOWN_GOODS, "plan.loads", load.goods)
            amount = _amount(load.quantity)
            category = category or goods.category
            loads.append((load.goods, amount.base, amount.measure))
        leg = Leg(
            "plan", event.consignment, plan.vehicle, plan.shipper.unit, plan.shipper.site,
            plan.consignee.unit, plan.consignee.site, tuple(loads), instant(plan.depart_at),
            instant(plan.arrive_by), plan.permit, plan.carrier, plan.driver, plan.escort,
            tuple((route.line, route.half_width_m) for route in plan.routes),
            tuple((stop.at[0], stop.at[1], stop.radius_m) for stop in plan.stops),
            category,
        )  # fmt: skip
        keys = [consignment_key(event.consignment), vehicle_key(plan.vehicle)]
        if plan.permit is not None:
            keys.append(permit_key(plan.permit))
        return Speech(tuple(keys), leg)

    return judge


def judge_at_unit(unit: str, entries: Iterable[Registry]) -> Judge:
    """The judge of one unit's registry entries: what concerns its sites goes to each, whenever the site joined."""
    sites = sorted({event.entry.site for event in entries if isinstance(event.entry, SiteEntry)})

    def judge(event: Told, at: Instant) -> Speech | Wait:
        if not isinstance(event, Registry):
            return Wait(Reason.INVALID_VALUE, "kind", "only registry entries live at a unit")
        valid_to = None if event.valid_to is None else instant(event.valid_to)
        entered = Entered(event.unit, at, instant(event.valid_from), valid_to, event.entry)
        return Speech(_registry_keys(event, sites), entered)

    return judge


def _registry_keys(event: Registry, sites: Iterable[str]) -> tuple[str, ...]:
    if event.unit == EVERYONE:
        return (EVERYONE,)
    match event.entry:
        case SiteEntry() | InstrumentEntry() | CapacityEntry():
            return (unit_key(event.unit), site_key(event.entry.site))
        case UnitEntry() | LicenceEntry():
            return (unit_key(event.unit), *map(site_key, sites))
        case PermitEntry():
            return (unit_key(event.unit), permit_key(event.entry.permit))
        case _:
            return (unit_key(event.unit),)


def _flow_keys(event: Flow) -> tuple[str, ...]:
    keys = [site_key(event.site), book_key(event.site, event.goods), unit_key(event.unit)]
    other = event.counterparty.unit if event.counterparty else None
    if other is not None and other != event.unit:
        keys.append(unit_key(other))
    if event.permit is not None:
        keys.append(permit_key(event.permit))
    if event.consignment is not None:
        keys.append(consignment_key(event.consignment))
    return tuple(keys)


def _movement(event: Flow, amount: Amount, goods: GoodsEntry, area: str) -> Movement:
    other = event.counterparty
    return Movement(
        event.operation, amount.base, amount.measure, goods.category, event.goods, event.site, event.unit, area,
        other.unit if other else None,
        other.site if other else None,
        other.outside if other else None,
        other.natural_person if other else False,
        event.consignment, event.permit, event.shift, event.instrument, event.direction, event.approver,
        event.custodians, event.payment, event.serials,
    )  # fmt: skip


def _amount(quantity: Quantity) -> Amount:
    amount = parse_quantity(quantity.value, quantity.unit)
    if not isinstance(amount, Amount):
        raise TypeError(f"intake let a bad quantity through: {quantity}")
    return amount
