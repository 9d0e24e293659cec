"""Budget: the false alarms that a policy will bear, and the limits of the balance tests that follow from it.

Law kept: a budget is stated in one way, as the probability of any false alarm of a book in a year, or as false
alarms a week of so many books; each limit is computed from it, none is tabulated.
"""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from detectors.sequential.threshold import (
    page_threshold,
    page_threshold_at_rate,
    shewhart_threshold,
    shewhart_threshold_at_rate,
)
from events.time import DAY

YEAR: Final = 365 * DAY
"""What the total probability of a false alarm is stated for."""
WEEKS: Final = 365.0 / 7.0
"""The weeks of that year."""
MOST_A_PERIOD: Final = 0.1
"""The most false alarms a balance period that a book is given, whatever is stated: a tenth of its counts."""


class Budget(Struct, frozen=True, forbid_unknown_fields=True):
    """``false_alarm``: probability of any false alarm of one book in a year of at most ``horizon_periods`` periods.

    Or ``alarms_per_week``: the false alarms a week, in the long run, that ``books`` honest books have together; an
    equal part is each one's, however often it is counted. Exactly one of the two is above 0.
    """

    false_alarm: Annotated[float, Meta(ge=0, lt=1)] = 0.02
    horizon_periods: Annotated[int, Meta(ge=1)] = 365
    alarms_per_week: Annotated[float, Meta(ge=0)] = 0.0
    books: Annotated[int, Meta(ge=1)] = 1

    def __post_init__(self) -> None:
        if (self.false_alarm > 0.0) is (self.alarms_per_week > 0.0):
            raise ValueError(
                "state either false_alarm (with horizon_periods) or alarms_per_week (with books), and 0 for the "
                "other, in an override too; "
                f"here false_alarm = {self.false_alarm:g} and alarms_per_week = {self.alarms_per_week:g}"
            )

    def a_period(self, a_year: int, share: float = 1.0) -> float:
        """False alarms a period of one book that has so many a year, where a rate is stated, of a part of it.

        >>> round(Budget(false_alarm=0, alarms_per_week=1, books=100).a_period(365), 6)
        0.001429
        """
        return min(self.alarms_per_week / self.books * WEEKS / a_year * share, MOST_A_PERIOD)

    def shewhart(self, a_year: int) -> float:
        """The limit c on single balances, in standard deviations, of a book with so many periods a year.

        >>> round(Budget(false_alarm=0.05).shewhart(365), 4)
        3.6322
        """
        if self.alarms_per_week:
            return shewhart_threshold_at_rate(self.a_period(a_year))
        return shewhart_threshold(min(a_year, self.horizon_periods), self.false_alarm)

    def page(self, a_year: int, k: float, share: float = 1.0) -> float:
        """The threshold h of one side of Page's test with allowance ``k``, from a part of the budget.

        >>> round(Budget(false_alarm=0.05).page(365, 0.5), 4)
        6.9956
        """
        if self.alarms_per_week:
            return page_threshold_at_rate(self.a_period(a_year, share), k)
        return page_threshold(min(a_year, self.horizon_periods), k, self.false_alarm * share)

    def windows(self, windows: int, share: float) -> float:
        """What all the windows of a year, so many, may spend of a part of the budget: a probability.

        >>> round(Budget(false_alarm=0, alarms_per_week=0.001).windows(2, 0.5), 4)
        0.0261
        """
        if self.alarms_per_week:
            return windows * self.a_period(windows, share)
        return self.false_alarm * share
