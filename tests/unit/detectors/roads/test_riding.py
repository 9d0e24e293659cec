"""Which minutes are ridden over: each thing that a rule asks for is asked of both fixes, to the second and metre.

Law: what is admitted is ordinary for certain; what is taken is where the next minute goes on from.
"""

from __future__ import annotations

from typing import Any

import pytest

from detectors.cells import EMPTY, LOADED, Seen, Sight
from detectors.roads.areas import Area, Areas
from detectors.roads.course import Way, course_of
from detectors.roads.edges import corridors, standing_places
from detectors.roads.ordinary import ANYTHING, NEVER, KeptOut, Ordinary, Run, together
from detectors.roads.riding import Riding
from events.registry import Category
from events.rejection import Source
from events.time import HOUR, MINUTE, SECOND
from ledger.fact import Leg
from simulator.stories.relative import along

LINE = tuple(along(part / 10) for part in range(11))
LEG = Leg("plan", "C1", "V1", routes=((LINE, 300.0),), stops=((*along(0.5, aside_m=1_000.0), 200.0),))
NOON = 1_000 * HOUR


def sight(second: float, part: float = 0.0, *, aside: float = 0.0, speed: float = 40.0) -> Sight:
    """A fix so many seconds behind noon, at a part of the way from S1 to S2."""
    lon, lat = along(part, aside_m=aside)
    return (NOON + round(second * SECOND), lon, lat, speed)


def minute(first: Sight, last: Sight | None = None, *, alarms: int = 0, load: int = 0) -> Seen:
    return (first, first if last is None else last, alarms, load, 0, Source("position", 0, 0))


def run(**said: Any) -> Run:
    """A run of a loaded trip over the hour behind noon."""
    asked: dict[str, Any] = {
        "at": NOON, "since": NOON, "until": NOON + HOUR,
        "trip": "C1", "legs": (LEG,), "routed": True, "emptied": "",
    }  # fmt: skip
    return Run(**(asked | said))


def admits(cell: Seen, ordinary: Ordinary = ANYTHING, before: Seen | None = None, **said: Any) -> bool:
    """Whether a minute is ordinary, behind another one."""
    riding = Riding(run(**said), ordinary)
    if before is not None:
        assert riding.admits(before)
        riding.take(before)
    return riding.admits(cell)


def test_a_minute_lies_within_the_runs_time() -> None:
    """From its first instant to before its last; and before what a rule waits for."""
    assert [admits(minute(sight(second))) for second in (-1, 0, 3_599, 3_600)] == [False, True, True, False]
    assert not admits(minute(sight(3_550), sight(3_600, 0.01)))
    until = Ordinary(until=NOON + MINUTE)
    assert [admits(minute(sight(second)), until) for second in (59, 60)] == [True, False]
    heard = Ordinary(heard_by=NOON + MINUTE)
    assert [admits(minute(sight(second)), heard) for second in (59, 60)] == [True, False]


def test_a_silence_longer_than_a_rule_lets_pass_is_not_ordinary() -> None:
    """Reckoned from the last fix of the minute before; time alone may speak then, or when quiet has to end."""
    gap = Ordinary(gap=5 * MINUTE)
    told = [admits(minute(sight(second, 0.01)), gap, minute(sight(0), sight(40, 0.001))) for second in (339, 340)]
    assert told == [True, False]
    riding = Riding(run(), Ordinary(gap=5 * MINUTE, quiet_until=NOON + 10 * MINUTE))
    assert riding.silent(minute(sight(0))) == NOON + 5 * MINUTE
    assert riding.silent(minute(sight(360))) == NOON + 10 * MINUTE


@pytest.mark.parametrize("bit", [4, 5, 7, 8])
def test_a_blind_terminal_is_looked_at(bit: int) -> None:
    """Any bit that says so; a bit that says something else is not asked for."""
    assert not admits(minute(sight(0), alarms=1 << bit))
    assert admits(minute(sight(0), alarms=1 << 18))


def test_places_that_no_vehicle_can_have_come_to_are_looked_at() -> None:
    """Zero degrees either way, a leap, a frozen receiver, time that stands or runs back."""
    for lon, lat in ((0.005, 0.0), (0.0, 26.0), (-0.005, 26.0)):
        assert not admits(minute((NOON, lon, lat, 0.0)))
        assert not admits(minute(sight(0), (NOON + 40 * SECOND, lon, lat, 0.0)))
    before = minute(sight(0))
    assert admits(minute(sight(60, 0.1)), before=before)  # 2 km in a minute
    assert not admits(minute(sight(60, 0.2)), before=before)  # 4 km
    assert not admits(minute(sight(60), sight(100, 0.15)))
    assert not admits(minute(sight(60)), before=before)  # the same place at 40 km/h
    assert admits(minute(sight(60, speed=10.0)), before=before)
    assert not admits(minute(sight(60), sight(100)))
    assert admits(minute(sight(60, speed=10.0), sight(100, speed=10.0)))
    assert not admits(minute(sight(0, 0.001)), before=before)
    assert not admits(minute(sight(60), sight(60, 0.0001)))


def test_a_load_that_changes_what_is_known_of_the_trip_is_looked_at() -> None:
    """Off all trips what is loaded is; on one what is empty for the first time, loaded again, or both at once."""
    off: dict[str, Any] = {"trip": "", "legs": (), "routed": False}
    assert [admits(minute(sight(0), load=load), **off) for load in (0, LOADED, EMPTY, LOADED | EMPTY)] == [
        True, False, True, False,
    ]  # fmt: skip
    for emptied, expected in (("", [True, True, False, False]), ("C1", [True, False, True, False])):
        told = [admits(minute(sight(0), load=load), emptied=emptied) for load in (0, LOADED, EMPTY, LOADED | EMPTY)]
        assert told == expected
    assert (run().on, run(emptied="C1").on, run(emptied="C0").on, run(**off).on) == (True, False, True, False)


def test_too_fast_is_what_either_fix_or_the_way_says() -> None:
    """By the terminal where it names a speed, else by the way; who is empty may."""
    asked = Ordinary(fastest_kmh=80.0)
    assert admits(minute(sight(0, speed=80.0)), asked)
    assert not admits(minute(sight(0, speed=80.5)), asked)
    assert not admits(minute(sight(0, speed=40.0), sight(40, 0.01, speed=81.0)), asked)
    assert admits(minute(sight(0, speed=90.0), load=EMPTY), asked, emptied="C1")
    before = minute(sight(0, speed=0.0))
    assert admits(minute(sight(60, 0.05, speed=0.0)), asked, before)  # 60 km/h
    assert not admits(minute(sight(60, 0.08, speed=0.0)), asked, before)  # 96 km/h
    assert admits(minute(sight(60, 0.08, speed=0.0)), asked, before, trip="", legs=())


def test_standing_is_ordinary_where_the_vehicle_may_stand() -> None:
    """At a stop or a route's end with both fixes; faster than standing it may be anywhere."""
    asked = Ordinary(standing_kmh=5.0, stands=standing_places((LEG,), 500.0))
    stands = {"speed": 3.0}
    assert admits(minute(sight(0, 0.3, speed=6.0)), asked)
    assert admits(minute(sight(0, 0.3, **stands), sight(40, 0.301, speed=6.0)), asked)
    assert not admits(minute(sight(0, 0.3, **stands)), asked)
    assert not admits(minute(sight(0, 0.3, speed=5.0)), asked)
    assert admits(minute(sight(0, 0.01, **stands)), asked)
    assert admits(minute(sight(0, 0.5, aside=1_000.0, **stands)), asked)
    assert not admits(minute(sight(0, 0.02, **stands), sight(40, 0.03, **stands)), asked)
    assert not admits(minute(sight(0, 0.03, **stands), sight(40, 0.02, **stands)), asked)
    assert not admits(minute(sight(0, 0.3, **stands)), Ordinary(standing_kmh=5.0))
    stops = tuple((*along(0.1 + nth / 50), 50.0) for nth in range(40))
    many = Ordinary(standing_kmh=5.0, stands=standing_places((Leg("plan", "C1", stops=stops),), 500.0))
    assert all(admits(minute(sight(0, 0.1 + nth / 50, **stands)), many) for nth in range(40))


def test_a_forbidden_place_is_looked_at_unless_what_is_carried_may_be_there() -> None:
    """Either fix; an area that is approved, or is for other goods, keeps nobody out."""
    (west, south), (east, north) = along(0.4, aside_m=-500.0), along(0.6, aside_m=500.0)
    ring = ((west, south), (east, south), (east, north), (west, north), (west, south))
    town = Area("R1", "R1", ring, (west, south, east, north), (), (Category.EXPLOSIVES,))

    def kept(category: Category, *approved: str) -> Ordinary:
        return Ordinary(kept_out=KeptOut(Areas((town,)), category, frozenset(approved)))

    inside, edge = minute(sight(0, 0.5)), minute(sight(0, 0.39), sight(40, 0.41))
    leaves = minute(sight(0, 0.59), sight(40, 0.61))
    for cell in (inside, edge, leaves):
        assert not admits(cell, kept(Category.EXPLOSIVES))
        assert admits(cell, kept(Category.CHEMICALS))
        assert admits(cell, kept(Category.EXPLOSIVES, "R1"))
    assert admits(minute(sight(0, 0.3)), kept(Category.EXPLOSIVES))


def test_both_fixes_lie_within_the_corridor_or_at_a_stop() -> None:
    """Well inside; at the border it is looked at."""
    asked = Ordinary(within=corridors((LEG,)))
    assert admits(minute(sight(0, 0.3), sight(40, 0.31)), asked)
    assert admits(minute(sight(0, 0.5, aside=1_000.0)), asked)
    assert not admits(minute(sight(0, 0.3, aside=310.0)), asked)
    assert not admits(minute(sight(0, 0.3), sight(40, 0.31, aside=310.0)), asked)
    assert admits(minute(sight(0, 0.3), sight(0, 0.3)), asked)
    winding = tuple(along(part / 80) for part in range(81))
    anywhere = Ordinary(within=corridors((Leg("plan", "C1", routes=((winding, 300.0),)),)))
    assert all(admits(minute(sight(0, part)), anywhere) for part in (0.0, 0.2, 0.5, 0.99))


def test_progress_goes_on_and_what_was_only_tried_is_undone() -> None:
    """A part left out is looked at; gone back to where it was, a run goes on from there."""
    course = course_of((LEG,))
    asked = Ordinary(within=corridors((LEG,)), course=course, ways=())
    riding = Riding(run(), asked)
    for number in range(4):
        cell = minute(sight(60 * number, 0.05 * number), sight(60 * number + 40, 0.05 * number + 0.03))
        assert riding.admits(cell)
        riding.take(cell)
    assert [round(way.high_m, -2) for way in riding.ended().ways or ()] == [3_600]
    before = riding.where()
    on = minute(sight(240, 0.2))
    assert riding.admits(on)
    riding.take(on)
    assert riding.at == on[1][0]
    riding.go_back(before)
    assert riding.where() == before
    assert not riding.admits(minute(sight(250, 0.24, aside=0.0), sight(270, 0.9)))
    assert not riding.admits(minute(sight(250, 0.1)))
    plain = Riding(run(), ANYTHING)
    assert plain.ended() == plain.run


def test_together_rules_ask_for_the_stricter_of_each_thing() -> None:
    """One that asks for nothing takes nothing away; nobody asks: anything is ordinary."""
    assert together([]) is ANYTHING
    assert together([ANYTHING, ANYTHING]) is ANYTHING
    alone = Ordinary(gap=5)
    assert together([ANYTHING, alone]) is alone
    edges, places = corridors((LEG,)), standing_places((LEG,), 500.0)
    areas = KeptOut(Areas(()), Category.CHEMICALS, frozenset())
    course = course_of((LEG,))
    a = Ordinary(1, 20, 3, 40, 50.0, 6.0, places, None, areas)
    ways = (Way("C1", 0, 1, 0.0, 2_000.0, NOON),)
    b = Ordinary(10, 2, 30, 4, 60.0, 5.0, None, edges, None, course, ways)
    for both in (together([a, b]), together([b, a]), together([b, ANYTHING, a])):
        assert both == Ordinary(1, 2, 3, 4, 50.0, 6.0, places, edges, areas, course, ways)
    assert NEVER > NOON
