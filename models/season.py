"""Seasons: how far days off are from a day, and up to how many times its usual a unit's day may be for them.

Law: out of season nothing is taken off a day; in season its times the usual are, and nothing of a day beyond the
times that are allowed. However little a unit does in season, that is no wonder.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

FAR: Final = 999
"""Days, where nothing is as near as anybody may ask about."""
FARTHEST: Final = 120
"""Most days before or after days off that may belong to their season."""


class Near(NamedTuple):
    """Days until some days off begin, 0 on them; days since the last ones ended, 1 on the day after."""

    until: int = FAR
    since: int = FAR

    def within(self, before: int, after: int) -> bool:
        """Whether a day is so near.

        >>> Near(10, 200).within(10, 5), Near(11, 200).within(10, 5), Near(99, 5).within(10, 5)
        (True, False, True)
        """
        return self.until <= before or self.since <= after


class Nearness(NamedTuple):
    """How near the Spring Festival is and how near three days off in a row are; ``known``: a calendar says
    when the nearest festival is.
    """

    festival: Near = Near()
    days_off: Near = Near()
    known: bool = True


class Season(msgspec.Struct, frozen=True):
    """Up to how many times its usual a unit's day may be near days off, and how many days near is."""

    festival_factor: float = 1.0
    festival_days: int = 0
    after_festival: int = 0
    days_off_factor: float = 1.0
    before_days_off: int = 0
    after_days_off: int = 0

    def allows(self, near: Nearness) -> float:
        """Times the usual, 1 out of season.

        >>> spring = Season(festival_factor=9.0, festival_days=45, after_festival=30)
        >>> spring.allows(Nearness(Near(45))), spring.allows(Nearness(Near(46)))
        (9.0, 1.0)
        """
        festive = near.festival.within(self.festival_days, self.after_festival)
        off = near.days_off.within(self.before_days_off, self.after_days_off)
        return max(self.festival_factor if festive else 1.0, self.days_off_factor if off else 1.0)
