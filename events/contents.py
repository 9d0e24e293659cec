"""Contents: what is wrong with an event that the contract's types cannot say: dates, units, what goes with what.

Law kept: a fault names its reason, the field, and what stands there; None where nothing is wrong.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from events.cas import cas_fault
from events.identity import EVERYONE
from events.quantity import UNITS, Amount, Fault, Measure, Quantity, parse_quantity
from events.registry import FOR_EVERYONE, GoodsEntry, PermittedGoods, ShiftEntry, SourceEntry, VehicleEntry
from events.rejection import Reason
from events.report import Consignment, Flow, Inventory, Registry, SerialRange
from events.serials import BLOCK, MOST_BLOCKS, blocks_concerned
from events.transit import ON_THE_ROAD

Wrong: TypeAlias = tuple[Reason, str, str]
"""A fault: its reason, the field, and the detail."""
_IN_A_SHIFT: Final = ("issue", "consume", "return", "declare_loss")
_MEASURES: Final = {
    (VehicleEntry, "rated"): Measure.MASS,
    (SourceEntry, "activity"): Measure.ACTIVITY,
    (GoodsEntry, "d_value"): Measure.ACTIVITY,
}
"""Fields of entries that are of one measure."""


def _quantity_fault(quantity: Quantity, field: str) -> Wrong | None:
    parsed = parse_quantity(quantity.value, quantity.unit)
    return None if isinstance(parsed, Amount) else named(parsed, quantity, field)


def named(fault: Fault, quantity: Quantity, field: str) -> Wrong:
    """A quantity's fault as a refusal says it: the reason, which part of the field, and what stands there."""
    where = f"{field}.unit" if fault is Fault.UNKNOWN_UNIT else f"{field}.value"
    return Reason(fault.value), where, f"{quantity.value[:40]} {quantity.unit[:20]}"


def flow_fault(event: Flow) -> Wrong | None:
    """What is wrong with a movement; None where nothing is."""
    if event.operation in ("adjust", "declare_loss") and not event.reason:
        return Reason.MISSING_FIELD, "reason", f"{event.operation} needs a reason"
    if event.operation == "adjust":
        if not event.approver:
            return Reason.MISSING_FIELD, "approver", "adjust needs an approver"
        if event.direction is None:
            return Reason.MISSING_FIELD, "direction", "adjust needs a direction, in or out"
    elif event.direction is not None:
        return Reason.INVALID_VALUE, "direction", "only adjust has a direction"
    if event.consignment is not None and event.operation not in ON_THE_ROAD:
        return Reason.INVALID_VALUE, "consignment", f"{event.operation} does not go with a consignment"
    if event.shift is not None and (event.operation not in _IN_A_SHIFT or event.consignment is not None):
        return Reason.INVALID_VALUE, "shift", f"{event.operation} does not go with a shift here"
    if event.discovered_at is not None and event.operation != "declare_loss":
        return Reason.INVALID_VALUE, "discovered_at", "only declare_loss says when a loss was found"
    return _serials_fault(event.serials) if event.serials else None


def inventory_fault(event: Inventory) -> Wrong | None:
    """What is wrong with a count."""
    if event.activity is not None:
        fault = _quantity_fault(event.activity, "activity") or _measure_fault(
            event.activity, "activity", Measure.ACTIVITY
        )
        if fault is not None:
            return fault
    return _serials_fault(event.serials) if event.serials else None


def _serials_fault(serials: tuple[SerialRange, ...]) -> Wrong | None:
    for serial in serials:
        if serial.last < serial.first:
            return Reason.INVALID_VALUE, "serials", f"{serial.first} to {serial.last} runs backwards"
    concerned = blocks_concerned(serials)
    if concerned > MOST_BLOCKS:
        detail = f"{concerned} blocks of {BLOCK} numbers, at most {MOST_BLOCKS} an event: report it in several"
        return Reason.INVALID_VALUE, "serials", detail
    return None


def consignment_fault(event: Consignment) -> Wrong | None:
    """What is wrong with a stage of a trip, and with its plan."""
    plan = event.plan
    if event.stage == "plan" and plan is None and not (event.corrects and event.corrects.void):
        return Reason.MISSING_FIELD, "plan", "stage plan needs the plan"
    if plan is None:
        return None
    if event.stage != "plan":
        return Reason.INVALID_VALUE, "plan", "only stage plan carries a plan"
    if plan.arrive_by <= plan.depart_at:
        return Reason.INVALID_VALUE, "plan.arrive_by", "not after depart_at"
    for i, load in enumerate(plan.loads):
        fault = _quantity_fault(load.quantity, f"plan.loads[{i}].quantity")
        if fault is not None:
            return fault
    return None


def registry_fault(event: Registry) -> Wrong | None:
    """What is wrong with a registry entry; who may publish it is not asked here."""
    if event.valid_to is not None and event.valid_to <= event.valid_from:
        return Reason.INVALID_VALUE, "valid_to", "not after valid_from"
    entry = event.entry
    if isinstance(entry, FOR_EVERYONE) != (event.unit == EVERYONE):
        tags = ", ".join(str(kind.__struct_config__.tag) for kind in FOR_EVERYONE)
        return Reason.INVALID_VALUE, "unit", f'unit "{EVERYONE}" goes with these entries alone: {tags}'
    if isinstance(entry, ShiftEntry) and event.valid_to is None:
        return Reason.MISSING_FIELD, "valid_to", "a shift has an end"
    if isinstance(entry, GoodsEntry) and entry.cas is not None and (wrong := cas_fault(entry.cas)) is not None:
        return Reason.INVALID_VALUE, "entry.cas", wrong
    for field in entry.__struct_fields__:
        fault = _entry_fault(getattr(entry, field), f"entry.{field}", _MEASURES.get((type(entry), field)))
        if fault is not None:
            return fault
    return None


def _entry_fault(value: object, field: str, measure: Measure | None) -> Wrong | None:
    """What is wrong with the quantities in one field of an entry; ``measure`` is the one that it must be of."""
    if isinstance(value, Quantity):
        return _quantity_fault(value, field) or _measure_fault(value, field, measure)
    for i, allowed in enumerate(value if isinstance(value, tuple) else ()):
        if isinstance(allowed, PermittedGoods):
            fault = _quantity_fault(allowed.quantity, f"{field}[{i}].quantity")
            if fault is not None:
                return fault
    return None


def _measure_fault(quantity: Quantity, field: str, measure: Measure | None) -> Wrong | None:
    if measure is None or UNITS[quantity.unit][0] is measure:
        return None
    return Reason.INVALID_VALUE, f"{field}.unit", f"{quantity.unit} is no unit of {measure.value}"
