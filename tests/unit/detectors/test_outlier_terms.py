"""What one policy says of E7, as "what if" asks for it: what a changed threshold would have raised."""

from __future__ import annotations

from detectors.e7_peer_outlier import Parameters
from detectors.outlier_terms import OutlierTerms
from detectors.policy import read_policy
from events.time import MINUTE
from models.calibrate import Budget
from models.season import Season
from models.whatif import Terms

RULE = """
[E7]
severity = "yellow"
inform_unit = "never"
settle = "day_end"
settle_slack_min = 45
[E7.parameters]
alarms_per_week = 1.5
scored_per_week = 900.0
confidence = 0.8
bridge_days = 2
festival_factor = 9.0
festival_days = 40
after_festival = 20
days_off_factor = 3.0
before_days_off = 8
after_days_off = 4
"""
OVERRIDES = """
[[E7.override]]
category = "chemicals"
[E7.override.parameters]
alarms_per_week = 2.5
[[E7.override]]
area = "350100"
[E7.override.parameters]
bridge_days = 5
[[E7.override]]
unit = "U7"
enabled = false
[[E7.override]]
unit = "U9"
[E7.override.parameters]
festival_factor = 1.0
"""
AREAS = ("350102", "350100", "350000")
SEASON = Season(9.0, 40, 20, 3.0, 8, 4)


def terms(text: str) -> OutlierTerms:
    """E7's terms out of a text."""
    return OutlierTerms(read_policy(text, {"E7": Parameters}))


def test_it_is_what_the_rule_would_go_by_live() -> None:
    """Budget, bridge, season, and how long after the day is over it speaks."""
    found = terms(RULE).terms("explosives", ("350302",), "U1")
    assert found == Terms(Budget(1.5, 900.0, 0.8), 2, True, 45 * MINUTE, SEASON)


def test_a_rule_that_does_not_settle_waits_for_nothing() -> None:
    """Its slack is of the end of the day alone."""
    assert terms(RULE.replace('"day_end"', '"now"')).terms("explosives", AREAS, "U1").waits == 0
    assert terms(RULE.replace("= 45", "= 0")).terms("explosives", AREAS, "U1").waits == 0


def test_overrides_hold_by_category_area_and_unit() -> None:
    """Each as it would live, and the units that have terms of their own are named."""
    found = terms(RULE + OVERRIDES)
    assert found.units == {"U7", "U9"}
    assert terms(RULE).units == frozenset()
    assert found.terms("chemicals", ("350302",), "U1").budget == Budget(2.5, 900.0, 0.8)
    assert found.terms("explosives", AREAS, "U1").bridge_days == 5
    silenced, own = found.terms("explosives", AREAS, "U7"), found.terms("explosives", ("350302",), "U9")
    assert (silenced.enabled, own.enabled) == (False, True)
    assert own.season == Season(1.0, 40, 20, 3.0, 8, 4)
