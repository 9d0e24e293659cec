"""Scenarios of what a trip carries and where it goes (B8, D7, D8, D10), guilty and innocent.

Law kept: an innocent trip ends where its plan says or where it began, on a vehicle that may carry what it carries.
"""

from __future__ import annotations

from events.quantity import Measure, quantity_of
from events.registry import Category, VehicleEntry
from events.time import DAY, HOUR, MINUTE
from simulator.drafts import Dated, Move, Trip
from simulator.goods import CATALOGUE, counted
from simulator.labels import Label
from simulator.papers import RATED
from simulator.scenarios.scene import Scene, Subject, low, part
from simulator.trips import load_beside


def taken_elsewhere(scene: Scene) -> Label | None:
    """D7: planned for one store of the consignee, taken in at its other one."""
    trip = scene.trip(lambda trip: any(_has_room(scene, trip, site) for site in _stores(scene, trip)))
    if trip is None:
        return None
    book = scene.world.book(trip.consignee, trip.goods)
    book.moves = [move for move in book.moves if move is not trip.taken]
    other = next(site for site in _stores(scene, trip) if _has_room(scene, trip, site))
    scene.world.book(other, trip.goods).moves.append(trip.taken)
    notes = ("运往甲库的货在乙库入库", "planned for one store, taken in at the other")
    subject = scene.on_trip(trip)
    subject["quantity"] = trip.base
    return scene.label(["D7"], (trip.sent.at, trip.taken.at), notes, **subject)


def refused_at_the_gate(scene: Scene) -> Label | None:
    """D7 and B4, innocent: the consignee takes nothing in, and in the evening all of it is back in the store."""
    trip = scene.trip(lambda trip: trip.arrive < scene.at(scene.day_of(trip), "16:00"))
    if trip is None:
        return None
    book = scene.world.book(trip.consignee, trip.goods)
    book.moves = [move for move in book.moves if move is not trip.taken]
    back = Move(at=trip.arrive + 3 * HOUR, operation="return", base=trip.base, consignment=trip.id)
    scene.world.book(trip.shipper, trip.goods).moves.append(back)
    notes = ("收货方拒收，当日退回原库", "refused, and back in the store the same day")
    return scene.label(["D7", "B4", "D10"], (trip.sent.at, back.at), notes, **scene.on_trip(trip))


def overloaded(scene: Scene) -> Label | None:
    """D8: a vehicle rated for less than its plan loads."""
    trip = scene.trip(_weighed)
    if trip is None:
        return None
    _vehicle(scene, trip, rated=round(trip.base * 0.8), also=None)
    notes = ("装载超过核定载质量", "loaded beyond its rated load")
    subject = scene.on_trip(trip)
    subject["quantity"] = trip.base - round(trip.base * 0.8)
    return scene.label(["D8"], (trip.depart, trip.arrive), notes, **subject)


def loaded_to_the_limit(scene: Scene) -> Label | None:
    """D8, innocent: exactly what the vehicle is rated for."""
    trip = scene.trip(_weighed)
    if trip is None:
        return None
    _vehicle(scene, trip, rated=trip.base, also=None)
    notes = ("装载等于核定载质量", "loaded exactly to its rated load")
    return scene.label(["D8"], (trip.depart, trip.arrive), notes, **scene.on_trip(trip))


def unfit_vehicle(scene: Scene) -> Label | None:
    """D10: the vehicle is registered for another category of goods."""
    trip = scene.trip(lambda trip: True)
    if trip is None:
        return None
    _vehicle(scene, trip, rated=None, also=Category.CONTROLLED_IMPLEMENTS)
    notes = ("车辆登记范围不含所运货物", "the vehicle is not registered for what it carries")
    return scene.label(["D10"], (trip.depart, trip.arrive), notes, **scene.on_trip(trip))


def more_than_declared(scene: Scene) -> Label | None:
    """D10: a fifth more is loaded, and received, than the waybill declares."""
    trip = scene.trip(lambda trip: not counted(trip.goods) or trip.base > 4)
    if trip is None:
        return None
    more = part(scene.world.book(trip.shipper, trip.goods), 0.2, trip.base)
    trip.sent.base, trip.taken.base = trip.sent.base + more, trip.taken.base + more
    notes = ("实装多于运单所列", "more is loaded than the waybill declares")
    subject = scene.on_trip(trip)
    subject["quantity"], subject["may"] = more, ("A3",)
    return scene.label(["D10"], (trip.sent.at, trip.taken.at), notes, **subject)


def filled_to_the_scale(scene: Scene) -> Label | None:
    """D10, innocent: bulk goods, three in a thousand more by the scale than the round figure of the waybill."""
    trip = scene.trip(lambda trip: not counted(trip.goods))
    if trip is None:
        return None
    more = round(trip.base * 0.003 / 1000) * 1000
    trip.sent.base, trip.taken.base = trip.sent.base + more, trip.taken.base + more
    notes = ("散装实装与运单取整之差", "bulk goods a little over the waybill's round figure")
    subject = scene.on_trip(trip)
    subject["may"] = ("A3",)
    return scene.label(["D10"], (trip.sent.at, trip.taken.at), notes, **subject)


def one_vehicle(scene: Scene) -> Label | None:
    """B8: detonators and explosive are sent on one vehicle."""
    trip = _with_beside(scene, ("EMULSION", "DETONATOR"))
    if trip is None:
        return None
    notes = ("雷管与炸药同车运输", "detonators and explosive on one vehicle")
    return scene.label(["B8"], (trip.sent.at, trip.taken.at), notes, **_all_on(scene, trip))


def both_alike(scene: Scene) -> Label | None:
    """B8, innocent: two goods on one vehicle, cast boosters and explosive, which are of one class."""
    trip = _with_beside(scene, ("EMULSION", "BOOSTER"))
    if trip is None:
        return None
    notes = ("同类炸药与起爆具同车运输", "explosive and boosters of one class on one vehicle")
    return scene.label(["B8"], (trip.sent.at, trip.taken.at), notes, **_all_on(scene, trip))


def _with_beside(scene: Scene, pair: tuple[str, str]) -> Trip | None:
    """A trip with one of two goods, and some of the other beside it, as far as both stores have room and stock."""

    def beside(trip: Trip) -> tuple[str, int]:
        goods = pair[trip.goods == pair[0]]
        given, taken = scene.world.book(trip.shipper, goods), scene.world.book(trip.consignee, goods)
        return goods, part(taken, 0.02, min(taken.capacity, low(given, trip.sent.at)))

    trip = scene.trip(lambda trip: trip.goods in pair and beside(trip)[1] > 0)
    if trip is not None:
        load_beside(scene.world, trip, *beside(trip))
    return trip


def _all_on(scene: Scene, trip: Trip) -> Subject:
    """A trip whatever it carries."""
    subject = scene.on_trip(trip)
    del subject["goods"]
    return subject


def _stores(scene: Scene, trip: Trip) -> list[str]:
    """The sites of a trip's consignee."""
    return scene.world.owner(trip.consignee).sites


def _has_room(scene: Scene, trip: Trip, site: str) -> bool:
    """Whether another store than the trip's takes the same goods, and has room for what it carries."""
    book = scene.world.books.get((site, trip.goods))
    return site != trip.consignee and book is not None and max(book.running()[1]) + trip.base <= book.capacity


def _weighed(trip: Trip) -> bool:
    return CATALOGUE[trip.goods].measure is Measure.MASS


def _vehicle(scene: Scene, trip: Trip, *, rated: int | None, also: Category | None) -> None:
    """What is registered of a trip's vehicle from shortly before until shortly after it departs."""
    unit = scene.world.owner(trip.shipper)
    entry = VehicleEntry(
        vehicle=trip.vehicle,
        rated=quantity_of(RATED if rated is None else rated, Measure.MASS),
        categories=(unit.trade.category if also is None else also,),
    )
    day = trip.depart - (trip.depart + 8 * HOUR) % DAY
    since, until = max(day, trip.depart - 5 * MINUTE), trip.depart + 5 * MINUTE
    scene.world.dated.append(Dated(unit=unit.id, entry=entry, valid_from=since, valid_to=until))
