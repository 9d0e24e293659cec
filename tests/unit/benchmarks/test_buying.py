"""Budgets of E1, E2 and E5: the rules are folded over drafted provinces, and promises are kept on other units."""

from __future__ import annotations

import numpy as np

from benchmarks.buying import (
    OTHER_SEEDS,
    false_warnings,
    hardest,
    kept,
    province,
    scored,
    surroundings,
    traded,
    trades,
)
from models.calibrate import Budget
from simulator.province import draft
from streams.model_files import shipped


def test_the_rules_themselves_are_folded_over_what_a_clean_province_buys() -> None:
    """A month of four counties is too little for false warnings, and thousands of orders are judged."""
    world = draft(province(OTHER_SEEDS[0], 4, 28))
    units = list(traded(world))
    judged = scored(units)
    assert judged["E1"] > 80
    assert judged["E2"] > judged["E1"]
    assert false_warnings(units, surroundings(world, shipped())).keys() == judged.keys()
    bought, met = trades(units)
    assert sum(len(one.orders) for own in bought.values() for one in own) > 1_000
    assert sum(map(len, met.values())) > 20


def test_a_promise_is_broken_by_one_calibration_in_ten_at_most() -> None:
    """Law: at 90 % confidence, of units that differ; had each score counted for one it would be broken more."""
    draw = np.random.default_rng(1)
    pool = {f"U{nth}": draw.normal(0.6 * draw.normal(), 1.0, 90) for nth in range(1_000)}
    these = kept(pool, units=150, draws=200, budget=Budget(1.0, 100.0))
    assert these.promised > 50
    assert these.broken <= 10
    assert these.unheeded > 15


def test_it_holds_for_a_budget_that_reaches_deep_among_scores_of_which_many_are_equal() -> None:
    """Distances: few, each unit's alike but for the farthest; the budget is one that equal scores do not spare."""
    draw = np.random.default_rng(2)
    pool = {
        f"U{nth}": np.where(draw.random(5) < 0.02, 90.0, np.round(10 * (draw.normal() + 0.4 * draw.normal(size=5))))
        for nth in range(500)
    }
    everybody, budget = np.concatenate(list(pool.values())), hardest(pool, 1 / 10)
    assert min(abs((everybody > score).mean() - budget.rate) for score in everybody) < 1e-9
    these = kept(pool, units=200, draws=300, budget=budget)
    assert these.promised == 100
    assert these.broken <= 10
    assert these.unheeded > 15
