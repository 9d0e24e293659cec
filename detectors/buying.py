"""Buying: which movements are a unit's own purchases, from whom, and what the model in force says is usual.

Law kept: a movement whose origin nobody named is no purchase, and what moves between a unit's own sites is none; a
threshold says what it rests on.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import numpy as np
from msgspec import Struct

from detectors.claim import Number
from detectors.detector import View
from detectors.policy import Terms
from events.registry import UnitEntry
from events.time import Instant
from ledger.fact import Fact, Movement
from models.calibrate import Basis, Budget, Limit, clean_needed, limit
from models.habits import Buying, Habits

Which = Literal["own", "peers", "orders", "peer_orders", "km"]
_NO_ROLES: Final = "*"


class Ask(Struct, frozen=True, gc=False):
    """What a movement is judged by: itself, who its unit is registered as, the rule's terms, the view."""

    fact: Fact
    moved: Movement
    entry: UnitEntry | None
    terms: Terms[Any]
    view: View

    @property
    def area(self) -> str:
        """The unit's county as registered, else that of the site."""
        return self.moved.area if self.entry is None else self.entry.area


class Bar(Struct, frozen=True, gc=False):
    """The threshold on a score, what it rests on, and the limit that clean scores gave, if any."""

    score: float
    rests_on: str
    found: Limit | None = None
    units: int = 0

    def numbers(self) -> dict[str, Number]:
        """Of how many clean scores, of how many units, worth how many independent ones."""
        if self.found is None:
            return {}
        return {"clean_scores": self.found.clean, "clean_units": self.units, "clean_worth": self.found.worth}


def ask(rule: str, fact: Fact, moved: Movement, view: View) -> Ask:
    """What a rule asks of one movement, with the terms in force for its unit."""
    entry = view.reference.in_force(UnitEntry, "self", fact.at)
    area = moved.area if entry is None else entry.area
    terms: Terms[Any] = view.terms(rule, fact.at, category=moved.category, area=area, unit=moved.unit)
    return Ask(fact, moved, entry, terms, view)


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


def peers_of(asked: Ask) -> Buying | None:
    """What peers buy of a goods: those of the same activities, else all that buy it; None where not published."""
    found = habits_of(asked.view, asked.moved.category, asked.fact.at)
    if found is None:
        return None
    (digest, habits), noted = found, asked.view.world.noted
    table = noted.get(f"{digest}/buying")
    if not isinstance(table, dict):
        table = noted[f"{digest}/buying"] = dict(habits.buying)
    goods = asked.moved.goods
    known = table.get(f"{goods}/{roles_of(asked.entry)}", table.get(goods))
    return known if isinstance(known, Buying) else None


def bar_of(asked: Ask, which: Which, fixed: float) -> Bar:
    """The threshold on one kind of score for the rule's budget.

    A tolerance limit where clean scores are worth enough; the highest of them where they are many enough, but of
    too few units or of too unlike ones; else the fixed one, or the highest clean score where that is more.
    ``fixed_no_model`` without a model or clean scores in it.
    """
    p, found = asked.terms.parameters, habits_of(asked.view, asked.moved.category, asked.fact.at)
    if found is None:
        return Bar(fixed, "fixed_no_model")
    (digest, habits), noted = found, asked.view.world.noted
    budget = Budget(p.alarms_per_week, p.scored_per_week, p.confidence)
    key = f"{digest}/{which}/{budget.rate}/{budget.confidence}/{fixed}"
    known = noted.get(key)
    if not isinstance(known, Bar):
        known = noted[key] = _bar(habits, which, budget, fixed)
    return known


def _bar(habits: Habits, which: Which, budget: Budget, fixed: float) -> Bar:
    clean, depends = getattr(habits, which), habits.hangs_together(which)
    found = limit(np.array(clean), budget, (1.0,) if depends is None else depends.effects)
    units = 0 if depends is None else depends.units
    if found is None:
        return Bar(fixed, "fixed_no_model")
    if found.basis is Basis.TOO_FEW and found.clean < clean_needed(budget.rate, 1.0 - budget.confidence):
        return Bar(max(found.score, fixed), "fixed_too_few", found, units)
    return Bar(found.score, found.basis.value, found, units)
