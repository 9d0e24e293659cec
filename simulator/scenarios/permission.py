"""Scenarios of permission: quotas, people, buyers, the chain, expiring papers, payment (A4, A6–A11).

Law kept: a look-alike is the same act where it is allowed, or with its papers in order.
"""

from __future__ import annotations

import msgspec

from events.quantity import quantity_of
from events.registry import PersonEntry, QuotaEntry
from events.report import Counterparty
from events.time import DAY, HOUR, Instant
from simulator.drafts import Book, Dated, Move, Site
from simulator.goods import CATALOGUE
from simulator.labels import Label
from simulator.papers import licence
from simulator.scenarios.authority import NEAR
from simulator.scenarios.scene import Scene, with_may

_SMALL = ("implement_shop", "fireworks_shop", "gun_range", "guard_depot", "testing", "hospital")


def over_the_quota(scene: Scene) -> Label | None:
    """A4: a blasting company's purchases of the year pass its quota in the middle of the week."""
    return _quota(scene, raised=False)


def quota_raised(scene: Scene) -> Label | None:
    """A4, innocent: the quota was raised that morning."""
    return _quota(scene, raised=True)


def _quota(scene: Scene, *, raised: bool) -> Label | None:
    site = scene.site("blasting", quiet=False) if scene.lasts(4) else None
    if site is None:
        return None
    world, at = scene.world, scene.at(2, "07:30")
    paper = next(one for one in world.dated if one.unit == site.unit and isinstance(one.entry, QuotaEntry))
    assert isinstance(paper.entry, QuotaEntry)
    goods = paper.entry.goods
    books = [world.book(name, goods) for name in world.owner(site.id).sites]
    used = sum(move.base for book in books for move in book.moves if move.operation == "receive" and move.at < at)
    low = msgspec.structs.replace(paper.entry, quantity=quantity_of(max(used, 1), CATALOGUE[goods].measure))
    if raised:
        world.dated.append(Dated(unit=site.unit, entry=paper.entry, valid_from=scene.at(2, "00:00"),
                                 valid_to=paper.valid_to, entered=scene.at(1, "16:00")))  # fmt: skip
    paper.entry = low
    notes = (
        ("年度限额已于当日调增", "the year's quota was raised that day")
        if raised
        else ("购买量超过年度限额", "buys more than its quota of the year")
    )
    subject = scene.at_unit(site)
    subject["goods"] = goods
    return scene.label(["A4"], (at, scene.ends), notes, **subject)


def certificate_ran_out(scene: Scene) -> Label | None:
    """A6: a custodian whose certificate ended goes on signing for cyanide."""
    return _custodian(scene, renewed=False)


def certificate_renewed(scene: Scene) -> Label | None:
    """A6, innocent: renewed without a break; the registry learns of it in the evening."""
    return _custodian(scene, renewed=True)


def _custodian(scene: Scene, *, renewed: bool) -> Label | None:
    site = scene.site("plating_works", "chlorine_works", quiet=False) if scene.lasts(3) else None
    if site is None:
        return None
    person, ends = f"{site.unit}-K1", scene.at(2, "00:00")
    _certificate_ends(scene, site.unit, PersonEntry(person=person, role="custodian"), ends, renewed=renewed)
    subject = with_may(scene.at_unit(site), "A9")
    return scene.label(["A6"], (ends - NEAR, scene.ends), _notes(renewed=renewed), deed_at=ends, **subject)


def driver_unqualified(scene: Scene) -> Label | None:
    """A6: a driver whose certificate ended the night before drives on."""
    return _driver(scene, renewed=False)


def driver_renewed(scene: Scene) -> Label | None:
    """A6, innocent: the same, renewed in time."""
    return _driver(scene, renewed=True)


def _driver(scene: Scene, *, renewed: bool) -> Label | None:
    trip = scene.trip(lambda trip: scene.day_of(trip) >= 2 and trip.planned)
    if trip is None:
        return None
    unit, ends = scene.world.sites[trip.shipper].unit, scene.at(scene.day_of(trip), "00:00")
    entry = PersonEntry(person=f"{unit}-D{trip.vehicle[-1]}", role="driver")
    _certificate_ends(scene, unit, entry, ends, renewed=renewed)
    subject = scene.on_trip(trip)
    subject["also"] += scene.stores_of(unit)
    span, subject = (ends - NEAR, scene.ends), with_may(subject, "A9")
    return scene.label(["A6"], span, _notes(renewed=renewed), deed_at=ends, **subject)


def _certificate_ends(scene: Scene, unit: str, entry: PersonEntry, ends: Instant, *, renewed: bool) -> None:
    scene.world.person_ends[entry.person] = ends
    if renewed:
        scene.world.dated.append(Dated(unit=unit, entry=entry, valid_from=ends, entered=ends + 9 * HOUR,
                                       received=ends + 20 * HOUR))  # fmt: skip


def _notes(*, renewed: bool) -> tuple[str, str]:
    if renewed:
        return (
            "资格证当日续期,登记当晚才到",
            "certificate renewed in time; the registry hears of it in the evening",
        )
    return ("资格证到期后继续作业", "goes on working after the certificate ended")


def sold_to_a_person(scene: Scene) -> Label | None:
    """A7: an explosive precursor goes to a natural person."""
    notes = ("易制爆品种售予个人", "an explosive precursor sold to a natural person")
    return _to_a_person(scene, ("HNO3", "H2O2"), notes)


def acid_to_a_person(scene: Scene) -> Label | None:
    """A7, innocent: hydrochloric acid and acetone may be sold to natural persons as far as this rule goes."""
    notes = ("非剧毒、非易制爆品种售予个人", "goods that are not barred, sold to a natural person")
    return _to_a_person(scene, ("HCL", "ACETONE"), notes)


def _to_a_person(scene: Scene, goods: tuple[str, ...], notes: tuple[str, str]) -> Label | None:
    trades = ("chemical_dealer", "chemical_plant", "chlorine_works")
    site = scene.site(*trades, quiet=False) if scene.lasts(3) else None
    books = scene.world.books_of(site.id) if site else ()
    sales = [sale for book in books if book.goods in goods for sale in _moves(scene, book, "issue")]
    if site is None or not sales:
        return None
    sale = min(sales, key=lambda sale: sale.at)
    sale.counterparty = Counterparty(natural_person=True)
    return scene.label(["A7"], (sale.at, sale.at + HOUR), notes, **with_may(scene.at_unit(site), "E4", "E7"))


def past_the_wholesaler(scene: Scene) -> Label | None:
    """A8: a fireworks shop supplies another shop."""
    seller = scene.site("fireworks_shop") if scene.lasts(3) else None
    buyer = scene.site("fireworks_shop") if seller else None
    if seller is None or buyer is None:
        return None
    at = scene.at(2, "11:20")
    _handed(scene, (seller, at, "issue"), (buyer, at + HOUR, "receive"))
    subject = scene.at_unit(seller)
    subject["also"] += (f"unit:{buyer.unit}", *scene.stores_of(buyer.unit))
    notes = ("零售店之间调货", "a retailer buys from another retailer")
    return scene.label(["A8"], (at, at + HOUR), notes, **with_may(subject, "E5", "E7"))


def sent_back_up(scene: Scene) -> Label | None:
    """A8, innocent: a shop sends some cakes back to a wholesaler."""
    shop = scene.site("fireworks_shop", quiet=False) if scene.lasts(3) else None
    wholesaler = scene.site("fireworks_wholesale", quiet=False) if shop else None
    if shop is None or wholesaler is None:
        return None
    at = scene.at(2, "11:40")
    _handed(scene, (shop, at, "issue"), (wholesaler, at + 2 * HOUR, "return"))
    subject = scene.at_unit(shop)
    subject["also"] += (f"unit:{wholesaler.unit}", *scene.stores_of(wholesaler.unit))
    notes = ("零售店向批发企业退货", "a shop sends goods back to its wholesaler")
    return scene.label(["A8"], (at, at + 2 * HOUR), notes, **with_may(subject, "E5", "E7"))


def _handed(scene: Scene, giver: tuple[Site, Instant, str], taker: tuple[Site, Instant, str]) -> None:
    """Some cakes from one site to another, as both report it."""
    for (site, at, operation), (other, _, _) in ((giver, taker), (taker, giver)):
        move = Move(at=at, operation="issue", base=2, counterparty=Counterparty(unit=other.unit, site=other.id))
        scene.world.book(site.id, "FW-CAKE").moves.append(msgspec.structs.replace(move, operation=operation))


def licence_nears_its_end(scene: Scene) -> Label | None:
    """A9: ninety days before a licence ends nobody has renewed it."""
    return _nears(scene, renewed=False)


def licence_renewed_early(scene: Scene) -> Label | None:
    """A9, innocent: it was renewed the day before."""
    return _nears(scene, renewed=True)


def _nears(scene: Scene, *, renewed: bool) -> Label | None:
    site = scene.site(*_SMALL, quiet=False) if scene.lasts(3) else None
    if site is None:
        return None
    since, unit = scene.at(2, "00:00"), scene.world.owner(site.id)
    ends = since + NEAR
    scene.world.licence_ends[site.unit] = ends
    if renewed:
        scene.world.dated.append(Dated(unit=unit.id, entry=licence(unit), valid_from=ends,
                                       valid_to=ends + 3 * 365 * DAY, entered=scene.at(1, "10:00")))  # fmt: skip
    notes = (
        ("到期前已续期", "renewed before it comes to that")
        if renewed
        else ("许可证九十日内到期未续", "a licence that ends in ninety days and is not renewed")
    )
    return scene.label(["A9"], (since, scene.ends), notes, **with_may(scene.at_unit(site), "A1"))


def signed_by_one(scene: Scene) -> Label | None:
    """A10: highly toxic goods are taken out on one signature."""
    notes = ("剧毒品单人收发", "highly toxic goods handled by one person alone")
    return _one_signature(scene, ("NACN", "CHLORINE"), notes)


def acid_signed_by_one(scene: Scene) -> Label | None:
    """A10, innocent: acids need no second signature."""
    return _one_signature(scene, ("H2SO4", "HCL"), ("非剧毒品单人收发", "other chemicals handled by one person"))


def _one_signature(scene: Scene, goods: tuple[str, ...], notes: tuple[str, str]) -> Label | None:
    site = scene.site("plating_works", "chlorine_works", quiet=False) if scene.lasts(3) else None
    books = scene.world.books_of(site.id) if site else ()
    taken = [move for book in books if book.goods in goods for move in _moves(scene, book, "consume", "issue")]
    if site is None or not taken:
        return None
    move = min(taken, key=lambda move: move.at)
    move.custodians = (f"{site.unit}-K1",)
    return scene.label(["A10"], (move.at, move.at + HOUR), notes, **scene.at_unit(site))


def paid_in_cash(scene: Scene) -> Label | None:
    """A11: boosters are paid for in cash."""
    site = scene.site("explosives_dealer", "explosives_maker", "blasting", quiet=False) if scene.lasts(3) else None
    found = [
        move
        for book in (scene.world.books_of(site.id) if site else ())
        for move in _moves(scene, book, "receive", "issue")
    ]
    if site is None or not found:
        return None
    move = min(found, key=lambda move: move.at)
    move.payment = "cash"
    notes = ("民爆物品现金交易", "civil explosives paid for in cash")
    return scene.label(["A11"], (move.at, move.at + HOUR), notes, **with_may(scene.at_unit(site), "E4"))


def cash_at_the_shop(scene: Scene) -> Label | None:
    """A11, innocent: other goods are sold over the counter for cash."""
    site = scene.site("fireworks_shop", "implement_shop", quiet=False) if scene.lasts(3) else None
    sales = (
        [sale for book in scene.world.books_of(site.id) for sale in _moves(scene, book, "issue")] if site else []
    )
    if site is None or not sales:
        return None
    for sale in sales[:5]:
        sale.payment = "cash"
    notes = ("零售收取现金", "sold over the counter for cash")
    return scene.label(["A11"], (sales[0].at, scene.ends), notes, **with_may(scene.at_unit(site), "E4"))


def _moves(scene: Scene, book: Book, *operations: str) -> list[Move]:
    """A book's dealings with outsiders (or its own use) from the second day on, in order."""
    begins = scene.at(1, "00:00")
    return [
        move
        for move in book.in_order()
        if move.operation in operations
        and move.at >= begins
        and (move.operation == "consume" or (move.counterparty is not None and move.consignment is None))
        and move.shift is None
    ]
