"""Riding: on small tracks, always the same, what is ridden over is told, kept and forgotten as if looked at.

Law: findings and states are those of a watch that looks at each fix (``tests/laws/test_riding.py`` draws tracks by
chance), though no look is made but where a lane would make one; what is ordinary no rule is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast, get_args

import pytest
from msgspec.structs import replace

from detectors.catalogue import catalogue
from detectors.cells import QUARTER, seen_of
from detectors.claim import Claim, Status
from detectors.d2_route_deviation import RouteDeviation
from detectors.d3_unpermitted_stop import Stopping, UnpermittedStop
from detectors.detector import Detector, Step, View
from detectors.fold import Folding
from detectors.policy import join_files
from detectors.ride import Ride
from detectors.roads.fixes import Track
from detectors.subject import Said, Subject
from detectors.vehicle import Vehicle, subject_of
from detectors.world import World
from events.registry import Category, PolicyEntry
from events.time import DAY, MINUTE, SECOND, Instant
from ledger.fact import Fact, Fix
from ledger.reference import Reference
from simulator.stories.relative import along
from tests.detector_kit import FakeAreas, at, policy_texts, register, world
from tests.laws.riding import Key, waking
from tests.laws.tracks import KEY, Told
from tests.unit.detectors.ridden import Way, batches, ride, rules, surroundings
from tests.unit.detectors.rides import STANDS, TRACKS, drive, fix, trip


class Counting(UnpermittedStop):
    """D3, which notes the minutes that it is shown."""

    def __init__(self) -> None:
        self.minutes: list[int] = []

    def see(self, state: Any, step: Step, view: View) -> tuple[Any, Sequence[Any]]:
        """One more."""
        self.minutes.append(step.fact.at // MINUTE)
        return super().see(state, step, view)


def with_d3(rule: UnpermittedStop) -> list[Detector]:
    """All rules, this one in the place of D3."""
    return [cast(Detector, rule) if one.card.id == "D3" else one for one in rules()]


@pytest.mark.parametrize("track", TRACKS)
def test_what_is_ridden_over_is_told_as_if_looked_at(track: str) -> None:
    """Straight on, taken first and then looked at, restarted after each third look, or folded whole after each."""
    for way in get_args(Way):
        ride(track, way)


def shown(track: str, begins: str = "day 1 09:00") -> list[int]:
    """The minutes that a rule was shown, as minutes behind the first of the track."""
    rule = Counting()
    ride(track, by=with_d3(rule))
    return [minute - at(begins) // MINUTE for minute in rule.minutes]


def test_what_is_ordinary_no_rule_is_shown() -> None:
    """Only the latest minute at the first look and where the day closes, and those that are not ordinary."""
    assert shown("no trip") == [3, 39]
    assert shown("an ordinary trip", "day 1 08:00") == [2, 59, 59]
    assert shown("called off") == [2, 19, 29]
    assert set(shown("a detour")) & set(range(30)) == {2, *range(10, 26), 27}
    assert set(shown("a stop")) & set(range(20)) == {2}
    assert set(shown("unloaded under way")) & set(range(30)) == {2}
    assert shown("each third fix heard of late") == [4, 7, 11, 14, 17, 19]


class Falling(UnpermittedStop):
    """D3, which falls over at 08:20."""

    def see(self, state: Any, step: Step, view: View) -> tuple[Any, Sequence[Any]]:
        """Nothing to say, then nothing at all."""
        if step.fact.at >= at("day 1 08:20"):
            raise ValueError("fell over")
        return super().see(state, step, view)


def test_a_rule_that_falls_over_is_told_of_as_if_each_minute_were_looked_at() -> None:
    """It never says what is ordinary of a minute that it could not be shown."""
    falling = with_d3(Falling())
    exact, riding = (Key(one, surroundings(), falling) for one in (Subject(KEY), subject_of(KEY)))
    failed = []
    stands = drive("day 1 08:18", 10, begins=0.3, **STANDS)
    for heard, told in waking(exact, batches([TRACKS["an ordinary trip"][0], *drive("day 1 08:00", 18), *stands])):
        assert riding.hear(heard) == told
        failed += [name for name, _ in told.failed]
    assert failed == ["D3"]


def heard(*facts: Fact, among: World | None = None, size: int = 7, passing: bool = True) -> tuple[Key, Vehicle]:
    """A vehicle that was looked at, or ridden over, whenever so many facts had come."""
    riding = Key(subject_of(KEY), among or surroundings())
    for told in batches(facts, size)[:-6]:
        riding.hear(told, passing=passing)
    assert isinstance(riding.subject, Vehicle)
    return riding, riding.subject


@pytest.mark.parametrize(
    ("track", "wakes"),
    [
        ("a trip not yet over", "day 1 09:49:35"),
        ("no trip", "day 2 01:00"),
    ],
)
def test_a_vehicle_that_is_ridden_over_wakes_when_time_alone_may_say_something(track: str, wakes: str) -> None:
    """Loaded on a trip ten minutes behind its latest fix; off all trips when the next day closes."""
    _, vehicle = heard(*TRACKS[track])
    assert vehicle.wake == at(wakes)


@pytest.mark.parametrize("passing", [True, False])
def test_the_end_of_each_quarter_of_an_hour_that_is_ridden_over_is_marked(passing: bool) -> None:
    """What comes late is folded from there on; until the next one nothing is folded at all."""
    _, vehicle = heard(*drive("day 1 09:00", 35), size=1, passing=passing)
    assert marked(vehicle) == [at("day 1 09:14"), at("day 1 09:29")]
    assert vehicle.tail_at[0] == at("day 1 09:29")


def test_a_plan_that_comes_later_leaves_what_lies_before_it_as_it_was_folded() -> None:
    """It may matter from an hour before its departure on; the minute before the latest is marked at every look."""
    for depart, expected in (("day 1 10:14", ["day 1 09:33"]), ("day 1 10:15", ["day 1 09:14", "day 1 09:33"])):
        riding, vehicle = heard(*drive("day 1 09:00", 35), size=1)
        told = trip(depart=depart, arrive_by="day 1 12:00")
        riding.hear(Told((told,), at("day 1 09:35")))
        assert marked(vehicle) == [at(when) for when in expected]


def marked(vehicle: Vehicle) -> list[Instant]:
    """Behind which minutes of the day the fold is remembered."""
    return [mark[0] for mark, _ in vehicle.marks if mark[0] >= at("day 1 09:00")]


def test_the_strictest_of_all_policies_says_what_is_ordinary() -> None:
    """One that lets pass half as long a silence, though in force for another month, wakes a vehicle as early."""
    stricter = world(overrides={"D6": {"max_gap_min": 5}}).policy(0)
    assert stricter is not None
    among = world()
    among.put(register(PolicyEntry(digest="stricter", text=stricter.text), valid_from="day 40 00:00"))
    _, vehicle = heard(*TRACKS["a trip not yet over"][:60], among=among)
    assert vehicle.wake == vehicle.minute * MINUTE + 35 * SECOND - 30 * SECOND + 5 * MINUTE


def test_what_cannot_be_ridden_over_leaves_everything_as_it_was() -> None:
    """A minute amid several that is a leap, or is heard of late: none of them is taken, and the others can be."""
    on = drive("day 1 08:10", 6, begins=1 / 6)
    now = at("day 1 08:17")
    for wrong in (fix(at("day 1 08:13:50"), along(0.8)), fix(at("day 1 08:05:20"), along(1 / 12))):
        riding, vehicle = heard(TRACKS["an ordinary trip"][0], *drive("day 1 08:00", 10))
        before = kept(vehicle)
        assert not riding.watch.skim_cells(vehicle, map(seen_of, (*on[:8], wrong, *on[8:])), now, riding.view)
        assert kept(vehicle) == before
        assert riding.watch.skim_cells(vehicle, map(seen_of, on), now, riding.view)
        assert vehicle.minute == at("day 1 08:15") // MINUTE


def kept(vehicle: Vehicle) -> tuple[Any, ...]:
    """What a lane would keep of a vehicle, and where it came to."""
    assert vehicle.riding is not None
    quarters = {*vehicle.quarters, vehicle.minute * MINUTE // QUARTER}
    return {one: vehicle.packed(one) for one in quarters}, vehicle.current, vehicle.wake, vehicle.riding.where()


def test_nobody_rides_where_a_rule_or_a_policy_says_nothing_of_what_is_ordinary() -> None:
    """Without a policy, under one that lacks a rule, beside a rule that wants to see all, or told of trips anew."""
    riding, vehicle = heard(*TRACKS["a trip not yet over"][:40])
    now = vehicle.minute * MINUTE + MINUTE
    road = [one for one in rules() if one.card.key == "vehicle"]
    unridden = cast(Detector, Unridden())
    for among, others, rides in (
        (surroundings(), (), True),
        (World(FakeAreas(), {}), (), False),
        (lacking("D9"), (), False),
        (surroundings(), (unridden,), False),
    ):
        among.noted.clear()
        ride = Ride((*road, *others), Folding("vehicle", road).fold)
        assert ride.passes(vehicle, now, View(KEY, Reference(), among)) is rides
    surroundings().noted.clear()
    vehicle.retold = vehicle.minute * MINUTE
    assert not Ride(road, Folding("vehicle", road).fold).passes(vehicle, now, riding.view)


class Unridden:
    """A rule that looks at minutes and does not say which of them it need not see."""

    card = replace(RouteDeviation.card, id="Z1")
    sees = RouteDeviation.sees


def lacking(rule: str) -> World:
    """The shipped policy without one of its rules."""
    texts = {name: text for name, text in policy_texts().items() if name != rule}
    made = World(FakeAreas(), {one.card.id: one.Parameters for one in catalogue() if one.card.id in texts})
    text = join_files({f"{name}_.toml": text for name, text in texts.items()})
    made.put(register(PolicyEntry(digest="lacking", text=text), valid_from="day -400 00:00"))
    return made


def test_a_vehicle_is_forgotten_once_nothing_that_is_left_of_it_can_matter() -> None:
    """A day behind its latest fix; not while a minute, a trip, a word said, a claim or a failure is kept of it."""
    last = Fix(at("day 1 09:00"), *along(0.5), 20.0)
    road = [one for one in rules() if one.card.key == "vehicle"]
    ride = Ride(road, Folding("vehicle", road).fold)

    def quiet(horizon: Instant = last.at + DAY) -> Vehicle:
        vehicle = Vehicle(KEY, horizon)
        vehicle.base.states["D3"] = Stopping(Track(last))
        return vehicle

    assert ride.forgotten(quiet())
    assert ride.forgotten(Vehicle(KEY, at("day 1 00:00")))
    assert not ride.forgotten(quiet(last.at + DAY - 1))
    assert not Ride([*road, cast(Detector, Unridden())], Folding("vehicle", road).fold).forgotten(quiet())
    held, planned, said, claimed, failed = (quiet() for _ in range(5))
    held.take(seen_of(fix(at("day 2 09:30"), along(0.5))))
    planned.put(TRACKS["an ordinary trip"][0])
    said.said["D3-x"] = Said(1, b"", Status.CLOSED, 0, 0, 0)
    claimed.base.claims["D3", "x"] = Claim("x", 0, 0, (), {}, "350102", "U9", Category.EXPLOSIVES)
    failed.base.failed["D3"] = "fell over"
    for vehicle in (held, planned, said, claimed, failed):
        assert not ride.forgotten(vehicle)
