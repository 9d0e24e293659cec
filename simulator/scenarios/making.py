"""Scenarios of making, using up and destroying: a month's product, a week's destructions (B14, B15).

Law kept: what goes out came in before, so that no book shows what the yield or the habit alone can tell.
"""

from __future__ import annotations

from typing import Final, Literal

from events.registry import YieldEntry
from events.report import Counterparty
from events.time import DAY, Instant, moment
from simulator.drafts import Dated, Move, Site
from simulator.goods import KG, LITRE, grain
from simulator.labels import Label
from simulator.scenarios.scene import Scene, bought, spared

_RECIPES: Final = {
    "chlorine_works": ("CHLORINE", "HCL", 40 * KG),
    "chemical_plant": ("METHANOL", "ACETONE", 50 * LITRE),
}
"""Trade → what it uses up, what it makes of it, and how much of that a day in the scene."""
_DAYS: Final = 20
_NORM: Final = 0.3
_HABIT_DAYS: Final = 28


def used_up(scene: Scene) -> Label | None:
    """B14: the month before, half as much again was used up as the product calls for."""
    return _month(scene, 0.45)


def within_the_norm(scene: Scene) -> Label | None:
    """B14, innocent: as much as the norm says."""
    return _month(scene, 0.31)


def _month(scene: Scene, share: float) -> Label | None:
    """Twenty days of the month before, at a works that begins to report them by name."""
    world, starts = scene.world, scene.world.config.starts
    reporting = min((site.first_day for site in world.sites.values()), default=0) * DAY

    def fresh(site: Site) -> bool:
        return site.first_day * DAY >= starts - DAY

    last = -moment(starts).day
    begins = scene.at(last - _DAYS + 1, "00:00")
    site = spared(scene, tuple(_RECIPES), fresh) if begins > reporting else None
    if site is None:
        return None
    consumed, produced, daily = _RECIPES[world.owner(site.id).trade_key]
    # It goes on by the norm until the week begins: a works that fell silent would be another matter.
    for day in range(last - _DAYS + 1, 0):
        taken = round(daily * (share if day <= last else _NORM) / grain(consumed)) * grain(consumed)
        world.book(site.id, consumed).moves += [
            Move(at=scene.at(day, "09:10"), operation="produce", base=taken),
            Move(at=scene.at(day, "10:20"), operation="consume", base=taken),
        ]
        world.book(site.id, produced).moves += [
            Move(at=scene.at(day, "14:30"), operation="produce", base=daily),
            Move(at=scene.at(day, "16:40"), operation="consume", base=daily),
        ]
    norm = YieldEntry(consumed=consumed, produced=produced, low=0.28, high=0.32)
    # Its everyday work knows no norm: in a longer simulation the norm ends with the scene.
    world.dated.append(Dated(unit=site.unit, entry=norm, valid_from=begins - 5 * DAY, valid_to=scene.ends))
    notes = ("消耗量与产量相符", "used up as much as the norm says") if share < 0.4 else (
        "消耗量远超产量所需", "used up half as much again as the product calls for"
    )  # fmt: skip
    subject = scene.at_unit(site)
    subject["goods"], subject["may"] = consumed, ("E7",)
    return scene.label(["B14"], (begins, scene.at(last + 1, "00:00")), notes, **subject)


def written_off(scene: Scene) -> Label | None:
    """B15: a shop that never destroyed anything writes off three lots a day, all week."""
    return _destroyed(scene, "issue")


def always_destroys(scene: Scene) -> Label | None:
    """B15, innocent: as much, at a shop that has destroyed unsold goods every day for a month."""
    return _destroyed(scene, "destroy")


def _destroyed(scene: Scene, habit: Literal["issue", "destroy"]) -> Label | None:
    """Four weeks of a few sales a day before the week, and three destructions on each of its days."""
    world, starts = scene.world, scene.world.config.starts
    reporting = min((site.first_day for site in world.sites.values()), default=0) * DAY
    known = scene.at(-_HABIT_DAYS, "00:00") > reporting and scene.lasts(4)
    fresh = [one for one in world.sites.values() if one.first_day * DAY >= starts - DAY]
    site = spared(scene, ("implement_shop",), lambda one: one in fresh) if known else None
    if site is None:
        return None
    book = world.book(site.id, "DAGGER")
    for day in range(-_HABIT_DAYS, 0):
        book.moves.append(bought(scene.at(day, "09:05"), 5))
        book.moves += [_gone(scene.at(day, f"1{hour}:20"), "issue") for hour in range(4)]
        book.moves.append(_gone(scene.at(day, "17:40"), habit))
    for day in range(5):
        book.moves.append(bought(scene.at(day, "08:40"), 3))
        book.moves += [_gone(scene.at(day, f"1{hour}:35"), "destroy") for hour in (1, 4, 7)]
    subject = scene.at_unit(site)
    subject["may"] = ("E7",)
    notes = ("一周内大量核销销毁", "writes off far more than ever before") if habit == "issue" else (
        "历来每日销毁滞销品", "has always destroyed what it did not sell"
    )  # fmt: skip
    span = (scene.at(0, "00:00"), scene.at(5, "00:00"))
    return scene.label(["B15"], span, notes, deed_at=scene.at(0, "11:35"), **subject)


def _gone(at: Instant, operation: Literal["issue", "destroy"]) -> Move:
    buyer = Counterparty(outside="散户登记购买") if operation == "issue" else None
    return Move(at=at, operation=operation, base=1, counterparty=buyer)
