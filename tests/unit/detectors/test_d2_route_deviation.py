"""D2: off the corridor far enough and long enough, one episode a detour, and no leap of a receiver is a detour."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import pytest
from msgspec.structs import replace

from detectors.claim import Finding, Status
from detectors.d2_route_deviation import RouteDeviation, Straying
from events.time import MINUTE
from ledger.fact import Cell, Fact
from simulator.stories.relative import along, straight
from tests.checks.folding import fold, steps, view_of
from tests.detector_kit import History, at, cell, detector_of, plan, stage, watch
from tests.unit.detectors.ridden import LOOKS, ride
from tests.unit.detectors.rides import TRACKS

ROUTE = (straight("S1", "S2").line, 300.0)
"""From S1 due east to S2, 20 km along 26.08° N, 300 m to each side."""
OUT = range(480 + 20, 480 + 40)
"""The minutes of the day in which the lorry is 1 km aside."""


def clock(minute: int) -> str:
    return f"day 1 {minute // 60:02}:{minute % 60:02}"


def drive(aside: dict[int, float], *, last: int = 540, alarms: int = 0) -> list[Fact]:
    """A minute a cell from 08:00, at 20 km/h along the route, ``aside`` metres off in the minutes named."""
    return [
        cell(
            clock(minute),
            along((minute - 480) / 60, aside_m=aside.get(minute, 0.0)),
            last=along((minute - 480 + 0.6) / 60, aside_m=aside.get(minute, 0.0)),
            speed_kmh=20.0,
            alarms=alarms if minute in aside else 0,
        )
        for minute in range(480, last)
    ]


def trip(name: str = "C1", *, routes: tuple[tuple[tuple[tuple[float, float], ...], float], ...] = (ROUTE,),
         stops: tuple[tuple[float, float, float], ...] = ()) -> Fact:  # fmt: skip
    return plan(
        name, ("DET", "100 item"), depart="day 1 08:00", arrive_by="day 1 10:00", told="day 1 07:00",
        carrier="U9", routes=routes, stops=stops, standing=True,
    )  # fmt: skip


def of(*facts: Fact, **parameters: int) -> History:
    return History("D2", "vehicle:V1", facts, at("day 1 16:00"), parameters=dict(parameters))


def history() -> History:
    """A detour of twenty minutes, 1 km to the north; then back, and on."""
    return of(trip(), *drive(dict.fromkeys(OUT, 1000.0)))


def found(*facts: Fact, **parameters: int) -> list[Finding]:
    return watch(of(*facts, **parameters))


def test_a_detour_is_one_episode_with_its_greatest_distance_and_length() -> None:
    """Opened by the first minute outside, closed by the first inside that lasted; place and plan are named."""
    (finding,) = watch(history())
    claim = finding.claim
    assert finding.status is Status.CLOSED
    assert claim.anchor == f"V1|{at(clock(500))}"
    assert (claim.since, claim.until) == (at(clock(500)), at(clock(520)))
    assert claim.numbers["greatest_m"] in range(990, 1010)
    assert (claim.numbers["minutes"], claim.numbers["allowed_m"]) == (20, 400)
    assert (claim.numbers["consignment"], claim.unit, claim.category) == ("C1", "U9", "explosives")
    assert claim.area == "350102"
    assert claim.informed_areas == ("350111",)
    assert claim.speaks_at == claim.since


def test_the_permitted_route_and_its_margin_are_silent() -> None:
    """Within half width plus margin all the way is no deviation."""
    assert not found(trip(), *drive(dict.fromkeys(range(480, 540), 390.0)))


def test_a_short_detour_and_one_of_few_fixes_are_silent() -> None:
    """Four minutes are too short; and two fixes do not make ten minutes outside."""
    assert not found(trip(), *drive(dict.fromkeys(range(500, 504), 1000.0)))
    sparse = [
        fact for fact in drive({500: 1000.0, 510: 1000.0}) if not 500 < (fact.at - at(clock(0))) // MINUTE < 510
    ]
    assert not found(trip(), *sparse, min_fixes=5)


def test_brief_returns_do_not_end_an_episode() -> None:
    """Hysteresis: two minutes inside amid a detour leave one episode, not two."""
    aside = dict.fromkeys((*range(500, 512), *range(514, 526)), 1000.0)
    (finding,) = found(trip(), *drive(aside))
    assert finding.claim.until == at(clock(526))
    assert len(found(trip(), *drive(dict.fromkeys((*range(500, 512), *range(518, 530)), 1000.0)))) == 2


def test_leaps_of_the_receiver_are_no_deviation() -> None:
    """One fix 40 km away, the Gulf of Guinea, and minutes without satellites say nothing about the road."""
    facts = drive({})
    leaps = []
    for fact in facts:
        body = fact.body
        assert isinstance(body, Cell)
        minute = (fact.at - at(clock(0))) // MINUTE
        if minute in OUT and minute % 2:
            body = replace(body, last=replace(body.last, lat=body.last.lat + 0.4))
        if minute in range(530, 538):
            body = replace(
                body, first=replace(body.first, lon=0.0, lat=0.0), last=replace(body.last, lon=0.0, lat=0.0)
            )
        leaps.append(replace(fact, body=body))
    assert not found(trip(), *leaps)
    assert not found(trip(), *drive(dict.fromkeys(OUT, 1000.0), alarms=1 << 4))


def test_a_permitted_stop_is_inside() -> None:
    """Waiting at a permitted place off the road is allowed."""
    lon, lat = along(0.5, aside_m=1000.0)
    parked = [cell(clock(minute), (lon, lat), speed_kmh=0.0) for minute in range(510, 535)]
    before = [fact for fact in drive({}) if fact.at < at(clock(508))]
    assert found(trip(), *before, *parked)
    assert not found(trip(stops=((lon, lat, 200.0),)), *before, *parked)


def test_inside_any_route_of_any_trip_under_way_is_inside() -> None:
    """Two consignments on one lorry: each corridor is permitted."""
    aside = (tuple(along(part / 10, aside_m=1000.0) for part in range(11)), 300.0)
    detour = drive(dict.fromkeys(OUT, 1000.0))
    assert not found(trip(), trip("C2", routes=(aside,)), *detour)
    assert not found(trip(routes=(ROUTE, aside)), *detour)
    assert not found(trip(routes=()), *detour)


def test_an_outing_is_of_the_trip_that_departed_last_and_ends_where_another_begins() -> None:
    """Whose plan the lorry drives by changes under way: each is told of its own part."""
    second = plan(
        "C2", ("DET", "50 item"), depart="day 1 08:30", arrive_by="day 1 10:00", told="day 1 07:00", carrier="U9",
        routes=(ROUTE,), standing=True,
    )  # fmt: skip
    one, other = found(trip(), second, *drive(dict.fromkeys(OUT, 1000.0)))
    assert (one.claim.numbers["consignment"], one.claim.until) == ("C1", at("day 1 08:30"))
    assert (other.claim.numbers["consignment"], other.claim.since) == ("C2", at("day 1 08:30"))
    assert other.claim.until == at("day 1 08:40")


def test_an_episode_ends_with_its_trip_though_no_fix_comes() -> None:
    """Still outside at the last fix: open until the trip's end, set by an arrival or by plan and grace."""
    facts = drive(dict.fromkeys(range(500, 540), 1000.0))
    (finding,) = found(trip(), *facts)
    assert finding.claim.until == at("day 1 12:00")
    (finding,) = found(trip(), stage("arrive", "C1", when="day 1 09:30", standing=True), *facts)
    assert finding.claim.until == at("day 1 09:30")
    (finding,) = watch(replace(of(trip(), *facts), now=at("day 1 09:00")))
    assert finding.status is Status.OPEN
    assert "minutes" not in finding.claim.numbers


def test_at_the_very_end_of_its_trip_an_outing_is_over() -> None:
    """Nobody is told to look for a lorry whose trip has ended; a second before it is still out."""
    facts = (trip(), *drive(dict.fromkeys(range(500, 540), 1000.0)))
    for now, status in (("day 1 11:59:59", Status.OPEN), ("day 1 12:00", Status.CLOSED)):
        (finding,) = watch(replace(of(*facts), now=at(now)))
        assert finding.status is status


def test_the_farthest_place_of_an_outing_is_the_one_shown() -> None:
    """Whether it lies at the beginning, amid or at the end: that is where an officer begins to look."""
    for far in (500, 510, 519):
        aside = dict.fromkeys(OUT, 1000.0) | {far: 2000.0}
        (finding,) = found(trip(), *drive(aside))
        numbers = finding.claim.numbers
        assert numbers["greatest_m"] in range(1_990, 2_010)
        lon, lat = along((far - 480) / 60, aside_m=2000.0)
        assert abs(float(numbers["lon"]) - lon) < 0.003
        assert abs(float(numbers["lat"]) - lat) < 0.003


def test_a_new_route_reported_late_withdraws_what_was_said() -> None:
    """The corridor that allowed the detour arrives a day later: nothing stands any more (law 3)."""
    aside = (tuple(along(part / 10, aside_m=1000.0) for part in range(11)), 300.0)
    late = replace(trip(routes=(ROUTE, aside)), version=2)
    told = of(trip(), *drive(dict.fromkeys(OUT, 1000.0)), late)
    assert watch(replace(told, facts=told.facts[:-1]))
    assert not watch(told, [*range(len(told.facts))])


def test_it_is_told_again_only_when_twice_as_bad() -> None:
    """A widening detour of an hour is a handful of words, not one a minute."""
    told = of(trip(), *drive({480 + n: 100.0 * n for n in range(5, 60)}))
    claims = [
        claim
        for one in fold(detector_of("D2", "vehicle"), list(steps(told)), view_of(told))
        for claim in one.claims
    ]
    assert len(claims) <= 5


def test_the_cursor_changes_no_answer() -> None:
    """Starting each minute without knowing where on the route the lorry was finds the same."""
    told = history()
    view = view_of(told)
    detector, state, forgetful = RouteDeviation(), Straying(), Straying()
    for step in steps(told):
        state, claims = detector.see(state, step, view)
        forgetful, same = detector.see(replace(forgetful, cursor=Straying().cursor), step, view)
        assert list(claims) == list(same)
        assert len(msgspec.msgpack.encode(state)) < 2_000


def winding(*points: tuple[float, float]) -> tuple[tuple[tuple[float, float], ...], float]:
    """A route by (fraction of the way, metres aside)."""
    return tuple(along(part, aside_m=aside) for part, aside in points), 300.0


def follow(route: tuple[tuple[tuple[float, float], ...], float], begins: int = 480) -> list[Fact]:
    """A minute a cell along a route, six places on each of its edges."""
    line, _ = route
    places = [
        (a[0] + (b[0] - a[0]) * nth / 6, a[1] + (b[1] - a[1]) * nth / 6)
        for a, b in pairwise(line)
        for nth in range(6)
    ]
    return [cell(clock(begins + nth), place, speed_kmh=20.0) for nth, place in enumerate(places)]


HAIRPIN = winding((0.0, 0.0), (0.3, 0.0), (0.3, 2_000.0), (0.0, 2_000.0))
THERE_AND_BACK = winding((0.0, 0.0), (0.3, 0.0), (0.0, 0.0))
LOOP = winding((0.0, 0.0), (0.2, 0.0), (0.2, 3_000.0), (0.1, 3_000.0), (0.1, 0.0), (0.4, 0.0))


def test_hairpins_loops_and_the_same_road_back_are_silent() -> None:
    """Whichever leg of its road the vehicle is on, it is on its road."""
    for route in (HAIRPIN, THERE_AND_BACK, LOOP):
        assert not found(trip(routes=(route,)), *follow(route))


def test_a_way_across_between_two_legs_is_a_deviation() -> None:
    """From one leg of a hairpin to the other, a kilometre from both: the road goes round."""
    across = [cell(clock(490 + nth), along(0.15, aside_m=950.0 + 10 * nth), speed_kmh=2.0) for nth in range(10)]
    for route in (HAIRPIN, LOOP):
        begins = [fact for fact in follow(route) if fact.at < at(clock(484))]
        (finding,) = found(trip(routes=(route,)), *begins, *across)
        assert finding.claim.numbers["greatest_m"] in range(450, 1_050)


def test_all_that_an_outing_says() -> None:
    """From plan to return, with the first of the farthest places; what opened it and what ended it are cited."""
    (finding,) = watch(history())
    assert finding.claim.numbers == {
        "consignment": "C1", "from": "S1", "to": "S2", "arrive_by": "2026-05-04T10:00:00+08:00",
        "allowed_m": 400, "greatest_m": 996, "route_km": 6.7, "lon": 119.36667, "lat": 26.08899,
        "minutes": 20, "fixes": 40,
    }  # fmt: skip
    minutes = [f"V1|{at(clock(minute))}" for minute in (500, 505, 523)]
    assert [ref.id for ref in finding.claim.refs] == [trip().id, *minutes]


@pytest.mark.parametrize("track", TRACKS)
def test_what_is_ridden_over_it_tells_as_if_it_had_looked(track: str) -> None:
    """What it calls ordinary makes no finding and no other state; and it looks no oftener than it must."""
    more = {"a detour": 7, "turned back": 11}
    assert ride(track, rule="D2") == (LOOKS | more).get(track, 2)
