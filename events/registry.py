"""What the registry knows: units, sites, licences, permits, people, instruments, capacities, goods.

Law kept: reference data is effective-dated; an event is judged by what was in force when it happened.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from events.quantity import Measure, Quantity

ID_PATTERN: Final = r"^(?!\*$)[^\s/|:]+(?![\s\S])"
r"""It ends in ``(?![\s\S])`` because Python's ``$`` lets one newline through behind it."""
Id = Annotated[str, Meta(min_length=1, max_length=128, extra_json_schema={"pattern": ID_PATTERN})]
"""A provider's identifier: up to 128 characters, no white space, no ``/``, ``|`` or ``:``, and not ``*``.

Decoding alone does not hold it against its pattern: intake does (`events.identifiers`), each identifier once.
"""
UnitOrEveryone = Annotated[
    str, Meta(min_length=1, max_length=128, extra_json_schema={"pattern": r"^[^\s/|:]+(?![\s\S])"})
]
"""A unit's identifier, or ``*``: it concerns everyone."""
Moment = Annotated[datetime, Meta(tz=True)]
"""A time that names its zone."""
Name = Annotated[str, Meta(max_length=200)]
Degrees = Annotated[float, Meta(ge=-180, le=180)]
Point = tuple[Degrees, Degrees]
"""(longitude, latitude) in degrees; WGS-84 once intake has taken it."""
Datum = Literal["wgs84", "gcj02", "bd09"]
"""What the points of a record are in: WGS-84, GCJ-02 or BD-09."""


class Category(StrEnum):
    """类别: the six categories of dangerous goods."""

    FIREARMS = "firearms"
    EXPLOSIVES = "explosives"
    CHEMICALS = "chemicals"
    RADIOACTIVE = "radioactive"
    FIREWORKS = "fireworks"
    CONTROLLED_IMPLEMENTS = "controlled_implements"


CATEGORY_NAMES = {
    Category.FIREARMS: ("枪支弹药", "firearms and ammunition"),
    Category.EXPLOSIVES: ("民用爆炸物品", "civil explosives"),
    Category.CHEMICALS: ("危险化学品", "hazardous chemicals"),
    Category.RADIOACTIVE: ("放射性物品", "radioactive sources"),
    Category.FIREWORKS: ("烟花爆竹", "fireworks"),
    Category.CONTROLLED_IMPLEMENTS: ("管制器具", "controlled implements"),
}
"""Category → (Chinese, English)."""

Flag = Literal[
    "highly_toxic",
    "explosive_precursor",
    "drug_precursor",
    "drug_precursor_1",
    "drug_precursor_2",
    "drug_precursor_3",
    "pesticide",
]
"""剧毒 易制爆 易制毒(第一、二、三类) 农药."""
DayMinute = Annotated[int, Meta(ge=0, le=1_440)]
"""A minute of the Shanghai day."""
Activity = Literal["produce", "sell", "purchase", "store", "use", "transport"]
Tier = Literal["maker", "wholesaler", "retailer", "user"]
"""环节: a unit's place in the chain from the maker to the user."""


class Origin(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """出处: the list or law that an entry is from, of which date, and whether it was held against its source."""

    source: Annotated[str, Meta(min_length=1, max_length=500)]
    dated: date
    verified: bool = False

    @property
    def cited(self) -> str:
        """As a warning cites it.

        >>> Origin("GB 18218-2018", date(2026, 11, 26)).cited
        'GB 18218-2018 (2026-11-26, 待核实 unverified)'
        """
        mark = "已核对原文 verified" if self.verified else "待核实 unverified"
        return f"{self.source} ({self.dated.isoformat()}, {mark})"


class _Entry(
    Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, tag_field="type", gc=False
):
    """One registry entry; ``type`` says of what, ``origin`` where its content is from."""

    origin: Origin | None = None


class UnitEntry(_Entry, frozen=True, tag="unit"):
    """从业单位: a licensed enterprise or institution. ``area`` is its county code."""

    name: Name
    area: Id
    roles: tuple[Activity, ...] = ()
    tier: Tier | None = None


class SiteEntry(_Entry, frozen=True, tag="site"):
    """仓库/使用点: a place where goods are held; ``datum`` says what its place is in, until intake."""

    site: Id
    name: Name
    area: Id
    site_kind: Literal["store", "plant", "shop", "use_point"] = "store"
    lon: Annotated[float, Meta(ge=-180, le=180)] | None = None
    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    datum: Datum = "wgs84"


class LicenceEntry(_Entry, frozen=True, tag="licence"):
    """许可: what a unit may do with which goods (an empty goods list allows its whole category)."""

    licence: Id
    category: Category
    activities: tuple[Activity, ...]
    goods: tuple[Id, ...] = ()


class PermittedGoods(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """How much of one goods a permit allows."""

    goods: Id
    quantity: Quantity


class PermitEntry(_Entry, frozen=True, tag="permit"):
    """许可证/备案: how much may be bought, sold or carried, until when, once or often."""

    permit: Id
    purpose: Literal["purchase", "sale", "transport"]
    goods: tuple[PermittedGoods, ...]
    one_time: bool = False


class PersonEntry(_Entry, frozen=True, tag="person"):
    """A person's certificate, as custodian, driver, escort or blaster."""

    person: Id
    role: Literal["custodian", "driver", "escort", "blaster"]


class InstrumentEntry(_Entry, frozen=True, tag="instrument"):
    """计量器具: its relative standard uncertainty, random and systematic."""

    instrument: Id
    site: Id
    random: Annotated[float, Meta(ge=0, le=1)]
    systematic: Annotated[float, Meta(ge=0, le=1)]


class CapacityEntry(_Entry, frozen=True, tag="capacity"):
    """限制存放量: how much of one goods a site may hold."""

    site: Id
    goods: Id
    quantity: Quantity


class QuotaEntry(_Entry, frozen=True, tag="quota"):
    """年度限额/核定产量: how much of one goods a unit may produce, buy or sell in a calendar year (Shanghai)."""

    quota: Id
    activity: Literal["produce", "purchase", "sell"]
    goods: Id
    quantity: Quantity


class VehicleEntry(_Entry, frozen=True, tag="vehicle"):
    """运输车辆: what a vehicle may carry, and how much of it (核定载质量, as a mass)."""

    vehicle: Id
    rated: Quantity
    categories: tuple[Category, ...]
    goods: tuple[Id, ...] = ()


class ShiftEntry(_Entry, frozen=True, tag="shift"):
    """当班: one shift at a use point, from ``valid_from`` to ``valid_to``, and what it was planned to take."""

    shift: Id
    site: Id
    planned: tuple[PermittedGoods, ...] = ()


class YieldEntry(_Entry, frozen=True, tag="yield"):
    """消耗定额: how much of one goods a unit may use up for each unit of another that it makes, in base units."""

    consumed: Id
    produced: Id
    low: Annotated[float, Meta(ge=0)]
    high: Annotated[float, Meta(ge=0)]


class SourceEntry(_Entry, frozen=True, tag="source"):
    """放射源: one sealed source by its code, where it is kept, and its activity as measured at ``measured_at``."""

    maker: Id
    model: Id
    serial: Annotated[int, Meta(ge=0, le=10**18)]
    goods: Id
    site: Id
    activity: Quantity
    measured_at: Moment


class TradeFilingEntry(_Entry, frozen=True, tag="trade_filing"):
    """购销备案: that one movement (by its event id, at its site) was filed, at ``valid_from``."""

    site: Id
    event: Id


class HazardFilingEntry(_Entry, frozen=True, tag="hazard_filing"):
    """重大危险源备案: that a site is filed as a major hazard."""

    site: Id


class PermitReturnEntry(_Entry, frozen=True, tag="permit_return"):
    """许可证核销: that a transport permit was handed back, at ``valid_from``."""

    permit: Id


class RestrictedAreaEntry(_Entry, frozen=True, tag="restricted_area"):
    """禁行区: an outline that loaded vehicles keep out of, at all hours or between minutes of the day.

    ``hours`` are (first, last) minutes of the Shanghai day, over midnight where the first is the greater.
    Without ``categories`` it concerns all. ``datum`` says what the outline is in, until intake.
    """

    restricted_area: Id
    name: Name
    outline: Annotated[tuple[Point, ...], Meta(min_length=3, max_length=2_000)]
    hours: tuple[tuple[DayMinute, DayMinute], ...] = ()
    categories: tuple[Category, ...] = ()
    datum: Datum = "wgs84"


class IncompatibilityEntry(_Entry, frozen=True, tag="incompatibility"):
    """禁忌: two hazard classes that may not be stored or carried together."""

    one: Id
    other: Id


class CalendarEntry(_Entry, frozen=True, tag="calendar"):
    """节假日: one year's days off beside the weekends, and the weekend days that are worked."""

    year: Annotated[int, Meta(ge=2000, le=2100)]
    holidays: Annotated[tuple[date, ...], Meta(max_length=120)]
    workdays: Annotated[tuple[date, ...], Meta(max_length=60)] = ()


class GoodsEntry(_Entry, frozen=True, tag="goods"):
    """品种: an entry of the goods catalogue, in one category, with one measure.

    ``un`` is the UN number, ``hazard_class`` its class or division; ``critical`` the quantity from which a site
    is a major hazard (临界量); ``half_life_s`` and ``d_value`` are a nuclide's half-life in seconds and D value.
    """

    goods: Id
    name: Name
    name_en: Name
    category: Category
    measure: Measure
    flags: tuple[Flag, ...] = ()
    cas: Annotated[str, Meta(max_length=20)] | None = None
    un: Annotated[str, Meta(max_length=4)] | None = None
    hazard_class: Id | None = None
    critical: Quantity | None = None
    nuclide: Id | None = None
    half_life_s: Annotated[float, Meta(gt=0)] | None = None
    d_value: Quantity | None = None


class PolicyEntry(_Entry, frozen=True, tag="policy"):
    """The thresholds in force from ``valid_from`` on: the text of the policy files, by digest."""

    digest: Id
    text: Annotated[str, Meta(max_length=200_000)]


class ModelEntry(_Entry, frozen=True, tag="model"):
    """The forest in force from ``valid_from`` on, by digest; ``category`` says for whom."""

    digest: Id
    category: Category


Entry = (
    UnitEntry
    | SiteEntry
    | LicenceEntry
    | PermitEntry
    | PersonEntry
    | InstrumentEntry
    | CapacityEntry
    | QuotaEntry
    | VehicleEntry
    | ShiftEntry
    | YieldEntry
    | SourceEntry
    | TradeFilingEntry
    | HazardFilingEntry
    | PermitReturnEntry
    | RestrictedAreaEntry
    | IncompatibilityEntry
    | CalendarEntry
    | GoodsEntry
    | PolicyEntry
    | ModelEntry
)
FOR_EVERYONE: Final = (
    GoodsEntry,
    PolicyEntry,
    ModelEntry,
    RestrictedAreaEntry,
    IncompatibilityEntry,
    CalendarEntry,
)
"""Entries that concern everyone: their unit is ``*``."""
