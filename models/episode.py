"""The warnings of "what if" as a person reads them: whose, where, from when to when, how strange."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np

from events.time import Instant, day_start
from models.scored import Scored
from models.whatif import Raised, Rows, chain


class Episode(msgspec.Struct, frozen=True):
    """One warning: ``first`` and ``last`` are civil days, ``days`` the outlier days among them, ``score`` the
    strangest one's, ``events`` the movements of them all; ``until`` is None while it may still go on."""

    unit: str
    category: str
    measure: str
    area: str
    first: int
    last: int
    days: int
    score: float
    events: int
    open: bool

    @property
    def since(self) -> Instant:
        """When its first day began."""
        return day_start(self.first)

    @property
    def until(self) -> Instant | None:
        """When its last day was over."""
        return None if self.open else day_start(self.last + 1)


def strangest(scored: Scored, raised: Raised, which: Rows, most: int) -> Iterator[Episode]:
    """Of some warnings those with the highest scores, the highest first; equals in their order."""
    first, last = raised.first[which], raised.last[which]
    if len(which):
        lengths = last - first + 1
        begins = np.cumsum(lengths) - lengths
        rows = np.arange(lengths.sum()) + np.repeat(first - begins, lengths)
        peaks = np.maximum.reduceat(scored.score[rows], begins)
        which = which[np.argsort(-peaks, kind="stable")[:most]]
    return episodes(scored, raised, which)


def episodes(scored: Scored, raised: Raised, which: Rows | None = None) -> Iterator[Episode]:
    """Some warnings (all of them) in their order; an episode's place is its first day's."""
    for place in range(len(raised)) if which is None else which.tolist():
        first, last = int(raised.first[place]), int(raised.last[place])
        strand, cell = int(scored.strand[first]), int(scored.cell[first])
        yield Episode(
            unit=str(scored.strand_unit[strand]),
            category=str(scored.strand_category[strand]),
            measure=str(scored.strand_measure[strand]),
            area=chain(scored, cell)[0],
            first=int(scored.day[first]),
            last=int(scored.day[last]),
            days=last - first + 1,
            score=float(scored.score[first : last + 1].max()),
            events=int(scored.events[first : last + 1].sum()),
            open=bool(raised.open[place]),
        )
