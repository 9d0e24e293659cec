"""D5: overdue by time alone, or arrived faster than can be; who stands at the gate has arrived, reported or not."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from detectors.claim import Finding, Status
from ledger.fact import Fact
from simulator.stories.relative import along, straight
from tests.detector_kit import Bench, History, at, cell, plan, stage, watch
from tests.unit.detectors.ridden import LOOKS, ride
from tests.unit.detectors.rides import TRACKS

ROUTE = (straight("S1", "S2").line, 300.0)
"""From S1 due east to S2, 20 km."""
DUE = at("day 1 11:00")
"""Two hours after the planned arrival."""


def trip(name: str = "C1", depart: str = "day 1 08:00", arrive_by: str = "day 1 09:00", *,
         routed: bool = True) -> Fact:  # fmt: skip
    return plan(
        name, ("DET", "100 item"), depart=depart, arrive_by=arrive_by, told="day 1 07:00", carrier="U9",
        routes=(ROUTE,) if routed else (), standing=True,
    )  # fmt: skip


def clock(minute: int) -> str:
    return f"day 1 {8 + minute // 60:02}:{minute % 60:02}"


def drive(minutes: Iterable[int], *, until: float = 1.0, empty: bool = False) -> list[Fact]:
    """A minute a cell, 20 km in an hour, no farther than a fraction of the road."""
    return [
        cell(
            clock(minute),
            along(min(minute / 60, until)),
            last=along(min((minute + 0.6) / 60, until)),
            speed_kmh=20.0 if minute / 60 < until else 0.0,
            empty=empty,
        )
        for minute in minutes
    ]


def arrived(when: str, name: str = "C1") -> Fact:
    return stage("arrive", name, when=when, standing=True)


def of(*facts: Fact, now: str = "day 1 20:00", **parameters: int) -> History:
    return History("D5", "vehicle:V1", facts, at(now), parameters=dict(parameters))


def found(*facts: Fact, now: str = "day 1 20:00") -> list[Finding]:
    return watch(of(*facts, now=now))


def history() -> History:
    """Half of the way, and then it stands there until eight in the evening."""
    return of(trip(), *drive(range(0, 720, 5), until=0.5))


def test_an_overdue_trip_is_said_at_its_deadline_in_silence() -> None:
    """Where it was last, and when it might come by what is left of its road."""
    (finding,) = found(trip(), *drive(range(31)), now="day 1 12:00")
    claim = finding.claim
    assert (finding.status, claim.since, claim.speaks_at) == (Status.OPEN, DUE, DUE)
    assert claim.anchor == trip().id
    assert 9.0 < float(claim.numbers["left_km"]) < 11.0
    assert str(claim.numbers["expected_at"]).startswith("2026-05-04T08:4")
    assert (claim.unit, claim.category, claim.area) == ("U9", "explosives", "350111")
    assert claim.informed_areas == ("350102",)
    assert not found(trip(), *drive(range(31)), now="day 1 10:59")


def test_it_is_told_once_and_closed_by_arriving() -> None:
    """Fixes of the hours that it stands revise nothing; the gate, a report or an unloaded vehicle closes it."""
    told = of(trip(), *drive(range(240), until=0.5), now="day 1 12:00")
    bench = Bench(told)
    for fact in told.facts:
        bench.put(fact)
        bench.look(max(bench.now, fact.at))
    bench.look(told.now)
    assert [finding.revision for finding in bench.told] == [1]
    gate = [cell("day 1 12:30", along(1.0), speed_kmh=0.0)]
    (finding,) = found(*told.facts, *gate)
    assert (finding.claim.until, finding.claim.numbers["late_min"]) == (at("day 1 12:30"), 210)
    (finding,) = found(*told.facts, arrived("day 1 12:40"))
    assert finding.claim.until == at("day 1 12:40")
    (finding,) = found(*told.facts, *drive(range(250, 255), until=0.5, empty=True))
    assert finding.claim.until == at(clock(250))
    (finding,) = found(*told.facts, now="day 2 12:00")
    assert finding.claim.until == at("day 2 09:00")


def test_who_has_arrived_is_not_overdue() -> None:
    """Reported in time, late within the grace, unloaded, or standing at the gate though nobody reported it."""
    assert not found(trip(), arrived("day 1 09:10"), *drive(range(60)))
    assert not found(trip(), arrived("day 1 10:59"), *drive(range(170), until=0.9))
    assert not found(trip(), *drive(range(60)), *drive(range(60, 90), until=1.0))
    assert not found(trip(), *drive(range(30), until=0.5), *drive(range(30, 40), until=0.5, empty=True))


def test_a_receipt_that_comes_late_takes_it_back() -> None:
    """It had arrived in time; that was reported the same evening (law 3)."""
    told = of(trip(), *drive(range(31)), now="day 1 12:00")
    bench = Bench(told)
    for fact in told.facts:
        bench.put(fact)
    bench.look(told.now)
    assert bench.standing()
    bench.put(arrived("day 1 09:30"))
    bench.look(at("day 1 18:00"))
    assert not bench.standing()


def test_an_arrival_that_no_lorry_can_make_is_said() -> None:
    """Eighteen kilometres in twenty seconds, five minutes let pass; ten minutes let pass are enough."""
    told = of(trip(), arrived("day 1 08:04"), *drive(range(4)), now="day 1 12:00")
    assert not watch(told)
    (finding,) = watch(replace(told, parameters={"clock_min": 5}))
    claim = finding.claim
    assert (finding.status, claim.since, claim.until) == (Status.CLOSED, at("day 1 08:03:40"), at("day 1 08:04"))
    assert claim.anchor == f"{trip().id}/early"
    assert (claim.numbers["kind"], int(claim.numbers["implied_kmh"]) in range(200, 210)) == ("early", True)


def test_the_speed_that_an_arrival_implies_is_reckoned_to_the_second() -> None:
    """Nothing let pass for who reports by hand: the way that is left, in one second or in two."""
    speeds = []
    for second in (41, 42):
        told = of(trip(), arrived(f"day 1 08:03:{second}"), *drive(range(4)), now="day 1 12:00", clock_min=0)
        (finding,) = watch(told)
        speeds.append(int(finding.claim.numbers["implied_kmh"]))
    assert speeds[0] in range(64_000, 69_000)
    assert abs(speeds[0] - 2 * speeds[1]) <= 2


def test_an_arrival_that_can_be_and_a_trip_called_off_are_no_matter() -> None:
    """From the last kilometres, and from anywhere where the trip was cancelled."""
    assert not found(trip(), arrived("day 1 08:45"), *drive(range(44)))
    assert not found(trip(), stage("cancel", "C1", when="day 1 08:04", standing=True), *drive(range(4)))


def test_what_ends_within_a_minute_is_judged_as_what_ends_between_two() -> None:
    """The minute in which it is said to have arrived, or its grace ends, has a fix before and one behind."""
    (early,) = watch(of(trip(), arrived("day 1 08:04:20"), *drive(range(8)), now="day 1 12:00", clock_min=5))
    assert (early.claim.numbers["kind"], early.claim.until) == ("early", at("day 1 08:04:20"))
    standing = drive(range(200), until=0.5)
    (late,) = found(trip(arrive_by="day 1 09:00:20"), *standing, now="day 1 12:00")
    assert (late.claim.numbers["kind"], late.claim.since) == ("late", at("day 1 11:00:20"))


def test_without_routes_or_positions_nobody_is_accused() -> None:
    """Where the road ends is not known; and B4 waits for goods of which no vehicle was seen."""
    assert not found(trip(routed=False), *drive(range(31)))
    assert not found(trip())


def test_another_trip_ends_the_waiting() -> None:
    """It must have come somewhere: the next plan's first minute closes it."""
    (finding,) = found(
        trip(), trip("C2", "day 1 12:00", "day 1 18:30"), *drive(range(30)), *drive(range(240, 300), until=0.2),
        now="day 1 18:00",
    )  # fmt: skip
    assert finding.claim.until == at("day 1 12:00")


def test_all_that_an_overdue_trip_says() -> None:
    """Where it was last before its deadline, what is left of its road, and when it can be there."""
    (finding,) = watch(history())
    assert finding.claim.numbers == {
        "consignment": "C1", "from": "S1", "to": "S2", "kind": "late", "arrive_by": "2026-05-04T09:00:00+08:00",
        "last_at": "2026-05-04T10:55:40+08:00", "lon": 119.4, "lat": 26.08, "left_km": 9.6,
        "expected_at": "2026-05-04T11:10:00+08:00", "alarms": 0,
    }  # fmt: skip
    assert [ref.id for ref in finding.claim.refs] == [trip().id, f"V1|{at('day 1 10:55')}"]


@pytest.mark.parametrize("track", TRACKS)
def test_what_is_ridden_over_it_tells_as_if_it_had_looked(track: str) -> None:
    """What it calls ordinary makes no finding and no other state; and it looks no oftener than it must."""
    assert ride(track, rule="D5") == LOOKS.get(track, 2)
