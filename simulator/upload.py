"""Uploading: the drafts become reports, received late, twice, out of order or wrong now and then.

Law kept: every clean report is received on the day that it is about; a wrong one is corrected the same day; a
repeated one has the same bytes; a broken one is followed by the good one under an id of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from events.intake import encode
from events.log import Received
from events.quantity import Measure, quantity_of
from events.registry import Category, GoodsEntry
from events.report import Corrects, Event, Flow, Inventory
from events.time import HOUR, MINUTE, SECOND, Instant, civil_day, day_start, moment
from simulator.chance import Chance, chance
from simulator.drafts import Book, Count, Move, Site, Unit, World
from simulator.goods import CATALOGUE, counted, grain
from simulator.papers import gauge, people, scale

REPEATED, MISTYPED, SLOW, BROKEN = 0.01, 0.004, 0.04, 0.0004
"""Shares of reports that come twice, are corrected, take hours, or break the contract first."""

_MS = 1_000
"""Doors stamp to the millisecond."""


def site_reports(world: World, site: Site) -> Iterator[Received]:
    """Everything that a site's flows and counts send."""
    draw = chance(world.config.seed, "upload", site.id)
    unit = world.owner(site.id)
    provider = provider_of(site.area)
    drafts = in_order(world, site)
    slow = draw.random(len(drafts)) < SLOW
    delays = 20 * SECOND + np.minimum(draw.exponential(6 * MINUTE, len(drafts)), 80 * MINUTE)
    delays = np.where(slow, delays + draw.uniform(1, 3, len(drafts)) * HOUR, delays)
    faults = draw.random((len(drafts), 3))
    for number, (book, draft) in enumerate(drafts, 1):
        if site.silent_from is not None and draft.at >= site.silent_from:
            break
        name = report_name(site, number)
        at = draft.received or same_day(draft.at, int(delays[number - 1]) // _MS * _MS)
        fault = faults[number - 1]
        if isinstance(draft, Move):
            _mistype(draft, book, at, fault[0])
            events: Sequence[Event] = _flow(draft, book, unit, name)
        else:
            events = [_inventory(draft, book, unit, name)]
        raws = [encode(event) for event in events]
        times = [at, draft.mended or at] if isinstance(draft, Move) else [at]
        for raw, held in zip(raws, times, strict=False):
            yield Received(raw, provider, held)
        if fault[1] < REPEATED:
            yield Received(raws[0], provider, at + int(draw.exponential(2 * HOUR)) // _MS * _MS)
        if fault[2] < BROKEN:
            yield Received(_broken(raws[0], name, draw), provider, at - SECOND)


def report_name(site: Site, number: int) -> str:
    """The event id of a site's report."""
    return f"{site.id}-{number:06}"


def same_day(at: Instant, delay: int) -> Instant:
    """When a report is received that is ``delay`` under way, yet makes its own day.

    >>> same_day(0, HOUR) == HOUR, civil_day(same_day(15 * HOUR, 3 * HOUR))
    (True, 0)
    """
    last = day_start(civil_day(at) + 1) - 20 * SECOND
    return max(at + SECOND, min(at + delay, last))


def provider_of(area: str) -> str:
    """The prefecture's platform, which the units of its counties report through."""
    return f"pref-{area[:4]}"


def in_order(world: World, site: Site) -> list[tuple[Book, Move | Count]]:
    """What a site reports, as it is numbered from 1 on."""
    found: list[tuple[Book, Move | Count]] = []
    for book in world.books_of(site.id):
        found += [(book, move) for move in book.moves]
        found += [(book, one) for one in book.counts]
    found.sort(key=lambda pair: (pair[1].at, isinstance(pair[1], Count), pair[0].goods))
    return found


def _mistype(move: Move, book: Book, received: Instant, luck: float) -> None:
    """Now and then half of what went out is reported, and put right within two hours."""
    outside = move.counterparty is not None and move.counterparty.outside is not None
    half = move.base // 2 // grain(book.goods) * grain(book.goods)
    if luck < MISTYPED and move.operation == "issue" and outside and half and move.typo is None:
        move.typo, move.mended = half, same_day(received, 2 * HOUR)


def _flow(move: Move, book: Book, unit: Unit, name: str) -> list[Flow]:
    """The report of a movement, and its correction if it was mistyped."""
    entry = CATALOGUE[book.goods]
    kept = people(unit)
    flow = Flow(
        version=1,
        occurred_at=moment(move.at),
        id=name,
        unit=unit.id,
        site=book.site,
        goods=book.goods,
        operation=move.operation,
        quantity=quantity_of(move.base if move.typo is None else move.typo, entry.measure),
        counterparty=move.counterparty,
        consignment=move.consignment,
        permit=move.permit,
        shift=move.shift,
        instrument=None if counted(book.goods) else scale(book.site),
        serials=move.serials,
        custodians=_custodians(move, entry, kept),
        payment=move.payment or ("bank" if entry.category is Category.EXPLOSIVES and move.counterparty else None),
        room=move.mistyped_room or move.room,
        reason="盘点短少,已报案" if move.operation == "declare_loss" else None,
        discovered_at=None if move.found is None else moment(move.found),
        use=_use(move, entry),
        identified=True if move.identified is None and _use(move, entry) else move.identified,
    )
    if move.typo is None:
        return [flow]
    right = msgspec.structs.replace(
        flow,
        id=f"{name}-r1",
        quantity=quantity_of(move.base, entry.measure),
        room=move.room,
        corrects=Corrects(id=name, revision=1),
    )
    return [flow, right]


def _custodians(move: Move, entry: GoodsEntry, kept: list[str]) -> tuple[str, ...]:
    """Who signs: what the draft says, or the unit's two custodians where the goods take two."""
    if move.custodians is not None:
        return move.custodians
    return tuple(kept[:2]) if "highly_toxic" in entry.flags else ()


def _use(move: Move, entry: GoodsEntry) -> str | None:
    """What goods that are toxic or a precursor are sold for, as the buyer says."""
    if move.identified is not None or move.operation != "issue" or move.counterparty is None or not entry.flags:
        return move.use
    return "生产" if "highly_toxic" in entry.flags else "化工生产、教学与经营"


def _inventory(one: Count, book: Book, unit: Unit, name: str) -> Inventory:
    bulk = not counted(book.goods)
    return Inventory(
        version=1,
        occurred_at=moment(one.at),
        id=name,
        unit=unit.id,
        site=book.site,
        goods=book.goods,
        quantity=quantity_of(one.base, CATALOGUE[book.goods].measure),
        method="gauge" if bulk else "count",
        instrument=gauge(book.site) if bulk else None,
        serials=one.serials,
        activity=None if one.activity is None else quantity_of(one.activity, Measure.ACTIVITY),
    )


def _broken(raw: bytes, name: str, draw: Chance) -> bytes:
    """The report as a faulty program would send it first: still JSON, but against the contract."""
    own = raw.replace(f'"{name}"'.encode(), f'"{name}-x"'.encode())
    faults = (
        (b'"value":"', b'"value":"-'),
        (b'"version":1', b'"version":7'),
        (b'"site":', b'"warehouse":'),
        (b"+08:00", b""),
        (b'"kind":"', b'"kind":"x-'),
        (b'"unit":"kg"', b'"unit":"jin"'),
        (b'"value":"', b'"value":"about '),
    )
    old, new = faults[int(draw.integers(len(faults)))]
    spoilt = own.replace(old, new)
    return spoilt if spoilt != own else own.replace(b'"version":1', b'"version":"one"')
