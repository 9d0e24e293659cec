"""What is ordinary: the terms in which each rule of the road says of which minutes it would say nothing.

Law kept: a minute that is ordinary for a rule makes it claim nothing, and changes no more of its state than what
``rode`` makes of the last such minute. What is not ordinary is not thereby wrong: the rules themselves look at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol, runtime_checkable

from msgspec import Struct

from detectors.detector import Step, View
from detectors.roads.areas import Areas
from detectors.roads.course import Course, Ways
from detectors.roads.edges import Edges
from events.registry import Category
from events.time import Instant
from ledger.fact import Cell, Fix, Leg

NEVER: Final[Instant] = 2**62
ANY_KMH: Final = 1e9


class Run(Struct, frozen=True):
    """Where a run of minutes begins, and what stays the same along it.

    ``since`` and ``until`` bound the time in which no trip begins or ends; ``trip`` is the one that departed last
    (empty: none), ``legs`` are all that are due, ``routed`` says whether any route binds, ``emptied`` names the
    trip that is known to be unloaded; ``ways`` is how far along which routes it came, told once it has ended.
    """

    at: Instant
    since: Instant
    until: Instant
    trip: str
    legs: tuple[Leg, ...]
    routed: bool
    emptied: str
    ways: Ways | None = None

    @property
    def on(self) -> bool:
        """Whether a loaded vehicle is under way."""
        return bool(self.trip) and self.emptied != self.trip

    @property
    def leg(self) -> Leg | None:
        """The plan of the trip."""
        return self.legs[-1] if self.legs else None


class KeptOut(Struct, frozen=True, gc=False):
    """Restricted areas, and what a trip carries that may enter some of them."""

    areas: Areas
    category: Category
    approved: frozenset[str]

    def allows(self, at: Instant, lon: float, lat: float) -> bool:
        """Whether for certain no area keeps out of a place what is carried; no outline is walked."""
        if self.areas.clear(lon, lat):
            return True
        near = self.areas.near(lon, lat)
        return not any(area.forbids(at, self.category, self.approved) for area in near)


class Ordinary(Struct, frozen=True, gc=False):
    """What a minute must be; every field left at its default asks for nothing.

    ``heard_by``: the first fix comes before this; ``gap``: no longer a silence than this; ``quiet_until``: before
    this time alone says nothing; ``until``: the minute ends before this. Of minutes on a trip that do not say that
    they are empty: ``fastest_kmh``: no faster; ``standing_kmh``: one fix at least is faster, or both are where the
    vehicle may stand (``stands``); ``kept_out``: both fixes lie outside of these areas. Of all minutes:
    ``within``: both fixes lie near these lines; ``course``: both go on along it from ``ways``.
    """

    heard_by: Instant = NEVER
    gap: Instant = NEVER
    quiet_until: Instant = NEVER
    until: Instant = NEVER
    fastest_kmh: float = ANY_KMH
    standing_kmh: float = -1.0
    stands: Edges | None = None
    within: Edges | None = None
    kept_out: KeptOut | None = None
    course: Course | None = None
    ways: Ways = ()


ANYTHING: Final = Ordinary()
"""What a rule asks for that cares for nothing that comes."""


def together(asked: Sequence[Ordinary]) -> Ordinary:
    """What is ordinary for all of them; each place is asked for by one rule at most."""
    asked = [one for one in asked if one is not ANYTHING]
    if len(asked) <= 1:
        return asked[0] if asked else ANYTHING
    return Ordinary(
        min(one.heard_by for one in asked),
        min(one.gap for one in asked),
        min(one.quiet_until for one in asked),
        min(one.until for one in asked),
        min(one.fastest_kmh for one in asked),
        max(one.standing_kmh for one in asked),
        next((one.stands for one in asked if one.stands is not None), None),
        next((one.within for one in asked if one.within is not None), None),
        next((one.kept_out for one in asked if one.kept_out is not None), None),
        next((one.course for one in asked if one.course is not None), None),
        next((one.ways for one in asked if one.course is not None), ()),
    )


@runtime_checkable
class Ridden(Protocol):
    """A rule that looks at a vehicle's minutes and says which of them it need not see.

    Where one that does not say so lives on vehicles, every minute is looked at by all of them.
    """

    def mounts(self, state: Any, run: Run, allowed: Sequence[Any], view: View) -> Ordinary | None:
        """What is ordinary from a state on, under whichever of the parameters is in force; None: nothing is."""
        ...

    def rode(self, state: Any, run: Run, last: Step, view: View) -> Any:
        """The state as ordinary minutes leave it, the last of which is given."""
        ...

    def spent(self, state: Any, since: Instant) -> bool:
        """Whether nothing in a state can matter any more, if no fix came since an instant."""
        ...


def last_fix(step: Step) -> Fix:
    """The last fix of a minute."""
    cell = step.fact.body
    if not isinstance(cell, Cell):
        raise TypeError(f"{step.fact.id} is no minute of a vehicle")
    return cell.last
