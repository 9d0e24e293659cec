"""D9: too fast, or at the wrong hours; a spike of the receiver is no speed, and standing is always allowed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from detectors.claim import Finding, Status
from ledger.fact import Fact
from simulator.stories.relative import along, straight
from tests.detector_kit import History, at, cell, detector_of, plan, watch
from tests.unit.detectors.ridden import LOOKS, ride
from tests.unit.detectors.rides import TRACKS

ROUTE = (straight("S1", "S2").line, 300.0)
"""From S1 due east to S2, 20 km."""


def clock(minute: int, *, day: int = 1) -> str:
    return f"day {day} {minute // 60:02}:{minute % 60:02}"


def trip(name: str = "C1", departs: str = "day 1 08:00", **said: Any) -> Fact:
    return plan(
        name, ("DET", "100 item"), depart=departs, arrive_by="day 1 12:00", told="day 1 07:00",
        carrier="U9", routes=(ROUTE,), standing=True, **said,
    )  # fmt: skip


def drive(minutes: Iterable[int], kmh: float, *, says: float | None = None, begins: float = 0.0,
          empty: bool = False) -> list[Fact]:  # fmt: skip
    """Cells a minute at a steady speed from a fraction of the road on, saying it or another."""
    a_minute = kmh / 60 / 20.0
    return [
        cell(
            clock(minute),
            along(begins + nth * a_minute),
            last=along(begins + (nth + 2 / 3) * a_minute),
            speed_kmh=kmh if says is None else says,
            empty=empty,
        )
        for nth, minute in enumerate(minutes)
    ]


def of(*facts: Fact, now: str = "day 1 18:00", **parameters: int) -> History:
    return History("D9", "vehicle:V1", facts, at(now), parameters=dict(parameters))


def found(*facts: Fact, now: str = "day 1 18:00", **parameters: int) -> list[Finding]:
    return watch(of(*facts, now=now, **parameters))


SLOW, FAST = range(8 * 60, 8 * 60 + 6), range(8 * 60 + 6, 8 * 60 + 12)


def speeding() -> list[Fact]:
    """Six minutes at 60, six at 96."""
    return [*drive(SLOW, 60.0), *drive(FAST, 96.0, begins=0.3)]


def history() -> History:
    """Too fast on the way there, and driven outside the permitted hours of 09:00 to 11:00."""
    return of(trip(hours=(9 * 60, 11 * 60)), *speeding())


def test_minutes_too_fast_are_one_finding_with_the_highest_speed() -> None:
    """From the first minute too fast all along to the last; over a quarter of an hour later, by time alone."""
    (finding,) = found(trip(), *speeding())
    claim = finding.claim
    assert finding.status is Status.CLOSED
    assert (claim.since, claim.until) == (at(clock(487)), at("day 1 08:11:40"))
    assert claim.anchor == f"V1|{at(clock(487))}/speed"
    assert (claim.numbers["kind"], claim.numbers["limit_kmh"], claim.numbers["minutes"]) == ("speed", 80, 5)
    assert claim.numbers["highest_kmh"] in range(90, 98)
    assert (claim.unit, claim.category, claim.area) == ("U9", "explosives", "350111")
    assert (claim.numbers["consignment"], claim.numbers["from"], claim.numbers["to"]) == ("C1", "S1", "S2")
    (early,) = found(trip(), *speeding(), now="day 1 08:12")
    assert early.status is Status.OPEN


def test_the_plan_s_own_limit_counts_where_it_is_lower() -> None:
    """60 km/h are let pass under 80, not under 40; a plan cannot raise the general limit."""
    assert not found(trip(), *drive(SLOW, 60.0))
    (finding,) = found(trip(speed_limit_kmh=40.0), *drive(SLOW, 60.0))
    assert finding.claim.numbers["limit_kmh"] == 40
    assert found(trip(speed_limit_kmh=120.0), *speeding())


def test_the_limit_and_its_tolerance_are_allowed() -> None:
    """88 km/h is let pass, 89 is not."""
    assert not found(trip(), *drive(range(480, 488), 88.0))
    assert found(trip(), *drive(range(480, 488), 89.0))


def test_a_spike_of_the_speed_sensor_is_no_speed() -> None:
    """The fixes say 140, the way between them 50; and the other way round, a leap of the receiver."""
    assert not found(trip(), *drive(range(480, 500), 50.0, says=140.0))
    leaping = drive(range(480, 500), 50.0)
    aside = [cell(clock(minute), along(0.5, aside_m=3_000.0 * (minute % 2))) for minute in range(487, 489)]
    assert not found(trip(), *leaping[:7], *aside, *leaping[9:])


def test_a_terminal_that_names_no_speed_is_judged_by_its_way() -> None:
    """What the fixes leave out accuses nobody of standing still."""
    assert found(trip(), *drive(range(480, 492), 96.0, says=0.0))
    assert not found(trip(), *drive(range(480, 492), 60.0, says=0.0))


def test_two_minutes_are_too_few() -> None:
    """Overtaking is let pass; three minutes are said, even with slower ones between."""
    assert not found(trip(), *drive(range(480, 484), 60.0), *drive(range(484, 486), 96.0, begins=0.2))
    assert found(trip(), *speeding()[:10])


def test_driving_outside_the_permitted_hours_is_a_finding_and_standing_is_not() -> None:
    """Before nine it may stand at its gate; once it drives for five minutes this is said."""
    hours = (9 * 60, 11 * 60)
    (finding,) = found(trip(hours=hours), *drive(range(480, 495), 40.0))
    assert (finding.claim.numbers["kind"], finding.claim.numbers["permitted_hours"]) == ("hours", "09:00-11:00")
    assert (finding.claim.since, finding.claim.until) == (at("day 1 08:00"), at("day 1 08:14:40"))
    assert not found(trip(hours=hours), *drive(range(480, 495), 0.0))
    assert not found(trip(hours=hours), *drive(range(480, 484), 40.0))
    assert not found(trip(hours=hours), *drive(range(540, 560), 40.0))
    assert not found(trip(), *drive(range(480, 495), 40.0))


def test_hours_over_midnight_hold_on_both_sides() -> None:
    """22:00 to 06:00: driving at eight in the morning is outside, whole days are not."""
    assert found(trip(hours=(22 * 60, 6 * 60)), *drive(range(480, 495), 40.0))
    assert not found(trip(hours=(7 * 60, 1 * 60)), *drive(range(480, 495), 40.0))
    assert not found(trip(hours=(0, 1_440)), *drive(range(480, 495), 40.0))


def test_both_at_once_are_two_findings() -> None:
    """Too fast and at the wrong hour from the same minute on."""
    facts = drive(range(480, 490), 96.0)
    told = found(trip(hours=(9 * 60, 11 * 60)), *facts)
    assert {finding.claim.numbers["kind"] for finding in told} == {"speed", "hours"}
    assert len({finding.id for finding in told}) == 2


def test_an_empty_vehicle_and_one_without_a_trip_are_not_judged() -> None:
    """The way home is nobody's plan."""
    assert not found(trip(), *drive(range(480, 492), 96.0, empty=True))
    assert not found(*speeding())


def test_a_plan_with_other_hours_reported_later_takes_it_back() -> None:
    """The permit was extended, and its paper came late (law 3)."""
    wide = Fact(*[getattr(trip(hours=(0, 1_440)), name) for name in Fact.__struct_fields__])
    assert found(trip(hours=(9 * 60, 11 * 60)), *drive(range(480, 495), 40.0))
    again = Fact(wide.id, wide.at, wide.rank, 2, 1, wide.received_at, wide.source, wide.body)
    assert not found(trip(hours=(9 * 60, 11 * 60)), *drive(range(480, 495), 40.0), again)


def test_the_sentence_says_too_fast_or_at_the_wrong_hour() -> None:
    """Each with what was allowed; how long, once it is over."""
    rule = detector_of("D9", "vehicle")
    told = {one.claim.numbers["kind"]: one for one in watch(history())}
    (early,) = found(trip(), *speeding(), now="day 1 08:12")
    assert "went faster than its limit of 80 km/h" in rule.explain(told["speed"], "en")
    assert "超过限速 80 km/h" in rule.explain(told["speed"], "zh")
    assert "outside its permitted hours 09:00-11:00" in rule.explain(told["hours"], "en")
    assert "在许可时段 09:00-11:00 之外" in rule.explain(told["hours"], "zh")
    assert "in 5 minutes." in rule.explain(told["speed"], "en")
    assert "共 5 分钟" in rule.explain(told["speed"], "zh")
    assert "it has not ended" in rule.explain(early, "en")
    assert "尚未结束" in rule.explain(early, "zh")


def test_minutes_count_together_up_to_a_quarter_of_an_hour_apart() -> None:
    """A spell goes on after slower minutes; a longer pause begins another."""
    fast = drive(range(480, 484), 96.0)
    for pause, spells in ((10, 1), (30, 2)):
        begins = 484 + pause
        again = drive(range(begins, begins + 4), 96.0, begins=0.4 + pause / 120)
        slow = drive(range(484, begins), 5.0, begins=0.34)
        assert len(found(trip(), *fast, *slow, *again)) == spells, pause


def test_all_that_both_kinds_say() -> None:
    """What was allowed, the most that is known and where; the first minute and the one that made it known."""
    told = {one.claim.numbers["kind"]: one.claim for one in watch(history())}
    same = {
        "consignment": "C1", "from": "S1", "to": "S2", "limit_kmh": 80, "permitted_hours": "09:00-11:00",
        "highest_kmh": 96, "lon": 119.38667, "lat": 26.08,
    }  # fmt: skip
    assert told["hours"].numbers == same | {"kind": "hours", "minutes": 12}
    assert told["speed"].numbers == same | {"kind": "speed", "minutes": 5}
    assert (told["hours"].anchor, told["speed"].anchor) == (
        f"V1|{at(clock(480))}", f"V1|{at(clock(487))}/speed",
    )  # fmt: skip
    for kind, minutes in (("hours", (484, 480)), ("speed", (489, 487))):
        cited = [ref.id for ref in told[kind].refs]
        assert cited == [trip().id, *(f"V1|{at(clock(minute))}" for minute in minutes)]


def test_the_minute_in_which_a_trip_begins_is_judged_by_its_last_fix() -> None:
    """Departed within it: what it did by then is the trip's; departed behind it: nobody's."""
    facts = drive(range(480, 483), 96.0)
    for departs, told in (("08:00:40", 1), ("08:00:41", 0)):
        assert len(found(trip(departs=f"day 1 {departs}"), *facts)) == told


@pytest.mark.parametrize("track", TRACKS)
def test_what_is_ridden_over_it_tells_as_if_it_had_looked(track: str) -> None:
    """What it calls ordinary makes no finding and no other state; and it looks no oftener than it must."""
    more = {"too fast": 6, "by night": 11}
    assert ride(track, rule="D9") == (LOOKS | more).get(track, 2)
