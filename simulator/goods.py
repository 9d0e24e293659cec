"""The goods of the simulated province: thirty real ones, as a catalogue would list them.

Law kept: category, measure and CAS number are the goods' real ones (a test proves the check digits). The
flags follow the national lists as remembered, unverified; they decide only which papers the simulator
writes.
"""

from __future__ import annotations

from typing import Final

from events.quantity import UNITS, Measure, Quantity
from events.registry import Category, Flag, GoodsEntry

CRITICAL: Final = {
    "CHLORINE": Quantity("5", "t"),
    "AMMONIA": Quantity("10", "t"),
    "ETHER": Quantity("14", "m3"),
    "ACETONE": Quantity("630", "m3"),
    "METHANOL": Quantity("630", "m3"),
    "TOLUENE": Quantity("570", "m3"),
    "PETROL": Quantity("270", "m3"),
    "HNO3": Quantity("100", "t"),
    "H2O2": Quantity("200", "t"),
    "KCLO3": Quantity("100", "t"),
}
"""Critical quantities (GB 18218-2018, as remembered, unverified; liquids by their volume)."""
HAZARD: Final = {
    "AMMO-9": "1.4S", "AMMO-18": "1.4S", "EMULSION": "1.1D", "ANFO": "1.1D", "DETONATOR": "1.1B", "BOOSTER": "1.1D",
    "NACN": "6.1", "AS2O3": "6.1", "CHLORINE": "2.3", "AMMONIA": "2.3", "HNO3": "8", "H2SO4": "8", "HCL": "8",
    "H2O2": "5.1", "KCLO3": "5.1", "KNO3": "5.1", "ACETONE": "3", "TOLUENE": "3", "ETHER": "3", "METHANOL": "3",
    "PETROL": "3", "IR-192": "7", "CO-60": "7", "CS-137": "7", "I-131": "7", "FW-CAKE": "1.4G",
    "FW-CRACKER": "1.4G", "FW-SHELL": "1.1G",
}  # fmt: skip
"""Hazard classes and divisions (GB 6944); what is not named has none."""
APART: Final = (("1.1B", "1.1D"), ("3", "5.1"), ("5.1", "6.1"))
"""Pairs of classes that the registry keeps apart."""
KG: Final = UNITS["kg"][1]
LITRE: Final = UNITS["L"][1]
MBQ: Final = UNITS["MBq"][1]
KG_NEQ: Final = UNITS["kg_neq"][1]

_F, _E, _C = Category.FIREARMS, Category.EXPLOSIVES, Category.CHEMICALS
_R, _W, _I = Category.RADIOACTIVE, Category.FIREWORKS, Category.CONTROLLED_IMPLEMENTS
_TOXIC: Final[tuple[Flag, ...]] = ("highly_toxic",)
_BANG: Final[tuple[Flag, ...]] = ("explosive_precursor",)
_DRUG: Final[tuple[Flag, ...]] = ("drug_precursor",)


def _goods(code: str, name: str, name_en: str, category: Category, measure: Measure = Measure.COUNT) -> GoodsEntry:
    return GoodsEntry(goods=code, name=name, name_en=name_en, category=category, measure=measure,
                      hazard_class=HAZARD.get(code))  # fmt: skip


def _source(code: str, name: str, name_en: str, half_life_s: float) -> GoodsEntry:
    """A sealed source: an item, with the half-life of its nuclide in seconds."""
    return GoodsEntry(
        goods=code, name=name, name_en=name_en, category=_R, measure=Measure.COUNT, half_life_s=half_life_s
    )


def _chemical(
    code: str, names: tuple[str, str], cas: str, flags: tuple[Flag, ...] = (), measure: Measure = Measure.MASS
) -> GoodsEntry:
    return GoodsEntry(
        goods=code, name=names[0], name_en=names[1], category=_C, measure=measure, flags=flags, cas=cas,
        critical=CRITICAL.get(code), hazard_class=HAZARD.get(code),
    )  # fmt: skip


CATALOGUE: Final[dict[str, GoodsEntry]] = {
    entry.goods: entry
    for entry in (
        _goods("GUN-92", "92式9mm手枪", "9 mm pistol, type 92", _F),
        _goods("GUN-97", "97式18.4mm防暴枪", "18.4 mm riot gun, type 97", _F),
        _goods("AMMO-9", "9mm手枪弹", "9 mm pistol cartridge", _F),
        _goods("AMMO-18", "18.4mm防暴枪弹", "18.4 mm riot cartridge", _F),
        _goods("EMULSION", "乳化炸药", "emulsion explosive", _E, Measure.MASS),
        _goods("ANFO", "铵油炸药", "ANFO", _E, Measure.MASS),
        _goods("DETONATOR", "工业电子雷管", "electronic detonator", _E),
        _goods("BOOSTER", "起爆具", "cast booster", _E),
        _chemical("NACN", ("氰化钠", "sodium cyanide"), "143-33-9", _TOXIC),
        _chemical("AS2O3", ("三氧化二砷", "arsenic trioxide"), "1327-53-3", _TOXIC),
        _chemical("CHLORINE", ("液氯", "liquid chlorine"), "7782-50-5", _TOXIC),
        _chemical("HNO3", ("硝酸", "nitric acid"), "7697-37-2", _BANG),
        _chemical("H2O2", ("过氧化氢溶液", "hydrogen peroxide solution"), "7722-84-1", _BANG),
        _chemical("KCLO3", ("氯酸钾", "potassium chlorate"), "3811-04-9", _BANG),
        _chemical("KNO3", ("硝酸钾", "potassium nitrate"), "7757-79-1", _BANG),
        _chemical("ACETONE", ("丙酮", "acetone"), "67-64-1", _DRUG, Measure.VOLUME),
        _chemical("TOLUENE", ("甲苯", "toluene"), "108-88-3", _DRUG, Measure.VOLUME),
        _chemical("ETHER", ("乙醚", "diethyl ether"), "60-29-7", _DRUG, Measure.VOLUME),
        _chemical("H2SO4", ("硫酸", "sulfuric acid"), "7664-93-9", _DRUG),
        _chemical("HCL", ("盐酸", "hydrochloric acid"), "7647-01-0", _DRUG),
        _chemical("METHANOL", ("甲醇", "methanol"), "67-56-1", (), Measure.VOLUME),
        _chemical("AMMONIA", ("液氨", "anhydrous ammonia"), "7664-41-7"),
        _chemical("PETROL", ("汽油", "petrol"), "86290-81-5", (), Measure.VOLUME),
        _source("IR-192", "铱-192密封源", "iridium-192 sealed source", 6_378_653.0),
        _source("CO-60", "钴-60密封源", "cobalt-60 sealed source", 166_352_733.0),
        _source("CS-137", "铯-137密封源", "caesium-137 sealed source", 949_252_608.0),
        _goods("I-131", "碘-131溶液", "iodine-131 solution", _R, Measure.ACTIVITY),
        _goods("FW-CAKE", "组合烟花(C级)", "firework cake, class C", _W),
        _goods("FW-CRACKER", "爆竹(C级)", "firecrackers, class C", _W),
        _goods("FW-SHELL", "礼花弹(A级)", "display shells, class A", _W, Measure.NEQ),
        _goods("CROSSBOW", "弩", "crossbow", _I),
        _goods("DAGGER", "匕首", "dagger", _I),
        _goods("SPRING-KNIFE", "弹簧刀", "spring knife", _I),
    )
}
"""Goods code → its catalogue entry."""


def counted(goods: str) -> bool:
    """Whether the goods are discrete items; all else is weighed or gauged, with an error."""
    return CATALOGUE[goods].measure is Measure.COUNT


def needs_permit(goods: str) -> bool:
    """Whether buying or selling the goods needs a permit: firearms, explosives, toxics, precursors."""
    entry = CATALOGUE[goods]
    return entry.category in (_F, _E) or bool(entry.flags)


def grain(goods: str) -> int:
    """The base units to which people report these goods: one item, 100 g, 100 mL, 1 kBq, 1 g NEQ."""
    return {
        Measure.COUNT: 1,
        Measure.MASS: KG // 10,
        Measure.VOLUME: LITRE // 10,
        Measure.ACTIVITY: MBQ // 1000,
        Measure.NEQ: KG_NEQ // 1000,
    }[CATALOGUE[goods].measure]


def base_of(quantity: Quantity) -> int:
    """The exact base units of a quantity that is known to be a good one."""
    return int(quantity.value) * UNITS[quantity.unit][1]
