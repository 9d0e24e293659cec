"""Scenarios of serial numbers: in two stores at once, swapped sources, goods that go round (B10, B16, E6).

Law kept: the goods themselves are bought, stored and sold in order; what is wrong is the numbers alone.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from events.report import Counterparty, SerialRange
from events.time import HOUR, MINUTE, Instant
from simulator.drafts import Book, Move, Site
from simulator.goods import KG
from simulator.labels import Label
from simulator.numbering import SOURCES, first_of, maker, runs
from simulator.scenarios.scene import Scene, bought

_BOX = 50
"""How many detonators are in a box: one run of numbers."""
_DRUMS, _DRUM_KG = 5, 25
_HINTS = ("E1", "E2", "E3", "E5", "E7")
"""What the statistics may make of an extra trade."""


def numbers_twice(scene: Scene) -> Label | None:
    """B10: a box that one store of a firm still holds comes in at the other."""
    return _box(scene, handed=False)


def numbers_handed_on(scene: Scene) -> Label | None:
    """B10, innocent: it was handed on; the store that gave it is ten minutes behind with its clock."""
    return _box(scene, handed=True)


def _box(scene: Scene, *, handed: bool) -> Label | None:
    site = _calm(scene, "blasting", "explosives_dealer") if scene.lasts(3) else None
    stores = (
        [] if site is None else [scene.world.book(one, "DETONATOR") for one in scene.world.units[site.unit].sites]
    )
    if site is None or len(stores) < 2:
        return None
    first = 1 + _BOX * (2 * scene.number + handed)
    box = (SerialRange(maker="MK-explosives", type="DETONATOR", first=first, last=first + _BOX - 1),)
    giver, taker = stores[0], stores[1]
    came, again = scene.at(0, "09:20"), scene.at(1, "10:20")
    _in(giver, came, box)
    _in(taker, again, box)
    if handed:
        giver.moves.append(Move(at=again + 10 * MINUTE, operation="issue", base=_BOX, serials=box))
    notes = (
        (
            "同一单位两库之间转库,出库时钟慢十分钟",
            "handed on between two stores of a unit, one clock ten minutes behind",
        )
        if handed
        else ("一库在存的整箱雷管编码又在另一库入库", "a box that one store still holds comes in at the other")
    )
    subject = scene.at_unit(site)
    subject["goods"], subject["quantity"], subject["may"] = "DETONATOR", _BOX, ("E7",)
    return scene.label(["B10"], (came, scene.ends), notes, **subject)


def _in(book: Book, at: int, box: tuple[SerialRange, ...]) -> None:
    move = bought(at, _BOX)
    move.serials = box
    book.moves.append(move)


def source_swapped(scene: Scene) -> Label | None:
    """B16: a sealed source is taken, and another of a false number stands in its place at every count."""
    site = scene.site("hospital", "testing") if scene.lasts(3) else None
    book = _kept(scene, site)
    if site is None or book is None:
        return None
    at = scene.at(1, "02:10")
    book.swapped.append((at, 1))
    notes = ("放射源被调换,盘点数量不变", "a source was swapped; the number counted stays the same")
    subject = scene.at_book(book)
    subject["quantity"], subject["may"] = 1, ("B10",)
    return scene.label(["B16"], (at, scene.ends), notes, **subject)


def source_at_calibration(scene: Scene) -> Label | None:
    """B16, innocent: a source is away for two days with its number in the book; the counts list the others."""
    site = scene.site("hospital", "testing") if scene.lasts(4) else None
    book = _kept(scene, site)
    if site is None or book is None:
        return None
    opened = next(move.base for move in book.moves if move.operation == "open")
    own = runs(book.goods, [first_of(scene.world, book) + opened - 1])  # shifts take those of lower numbers
    away, back = scene.at(1, "10:05"), scene.at(3, "09:40")
    came = bought(back, 1)
    came.serials = own
    book.moves += [Move(at=away, operation="issue", base=1, serials=own), came]
    notes = ("放射源送检两天,出入库均填编码", "a source away for calibration, booked out and in by its number")
    subject = scene.at_book(book)
    subject["may"] = _HINTS
    return scene.label(["B16", "B10"], (away, back), notes, **subject)


def goods_go_round(scene: Scene) -> Label | None:
    """E6: drums that a dealer sells come back to it over two others, two days later."""
    dealers = [_calm(scene, "chemical_dealer") for _ in range(3)] if scene.lasts(4) else []
    return _sold_on(scene, [*dealers, *dealers[:1]], ("三家之间转手一圈", "round over three dealers"))


def goods_come_back(scene: Scene) -> Label | None:
    """E6, innocent: the buyer gives back what it does not need."""
    dealers = [_calm(scene, "chemical_dealer") for _ in range(2)] if scene.lasts(4) else []
    return _sold_on(
        scene, [*dealers, *dealers[:1]], ("买方退回未用货物", "the buyer gives back what it did not use")
    )


def _sold_on(scene: Scene, dealers: list[Site | None], notes: tuple[str, str]) -> Label | None:
    """Drums go from each dealer to the next, a day a hop."""
    way = [site for site in dealers if site is not None]
    if not way or len(way) < len(dealers):
        return None
    first = 1 + _DRUMS * (2 * scene.number + (scene.kind == "look_alike"))
    drums = (SerialRange(maker=maker("HCL"), type="HCL", first=first, last=first + _DRUMS - 1),)
    base = _DRUMS * _DRUM_KG * KG
    came = bought(scene.at(0, "08:40"), base)
    came.serials = drums
    scene.world.book(way[0].id, "HCL").moves.append(came)
    for day, (giver, taker) in enumerate(pairwise(way)):
        at = scene.at(day, "13:10")
        _hop(scene, (giver, taker), (at, base), drums)
    ends = scene.at(len(way) - 2, "13:10") + HOUR
    subject = scene.at_unit(way[0])
    subject["also"] = tuple(key for site in way for key in (f"unit:{site.unit}", *scene.stores_of(site.unit)))
    subject["goods"], subject["quantity"], subject["may"] = "HCL", base, _HINTS
    return scene.label(["E6"], (scene.at(0, "13:10"), ends), notes, **subject)


def _hop(scene: Scene, ends: tuple[Site, Site], told: tuple[Instant, int], drums: tuple[SerialRange, ...]) -> None:
    (giver, taker), (at, base) = ends, told
    scene.world.book(giver.id, "HCL").moves.append(
        Move(at=at, operation="issue", base=base, serials=drums,
             counterparty=Counterparty(unit=taker.unit, site=taker.id))
    )  # fmt: skip
    scene.world.book(taker.id, "HCL").moves.append(
        Move(at=at + HOUR, operation="receive", base=base, serials=drums,
             counterparty=Counterparty(unit=giver.unit, site=giver.id))
    )  # fmt: skip


def _kept(scene: Scene, site: Site | None) -> Book | None:
    """The first book of sealed sources at a site."""
    books = [] if site is None else scene.world.books_of(site.id)
    return next((book for book in books if book.goods in SOURCES), None)


def _calm(scene: Scene, *trades: str) -> Site | None:
    """A site whose unit has no trips, or few: scenarios of transport need the others."""
    trips = Counter(
        scene.world.sites[end].unit for trip in scene.world.trips for end in (trip.shipper, trip.consignee)
    )
    free = [
        trips[site.unit] for site in scene.world.sites.values()
        if site.unit not in scene.world.taken and scene.world.owner(site.id).trade_key in trades
    ]  # fmt: skip
    fewest = min(free, default=0)
    return scene.site(*trades, fits=lambda site: trips[site.unit] <= fewest, quiet=False)
