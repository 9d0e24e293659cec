"""Scenarios of duties with a clock: filings, permits, sites, back-fills, losses, counts (C2, C3, C5–C7, C9).

Law kept: what is innocent keeps the clock to its last minutes.
"""

from __future__ import annotations

from events.registry import Category
from events.time import DAY, HOUR, MINUTE, Instant, civil_day, day_start
from simulator.drafts import Move, Site, Trip
from simulator.filing import NEXT_DAY, days_until
from simulator.goods import CATALOGUE
from simulator.labels import Label
from simulator.scenarios.scene import Scene, low

_DEALERS = ("explosives_dealer", "explosives_maker")
_WITH_HISTORY = ("blasting", "explosives_dealer", "explosives_maker")
_ANY = (
    "implement_shop",
    "guard_depot",
    "gun_range",
    "testing",
    "hospital",
    "fireworks_shop",
    "fireworks_wholesale",
)
_SEEN_LATE = ("B1", "B2", "B3", "B4", "B5", "B6", "B12", "C1", "C4", "E7")
"""What reports that come days late may rightly set off as well."""


def sold_unfiled(scene: Scene) -> Label | None:
    """C2: a day's sales and purchases of explosives are never filed."""
    return _deals(scene, filed=False)


def filed_on_the_last_day(scene: Scene) -> Label | None:
    """C2, innocent: filed ten minutes before the third day ends."""
    return _deals(scene, filed=True)


def _deals(scene: Scene, *, filed: bool) -> Label | None:
    site = scene.site(*_DEALERS, quiet=False) if scene.lasts(5) else None
    if site is None:
        return None
    day = civil_day(scene.at(scene.number % 2, "00:00"))
    for book in scene.world.books_of(site.id):
        for move in book.moves:
            if civil_day(move.at) == day and days_until(book, move) == NEXT_DAY:
                move.unfiled = not filed
                move.filed = day_start(day + 4) - 10 * MINUTE if filed else None
    span = (day_start(day), day_start(day + 4) + HOUR)
    notes = (
        ("第三日末备案", "filed at the end of the third day")
        if filed
        else ("民爆物品购销未备案", "a day's deals in explosives never filed")
    )
    return scene.label(["C2"], span, notes, unit=site.unit, site=site.id, area=site.area)


def permit_kept(scene: Scene) -> Label | None:
    """C3: the explosives arrived and their transport permit was never handed back."""
    return _permit(scene, back=False)


def permit_back_on_the_last_day(scene: Scene) -> Label | None:
    """C3, innocent: handed back ten minutes before the third day ends."""
    return _permit(scene, back=True)


def _permit(scene: Scene, *, back: bool) -> Label | None:
    def fits(trip: Trip) -> bool:
        explosive = CATALOGUE[trip.goods].category is Category.EXPLOSIVES
        return explosive and trip.permit is not None and scene.day_of(trip) <= 1

    trip = scene.trip(fits) if scene.lasts(6) else None
    if trip is None or trip.permit is None:
        return None
    due = day_start(civil_day(trip.arrive) + 4)
    trip.kept, trip.returned = not back, due - 10 * MINUTE if back else None
    notes = (
        ("第三日末核销", "handed back at the end of the third day")
        if back
        else ("运输许可证未交回核销", "the transport permit never came back")
    )
    subject = scene.on_trip(trip)
    subject["permit"] = trip.permit
    return scene.label(["C3"], (trip.arrive, due + HOUR), notes, **subject)


def used_too_soon(scene: Scene) -> Label | None:
    """C5: a site is used two days after it was registered."""
    return _new_site(scene, 2 * DAY)


def used_after_five_days(scene: Scene) -> Label | None:
    """C5, innocent: registered five days and a few minutes before."""
    return _new_site(scene, 5 * DAY)


def _new_site(scene: Scene, ahead: Instant) -> Label | None:
    starts = scene.world.config.starts
    site = scene.site(*_ANY, quiet=False, fits=lambda one: one.first_day == civil_day(starts))
    if site is None:
        return None
    first = min(move.at for book in scene.world.books_of(site.id) for move in book.moves)
    site.entered = first - ahead - 5 * MINUTE
    notes = (
        ("登记满五日启用", "used five days after its registration")
        if ahead >= 5 * DAY
        else ("登记两日即启用", "used two days after its registration")
    )
    return scene.label(["C5"], (first, first + HOUR), notes, unit=site.unit, site=site.id, area=site.area)


def back_filled(scene: Scene) -> Label | None:
    """C6: three days' reports are all entered on the evening of the fourth."""
    site = _busy(scene) if scene.lasts(5) else None
    if site is None:
        return None
    span = (scene.at(0, "00:00"), scene.at(3, "00:00"))
    begin = scene.at(3, "20:00")
    for book in scene.world.books_of(site.id):
        for move in book.moves:
            if span[0] <= move.at < span[1] and move.operation != "open":
                move.received = begin + (move.at - span[0]) // 100
    notes = ("三日记录于一晚补录", "three days entered in one evening")
    return scene.label(["C6"], (span[0], begin + 2 * HOUR), notes, unit=site.unit, site=site.id, area=site.area,
                       may=_SEEN_LATE)  # fmt: skip


def evening_batch(scene: Scene) -> Label | None:
    """C6, innocent: a store without network uploads its day at twenty to midnight."""
    site = _busy(scene) if scene.lasts(3) else None
    if site is None:
        return None
    for day in range(3):
        span = (scene.at(day, "00:00"), scene.at(day, "23:30"))
        for book in scene.world.books_of(site.id):
            for move in book.moves:
                if span[0] <= move.at < span[1]:
                    move.received = span[1] + 10 * MINUTE + (move.at - span[0]) // 100
    notes = ("晚间集中上传当日记录", "each day's reports uploaded in the evening")
    return scene.label(["C6"], (scene.at(0, "00:00"), scene.at(3, "00:00")), notes, unit=site.unit, site=site.id,
                       area=site.area, may=("E7",))  # fmt: skip


def _busy(scene: Scene) -> Site | None:
    return scene.site("implement_shop", "fireworks_shop", "fireworks_wholesale", quiet=False)


def loss_kept_quiet(scene: Scene) -> Label | None:
    """C7: a loss found in the morning is declared in the evening."""
    return _loss(scene, 9 * HOUR)


def loss_declared_at_once(scene: Scene) -> Label | None:
    """C7, innocent: declared forty minutes after it was found."""
    return _loss(scene, 40 * MINUTE)


def _loss(scene: Scene, delay: Instant) -> Label | None:
    site = scene.site("implement_shop", "fireworks_shop", "gun_range", quiet=False) if scene.lasts(3) else None
    book = scene.book(site) if site else None
    if site is None or book is None:
        return None
    found = scene.at(1 + scene.number % 2, "09:10")
    if low(book, found) < 2:
        return None
    book.moves.append(
        Move(at=found - 2 * HOUR, operation="declare_loss", base=1, found=found, received=found + delay)
    )
    notes = (
        ("发现丢失四十分钟内报告", "a loss reported forty minutes after it was found")
        if delay < HOUR
        else ("发现丢失当晚才报告", "a loss reported only in the evening")
    )
    subject = scene.at_book(book)
    subject["may"] = ("E7", "B1", "B2")
    return scene.label(["C7"], (found, found + delay), notes, **subject)


def uncounted(scene: Scene) -> Label | None:
    """C9: a store of explosives that nobody has counted for over a month."""
    return _stocktake(scene, late=True)


def counted_on_the_last_day(scene: Scene) -> Label | None:
    """C9, innocent: counted on the last day of the interval."""
    return _stocktake(scene, late=False)


def _stocktake(scene: Scene, *, late: bool) -> Label | None:
    starts = scene.world.config.starts
    site = scene.site(*_WITH_HISTORY, quiet=False, fits=lambda s: s.first_day * DAY < starts - 40 * DAY)
    if site is None or not scene.lasts(4):
        return None
    book = scene.book(site, lambda goods: goods == "DETONATOR")
    if book is None:
        return None
    book.uncounted = starts - 28 * DAY
    last_day = starts + 2 * DAY  # thirty-one days after the last count
    book.counted = None if late else last_day
    notes = (
        ("雷管一个多月未盘存", "nobody has counted the detonators for over a month")
        if late
        else ("间隔期最后一日盘存", "counted on the last day of the interval")
    )
    subject = scene.at_book(book)
    return scene.label(["C9"], (last_day, last_day + 2 * DAY), notes, **subject)
