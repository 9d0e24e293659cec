"""D2 by progress: on its road a lorry is where it can be in order, or has turned back, or has left out a part."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import pytest
from msgspec.structs import replace

from detectors.catalogue import catalogue
from detectors.claim import Finding, Status
from detectors.d2_route_deviation import RouteDeviation
from detectors.roads.course import Course
from events.time import MINUTE
from ledger.fact import Cell, Fact
from simulator.stories.relative import along
from tests.checks.folding import fold, steps, view_of
from tests.detector_kit import History, at, cell, plan, stage, watch
from tests.unit.detectors.test_d2_route_deviation import clock, of, trip

Route = tuple[tuple[tuple[float, float], ...], float]
KM = 1 / 20
"""The part of the way from S1 to S2 that is a kilometre."""


def winding(*points: tuple[float, float], half_width: float = 300.0) -> Route:
    """A route by (kilometres east, kilometres north)."""
    return tuple(along(east * KM, aside_m=north * 1_000) for east, north in points), half_width


STRAIGHT = winding((0, 0), (20, 0))
THERE_AND_BACK = winding((0, 0), (10, 0), (0, 0))
HAIRPIN = winding((0, 0), (8, 0), (8, 0.25), (0, 0.25))
NARROW = winding((0, 0), (8, 0), (8, 0.1), (0, 0.1), half_width=50.0)
WIDE_HAIRPIN = winding((0, 0), (8, 0), (8, 2), (0, 2))
LOOP = winding((0, 0), (4, 0), (4, 5), (-2, 5), (-2, 0), (12, 0))
ROUND = winding((0, 0), (5, 0), (5, 5), (0, 5), (0, 0))
SERPENTINE = winding(*((0.2 * (nth // 2 % 2) + 0.01 * nth, 0.03 * nth) for nth in range(120)))


def drive(*kilometres: tuple[float, float], begins: int = 480, pace: float = 0.8) -> list[Fact]:
    """A minute a cell through some places, ``pace`` kilometres a minute."""
    places = [kilometres[0]]
    for (x0, y0), (x1, y1) in pairwise(kilometres):
        parts = max(round((abs(x1 - x0) + abs(y1 - y0)) / pace), 1)
        places += [(x0 + (x1 - x0) * n / parts, y0 + (y1 - y0) * n / parts) for n in range(1, parts + 1)]
    return [
        cell(clock(begins + nth), along(east * KM, aside_m=north * 1_000), speed_kmh=45.0)
        for nth, (east, north) in enumerate(places)
    ]


def stand(place: tuple[float, float], minutes: int, begins: int) -> list[Fact]:
    """A minute a cell at one place, as a receiver tells it: never quite the same."""
    return [
        cell(clock(begins + n), along((place[0] + 0.02 * (n % 3)) * KM, aside_m=place[1] * 1_000), speed_kmh=0.0)
        for n in range(minutes)
    ]


def then(facts: list[Fact]) -> int:
    """The minute of the day behind some cells."""
    return (facts[-1].at - at(clock(0))) // MINUTE + 1


def found(route: Route, *facts: Fact, **parameters: int) -> list[Finding]:
    return watch(of(trip(routes=(route,)), *facts, **parameters))


def history() -> History:
    """Twelve kilometres out, seven back, then on to the end."""
    return of(trip(routes=(STRAIGHT,)), *drive((0, 0), (12, 0), (5, 0), (20, 0)))


def test_who_turns_back_and_comes_again_is_one_episode() -> None:
    """Opened once it has lasted, told how far back, over where it had come to."""
    (finding,) = watch(history())
    n = finding.claim.numbers
    assert finding.status is Status.CLOSED
    assert (n["kind"], n["reached_km"], n["back_km"]) == ("turned_back", 12.0, 7.0)
    assert finding.claim.since == at(clock(496))
    assert n["minutes"] in range(15, 19)
    assert finding.claim.anchor.endswith("/order")


def test_who_turns_back_for_good_is_told_of_until_the_trip_ends() -> None:
    """Back at the start: open until the planned arrival, or until it is reported over."""
    facts = drive((0, 0), (12, 0), (0, 0))
    (finding,) = found(STRAIGHT, *facts)
    assert finding.claim.until == at("day 1 10:00")
    asked = of(trip(routes=(STRAIGHT,)), *facts)
    for now, status in (("day 1 09:59:59", Status.OPEN), ("day 1 10:00", Status.CLOSED)):
        assert [finding.status for finding in watch(replace(asked, now=at(now)))] == [status]
    (finding,) = watch(
        of(trip(routes=(STRAIGHT,)), stage("arrive", "C1", when="day 1 08:40", standing=True), *facts)
    )
    assert finding.claim.until == at("day 1 08:40")
    told = watch(replace(of(trip(routes=(STRAIGHT,)), *facts), now=at("day 1 09:30")))
    assert [finding.status for finding in told] == [Status.OPEN]


def test_driving_on_the_road_is_silent_whatever_its_shape() -> None:
    """Out and back, hairpins closer than the corridor is wide, loops, rounds and serpentines, once each."""
    for route in (STRAIGHT, THERE_AND_BACK, HAIRPIN, WIDE_HAIRPIN, LOOP, ROUND, SERPENTINE):
        line = route[0]
        x0, y0 = along(0.0, aside_m=0.0)
        x1, y1 = along(1.0, aside_m=1_000.0)
        places = [((x - x0) / (x1 - x0) * 20, (y - y0) / (y1 - y0)) for x, y in line]
        assert not found(route, *drive(*places)), route


def test_a_leg_that_lies_beside_the_one_driven_does_not_hold_a_lorry_back() -> None:
    """Four hundred metres aside, inside the corridor: what could be reversing there may be ahead on the next."""
    bends = ((4, 0), (4, 2), (4.4, 2), (4.4, 0), (4.8, 0), (4.8, 2), (5.2, 2), (5.2, 0))
    course = Course((("C1", (winding((0, 0), *bends, (12, 0), half_width=500.0),), ()),))
    out = drive((0, 0), (4, 0), (4, 2), (4.4, 2), (4.4, 0.05))
    bodies = [fact.body for fact in (*out, *drive((4.8, 0.4), (4.8, 2), begins=then(out)))]
    fixes = [fix for body in bodies if isinstance(body, Cell) for fix in (body.first, body.last)]
    ways = course.begin(fixes[0].at, fixes[0].lon, fixes[0].lat)
    for fix in fixes[1:]:
        led = course.go_on(ways, fix.at, fix.lon, fix.lat)
        assert led is not None, fix
        ways = led
    assert [round(way.high_m, -2) for way in ways] == [10_800]


def test_a_part_left_out_is_told_of_once_with_its_length() -> None:
    """From one leg of a hairpin across to the other: seven kilometres out of it and back are left out."""
    for route, across in ((HAIRPIN, 0.25), (WIDE_HAIRPIN, 2.0)):
        (finding,) = found(route, *drive((0, 0), (4, 0), (4, across), (0, across)), min_minutes=3)
        n = finding.claim.numbers
        assert (n["kind"], finding.status) == ("left_out", Status.CLOSED)
        assert float(n["left_out_km"]) >= 7.0


def test_fixes_put_on_the_leg_beside_for_minutes_leave_nothing_out() -> None:
    """A hundred metres aside in a corridor of fifty: noise may have moved them from where it can have driven to."""
    on, aside = drive((0, 0), (2, 0)), drive((2.8, 0.1), (5.2, 0.1), begins=483)
    assert not found(NARROW, *on, *aside, *drive((6, 0), (8, 0), (8, 0.1), (0, 0.1), begins=487))


def test_who_drives_on_along_the_leg_beside_has_left_out_what_lies_between() -> None:
    """Across from the first of three legs to the third: it cannot have driven there while it was seen beyond."""
    three = winding((0, 0), (5, 0), (5, 0.1), (3, 0.1), (3, 0.2), (12, 0.2), half_width=50.0)
    (finding,) = found(three, *drive((0, 0), (4, 0), (4, 0.2), (10.5, 0.2)))
    n = finding.claim.numbers
    assert (n["kind"], finding.status) == ("left_out", Status.CLOSED)
    assert float(n["left_out_km"]) == pytest.approx(4.2, abs=0.2)


def test_a_turn_on_a_road_there_and_back_leaves_out_its_end() -> None:
    """Home from the fifth kilometre of ten: where it was to go it never was."""
    (finding,) = found(THERE_AND_BACK, *drive((0, 0), (5, 0), (0, 0)), min_minutes=3)
    n = finding.claim.numbers
    assert (n["kind"], n["reached_km"]) == ("left_out", 5.0)
    assert 8.0 <= float(n["left_out_km"]) <= 12.0


def test_a_round_driven_the_wrong_way_is_told_of() -> None:
    """Its start is its end: which way it goes is seen after a while."""
    (finding,) = found(ROUND, *drive((0, 0), (0, 5), (5, 5), (5, 0), (0, 0)))
    assert finding.claim.numbers["kind"] == "left_out"
    assert finding.claim.since == at(clock(481))


def test_a_loop_that_is_cut_off_is_told_of() -> None:
    """Straight on at the crossing, where the road goes round first."""
    (finding,) = found(LOOP, *drive((0, 0), (12, 0)))
    n = finding.claim.numbers
    assert n["kind"] == "left_out"
    assert float(n["left_out_km"]) >= 18.0


def test_yards_short_reversing_and_waiting_are_silent() -> None:
    """Half a kilometre back to a yard and out again; an hour's wait for a ferry that drifts."""
    facts = drive((0, 0), (8, 0), (7.6, 0), (7.7, 0), (7.6, 0))
    facts += stand((7.6, 0.1), 60, then(facts))
    assert not found(STRAIGHT, *facts, *drive((7.7, 0), (14, 0), begins=then(facts)))
    short = drive((0, 0), (8, 0), (6.5, 0), (8.5, 0), (20, 0))
    assert not found(STRAIGHT, *short)
    assert found(STRAIGHT, *short, min_minutes=1)


def test_a_stop_behind_the_lorry_is_permitted() -> None:
    """Standing at a permitted stop says nothing of progress."""
    stop = along(2 * KM, aside_m=800.0)
    facts = drive((0, 0), (2, 0))
    facts += stand((2, 0.8), 40, then(facts))
    parked = (*facts, *drive((2, 0), (20, 0), begins=then(facts)))
    assert not watch(of(trip(routes=(STRAIGHT,), stops=((*stop, 300.0),)), *parked))


def test_before_its_start_and_behind_its_end_no_order_is_asked() -> None:
    """The way to the shipper's gate is driven towards the start; from the consignee's the lorry goes home."""
    assert not found(STRAIGHT, *drive((9, 0), (0, 0), (15, 0)))
    assert not found(STRAIGHT, *drive((0, 0), (20, 0), (2, 0), pace=1.0))


def test_silence_excuses_what_could_be_driven_in_it() -> None:
    """Half an hour without a fix: the lorry may have been everywhere between."""
    facts = drive((0, 0), (4, 0))
    assert not found(WIDE_HAIRPIN, *facts, *drive((4, 2), (0, 2), begins=then(facts) + 30))
    assert found(WIDE_HAIRPIN, *facts, *drive((4, 2), (0, 2), begins=then(facts)), min_minutes=3)


def test_faults_of_the_receiver_say_nothing_of_order() -> None:
    """Every third fix kilometres back or ahead on the road, or without satellites, is the receiver's."""
    facts = drive((0, 0), (20, 0))
    leaps = []
    for nth, fact in enumerate(facts):
        body = fact.body
        assert isinstance(body, Cell)
        if nth % 3 == 2:
            lon, _ = along((body.first.lon and (nth * 0.8 - 6)) * KM, aside_m=0.0)
            body = replace(body, first=replace(body.first, lon=lon), last=replace(body.last, lon=lon))
        leaps.append(replace(fact, body=body))
    assert not found(STRAIGHT, *leaps)
    blind = [
        replace(fact, body=replace(fact.body, alarms=1 << 4)) if isinstance(fact.body, Cell) else fact
        for fact in drive((12, 0), (5, 0), begins=495)
    ]
    assert not found(STRAIGHT, *drive((0, 0), (12, 0)), *blind)


def test_changing_between_permitted_routes_is_silent() -> None:
    """Two routes part and meet again: the lorry takes the other one, and a parallel road is not the road."""
    other = winding((0, 0), (5, 0), (5, 3), (15, 3), (15, 0), (20, 0))
    facts = drive((0, 0), (5, 0), (5, 3), (15, 3), (15, 0), (20, 0))
    assert not watch(of(trip(routes=(STRAIGHT, other)), *facts))
    aside = watch(of(trip(routes=(STRAIGHT,)), *drive((0, 0), (5, 0), (5, 0.6), (15, 0.6), (15, 0), (20, 0))))
    assert [finding.claim.numbers.get("kind") for finding in aside] == [None]


@pytest.mark.parametrize(("lang", "speaks"), [("zh", "车辆"), ("en", "The vehicle on consignment C1")])
def test_both_kinds_explain_themselves(lang: Literal["zh", "en"], speaks: str) -> None:
    """Where it had come to and how far it went back, or how much was left out."""
    rule = RouteDeviation()
    (back,) = watch(history())
    (left,) = found(HAIRPIN, *drive((0, 0), (4, 0), (4, 0.25), (0, 0.25)), min_minutes=3)
    for finding, words in ((back, ("12.0", "7.0")), (left, (str(left.claim.numbers["left_out_km"]),))):
        said = rule.explain(finding, lang)
        assert speaks in said
        assert all(word in said for word in words)


def test_the_sentence_of_who_turned_back_says_whether_it_has_come_again() -> None:
    """And how long that took."""
    rule = RouteDeviation()
    (back,) = watch(history())
    minutes = back.claim.numbers["minutes"]
    assert f"it lasted {minutes} minutes" in rule.explain(back, "en")
    assert f"历时 {minutes} 分钟" in rule.explain(back, "zh")
    out = of(trip(routes=(STRAIGHT,)), *drive((0, 0), (12, 0), (5, 0)))
    (still,) = watch(replace(out, now=at("day 1 09:30")))
    assert "it has not come back to there" in rule.explain(still, "en")
    assert "尚未回到原处" in rule.explain(still, "zh")


def test_who_goes_farther_back_is_told_of_again_only_when_it_is_twice_as_far() -> None:
    """A few words for twelve kilometres, each with the farthest place until then; and where that was."""
    told = of(trip(routes=(STRAIGHT,)), *drive((0, 0), (15, 0), (1, 0), pace=0.5))
    (detector,) = [one for one in catalogue() if one.card.id == "D2"]
    claims = [claim for one in fold(detector, list(steps(told)), view_of(told)) for claim in one.claims]
    backs = [float(claim.numbers["back_km"]) for claim in claims]
    assert len(backs) in range(2, 6)
    assert all(later >= 2 * earlier - 0.1 for earlier, later in pairwise(backs))
    (finding,) = watch(history())
    lon, lat = along(5 * KM, aside_m=0.0)
    assert abs(float(finding.claim.numbers["lon"]) - lon) < 0.01
    assert abs(float(finding.claim.numbers["lat"]) - lat) < 0.001


def test_a_lorry_that_turns_back_has_left_its_trip_when_another_begins() -> None:
    """Told of until then."""
    other = plan(
        "C2", ("DET", "5 item"), depart="day 1 08:40", arrive_by="day 1 10:00", told="day 1 07:00", carrier="U9",
        routes=(STRAIGHT,), standing=True,
    )  # fmt: skip
    gone = stage("cancel", "C1", when="day 1 08:40", standing=True)
    (finding,) = watch(of(trip(routes=(STRAIGHT,)), other, gone, *drive((0, 0), (12, 0), (0, 0))))
    assert (finding.claim.numbers["consignment"], finding.claim.until) == ("C1", at("day 1 08:40"))


def test_all_that_a_lorry_out_of_order_is_told_of() -> None:
    """Where it had come to and how far back it went, or where it was seen again and what it left out."""
    plan_says = {"consignment": "C1", "from": "S1", "to": "S2", "arrive_by": "2026-05-04T10:00:00+08:00"}
    (back,) = watch(history())
    assert back.claim.numbers == plan_says | {
        "kind": "turned_back", "reached_km": 12.0, "back_km": 7.0, "lon": 119.35, "lat": 26.08,
        "minutes": 17, "fixes": 17,
    }  # fmt: skip
    (left,) = found(HAIRPIN, *drive((0, 0), (4, 0), (4, 0.25), (0, 0.25)), min_minutes=3)
    assert left.claim.numbers == plan_says | {
        "kind": "left_out", "reached_km": 4.0, "resumed_km": 13.1, "left_out_km": 9.1, "lon": 119.308,
        "lat": 26.08225, "minutes": 3, "fixes": 4,
    }  # fmt: skip
    for finding, minutes in ((back, (496, 501, 513)), (left, (487, 490))):
        cited = [ref.id for ref in finding.claim.refs]
        assert cited == [trip().id, *(f"V1|{at(clock(minute))}" for minute in minutes)]
