"""An auditor of simulated logs: recomputes, from the wire bytes alone, everything that could be wrong.

It shares no code with the simulator's drafts, and is no detector: it sees the whole log at its end. It knows
each fault as (rule, key, instant), named by the detector whose definition it checks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from math import hypot
from typing import Any, TypeAlias, TypeVar

from events.intake import Arrival, Record, read
from events.log import Received, Tick
from events.quantity import Amount, Quantity, parse_quantity
from events.registry import (
    CapacityEntry,
    Category,
    Entry,
    GoodsEntry,
    InstrumentEntry,
    LicenceEntry,
    PermitEntry,
    RestrictedAreaEntry,
    SiteEntry,
)
from events.rejection import Rejection, Source
from events.report import Consignment, Flow, Inventory, Plan, Position, Registry
from events.time import HOUR, MINUTE, Instant, civil_day, instant
from simulator.evaluate import Raised
from tests.unit.simulator.audit_behaviour import buying, selling
from tests.unit.simulator.audit_loads import loads
from tests.unit.simulator.audit_numbers import numbers_at_odds
from tests.unit.simulator.audit_permission import permission_faults
from tests.unit.simulator.audit_reporting import reporting
from tests.unit.simulator.audit_roads import on_the_road
from tests.unit.simulator.audit_storing import storing

Fault: TypeAlias = tuple[str, str, Instant]
E = TypeVar("E", bound=Entry)
INWARD = {"open", "receive", "produce", "return"}
ACTIVITY = {"produce": "produce", "consume": "use", "receive": "purchase"}


class Audit:
    """All of a log, sorted out by what it is about."""

    def __init__(self, log: Iterable[Received | Tick]) -> None:
        self.flows: dict[str, tuple[Instant, Instant, Flow]] = {}
        self.counts: list[tuple[Instant, Inventory]] = []
        self.plans: dict[str, Plan] = {}
        self.stages: dict[tuple[str, str], Instant] = {}
        self.fixes: dict[str, list[tuple[Instant, Position]]] = defaultdict(list)
        self.registry: list[tuple[Instant, Registry]] = []
        self._of_kind: dict[type, list[Any]] = defaultdict(list)
        self.refused: list[Rejection] = []
        self.last_tick: Instant = 0
        self.seen: set[bytes] = set()
        for number, line in enumerate(log):
            if isinstance(line, Tick):
                assert line.at > self.last_tick
                self.last_tick = line.at
                continue
            taken = read(Record(line.raw, line.provider, line.received_at, Source("log", 0, number)))
            if isinstance(taken, Rejection):
                self.refused.append(taken)
            elif line.raw not in self.seen:
                self.seen.add(line.raw)
                self._take(taken)
        self.goods = {e.goods: e for _, r in self.registry if isinstance(e := r.entry, GoodsEntry)}
        self.sites = {e.site: (r.unit, e) for _, r in self.registry if isinstance(e := r.entry, SiteEntry)}
        self.gauges = {e.instrument: e for _, r in self.registry if isinstance(e := r.entry, InstrumentEntry)}
        self.limits: dict[tuple[str, str], list[tuple[Instant, int]]] = defaultdict(list)
        for _, r in self.registry:
            if isinstance(e := r.entry, CapacityEntry):
                self.limits[e.site, e.goods].append((instant(r.valid_from), base(e.quantity)))

    def _take(self, arrival: Arrival) -> None:
        match arrival.event:
            case Flow() as flow:
                name = flow.corrects.id if flow.corrects else flow.id
                if flow.corrects or name not in self.flows:
                    self.flows[name] = (arrival.at, arrival.received_at, flow)
            case Inventory() as count:
                self.counts.append((arrival.at, count))
            case Consignment() as event:
                if event.plan:
                    self.plans[event.consignment] = event.plan
                self.stages[event.consignment, event.stage] = arrival.at
            case Position() as fix:
                self.fixes[fix.vehicle].append((arrival.at, fix))
            case Registry() as entry:
                self.registry.append((arrival.received_at, entry))

    def of(self, kind: type[E]) -> list[tuple[Registry, E]]:
        """The registry's entries of one kind."""
        if not self._of_kind:
            for _, entry in self.registry:
                self._of_kind[type(entry.entry)].append((entry, entry.entry))
        return self._of_kind[kind]

    def faults(self) -> list[Fault]:
        """Everything that is not in order."""
        checks = (
            self._books(), self._papers(), self._permits(), self._matching(), self._timing(), self._roads(),
            self._permission(), storing(self), numbers_at_odds(self), loads(self), reporting(self), buying(self),
            selling(self),
        )  # fmt: skip
        return [fault for check in checks for fault in check]

    def _books(self) -> Iterator[Fault]:
        """B1, B2, B6, B11, B13: balances recomputed, held against counts, zero, capacity and the count before."""
        told: dict[tuple[str, str], list[tuple[Instant, int, int]]] = defaultdict(list)
        for at, _, flow in self.flows.values():
            if not (flow.operation == "consume" and flow.shift):
                inward = flow.operation in INWARD
                told[flow.site, flow.goods].append(
                    (at, 0 if inward else 1, base(flow.quantity) * (1 if inward else -1))
                )
        for at, count in self.counts:
            told[count.site, count.goods].append((at, 2, base(count.quantity)))
        for (site, goods), lines in told.items():
            key, balance = f"book:{site}/{goods}", 0
            before: tuple[int, int] | None = None
            for at, rank, amount in sorted(lines):
                if rank == 2:
                    if abs(amount - balance) > 3 * self._sigma(site, goods) * balance:
                        yield "B1", key, at
                    if before is not None:
                        missing = before[0] + balance - before[1] - amount
                        yield from self._between(key, at, missing, max(before[0], amount))
                    before = amount, balance
                    continue
                balance += amount
                if balance < 0:
                    yield "B2", key, at
                if balance > self._capacity(site, goods, at):
                    yield "B6", key, at

    def _between(self, key: str, at: Instant, missing: int, most: int) -> Iterator[Fault]:
        """What is missing since the count before, or too much: six of what two readings err by is no chance."""
        site, goods = key.removeprefix("book:").split("/")
        if self.goods[goods].measure in ("count", "activity"):
            return
        beyond = 6 * 2**0.5 * self._sigma(site, goods) * most
        if abs(missing) > beyond:
            yield "B11" if missing > 0 else "B13", key, at

    def _sigma(self, site: str, goods: str) -> float:
        if self.goods[goods].measure == "count":
            return 0.0
        gauge = self.gauges[f"GAUGE-{site}"]
        return hypot(gauge.random, gauge.systematic)

    def _capacity(self, site: str, goods: str, at: Instant) -> int:
        return max((since, most) for since, most in self.limits[site, goods] if since <= at)[1]

    def licences(self) -> dict[str, list[tuple[Instant, Instant, LicenceEntry]]]:
        found: dict[str, list[tuple[Instant, Instant, LicenceEntry]]] = defaultdict(list)
        for _, entry in self.registry:
            if isinstance(entry.entry, LicenceEntry):
                until = instant(entry.valid_to) if entry.valid_to else 2**62
                found[entry.unit].append((instant(entry.valid_from), until, entry.entry))
        return found

    def _papers(self) -> Iterator[Fault]:
        """A1, A2: a licence for category and activity in force on both sides, with the goods on its list."""
        licences = self.licences()
        for at, _, flow in self.flows.values():
            category = self.goods[flow.goods].category
            sold = flow.operation == "issue" and flow.counterparty
            activity = "sell" if sold else ACTIVITY.get(flow.operation, "store")
            held = _in_force(licences[flow.unit], at, category)
            if not any(activity in licence.activities for licence in held):
                yield "A1", f"site:{flow.site}", at
            elif not any(not e.goods or flow.goods in e.goods for e in held):
                yield "A2", f"site:{flow.site}", at
            other = flow.counterparty.unit if flow.counterparty else None
            if other and not _in_force(licences[other], at, category):
                yield "A1", f"unit:{other}", at

    def _permits(self) -> Iterator[Fault]:
        """A3, A5: what was done under a permit, against its quantities, its times, its being one-time."""
        entries: dict[str, list[Registry]] = defaultdict(list)
        for _, entry in self.registry:
            if isinstance(entry.entry, PermitEntry):
                entries[entry.entry.permit].append(entry)
        used: dict[tuple[str, str], int] = defaultdict(int)
        trips: dict[str, dict[str, Instant]] = defaultdict(dict)
        for at, _, flow in sorted(self.flows.values(), key=lambda told: told[0]):
            if flow.permit is None:
                continue
            papers = [p for p in entries[flow.permit] if _valid(p, at)]
            if not papers:
                yield "A5", f"permit:{flow.permit}", at
                continue
            paper = papers[-1].entry
            assert isinstance(paper, PermitEntry)
            used[flow.permit, flow.goods] += base(flow.quantity)
            most = {line.goods: base(line.quantity) for line in paper.goods}
            if used[flow.permit, flow.goods] > most[flow.goods]:
                yield "A3", f"permit:{flow.permit}", at
            if flow.consignment:
                trips[flow.permit].setdefault(flow.consignment, at)
        for name, plan in self.plans.items():
            if plan.permit:
                trips[plan.permit][name] = instant(plan.depart_at)
                if not any(_valid(p, instant(plan.depart_at)) for p in entries[plan.permit]):
                    yield "A5", f"permit:{plan.permit}", instant(plan.depart_at)
        for permit, names in trips.items():
            paper = entries[permit][-1].entry
            if isinstance(paper, PermitEntry) and paper.one_time and len(names) > 1:
                yield "A5", f"permit:{permit}", max(names.values())

    def _permission(self) -> Iterator[Fault]:
        """A4, A6 to A11: a file of its own."""
        flows = [(at, flow) for at, _, flow in self.flows.values()]
        return permission_faults(flows, self.plans, [entry for _, entry in self.registry], self.last_tick)

    def _matching(self) -> Iterator[Fault]:
        """B3, B4, B5: what was sent under a consignment against what was received."""
        sent, came = self._under_consignment("issue"), self._under_consignment("receive", "return")
        for load in sent.keys() | came.keys():
            name = load[0]
            if load not in sent:
                yield "B5", f"consignment:{name}", came[load][0]
                continue
            at, flow = sent[load]
            plan = self.plans.get(name)
            due = instant(plan.arrive_by) + 12 * HOUR if plan else at + 72 * HOUR
            if load not in came or came[load][0] > due:
                if due <= self.last_tick:
                    yield "B4", f"consignment:{name}", due
                continue
            sigma = 0.0 if self.goods[flow.goods].measure == "count" else 2**0.5 * hypot(0.001, 0.0005)
            if abs(base(flow.quantity) - base(came[load][1].quantity)) > 3 * sigma * base(flow.quantity):
                yield "B3", f"consignment:{name}", came[load][0]

    def _under_consignment(self, *operations: str) -> dict[tuple[str, str], tuple[Instant, Flow]]:
        told = ((at, flow) for at, _, flow in self.flows.values() if flow.operation in operations)
        return {(flow.consignment, flow.goods): (at, flow) for at, flow in told if flow.consignment}

    def _timing(self) -> Iterator[Fault]:
        """C1: not received on its own day. C4: nothing for far longer than the site's own interval."""
        last: dict[str, list[Instant]] = defaultdict(list)
        for at, received, flow in self.flows.values():
            last[flow.site].append(at)
            if flow.corrects is None and civil_day(received) > civil_day(at):
                yield "C1", f"site:{flow.site}", at
        for at, count in self.counts:
            last[count.site].append(at)
        for site, times in last.items():
            told = [*sorted(times), self.last_tick]
            for number, (before, after) in enumerate(pairwise(told)):
                # 9.21 mean intervals: the 1 − 1e-4 quantile of an exponential.
                usual = 9.21 * (before - told[0]) / max(1, number)
                if number >= 10 and after - before > max(36 * HOUR, usual):
                    yield "C4", f"site:{site}", before

    def _roads(self) -> Iterator[Fault]:
        """D1, D2, D3, D4, D5, D6, D9: every loaded fix against the plan that was under way."""
        trips: dict[str, list[tuple[Instant, Instant, str, Plan]]] = defaultdict(list)
        for name, plan in self.plans.items():
            span = (self.stages[name, "depart"], self.stages[name, "arrive"])
            trips[plan.vehicle].append((*span, name, plan))
        for vehicle, told in self.fixes.items():
            fixes = sorted(told, key=lambda pair: pair[0])
            for at, fix in fixes:
                under = any(begins <= at <= ends for begins, ends, _, _ in trips[vehicle])
                if fix.loaded and fix.speed_kmh > 10 and not under:
                    yield "D1", f"vehicle:{vehicle}", at
            for begins, ends, _, plan in trips[vehicle]:
                during = [(at, fix) for at, fix in fixes if begins <= at <= ends]
                yield from on_the_road(vehicle, (begins, ends), plan, during)
                if ends > instant(plan.arrive_by) + 2 * HOUR:
                    yield "D5", f"vehicle:{vehicle}", instant(plan.arrive_by) + 2 * HOUR
                yield from self._areas(vehicle, plan, during)

    def _areas(self, vehicle: str, plan: Plan, fixes: list[tuple[Instant, Position]]) -> Iterator[Fault]:
        """D4: four minutes inside a square that was closed then and that the plan does not name."""
        for entry, area in self.of(RestrictedAreaEntry):
            if area.restricted_area in plan.areas:
                continue
            lons, lats = [lon for lon, _ in area.outline], [lat for _, lat in area.outline]
            inside = [
                at
                for at, fix in fixes
                if _valid(entry, at) and min(lons) < fix.lon < max(lons) and min(lats) < fix.lat < max(lats)
            ]
            if inside and inside[-1] - inside[0] >= 4 * MINUTE:
                yield "D4", f"vehicle:{vehicle}", inside[-1]


def raised(faults: Iterable[Fault]) -> list[Raised]:
    """The faults as warnings, one a rule and key."""
    first: dict[tuple[str, str], Raised] = {}
    for rule, key, at in faults:
        known = first.get((rule, key))
        since, until = (min(known.since, at), max(known.until or at, at)) if known else (at, at)
        goods = key.partition("/")[2] or None
        first[rule, key] = Raised(
            finding_id=f"{rule}-{key}", detector=rule, subject=key, since=since, until=until, goods=goods
        )
    return list(first.values())


def base(quantity: Quantity) -> int:
    """Exact base units."""
    amount = parse_quantity(quantity.value, quantity.unit)
    assert isinstance(amount, Amount)
    return amount.base


def _in_force(
    held: list[tuple[Instant, Instant, LicenceEntry]], at: Instant, category: Category
) -> list[LicenceEntry]:
    live = [(since, entry) for since, until, entry in held if since <= at < until and entry.category == category]
    return [max(live, key=lambda pair: pair[0])[1]] if live else []


def _valid(entry: Registry, at: Instant) -> bool:
    return instant(entry.valid_from) <= at and (entry.valid_to is None or at < instant(entry.valid_to))
