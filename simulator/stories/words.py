"""Reports in relative time: what happened, in a test's own words.

Law kept: a story is a value. Nothing is drawn or read from a clock: "day 1 08:00" is the same instant for
ever, and the same words build the same bytes.

>>> issue("100 item", site="S1", goods="DET", when="day 1 08:00").id
'issue-S1-DET-d1t080000'
"""

from __future__ import annotations

from typing import Final, Literal, TypedDict, TypeVar, Unpack

import msgspec

from events.intake import Arrival, Record, encode, read
from events.log import Received, Tick
from events.quantity import Quantity
from events.registry import Point
from events.rejection import Source
from events.report import (
    Consignment,
    Corrects,
    Counterparty,
    Event,
    Flow,
    Inventory,
    Load,
    Operation,
    Party,
    Plan,
    Position,
    Registry,
    Route,
    SerialRange,
    Stop,
)
from events.time import HOUR, MINUTE, Instant, instant, moment
from simulator.stories.relative import OWNER, at, named, quantity, straight

PROVIDER: Final = "teller"
"""Who reports in a story."""

Reported = TypeVar("Reported", bound=Flow | Inventory | Consignment | Registry)


class FlowFields(TypedDict, total=False):
    """What a flow may say beyond what moved where and when."""

    id: str
    unit: str
    counterparty: Counterparty
    consignment: str
    permit: str
    shift: str
    instrument: str
    direction: Literal["in", "out"]
    reason: str
    approver: str
    custodians: tuple[str, ...]
    payment: Literal["bank", "cash", "other"]
    serials: tuple[SerialRange, ...]
    use: str
    identified: bool
    room: str


class CountFields(TypedDict, total=False):
    """What a count may say beyond what was counted where and when."""

    id: str
    unit: str
    instrument: str
    estimated: bool
    serials: tuple[SerialRange, ...]
    activity: Quantity


class PlanFields(TypedDict, total=False):
    """What a plan may say beyond goods, ends, vehicle and times."""

    permit: str
    carrier: str
    driver: str
    escort: str
    routes: tuple[Route, ...]
    stops: tuple[Stop, ...]
    hours: tuple[int, int]
    speed_limit_kmh: float
    areas: tuple[str, ...]


class FixFields(TypedDict, total=False):
    """What a position may say beyond where and when."""

    heading: float
    alarms: int
    loaded: bool | None


def flow(
    operation: Operation, amount: str, *, site: str, goods: str, when: str, **fields: Unpack[FlowFields]
) -> Flow:
    """One flow event; the named functions below read better where one fits."""
    given: FlowFields = {
        "id": named(operation, site, goods, when=when),
        "unit": OWNER.get(site, "U1"),
        **fields,
    }
    return Flow(
        version=1,
        occurred_at=moment(at(when)),
        site=site,
        goods=goods,
        operation=operation,
        quantity=quantity(amount),
        **given,
    )


def opening(amount: str, *, site: str, goods: str, when: str, **fields: Unpack[FlowFields]) -> Flow:
    """期初: what is there when reporting begins."""
    return flow("open", amount, site=site, goods=goods, when=when, **fields)


def receive(amount: str, *, site: str, goods: str, when: str, **fields: Unpack[FlowFields]) -> Flow:
    """入库."""
    return flow("receive", amount, site=site, goods=goods, when=when, **fields)


def issue(amount: str, *, site: str, goods: str, when: str, **fields: Unpack[FlowFields]) -> Flow:
    """出库: to a consignment, to a shift, or to a counterparty outside."""
    return flow("issue", amount, site=site, goods=goods, when=when, **fields)


def produce(amount: str, *, site: str, goods: str, when: str, **fields: Unpack[FlowFields]) -> Flow:
    """生产."""
    return flow("produce", amount, site=site, goods=goods, when=when, **fields)


def consume(amount: str, *, site: str, goods: str, when: str, **fields: Unpack[FlowFields]) -> Flow:
    """消耗: by a shift, or from the book."""
    return flow("consume", amount, site=site, goods=goods, when=when, **fields)


def give_back(amount: str, *, site: str, goods: str, when: str, **fields: Unpack[FlowFields]) -> Flow:
    """退库."""
    return flow("return", amount, site=site, goods=goods, when=when, **fields)


def destroy(amount: str, *, site: str, goods: str, when: str, **fields: Unpack[FlowFields]) -> Flow:
    """销毁."""
    return flow("destroy", amount, site=site, goods=goods, when=when, **fields)


def declare_loss(amount: str, *, site: str, goods: str, when: str, **fields: Unpack[FlowFields]) -> Flow:
    """报失."""
    said: FlowFields = {"reason": "盘点短少,已报案", **fields}
    return flow("declare_loss", amount, site=site, goods=goods, when=when, **said)


def adjust(amount: str, *, site: str, goods: str, when: str, **fields: Unpack[FlowFields]) -> Flow:
    """调整; inward unless ``direction="out"``."""
    said: FlowFields = {"direction": "in", "reason": "盘点调整", "approver": "王某", **fields}
    return flow("adjust", amount, site=site, goods=goods, when=when, **said)


def count(amount: str, *, site: str, goods: str, when: str, **fields: Unpack[CountFields]) -> Inventory:
    """盘点: discrete items, counted."""
    return _inventory("count", amount, (site, goods), when, fields)


def gauge(amount: str, *, site: str, goods: str, when: str, **fields: Unpack[CountFields]) -> Inventory:
    """盘点: bulk goods, gauged with the site's instrument ``GAUGE-{site}`` unless another is named."""
    said: CountFields = {"instrument": f"GAUGE-{site}", **fields}
    return _inventory("gauge", amount, (site, goods), when, said)


def plan(
    consignment: str,
    loads: dict[str, str],
    *,
    depart: str,
    arrive_by: str,
    filed: str | None = None,
    ends: tuple[str, str] = ("S1", "S2"),
    vehicle: str = "V1",
    **fields: Unpack[PlanFields],
) -> Consignment:
    """电子运单: ``loads`` by goods, from one site to another; filed an hour before departing unless said."""
    shipper, consignee = (Party(unit=OWNER[site], site=site) for site in ends)
    said: PlanFields = {"routes": (straight(*ends),), **fields}
    allowed = Plan(
        shipper=shipper,
        consignee=consignee,
        loads=tuple(Load(goods=goods, quantity=quantity(text)) for goods, text in loads.items()),
        vehicle=vehicle,
        depart_at=moment(at(depart)),
        arrive_by=moment(at(arrive_by)),
        **said,
    )
    return Consignment(
        version=1,
        id=f"plan-{consignment}",
        occurred_at=moment(at(filed) if filed else at(depart) - HOUR),
        consignment=consignment,
        stage="plan",
        plan=allowed,
    )


def stage(
    consignment: str, reached: Literal["depart", "arrive", "cancel"], *, when: str, place: Point | None = None
) -> Consignment:
    """A trip departed, arrived or was cancelled, and where."""
    return Consignment(
        version=1,
        id=f"{reached}-{consignment}",
        occurred_at=moment(at(when)),
        consignment=consignment,
        stage=reached,
        at=place,
    )


def position(
    where: Point, *, when: str, vehicle: str = "V1", speed_kmh: float = 50.0, **fields: Unpack[FixFields]
) -> Position:
    """定位: a fix; ``along`` and ``beside`` give places by distance."""
    return Position(
        version=1,
        occurred_at=moment(at(when)),
        vehicle=vehicle,
        lon=where[0],
        lat=where[1],
        speed_kmh=speed_kmh,
        **fields,
    )


def correct(event: Reported, revision: int = 1, **changes: object) -> Reported:
    """更正: the same event said again with ``changes``; identity, home and occurred_at are the target's."""
    return msgspec.structs.replace(
        event,
        **{
            "id": f"{event.id}-r{revision}",
            "corrects": Corrects(id=event.id, revision=revision, home=_moved(event, changes)),
            **changes,
        },
    )


def void(event: Reported, revision: int = 1) -> Reported:
    """冲正: the event taken back whole."""
    target = Corrects(id=event.id, revision=revision, void=True)
    return msgspec.structs.replace(event, id=f"{event.id}-r{revision}", corrects=target)


def received(event: Event, *, when: str | None = None, provider: str = PROVIDER) -> Received:
    """The event as received at ``when`` (five minutes after it happened unless said)."""
    held = at(when) if when else instant(event.occurred_at) + 5 * MINUTE
    return Received(encode(event), provider, held)


def tick(when: str) -> Tick:
    """Time has come to ``when``."""
    return Tick(at(when))


def log(*told: Event | Received | Tick) -> list[Received | Tick]:
    """A log of what was told: bare events received five minutes after they happened, in received order."""
    lines = [line if isinstance(line, (Received, Tick)) else received(line) for line in told]
    return sorted(lines, key=lambda line: (_held(line), isinstance(line, Tick)))


def arrival(event: Event | Received, offset: int = 0) -> Arrival:
    """The arrival that intake makes of the event; a story that breaks the contract is an error here."""
    line = received(event) if not isinstance(event, Received) else event
    taken = read(Record(line.raw, line.provider, line.received_at, Source("story", 0, offset)))
    if not isinstance(taken, Arrival):
        raise ValueError(f"the story breaks the contract: {taken.reason} {taken.field} {taken.detail}")
    return taken


def _inventory(
    method: Literal["count", "gauge"], amount: str, book: tuple[str, str], when: str, fields: CountFields
) -> Inventory:
    site, goods = book
    given: CountFields = {
        "id": named(method, site, goods, when=when),
        "unit": OWNER.get(site, "U1"),
        **fields,
    }
    return Inventory(
        version=1,
        occurred_at=moment(at(when)),
        site=site,
        goods=goods,
        quantity=quantity(amount),
        method=method,
        **given,
    )


def _moved(event: Event, changes: dict[str, object]) -> str | None:
    """Where the target was reported, if the correction says another site (unit, consignment)."""
    for name in ("site", "consignment"):
        if name in changes and isinstance(event, (Flow, Inventory) if name == "site" else Consignment):
            return str(getattr(event, name))
    return None


def _held(line: Received | Tick) -> Instant:
    return line.at if isinstance(line, Tick) else line.received_at
