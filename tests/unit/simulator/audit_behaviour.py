"""The auditor on buying and selling: E3 and E4, from the wire alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from events.time import Instant

if TYPE_CHECKING:
    from tests.unit.simulator.audit import Audit, Fault


def buying(audit: Audit) -> Iterator[Fault]:
    """E3: hydrogen peroxide and acetone at a unit whose licence neither makes, nor sells, nor lists both."""
    got: dict[str, dict[str, Instant]] = defaultdict(dict)
    for at, _, flow in audit.flows.values():
        cas = audit.goods[flow.goods].cas
        if flow.operation == "receive" and cas in ("7722-84-1", "67-64-1"):
            got[flow.unit][flow.goods] = max(at, got[flow.unit].get(flow.goods, at))
    for unit, goods in got.items():
        held = [entry for _, _, entry in audit.licences()[unit] if entry.category == "chemicals"]
        explained = any(
            {"produce", "sell"} & set(entry.activities) or goods.keys() <= set(entry.goods) for entry in held
        )
        if len(goods) == 2 and not explained:
            yield "E3", f"unit:{unit}", max(goods.values())


def selling(audit: Audit) -> Iterator[Fault]:
    """E4: flagged goods sold to somebody not identified, for oneself, or (highly toxic) for nothing stated."""
    for at, _, flow in audit.flows.values():
        flags = audit.goods[flow.goods].flags
        if flow.operation == "issue" and flow.counterparty and flags:
            silent = flow.use is None and "highly_toxic" in flags
            if flow.identified is False or flow.use == "自用" or silent:
                yield "E4", f"unit:{flow.unit}", at
