"""Drift: what is said of Page's statistic is the highest that it was, against the threshold of then."""

from __future__ import annotations

from msgspec.structs import replace

from detectors.claim import Claim
from detectors.drift import highest
from events.registry import Category

TOLD = Claim(
    anchor="a", since=0, speaks_at=0, refs=(), numbers={"page": 9.5, "threshold": 8.6}, area="350102", unit="U1",
    category=Category.CHEMICALS,
)  # fmt: skip


def test_a_sum_that_fell_is_told_of_by_its_height() -> None:
    """A warning that began above the threshold never reads as if it were below."""
    assert highest(TOLD, 9.4, 8.2) == {"page": 9.5, "threshold": 8.6}
    assert highest(TOLD, 9.5004, 8.2) == {"page": 9.5, "threshold": 8.6}
    assert highest(TOLD, 9.6, 8.2) == {"page": 9.6, "threshold": 8.2}


def test_where_nothing_was_told_of_it_the_sum_of_now_is_said() -> None:
    """At an episode's beginning, and where another test spoke first."""
    assert highest(None, 9.1234, 8.2345) == {"page": 9.123, "threshold": 8.235}
    assert highest(replace(TOLD, numbers={"cumuf": 3.1}), 9.0, 8.0) == {"page": 9.0, "threshold": 8.0}
