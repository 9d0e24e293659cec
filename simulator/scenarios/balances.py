"""Scenarios of balances between two counts: drained at a stroke, filled up unrecorded (B11, B13).

Law kept: the books stay as they are; only what the gauges read, or when a flow is uploaded, is out of the ordinary.
"""

from __future__ import annotations

from events.time import DAY, HOUR
from simulator.counting import GAUGE_RANDOM, GAUGE_SYSTEMATIC
from simulator.drafts import INWARD, Book, Site
from simulator.goods import counted, grain
from simulator.labels import Label
from simulator.scenarios.scene import Scene, low

_TANK_HOLDERS = ("chemical_dealer", "plating_works", "chemical_plant", "explosives_maker", "chlorine_works")
_WARM_DAYS = 12
"""Days of counts that a site must have before the week, for a test that warms up."""
_AT_ONCE = 9.0
"""How many standard deviations of a daily balance go, or come, at a stroke."""


def drained_overnight(scene: Scene) -> Label | None:
    """B11: nine standard deviations of a daily balance are gone by the morning."""
    return _at_once(scene, +1, notes=("夜间一次抽走,台账未动", "drawn off in one night, the book untouched"))


def filled_up_unrecorded(scene: Scene) -> Label | None:
    """B13: as much is filled in at night, and no receipt is ever reported."""
    return _at_once(scene, -1, notes=("夜间注入未记入库", "filled in at night, no receipt recorded"))


def _at_once(scene: Scene, sign: int, *, notes: tuple[str, str]) -> Label | None:
    def fits(site: Site) -> bool:
        return site.count_every == 1 and (sign > 0 or _warm(scene, site))

    site = scene.site(*_TANK_HOLDERS, quiet=False, fits=fits) if scene.lasts(3) else None
    book = scene.book(site, _weighed) if site else None
    if site is None or book is None:
        return None
    at = scene.at(2 + scene.number % 2, "02:40")
    held = max(book.balance(at), book.balance(at + 17 * HOUR))
    sigma = (2 * (GAUGE_RANDOM**2 + GAUGE_SYSTEMATIC**2)) ** 0.5 * held
    base = round(_AT_ONCE * sigma / grain(book.goods)) * grain(book.goods)
    if base >= low(book, at):
        return None
    book.stolen.append((at, sign * base))
    subject = scene.at_book(book)
    # What goes at once passes for a bias of the gauge too, a little, and may come back as a gain as stocks change.
    subject["quantity"], subject["may"] = base, ("B1", "B12", "B13") if sign > 0 else ("B1",)
    return scene.label(["B11"] if sign > 0 else ["B13"], (at, scene.ends), notes, **subject)


def flows_uploaded_at_night(scene: Scene) -> Label | None:
    """B11 and B13, innocent: what went out, and what came in, is uploaded after the evening's gauge reading."""
    site = scene.site(*_TANK_HOLDERS, quiet=False, fits=lambda site: _warm(scene, site) and _busy(scene, site))
    if site is None:
        return None
    moved = [_busy_days(scene, site, inward=inward)[0] for inward in (False, True)]
    for (book, day), inward in zip(moved, (False, True), strict=True):
        since, until = scene.at(day, "07:00"), scene.at(day, "19:00")
        for move in book.moves:
            if since <= move.at <= until and move.consignment is None and (move.operation in INWARD) == inward:
                move.received = scene.at(day, "23:06") + (move.at - since) // 100
    span = (scene.at(min(day for _, day in moved), "07:00"), scene.at(max(day for _, day in moved), "23:59"))
    notes = ("当日出入库深夜才上传", "the day's issues, and receipts, uploaded late that night")
    subject = scene.at_unit(site)
    subject["may"] = ("E7",)
    return scene.label(["B11", "B13"], span, notes, **subject)


def _busy(scene: Scene, site: Site) -> bool:
    return all(_busy_days(scene, site, inward=inward) for inward in (False, True))


def _busy_days(scene: Scene, site: Site, *, inward: bool) -> list[tuple[Book, int]]:
    """Books of the site and days of the week on which enough moves that way for a balance to miss it."""
    found = []
    for book in scene.world.books_of(site.id):
        for day in range(scene.world.config.days) if _weighed(book.goods) else ():
            since, until = scene.at(day, "07:00"), scene.at(day, "18:00")
            moved = sum(
                move.base
                for move in book.moves
                if since <= move.at <= until and move.consignment is None and (move.operation in INWARD) == inward
            )
            if moved > _AT_ONCE * GAUGE_RANDOM * book.balance(until):
                found.append((book, day))
    return found


def _weighed(goods: str) -> bool:
    return not counted(goods)


def _warm(scene: Scene, site: Site) -> bool:
    days = (scene.world.config.starts - site.first_day * DAY) // DAY
    return site.count_every == 1 and days >= _WARM_DAYS
