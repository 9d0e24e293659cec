"""Scenarios of storing and using: filings of major hazards, goods kept apart, shifts (B7, B8, B9).

Law kept: a look-alike is the same act with its papers in order, or mended on the same day.
"""

from __future__ import annotations

from events.registry import HazardFilingEntry, ShiftEntry
from events.time import DAY, HOUR, MINUTE, Instant
from simulator.drafts import Book, Dated, Move, Site
from simulator.goods import CRITICAL, base_of, counted, grain
from simulator.labels import Label
from simulator.scenarios.scene import Scene, allowed, low, spared
from simulator.upload import same_day

_EXPLOSIVE, _DETONATORS = "R1", "R2"
_SHIFTS = ("guard_depot", "gun_range", "blasting")


def filing_runs_out(scene: Scene) -> Label | None:
    """B7: a chlorine works' filing as a major hazard ends in the middle of the week, the work goes on."""
    return _filing_ends(scene, renewed=False)


def filing_renewed(scene: Scene) -> Label | None:
    """B7, innocent: renewed without a break; the registry learns of it in the evening."""
    return _filing_ends(scene, renewed=True)


def _filing_ends(scene: Scene, *, renewed: bool) -> Label | None:
    ends = scene.at(min(2, scene.world.config.days - 1), "00:00")

    def hazardous(site: Site) -> bool:
        book = scene.world.book(site.id, "CHLORINE")
        return low(book, ends) >= base_of(CRITICAL["CHLORINE"]) and any(ends <= move.at for move in book.moves)

    site = spared(scene, ("chlorine_works",), hazardous)
    if site is None:
        return None
    scene.world.filing_ends[site.id] = ends
    if renewed:
        again = HazardFilingEntry(site=site.id)
        scene.world.dated.append(Dated(unit=site.unit, entry=again, valid_from=ends,
                                       entered=ends + 9 * HOUR, received=ends + 20 * HOUR))  # fmt: skip
    notes = (
        ("重大危险源备案当日续期，登记当晚才到", "the filing renewed in time; registered that evening")
        if renewed
        else ("重大危险源备案到期后继续储存", "goes on storing a major hazard after its filing ended")
    )
    return scene.label(["B7"], (ends, ends + DAY if renewed else scene.ends), notes, **scene.at_unit(site))


def one_room(scene: Scene) -> Label | None:
    """B8: a delivery of detonators is put into the room of the explosive, and leaves it after some days."""
    found = _rooms(scene)
    if found is None:
        return None
    site, came = found
    came.room = _EXPLOSIVE
    notes = ("雷管存入炸药库房", "detonators put into the explosive's room")
    return scene.label(["B8"], (came.at, scene.ends), notes, **scene.at_unit(site))


def room_mistyped(scene: Scene) -> Label | None:
    """B8, innocent: the delivery went into the detonators' room; its report named the other, and was mended."""
    found = _rooms(scene)
    if found is None:
        return None
    site, came = found
    came.mistyped_room, came.typo = _EXPLOSIVE, came.base
    came.received, came.mended = came.at + 4 * MINUTE, same_day(came.at, 4 * HOUR)
    notes = ("库房误录，当晚已更正", "the room mistyped, corrected the same evening")
    return scene.label(["B8"], (came.at, came.mended), notes, **scene.at_unit(site))


def _rooms(scene: Scene) -> tuple[Site, Move] | None:
    """A blaster's store whose goods have a room each, and the delivery of detonators that the scene is about."""
    day = min(2, scene.world.config.days - 1)

    def came(site: Site) -> list[Move]:
        moves = scene.world.book(site.id, "DETONATOR").moves
        return [move for move in moves if move.operation == "receive" and move.at >= scene.at(day, "00:00")]

    site = spared(scene, ("blasting",), lambda site: bool(came(site))) if scene.lasts(3) else None
    if site is None:
        return None
    for book in scene.world.books_of(site.id):
        for move in book.moves:
            move.room = _DETONATORS if book.goods == "DETONATOR" else _EXPLOSIVE
    return site, min(came(site), key=lambda move: move.at)


def not_given_back(scene: Scene) -> Label | None:
    """B9: what a shift did not use never comes back; or a shift takes more than was planned for it."""
    found = _shift(scene)
    if found is None:
        return None
    book, out, back = found
    subject = scene.at_book(book)
    if scene.number % 2:
        planned = out.base - max(grain(book.goods), out.base // 5 // grain(book.goods) * grain(book.goods))
        _register(scene, book, out, (out.at - HOUR, back.at), planned=planned)
        notes = ("领用超过当班计划", "a shift takes more than was planned for it")
        return scene.label(["B9"], (out.at, back.at), notes, **subject)
    book.moves = [move for move in book.moves if move is not back]
    subject["quantity"] = back.base
    notes = ("当班剩余未退库", "what the shift did not use was never given back")
    return scene.label(["B9"], (out.at, scene.ends), notes, **subject)


def overtime(scene: Scene) -> Label | None:
    """B9, innocent: a shift registered until eleven at night gives back at ten to eleven."""
    found = _shift(scene)
    if found is None:
        return None
    book, out, back = found
    day = (out.at - scene.at(0, "00:00")) // DAY
    back.at = scene.at(day, "22:50")
    _register(scene, book, out, (out.at - HOUR, scene.at(day, "23:00")), planned=out.base)
    notes = ("登记加班，按时清退", "registered overtime, given back in time")
    return scene.label(["B9"], (out.at, back.at), notes, **scene.at_book(book))


def _shift(scene: Scene) -> tuple[Book, Move, Move] | None:
    """A shift that takes guns or detonators and gives some back: the book, what it took, and the return."""
    days = scene.world.config.days
    first, last = scene.at(min(2, days - 1), "00:00"), scene.at(days - 1, "12:00")

    def pairs(site: Site) -> list[tuple[Book, Move, Move]]:
        found: list[tuple[Book, Move, Move]] = []
        for book in scene.world.books_of(site.id):
            out = {move.shift: move for move in book.moves if move.operation == "issue"}
            back = [move for move in book.moves if move.operation == "return" and first <= move.at < last]
            # A piece must be left for the plan when one was too many.
            found += [
                (book, out[move.shift], move) for move in back if counted(book.goods) and out[move.shift].base > 1
            ]
        return found

    site = spared(scene, _SHIFTS, lambda site: bool(pairs(site))) if scene.lasts(3) else None
    return None if site is None else min(pairs(site), key=lambda found: found[1].at)


def _register(scene: Scene, book: Book, out: Move, span: tuple[Instant, Instant], *, planned: int) -> None:
    """The shift in the registry, entered before it began."""
    assert out.shift is not None
    entry = ShiftEntry(shift=out.shift, site=book.site, planned=(allowed(book.goods, planned),))
    unit = scene.world.sites[book.site].unit
    scene.world.dated.append(Dated(unit=unit, entry=entry, valid_from=span[0], valid_to=span[1],
                                   entered=span[0] - HOUR))  # fmt: skip
