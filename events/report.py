"""The five kinds of event as they stand on the wire: contract version 1.

Law kept: an event is never edited. A correction is an event of its own that names the one it corrects
and its revision; the highest revision speaks.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from events.quantity import Quantity
from events.registry import Datum, DayMinute, Entry, Id, Moment, Point, UnitOrEveryone

Operation = Literal["open", "receive", "issue", "produce", "consume", "return", "destroy", "declare_loss", "adjust"]
"""期初 入库 出库 生产 消耗 退库 销毁 报失 调整."""


class _Wire(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, gc=False):
    """What every wire type shares: unknown fields are refused, defaults stay off the wire.

    Values like these hold texts and numbers and cannot form cycles: the garbage collector need not walk them.
    """


class Corrects(_Wire, frozen=True):
    """冲正/更正: which event this one corrects.

    ``home`` is the site (unit, consignment) that the target was reported at, when the correction moves it;
    ``void`` takes the target back whole.
    """

    id: Id
    revision: Annotated[int, Meta(ge=1, le=1_000)]
    home: Id | None = None
    void: bool = False


class Counterparty(_Wire, frozen=True):
    """The other side of a trade: a unit on the platform, or somebody outside it by name."""

    unit: Id | None = None
    site: Id | None = None
    outside: Annotated[str, Meta(max_length=200)] | None = None
    natural_person: bool = False
    area: Id | None = None


LARGEST_SERIAL = 10**18
"""What fits a signed 64-bit number with room to spare: state could not be written with a longer one in it."""


class SerialRange(_Wire, frozen=True):
    """编码: a run of serial numbers of one maker and type, both ends included."""

    maker: Id
    type: Id
    first: Annotated[int, Meta(ge=0, le=LARGEST_SERIAL)]
    last: Annotated[int, Meta(ge=0, le=LARGEST_SERIAL)]


class _Event(_Wire, frozen=True):
    version: Literal[1]
    occurred_at: Moment


class Flow(_Event, frozen=True, tag_field="kind", tag="flow"):
    """流向/出入库: one movement of one kind of goods at one site.

    ``room`` is the store room (库房); ``use`` what the buyer says the goods are for; ``identified`` whether the
    buyer showed who they are; ``discovered_at`` when a loss was found.
    """

    id: Id
    unit: Id
    site: Id
    goods: Id
    operation: Operation
    quantity: Quantity
    counterparty: Counterparty | None = None
    consignment: Id | None = None
    permit: Id | None = None
    shift: Id | None = None
    instrument: Id | None = None
    direction: Literal["in", "out"] | None = None
    reason: Annotated[str, Meta(max_length=500)] | None = None
    approver: Annotated[str, Meta(max_length=100)] | None = None
    custodians: Annotated[tuple[Id, ...], Meta(max_length=20)] = ()
    payment: Literal["bank", "cash", "other"] | None = None
    serials: Annotated[tuple[SerialRange, ...], Meta(max_length=1_000)] = ()
    room: Id | None = None
    use: Annotated[str, Meta(max_length=200)] | None = None
    identified: bool | None = None
    discovered_at: Moment | None = None
    corrects: Corrects | None = None


class Inventory(_Event, frozen=True, tag_field="kind", tag="inventory"):
    """盘点: a physical count or gauge reading at a site. It never moves a book.

    ``serials`` are what was seen there; ``activity`` what was measured of a sealed source.
    """

    id: Id
    unit: Id
    site: Id
    goods: Id
    quantity: Quantity
    method: Literal["count", "weigh", "gauge"] = "count"
    instrument: Id | None = None
    estimated: bool = False
    serials: Annotated[tuple[SerialRange, ...], Meta(max_length=1_000)] = ()
    activity: Quantity | None = None
    corrects: Corrects | None = None


class Party(_Wire, frozen=True):
    """One end of a trip."""

    unit: Id
    site: Id


class Load(_Wire, frozen=True):
    """Goods on a trip."""

    goods: Id
    quantity: Quantity


class Route(_Wire, frozen=True):
    """A permitted corridor: a line and half its width in metres."""

    line: Annotated[tuple[Point, ...], Meta(min_length=2, max_length=2_000)]
    half_width_m: Annotated[float, Meta(gt=0, le=10_000)] = 300.0


class Stop(_Wire, frozen=True):
    """A place where the trip may stop."""

    at: Point
    radius_m: Annotated[float, Meta(gt=0, le=10_000)] = 300.0


class Plan(_Wire, frozen=True):
    """What a trip was allowed: goods, from, to, vehicle, people, permit, corridor, times.

    ``hours`` are the (first, last) minutes of the Shanghai day that it may drive in, over midnight where the first
    is the greater; ``areas`` the restricted areas that it may enter.
    """

    shipper: Party
    consignee: Party
    loads: Annotated[tuple[Load, ...], Meta(min_length=1, max_length=200)]
    vehicle: Id
    depart_at: Moment
    arrive_by: Moment
    carrier: Id | None = None
    driver: Id | None = None
    escort: Id | None = None
    permit: Id | None = None
    routes: Annotated[tuple[Route, ...], Meta(max_length=10)] = ()
    stops: Annotated[tuple[Stop, ...], Meta(max_length=50)] = ()
    hours: tuple[DayMinute, DayMinute] | None = None
    speed_limit_kmh: Annotated[float, Meta(gt=0, le=200)] | None = None
    areas: Annotated[tuple[Id, ...], Meta(max_length=50)] = ()


class Consignment(_Event, frozen=True, tag_field="kind", tag="consignment"):
    """托运/电子运单: the plan of one trip, or that it departed, arrived or was cancelled; ``at`` is where.

    ``datum`` names what ``at`` and the plan's routes and stops are in; intake brings them to WGS-84.
    """

    id: Id
    consignment: Id
    stage: Literal["plan", "depart", "arrive", "cancel"]
    plan: Plan | None = None
    at: Point | None = None
    datum: Datum = "wgs84"
    corrects: Corrects | None = None


class Position(_Event, frozen=True, tag_field="kind", tag="position"):
    """定位: one vehicle position report (JT/T 808). It needs no id: equal reports merge.

    ``datum`` names what longitude and latitude are in; intake brings them to WGS-84.
    """

    vehicle: Id
    lon: Annotated[float, Meta(ge=-180, le=180)]
    lat: Annotated[float, Meta(ge=-90, le=90)]
    speed_kmh: Annotated[float, Meta(ge=0, le=500)] = 0.0
    heading: Annotated[float, Meta(ge=0, le=360)] = 0.0
    alarms: Annotated[int, Meta(ge=0, le=2**32 - 1)] = 0
    loaded: bool | None = None
    datum: Datum = "wgs84"


class Registry(_Event, frozen=True, tag_field="kind", tag="registry"):
    """登记: one effective-dated entry about a unit (``unit: "*"`` concerns everyone).

    ``occurred_at`` is when it was entered; it is in force from ``valid_from`` until ``valid_to``. Of several
    entries about the same thing in force at an instant, the one with the latest ``valid_from`` speaks.
    """

    id: Id
    unit: UnitOrEveryone
    valid_from: Moment
    entry: Entry
    valid_to: Moment | None = None
    corrects: Corrects | None = None


Event = Flow | Inventory | Consignment | Position | Registry
"""Anything that can be reported."""
