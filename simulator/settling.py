"""Settling: once the work is drafted, the openings, capacities and permits under which it was in order.

Law kept: after settling every balance is positive with some days in hand, no book is within a quarter of its
capacity, and every permit covers what was done under it with a third to spare.
"""

from __future__ import annotations

from math import ceil, floor, log10

from events.quantity import quantity_of
from events.registry import CapacityEntry, Category, PermitEntry, PermittedGoods, QuotaEntry
from events.time import DAY, HOUR, MINUTE, SECOND, day_start
from simulator.chance import chance
from simulator.drafts import Book, Dated, Move, World
from simulator.goods import CATALOGUE, grain
from simulator.trades import Line

PAPERS_FROM = -400 * DAY
"""How long before the first day the standing papers came in force."""


def settle(world: World) -> None:
    """Open every book, fix its capacity, and write the purchase and sale permits."""
    lines = {key: _line_of(world, *key) for key in world.books}
    for key, book in world.books.items():
        open_book(world, book, lines[key])
    _permit(world)
    _allot(world)


def open_book(world: World, book: Book, line: Line | None) -> None:
    """The opening that the movements need, and the capacity that they leave room in."""
    site = world.sites[book.site]
    draw = chance(world.config.seed, "opening", book.site, book.goods)
    _, after = book.running()
    lowest = min((0, *after))
    size = line.size * site.scale if line else grain(book.goods)
    spare = size * max(1.0, line.per_day if line else 1.0) * float(draw.uniform(2.0, 3.5))
    step = grain(book.goods)
    opening = ceil((-lowest + spare) / step) * step
    at = day_start(site.first_day) + 6 * HOUR + int(draw.uniform(0, 30 * MINUTE)) // SECOND * SECOND
    book.moves.append(Move(at=at, operation="open", base=opening))
    book.capacity = round_up(1.4 * (opening + max((0, *after))), step)
    world.dated.append(capacity(world, book, book.capacity))


def capacity(world: World, book: Book, base: int) -> Dated:
    """The paper that limits a book."""
    allowed = quantity_of(base, CATALOGUE[book.goods].measure)
    entry = CapacityEntry(site=book.site, goods=book.goods, quantity=allowed)
    return Dated(unit=world.sites[book.site].unit, entry=entry, valid_from=world.config.starts + PAPERS_FROM)


def round_up(base: float, step: int) -> int:
    """The next figure of two digits, as a paper would state it.

    >>> round_up(12_345, 1), round_up(7, 1)
    (13000, 7)
    """
    size: int = 10 ** max(0, floor(log10(max(base, 1))) - 1)
    return max(step, ceil(ceil(base / size) * size / step) * step)


def _line_of(world: World, site: str, goods: str) -> Line | None:
    found = (line for line in world.owner(site).trade.lines if line.goods == goods)
    return next(found, None)


def _permit(world: World) -> None:
    """One purchase and one sale permit per unit and goods, for a third more than was done under it."""
    done: dict[tuple[str, str, str], int] = {}
    for (site, goods), book in world.books.items():
        unit = world.sites[site].unit
        for move in book.moves:
            if move.permit:
                key = (move.permit, unit, goods)
                done[key] = done.get(key, 0) + move.base
    for (name, unit, goods), base in done.items():
        most = round_up(base * 4 / 3, grain(goods))
        entry = PermitEntry(
            permit=name,
            purpose="purchase" if name.startswith("P-") else "sale",
            goods=(PermittedGoods(goods, quantity_of(most, CATALOGUE[goods].measure)),),
        )
        starts, last = world.config.starts, world.config.ends + 30 * DAY
        world.dated.append(
            Dated(unit=unit, entry=entry, valid_from=starts - 150 * DAY, valid_to=max(starts + 215 * DAY, last))
        )


def _allot(world: World) -> None:
    """A quota of the year for what each maker of explosives makes and each blasting company buys: ample."""
    for unit in world.units.values():
        if unit.trade.category is not Category.EXPLOSIVES or unit.trade_key == "explosives_dealer":
            continue
        makes = unit.trade.makes
        operation = "produce" if makes else "receive"
        for line in unit.trade.lines:
            books = [world.book(site, line.goods) for site in unit.sites]
            done = sum(move.base for book in books for move in book.moves if move.operation == operation)
            most = round_up(3 * done + sum(book.capacity for book in books), grain(line.goods))
            entry = QuotaEntry(
                quota=f"Q-{unit.id}-{line.goods}",
                activity="produce" if makes else "purchase",
                goods=line.goods,
                quantity=quantity_of(most, CATALOGUE[line.goods].measure),
            )
            world.dated.append(Dated(unit=unit.id, entry=entry, valid_from=world.config.starts + PAPERS_FROM))
