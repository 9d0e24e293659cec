"""Filing: which deals must be filed with the authority, and by which of the laws' clocks.

Law kept: a deal is with somebody else; goods to which several duties apply are due by the shortest.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from detectors.world import World
from events.registry import Category
from events.time import Instant
from ledger.fact import Movement

DEALS: Final = frozenset(("issue", "receive", "destroy"))
"""The operations that may be a deal; destroying is one where a radioactive source is disposed of."""


class Duty(Struct, frozen=True, gc=False):
    """One law's duty to file: its clock's name, what it is called, and whether purchases are filed as sales are."""

    name: str
    clock: str
    title: tuple[str, str]
    flags: tuple[str, ...] = ()
    category: Category | None = None
    purchases: bool = True
    disposal: bool = False


DUTIES: Final = (
    Duty("explosives", "explosives", ("民用爆炸物品", "civil explosives"), category=Category.EXPLOSIVES),
    Duty("highly_toxic", "highly_toxic", ("剧毒化学品", "highly toxic chemicals"), ("highly_toxic",)),
    Duty(
        "explosive_precursor",
        "explosive_precursor",
        ("易制爆化学品", "explosive precursors"),
        ("explosive_precursor",),
    ),
    Duty(
        "drug_precursor_1",
        "drug_precursor_1",
        ("第一类易制毒化学品", "drug precursors of class I"),
        ("drug_precursor_1",),
        purchases=False,
    ),
    Duty(
        "radioactive",
        "radioactive",
        ("放射性同位素", "radioactive sources"),
        category=Category.RADIOACTIVE,
        disposal=True,
    ),
    Duty(
        "drug_precursor",
        "drug_precursor",
        ("第二、三类易制毒化学品", "drug precursors of classes II and III"),
        ("drug_precursor", "drug_precursor_2", "drug_precursor_3"),
        purchases=False,
    ),
)
"""The duties, the shorter clocks first: of several that apply the first does."""


def duty_of(moved: Movement, world: World, at: Instant) -> Duty | None:
    """The duty to file that a movement brings with it; None where it is no deal, or its goods are free."""
    disposed = moved.operation == "destroy" and moved.category is Category.RADIOACTIVE
    if not disposed and not (moved.operation in ("issue", "receive") and _is_with_others(moved)):
        return None
    goods = world.goods(moved.goods, at) if moved.category is Category.CHEMICALS else None
    flags = () if goods is None else goods.flags
    for duty in DUTIES:
        if duty.category is moved.category or any(flag in flags for flag in duty.flags):
            return duty
    return None


def _is_with_others(moved: Movement) -> bool:
    other = moved.counterparty_unit
    return moved.outside is not None or moved.natural_person or (other is not None and other != moved.unit)
