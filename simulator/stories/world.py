"""The tiny world of the stories, as registered: two units, three sites, goods of three measures.

Law kept: everything here is in order; what goes wrong, a story says itself.
"""

from __future__ import annotations

from typing import TypedDict, Unpack

from events.quantity import Measure
from events.registry import (
    Activity,
    CapacityEntry,
    Category,
    Entry,
    GoodsEntry,
    InstrumentEntry,
    LicenceEntry,
    PermitEntry,
    PermittedGoods,
    SiteEntry,
    TradeFilingEntry,
    UnitEntry,
)
from events.report import Flow, Registry
from events.time import HOUR, instant, moment
from simulator.stories.relative import AREA, HOME, OWNER, at, named, quantity

MAKER: tuple[Activity, ...] = ("produce", "sell", "store", "transport")
USER: tuple[Activity, ...] = ("purchase", "store", "use")


class RegistryFields(TypedDict, total=False):
    """When an entry holds (default: from day -30 on) and when it was entered (default: at once)."""

    id: str
    valid_from: str
    valid_to: str
    entered: str


def world() -> tuple[Registry, ...]:
    """Everything registered: two units, three sites, goods of three measures, licences, permits, instruments.

    Goods: ``DET`` detonators (items), ``EXP`` emulsion explosive (kg), ``ACE`` acetone (L).
    Permits of U2: ``P1`` to buy 1,000 DET and 500 kg EXP, days 1–30; ``P2`` one transport of the same.
    Capacities at S2: 5,000 DET, 2,000 kg EXP, 50,000 L ACE. Instruments ``SCALE-Sn`` 0.001 / 0.0005 and
    ``GAUGE-Sn`` 0.003 / 0.002 (random / systematic) at each site.
    """
    return (*_goods(), *_units(), *_sites(), *_papers())


def _goods() -> tuple[Registry, ...]:
    explosives, chemicals = Category.EXPLOSIVES, Category.CHEMICALS
    return (
        registry(GoodsEntry(goods="DET", name="工业电子雷管", name_en="electronic detonator",
                            category=explosives, measure=Measure.COUNT)),
        registry(GoodsEntry(goods="EXP", name="乳化炸药", name_en="emulsion explosive",
                            category=explosives, measure=Measure.MASS)),
        registry(GoodsEntry(goods="ACE", name="丙酮", name_en="acetone", category=chemicals,
                            measure=Measure.VOLUME, flags=("drug_precursor",), cas="67-64-1")),
    )  # fmt: skip


def _units() -> tuple[Registry, ...]:
    found: list[Registry] = []
    for unit, area, name in (("U1", "350102", "闽安民爆有限公司"), ("U2", "350111", "晋安爆破工程公司")):
        roles: tuple[Activity, ...] = MAKER if unit == "U1" else USER
        found.append(registry(UnitEntry(name=name, area=area, roles=roles), unit=unit))
        for category in (Category.EXPLOSIVES, Category.CHEMICALS):
            held = LicenceEntry(licence=f"L-{unit}-{category}", category=category, activities=roles)
            found.append(registry(held, unit=unit))
    return tuple(found)


def _sites() -> tuple[Registry, ...]:
    found: list[Registry] = []
    for site, unit in OWNER.items():
        lon, lat = HOME[site]
        found.append(
            registry(SiteEntry(site=site, name=f"{site}仓库", area=AREA[site], lon=lon, lat=lat), unit=unit)
        )
        for kind, random, systematic in (("SCALE", 0.001, 0.0005), ("GAUGE", 0.003, 0.002)):
            entry = InstrumentEntry(instrument=f"{kind}-{site}", site=site, random=random, systematic=systematic)
            found.append(registry(entry, unit=unit))
    return tuple(found)


def _papers() -> tuple[Registry, ...]:
    allowed = (
        PermittedGoods("DET", quantity("1000 item")),
        PermittedGoods("EXP", quantity("500 kg")),
    )
    bought = PermitEntry(permit="P1", purpose="purchase", goods=allowed)
    carried = PermitEntry(permit="P2", purpose="transport", goods=allowed, one_time=True)
    limits = (("DET", "5000 item"), ("EXP", "2000 kg"), ("ACE", "50000 L"))
    return (
        registry(bought, unit="U2", valid_from="day 1 00:00", valid_to="day 31 00:00"),
        registry(carried, unit="U2", valid_from="day 1 00:00", valid_to="day 31 00:00"),
        *(
            registry(CapacityEntry(site="S2", goods=goods, quantity=quantity(most)), unit="U2")
            for goods, most in limits
        ),
    )


def registry(entry: Entry, *, unit: str = "*", **fields: Unpack[RegistryFields]) -> Registry:
    """登记: one entry, in force from day -30 on unless said, entered when it came in force unless said."""
    valid_from = fields.get("valid_from", "day -30 00:00")
    valid_to = fields.get("valid_to")
    kind = str(entry.__struct_config__.tag)
    subject = next((str(v) for v in _subject(entry) if v), unit.replace("*", "all"))
    return Registry(
        version=1,
        id=fields.get("id", named(kind, unit.replace("*", "all"), subject, when=valid_from)),
        unit=unit,
        occurred_at=moment(at(fields.get("entered", valid_from))),
        valid_from=moment(at(valid_from)),
        valid_to=moment(at(valid_to)) if valid_to else None,
        entry=entry,
    )


def filing(deal: Flow, when: str | None = None) -> Registry:
    """购销备案: that a sale or purchase was filed, an hour after it happened unless said."""
    filed_at = moment(instant(deal.occurred_at) + HOUR if when is None else at(when))
    return Registry(
        version=1,
        id=f"filed-{deal.site}-{deal.id}",
        unit=deal.unit,
        occurred_at=filed_at,
        valid_from=filed_at,
        entry=TradeFilingEntry(site=deal.site, event=deal.id),
    )


def _subject(entry: Entry) -> tuple[object, ...]:
    names = ("licence", "permit", "person", "instrument", "digest")
    named = next((getattr(entry, name) for name in names if hasattr(entry, name)), None)
    if named:
        return (named,)
    return ("-".join(str(getattr(entry, n)) for n in ("site", "goods") if hasattr(entry, n)),)
