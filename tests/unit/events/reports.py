"""Lawful reports as JSON, and the same with one thing wrong."""

from __future__ import annotations

import copy
import json
from typing import Any

from events.intake import encode
from events.quantity import Quantity
from events.registry import CapacityEntry
from events.report import Event
from simulator import stories as s


def _wire(event: Event) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(encode(event))
    return report


FLOW = _wire(s.issue("5 item", site="S1", goods="DET", when="day 1 08:00"))
PLAN = _wire(s.plan("C1", {"DET": "5 item"}, depart="day 1 08:00", arrive_by="day 1 12:00"))
POSITION = _wire(s.position((119.3, 26.08), when="day 1 08:00"))
POSITION_TEXT = json.dumps(POSITION)
CAPACITY = _wire(s.registry(CapacityEntry(site="S2", goods="DET", quantity=Quantity("5000", "item")), unit="U2"))


def having(report: dict[str, Any], inside: str | None = None, **fields: Any) -> dict[str, Any]:
    """The report with other values, at its top or inside one of its fields."""
    changed = copy.deepcopy(report)
    (changed if inside is None else changed[inside]).update(fields)
    return changed


def without(report: dict[str, Any], *path: str) -> dict[str, Any]:
    """The report without one field."""
    changed = copy.deepcopy(report)
    at = changed
    for step in path[:-1]:
        at = at[step]
    del at[path[-1]]
    return changed
