"""A small track ridden over, against a watch that looks at each fix: findings, states, what closed time leaves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final, Literal

from msgspec import Struct

from detectors.catalogue import catalogue
from detectors.detector import Detector
from detectors.subject import Subject
from detectors.vehicle import Vehicle, subject_of
from detectors.watch import Watched
from detectors.world import World
from events.time import HOUR, MINUTE, Instant
from ledger.fact import Fact
from tests.detector_kit import world
from tests.laws.riding import Key, waking, without_cursor
from tests.laws.tracks import KEY, Told
from tests.unit.detectors.rides import TOWN, TRACKS

QUIET = Watched(())
Way = Literal["straight", "taken", "restarted", "folded"]
"""Straight on, taken first and then looked at, restarted after each third look, or folded whole after each."""


LOOKS: Final = {
    "beyond the planned arrival": 8, "a trip that begins and ends amid a drive": 3, "a stop": 3,
    "a stop too short to be told": 4, "a blind terminal": 4, "a blind minute": 3, "two trips": 3, "called off": 3,
    "a plan heard of on the way": 3, "a plan for a time long ridden over": 7, "half an hour heard of late": 13,
    "each third fix heard of late": 6,
}  # fmt: skip
"""How many minutes are looked at, whichever one rule it is: two where not named, the first and the last."""


class Went(Struct):
    """A look, what it tells, and what is folded after it: at the last fix, and of closed time."""

    heard: Told
    told: Watched
    fold: tuple[Any, ...]
    base: tuple[Any, ...]
    horizon: Instant


@cache
def surroundings(rule: str = "") -> World:
    """The small world with the town, for a watch of one rule or of all."""
    return world((TOWN,))


def rules(rule: str = "") -> list[Detector]:
    """One rule, or all."""
    return [one for one in catalogue() if rule in ("", one.card.id)]


def batches(facts: Sequence[Fact], size: int = 7) -> list[Told]:
    """Facts as they are received, so many between two looks, then three quiet days."""
    facts = sorted(facts, key=lambda fact: fact.received_at)
    told = [tuple(facts[first : first + size]) for first in range(0, len(facts), size)]
    last = facts[-1].received_at
    quiet = [Told((), last + hours * HOUR) for hours in (1, 2, 12, 30, 56, 80)]
    return [*(Told(batch, batch[-1].received_at) for batch in told), *quiet]


@cache
def exactly(track: str, rule: str = "") -> list[Went]:
    """The looks that a watch asks for which looks at each fix, and what it tells."""
    key, went = Key(Subject(KEY), surroundings(rule), rules(rule)), []
    for heard, told in waking(key, batches(TRACKS[track])):
        subject = key.subject
        folds = without_cursor(subject.tail), without_cursor(subject.base)
        went.append(Went(heard, told, *folds, subject.horizon))
    return went


def ride(track: str, way: Way = "straight", *, rule: str = "", by: Iterable[Detector] | None = None) -> int:
    """Ride over a track, each time that a lane would look; how many minutes were looked at.

    ``by`` stand in the place of the rules.
    """
    surroundings(rule).noted.clear()
    riding, looked = Key(subject_of(KEY), surroundings(rule), rules(rule) if by is None else by), set()
    for nth, look in enumerate(exactly(track, rule)):
        due = look.heard.facts or riding.due(look.heard.now)
        told = riding.hear(look.heard, passing=way != "taken") if due else QUIET
        assert told == look.told
        if riding.subject.horizon == look.horizon:
            assert without_cursor(riding.subject.base) == look.base
        if way == "restarted" and nth % 3 == 2:
            riding.restart()
        vehicle = riding.subject
        assert isinstance(vehicle, Vehicle)
        if vehicle.tail_at[0] == vehicle.minute * MINUTE:
            looked.add(vehicle.minute)
        if way == "folded" and vehicle.current is not None:
            assert without_cursor(riding.watch.advance(vehicle, riding.view)) == look.fold
    return len(looked)
