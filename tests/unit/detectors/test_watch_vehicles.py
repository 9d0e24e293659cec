"""The watch over vehicles: minutes looked at in passing, days that close, and when a vehicle at rest is let go."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from detectors.catalogue import catalogue
from detectors.cells import seen_of
from detectors.claim import Claim
from detectors.detector import View
from detectors.subject import BEFORE_ALL, Subject
from detectors.vehicle import Vehicle
from detectors.watch import QUIET, Watch
from events.time import DAY, MINUTE, Instant
from ledger.fact import Cell, Fact, Leg
from ledger.reference import Reference
from simulator.stories.relative import along
from tests.detector_kit import LATENESS, at, cell, plan, world
from tests.unit.detectors.probes import Probe, Timed, Toy, claim

KEY, NOON = "vehicle:V1", at("day 1 12:00")
HERE = (119.3, 26.1)


def name_of(fact: Fact) -> str:
    """What a minute is called once a rule must look at it."""
    return f"V1@{fact.at // MINUTE}"


def vehicle(subject: Subject) -> Vehicle:
    """The key as what it is."""
    assert isinstance(subject, Vehicle)
    return subject


def test_a_vehicle_is_calm_until_its_day_closes_or_something_may_be_said() -> None:
    """Not where time has made something true, a detector fell over, or its latest minute claimed something."""
    cells = [cell(f"day 1 08:{minute}", HERE) for minute in ("01", "20", "40")]
    first, middle, latest = map(name_of, cells)
    plans = Timed("D8", Leg, key="vehicle")

    def calm(says: Callable[[str], Sequence[Claim]] = lambda _: ()) -> Instant:
        rule = Probe("D1", Cell, key="vehicle", says=lambda step: says(step.fact.id))
        toy = Toy(rule, plans, key=KEY)
        toy.look(NOON, *cells[:2])
        toy.look(NOON, cells[2])
        return vehicle(toy.subject).calm_until

    closes, never = at("day 2 01:00"), BEFORE_ALL[0]
    assert calm() == closes
    assert calm(lambda name: [claim("x", speaks_at=closes - 1)] if name == first else []) == closes - 1
    assert calm(lambda name: [claim("x")] if name == middle else []) == closes
    assert calm(lambda name: [claim("x"), claim("y", speaks_at=NOON)]) == closes
    assert calm(lambda name: [claim(name)]) == never
    assert calm(lambda name: [claim("x", speaks_at=NOON)] if name == latest else []) == never
    plans.waits = (NOON, NOON + 5)
    assert calm() == NOON + 5
    plans.then = lambda state, now: [claim("z", until=1)]
    assert calm() == never
    plans.then, plans.late = None, NOON
    assert calm() == never


def test_a_vehicles_day_is_folded_away_once_it_is_closed() -> None:
    """With what it adds up to; the first minute of the next day is held, and it wakes for its close."""
    rule = Probe("D1", Cell, key="vehicle", says=lambda step: [claim(step.fact.id, until=step.fact.at)])
    toy = Toy(rule, key=KEY)
    day_1, day_2 = (cell(f"day 1 {hour}:00", HERE) for hour in ("08", "20")), cell("day 2 00:00", HERE)
    first, last = day_1
    toy.look(at("day 2 12:00"), first, last, day_2)
    names = [name_of(fact) for fact in (first, last, day_2)]
    toy.look(at("day 3 01:00") - 1)
    subject = vehicle(toy.subject)
    assert (subject.held_from(), subject.base.states, subject.wake) == (first.at, {}, at("day 3 01:00"))
    toy.look(at("day 3 01:00"))
    assert (subject.held_from(), subject.wake) == (day_2.at, at("day 4 01:00"))
    assert subject.base.states == {"D1": tuple(names[:2])}
    assert list(subject.base.claims) == []
    assert sorted(subject.spent.values()) == [1, 1]
    toy.look(at("day 4 01:00"))
    assert (subject.held_from(), subject.base.states["D1"]) == (None, tuple(names))
    nothing = Toy(rule, key=KEY)
    nothing.look(at("day 3 01:00"), day_2)
    assert (nothing.subject.horizon, nothing.subject.base_changed) == (day_2.at, False)


def test_a_vehicle_at_rest_is_seen_once_a_day_until_its_trips_are_forgotten() -> None:
    """Eight days after the planned arrival, with the day."""
    toy = Toy(Timed("D8", Leg, key="vehicle"), key=KEY)
    trip = plan("C1", depart="day 1 08:00", arrive_by="day 1 12:00", standing=True)
    toy.look(NOON, trip)
    assert (toy.subject.wake, toy.subject.forgotten) == (NOON + DAY, False)
    toy.look(at("day 11 01:00") - 1)
    assert (toy.subject.wake, toy.subject.forgotten) == (at("day 12 01:00") - 1, False)
    toy.look(at("day 11 01:00"))
    assert (toy.subject.wake, toy.subject.forgotten, toy.subject.facts) == (None, True, {})


def test_ordinary_minutes_are_taken_and_looked_at_in_passing() -> None:
    """Not where a trip was told since: then the vehicle is as it was, and is looked at as any key."""
    watch, view, subject = Watch(catalogue(), LATENESS), View(KEY, Reference(), world()), Vehicle(KEY)
    minutes = ((f"day 1 08:{n:02d}", along(n / 60), along((n + 0.6) / 60)) for n in range(12))
    road = [seen_of(cell(when, begins, last=ends, speed_kmh=20.0)) for when, begins, ends in minutes]
    passed = []
    for seen in road[:3]:
        subject.take(seen)
        passed.append(watch.look(subject, seen[1][0], view) is QUIET)
    assert passed == [False, True, True]
    assert watch.skim_cells(subject, road[3:8], road[7][1][0], view)
    assert subject.minute == road[7][0][0] // MINUTE
    subject.learn(plan("C1", ("DET", "1 item"), depart="day 1 09:00", arrive_by="day 1 12:00", standing=True))
    now = road[-1][1][0]
    assert not watch.skim_cells(subject, road[8:], now, view)
    assert subject.minute == road[7][0][0] // MINUTE
    assert watch.look(subject, now, view) is not QUIET
    assert subject.retold is None
