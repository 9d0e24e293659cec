"""D6: silence too long by time alone, taken back by what comes late; blindness at once; sleep where allowed."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from detectors.claim import Finding, Status
from events.time import MINUTE
from ledger.fact import Cell, Fact
from simulator.stories.relative import HOME, along, straight
from tests.detector_kit import Bench, History, at, cell, detector_of, plan, stage, watch
from tests.unit.detectors.ridden import LOOKS, ride
from tests.unit.detectors.rides import TRACKS

ROUTE = (straight("S1", "S2").line, 300.0)


def minute(number: int, *, alarms: int = 0, loaded: bool = False, empty: bool = False, speed: float = 40.0) -> Fact:
    """Minute ``number`` after 08:00 on the way from S1 to S2, half an hour's drive."""
    clock = f"day 1 {8 + number // 60:02}:{number % 60:02}"
    return cell(clock, along(number / 30), alarms=alarms, loaded=loaded, empty=empty, speed_kmh=speed)


def trip(*, stops: tuple[tuple[float, float, float], ...] = ()) -> Fact:
    return plan(
        "C1", ("DET", "100 item"), depart="day 1 08:00", arrive_by="day 1 10:00", told="day 1 07:00",
        carrier="U9", routes=(ROUTE,), stops=stops, standing=True,
    )  # fmt: skip


THERE = cell("day 1 08:30", HOME["S2"], speed_kmh=30.0)
"""At the consignee's gate, where the terminal may be switched off."""
ARRIVED = stage("arrive", "C1", when="day 1 09:30", standing=True)


def of(*facts: Fact, now: str = "day 1 16:00") -> History:
    return History("D6", "vehicle:V1", facts, at(now))


def found(*facts: Fact, now: str = "day 1 16:00") -> list[Finding]:
    return watch(of(*facts, now=now))


def history() -> History:
    """Silent from 08:05 to 08:25 in the middle of the road; arrived at 09:30."""
    return of(trip(), ARRIVED, *(minute(n) for n in (*range(6), *range(25, 29))), THERE)


def test_a_silence_on_the_road_is_one_finding_from_its_deadline_to_the_next_position() -> None:
    """Anchored at the last good minute; since = last position + 10 minutes; the county of that position handles."""
    (finding,) = watch(history())
    claim = finding.claim
    last = at("day 1 08:05:40")
    assert claim.anchor == f"V1|{at('day 1 08:05')}"
    assert (claim.since, claim.speaks_at, claim.until) == (
        last + 10 * MINUTE,
        last + 10 * MINUTE,
        at("day 1 08:25"),
    )
    assert (claim.numbers["minutes"], claim.numbers["consignment"], claim.numbers["alarms"]) == (19, "C1", 0)
    assert (claim.area, claim.unit, claim.category) == ("350102", "U9", "explosives")
    assert claim.informed_areas == ("350111",)


def test_time_alone_makes_it_true_and_the_trip_s_end_ends_it() -> None:
    """No position comes any more: open from the deadline on, closed when the consignee says that it arrived."""
    facts = (trip(), *(minute(n) for n in range(6)))
    assert not found(*facts, now="day 1 08:15:39")
    (finding,) = found(*facts, now="day 1 08:15:40")
    assert finding.status is Status.OPEN
    (later,) = found(*facts, now="day 1 09:00")
    assert later.claim == finding.claim
    (finding,) = found(*facts, ARRIVED)
    assert finding.claim.until == at("day 1 09:30")
    (finding,) = found(*facts)
    assert finding.claim.until == at("day 1 12:00")


def test_positions_sent_after_a_blind_zone_take_it_back() -> None:
    """Said at the deadline; withdrawn when the stored minutes arrive six hours later."""
    told = history()
    bench = Bench(told)
    for fact in told.facts:
        bench.put(fact)
    bench.look(at("day 1 14:00"))
    assert [finding.status for finding in bench.standing()] == [Status.CLOSED]
    for number in range(6, 25):
        bench.put(minute(number))
    bench.look(at("day 1 15:00"))
    assert bench.standing() == []
    assert bench.told[-1].status is Status.WITHDRAWN


def test_silence_is_lawful_without_a_load_or_a_trip() -> None:
    """Unloaded, after arrival, before departure, or shorter than ten minutes: nothing."""
    assert not found(trip(), ARRIVED, *(minute(n, empty=n > 2) for n in (*range(6), *range(25, 29))), THERE)
    assert not found(*(minute(n) for n in (*range(6), *range(25, 29))), THERE)
    assert not found(trip(), ARRIVED, *(minute(n) for n in (*range(6), *range(14, 29))), THERE)
    early = stage("arrive", "C1", when="day 1 08:12", standing=True)
    assert not found(trip(), early, *(minute(n) for n in (*range(6), *range(25, 29))), THERE)


def test_a_parked_vehicle_may_sleep_where_it_may_stop_if_it_wakes_up_there() -> None:
    """At the consignee or a permitted stop; but who wakes up elsewhere has driven unseen."""
    stop = (*along(5 / 30), 300.0)
    asleep = [*(minute(n) for n in range(5)), minute(5, speed=0.0)]
    awake = [cell(f"day 1 08:{n}", along(5 / 30), speed_kmh=20.0) for n in range(40, 44)]
    assert found(trip(), ARRIVED, *asleep, *awake)
    assert not found(trip(stops=(stop,)), ARRIVED, *asleep)
    home = cell("day 1 08:50", HOME["S2"], speed_kmh=0.0)
    assert not found(trip(stops=(stop,)), ARRIVED, *asleep, *awake, home)
    (finding,) = found(trip(stops=(stop,)), ARRIVED, *asleep, minute(25), THERE)
    assert finding.claim.until == at("day 1 08:25")


def test_a_blinding_alarm_is_an_episode_at_once_and_one_with_the_silence_after_it() -> None:
    """Antenna cut at 08:06, then silence, then good again: one finding that names the alarm."""
    cut = [minute(6, alarms=1 << 5), minute(7, alarms=1 << 5 | 1 << 8)]
    (finding,) = found(trip(), ARRIVED, *(minute(n) for n in range(6)), *cut, minute(28), THERE)
    assert finding.claim.anchor == f"V1|{at('day 1 08:06')}"
    assert (finding.claim.since, finding.claim.until) == (at("day 1 08:06"), at("day 1 08:28"))
    assert finding.claim.numbers["alarms"] == 1 << 5
    assert finding.claim.numbers["last_at"] == "2026-05-04T08:05:40+08:00"
    (finding,) = found(trip(), ARRIVED, *(minute(n) for n in range(6)), *cut)
    assert finding.claim.until == at("day 1 09:30")
    (finding,) = found(trip(), ARRIVED, *(minute(n) for n in range(6)), *cut, minute(8, alarms=1 << 5, empty=True))
    assert finding.claim.until == at("day 1 08:08")
    assert not found(trip(), ARRIVED, *(minute(n, alarms=1 << 18) for n in range(29)), THERE)


def test_an_alarm_amid_a_silence_is_part_of_it() -> None:
    """Already silent too long when the alarm comes: still one finding, until the first good position."""
    facts = [*(minute(n) for n in range(6)), minute(20, alarms=1 << 4), minute(26)]
    (finding,) = found(trip(), ARRIVED, *facts, minute(27, empty=True))
    assert (finding.claim.anchor, finding.claim.until) == (f"V1|{at('day 1 08:05')}", at("day 1 08:26"))


def test_positions_at_zero_degrees_are_silence() -> None:
    """A receiver without satellites that does not say so is as good as none; with the alarm it is blind at once."""
    lost = []
    for number in range(6, 25):
        fact = minute(number)
        assert isinstance(fact.body, Cell)
        body = replace(fact.body, first=replace(fact.body.first, lon=0.0, lat=0.0))
        lost.append(replace(fact, body=replace(body, last=replace(body.last, lon=0.0, lat=0.0))))
    told = history()
    (finding,) = found(*told.facts, *lost)
    assert finding.claim == watch(told)[0].claim
    alarmed = []
    for fact in lost:
        assert isinstance(fact.body, Cell)
        alarmed.append(replace(fact, body=replace(fact.body, alarms=1 << 4)))
    (finding,) = found(*told.facts, *alarmed)
    assert (finding.claim.since, finding.claim.area) == (at("day 1 08:06"), "350102")


def test_the_sentence_says_silent_or_blind_and_whether_it_came_back() -> None:
    """What the terminal reported where it reported something."""
    rule = detector_of("D6", "vehicle")
    (silent,) = watch(history())
    cut = [minute(6, alarms=1 << 5), minute(7, alarms=1 << 5)]
    (blind,) = found(trip(), *(minute(n) for n in range(6)), *cut, now="day 1 08:09")
    assert "then no position came; the gap was 19 minutes." in rule.explain(silent, "en")
    assert "此后没有定位。中断 19 分钟。" in rule.explain(silent, "zh")
    assert "then the terminal reported: " in rule.explain(blind, "en")
    assert "it has not come back." in rule.explain(blind, "en")
    assert "此后终端报警：" in rule.explain(blind, "zh")
    assert "至今未恢复" in rule.explain(blind, "zh")


def test_a_silence_of_ten_minutes_is_said_and_a_second_less_is_not() -> None:
    """From the last good fix to the next one, whatever is between."""
    before = [minute(n) for n in range(6)]
    for back, said in (("day 1 08:15:40", 0), ("day 1 08:15:41", 1)):
        again = cell(back, along(16 / 30), speed_kmh=40.0)
        rest = [minute(n) for n in range(17, 29)]
        assert len(found(trip(), ARRIVED, *before, again, *rest, THERE)) == said, back


def test_a_blindness_stands_to_the_second_at_which_its_trip_ends() -> None:
    """Nobody is told to look for a vehicle that has arrived; a second before it is still blind."""
    cut = (trip(), ARRIVED, *(minute(n) for n in range(6)), minute(6, alarms=1 << 5))
    for now, status in (("day 1 09:29:59", Status.OPEN), ("day 1 09:30", Status.CLOSED)):
        (finding,) = found(*cut, now=now)
        assert finding.status is status


def test_all_that_a_silence_says() -> None:
    """Where it was heard of last, and how long it was silent; both positions are cited."""
    (finding,) = watch(history())
    assert finding.claim.numbers == {
        "consignment": "C1", "last_at": "2026-05-04T08:05:40+08:00", "lon": 119.33333, "lat": 26.08,
        "alarms": 0, "minutes": 19,
    }  # fmt: skip
    minutes = [f"V1|{at(when)}" for when in ("day 1 08:05", "day 1 08:25")]
    assert [ref.id for ref in finding.claim.refs] == [trip().id, *minutes]


@pytest.mark.parametrize("track", TRACKS)
def test_what_is_ridden_over_it_tells_as_if_it_had_looked(track: str) -> None:
    """What it calls ordinary makes no finding and no other state; and it looks no oftener than it must."""
    more = {
        "a stop": 2,
        "a stop too short to be told": 2,
        "a silence": 5,
        "a blind minute": 4,
        "half an hour heard of late": 15,
    }
    assert ride(track, rule="D6") == (LOOKS | more).get(track, 2)
