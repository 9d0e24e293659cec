"""D3: standing too long where no stop is permitted; who creeps, waits at a gate or fills up is left alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from msgspec.structs import replace

from detectors.claim import Finding, Status
from ledger.fact import Cell, Fact
from simulator.stories.relative import along, straight
from tests.detector_kit import History, at, cell, detector_of, plan, stage, watch
from tests.unit.detectors.ridden import LOOKS, ride
from tests.unit.detectors.rides import TRACKS

ROUTE = (straight("S1", "S2").line, 300.0)
"""From S1 due east to S2, 20 km."""
HERE = along(0.25)


def clock(minute: int) -> str:
    return f"day 1 {8 + minute // 60:02}:{minute % 60:02}"


def trip(goods: tuple[str, str] = ("DET", "100 item"), name: str = "C1", **said: Any) -> Fact:
    return plan(
        name, goods, arrive_by="day 1 12:00", told="day 1 07:00", carrier="U9", standing=True,
        **({"routes": (ROUTE,), "depart": "day 1 08:00"} | said),
    )  # fmt: skip


def drive(minutes: Iterable[int], begins: float) -> list[Fact]:
    """A minute a cell at 40 km/h from a fraction of the road on."""
    return [
        cell(clock(minute), along(begins + nth / 30), last=along(begins + (nth + 0.6) / 30), speed_kmh=40.0)
        for nth, minute in enumerate(minutes)
    ]


def stand(minutes: Iterable[int], place: tuple[float, float] = HERE, **said: Any) -> list[Fact]:
    return [cell(clock(minute), place, speed_kmh=0.0, **said) for minute in minutes]


def stopped(minutes: int, place: tuple[float, float] = HERE, **said: Any) -> list[Fact]:
    """Seven minutes on the road, a stop of so many minutes, and on."""
    until = 8 + minutes
    return [*drive(range(8), 0.0), *stand(range(8, until), place, **said), *drive(range(until, until + 15), 0.27)]


def of(*facts: Fact, now: str = "day 1 16:00", **parameters: int) -> History:
    return History("D3", "vehicle:V1", facts, at(now), parameters=dict(parameters))


def found(*facts: Fact, now: str = "day 1 16:00", **parameters: int) -> list[Finding]:
    return watch(of(*facts, now=now, **parameters))


def history() -> History:
    """Forty-five minutes at the roadside with highly toxic goods."""
    return of(trip(("NACN", "100 kg")), *stopped(45))


def test_a_long_stop_is_one_finding_from_its_first_minute_to_the_leaving() -> None:
    """Said after half an hour; its place, how long, and what was allowed are named."""
    (finding,) = found(trip(), *stopped(45))
    claim = finding.claim
    assert finding.status is Status.CLOSED
    assert (claim.anchor, claim.since) == (f"V1|{at(clock(8))}", at(clock(8)))
    assert claim.until == at(clock(53))
    assert (claim.numbers["allowed_min"], claim.numbers["stopped_min"], claim.numbers["alarms"]) == (30, 45, 0)
    assert (claim.unit, claim.category, claim.area) == ("U9", "explosives", "350102")
    assert (claim.numbers["consignment"], claim.numbers["from"], claim.numbers["to"]) == ("C1", "S1", "S2")
    (early,) = found(trip(), *stopped(45)[:40], now=clock(48))
    assert early.status is Status.OPEN


def test_half_an_hour_is_the_boundary_and_guarded_goods_have_less() -> None:
    """Detonators may stand for less than 30 minutes, cyanide for less than 25."""
    assert not found(trip(), *stopped(30))
    assert found(trip(), *stopped(31))
    assert not found(trip(("NACN", "100 kg")), *stopped(25))
    assert found(trip(("NACN", "100 kg")), *stopped(26))
    assert not found(trip(("ACE", "100 L")), *stopped(26))


def test_a_permitted_stop_and_either_gate_are_allowed() -> None:
    """However long; and a gate is not the road half a kilometre before it."""
    assert not found(trip(stops=((*HERE, 200.0),)), *stopped(90))
    assert not found(trip(), *stand(range(90), along(0.0, aside_m=300.0)))
    assert not found(trip(), *drive(range(28), 0.0), *stand(range(29, 110), along(0.98)))
    assert found(trip(), *drive(range(27), 0.0), *stand(range(28, 110), along(0.95)))


def test_a_crawl_through_congestion_is_no_stop() -> None:
    """Fifty minutes at a pedestrian's pace."""
    creep = [
        cell(clock(minute), along(0.25 + nth * 0.0015), speed_kmh=2.0) for nth, minute in enumerate(range(8, 58))
    ]
    assert not found(trip(), *drive(range(8), 0.0), *creep)


def test_fixes_aside_do_not_end_a_stop() -> None:
    """Two minutes of reflections three hundred metres away, a leap, and a minute without satellites."""
    facts = stopped(45)
    noisy = []
    for fact in facts:
        body = fact.body
        assert isinstance(body, Cell)
        minute = (fact.at - at("day 1 08:00")) // 60_000_000
        if minute in (20, 21):
            away = replace(body.last, lat=body.last.lat + 0.003)
            body = replace(body, first=replace(away, at=body.first.at), last=away)
        if minute == 25:
            body = replace(body, last=replace(body.last, lon=118.0))
        if minute == 27:
            body = replace(body, alarms=1 << 4, last=replace(body.last, lon=118.0))
        noisy.append(replace(fact, body=body))
    (finding,) = found(trip(), *noisy)
    assert finding.claim.numbers["stopped_min"] == 45


def test_what_the_terminal_says_is_told_along() -> None:
    """Bit 19 alone accuses nobody; on a long stop it is evidence."""
    (finding,) = found(trip(), *stopped(45, alarms=1 << 19))
    assert finding.claim.numbers["alarms"] == 1 << 19
    assert not found(trip(), *stopped(20, alarms=1 << 19))


def test_a_stop_ends_with_its_trip() -> None:
    """Reported as arrived while it stood on the road, or said to be empty there."""
    arrived = stage("arrive", "C1", when=clock(50), standing=True)
    (finding,) = found(trip(), arrived, *drive(range(8), 0.0), *stand(range(8, 100)))
    assert finding.claim.until == at(clock(50))
    emptied = [*drive(range(8), 0.0), *stand(range(8, 48)), *stand(range(48, 100), empty=True)]
    (finding,) = found(trip(), *emptied)
    assert finding.claim.until == at(clock(48))


def test_without_trip_or_route_or_load_nothing_is_said() -> None:
    """A plan that names no road names no gate either."""
    assert not found(*stopped(90))
    assert not found(trip(routes=()), *stopped(90))
    assert not found(trip(), *stopped(90, empty=True))


def test_the_stop_is_too_long_at_the_very_minute() -> None:
    """Thirty minutes from its first fix to its last are too long; a minute less is not."""
    for until, said in ((39, 1), (38, 0)):
        once = [cell(f"{clock(minute)}:50", HERE, speed_kmh=0.0) for minute in range(8, until)]
        assert len(found(trip(), *drive(range(8), 0.0), *once, *drive(range(until, 50), 0.27))) == said, until


def test_a_stop_begins_at_five_kilometres_an_hour_and_not_above() -> None:
    """Slower than a walk is standing; a terminal that says more is believed for the beginning of a stop."""
    for speed, said in ((5.0, 1), (5.1, 0)):
        facts = [cell(clock(minute), HERE, speed_kmh=speed) for minute in range(8, 60)]
        assert len(found(trip(), *drive(range(8), 0.0), *facts)) == said, speed


def test_a_terminal_that_reports_once_a_minute_is_judged_alike() -> None:
    """One fix is a minute's first and last: it may begin a stop, and at a permitted place it may not."""
    once = [cell(f"{clock(minute)}:50", HERE, speed_kmh=0.0) for minute in range(8, 60)]
    (finding,) = found(trip(), *drive(range(8), 0.0), *once)
    assert finding.claim.since == at("day 1 08:08:50")
    assert not found(trip(stops=((*HERE, 200.0),)), *drive(range(8), 0.0), *once)
    quick = [cell(f"{clock(minute)}:50", HERE, speed_kmh=20.0) for minute in range(8, 60)]
    assert not found(trip(), *drive(range(8), 0.0), *quick)


def test_the_gate_reaches_five_hundred_metres_and_no_more() -> None:
    """At either end of a route."""
    for metres, said in ((490, 0), (510, 1)):
        for place in (along(0.0, aside_m=metres), along(1.0, aside_m=metres)):
            assert len(found(trip(), *stand(range(90), place))) == said, (metres, place)


def test_gone_for_three_minutes_is_over_and_back_before_that_is_the_same_stop() -> None:
    """To the second: what comes back later is another stop."""
    away = along(0.27)
    here = [*drive(range(8), 0.0), *stand(range(8, 48))]
    gone = [cell(clock(minute), away, speed_kmh=0.0) for minute in range(48, 51)]
    assert len(found(trip(), *here, *gone, *stand(range(51, 90)))) == 1
    longer = [*gone, cell(clock(51), away, last=HERE, speed_kmh=0.0)]
    assert len(found(trip(), *here, *longer, *stand(range(52, 90)))) == 2


def test_the_sentence_says_whether_it_has_left_and_what_the_terminal_said() -> None:
    """Its place to the metre, five digits of a degree."""
    rule = detector_of("D3", "vehicle")
    (stands,) = found(trip(), *stopped(45)[:40], now=clock(48))
    (left,) = found(trip(), *stopped(45, alarms=1 << 19))
    assert "it has not left" in rule.explain(stands, "en")
    assert "尚未离开" in rule.explain(stands, "zh")
    assert "it stood for 45 minutes" in rule.explain(left, "en")
    assert "terminal too" in rule.explain(left, "en")
    assert "终端同时报" in rule.explain(left, "zh")
    assert "terminal too" not in rule.explain(stands, "en")
    assert "终端" not in rule.explain(stands, "zh")
    odd = (119.3456789, HERE[1])
    (placed,) = found(trip(), *drive(range(8), 0.0), *stand(range(8, 60), odd))
    assert placed.claim.numbers["lon"] == 119.34568


def test_the_minute_in_which_a_trip_begins_is_judged_by_its_last_fix() -> None:
    """Departed within it, the vehicle has been standing since then; departed behind it, since the next minute."""
    facts = [*stand(range(31)), *drive(range(31, 40), 0.3)]
    for departs, told in (("08:00:40", 1), ("08:00:41", 0)):
        assert len(found(trip(depart=f"day 1 {departs}"), *facts)) == told


def test_all_that_a_stop_says() -> None:
    """Of highly toxic goods: where it stood and how long; the minutes that began, opened and ended it are cited."""
    (finding,) = watch(history())
    claim = finding.claim
    assert claim.numbers == {
        "consignment": "C1", "from": "S1", "to": "S2", "allowed_min": 25, "stopped_min": 45,
        "lon": 119.35, "lat": 26.08, "alarms": 0,
    }  # fmt: skip
    assert (claim.since, claim.until, claim.ref_count) == (at(clock(8)), at(clock(53)), 4)
    minutes = [f"V1|{at(clock(minute))}" for minute in (33, 8, 56)]
    assert [ref.id for ref in claim.refs] == [trip().id, *minutes]


@pytest.mark.parametrize("track", TRACKS)
def test_what_is_ridden_over_it_tells_as_if_it_had_looked(track: str) -> None:
    """What it calls ordinary makes no finding and no other state; and it looks no oftener than it must."""
    more = {
        "a stop": 15,
        "a stop too short to be told": 7,
        "unloaded under way": 11,
        "a plan heard of on the way": 9,
    }
    assert ride(track, rule="D3") == (LOOKS | more).get(track, 2)
