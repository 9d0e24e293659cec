"""Scored unit-days made up for tests, and terms to hold against them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from events.time import day_start
from models.calibrate import Budget
from models.scored import COLUMNS, FORMAT, Scored, checked
from models.whatif import Terms

CHAINS = ("350102/350100/350000", "350111/350100/350000", "350302/350300/350000", "elsewhere")
CATEGORIES = ("chemicals", "explosives")
FIRST = 20_570
"""The first day; the Spring Festival begins on the twenty-first."""
USUAL = Terms(Budget(2.0, 100.0, 0.9), 3)


class Row(Struct, frozen=True):
    """One scored unit-day: the unit by number, the day, the cell (area × category) and its score."""

    unit: int
    day: int
    cell: int
    score: float
    times: float = 1.0
    even: float | None = None


class Told(Struct, frozen=True):
    """Terms by what they are for: a unit's win over an area's, a nearer area's over a farther one's."""

    usual: Terms = USUAL
    areas: Mapping[str, Terms] = {}
    named: Mapping[str, Terms] = {}

    @property
    def units(self) -> frozenset[str]:
        """The units named."""
        return frozenset(self.named)

    def terms(self, category: str, areas: tuple[str, ...], unit: str) -> Terms:
        """The nearest; explosives are bridged a day longer."""
        found = next((self.areas[area] for area in areas if area in self.areas), self.usual)
        found = self.named.get(unit, found)
        return found if category == "chemicals" else replace(found, bridge_days=found.bridge_days + 1)


def columns(rows: Sequence[Row], clean: Sequence[Sequence[float]], until: int) -> Scored:
    """The rows as columns; the cells of explosives go by the last model, ``until`` is a day's beginning."""
    ordered = sorted({(row.unit, row.day): row for row in rows}.values(), key=lambda row: (row.unit, row.day))
    units = sorted({row.unit for row in ordered})
    made = {
        "strand": [units.index(row.unit) for row in ordered],
        "day": [row.day for row in ordered],
        "score": [row.score for row in ordered],
        "times": [row.times for row in ordered],
        "even": [row.score if row.even is None else min(row.even, row.score) for row in ordered],
        "cell": [row.cell for row in ordered],
        "events": [1] * len(ordered),
        "strand_unit": [f"U{unit}" for unit in units],
        "strand_category": ["chemicals"] * len(units),
        "strand_measure": ["mass"] * len(units),
        "cell_category": [category for category in CATEGORIES for _ in CHAINS],
        "cell_model": [place * (len(clean) - 1) for place, _ in enumerate(CATEGORIES) for _ in CHAINS],
        "cell_segment": ["*"] * len(CHAINS) * len(CATEGORIES),
        "cell_chain": CHAINS * len(CATEGORIES),
        "model_digest": [f"model {number}" for number in range(len(clean))],
        "model_effect": [1.0 + number / 2 for number in range(len(clean))],
        "model_clean": [score for scores in clean for score in sorted(scores)],
        "model_from": np.cumsum([0, *map(len, clean)]),
        "day_first": [FIRST],
        "day_near": [number for day in range(until - FIRST) for number in (max(0, 20 - day), 999, day % 7, 999)],
        "until": [day_start(until)],
        "format": [FORMAT],
    }
    return checked({name: np.array(column, dtype=COLUMNS[name]) for name, column in made.items()})
