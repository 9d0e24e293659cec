"""Scenarios of making and using up: what a month's product calls for, and what was taken for it (B14).

Law kept: what is used up came in before, so that no book shows what the yield alone can tell.
"""

from __future__ import annotations

from typing import Final

from events.registry import YieldEntry
from events.time import DAY, moment
from simulator.drafts import Dated, Move, Site
from simulator.goods import KG, LITRE, grain
from simulator.labels import Label
from simulator.scenarios.scene import Scene, spared

_RECIPES: Final = {
    "chlorine_works": ("CHLORINE", "HCL", 40 * KG),
    "chemical_plant": ("METHANOL", "ACETONE", 50 * LITRE),
}
"""Trade → what it uses up, what it makes of it, and how much of that a day in the scene."""
_DAYS: Final = 20
_NORM: Final = 0.3


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
    world.dated.append(Dated(unit=site.unit, entry=norm, valid_from=begins - 5 * DAY))
    notes = ("消耗量与产量相符", "used up as much as the norm says") if share < 0.4 else (
        "消耗量远超产量所需", "used up half as much again as the product calls for"
    )  # fmt: skip
    subject = scene.at_unit(site)
    subject["goods"], subject["may"] = consumed, ("E7",)
    return scene.label(["B14"], (begins, scene.at(last + 1, "00:00")), notes, **subject)
