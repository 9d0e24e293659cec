"""E7's terms out of a whole policy, as "what if" asks for them: the same overrides, by category, area and unit."""

from __future__ import annotations

from typing import Final

from detectors.e7_peer_outlier import Parameters, PeerOutlier
from detectors.policy import Policy
from events.time import MINUTE
from models.calibrate import Budget
from models.whatif import Terms

E7: Final = PeerOutlier.card.id


class OutlierTerms:
    """What one policy says of E7; it stands for the whole time asked about."""

    __slots__ = ("_policy", "units")

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self.units: Final = frozenset(override.unit for override in policy.rules[E7].override if override.unit)

    def terms(self, category: str, areas: tuple[str, ...], unit: str) -> Terms:
        """The terms for a category, an area with its superiors (nearest first), and a unit."""
        terms = self._policy.terms(E7, category, areas, unit)
        found = terms.parameters
        assert isinstance(found, Parameters)
        budget = Budget(found.alarms_per_week, found.scored_per_week, found.confidence)
        waits = 0 if terms.settle == "now" else terms.settle_slack_min * MINUTE
        return Terms(budget, found.bridge_days, terms.enabled, waits, found.season)
