"""Scenarios of storing and using: filings of major hazards, goods kept apart (B7, B8), guilty and innocent.

Law kept: a look-alike is the same act with its papers in order.
"""

from __future__ import annotations

from collections.abc import Callable

from events.registry import HazardFilingEntry
from events.time import DAY, HOUR, MINUTE
from simulator.drafts import Dated, Move, Site
from simulator.goods import CRITICAL, base_of
from simulator.labels import Label
from simulator.scenarios.scene import Scene, low
from simulator.upload import same_day

_EXPLOSIVE, _DETONATORS = "R1", "R2"


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

    site = _spared(scene, ("chlorine_works",), hazardous)
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


def one_room(scene: Scene) -> Label | None:
    """B8: a delivery of detonators is put into the room of the explosive, and leaves it after some days."""
    found = _rooms(scene)
    if found is None:
        return None
    site, came = found
    came.room = _EXPLOSIVE
    notes = ("雷管存入炸药库房", "detonators put into the explosive's room")
    return scene.label(["B8"], (came.at, scene.ends), notes, **scene.at_unit(site))


def room_mistyped(scene: Scene) -> Label | None:
    """B8, innocent: the delivery went into the detonators' room; its report named the other, and was mended."""
    found = _rooms(scene)
    if found is None:
        return None
    site, came = found
    came.mistyped_room, came.typo = _EXPLOSIVE, came.base
    came.received, came.mended = came.at + 4 * MINUTE, same_day(came.at, 4 * HOUR)
    notes = ("库房误录，当晚已更正", "the room mistyped, corrected the same evening")
    return scene.label(["B8"], (came.at, came.mended), notes, **scene.at_unit(site))


def _rooms(scene: Scene) -> tuple[Site, Move] | None:
    """A blaster's store whose goods have a room each, and the delivery of detonators that the scene is about."""
    day = min(2, scene.world.config.days - 1)

    def came(site: Site) -> list[Move]:
        moves = scene.world.book(site.id, "DETONATOR").moves
        return [move for move in moves if move.operation == "receive" and move.at >= scene.at(day, "00:00")]

    site = _spared(scene, ("blasting",), lambda site: bool(came(site))) if scene.lasts(3) else None
    if site is None:
        return None
    for book in scene.world.books_of(site.id):
        for move in book.moves:
            move.room = _DETONATORS if book.goods == "DETONATOR" else _EXPLOSIVE
    return site, min(came(site), key=lambda move: move.at)


def _spared(scene: Scene, trades: tuple[str, ...], fits: Callable[[Site], bool]) -> Site | None:
    """A site of one of the trades whose unit is free, and which the scenarios of the road miss least."""
    world = scene.world
    free = [site for site in world.sites.values() if site.unit not in world.taken]
    found = [site for site in free if world.owner(site.id).trade_key in trades and fits(site)]
    least = min((_trips(scene, site) for site in found), default=0)
    return scene.site(*trades, quiet=False, fits=lambda one: one in found and _trips(scene, one) == least)


def _trips(scene: Scene, site: Site) -> int:
    """How many trips between free units would be lost to other scenarios with this unit."""
    world = scene.world
    ends = [(world.sites[trip.shipper].unit, world.sites[trip.consignee].unit) for trip in world.trips]
    return sum(site.unit in pair and not world.taken.intersection(pair) for pair in ends)
