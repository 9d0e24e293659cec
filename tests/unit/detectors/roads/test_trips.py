"""Which trips a vehicle is on, to the second; and a stretch of time in which that stays the same.

Law: within a window ``under_way`` says the same at each instant, and the trip that is judged is the same under
every grace up to the longest.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from detectors.roads.trips import category_of, closes, latest_trip, under_way, unit_of
from detectors.roads.window import window_at
from events.registry import Category
from events.rejection import Source
from events.time import DAY, HOUR, SECOND, Instant
from ledger.account import Driving, Ended, Planned
from ledger.fact import Leg, Ref
from tests.detector_kit import at

ROAD = ((((119.3, 26.08), (119.5, 26.08)), 300.0),)
GRACE = 2 * HOUR
REF = Ref("plan", Source("consignment", 0, 0))
MORNING = at("day 2 00:00")


def planned(name: str, departs: Instant, arrives: Instant, *, heard: Instant = 0, routed: bool = True) -> Planned:
    leg = Leg("plan", name, "V1", depart_at=departs, arrive_by=arrives, routes=ROAD if routed else ())
    return Planned(leg, REF, heard)


def names(driving: Driving, now: Instant, overdue: Instant = 0, early: Instant = 0) -> list[str]:
    return [trip.leg.consignment for trip in under_way(driving, now, overdue=overdue, early=early)]


C1 = planned("C1", at("day 2 08:00"), at("day 2 10:00"))


def test_a_trip_is_under_way_from_its_departure_to_before_its_end() -> None:
    """Both to the instant; what is let pass before and behind is added, an end that is reported cuts it short."""
    driving = Driving((C1,))
    eight, ten = at("day 2 08:00"), at("day 2 10:00")
    assert [names(driving, now) for now in (eight - 1, eight, ten - 1, ten)] == [[], ["C1"], ["C1"], []]
    assert [names(driving, now, GRACE) for now in (ten, ten + GRACE - 1, ten + GRACE)] == [["C1"], ["C1"], []]
    assert [names(driving, now, early=HOUR) for now in (eight - HOUR - 1, eight - HOUR)] == [[], ["C1"]]
    over = Driving((C1,), (Ended("C1", at("day 2 09:00"), 0),))
    assert [names(over, now, GRACE) for now in (at("day 2 09:00") - 1, at("day 2 09:00"))] == [["C1"], []]
    assert [trip.ends for trip in under_way(driving, eight, overdue=GRACE)] == [ten + GRACE]
    assert [trip.ends for trip in under_way(over, eight, overdue=GRACE)] == [at("day 2 09:00")]
    late = Driving((C1,), (Ended("C1", ten + 5 * HOUR, 0),))
    assert [trip.ends for trip in under_way(late, eight, overdue=GRACE)] == [ten + GRACE]


def test_a_vehicles_last_trip_is_told_for_a_week_after_it_should_have_arrived() -> None:
    """From its departure on, whatever became of it; of two the one that departs last."""
    driving = Driving((C1, planned("C2", at("day 2 09:00"), at("day 2 09:30"))))
    week = at("day 2 10:00") + 7 * DAY
    told = [latest_trip(driving, now) for now in (at("day 2 08:00") - 1, at("day 2 08:00"), at("day 2 09:00"))]
    assert [leg and leg.consignment for leg in told] == [None, "C1", "C2"]
    told = [latest_trip(driving, now) for now in (week - 30 * 60 * SECOND - 1, week - 1, week)]
    assert [leg and leg.consignment for leg in told] == ["C2", "C1", None]


def test_what_is_heard_after_a_day_has_closed_says_nothing_of_it() -> None:
    """A day closes a day and an hour after its end: lanes whose clocks run apart judge alike."""
    assert closes(at("day 2 09:00")) == closes(at("day 2 00:00")) == at("day 4 01:00")
    for heard, known in ((at("day 4 01:00") - 1, ["C1"]), (at("day 4 01:00"), [])):
        driving = Driving((planned("C1", at("day 2 08:00"), at("day 2 10:00"), heard=heard),))
        assert names(driving, at("day 2 09:00")) == known
        assert (latest_trip(driving, at("day 2 09:00")) is not None) is bool(known)


def test_the_carrier_answers_for_the_road_else_the_shipper() -> None:
    """Where nobody is named, nobody; what is carried counts as chemicals where the plan does not say."""
    assert unit_of(Leg("plan", "C1", carrier="U9", shipper_unit="U1")) == "U9"
    assert unit_of(Leg("plan", "C1", shipper_unit="U1")) == "U1"
    assert unit_of(Leg("plan", "C1")) == ""
    assert category_of(Leg("plan", "C1", category=Category.FIREARMS)) is Category.FIREARMS
    assert category_of(Leg("plan", "C1")) is Category.CHEMICALS


hours = st.integers(-6, 30).map(lambda hour: MORNING + hour * HOUR)
Told = list[tuple[Instant, int, bool, Instant | None]]
TOLD = st.lists(st.tuples(hours, st.integers(1, 5), st.booleans(), st.none() | hours), max_size=4)
"""Trips: when each departs, how many hours it takes, whether it has a route, and when it is said to have ended."""


def _driving(told: Told) -> Driving:
    plans = [planned(f"C{n}", departs, departs + long * HOUR, routed=routed)
             for n, (departs, long, routed, _) in enumerate(told)]  # fmt: skip
    ended = [Ended(f"C{n}", end, 0) for n, (_, _, _, end) in enumerate(told) if end is not None]
    return Driving(tuple(sorted(plans, key=lambda plan: plan.leg.depart_at)), tuple(ended))


@given(TOLD, st.integers(0, 47))
def test_within_a_window_the_trips_are_the_same(told: Told, half: int) -> None:
    """At its first instant, at its last, and at every half hour between; there is none where a grace decides."""
    driving, now = _driving(told), MORNING + half * HOUR // 2
    window = window_at(driving, now, GRACE)
    if window is None:
        assert names(driving, now)[-1:] != names(driving, now, GRACE)[-1:]
        return
    assert MORNING <= window.since <= now < window.until <= MORNING + DAY
    between = [MORNING + n * HOUR // 2 for n in range(48)]
    for instant in (
        window.since,
        *(one for one in between if window.since <= one < window.until),
        window.until - 1,
    ):
        assert [trip.leg for trip in under_way(driving, instant, overdue=0)] == list(window.legs)
        for grace in (0, HOUR, GRACE):
            judged = under_way(driving, instant, overdue=grace)
            assert [trip.leg.consignment for trip in judged][-1:] == ([window.trip] if window.trip else [])
        assert any(trip.leg.routes for trip in under_way(driving, instant, overdue=GRACE)) is window.routed


@given(TOLD, st.integers(0, 47))
def test_a_window_is_no_shorter_than_need_be(told: Told, half: int) -> None:
    """At both of its ends stand a day's end, or something that a plan or a report names."""
    driving, now = _driving(told), MORNING + half * HOUR // 2
    window = window_at(driving, now, GRACE)
    named = {MORNING, MORNING + DAY}
    for departs, long, _, end in told:
        arrives = departs + long * HOUR
        named |= {departs, arrives, arrives + GRACE} | ({end} if end is not None else set())
    if window is not None:
        assert {window.since, window.until} <= named
