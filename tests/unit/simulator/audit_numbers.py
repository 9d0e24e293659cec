"""What an auditor makes of serial numbers: number by number, over the whole log, by what was said last.

It shares nothing with the detectors: numbers are counted singly here, and everything is known from the beginning.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from events.registry import SourceEntry
from events.report import Flow, Inventory, SerialRange
from events.time import DAY, HOUR, Instant

if TYPE_CHECKING:
    from tests.unit.simulator.audit import Audit

Told = tuple[Instant, Flow]
Number = tuple[str, str, int]
_IN = {"open", "receive", "produce", "return"}


def numbers_at_odds(audit: Audit) -> Iterator[tuple[str, str, Instant]]:
    """B10, B16, E6 over a whole log."""
    found = lives((at, flow) for at, _, flow in audit.flows.values() if flow.serials)
    sources = [entry.entry for _, entry in audit.registry if isinstance(entry.entry, SourceEntry)]
    yield from in_two_places(found)
    yield from going_round(found)
    yield from not_there(found, audit.counts, sources)


def numbers(serials: Iterable[SerialRange]) -> Iterator[Number]:
    """Numbers one by one."""
    for run in serials:
        for one in range(run.first, run.last + 1):
            yield run.maker, run.type, one


def lives(flows: Iterable[Told]) -> dict[Number, list[Told]]:
    """Each number's movements in order of time, what comes in first."""
    found: dict[Number, list[Told]] = defaultdict(list)
    for told in flows:
        for one in numbers(told[1].serials):
            found[one].append(told)
    for own in found.values():
        own.sort(key=lambda told: (told[0], told[1].operation not in _IN))
    return found


def in_two_places(found: dict[Number, list[Told]]) -> Iterator[tuple[str, str, Instant]]:
    """B10: a number comes in where it is not, and the site that has it does not give it within half a day."""
    for own in found.values():
        holder: str | None = None
        for nth, (at, flow) in enumerate(own):
            if flow.operation in _IN:
                given = any(
                    later.operation == "issue" and later.site == holder and then - at <= 12 * HOUR
                    for then, later in own[nth + 1 :]
                )
                if holder not in (None, flow.site) and not given:
                    yield "B10", f"site:{flow.site}", at
                holder = flow.site
            elif flow.site == holder:
                holder = None


def going_round(found: dict[Number, list[Told]]) -> Iterator[tuple[str, str, Instant]]:
    """E6: a unit receives what it had before, from another than it gave it to, within thirty days."""
    for own in found.values():
        units: list[tuple[str, Instant]] = []
        for at, flow in own:
            if flow.operation == "receive" and not (units and units[-1][0] == flow.unit):
                had = [i for i, (unit, when) in enumerate(units) if unit == flow.unit and at - when <= 30 * DAY]
                if had and len(units) - had[-1] > 2 and units[had[-1] + 1][0] != units[-1][0]:
                    yield "E6", f"unit:{flow.unit}", at
                units.append((flow.unit, at))


def not_there(
    found: dict[Number, list[Told]], counts: Iterable[tuple[Instant, Inventory]], sources: Iterable[SourceEntry]
) -> Iterator[tuple[str, str, Instant]]:
    """B16: a full count lacks a source that belongs there and did not go out last."""
    belongs: dict[tuple[str, str], list[Number]] = defaultdict(list)
    for one in sources:
        belongs[one.site, one.goods].append((one.maker, one.model, one.serial))
    for at, count in counts:
        there = set(numbers(count.serials))
        if (count.site, count.goods) not in belongs or len(there) < int(count.quantity.value):
            continue
        for source in belongs[count.site, count.goods]:
            last = [flow for when, flow in found[source] if when <= at and flow.site == count.site]
            if source not in there and last and last[-1].operation in _IN:
                yield "B16", f"book:{count.site}/{count.goods}", at
