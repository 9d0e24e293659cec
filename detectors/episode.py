"""Episodes: one run of facts for which a rule holds is one claim: opened, updated, closed.

Law kept: one episode, one warning (never one warning per event). The anchor is the episode's first event in
event order.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Number, cite
from events.time import Instant
from ledger.fact import Count, Fact, Movement, Ref


class Episode(Struct, frozen=True, array_like=True, gc=False):
    """What a rule carries: the claim of the episode that is open, or None."""

    open: Claim | None = None


class Lasting(Struct, frozen=True, array_like=True, gc=False):
    """An episode that is over only once all has been well for a rest, so that what comes and goes is one matter.

    While it rests, ``ended`` is how it will have ended, by ``over`` if nothing happens until then.
    """

    open: Claim | None = None
    ended: Claim | None = None
    over: Instant = 0

    def by(self, now: Instant) -> Claim | None:
        """The closed episode, where its rest is over."""
        return rested(self.ended, self.over, now)

    def resting(self) -> tuple[Instant, ...]:
        """When time alone ends it."""
        return () if self.ended is None else (self.over,)


def begin(
    fact: Fact, body: Movement | Count, speaks_at: Instant, numbers: dict[str, Number], before: tuple[Ref, ...] = ()
) -> Claim:
    """A claim that an episode begins with this fact, placed where the body's site is; it cites ``before`` too."""
    return Claim(
        anchor=fact.id,
        since=fact.at,
        speaks_at=speaks_at,
        refs=(*before, fact.ref),
        numbers=numbers,
        area=body.area,
        unit=body.unit,
        category=body.category,
        site=body.site,
        goods=body.goods,
        ref_count=1 + len(before),
    )


def go_on(claim: Claim, fact: Fact, numbers: dict[str, Number]) -> Claim:
    """The episode with one more fact that belongs to it, and its numbers as they are now."""
    return replace(claim, refs=cite(claim.refs, fact.ref), ref_count=claim.ref_count + 1, numbers=numbers)


def end(claim: Claim, fact: Fact) -> Claim:
    """The episode closed by a fact that ends it."""
    return replace(claim, until=fact.at, refs=cite(claim.refs, fact.ref), ref_count=claim.ref_count + 1)


def rested(ended: Claim | None, over: Instant, now: Instant) -> Claim | None:
    """The episode as it will have ended, where its rest is over by now."""
    return ended if ended is not None and now >= over else None
