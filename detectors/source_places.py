"""Where sealed sources belong, and how active they should be, by what is registered of them.

Law kept: a source is judged by the entry that was in force when it was seen; one registered anew where it has come
to is in its place from then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim
from detectors.detector import View
from events.quantity import Amount, parse_quantity
from events.registry import SourceEntry
from events.time import SECOND, Instant, instant
from ledger.reference import FOREVER, Registered
from ledger.serials import Spans

Sources = Mapping[tuple[str, str, int], SourceEntry]
"""Sources by maker, type and number."""


class Astray(Struct, frozen=True, array_like=True, gc=False):
    """One source that is out of place, or that does not measure what it should."""

    serial: int
    reason: str
    claim: Claim


def registered(view: View, at: Instant) -> Sources:
    """The sources that a key knows of at an instant, as they are registered then."""

    def find(then: Instant) -> Sources:
        found = {}
        for subject in view.reference.subjects(SourceEntry):
            entry = view.reference.in_force(SourceEntry, subject, then)
            if entry is not None:
                found[entry.maker, entry.model, entry.serial] = entry
        return found

    return view.reference.lasting(SourceEntry, "all", at, find)


def among(sources: Sources, of: tuple[str, str], numbers: Spans) -> Iterable[SourceEntry]:
    """The registered sources of a maker and type that are among some numbers, in their order."""
    for first, last in numbers:
        if last - first < len(sources):
            found = [sources[*of, one] for one in range(first, last + 1) if (*of, one) in sources]
        else:
            found = sorted(
                (one for key, one in sources.items() if key[:2] == of and first <= key[2] <= last),
                key=lambda one: one.serial,
            )
        yield from found


def settled_at(view: View, source: tuple[str, str, int], site: str, since: Instant) -> Instant:
    """From when on a source that was out of place at a site belongs there; ``FOREVER`` where it never does."""
    found = FOREVER
    for entry in view.reference.of_kind(SourceEntry):
        it = entry.entry
        if isinstance(it, SourceEntry) and (it.maker, it.model, it.serial) == source and it.site == site:
            if not entry.in_force(since):
                found = min(found, _speaks_from(entry, since))
    return found


def expected_activity(entry: SourceEntry, half_life_s: float, at: Instant) -> float | None:
    """What a source should still measure at an instant, in Bq: A0·2^(−Δt/T½)."""
    measured = parse_quantity(entry.activity.value, entry.activity.unit)
    if not isinstance(measured, Amount):
        return None
    halves = (at - instant(entry.measured_at)) / SECOND / half_life_s
    return float(measured.base * 2.0 ** -min(max(halves, -60.0), 1_000.0))


def settles(one: Astray, view: View) -> Instant:
    """When an entry puts a source where it was seen."""
    numbers, site = one.claim.numbers, one.claim.site or ""
    of = (str(numbers["maker"]), str(numbers["type"]), one.serial)
    return settled_at(view, of, site, one.claim.since)


def stands(one: Astray, view: View, now: Instant) -> Claim | None:
    """The claim as it stands at an instant; None where the source was put in its place before anything was said."""
    if one.reason == "activity":
        return one.claim
    settled = settles(one, view)
    if settled <= one.claim.speaks_at:
        return None
    return one.claim if now < settled else replace(one.claim, until=settled)


def _speaks_from(entry: Registered, since: Instant) -> Instant:
    """When an entry that says nothing of an instant begins to say something."""
    if entry.valid_to is not None and entry.valid_to <= since:
        return FOREVER
    return entry.valid_from if entry.valid_from > since and entry.heard_of(entry.valid_from) else entry.heard_at
