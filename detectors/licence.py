"""Licences against movements: which activity a movement is, and whether a unit was licensed for it.

Law kept: judged by the licences in force at the movement's instant, and by nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from msgspec import Struct

from events.registry import Activity, Category, LicenceEntry
from events.time import Instant
from ledger.fact import Movement
from ledger.reference import Reference, Registered

ACTIVITY_NAMES: Final[dict[str, tuple[str, str]]] = {
    "produce": ("生产", "producing"),
    "sell": ("销售", "selling"),
    "purchase": ("购买", "buying"),
    "store": ("储存", "storing"),
    "use": ("使用", "using"),
    "transport": ("运输", "carrying"),
}
OPERATION_NAMES: Final[dict[str, tuple[str, str]]] = {
    "open": ("期初建账", "opening stock"),
    "receive": ("入库", "receipt"),
    "issue": ("出库", "issue"),
    "produce": ("生产", "production"),
    "consume": ("消耗", "consumption"),
    "return": ("退库", "return"),
    "destroy": ("销毁", "destruction"),
    "declare_loss": ("报失", "declared loss"),
    "adjust": ("调整", "adjustment"),
}

Needs = dict[str, tuple[Activity, ...]]
"""Deed → the activities one of which a licence must allow; a deed that is not named needs none."""


class Standing(StrEnum):
    """How a unit's licences stand to a movement, and so why it is let pass or claimed."""

    LICENSED = "licensed"
    UNLISTED = "unlisted"
    UNLICENSED = "unlicensed"


class Verdict(Struct, frozen=True, gc=False):
    """The standing, and the licences for the activity that were in force."""

    standing: Standing
    licences: tuple[str, ...] = ()


def deed_of(moved: Movement) -> str:
    """What a movement is for licensing: its operation, an issue being to others, to a shift, or to oneself."""
    if moved.operation != "issue":
        return moved.operation
    if moved.shift is not None:
        return "issue_to_shift"
    others = moved.counterparty_unit not in (None, moved.unit) or moved.outside is not None or moved.natural_person
    return "issue_to_others" if others else "issue_within"


def judge(
    reference: Reference,
    at: Instant,
    moved: Movement,
    *,
    unit: str,
    needed: tuple[Activity, ...],
    empty_list_allows_all: bool = True,
) -> Verdict:
    """How the unit's licences in force at an instant stand to a movement that needs one of the activities."""
    category, goods = moved.category, moved.goods

    def find(then: Instant) -> Verdict:
        fit = sorted(_fit(reference, then, category, unit, needed), key=lambda licence: licence.licence)
        if not fit:
            return Verdict(Standing.UNLICENSED)
        names = tuple(licence.licence for licence in fit)
        listed = any(goods in licence.goods or (empty_list_allows_all and not licence.goods) for licence in fit)
        return Verdict(Standing.LICENSED if listed else Standing.UNLISTED, names)

    return reference.lasting(LicenceEntry, (unit, category, needed, goods, empty_list_allows_all), at, find)


def _fit(
    reference: Reference, at: Instant, category: Category, unit: str, needed: tuple[Activity, ...]
) -> Iterator[LicenceEntry]:
    """The licences in force for a category and one of the activities."""
    for registered in reference.of_kind(LicenceEntry):
        licence = registered.entry
        if (
            type(licence) is LicenceEntry
            and licence.category is category
            and registered.unit == unit
            and registered.in_force(at)
            and not set(needed).isdisjoint(licence.activities)
            and reference.in_force(LicenceEntry, licence.licence, at, unit) is licence
        ):
            yield licence


def last_held(reference: Reference, at: Instant, unit: str, category: Category) -> Registered | None:
    """The unit's licence of a category that ran out last before an instant."""
    lapsed = [
        (entry.valid_to, entry.entry.licence, entry.id)
        for entry in reference.of_kind(LicenceEntry)
        if isinstance(entry.entry, LicenceEntry)
        and entry.unit == unit
        and entry.entry.category is category
        and entry.valid_to is not None
        and entry.valid_to <= at
        and entry.heard_of(at)
        and not reference.superseded(entry, at)
    ]
    return reference.entries[max(lapsed)[-1]] if lapsed else None


def any_of(activities: str, lang: str) -> str:
    """Comma-separated activities, one of which is enough: 销售或生产, "selling or producing"."""
    if lang == "zh":
        return "或".join(ACTIVITY_NAMES.get(name, (name, name))[0] for name in activities.split(","))
    *more, last = (ACTIVITY_NAMES.get(name, (name, name))[1] for name in activities.split(","))
    return f"{', '.join(more)} or {last}" if more else last


def all_of(operations: str, lang: str) -> str:
    """Comma-separated operations that happened: 入库、出库, "receipt, issue"."""
    place, comma = (0, "、") if lang == "zh" else (1, ", ")
    return comma.join(OPERATION_NAMES.get(name, (name, name))[place] for name in operations.split(","))
