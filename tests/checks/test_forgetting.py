"""What the rules on vehicles let go of: where nothing is begun and the last fix is old, nothing need be kept.

Law 11: something clears each piece of a state, and it clears nothing that has still to be said.
"""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from detectors.catalogue import catalogue
from detectors.roads.fixes import FORGOTTEN
from detectors.roads.ordinary import Ridden, last_fix
from events.time import MINUTE
from tests.checks.folding import fold, steps, view_of
from tests.checks.histories import history_of
from tests.detector_kit import cell

RIDDEN = [detector for detector in catalogue() if isinstance(detector, Ridden)]
BY_TIME = frozenset(("D6",))
"""In their histories it is silence that makes a claim stand, and no fix."""

every_ridden = pytest.mark.parametrize(
    "detector", RIDDEN, ids=[f"{detector.card.id}-{detector.card.key}" for detector in RIDDEN]
)


@every_ridden
def test_a_vehicle_that_was_seen_standing_is_forgotten_once_its_fix_is_old(detector: Any) -> None:
    """Until then its place is kept: the next fix may be a leap from there."""
    history = replace(history_of(detector), facts=(cell("day 1 08:00", (119.3, 26.08), speed_kmh=0.0),))
    (done,) = fold(detector, list(steps(history)), view_of(history))
    at = last_fix(done.step).at
    assert detector.spent(detector.start(), at)
    assert detector.spent(done.after, at)
    assert done.after == detector.start() or not detector.spent(done.after, at - MINUTE)


@every_ridden
def test_what_stands_is_not_forgotten(detector: Any) -> None:
    """The end of a claim is still to be said, however long no fix comes."""
    history = history_of(detector)
    view, standing = view_of(history), 0
    for done in fold(detector, list(steps(history)), view):
        at = last_fix(done.step).at
        if any(claim.until is None for claim in (*done.claims, *detector.at(done.after, at, view))):
            standing += 1
            assert not detector.spent(done.after, at + 9 * FORGOTTEN)
    assert standing or detector.card.id in BY_TIME
