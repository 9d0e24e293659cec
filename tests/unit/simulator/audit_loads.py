"""The auditor's sums over what trips carry and where they end (D7, D8, D10), from the wire bytes alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from events.quantity import Amount, Quantity, parse_quantity
from events.registry import VehicleEntry
from events.report import Plan
from events.time import Instant, instant

if TYPE_CHECKING:
    from tests.unit.simulator.audit import Audit

Fault: TypeAlias = tuple[str, str, Instant]


def loads(audit: Audit) -> Iterator[Fault]:
    """Everything that is not in order with what is loaded, on what, and where it ends."""
    issued: dict[tuple[str, str], int] = defaultdict(int)
    for at, _, flow in audit.flows.values():
        plan = audit.plans.get(flow.consignment or "")
        if plan is None or flow.consignment is None:
            continue
        if flow.operation == "issue":
            issued[flow.consignment, flow.goods] += base(flow.quantity)
        elif flow.operation in ("receive", "return") and flow.site not in (plan.consignee.site, plan.shipper.site):
            yield "D7", f"consignment:{flow.consignment}", at
    for (name, goods), amount in issued.items():
        plan = audit.plans[name]
        declared = sum(base(load.quantity) for load in plan.loads if load.goods == goods)
        slack = Fraction(0) if audit.goods[goods].measure == "count" else Fraction(5, 1000)
        if amount > declared * (1 + slack):
            yield "D10", f"consignment:{name}", instant(plan.depart_at)
    for plan in audit.plans.values():
        yield from _vehicle(audit, plan)


def _vehicle(audit: Audit, plan: Plan) -> Iterator[Fault]:
    """The vehicle as it is registered at departure; no two trips of one overlap here."""
    at, key = instant(plan.depart_at), f"vehicle:{plan.vehicle}"
    known = [
        (instant(entry.valid_from), entry.entry)
        for _, entry in audit.registry
        if isinstance(entry.entry, VehicleEntry)
        and entry.entry.vehicle == plan.vehicle
        and instant(entry.valid_from) <= at
        and (entry.valid_to is None or at < instant(entry.valid_to))
    ]
    vehicle = max(known, key=lambda pair: pair[0])[1]
    mass = sum(base(load.quantity) for load in plan.loads if audit.goods[load.goods].measure in ("mass", "neq"))
    if mass > base(vehicle.rated):
        yield "D8", key, at
    if any(audit.goods[load.goods].category not in vehicle.categories for load in plan.loads):
        yield "D10", key, at


def base(quantity: Quantity) -> int:
    """Exact base units."""
    amount = parse_quantity(quantity.value, quantity.unit)
    assert isinstance(amount, Amount)
    return amount.base
