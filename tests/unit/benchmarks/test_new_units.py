"""A budget that is promised is kept on units that no calibration knew, or else it is not promised."""

from __future__ import annotations

import pytest

from benchmarks.new_units import FAMILIES, Family, kept, kept_by_forests
from models.calibrate import Budget
from models.fit import Growth

RARE = Budget(1.0, 1_000.0)


@pytest.mark.parametrize("units", [60, 250])
@pytest.mark.parametrize("family", FAMILIES, ids=[family.name for family in FAMILIES])
def test_a_promise_is_broken_by_one_calibration_in_ten_at_most(family: Family, units: int) -> None:
    """Law: at 90 % confidence, whatever units differ by; seed fixed."""
    assert kept(family, units=units, days=170, draws=120, budget=RARE).broken <= 0.1


def test_units_that_are_alike_cost_little() -> None:
    """Where days of a unit are independent the budget is promised, and more than half of it is used."""
    alike = kept(FAMILIES[0], units=250, days=170, draws=120, budget=RARE)
    assert alike.promised == 1.0
    assert alike.realised > 0.5


def test_counting_every_day_for_one_would_break_it() -> None:
    """What this is for: a tenth of odd units breaks the budget of such a calibration in more than one of ten."""
    odd = kept(FAMILIES[4], units=60, days=170, draws=120, budget=RARE)
    assert odd.unheeded > 0.15
    assert odd.broken <= 0.1


def test_it_holds_through_features_forests_and_folds() -> None:
    """Law: of ten trainings at one in fifty, one at most breaks what it promises."""
    forests = kept_by_forests(units=80, days=40, draws=10, budget=Budget(1.0, 50.0), growth=Growth(seed=1))
    assert forests.promised > 0.5
    assert forests.broken <= 0.1
