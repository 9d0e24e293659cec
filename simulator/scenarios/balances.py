"""Scenarios of balances between two counts: drained at a stroke, filled up unrecorded (B11, B13).

Law kept: the books stay as they are; only what the gauges read, or when a flow is uploaded, is out of the ordinary.
"""

from __future__ import annotations

from events.time import DAY
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
    return _at_once(scene, +1, ("夜间一次抽走,台账未动", "drawn off in one night, the book untouched"))


def filled_up_unrecorded(scene: Scene) -> Label | None:
    """B13: as much is filled in at night, and no receipt is ever reported."""
    return _at_once(scene, -1, ("夜间注入未记入库", "filled in at night, no receipt recorded"))


def _at_once(scene: Scene, sign: int, notes: tuple[str, str]) -> Label | None:
    site = scene.site(*_TANK_HOLDERS, quiet=False, fits=lambda site: _warm(scene, site)) if scene.lasts(3) else None
    book = scene.book(site, _weighed) if site else None
    if site is None or book is None:
        return None
    at = scene.at(2 + scene.number % 2, "02:40")
    sigma = (2 * (GAUGE_RANDOM**2 + GAUGE_SYSTEMATIC**2)) ** 0.5 * book.balance(at)
    base = round(_AT_ONCE * sigma / grain(book.goods)) * grain(book.goods)
    if base >= low(book, at):
        return None
    book.stolen.append((at, sign * base))
    subject = scene.at_book(book)
    subject["quantity"], subject["may"] = base, ("B1", "B12") if sign > 0 else ("B1",)
    return scene.label(["B11"] if sign > 0 else ["B13"], (at, scene.ends), notes, **subject)


def issues_uploaded_at_night(scene: Scene) -> Label | None:
    """B11, innocent: what went out in the afternoon is uploaded after the evening's gauge reading."""
    notes = ("当日出库深夜才上传", "the day's issues uploaded late that night")
    return _uploaded_at_night(scene, inward=False, expected=("B11", "B12"), notes=notes)


def receipts_uploaded_at_night(scene: Scene) -> Label | None:
    """B13, innocent: what came in is uploaded after the evening's gauge reading."""
    notes = ("当日入库深夜才上传", "the day's receipts uploaded late that night")
    return _uploaded_at_night(scene, inward=True, expected=("B13",), notes=notes)


def _uploaded_at_night(
    scene: Scene, *, inward: bool, expected: tuple[str, ...], notes: tuple[str, str]
) -> Label | None:
    site = scene.site(
        *_TANK_HOLDERS, quiet=True, fits=lambda site: _warm(scene, site) and _busy(scene, site, inward)
    )
    if site is None:
        return None
    book, day = next(iter(_busy_days(scene, site, inward=inward)))
    span = (scene.at(day, "07:00"), scene.at(day, "19:00"))
    for move in book.moves:
        if span[0] <= move.at <= span[1] and (move.operation in INWARD) == inward:
            move.received = scene.at(day, "23:06") + (move.at - span[0]) // 100
    subject = scene.at_book(book)
    subject["may"] = ("E7",)
    return scene.label(expected, span, notes, **subject)


def _busy(scene: Scene, site: Site, inward: bool) -> bool:
    return any(True for _ in _busy_days(scene, site, inward=inward))


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
