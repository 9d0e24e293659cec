"""Scenarios of storing and using: filings of major hazards (B7), guilty and innocent.

Law kept: a look-alike is the same act with its papers in order.
"""

from __future__ import annotations

from events.registry import HazardFilingEntry
from events.time import DAY, HOUR
from simulator.drafts import Dated, Site
from simulator.goods import CRITICAL, base_of
from simulator.labels import Label
from simulator.scenarios.scene import Scene, low


def filing_runs_out(scene: Scene) -> Label | None:
    """B7: a chlorine works' filing as a major hazard ends in the middle of the week, the work goes on."""
    return _filing_ends(scene, renewed=False)


def filing_renewed(scene: Scene) -> Label | None:
    """B7, innocent: renewed without a break; the registry learns of it in the evening."""
    return _filing_ends(scene, renewed=True)


def _filing_ends(scene: Scene, *, renewed: bool) -> Label | None:
    ends = scene.at(min(2, scene.world.config.days - 1), "00:00")

    def hazardous(site: Site) -> bool:
        book = scene.world.book(site.id, "CHLORINE")
        return low(book, ends) >= base_of(CRITICAL["CHLORINE"]) and any(ends <= move.at for move in book.moves)

    found = [
        site for site in scene.world.sites.values() if _is_free(scene, site, "chlorine_works") and hazardous(site)
    ]
    least = min((_trips(scene, site) for site in found), default=0)
    site = scene.site("chlorine_works", quiet=False, fits=lambda one: one in found and _trips(scene, one) == least)
    if site is None:
        return None
    scene.world.filing_ends[site.id] = ends
    if renewed:
        again = HazardFilingEntry(site=site.id)
        scene.world.dated.append(Dated(unit=site.unit, entry=again, valid_from=ends,
                                       entered=ends + 9 * HOUR, received=ends + 20 * HOUR))  # fmt: skip
    notes = (
        ("重大危险源备案当日续期，登记当晚才到", "the filing renewed in time; registered that evening")
        if renewed
        else ("重大危险源备案到期后继续储存", "goes on storing a major hazard after its filing ended")
    )
    return scene.label(["B7"], (ends, ends + DAY if renewed else scene.ends), notes, **scene.at_unit(site))


def _is_free(scene: Scene, site: Site, *trades: str) -> bool:
    return site.unit not in scene.world.taken and scene.world.owner(site.id).trade_key in trades


def _trips(scene: Scene, site: Site) -> int:
    """How many trips between free units would be lost to other scenarios with this unit."""
    world = scene.world
    ends = [(world.sites[trip.shipper].unit, world.sites[trip.consignee].unit) for trip in world.trips]
    return sum(site.unit in pair and not world.taken.intersection(pair) for pair in ends)
