"""Daily work: what a site issues, uses, makes, buys and gives to its shifts, in working hours.

Law kept: what went out comes in again a day later (made or bought), so that books neither run dry nor grow;
nothing goes out before it came in, for openings are drafted afterwards.
"""

from __future__ import annotations

from itertools import count
from math import ceil

import numpy as np

from events.report import Counterparty
from events.time import DAY, HOUR, MINUTE, SECOND, Instant, day_start
from simulator.chance import Chance, chance
from simulator.drafts import Book, Move, Site, World
from simulator.founding import days_of
from simulator.goods import grain, needs_permit
from simulator.season import in_season
from simulator.trades import Line, Trade

SUPPLIERS = ("江西省外生产企业", "浙江省外生产企业", "广东省外经销商", "进口代理(厦门口岸)")
BUYERS = ("散户登记购买", "省外用户", "本地未接入单位", "市政工程项目部", "农资合作社")
_WEEKDAY_OF_DAY_0 = 3  # 1970-01-01 was a Thursday


def labour(world: World) -> None:
    """Draft the daily work of every site."""
    for site in world.sites.values():
        labour_at(world, site)


def labour_at(world: World, site: Site) -> None:
    """Draft the daily work of one site."""
    trade = world.owner(site.id).trade
    for line in trade.lines:
        draw = chance(world.config.seed, "work", site.id, line.goods)
        book = world.book(site.id, line.goods)
        for day in days_of(site, world.config):
            _day(book, line, _Day(world, site, trade, day), draw)
        _supply(book, world, site, draw)


class _Day:
    """One working day at a site: when it opens and closes, and how busy it is."""

    __slots__ = ("busy", "closes", "number", "opens", "scale", "unit")

    def __init__(self, world: World, site: Site, trade: Trade, day: int) -> None:
        self.number = day
        self.opens = day_start(day) + int(trade.hours[0] * HOUR)
        self.closes = day_start(day) + int(trade.hours[1] * HOUR)
        resting = is_weekend(day)
        often, larger = in_season(world.config, trade.key, site.unit, day)
        self.busy = world.config.pace * site.pace * (trade.weekend if resting else 1.0) * often
        self.scale = site.scale * larger
        self.unit = site.unit


def is_weekend(day: int) -> bool:
    """Whether a civil day is a Saturday or Sunday.

    >>> is_weekend(0), is_weekend(2)
    (False, True)
    """
    return (day + _WEEKDAY_OF_DAY_0) % 7 >= 5


def rounded(base: float, goods: str) -> int:
    """A quantity as people would report it, at least one grain."""
    step = grain(goods)
    return max(1, round(base / step)) * step


def _day(book: Book, line: Line, day: _Day, draw: Chance) -> None:
    number = int(draw.poisson(line.per_day * day.busy)) if day.busy else 0
    if line.way == "hold" or not number:
        return
    number = min(number, ceil(2 * line.per_day * day.busy))
    starts = np.sort(draw.uniform(day.opens, day.closes, number)).astype(np.int64)
    sizes = line.size * day.scale * np.clip(draw.lognormal(0.0, 0.35, number), 0.3, 2.5)
    for nth, (when, size) in enumerate(zip(starts.tolist(), sizes.tolist(), strict=True)):
        at, base = when // SECOND * SECOND, rounded(size, book.goods)
        if line.way == "shift":
            name = f"{book.site}-{book.goods}-{day.number}-{nth}"
            book.moves.extend(_shift(line, name, (at, day.closes), base, draw))
        elif line.way == "use":
            book.moves.append(Move(at=at, operation="consume", base=base))
        else:
            buyer = Counterparty(outside=BUYERS[int(draw.integers(len(BUYERS)))])
            book.moves.append(Move(at=at, operation="issue", base=base, counterparty=buyer,
                                   permit=sale_permit(day.unit, book.goods)))  # fmt: skip


def _shift(line: Line, name: str, span: tuple[Instant, Instant], base: int, draw: Chance) -> list[Move]:
    """Out to a shift, used up in part, and the rest back before closing time (within the half hour)."""
    out, closes = span
    goods = line.goods
    used = 0 if not line.used else min(base, rounded(base * line.used * draw.uniform(0.8, 1.1), goods))
    done = out + int((closes - out) * draw.uniform(0.3, 0.9)) // SECOND * SECOND
    back = closes + int(draw.uniform(0, 30 * MINUTE)) // SECOND * SECOND
    moves = [Move(at=out, operation="issue", base=base, shift=name)]
    if used:
        moves.append(Move(at=max(done, out + MINUTE), operation="consume", base=used, shift=name))
    if base > used:
        moves.append(Move(at=max(back, out + 2 * MINUTE), operation="return", base=base - used, shift=name))
    return moves


def _supply(book: Book, world: World, site: Site, draw: Chance) -> None:
    """What went out yesterday comes in this morning, or once the site is open again, in one to three movements."""
    trade, unit = world.owner(site.id).trade, site.unit
    gone: dict[int, int] = {}
    for move in book.moves:
        if not (move.shift and move.operation == "consume"):
            day = (move.at + 8 * HOUR) // DAY
            gone[day] = gone.get(day, 0) - move.delta
    for day in sorted(gone)[:-1]:
        if gone[day] > 0:
            opens = next(later for later in count(day + 1) if not world.closed(site, later))
            book.moves.extend(_deliveries(book, trade, unit, (opens, gone[day]), draw))


def _deliveries(book: Book, trade: Trade, unit: str, due: tuple[int, int], draw: Chance) -> list[Move]:
    day, total = due
    step = grain(book.goods)
    parts = int(draw.integers(1, 4)) if total // step >= 3 else 1
    shares = [total // step // parts * step] * (parts - 1)
    shares.append(total - sum(shares))
    opens = day_start(day) + int(trade.hours[0] * HOUR)
    made: list[Move] = []
    for base in shares:
        at = opens + int(draw.uniform(0, 5 * HOUR)) // SECOND * SECOND
        if trade.makes:
            made.append(Move(at=at, operation="produce", base=base))
        else:
            seller = Counterparty(outside=SUPPLIERS[int(draw.integers(len(SUPPLIERS)))])
            made.append(Move(at=at, operation="receive", base=base, counterparty=seller,
                             permit=purchase_permit(unit, book.goods)))  # fmt: skip
    return made


def purchase_permit(unit: str, goods: str) -> str | None:
    """The permit under which a unit buys these goods, where one is needed."""
    return f"P-{unit}-{goods}" if needs_permit(goods) else None


def sale_permit(unit: str, goods: str) -> str | None:
    """The permit under which a unit sells these goods, where one is needed."""
    return f"X-{unit}-{goods}" if needs_permit(goods) else None
