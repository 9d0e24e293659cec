"""Spells: minutes of a trip, not too far apart, in each of which the same was wrong.

Law kept: one spell, one claim. It is over once more minutes have passed without than its gap allows, by time alone.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim
from detectors.roads.roads import citing
from events.time import MINUTE, Instant
from ledger.fact import Fact, Fix, Ref


class Spell(Struct, frozen=True, array_like=True, gc=False):
    """On which trip, since when, until when so far, in how many minutes, the worst of them, and the claim if it is
    one."""

    consignment: str
    fact_id: str
    ref: Ref
    since: Instant
    latest: Fix
    expires: Instant
    minutes: int
    worst: float
    worst_fix: Fix
    claim: Claim | None = None


def prolonged(spell: Spell | None, consignment: str, minute: tuple[Fact, Instant, Fix], gap_min: int,
              worst: float) -> Spell:  # fmt: skip
    """A spell with one more minute: its fact, when it begins, and its last believed fix."""
    fact, begins, fix = minute
    expires = fix.at + gap_min * MINUTE
    if spell is None:
        return Spell(consignment, fact.id, fact.ref, begins, fix, expires, 1, worst, fix)
    worse = worst > spell.worst
    return replace(
        spell, latest=fix, expires=expires, minutes=spell.minutes + 1,
        worst=worst if worse else spell.worst, worst_fix=fix if worse else spell.worst_fix,
    )  # fmt: skip


def over(spell: Spell | None, worst_name: str) -> tuple[Claim, ...]:
    """The claim of a spell, if it is one, as it ends with its last minute."""
    if spell is None or spell.claim is None:
        return ()
    numbers = spell.claim.numbers | {
        "minutes": spell.minutes,
        worst_name: round(spell.worst),
        "lon": round(spell.worst_fix.lon, 5),
        "lat": round(spell.worst_fix.lat, 5),
    }
    return (replace(spell.claim, until=spell.latest.at, numbers=numbers),)


def opened(spell: Spell, claim: Claim, fact: Fact) -> Spell:
    """The spell once it is a claim: anchored at its first minute, and citing the one that made it one."""
    anchored = replace(claim, anchor=spell.fact_id, since=spell.since)
    return replace(spell, claim=citing(anchored, spell.ref, fact.ref))
