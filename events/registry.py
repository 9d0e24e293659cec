"""What the registry knows: units, sites, licences, permits, people, instruments, capacities, goods.

Law kept: reference data is effective-dated; an event is judged by what was in force when it happened.
"""

from __future__ import annotations

from datetime import datetime
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

Flag = Literal["highly_toxic", "explosive_precursor", "drug_precursor"]
Activity = Literal["produce", "sell", "purchase", "store", "use", "transport"]


class _Entry(
    Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, tag_field="type", gc=False
):
    """One registry entry; ``type`` says of what."""


class UnitEntry(_Entry, frozen=True, tag="unit"):
    """从业单位: a licensed enterprise or institution. ``area`` is its county code."""

    name: Name
    area: Id
    roles: tuple[Activity, ...] = ()


class SiteEntry(_Entry, frozen=True, tag="site"):
    """仓库/使用点: a place where goods are held."""

    site: Id
    name: Name
    area: Id
    site_kind: Literal["store", "plant", "shop", "use_point"] = "store"
    lon: Annotated[float, Meta(ge=-180, le=180)] | None = None
    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None


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


class GoodsEntry(_Entry, frozen=True, tag="goods"):
    """品种: an entry of the goods catalogue, in one category, with one measure."""

    goods: Id
    name: Name
    name_en: Name
    category: Category
    measure: Measure
    flags: tuple[Flag, ...] = ()
    cas: Annotated[str, Meta(max_length=20)] | None = None


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
    | GoodsEntry
    | PolicyEntry
    | ModelEntry
)
