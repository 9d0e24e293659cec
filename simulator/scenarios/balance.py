"""Scenarios of quantity: thefts, overdrawn and overfull books, slow skimming (B1, B2, B6, B12).

Law kept: a theft leaves the book alone and takes the goods; an innocent mistake is healed by its own day.
"""

from __future__ import annotations

from events.report import Counterparty
from events.time import DAY, MINUTE
from simulator.counting import GAUGE_RANDOM, GAUGE_SYSTEMATIC
from simulator.drafts import Book, Dated, Move, Site
from simulator.goods import counted, grain
from simulator.labels import Label
from simulator.scenarios.scene import Scene, bought, low, part
from simulator.settling import capacity

_ITEM_HOLDERS = ("blasting", "guard_depot", "implement_shop", "fireworks_shop", "gun_range", "explosives_dealer")
_TANK_HOLDERS = ("chemical_dealer", "plating_works", "chemical_plant", "explosives_maker")
_OPEN_TRADE = ("implement_shop", "fireworks_shop", "fireworks_wholesale")
_SKIMMED_DAYS = 35


def theft_of_items(scene: Scene) -> Label | None:
    """B1: a few items go at night; every count from then on is short."""
    site = scene.site(*_ITEM_HOLDERS, quiet=False)
    return _theft(scene, site, scene.book(site) if site else None, 0.06)


def theft_from_tank(scene: Scene) -> Label | None:
    """B1: a share of the bulk far beyond what gauges err by goes at night."""
    site = scene.site(*_TANK_HOLDERS, quiet=False, fits=_counts_daily)
    return _theft(scene, site, scene.book(site, _weighed) if site else None, 0.12)


def _theft(scene: Scene, site: Site | None, book: Book | None, share: float) -> Label | None:
    if site is None or book is None:
        return None
    # A one-day province opens its books that morning: its thief comes at noon.
    at = scene.at(2 + scene.number % 3, "02:20") if scene.lasts(5) else scene.at(0, "12:20")
    base = part(book, share, book.balance(at))
    if base >= low(book, at):
        return None
    book.stolen.append((at, base))
    notes = ("夜间被盗,台账未动", "stolen at night, the book untouched")
    subject = scene.at_book(book)
    subject["quantity"], subject["may"] = base, ("B10", "B11", "B12", "B13")
    return scene.label(["B1"], (at, scene.ends), notes, **subject)


def mistyped_issue(scene: Scene) -> Label | None:
    """B1 and B2, innocent: an issue typed ten times too large, corrected the same evening."""
    site = scene.site(*_OPEN_TRADE, quiet=False) if scene.lasts(2) else None
    book = scene.book(site) if site else None
    if site is None or book is None:
        return None
    since = scene.at(1, "00:00")
    move = next((m for m in book.in_order() if m.operation == "issue" and m.at > since and _outside(m)), None)
    if move is None:
        return None
    move.typo, move.received = move.base * 10 + book.capacity, move.at + 3 * MINUTE
    move.mended = scene.at((move.at - scene.at(0, "00:00")) // DAY, "21:40")
    notes = ("出库数量误录,当晚已更正", "an issue mistyped, corrected the same evening")
    subject = scene.at_book(book)
    subject["may"] = ("E7",)
    return scene.label(["B1", "B2"], (move.at, move.mended), notes, **subject)


def slow_issue_report(scene: Scene) -> Label | None:
    """B1, innocent: the count comes before the upload of the day's last issues."""
    site = scene.site("implement_shop", "hospital", "gun_range", "fireworks_shop", quiet=False)
    book = scene.book(site, lambda _: True) if site else None
    if site is None or book is None:
        return None
    day = min(2, scene.world.config.days - 1)
    span = (scene.at(day, "14:00"), scene.at(day, "19:00"))
    for move in book.moves:
        if span[0] <= move.at <= span[1]:
            move.received = scene.at(day, "23:05") + (move.at - span[0]) // 100
    notes = ("当日下午流向深夜才上传", "the afternoon's flows uploaded late that night")
    return scene.label(["B1", "B2", "C1"], span, notes, **scene.at_book(book))


def overdrawn(scene: Scene) -> Label | None:
    """B2: more is sold than the book ever held: goods that never came in."""
    site = scene.site(*_OPEN_TRADE)
    book = scene.book(site) if site else None
    if site is None or book is None:
        return None
    at = scene.at(min(3, scene.world.config.days - 1), "15:00")
    base = book.balance(at) + part(book, 0.3, book.balance(at))
    book.moves.append(_sold(at, base))
    notes = ("售出多于账存,来源不明", "sold more than the book ever held")
    subject = scene.at_book(book)
    subject["quantity"], subject["may"] = base, ("B1", "B11", "B12", "E7")
    return scene.label(["B2"], (at, scene.ends), notes, **subject)


def receipt_reported_after_issue(scene: Scene) -> Label | None:
    """B2, innocent: goods came before they went, but their report came after."""
    site = scene.site(*_OPEN_TRADE)
    book = scene.book(site) if site else None
    if site is None or book is None:
        return None
    day = min(1, scene.world.config.days - 1)
    # More goes out than was there before the receipt; a delivery an hour later puts the stock back to where
    # the week's work expects it. In truth the book never falls below half of what the late receipt brought.
    came = part(book, 0.1, book.capacity)
    gone = low(book, scene.at(day, "10:01"), scene.at(day, "11:02")) + came // 2
    if gone <= came:
        return None
    book.moves.append(bought(scene.at(day, "09:01"), came))
    book.moves[-1].received = scene.at(day, "16:30")
    book.moves += [_sold(scene.at(day, "10:01"), gone), bought(scene.at(day, "11:01"), gone - came)]
    notes = ("入库单晚于出库单上传,同日到齐", "the receipt uploaded after the issue, both the same day")
    subject = scene.at_book(book)
    subject["may"] = ("E7",)
    return scene.label(["B2"], (scene.at(day, "09:01"), scene.at(day, "16:30")), notes, **subject)


def overfull(scene: Scene) -> Label | None:
    """B6: a delivery for which the store has no room."""
    return _delivery_too_large(scene, raised=False)


def capacity_raised(scene: Scene) -> Label | None:
    """B6, innocent: the same, after the limit was raised that morning."""
    return _delivery_too_large(scene, raised=True)


def _delivery_too_large(scene: Scene, *, raised: bool) -> Label | None:
    site = scene.site(*_OPEN_TRADE)
    book = scene.book(site) if site else None
    if site is None or book is None:
        return None
    day = min(4, scene.world.config.days - 1)
    at = scene.at(day, "10:20")
    base = book.capacity - book.balance(at) + part(book, 0.15, book.capacity)
    book.moves.append(bought(at, base))
    if raised:
        paper = capacity(scene.world, book, 3 * book.capacity)
        scene.world.dated.append(Dated(unit=site.unit, entry=paper.entry, valid_from=scene.at(day, "00:00"),
                                       entered=scene.at(day, "08:00")))  # fmt: skip
    notes = (
        ("当日上午已核增库容", "the capacity was raised that morning")
        if raised
        else ("入库后超过核定库容", "received more than the store may hold")
    )
    subject = scene.at_book(book)
    subject["quantity"], subject["may"] = base, ("E7",)
    return scene.label(["B6"], (at, scene.ends), notes, **subject)


def skimming(scene: Scene) -> Label | None:
    """B12: a standard deviation of the daily balance, or a third of one, each day for five weeks."""
    site = scene.site(*_TANK_HOLDERS, "chlorine_works", quiet=False, fits=lambda s: _long(scene, s))
    book = scene.book(site, _weighed) if site else None
    if site is None or book is None:
        return None
    begins = scene.at(-_SKIMMED_DAYS, "03:10")
    held = low(book, begins)
    sigma = (2 * (GAUGE_RANDOM**2 + GAUGE_SYSTEMATIC**2)) ** 0.5
    pace = 0.3 if scene.number % 2 else 0.9
    daily = round(pace * sigma * book.balance(begins) / grain(book.goods)) * grain(book.goods)
    daily = min(daily, held // (_SKIMMED_DAYS + 10))
    for day in range(-_SKIMMED_DAYS, scene.world.config.days):
        book.stolen.append((scene.at(day, "03:10"), daily))
    notes = ("五周内每日少量抽取", "a little drawn off every day for five weeks")
    subject = scene.at_book(book)
    subject["quantity"], subject["may"] = daily * len(book.stolen), ("B1", "B11")
    return scene.label(["B12"], (begins, scene.ends), notes, **subject)


def steady_bias(scene: Scene) -> Label | None:
    """B12, innocent: a gauge that always reads a whole systematic uncertainty low."""
    site = scene.site(*_TANK_HOLDERS, "chlorine_works", quiet=False, fits=lambda s: _long(scene, s))
    book = scene.book(site, _weighed) if site else None
    if site is None or book is None:
        return None
    site.bias = -1.0
    notes = ("计量器具恒定偏低,在允差内", "a gauge that reads steadily low, within its stated uncertainty")
    return scene.label(["B12", "B1"], (scene.at(-91, "00:00"), scene.ends), notes, **scene.at_book(book))


def _sold(at: int, base: int) -> Move:
    return Move(at=at, operation="issue", base=base, counterparty=Counterparty(outside="散户登记购买"))


def _outside(move: Move) -> bool:
    return move.counterparty is not None and move.counterparty.outside is not None


def _weighed(goods: str) -> bool:
    return not counted(goods)


def _counts_daily(site: Site) -> bool:
    return site.count_every == 1


def _long(scene: Scene, site: Site) -> bool:
    config = scene.world.config
    return site.count_every == 1 and (config.starts - site.first_day * DAY) // DAY >= config.long_days - 1
