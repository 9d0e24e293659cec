"""D1: loaded, driving and no plan; a plan told the same day explains it; one drive, one finding."""

from __future__ import annotations

from msgspec.structs import replace

from detectors.claim import Finding, Status
from detectors.d1_no_transport_permit import Drive, Driven, NoTransportPermit
from events.rejection import Source
from ledger.fact import Fact, Fix, Ref
from simulator.stories.relative import along
from tests.detector_kit import Bench, History, at, cell, detector_of, plan, stage, watch

SAID = at("day 2 00:30")


def minute(number: int, *, loaded: bool = True, empty: bool = False, speed: float = 40.0, day: int = 1) -> Fact:
    """Minute ``number`` after 08:00 on the road from S1 to S2."""
    clock = f"day {day} {8 + number // 60:02}:{number % 60:02}"
    return cell(
        clock, along(number / 60), last=along((number + 0.6) / 60), loaded=loaded, empty=empty, speed_kmh=speed
    )


def trip(depart: str, arrive_by: str, name: str = "C1") -> Fact:
    return plan(
        name, ("EXP", "100 kg"), depart=depart, arrive_by=arrive_by, told="day 1 07:00", carrier="U9", standing=True
    )


def of(*facts: Fact, now: str = "day 2 12:00") -> History:
    return History("D1", "vehicle:V1", facts, at(now))


def found(*facts: Fact, now: str = "day 2 12:00") -> list[Finding]:
    return watch(of(*facts, now=now))


def history() -> History:
    """Twenty minutes on the road loaded, then unloaded: no plan at all."""
    return of(*(minute(n) for n in range(20)), minute(20, loaded=False, empty=True))


def test_a_loaded_drive_without_a_plan_is_one_finding_at_the_day_s_end() -> None:
    """From the first to the last minute driven; the county it was in when this became certain handles."""
    (finding,) = watch(history())
    claim = finding.claim
    assert finding.status is Status.CLOSED
    assert (claim.anchor, claim.since) == (f"V1|{at('day 1 08:00')}", at("day 1 08:00"))
    assert (claim.until, claim.speaks_at) == (at("day 1 08:19:40"), SAID)
    assert (claim.numbers["driven_min"], claim.numbers["km"]) == (20, 6.5)
    assert (claim.area, claim.unit, claim.category) == ("350102", "", "chemicals")


def test_a_plan_under_way_allows_it_and_one_told_the_same_day_takes_it_back() -> None:
    """Before anybody was told: the plan comes in at noon, nothing is ever said."""
    told = history()
    assert not found(trip("day 1 08:00", "day 1 10:00"), *told.facts)
    bench = Bench(told)
    for fact in told.facts:
        bench.put(fact)
    bench.look(at("day 1 12:00"))
    bench.put(trip("day 1 08:00", "day 1 10:00"))
    bench.look(at("day 2 12:00"))
    assert bench.told == []


def test_a_plan_allows_a_little_early_and_long_overdue_but_not_once_arrived() -> None:
    """Leaving half an hour early and a breakdown are lawful; a second trip on a used plan is not."""
    drive = history().facts
    assert not found(trip("day 1 08:30", "day 1 12:00"), *drive)
    assert found(trip("day 1 09:30", "day 1 12:00"), *drive)
    assert not found(trip("day 0 10:00", "day 0 12:00"), *drive)
    over = stage("arrive", "C1", when="day 0 11:00", standing=True)
    (finding,) = found(trip("day 0 10:00", "day 0 12:00"), over, *drive)
    assert (finding.claim.numbers["last_trip"], finding.claim.unit) == ("C1", "U9")
    assert finding.claim.category == "explosives"
    assert found(
        trip("day 1 08:00", "day 1 10:00"), stage("cancel", "C1", when="day 1 07:30", standing=True), *drive
    )


def test_an_empty_or_a_standing_vehicle_and_a_short_drive_are_silent() -> None:
    """Nothing loaded, nothing driven, or less than five minutes."""
    assert not found(*(minute(n, loaded=False, empty=True) for n in range(30)))
    assert not found(*(minute(n, loaded=False) for n in range(30)))
    parked = [cell(f"day 1 08:{n:02}", along(0.2), speed_kmh=0.0, loaded=True) for n in range(30)]
    assert not found(*parked)
    assert not found(*(minute(n) for n in range(4)), minute(4, loaded=False, empty=True))


def test_a_receiver_that_reports_no_speed_is_judged_by_how_far_it_came() -> None:
    """Speed 0 and 20 km/h over the ground is driving."""
    (finding,) = found(*(minute(n, speed=0.0) for n in range(20)))
    assert finding.claim.since == at("day 1 08:00")


def test_a_rest_does_not_split_a_drive_but_an_hour_does() -> None:
    """Half an hour's break is the same drive; two hours are another, and time alone ends it."""
    assert len(found(*(minute(n) for n in (*range(10), *range(40, 50))))) == 1
    assert len(found(*(minute(n) for n in (*range(10), *range(130, 140))))) == 2
    (finding,) = found(*(minute(n) for n in range(10)))
    assert finding.claim.until == at("day 1 08:09:40")
    late = [cell(f"day 1 23:{n}", along(n / 60), loaded=True) for n in range(40, 60)]
    (finding,) = found(*late, now="day 2 00:31")
    assert finding.status is Status.OPEN
    (finding,) = found(*late, now="day 2 01:30")
    assert finding.claim.until == at("day 1 23:59:40")


def test_a_drive_ends_where_a_trip_begins() -> None:
    """Loaded and driving since 08:00, the plan departs at 09:10: what came before its allowance counts."""
    (finding,) = found(trip("day 1 09:10", "day 1 12:00"), *(minute(n) for n in range(60)))
    assert finding.claim.until == at("day 1 08:09:40")


def test_unloading_ends_a_drive_even_if_it_is_loaded_again_at_once() -> None:
    """Two loads are two matters; a minute that says nothing of the load splits nothing."""
    emptied = minute(10, loaded=False, empty=True)
    assert len(found(*(minute(n) for n in range(10)), emptied, *(minute(n) for n in range(11, 20)))) == 2
    unsaid = minute(10, loaded=False)
    assert len(found(*(minute(n) for n in range(10)), unsaid, *(minute(n) for n in range(11, 20)))) == 1


def test_the_thresholds_are_met_to_the_minute_and_the_kilometre_per_hour() -> None:
    """Five minutes are a drive, 10 km/h is none, and an hour without driving ends one to the second."""
    assert len(found(*(minute(n) for n in range(5)))) == 1
    for speed, drives in ((10.0, 0), (10.1, 1)):
        crept = [cell(f"day 1 08:{n:02}", along(0.2), speed_kmh=speed, loaded=True) for n in range(10)]
        assert len(found(*crept)) == drives, speed
    first = [minute(n) for n in range(10)]
    for again, drives in (("day 1 09:09:39", 1), ("day 1 09:09:40", 2)):
        second = [cell(again, along(0.3), last=along(0.31), loaded=True), *(minute(n) for n in range(70, 80))]
        assert len(found(*first, *second)) == drives, again


def test_an_hour_before_its_departure_and_a_day_after_its_arrival_a_plan_allows() -> None:
    """To the second: a vehicle that starts a second sooner has no plan yet."""
    at_once = [minute(n) for n in range(5)]
    assert not found(trip("day 1 09:00", "day 1 12:00"), *at_once)
    assert found(trip("day 1 09:05", "day 1 12:00"), *at_once)
    assert not found(trip("day 0 06:00", "day 0 08:05"), *at_once)
    assert found(trip("day 0 06:00", "day 0 07:59"), *at_once)


def test_a_drive_of_one_minute_cites_it_once() -> None:
    """What is cited is counted once, also where the first minute is the one that makes it certain."""
    night = [cell(f"day 1 23:{n}", along(n / 60), loaded=True) for n in (58, 59)]
    (one,) = watch(replace(of(night[0], now="day 2 00:31"), parameters={"min_minutes": 1}))
    (two,) = watch(replace(of(*night, now="day 2 00:31"), parameters={"min_minutes": 2}))
    assert (one.status, two.status) == (Status.OPEN, Status.OPEN)
    assert (one.claim.ref_count, two.claim.ref_count) == (1, 2)


def test_the_sentence_says_which_trip_was_the_last_and_whether_it_still_drives() -> None:
    """An officer asks the carrier of the last trip, and stops the vehicle while it drives."""
    rule = detector_of("D1", "vehicle")
    over = stage("arrive", "C1", when="day 0 11:00", standing=True)
    (ended,) = found(trip("day 0 10:00", "day 0 12:00"), over, *history().facts)
    late = [cell(f"day 1 23:{n}", along(n / 60), loaded=True) for n in range(40, 60)]
    (drives,) = found(*late, now="day 2 00:31")
    assert "Its last consignment was C1." in rule.explain(ended, "en")
    assert "上一运单为 C1" in rule.explain(ended, "zh")
    assert "drove for 20 minutes" in rule.explain(ended, "en")
    assert "No earlier consignment" in rule.explain(drives, "en")
    assert "没有该车更早的运单" in rule.explain(drives, "zh")
    assert "it is still driving" in rule.explain(drives, "en")


def test_a_state_without_a_drive_is_spent_once_its_fix_is_old() -> None:
    """A vehicle's last fix is kept as long as a speed may be reckoned from it, a drive as long as it lasts."""
    rule, fix = NoTransportPermit(), Fix(at("day 1 08:00"), 119.3, 26.1, 40.0)
    drive = Drive("a", Ref("a", Source("position", 0, 0)), fix, fix, at("day 1 09:00"))
    assert rule.spent(Driven(), at("day 1 00:00"))
    assert rule.spent(Driven(fix), fix.at)
    assert not rule.spent(Driven(fix), fix.at - 1)
    assert not rule.spent(Driven(fix, drive), at("day 9 00:00"))
