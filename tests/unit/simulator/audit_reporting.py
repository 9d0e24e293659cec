"""The auditor's calendar: duties with a clock that nobody kept (C2, C3, C5, C6, C7, C9).

As the rest of the audit it recomputes from the wire bytes alone, and sees the whole log at its end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from events.registry import PermitReturnEntry, SiteEntry, TradeFilingEntry
from events.report import Flow
from events.time import DAY, HOUR, MINUTE, Instant, civil_day, day_start, instant

if TYPE_CHECKING:
    from tests.unit.simulator.audit import Audit

Fault: TypeAlias = tuple[str, str, Instant]
BY_CATEGORY = {"explosives": 3, "radioactive": 20}
BY_FLAG = {"highly_toxic": 5, "explosive_precursor": 5}
INTERVAL = {"explosives": 31, "firearms": 31, "radioactive": 92, "chemicals": 92}


def reporting(audit: Audit) -> Iterator[Fault]:
    """Every duty that was not done in time."""
    for check in (_unfiled, _kept_permits, _new_sites, _back_fills, _losses, _uncounted):
        yield from check(audit)


def _end_of(day: int) -> Instant:
    """The end of a term's last day; one that is a Saturday or Sunday moves on (1970-01-01 was a Thursday)."""
    while (day + 3) % 7 >= 5:
        day += 1
    return day_start(day + 1)


def _unfiled(audit: Audit) -> Iterator[Fault]:
    """C2: each deal against the first filing that names it."""
    filed: dict[str, Instant] = {}
    for entry, filing in audit.of(TradeFilingEntry):
        filed[filing.event] = min(instant(entry.valid_from), filed.get(filing.event, 2**62))
    for name, (at, _, flow) in audit.flows.items():
        days = _clock(audit, flow)
        if days is None:
            continue
        due = _end_of(civil_day(at) + days)
        if due <= audit.last_tick and filed.get(name, 2**62) >= due:
            yield "C2", f"site:{flow.site}", due


def _clock(audit: Audit, flow: Flow) -> int | None:
    other = flow.counterparty
    if other is None or other.unit == flow.unit or flow.operation not in ("issue", "receive"):
        return None
    goods = audit.goods[flow.goods]
    days = [BY_FLAG[flag] for flag in goods.flags if flag in BY_FLAG]
    if goods.category in BY_CATEGORY:
        days.append(BY_CATEGORY[goods.category])
    if "drug_precursor" in goods.flags and flow.operation == "issue":
        days.append(30)
    return min(days, default=None)


def _kept_permits(audit: Audit) -> Iterator[Fault]:
    """C3: each arrival under a permit against its return."""
    back: dict[str, Instant] = {}
    for entry, handed in audit.of(PermitReturnEntry):
        back[handed.permit] = min(instant(entry.valid_from), back.get(handed.permit, 2**62))
    for name, plan in audit.plans.items():
        arrived = audit.stages.get((name, "arrive"))
        category = audit.goods[plan.loads[0].goods].category
        if arrived is None or plan.permit is None or category not in ("explosives", "fireworks"):
            continue
        due = _end_of(civil_day(arrived) + 3)
        if due <= audit.last_tick and back.get(plan.permit, 2**62) >= due:
            yield "C3", f"permit:{plan.permit}", due


def _new_sites(audit: Audit) -> Iterator[Fault]:
    """C5: each site's first movement against when it was entered."""
    entered = {place.site: instant(entry.occurred_at) for entry, place in audit.of(SiteEntry)}
    first: dict[str, Instant] = {}
    for at, _, flow in audit.flows.values():
        first[flow.site] = min(at, first.get(flow.site, at))
    for site, at in first.items():
        if at < entered[site] + 5 * DAY:
            yield "C5", f"site:{site}", at


def _back_fills(audit: Audit) -> Iterator[Fault]:
    """C6: how much of how many earlier days each site sent on one day; nothing is of long ago or yet to come."""
    sent: dict[tuple[str, int], list[Instant]] = defaultdict(list)
    for at, received, flow in audit.flows.values():
        if at > received + MINUTE or civil_day(received) - civil_day(at) >= 5:
            yield "C6", f"site:{flow.site}", at
        if flow.corrects is None and civil_day(received) > civil_day(at):
            sent[flow.site, civil_day(received)].append(at)
    for (site, _), times in sent.items():
        if len(times) >= 20 and len({civil_day(at) for at in times}) >= 3:
            yield "C6", f"site:{site}", min(times)


def _losses(audit: Audit) -> Iterator[Fault]:
    """C7: received more than an hour after it was found, a source two."""
    for _, received, flow in audit.flows.values():
        hours = 2 if audit.goods[flow.goods].category == "radioactive" else 1
        if flow.discovered_at is not None and received > instant(flow.discovered_at) + hours * HOUR:
            yield "C7", f"site:{flow.site}", instant(flow.discovered_at) + hours * HOUR


def _uncounted(audit: Audit) -> Iterator[Fault]:
    """C9: the days between a book's opening, its counts and the log's end; no book of the province runs dry."""
    looked: dict[tuple[str, str], list[Instant]] = defaultdict(list)
    for at, _, flow in audit.flows.values():
        if flow.operation == "open":
            looked[flow.site, flow.goods].append(at)
    for at, count in audit.counts:
        looked[count.site, count.goods].append(at)
    for (site, goods), times in looked.items():
        days = INTERVAL.get(audit.goods[goods].category, 366)
        for before, after in zip(sorted(times), [*sorted(times)[1:], audit.last_tick], strict=True):
            due = day_start(civil_day(before) + days + 1)
            if after >= due:
                yield "C9", f"book:{site}/{goods}", due
