"""Scenarios of reporting: late uploads, silence, and days unlike any other (C1, C4, E7).

Law kept: what is innocent keeps the calendar day, its own habit, or working hours.
"""

from __future__ import annotations

import numpy as np

from events.report import Counterparty
from events.time import DAY, HOUR, SECOND, Instant
from simulator.drafts import Book, Move, Site
from simulator.goods import needs_permit
from simulator.labels import Label
from simulator.scenarios.scene import Scene, Subject, bought
from simulator.trades import Line
from simulator.work import rounded

_BUSY = ("implement_shop", "guard_depot", "testing", "fireworks_shop")
_NIGHT_MOVES = 14


def uploaded_next_day(scene: Scene) -> Label | None:
    """C1: an afternoon's flows are uploaded the next morning."""
    site = scene.site("hospital", "implement_shop", "gun_range", "testing") if scene.lasts(4) else None
    if site is None:
        return None
    day = 1 + scene.number % 2
    span = (scene.at(day, "13:30"), scene.at(day, "19:00"))
    for book in scene.world.books_of(site.id):
        for move in book.moves:
            if span[0] <= move.at <= span[1]:
                move.received = scene.at(day + 1, "09:12") + (move.at - span[0]) // 50
    notes = ("下午流向次日上午才上传", "the afternoon's flows uploaded the next morning")
    return scene.label(["C1"], span, notes, unit=site.unit, site=site.id, area=site.area,
                       may=("B1", "B2", "B12"))  # fmt: skip


def uploaded_before_midnight(scene: Scene) -> Label | None:
    """C1, innocent: a sale at ten to midnight, uploaded half a minute before the day ends."""
    site = scene.site("implement_shop", "fireworks_shop", quiet=False) if scene.lasts(2) else None
    book = scene.book(site) if site else None
    if site is None or book is None:
        return None
    at = scene.at(min(3, scene.world.config.days - 1), "23:50")
    buyer = Counterparty(outside="散户登记购买")
    book.moves.append(
        Move(at=at, operation="issue", base=1, counterparty=buyer, received=at + 9 * 60 * SECOND + 30 * SECOND)
    )
    notes = ("深夜出库,零点前上传", "sold late at night, uploaded before midnight")
    subject = scene.at_book(book)
    subject["may"] = ("E7",)
    return scene.label(["C1"], (at, at + HOUR), notes, **subject)


def falls_silent(scene: Scene) -> Label | None:
    """C4: a busy site reports nothing any more."""
    site = scene.site(*_BUSY) if scene.lasts(6) else None
    if site is None:
        return None
    site.silent_from = scene.at(2 + scene.number % 2, "10:15")
    notes = ("站点停止上报", "a busy site stops reporting")
    span = (site.silent_from, scene.ends)
    # What is on its way there is never said to have come.
    bound = (trip for trip in scene.world.trips if trip.consignee == site.id and trip.arrive >= site.silent_from)
    subject = Subject(unit=site.unit, site=site.id, area=site.area, may=("C1", "C9", "B4", "B9"))
    subject["also"] = tuple(f"consignment:{trip.id}" for trip in bound)
    return scene.label(["C4"], span, notes, **subject)


def seldom_reports(scene: Scene) -> Label | None:
    """C4, innocent: a store that only ever reports every third day."""
    start = scene.world.config.starts
    site = scene.site("plating_works", "blasting", "chemical_dealer",
                      fits=lambda s: (start - s.first_day * DAY) // DAY >= 60)  # fmt: skip
    if site is None:
        return None
    for book in scene.world.books_of(site.id):
        book.moves = [move for move in book.moves if move.operation == "open"]
    site.count_every = 3
    site.silent_from = scene.at(scene.world.config.days - 1, "00:00")
    notes = ("本就每三日上报一次的库", "a store that has always reported every third day")
    return scene.label(["C4"], (scene.at(0, "00:00"), scene.ends), notes, unit=site.unit, site=site.id,
                       area=site.area, may=("E7",))  # fmt: skip


def night_work(scene: Scene) -> Label | None:
    """E7: hours after midnight, with strangers, sizes far beyond the unit's own, in and out again."""
    site = _with_history(scene, "fireworks_wholesale", "chemical_plant", "implement_shop")
    book = _free_book(scene, site) if site else None
    if site is None or book is None:
        return None
    begins = scene.at(min(4, scene.world.config.days - 1), "01:10")
    moves = _rounds(scene, book, (begins, begins + 3 * HOUR), _NIGHT_MOVES, 3.5)
    for number, move in enumerate(moves, 1):
        if move.counterparty is not None:
            move.counterparty = Counterparty(outside=f"生客{number}")
    notes = ("凌晨与生客大量异常收发", "unusual sizes in and out with strangers in the small hours")
    subject = scene.at_book(book)
    subject["may"] = ("B6", "B12", "E1", "E2", "E5")
    return scene.label(["E7"], (moves[0].at, moves[-1].at), notes, **subject)


def busy_week(scene: Scene) -> Label | None:
    """E7, innocent: a week with a quarter more work, in the usual hours and sizes."""
    site = _with_history(scene, "fireworks_wholesale", "chemical_plant", "implement_shop")
    book = _free_book(scene, site) if site else None
    if site is None or book is None:
        return None
    for day in range(min(5, scene.world.config.days)):
        _extra_work(scene, book, (scene.at(day, "09:30"), scene.at(day, "16:00")), 3)
    notes = ("按计划增量的一周", "a week with a quarter more work, as planned")
    return scene.label(["E7"], (scene.at(0, "00:00"), scene.ends), notes, **scene.at_book(book))


def _with_history(scene: Scene, *trades: str) -> Site | None:
    start = scene.world.config.starts
    early = scene.site(*trades, quiet=False, fits=lambda s: s.first_day * DAY < start - 20 * DAY)
    return early or scene.site(*trades, quiet=False)


def _free_book(scene: Scene, site: Site) -> Book | None:
    return scene.book(site, lambda goods: not needs_permit(goods))


def _rounds(scene: Scene, book: Book, span: tuple[Instant, Instant], number: int, times: float) -> list[Move]:
    """Pairs of something in and the same out again, ``times`` the usual size."""
    line = _line(scene, book)
    at = np.sort(scene.draw.uniform(span[0], span[1], number)).astype(np.int64) // SECOND * SECOND
    size = line.size * scene.world.sites[book.site].scale * times
    added: list[Move] = []
    for when in at.tolist():
        base = rounded(size * float(scene.draw.uniform(0.85, 1.15)), book.goods)
        out = Move(
            at=when + 240 * SECOND, operation="issue", base=base, counterparty=Counterparty(outside="省外用户")
        )
        if line.way == "use":
            out = Move(at=when + 240 * SECOND, operation="consume", base=base)
        added += [bought(when, base), out]
    book.moves += added
    return added


def _extra_work(scene: Scene, book: Book, span: tuple[Instant, Instant], number: int) -> None:
    """So many movements more a day, of the usual size, and one delivery or batch in the morning for them."""
    outs = [move for move in _rounds(scene, book, span, number, 1.0) if move.operation != "receive"]
    book.moves = [move for move in book.moves if move.at < span[0] or move.operation != "receive"
                  or not any(move.at == out.at - 240 * SECOND for out in outs)]  # fmt: skip
    total, makes = sum(out.base for out in outs), scene.world.owner(book.site).trade.makes
    came = bought(span[0] - HOUR, total)
    book.moves.append(Move(at=came.at, operation="produce", base=total) if makes else came)


def _line(scene: Scene, book: Book) -> Line:
    return next(line for line in scene.world.owner(book.site).trade.lines if line.goods == book.goods)
