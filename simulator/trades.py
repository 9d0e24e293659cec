"""The trades of the province: who holds what, when they work, and how much moves in a day.

Law kept: a trade is data. Every trade has the licences that its daily work needs; what a diversion does
beyond them, the diversion says.
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from events.registry import Activity, Category, Tier
from simulator.goods import KG, KG_NEQ, LITRE, MBQ


class Line(Struct, frozen=True):
    """How one goods moves at a site: ``per_day`` movements of about ``size`` base units.

    ``shift`` goods go out in the morning and what was not used (1 − ``used``) returns; ``hold`` goods stay.
    """

    goods: str
    way: Literal["sell", "use", "shift", "hold"]
    per_day: float
    size: int
    used: float = 1.0


class Trade(Struct, frozen=True, kw_only=True):
    """A kind of unit; ``tier`` is its place in the chain, of the categories that have one by law."""

    key: str
    name: str
    category: Category
    roles: tuple[Activity, ...]
    lines: tuple[Line, ...]
    site_kind: Literal["store", "plant", "shop", "use_point"] = "store"
    hours: tuple[float, float] = (7.5, 17.0)
    weekend: float = 0.0
    makes: bool = False
    ships: bool = False
    takes: bool = False
    stores: int = 1
    tier: Tier | None = None


_MAKER: Final[tuple[Activity, ...]] = ("produce", "sell", "purchase", "store", "use", "transport")
_DEALER: Final[tuple[Activity, ...]] = ("purchase", "sell", "store", "transport")
_USER: Final[tuple[Activity, ...]] = ("purchase", "store", "use", "transport")

TRADES: Final[dict[str, Trade]] = {
    trade.key: trade
    for trade in (
        Trade(key="explosives_maker", name="化工有限公司(民爆生产)", category=Category.EXPLOSIVES, roles=_MAKER,
              site_kind="plant", makes=True, ships=True, weekend=0.5,
              lines=(Line("EMULSION", "sell", 8, 400 * KG), Line("ANFO", "sell", 6, 300 * KG),
                     Line("DETONATOR", "sell", 8, 900), Line("BOOSTER", "sell", 5, 120))),
        Trade(key="explosives_dealer", name="民爆器材经营公司", category=Category.EXPLOSIVES, roles=_DEALER,
              ships=True, takes=True, stores=2,
              lines=(Line("EMULSION", "sell", 8, 150 * KG), Line("DETONATOR", "sell", 9, 300),
                     Line("BOOSTER", "sell", 4, 40))),
        Trade(key="blasting", name="爆破工程公司", category=Category.EXPLOSIVES, roles=_USER, takes=True, stores=2,
              lines=(Line("EMULSION", "shift", 3, 96 * KG, 0.85), Line("DETONATOR", "shift", 4, 120, 0.9),
                     Line("BOOSTER", "shift", 2, 12, 0.8))),
        Trade(key="chemical_plant", name="化工股份有限公司", category=Category.CHEMICALS, roles=_MAKER,
              site_kind="plant", makes=True, ships=True, takes=True, weekend=1.0,
              lines=(Line("HNO3", "sell", 7, 900 * KG), Line("ACETONE", "sell", 7, 1_200 * LITRE),
                     Line("H2SO4", "use", 7, 800 * KG), Line("METHANOL", "use", 7, 1_500 * LITRE))),
        Trade(key="chlorine_works", name="氯碱有限公司", category=Category.CHEMICALS, roles=_MAKER,
              site_kind="plant", makes=True, ships=True, weekend=1.0,
              lines=(Line("CHLORINE", "sell", 8, 600 * KG), Line("HCL", "sell", 9, 900 * KG),
                     Line("H2O2", "sell", 6, 500 * KG))),
        Trade(key="chemical_dealer", name="危化品经营部", category=Category.CHEMICALS, roles=_DEALER,
              takes=True, stores=2, weekend=0.4,
              lines=(Line("ACETONE", "sell", 10, 60 * LITRE), Line("HCL", "sell", 9, 75 * KG),
                     Line("HNO3", "sell", 8, 50 * KG), Line("TOLUENE", "sell", 6, 55 * LITRE))),
        Trade(key="plating_works", name="电镀有限公司", category=Category.CHEMICALS, roles=_USER,
              site_kind="use_point",
              lines=(Line("NACN", "use", 8, 6 * KG), Line("H2SO4", "use", 8, 40 * KG),
                     Line("KNO3", "use", 5, 10 * KG))),
        Trade(key="laboratory", name="学校实验室", category=Category.CHEMICALS, roles=_USER, site_kind="use_point",
              lines=(Line("H2O2", "use", 1, KG // 2), Line("ACETONE", "use", 1, LITRE // 2))),
        Trade(key="hospital", name="医院", category=Category.RADIOACTIVE, roles=_USER, site_kind="use_point",
              weekend=0.3,
              lines=(Line("I-131", "use", 18, 370 * MBQ), Line("CO-60", "hold", 0, 4),
                     Line("CS-137", "hold", 0, 6))),
        Trade(key="testing", name="无损检测公司", category=Category.RADIOACTIVE, roles=_USER, weekend=0.5,
              lines=(Line("IR-192", "shift", 9, 1, 0.0), Line("CS-137", "shift", 4, 1, 0.0))),
        Trade(key="gun_range", name="射击场", category=Category.FIREARMS, roles=_USER, site_kind="use_point",
              hours=(9.0, 17.5), weekend=1.3, tier="user",
              lines=(Line("GUN-92", "shift", 5, 4, 0.0), Line("AMMO-9", "shift", 6, 300, 0.85))),
        Trade(key="guard_depot", name="武装押运公司", category=Category.FIREARMS, roles=_USER, weekend=0.7,
              hours=(6.8, 18.0), tier="user",
              lines=(Line("GUN-97", "shift", 8, 2, 0.0), Line("AMMO-18", "shift", 8, 20, 0.02))),
        Trade(key="fireworks_wholesale", name="烟花爆竹批发公司", category=Category.FIREWORKS, roles=_DEALER,
              ships=True, weekend=0.8, tier="wholesaler",
              lines=(Line("FW-CAKE", "sell", 9, 60), Line("FW-CRACKER", "sell", 9, 150),
                     Line("FW-SHELL", "sell", 4, 12 * KG_NEQ))),
        Trade(key="fireworks_shop", name="烟花爆竹零售店", category=Category.FIREWORKS, roles=_DEALER,
              site_kind="shop", takes=True, weekend=1.4, hours=(8.0, 18.0), tier="retailer",
              lines=(Line("FW-CAKE", "sell", 14, 2), Line("FW-CRACKER", "sell", 16, 4))),
        Trade(key="implement_shop", name="体育器材商店", category=Category.CONTROLLED_IMPLEMENTS, roles=_DEALER,
              site_kind="shop", weekend=1.3, hours=(8.5, 18.0),
              lines=(Line("CROSSBOW", "sell", 6, 1), Line("DAGGER", "sell", 12, 2),
                     Line("SPRING-KNIFE", "sell", 10, 2))),
    )
}  # fmt: skip
"""Key → trade."""

CYCLE: Final = (
    "blasting", "chemical_plant", "fireworks_shop", "hospital", "explosives_maker", "chemical_dealer",
    "implement_shop", "gun_range", "fireworks_wholesale", "blasting", "plating_works", "explosives_dealer",
    "testing", "chemical_dealer", "fireworks_shop", "guard_depot", "chlorine_works", "implement_shop",
    "blasting", "fireworks_shop", "hospital", "chemical_plant", "chemical_dealer",
)  # fmt: skip
"""In which order the counties' units take up trades; coprime to small numbers of units per county."""
