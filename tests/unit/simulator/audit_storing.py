"""The auditor's sums over what stands together at a site: major hazards that nobody filed, and
goods in one room or on one vehicle that are kept apart, what shifts have out, and
what is used up for what is made (B7, B8, B9, B14).

As the rest of the audit it recomputes from the wire bytes alone, and sees the whole log at its end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from events.quantity import Amount, Quantity, parse_quantity
from events.registry import HazardFilingEntry, IncompatibilityEntry, ShiftEntry, YieldEntry
from events.report import Flow
from events.time import HOUR, Instant, instant, moment

if TYPE_CHECKING:
    from tests.unit.simulator.audit import Audit

Fault: TypeAlias = tuple[str, str, Instant]
Told: TypeAlias = tuple[Instant, Flow]
INWARD = {"open", "receive", "produce", "return"}


def storing(audit: Audit) -> Iterator[Fault]:
    """Everything that is not in order in what stands together."""
    yield from _used_up(audit)
    yield from _loaded(audit)
    sites: dict[str, list[Told]] = defaultdict(list)
    for at, _, flow in audit.flows.values():
        sites[flow.site].append((at, flow))
    for site, told in sites.items():
        told.sort(key=lambda one: (one[0], one[1].operation not in INWARD))
        yield from _unfiled(audit, site, told)
        yield from _mixed(audit, site, told)
        yield from _out(audit, site, told)


def _unfiled(audit: Audit, site: str, told: list[Told]) -> Iterator[Fault]:
    """B7: q/Q over all goods, and the filings in force."""
    filings = [
        (instant(entry.valid_from), instant(entry.valid_to) if entry.valid_to else 2**62)
        for entry, filing in audit.of(HazardFilingEntry)
        if filing.site == site
    ]
    shares: dict[str, Fraction] = defaultdict(Fraction)
    for at, flow in told:
        critical = audit.goods[flow.goods].critical
        if critical is None or (flow.operation == "consume" and flow.shift):
            continue
        sign = 1 if flow.operation in INWARD else -1
        shares[flow.goods] += Fraction(sign * base(flow.quantity), base(critical))
        if sum(shares.values()) >= 1 and not any(since <= at < until for since, until in filings):
            yield "B7", f"site:{site}", at


def _mixed(audit: Audit, site: str, told: list[Told]) -> Iterator[Fault]:
    """B8: what stands in each named room, by hazard class, against the registry's pairs."""
    apart = _apart(audit)
    rooms: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for at, flow in told:
        if flow.room is None or (flow.operation == "consume" and flow.shift):
            continue
        room = rooms[flow.room]
        room[flow.goods] += (1 if flow.operation in INWARD else -1) * base(flow.quantity)
        there = {audit.goods[goods].hazard_class for goods, amount in room.items() if amount > 0}
        if any(pair <= there for pair in apart):
            yield "B8", f"site:{site}", at


def _loaded(audit: Audit) -> Iterator[Fault]:
    """B8: what one consignment is planned to carry, likewise."""
    apart = _apart(audit)
    for name, plan in audit.plans.items():
        there = {audit.goods[load.goods].hazard_class for load in plan.loads}
        if any(pair <= there for pair in apart):
            yield "B8", f"consignment:{name}", instant(plan.depart_at)


def _apart(audit: Audit) -> set[frozenset[str]]:
    return {frozenset((e.one, e.other)) for _, e in audit.of(IncompatibilityEntry)}


def _out(audit: Audit, site: str, told: list[Told]) -> Iterator[Fault]:
    """B9: each shift's goods at its end and an hour, by its entry, else thirteen hours after it began to take."""
    shifts: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for at, flow in told:
        if flow.shift and audit.goods[flow.goods].category in ("explosives", "firearms"):
            shifts[flow.shift, flow.goods].append((at, flow))
    entries = {e.shift: (r, e) for r, e in audit.of(ShiftEntry) if e.site == site}
    for (shift, goods), moves in shifts.items():
        entry = entries.get(shift)
        ends = moves[0][0] + 12 * HOUR
        if entry is not None and entry[0].valid_to is not None:
            ends = instant(entry[0].valid_to)
            most = {line.goods: base(line.quantity) for line in entry[1].planned}
            if sum(base(flow.quantity) for _, flow in moves if flow.operation == "issue") > most[goods]:
                yield "B9", f"site:{site}", moves[0][0]
        in_time = [flow for at, flow in moves if at <= ends + HOUR]
        out = sum(base(flow.quantity) * (1 if flow.operation == "issue" else -1) for flow in in_time)
        if out and ends + HOUR <= audit.last_tick:
            yield "B9", f"site:{site}", ends + HOUR


def _used_up(audit: Audit) -> Iterator[Fault]:
    """B14: what a unit used up in a month that is over, for each base unit that it made, a twentieth either way."""
    months: dict[tuple[str, str, str], dict[tuple[int, int], int]] = defaultdict(lambda: defaultdict(int))
    for at, _, flow in audit.flows.values():
        if flow.operation in ("produce", "consume"):
            day = moment(at)
            months[flow.unit, flow.goods, flow.operation][day.year, day.month] += base(flow.quantity)
    now = moment(audit.last_tick)
    for entry, norm in audit.of(YieldEntry):
        for month, made in months[entry.unit, norm.produced, "produce"].items():
            used = months[entry.unit, norm.consumed, "consume"][month]
            first = moment(instant(entry.valid_from))
            if not (first.year, first.month) <= month < (now.year, now.month):
                continue
            if not norm.low * made * 0.95 <= used <= norm.high * made * 1.05:
                yield "B14", f"unit:{entry.unit}", instant(datetime(*month, 28, tzinfo=UTC))


def base(quantity: Quantity) -> int:
    """Exact base units."""
    amount = parse_quantity(quantity.value, quantity.unit)
    assert isinstance(amount, Amount)
    return amount.base
