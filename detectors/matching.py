"""Matching: what the two ends of a consignment owe each other, one obligation a goods.

Law kept: what is put right before it may be said is never said; what is put right later is closed; what never
is, stands. The obligation's id ({consignment}/{goods}) is the anchor, whichever report comes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Number
from detectors.episode import end
from events.time import HOUR, Instant
from ledger.account import Trip, Way
from ledger.fact import Fact, Movement, Ref


class Obligations(Struct, frozen=True, array_like=True, gc=False):
    """The obligations that are not met: their claims as they will be said, some from a later instant on."""

    open: tuple[Claim, ...] = ()

    def of(self, anchor: str) -> Claim | None:
        """The claim about one obligation."""
        return next((claim for claim in self.open if claim.anchor == anchor), None)

    def said(self, now: Instant) -> Sequence[Claim]:
        """What may be said at an instant."""
        return tuple(claim for claim in self.open if claim.speaks_at <= now)

    def instants(self) -> Sequence[Instant]:
        """When more may be said."""
        return tuple(claim.speaks_at for claim in self.open)

    def become(self, claims: Iterable[Claim], fact: Fact) -> tuple[Obligations, Sequence[Claim]]:
        """The obligations that a fact leaves unmet, and the claims that it closes."""
        left = tuple(sorted(claims, key=lambda claim: claim.anchor))
        anchors = {claim.anchor for claim in left}
        met = [claim for claim in self.open if claim.anchor not in anchors]
        return Obligations(left), tuple(end(claim, fact) for claim in met if fact.at > claim.speaks_at)


def obligation(trip_key: str, goods: str) -> str:
    """The id of what is owed: the consignment of a key and the goods.

    >>> obligation("consignment:C1", "EXP")
    'C1/EXP'
    """
    return f"{trip_key.partition(':')[2]}/{goods}"


def deadline(trip: Trip, way: Way, *, grace_h: float, transit_h: float) -> Instant:
    """By when the goods must have been received: as planned and some hours more, or a usual transit's time.

    What was sent only after its planned arrival has the same hours more from then on.
    """
    sent = way.sent_at or 0
    if trip.plan is None:
        return sent + round(transit_h * HOUR)
    return max(trip.plan.arrive_by, sent) + round(grace_h * HOUR)


def unmatched_ways(trip: Trip) -> tuple[Way, ...]:
    """What was sent, not all declared lost, and of which nothing was received."""
    return tuple(way for way in trip.ways if way.sent > way.lost and not way.received)


def swapped_for(trip: Trip, way: Way) -> Way | None:
    """The goods that was sent while this one arrived without having been sent; None where this is no swap."""
    if way.sent or not way.received:
        return None
    return next(iter(unmatched_ways(trip)), None)


def owed(anchor: str, stands: tuple[Instant, Instant], at: Movement, way: Way, numbers: dict[str, Number]) -> Claim:
    """A claim on one goods, placed at one end; ``stands`` is from when it stands and from when it may be said."""
    return Claim(
        anchor=anchor,
        since=stands[0],
        speaks_at=stands[1],
        refs=(),
        numbers=numbers,
        area=at.area,
        unit=at.unit,
        category=way.category,
        site=at.site,
        goods=way.goods,
    )


def backed(claim: Claim, refs: Iterable[Ref | None], ends: Iterable[Movement | None]) -> Claim:
    """The claim with its citations, informing the areas of the other ends."""
    cited = tuple(ref for ref in refs if ref is not None)
    areas = {moved.area for moved in ends if moved is not None} - {claim.area}
    return replace(claim, refs=cited, ref_count=len(cited), informed_areas=tuple(sorted(areas)))
