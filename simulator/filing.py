"""Filing: what units hand in at the counter: each deal that must be filed, and each transport permit used up.

Law kept: a clean deal is filed the day after it was made, one that has thirty days well within them; a permit is
handed back the day after its goods arrived.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from events.intake import encode
from events.log import Received
from events.registry import Category, Entry, PermitReturnEntry, TradeFilingEntry
from events.report import Registry
from events.time import HOUR, MINUTE, SECOND, Instant, civil_day, day_start, moment
from simulator.drafts import Book, Move, World
from simulator.goods import CATALOGUE
from simulator.upload import in_order, report_name

NEXT_DAY, LATER_DAY = 1, 24
"""How many days after a deal it is filed: where the law gives a few days, and where it gives thirty."""
_COUNTER_OPENS: Final = 16 * HOUR
_PAPERS: Final = frozenset((Category.EXPLOSIVES, Category.FIREWORKS))
"""Whose transport permits are handed back."""


def filings(world: World, registrar: str) -> Iterator[Received]:
    """Every filing and every permit handed back, as received."""
    for site in world.sites.values():
        for number, (book, draft) in enumerate(in_order(world, site), 1):
            if not isinstance(draft, Move) or draft.unfiled or (after := days_until(book, draft)) is None:
                continue
            filed = day_start(civil_day(draft.at) + after) + _COUNTER_OPENS + number % 3600 * SECOND
            entry = TradeFilingEntry(site=site.id, event=report_name(site, number))
            yield _received(f"F-{entry.event}", site.unit, entry, draft.filed or filed, registrar)
    for trip in world.trips:
        if trip.permit is None or trip.kept or CATALOGUE[trip.goods].category not in _PAPERS:
            continue
        back = day_start(civil_day(trip.arrive) + 1) + _COUNTER_OPENS - HOUR + trip.arrive % HOUR
        unit = world.sites[trip.consignee].unit
        name = f"B-{trip.permit}-{trip.id}"
        yield _received(name, unit, PermitReturnEntry(permit=trip.permit), trip.returned or back, registrar)


def days_until(book: Book, move: Move) -> int | None:
    """How many days after a deal it is filed; None where it need not be."""
    if move.counterparty is None or move.operation not in ("issue", "receive"):
        return None
    entry = CATALOGUE[book.goods]
    soon = {"highly_toxic", "explosive_precursor"}.intersection(entry.flags)
    if soon or entry.category in (Category.EXPLOSIVES, Category.RADIOACTIVE):
        return NEXT_DAY
    return LATER_DAY if "drug_precursor" in entry.flags and move.operation == "issue" else None


def _received(name: str, unit: str, entry: Entry, filed: Instant, registrar: str) -> Received:
    filed = filed // SECOND * SECOND
    event = Registry(
        version=1, id=name, occurred_at=moment(filed), unit=unit, valid_from=moment(filed), entry=entry
    )  # fmt: skip
    return Received(encode(event), registrar, filed + MINUTE)
