"""Limits on one order of some goods: of the policy, of the catalogue's critical quantity, of a unit's permits.

Law kept: as registered at the order's instant; limits in another measure than the order's say nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from detectors.detector import View
from events.quantity import Amount, Quantity, parse_quantity
from events.registry import GoodsEntry, PermitEntry
from events.time import Instant
from ledger.fact import Movement


class Named(Struct, frozen=True, gc=False):
    """Where limits are looked for: ``by_policy`` are base units by goods or by flag/measure."""

    by_policy: Mapping[str, int]
    permits: bool
    critical: bool


def order_limits(moved: Movement, at: Instant, named: Named, view: View) -> tuple[int, ...]:
    """The limits on one order of these goods, in base units, ascending."""
    about = ("order_limits", moved.goods, moved.measure, tuple(named.by_policy.items()), named.critical)
    world, own = view.world.reference, view.reference
    found = world.lasting(GoodsEntry, about, at, lambda then: tuple(sorted(_of_goods(moved, then, named, view))))
    if not named.permits:
        return found
    of = ("order_limits", moved.goods, moved.measure)
    allowed = own.lasting(PermitEntry, of, at, lambda then: tuple(_of_permits(moved, then, view)))
    return tuple(sorted({*found, *allowed})) if allowed else found


def _of_goods(moved: Movement, at: Instant, named: Named, view: View) -> set[int]:
    goods = view.world.goods(moved.goods, at)
    if goods is None:
        return set()
    keys = (goods.goods, *(f"{flag}/{moved.measure.value}" for flag in goods.flags))
    found = {named.by_policy[key] for key in keys if key in named.by_policy}
    critical = _base(goods.critical, moved) if named.critical and goods.critical is not None else None
    return found if critical is None else found | {critical}


def _of_permits(moved: Movement, at: Instant, view: View) -> Iterator[int]:
    """What purchase permits allow of the goods; a one-time permit is meant to be used up by one order."""
    for registered in view.reference.of_kind(PermitEntry):
        permit = registered.entry
        if not isinstance(permit, PermitEntry) or permit.purpose != "purchase" or permit.one_time:
            continue
        for line in permit.goods if registered.in_force(at) else ():
            base = _base(line.quantity, moved) if line.goods == moved.goods else None
            if base is not None:
                yield base


def _base(quantity: Quantity, moved: Movement) -> int | None:
    amount = parse_quantity(quantity.value, quantity.unit)
    return amount.base if isinstance(amount, Amount) and amount.measure is moved.measure else None
