"""Facts and registry entries in relative time, for the tests of every detector.

Law kept: a word is a value; the same words build the same fact, resolved as the judges of the keys would.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypedDict, TypeVar, Unpack

from msgspec.structs import replace

from events.identity import event_identity
from events.quantity import Amount, Measure, parse_quantity
from events.registry import (
    Activity,
    Category,
    Entry,
    Flag,
    GoodsEntry,
    LicenceEntry,
    PermitEntry,
    PermittedGoods,
    SiteEntry,
    UnitEntry,
    VehicleEntry,
)
from events.rejection import Source
from events.report import SerialRange
from events.time import HOUR, MINUTE, Instant
from ledger.fact import INWARD, STANDING, Cell, Count, Detail, Fact, Fix, Leg, Movement, rank_of
from ledger.reference import Registered, subject_of
from simulator.stories.relative import AREA, HOME, OWNER, at, named, quantity

B = TypeVar("B", Movement, Count, Leg)
PROVIDER: Final = "teller"
EVERYTHING: Final[tuple[Activity, ...]] = ("produce", "sell", "purchase", "store", "use", "transport")


def _goods(goods: str, names: tuple[str, str], category: Category, measure: Measure, *flags: Flag) -> GoodsEntry:
    return GoodsEntry(goods=goods, name=names[0], name_en=names[1], category=category, measure=measure, flags=flags)


GOODS: Final = {
    entry.goods: entry
    for entry in (
        _goods("DET", ("工业电子雷管", "electronic detonator"), Category.EXPLOSIVES, Measure.COUNT),
        _goods("EXP", ("乳化炸药", "emulsion explosive"), Category.EXPLOSIVES, Measure.MASS),
        _goods("ACE", ("丙酮", "acetone"), Category.CHEMICALS, Measure.VOLUME, "drug_precursor"),
        _goods("NACN", ("氰化钠", "sodium cyanide"), Category.CHEMICALS, Measure.MASS, "highly_toxic"),
        _goods("CS137", ("铯-137 源", "caesium-137 source"), Category.RADIOACTIVE, Measure.ACTIVITY),
        _goods("IR192", ("铱-192 密封源", "iridium-192 sealed source"), Category.RADIOACTIVE, Measure.COUNT),
        _goods("SHELL", ("礼花弹", "display shell"), Category.FIREWORKS, Measure.NEQ),
        _goods("GUN", ("猎枪", "hunting rifle"), Category.FIREARMS, Measure.COUNT),
        _goods("BOW", ("弩", "crossbow"), Category.CONTROLLED_IMPLEMENTS, Measure.COUNT),
    )
}
"""The small world's catalogue: every category and every measure."""


class Told(TypedDict, total=False):
    """How a fact was reported: its id, when it was received (default: an hour after), its version."""

    id: str
    received: str
    version: int


class MovementFields(Told, total=False):
    """What a movement may say beyond what moved where and when (unit and area: the site's, unless said)."""

    unit: str
    area: str
    counterparty_unit: str
    counterparty_site: str
    outside: str
    natural_person: bool
    consignment: str
    permit: str
    shift: str
    instrument: str
    direction: str
    approver: str
    custodians: tuple[str, ...]
    payment: str
    serials: tuple[SerialRange, ...]
    detail: Detail


class CountFields(Told, total=False):
    """What a count may say beyond what was counted where and when."""

    unit: str
    area: str
    method: str
    instrument: str
    estimated: bool
    serials: tuple[SerialRange, ...]
    activity: int


class LegTold(Told, total=False):
    """``standing=True`` makes the fact as a ``vehicle:`` key holds it; ``place`` is where a stage was reached."""

    standing: bool
    place: tuple[float, float]


class PlanFields(LegTold, total=False):
    """What a plan may say beyond its consignment, ends, loads and times; ``told`` is when it was made."""

    told: str
    vehicle: str
    permit: str
    carrier: str
    driver: str
    escort: str
    routes: tuple[tuple[tuple[tuple[float, float], ...], float], ...]
    stops: tuple[tuple[float, float, float], ...]
    hours: tuple[int, int]
    speed_limit_kmh: float
    areas: tuple[str, ...]


class CellFields(TypedDict, total=False):
    """What a minute may say beyond where its first fix was; ``last`` is the last fix's place."""

    vehicle: str
    last: tuple[float, float]
    speed_kmh: float
    alarms: int
    loaded: bool
    empty: bool
    received: str


class Dates(TypedDict, total=False):
    """When an entry holds (default: from day -30 on), when it was recorded, and its version."""

    id: str
    version: int
    valid_from: str
    valid_to: str
    recorded: str


def movement(
    operation: str,
    amount: str,
    *,
    site: str = "S1",
    goods: str = "DET",
    when: str,
    **fields: Unpack[MovementFields],
) -> Fact:
    """A movement as its keys see it: ``movement("issue", "5 item", goods="DET", when="day 1 08:00")``."""
    exact = _amount(amount)
    body = Movement(
        operation, exact.base, exact.measure, GOODS[goods].category, goods, site,
        OWNER.get(site, "U1"), AREA.get(site, "350102"),
    )  # fmt: skip
    name = named(operation, site, goods, when=when)
    return _fact(_saying(body, fields), site, at(when), fields.get("id", name), fields)


def mended(fact: Fact, **fields: Any) -> Fact:
    """A movement as its correction tells it: the next version, with these fields of its body otherwise."""
    assert isinstance(fact.body, Movement)
    body = replace(fact.body, **fields)
    return replace(fact, version=fact.version + 1, revision=fact.revision + 1, body=body)


def count(amount: str, *, site: str = "S1", goods: str = "DET", when: str, **fields: Unpack[CountFields]) -> Fact:
    """A physical count as its keys see it."""
    exact = _amount(amount)
    body = Count(
        exact.base, exact.measure, GOODS[goods].category, goods, site,
        OWNER.get(site, "U1"), AREA.get(site, "350102"),
    )  # fmt: skip
    name = named("count", site, goods, when=when)
    return _fact(_saying(body, fields), site, at(when), fields.get("id", name), fields)


def run(first: int, last: int | None = None, *, maker: str = "M1", type_: str = "T1") -> SerialRange:
    """Some serial numbers in a row: ``run(1, 100)``, or one."""
    return SerialRange(maker=maker, type=type_, first=first, last=first if last is None else last)


def plan(
    consignment: str,
    *loads: tuple[str, str],
    depart: str,
    arrive_by: str,
    ends: tuple[str, str] = ("S1", "S2"),
    **fields: Unpack[PlanFields],
) -> Fact:
    """A trip's plan: ``plan("C1", ("DET", "100 item"), depart="day 1 08:00", arrive_by="day 1 12:00")``."""
    weighed = [(goods, _amount(amount)) for goods, amount in loads]
    body = Leg(
        "plan", consignment, "V1", OWNER.get(ends[0]), ends[0], OWNER.get(ends[1]), ends[1],
        tuple((goods, exact.base, exact.measure) for goods, exact in weighed), at(depart), at(arrive_by),
        category=GOODS[loads[0][0]].category if loads else None,
    )  # fmt: skip
    when = fields.get("told", depart)
    name = named("plan", consignment, when=when)
    return _fact(_saying(body, fields), consignment, at(when), fields.get("id", name), fields)


def stage(name: str, consignment: str, *, when: str, **told: Unpack[LegTold]) -> Fact:
    """That a trip departed (``depart``), arrived (``arrive``) or was called off (``cancel``)."""
    unnamed = named(name, consignment, when=when)
    return _fact(Leg(name, consignment, at=told.get("place")), consignment, at(when), told.get("id", unnamed), told)


def cell(when: str, place: tuple[float, float], **fields: Unpack[CellFields]) -> Fact:
    """One minute of a vehicle: its first fix at ``when`` and its last at ``last`` (20 s before the minute ends)."""
    vehicle, speed = fields.get("vehicle", "V1"), fields.get("speed_kmh", 60.0)
    begin = at(when)
    minute = begin // MINUTE * MINUTE
    first = Fix(begin, *place, speed)
    last = Fix(max(begin, minute + 40_000_000), *fields.get("last", place), speed)
    body = Cell(first, last, fields.get("alarms", 0), fields.get("loaded", False), fields.get("empty", False))
    received = at(fields["received"]) if "received" in fields else last.at
    return Fact(f"{vehicle}|{minute}", minute, INWARD, 1, 0, received, Source("position", 0, 0), body)


def register(entry: Entry, *, unit: str = "*", **dates: Unpack[Dates]) -> Registered:
    """A registry entry as a key holds it."""
    since = dates.get("valid_from", "day -30 00:00")
    until = dates.get("valid_to")
    kind = str(entry.__struct_config__.tag)
    return Registered(
        id=dates.get("id", f"{kind}/{unit}/{subject_of(entry)}/{since}"),
        version=dates.get("version", 1),
        unit=unit,
        recorded_at=at(dates.get("recorded", since)),
        valid_from=at(since),
        valid_to=None if until is None else at(until),
        entry=entry,
    )


def site_papers(site: str) -> tuple[Registered, ...]:
    """What makes a site a lawful one: the unit, the site and a licence for everything of every category."""
    unit = OWNER[site]
    lon, lat = HOME[site]
    return (
        register(UnitEntry(name=unit, area=AREA[site], roles=EVERYTHING), unit=unit),
        register(SiteEntry(site=site, name=site, area=AREA[site], lon=lon, lat=lat), unit=unit),
        *(licences(category, unit=unit) for category in Category),
    )


def licences(
    category: Category, *activities: Activity, unit: str = "U1", goods: tuple[str, ...] = (), **dates: Unpack[Dates]
) -> Registered:
    """A licence of a unit for these activities (none said: all) with these goods (none said: the category)."""
    held = LicenceEntry(
        licence=f"L-{unit}-{category}", category=category, activities=activities or EVERYTHING, goods=goods
    )
    return register(held, unit=unit, **dates)


def vehicle(
    name: str,
    rated: str,
    *categories: Category,
    goods: tuple[str, ...] = (),
    unit: str = "U9",
    **dates: Unpack[Dates],
) -> Registered:
    """What a vehicle may carry (no category said: explosives and chemicals) and how much of it."""
    may = categories or (Category.EXPLOSIVES, Category.CHEMICALS)
    entry = VehicleEntry(vehicle=name, rated=quantity(rated), categories=may, goods=goods)
    return register(entry, unit=unit, **dates)


def permit(
    name: str, *goods: tuple[str, str], purpose: str = "purchase", one_time: bool = False, unit: str = "U2",
    **dates: Unpack[Dates],
) -> Registered:  # fmt: skip
    """A permit: ``permit("P1", ("DET", "1000 item"), valid_from="day 1 00:00", valid_to="day 31 00:00")``."""
    allowed = tuple(PermittedGoods(of, quantity(amount)) for of, amount in goods)
    for known in ("purchase", "sale", "transport"):
        if purpose == known:
            entry = PermitEntry(permit=name, purpose=known, goods=allowed, one_time=one_time)
            return register(entry, unit=unit, **dates)
    raise ValueError(f"no such purpose: {purpose}")


def _amount(text: str) -> Amount:
    value, unit = text.split()
    amount = parse_quantity(value, unit)
    if not isinstance(amount, Amount):
        raise ValueError(f"{text}: {amount}")
    return amount


def _saying(body: B, fields: Mapping[str, Any]) -> B:
    """The body with whatever of the fields is its own."""
    return replace(body, **{name: value for name, value in fields.items() if name in body.__struct_fields__})


def _fact(body: Movement | Count | Leg, home: str, when: Instant, name: str, told: Mapping[str, Any]) -> Fact:
    topic = {Movement: "flow", Count: "inventory", Leg: "consignment"}[type(body)]
    return Fact(
        event_identity(PROVIDER, home, name), when, STANDING if told.get("standing") else rank_of(body),
        told.get("version", 1), 0, at(told["received"]) if "received" in told else when + HOUR,
        Source(topic, 0, 0), body,
    )  # fmt: skip
