"""Scenarios of authorisation: licences, goods lists and permits (A1, A2, A3, A5), guilty and innocent.

Law kept: a look-alike is the same act with its papers in order.
"""

from __future__ import annotations

import msgspec

from events.registry import PermitEntry
from events.report import Counterparty
from events.time import DAY, HOUR, MINUTE, Instant
from simulator.drafts import Dated, Move, Trip, Unit
from simulator.goods import CATALOGUE, LITRE, counted, needs_permit
from simulator.labels import Label
from simulator.papers import licence
from simulator.scenarios.scene import Scene, allowed, bought, part, with_may
from simulator.settling import capacity

NEAR = 90 * DAY
"""How long before its end a paper has been near it, of which A9 warns."""
_SHOPS = ("implement_shop", "fireworks_shop", "plating_works", "gun_range")


def licence_runs_out(scene: Scene) -> Label | None:
    """A1: the licence ends in the middle of the week, the work goes on."""
    site = scene.site(*_SHOPS) if scene.lasts(3) else None
    if site is None:
        return None
    ends = scene.at(2 + scene.number % 2, "00:00")
    scene.world.licence_ends[site.unit] = ends
    notes = ("许可证到期后继续经营", "goes on working after its licence ended")
    subject = with_may(scene.at_unit(site), "A9")
    return scene.label(["A1"], (ends - NEAR, scene.ends), notes, deed_at=ends, **subject)


def licence_renewed(scene: Scene) -> Label | None:
    """A1, innocent: renewed without a break; the registry learns of it in the evening."""
    site = scene.site(*_SHOPS) if scene.lasts(3) else None
    if site is None:
        return None
    ends = scene.at(2, "00:00")
    unit = scene.world.owner(site.id)
    scene.world.licence_ends[site.unit] = ends
    scene.world.dated.append(Dated(unit=unit.id, entry=licence(unit), valid_from=ends,
                                   entered=scene.at(2, "09:10"), received=scene.at(2, "20:00")))  # fmt: skip
    notes = ("许可证当日续期,登记当晚才到", "licence renewed in time; the registry hears of it in the evening")
    return scene.label(["A1"], (ends - NEAR, ends + DAY), notes, **with_may(scene.at_unit(site), "A9"))


def unlicensed_buyer(scene: Scene) -> Label | None:
    """A1: goods go to a unit whose licence ended before that day (it is its last trip of the week)."""
    world = scene.world
    last: dict[str, Trip] = {}
    for trip in sorted(world.trips, key=lambda trip: trip.depart):
        unit = world.sites[trip.consignee].unit
        lone = unit not in last or scene.day_of(last[unit]) < scene.day_of(trip)
        last[unit] = trip if lone else msgspec.structs.replace(trip, id="")
    chosen = {trip.id for trip in last.values() if trip.id and scene.day_of(trip) >= 2}
    found = scene.trip(lambda trip: trip.id in chosen)
    if found is None:
        return None
    ends = scene.at(scene.day_of(found), "00:00")
    world.licence_ends[world.sites[found.consignee].unit] = ends
    notes = ("售予许可证已过期的单位", "delivered to a unit whose licence had ended")
    subject = scene.on_trip(found)
    subject["also"] += scene.stores_of(world.sites[found.consignee].unit)
    return scene.label(["A1"], (ends - NEAR, scene.ends), notes, deed_at=ends, **with_may(subject, "A9"))


def off_the_list(scene: Scene) -> Label | None:
    """A2: buys and sells goods of its own category that its licence does not list."""
    return _extra_goods(scene, extended=False)


def list_extended(scene: Scene) -> Label | None:
    """A2, innocent: the same, after the licence was extended that morning."""
    return _extra_goods(scene, extended=True)


def _extra_goods(scene: Scene, *, extended: bool) -> Label | None:
    site = scene.site("plating_works", "hospital", "chemical_dealer") if scene.lasts(4) else None
    if site is None:
        return None
    unit = scene.world.owner(site.id)
    unit.lists = True
    held = {line.goods for line in unit.trade.lines}
    same = (code for code, entry in CATALOGUE.items() if entry.category is unit.trade.category)
    goods = next(code for code in same if code not in held and not needs_permit(code))
    book = scene.world.book(site.id, goods)
    base = 2 if counted(goods) else 1_200 * LITRE
    begins = scene.at(2, "09:30")
    book.moves.append(bought(begins, base))
    if not counted(goods):
        for day, clock in ((2, "14:10"), (3, "10:40"), (3, "15:20")):
            book.moves.append(_spent(unit, scene.at(day, clock), base // 6))
    scene.world.dated.append(capacity(scene.world, book, 3 * base))
    if extended:
        entry = msgspec.structs.replace(licence(unit), goods=(*licence(unit).goods, goods))
        scene.world.dated.append(Dated(unit=unit.id, entry=entry, valid_from=scene.at(2, "00:00"),
                                       entered=scene.at(2, "07:10")))  # fmt: skip
    notes = (
        ("当日上午许可证已增项", "the licence was extended to these goods that morning")
        if extended
        else ("经营许可证品种范围以外的品种", "trades goods that its licence does not list")
    )
    return scene.label(["A2"], (begins, scene.at(3, "23:00")), notes, **scene.at_book(book))


def _spent(unit: Unit, at: Instant, base: int) -> Move:
    if "use" in unit.trade.roles:
        return Move(at=at, operation="consume", base=base)
    return Move(at=at, operation="issue", base=base, counterparty=Counterparty(outside="省外用户"))


def double_booked(scene: Scene) -> Label | None:
    """A3: two stores of a unit buy under one permit within minutes, together more than it allows."""
    return _two_stores(scene, 0.7)


def permit_used_up(scene: Scene) -> Label | None:
    """A3, innocent: two stores use up one permit, to the last item."""
    return _two_stores(scene, 0.5)


def _two_stores(scene: Scene, share: float) -> Label | None:
    site = scene.site("blasting", "explosives_dealer") if scene.lasts(2) else None
    if site is None:
        return None
    first, second = (scene.world.book(name, "DETONATOR") for name in scene.world.owner(site.id).sites)
    most = min(first.capacity, second.capacity) // 10 * 2
    name = f"P-{site.unit}-Z{scene.number}"
    day = min(1 + scene.number, scene.world.config.days - 1)
    at = scene.at(day, "10:05")
    _permit(scene, site.unit, PermitEntry(permit=name, purpose="purchase", goods=(allowed("DETONATOR", most),)),
            (scene.at(0, "00:00"), scene.at(30, "00:00")))  # fmt: skip
    first.moves.append(bought(at, int(most * share), name))
    second.moves.append(bought(at + 3 * MINUTE, int(most * share), name))
    over = share > 0.5
    notes = (
        ("一证两库同时购买,合计超量", "two stores buy under one permit at once, over its quantity")
        if over
        else ("一证两库购买,恰好用完", "two stores use up one permit exactly")
    )
    return scene.label(["A3"], (at, at + HOUR), notes, permit=name, also=(f"site:{second.site}",),
                       quantity=2 * int(most * share), may=("E7",), unit=site.unit, site=first.site,
                       goods="DETONATOR", area=site.area)  # fmt: skip


def expired_permit(scene: Scene) -> Label | None:
    """A5: bought under a permit that ended the night before."""
    return _ended(scene, renewed=False)


def permit_renewed(scene: Scene) -> Label | None:
    """A5, innocent: the permit was renewed from that midnight on."""
    return _ended(scene, renewed=True)


def _ended(scene: Scene, *, renewed: bool) -> Label | None:
    site = scene.site("blasting", "plating_works", "chemical_dealer") if scene.lasts(3) else None
    book = scene.book(site, needs_permit) if site else None
    if site is None or book is None:
        return None
    name, base = f"P-{site.unit}-E{scene.number}", part(book, 0.08, book.capacity)
    entry = PermitEntry(permit=name, purpose="purchase", goods=(allowed(book.goods, 3 * base),))
    ends = scene.at(2, "00:00")
    _permit(scene, site.unit, entry, (scene.at(-60, "00:00"), ends))
    if renewed:
        scene.world.dated.append(Dated(unit=site.unit, entry=entry, valid_from=ends,
                                       valid_to=scene.at(60, "00:00"), entered=scene.at(2, "08:05")))  # fmt: skip
    at = scene.at(2, "10:30")
    book.moves.append(bought(at, base, name))
    notes = (
        ("许可证已续期", "the permit was renewed in time")
        if renewed
        else ("凭已过期的许可证购买", "bought under an expired permit")
    )
    subject = scene.at_book(book)
    subject["permit"], subject["quantity"] = name, base
    return scene.label(["A5"], (at, at + HOUR), notes, **subject)


def permit_reused(scene: Scene) -> Label | None:
    """A5: one one-time transport permit on two consignments of a shipper."""
    world = scene.world
    by_unit: dict[tuple[str, str], list[Trip]] = {}
    for trip in world.trips:
        free = world.taken.isdisjoint(world.sites[end].unit for end in (trip.shipper, trip.consignee))
        if free and needs_permit(trip.goods):
            by_unit.setdefault((world.sites[trip.shipper].unit, trip.goods), []).append(trip)
    twice = {trip.id: group for group in by_unit.values() if len(group) > 1 for trip in group}
    first = scene.trip(lambda trip: trip.id in twice)
    if first is None:
        return None
    second = next(trip for trip in twice[first.id] if trip is not first)
    scene.take(second)
    name = f"T-{first.id}-R"
    goods = (allowed(first.goods, 2 * (first.base + second.base)),)
    paper = PermitEntry(permit=name, purpose="transport", one_time=True, goods=goods)
    shipper = world.sites[first.shipper].unit
    _permit(scene, shipper, paper, (scene.at(-1, "00:00"), scene.at(20, "00:00")))
    for trip in (first, second):
        trip.permit = trip.taken.permit = name
    span = (min(first.filed, second.filed), max(first.taken.at, second.taken.at))
    subject = scene.on_trip(first)
    ends = (first.consignee, second.consignee)
    also = tuple(f"site:{site}" for site in ends) + tuple(f"unit:{world.sites[site].unit}" for site in ends)
    also += (f"consignment:{second.id}",)
    notes = ("一次性运输许可证用于两次托运", "a one-time transport permit used on two consignments")
    subject["permit"], subject["also"] = name, also
    return scene.label(["A5"], span, notes, **subject)


def permit_on_both_ends(scene: Scene) -> Label | None:
    """A5, innocent: a one-time permit named by plan and receipt of one and the same consignment."""
    trip = scene.trip(lambda trip: trip.permit is not None and counted(trip.goods))
    if trip is None or trip.permit is None:
        return None
    trip.taken.permit = trip.permit
    notes = ("同一托运单的两端使用同一许可证", "both ends of one consignment name its permit")
    subject = scene.on_trip(trip)
    subject["permit"] = trip.permit
    return scene.label(["A5"], (trip.filed, trip.taken.at), notes, **subject)


def _permit(scene: Scene, unit: str, entry: PermitEntry, span: tuple[Instant, Instant]) -> None:
    scene.world.dated.append(Dated(unit=unit, entry=entry, valid_from=span[0], valid_to=span[1]))
