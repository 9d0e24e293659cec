"""Scenarios of buying and selling: sizes, frequency, combinations, uses, new partners (E1 to E5), guilty and
innocent.

Law kept: who plays here is founded for it, with every paper that the rest of the province has; a look-alike buys
and sells as much as its trade does, says what it is for, or knows its partners.
"""

from __future__ import annotations

from math import cos, radians

from events.report import Counterparty
from events.time import DAY, HOUR, MINUTE, Instant, civil_day, moment
from simulator.config import Area
from simulator.drafts import Book, Move, Site, Unit
from simulator.goods import KG, LITRE
from simulator.labels import Label
from simulator.roads import metres
from simulator.scenarios.scene import Scene, bought
from simulator.settling import open_book
from simulator.trades import TRADES
from simulator.work import labour_at

_SUPPLIER = Counterparty(outside="浙江省外生产企业")
_MONTHS_DAYS = 150
"""Days in which there are three whole months before the one that ends before the scene."""
_NEAR_DAYS = 12
"""Days of its month that have begun at most, so that the halves lie within thirty days and in ordinary months."""


def hoarding_month(scene: Scene) -> Label | None:
    """E1: a new shop buys within a week what its peers buy in half a year."""
    return _two_purchases(
        scene, (2_500, 3_500), ("新店一周购入同行半年的量", "a new shop buys half a year's worth in a week")
    )


def split_month(scene: Scene) -> Label | None:
    """E1: most of a month's worth bought as one month ends, and as much again as the next begins."""
    notes = ("一批货分在月末与次月初两次购入", "one lot bought in two halves, on either side of a month's end")
    return _at_months_end(scene, halves=2, notes=notes)


def restocked(scene: Scene) -> Label | None:
    """E1, innocent: somewhat more after the month's end, in deliveries like any other."""
    notes = ("次月初分五次补货", "stocked up in five deliveries after the month's end")
    return _at_months_end(scene, halves=1, notes=notes)


def _at_months_end(scene: Scene, *, halves: int, notes: tuple[str, str]) -> Label | None:
    """A shop that worked for five months like any other, and then what is beside that."""
    since = moment(scene.at(0, "12:00")).day
    if not scene.lasts(6) or since > _NEAR_DAYS:
        return None
    site = _founded(scene, "implement_shop", days_before=_MONTHS_DAYS)
    book = scene.world.book(site.id, "DAGGER")
    labour_at(scene.world, site)
    came = sum(move.base for move in book.moves if move.operation == "receive" and move.at < scene.at(0, "00:00"))
    usual = came * 30 // _MONTHS_DAYS
    if halves == 2:
        book.moves += [bought(scene.at(day, "11:20"), usual * 83 // 100) for day in (-since, 1)]
    else:
        book.moves += [bought(scene.at(day, "11:20"), usual // 20) for day in range(1, 6)]
    for other in scene.world.books_of(site.id):
        if other is not book:
            open_book(scene.world, other, None)
    return _labelled(scene, "E1", book, (scene.at(1, "11:00"), scene.at(1, "12:00")), notes)


def large_delivery(scene: Scene) -> Label | None:
    """E1, innocent: a new shop is stocked up by two deliveries, as much as a month of its peers."""
    return _two_purchases(scene, (180, 220), ("新店开业备货", "a new shop stocks up to open"))


def _two_purchases(scene: Scene, items: tuple[int, int], notes: tuple[str, str]) -> Label | None:
    if not scene.lasts(4):
        return None
    site = _founded(scene, "implement_shop")
    book = scene.world.book(site.id, "DAGGER")
    book.moves += [bought(scene.at(1, "10:05"), items[0]), bought(scene.at(3, "14:20"), items[1])]
    for day in range(1, 5):
        book.moves.append(_sold(scene.at(day, "15:40"), 2, Counterparty(outside="散户登记购买")))
    return _labelled(scene, "E1", book, (scene.at(1, "10:00"), scene.at(3, "15:00")), notes)


def split_orders(scene: Scene) -> Label | None:
    """E2: five orders in five days, each just under the level that somebody else must approve."""
    notes = ("连日多笔恰低于审批限值的订购", "order after order just under the level for approval")
    return _daily_orders(scene, [4_900 * LITRE - 40 * LITRE * nth for nth in range(5)], notes)


def standing_order(scene: Scene) -> Label | None:
    """E2, innocent: the same order every day, far under any level."""
    notes = ("每日一笔等量的固定订购", "the same standing order every day")
    return _daily_orders(scene, [600 * LITRE] * 5, notes)


def ordering_rush(scene: Scene) -> Label | None:
    """E2: fifty small orders in two days, at a shop whose peers order some ten times a week."""
    if not scene.lasts(4):
        return None
    site = _founded(scene, "implement_shop")
    book = scene.world.book(site.id, "SPRING-KNIFE")
    for nth in range(50):
        book.moves.append(bought(scene.at(2 + nth // 25, "09:00") + (nth % 25) * 17 * MINUTE, 2))
    notes = ("两日内五十笔零散购入", "fifty small orders within two days")
    return _labelled(scene, "E2", book, (scene.at(2, "09:00"), scene.at(3, "18:00")), notes)


def _daily_orders(scene: Scene, sizes: list[int], notes: tuple[str, str]) -> Label | None:
    if not scene.lasts(5):
        return None
    site = _founded(scene, "chemical_dealer")
    book = scene.world.book(site.id, "ETHER")
    book.moves += [bought(scene.at(day, "10:15"), base) for day, base in enumerate(sizes)]
    return _labelled(scene, "E2", book, (scene.at(0, "10:00"), scene.at(4, "11:00")), notes)


def precursor_set(scene: Scene) -> Label | None:
    """E3: a user of one acid buys hydrogen peroxide and acetone within three days."""
    return _peroxide_and_acetone(
        scene, lists=False, notes=("使用单位购齐前体组合", "a user buys a whole set of precursors")
    )


def school_laboratory(scene: Scene) -> Label | None:
    """E3, innocent: a school laboratory whose licence lists each of them buys the same."""
    return _peroxide_and_acetone(
        scene, lists=True, notes=("许可逐一列明的学校实验室", "a school laboratory licensed for each")
    )


def _peroxide_and_acetone(scene: Scene, *, lists: bool, notes: tuple[str, str]) -> Label | None:
    if not scene.lasts(5):
        return None
    site = _founded(scene, "laboratory", lists=lists)
    books = [scene.world.book(site.id, goods) for goods in ("H2O2", "ACETONE")]
    for book, day, base in zip(books, (1, 3), (30 * KG, 30 * LITRE), strict=True):
        book.moves.append(bought(scene.at(day, "10:30"), base))
        book.moves.append(Move(at=scene.at(day + 1, "14:30"), operation="consume", base=base // 10))
        open_book(scene.world, book, None)
    span = (scene.at(1, "10:00"), scene.at(3, "11:00"))
    return scene.label(["E3"], span, notes, **scene.at_unit(site))


def doubtful_buyers(scene: Scene) -> Label | None:
    """E4: nitric acid sold to people who would not say who they are, "for myself", against cash."""
    notes = ("售予拒不出示证明、用途可疑的购买方", "sold to buyers who would not say who they are")
    return _sales(scene, ("自用", "", "自用"), identified=False, notes=notes)


def stated_uses(scene: Scene) -> Label | None:
    """E4, innocent: the same sales, for uses that one knows, to buyers who showed their papers."""
    notes = ("用途清楚、证明齐全的销售", "the same sales, for credible uses and with papers shown")
    return _sales(scene, ("电镀车间酸洗", "教学实验", "表面处理"), identified=True, notes=notes)


def _sales(scene: Scene, uses: tuple[str, str, str], *, identified: bool, notes: tuple[str, str]) -> Label | None:
    if not scene.lasts(4):
        return None
    site = _founded(scene, "chemical_dealer")
    book = scene.world.book(site.id, "HNO3")
    for nth, use in enumerate(uses):
        sold = _sold(scene.at(1 + nth, "11:10"), 20 * KG, Counterparty(outside=f"上门客户{nth}"))
        sold.use, sold.identified = use or None, identified
        book.moves.append(sold)
    return _labelled(scene, "E4", book, (scene.at(1, "11:00"), scene.at(3, "12:00")), notes)


def far_stranger(scene: Scene) -> Label | None:
    """E5: a dealer who always sold to its neighbours sells to somebody at the other end of the province."""
    return _last_sale(scene, known=False, notes=("首次售予远地生客", "a first sale to a stranger far away"))


def far_partner(scene: Scene) -> Label | None:
    """E5, innocent: a partner of old, as far away."""
    return _last_sale(scene, known=True, notes=("远地的老客户", "a partner of old, as far away"))


def _last_sale(scene: Scene, *, known: bool, notes: tuple[str, str]) -> Label | None:
    """A month of daily sales to neighbours, then one far away; ``known``: to one of the first day."""
    areas = scene.world.config.areas
    pairs = [(here, there) for here in areas for there in areas if _km(here, there) > 280.0]
    if not pairs or not scene.lasts(3):
        return None
    here, there = pairs[int(scene.draw.integers(len(pairs)))]
    site = _founded(scene, "fireworks_wholesale", here=here, days_before=30)
    book = scene.world.book(site.id, "FW-CAKE")
    labour_at(scene.world, site)
    begins = site.first_day * DAY - 8 * HOUR
    for day in range(30):
        party = Counterparty(outside=f"邻近零售店{day % 5}", area=here.code)
        book.moves.append(_sold(begins + day * DAY + 10 * HOUR, 3, party))
    far = Counterparty(outside="远地客商", area=there.code)
    if known:
        book.moves.append(_sold(begins + 9 * HOUR, 3, far))
    at = scene.at(2, "10:40")
    book.moves.append(_sold(at, 6, far))
    for other in scene.world.books_of(site.id):
        if other is not book:
            open_book(scene.world, other, None)
    return _labelled(scene, "E5", book, (at, at + HOUR), notes)


def _km(here: Area, there: Area) -> float:
    return metres((here.lon, here.lat), (there.lon, there.lat)) / 1_000.0


def _sold(at: Instant, base: int, buyer: Counterparty) -> Move:
    return Move(at=at, operation="issue", base=base, counterparty=buyer)


def _labelled(scene: Scene, rule: str, book: Book, span: tuple[Instant, Instant], notes: tuple[str, str]) -> Label:
    """The label of what happened at one book, once the book has its opening and its capacity."""
    open_book(scene.world, book, None)
    subject = scene.at_book(book)
    subject["may"] = ("E1", "E2", "E7") if scene.kind == "diversion" else ()
    return scene.label([rule], span, notes, **subject)


def _founded(
    scene: Scene, trade: str, *, lists: bool = False, here: Area | None = None, days_before: int = 0
) -> Site:
    """A new unit of a trade with one site, in some county of the province."""
    config = scene.world.config
    area = here or config.areas[int(scene.draw.integers(len(config.areas)))]
    nth = next(nth for nth in range(50, 100) if f"U{area.code}{nth}" not in scene.world.units)
    unit = Unit(id=f"U{area.code}{nth}", name=f"{area.name}第{nth}{TRADES[trade].name}", area=area.code,
                trade_key=trade, sites=[f"S{area.code}{nth}A"], vehicles=[], lists=lists)  # fmt: skip
    east = float(scene.draw.uniform(-4.0, 4.0)) / (111.2 * cos(radians(area.lat)))
    site = Site(
        id=unit.sites[0], unit=unit.id, name=f"{unit.name}A库", area=area.code, lon=round(area.lon + east, 6),
        lat=round(area.lat + float(scene.draw.uniform(-4.0, 4.0)) / 111.2, 6),
        first_day=civil_day(config.starts) - days_before, scale=1.0, pace=1.0, bias=0.0, count_minute=18.6 * 60,
    )  # fmt: skip
    scene.world.units[unit.id] = unit
    scene.world.sites[site.id] = site
    scene.world.taken.add(unit.id)
    return site
