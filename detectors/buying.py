"""Buying: which movements are a unit's own purchases, from whom, and what the model in force says is usual.

Law kept: a movement whose origin nobody named is no purchase, and what moves between a unit's own sites is none; a
threshold says what it rests on.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np

from detectors.detector import View
from events.registry import UnitEntry
from events.time import Instant
from ledger.fact import Movement
from models.calibrate import Budget, Limit, limit
from models.habits import Buying, Habits

Which = Literal["own", "peers", "orders", "peer_orders", "km"]
_NO_ROLES: Final = "*"


def bought_from(moved: Movement, unit: str) -> str | None:
    """From whom a unit bought with a movement that it reports itself; None where that is no purchase."""
    if moved.operation != "receive" or moved.unit != unit:
        return None
    other = moved.counterparty_unit
    return moved.outside if other is None else None if other == unit else other


def traded_with(moved: Movement, unit: str) -> str | None:
    """With whom a unit traded, either way, by a movement that it reports itself; None where with nobody named."""
    if moved.operation not in ("receive", "issue") or moved.unit != unit:
        return None
    other = moved.counterparty_unit
    return moved.outside if other is None else None if other == unit else other


def roles_of(entry: UnitEntry | None) -> str:
    """A unit's activities, by which it has peers.

    >>> roles_of(UnitEntry(name="甲", area="350102", roles=("use", "purchase")))
    'purchase+use'
    """
    return "+".join(sorted(entry.roles)) if entry is not None and entry.roles else _NO_ROLES


def habits_of(view: View, category: str, at: Instant) -> tuple[str, Habits] | None:
    """The table of peers in force for a category, and the model that it stands in; None where there is none."""
    model = view.world.model(category, at)
    return None if model is None or model.card.habits is None else (model.digest, model.card.habits)


def peers_of(view: View, category: str, at: Instant, goods: str, roles: str) -> Buying | None:
    """What peers buy of a goods: those of the same activities, else all that buy it; None where not published."""
    found = habits_of(view, category, at)
    if found is None:
        return None
    digest, habits = found
    table = view.world.noted.get(f"{digest}/buying")
    if not isinstance(table, dict):
        table = view.world.noted[f"{digest}/buying"] = dict(habits.buying)
    known = table.get(f"{goods}/{roles}", table.get(goods))
    return known if isinstance(known, Buying) else None


def limit_of(view: View, category: str, at: Instant, which: Which, budget: Budget) -> Limit | None:
    """The threshold on one kind of score for a budget; None without a model, or without clean scores in it."""
    found = habits_of(view, category, at)
    if found is None:
        return None
    digest, habits = found
    key = f"{digest}/{which}/{budget.rate}/{budget.confidence}"
    noted = view.world.noted
    if key not in noted:
        noted[key] = limit(np.array(getattr(habits, which)), budget)
    known = noted[key]
    return known if isinstance(known, Limit) else None
