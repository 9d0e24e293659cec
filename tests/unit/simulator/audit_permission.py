"""What an auditor recomputes of permission: quotas, people, buyers, the chain, expiring papers, payment.

As the rest of the auditor it sees the whole log at its end, and shares no code with drafts or detectors.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from events.quantity import Amount, parse_quantity
from events.registry import GoodsEntry, LicenceEntry, PersonEntry, QuotaEntry, UnitEntry
from events.report import Flow, Plan, Registry
from events.time import DAY, Instant, instant, moment

Fault: TypeAlias = tuple[str, str, Instant]
Flows: TypeAlias = list[tuple[Instant, Flow]]
_SOLD_DOWN = {("maker", "wholesaler"), ("wholesaler", "retailer"), ("wholesaler", "user"), ("retailer", "user")}


def permission_faults(
    flows: Iterable[tuple[Instant, Flow]],
    plans: Mapping[str, Plan],
    registry: Iterable[Registry],
    last_tick: Instant,
) -> Iterator[Fault]:
    """Everything that is not in order by A4, A6 to A11."""
    told, entries = sorted(flows, key=lambda pair: (pair[0], pair[1].id)), list(registry)
    goods = {e.goods: e for r in entries if isinstance(e := r.entry, GoodsEntry)}
    yield from _quotas(told, entries)
    yield from _people(told, plans, entries)
    yield from _sales(told, goods)
    yield from _chain(told, goods, entries)
    yield from _expiring(entries, last_tick)


def _quotas(flows: Flows, entries: list[Registry]) -> Iterator[Fault]:
    """A4: the running sum of a unit's year against the latest paper."""
    used: dict[tuple[str, str, str, int], int] = defaultdict(int)
    quotas = [(r, e) for r in entries if isinstance(e := r.entry, QuotaEntry)]
    for at, flow in flows:
        other = flow.counterparty
        outside = other is not None and (other.outside is not None or other.unit not in (None, flow.unit))
        activity = {"produce": "produce", "receive": "purchase" if outside else ""}.get(flow.operation)
        papers = [
            (instant(r.valid_from), e)
            for r, e in quotas
            if (r.unit, e.activity, e.goods) == (flow.unit, activity, flow.goods) and instant(r.valid_from) <= at
        ]
        if papers and activity:
            key = (flow.unit, activity, flow.goods, moment(at).year)
            used[key] += _base(flow.quantity.value, flow.quantity.unit)
            quantity = max(papers, key=lambda pair: pair[0])[1].quantity
            if used[key] > _base(quantity.value, quantity.unit):
                yield "A4", f"unit:{flow.unit}", at


def _people(flows: Flows, plans: Mapping[str, Plan], entries: list[Registry]) -> Iterator[Fault]:
    """A6: everybody named has a certificate of their unit in force."""
    held = [(r, r.entry) for r in entries if isinstance(r.entry, PersonEntry)]
    papers: dict[tuple[str, str], list[tuple[Instant, Instant, str]]] = defaultdict(list)
    for r, e in held:
        span = (instant(r.valid_from), instant(r.valid_to) if r.valid_to else 2**62)
        papers[r.unit, e.person].append((*span, e.role))

    def certified(unit: str, person: str, at: Instant, *roles: str) -> bool:
        return any(since <= at < until and role in roles for since, until, role in papers[unit, person])

    for at, flow in flows:
        for person in flow.custodians:
            if not certified(flow.unit, person, at, "custodian", "blaster"):
                yield "A6", f"unit:{flow.unit}", at
    for plan in plans.values():
        unit, at = plan.carrier or plan.shipper.unit, instant(plan.depart_at)
        for who, role in ((plan.driver, "driver"), (plan.escort, "escort")):
            if who is not None and not certified(unit, who, at, role):
                yield "A6", f"unit:{unit}", at


def _sales(flows: Flows, goods: Mapping[str, GoodsEntry]) -> Iterator[Fault]:
    """A7, A10, A11: to whom, signed by whom, paid how."""
    for at, flow in flows:
        entry, key = goods[flow.goods], f"site:{flow.site}"
        to_person = flow.counterparty is not None and flow.counterparty.natural_person
        if to_person and flow.operation == "issue" and {"highly_toxic", "explosive_precursor"} & {*entry.flags}:
            yield "A7", key, at
        by_hand = flow.operation in {"receive", "issue", "return", "consume", "destroy"}
        if by_hand and "highly_toxic" in entry.flags and len({*flow.custodians}) < 2:
            yield "A10", key, at
        if entry.category == "explosives" and flow.payment in {"cash", "other"}:
            yield "A11", key, at


def _chain(flows: Flows, goods: Mapping[str, GoodsEntry], entries: list[Registry]) -> Iterator[Fault]:
    """A8: fireworks and firearms go one step down, or back up."""
    tiers = {r.unit: e.tier for r in entries if isinstance(e := r.entry, UnitEntry)}
    for at, flow in flows:
        other = flow.counterparty.unit if flow.counterparty else None
        ends = (tiers.get(flow.unit), tiers.get(other or ""))
        if goods[flow.goods].category not in {"fireworks", "firearms"} or None in ends:
            continue
        edge = {"issue": ends, "receive": ends[::-1]}.get(flow.operation)
        if edge is not None and edge not in _SOLD_DOWN and edge[::-1] not in _SOLD_DOWN:
            yield "A8", f"unit:{other}", at


def _expiring(entries: list[Registry], last_tick: Instant) -> Iterator[Fault]:
    """A9: ninety days before a licence or certificate ends, none that lasts longer has been entered."""
    papers = [
        (r, (r.unit, type(e), getattr(e, "licence", None) or getattr(e, "person", None)))
        for r in entries
        if isinstance(e := r.entry, LicenceEntry | PersonEntry)
    ]
    for r, about in papers:
        ends = instant(r.valid_to) if r.valid_to else 2**62
        since = ends - 90 * DAY
        if since > last_tick:
            continue
        renewed = any(
            same == about and (other.valid_to is None or instant(other.valid_to) > ends)
            and instant(other.occurred_at) <= since
            for other, same in papers
        )  # fmt: skip
        if not renewed:
            yield "A9", f"unit:{r.unit}", since


def _base(value: str, unit: str) -> int:
    amount = parse_quantity(value, unit)
    assert isinstance(amount, Amount)
    return amount.base
