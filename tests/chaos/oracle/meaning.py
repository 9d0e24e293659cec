"""Meaning: what each event says at each key that it concerns, once the whole register is known.

Law kept: what nothing in force explains says nothing. Facts stand in event order: when it happened, what comes in
before what goes out before what was counted, then the event's id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec.structs import replace

from events.quantity import Amount, Quantity, parse_quantity
from events.registry import Category, SiteEntry, UnitEntry
from events.rejection import Source
from events.report import Consignment, Flow, Inventory, Plan, SerialRange
from events.time import MINUTE, Instant, instant
from ledger.fact import Body, Cell, Count, Detail, Fact, Fix, Leg, Movement
from tests.chaos.oracle.register import Register
from tests.chaos.oracle.reports import Fixed, Log, Report

INWARD = {"open", "receive", "produce", "return"}
STANDS = -1
Facts = dict[str, list[Fact]]


class Told(NamedTuple):
    """A plan as it was told: when it says that it was made, and when it was received."""

    plan: Plan
    at: Instant
    received_at: Instant


def facts_of(log: Log, register: Register) -> Facts:
    """All facts by key, each key's in event order."""
    found: Facts = {}
    plans = _plans(log.reports)
    for report in log.reports:
        origin, event = report.original, report.last.event
        if origin is None or event is None:
            continue
        match event:
            case Flow() | Inventory():
                told = _at_site(report, event, origin.at, register)
                heard = origin.received_at
            case Consignment():
                told = _on_the_road(event, origin.at, register, plans.get(report.home, []))
                heard = _understood(report, event, register, plans.get(report.home, []))
            case _:
                continue
        for key, body in told:
            rank = STANDS if key.startswith("vehicle:") else _rank(body)
            fact = Fact(report.identity, origin.at, rank, 1, report.last.revision, heard, Source("", 0, 0), body)
            found.setdefault(key, []).append(fact)
    for vehicle, cells in _cells(log.fixes).items():
        found.setdefault(f"vehicle:{vehicle}", []).extend(cells)
    for facts in found.values():
        facts.sort(key=lambda fact: (fact.at if fact.rank != STANDS else 0, fact.rank, fact.id))
    return found


def delta(moved: Movement) -> int:
    """What a movement does to the book of the site that reports it, in base units."""
    already_out = moved.consignment is not None or moved.shift is not None
    match moved.operation:
        case "open" | "receive" | "produce" | "return":
            return moved.amount
        case "issue" | "destroy":
            return -moved.amount
        case "consume" | "declare_loss":
            return 0 if already_out else -moved.amount
        case "adjust":
            return moved.amount if moved.direction == "in" else -moved.amount
        case other:
            raise ValueError(other)


def _at_site(report: Report, event: Flow | Inventory, at: Instant, register: Register) -> list[tuple[str, Body]]:
    place = register.entry(report.home, SiteEntry, report.home.partition(":")[2], at, event.unit)
    owner = register.entry(report.home, UnitEntry, "self", at, event.unit)
    goods = register.goods(event.goods, at)
    if place is None or owner is None or goods is None:
        return []
    amount = _amount(event.quantity)
    if amount.measure is not goods.measure:
        return []
    site, book = f"site:{event.site}", f"book:{event.site}/{event.goods}"
    if isinstance(event, Inventory):
        count = Count(
            amount=amount.base, measure=amount.measure, category=goods.category, goods=event.goods,
            site=event.site, unit=event.unit, area=place.area, method=event.method, instrument=event.instrument,
            estimated=event.estimated, serials=event.serials,
            activity=None if event.activity is None else _amount(event.activity).base,
        )  # fmt: skip
        return [(site, count), (book, count), *_by_block(count)]
    other = event.counterparty
    moved = Movement(
        operation=event.operation, amount=amount.base, measure=amount.measure, category=goods.category,
        goods=event.goods, site=event.site, unit=event.unit, area=place.area,
        counterparty_unit=other.unit if other else None, counterparty_site=other.site if other else None,
        outside=other.outside if other else None, natural_person=bool(other and other.natural_person),
        consignment=event.consignment, permit=event.permit, shift=event.shift, instrument=event.instrument,
        direction=event.direction, approver=event.approver, custodians=event.custodians, payment=event.payment,
        serials=event.serials,
        detail=Detail(
            room=event.room, use=event.use, identified=event.identified,
            discovered_at=None if event.discovered_at is None else instant(event.discovered_at),
            counterparty_area=other.area if other else None, tier=owner.tier,
        ),
    )  # fmt: skip
    keys = [site, book, f"unit:{event.unit}"]
    if moved.counterparty_unit not in (None, event.unit):
        keys.append(f"unit:{moved.counterparty_unit}")
    if event.permit is not None:
        keys.append(f"permit:{event.permit}")
    if event.consignment is not None:
        keys.append(f"consignment:{event.consignment}")
    return [*((key, moved) for key in keys), *_by_block(moved)]


def _by_block(body: Movement | Count) -> Iterator[tuple[str, Body]]:
    """What each ten thousand numbers of a maker and type are told: the runs, or parts of runs, that are theirs."""
    blocks = sorted({
        (run.maker, run.type, block)
        for run in body.serials
        for block in range(run.first // 10_000, run.last // 10_000 + 1)
    })  # fmt: skip
    for maker, type_, block in blocks:
        least, most = block * 10_000, block * 10_000 + 9_999
        own = [
            SerialRange(maker=maker, type=type_, first=max(run.first, least), last=min(run.last, most))
            for run in body.serials
            if (run.maker, run.type) == (maker, type_) and run.first <= most and run.last >= least
        ]
        yield f"serial:{maker}/{type_}/{block}", replace(body, serials=tuple(own))


def _on_the_road(event: Consignment, at: Instant, register: Register, plans: list[Told]) -> list[tuple[str, Body]]:
    trip = f"consignment:{event.consignment}"
    plan = event.plan
    if plan is None:
        stage = Leg(event.stage, event.consignment, at=event.at)
        concerned = {f"vehicle:{one.plan.vehicle}" for one in plans}
        if event.stage == "arrive":
            concerned |= {f"permit:{one.plan.permit}" for one in plans if one.plan.permit}
        if event.stage == "cancel":
            concerned |= {_employer(one.plan) for one in plans}
        return [(trip, stage), *((key, stage) for key in sorted(concerned))]
    category: Category | None = None
    loads = []
    for load in plan.loads:
        goods = register.goods(load.goods, at)
        if goods is None:
            return []
        category = category or goods.category
        amount = _amount(load.quantity)
        loads.append((load.goods, amount.base, amount.measure))
    leg = Leg(
        stage="plan", consignment=event.consignment, vehicle=plan.vehicle, shipper_unit=plan.shipper.unit,
        shipper_site=plan.shipper.site, consignee_unit=plan.consignee.unit, consignee_site=plan.consignee.site,
        loads=tuple(loads), depart_at=instant(plan.depart_at), arrive_by=instant(plan.arrive_by),
        permit=plan.permit, carrier=plan.carrier, driver=plan.driver, escort=plan.escort,
        routes=tuple((route.line, route.half_width_m) for route in plan.routes),
        stops=tuple((stop.at[0], stop.at[1], stop.radius_m) for stop in plan.stops), category=category,
        hours=plan.hours, speed_limit_kmh=plan.speed_limit_kmh, areas=plan.areas, at=event.at,
    )  # fmt: skip
    former = {one.plan.vehicle for one in plans if one.at < at} - {plan.vehicle}
    keys = [trip, f"vehicle:{plan.vehicle}", *(f"vehicle:{name}" for name in sorted(former))]
    keys += [f"permit:{plan.permit}"] if plan.permit else []
    keys += [_employer(plan)] if plan.driver or plan.escort else []
    return [(key, leg) for key in keys]


def _employer(plan: Plan) -> str:
    """Whose people drive: the carrier's, or the shipper's own."""
    return f"unit:{plan.carrier or plan.shipper.unit}"


def _understood(report: Report, event: Consignment, register: Register, plans: list[Told]) -> Instant:
    """When a stage could be understood: a plan with its goods, any other stage with the plan."""
    if event.plan is None:
        return max([report.last.received_at, *(one.received_at for one in plans)])
    at = report.tellings[0].at
    return max([report.last.received_at, *(register.goods_heard(load.goods, at) for load in event.plan.loads)])


def _plans(reports: Iterable[Report]) -> dict[str, list[Told]]:
    """Consignment → all plans that were ever told of it."""
    found: dict[str, list[Told]] = {}
    for report in reports:
        for told in report.tellings:
            if isinstance(told.event, Consignment) and told.event.plan is not None:
                one = Told(told.event.plan, instant(told.event.occurred_at), told.received_at)
                found.setdefault(report.home, []).append(one)
    return found


def _cells(fixes: Iterable[Fixed]) -> dict[str, list[Fact]]:
    """Vehicle → one fact a minute that it reported in: first and last fix, alarms and loads of all."""
    minutes: dict[tuple[str, int], list[Fixed]] = {}
    for fixed in fixes:
        minutes.setdefault((fixed.position.vehicle, fixed.at // MINUTE), []).append(fixed)
    found: dict[str, list[Fact]] = {}
    for (vehicle, minute), seen in minutes.items():
        points = [Fix(one.at, one.position.lon, one.position.lat, one.position.speed_kmh) for one in seen]
        alarms = 0
        for one in seen:
            alarms |= one.position.alarms
        loaded = {one.position.loaded for one in seen}
        cell = Cell(min(points), max(points), alarms, True in loaded, False in loaded)
        first = min(one.received_at for one in seen)
        name = f"{vehicle}@{minute}"
        found.setdefault(vehicle, []).append(Fact(name, minute * MINUTE, 0, 0, 0, first, Source("", 0, 0), cell))
    return found


def _rank(body: Body) -> int:
    if isinstance(body, Count):
        return 2
    if isinstance(body, Movement):
        return 0 if body.operation in INWARD or body.direction == "in" else 1
    return 0


def _amount(quantity: Quantity) -> Amount:
    amount = parse_quantity(quantity.value, quantity.unit)
    assert isinstance(amount, Amount), "intake takes no other"
    return amount


def movements(facts: Iterable[Fact]) -> Iterator[tuple[Fact, Movement]]:
    """The movements among facts."""
    for fact in facts:
        if isinstance(fact.body, Movement):
            yield fact, fact.body
