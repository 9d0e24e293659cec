"""D8: what departs over its rated load, alone or with the trips that are still aboard."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from detectors.claim import Finding, Status
from ledger.fact import Fact
from simulator.stories.relative import HOME
from tests.detector_kit import Bench, History, at, detector_of, plan, stage, vehicle, watch

ROUTE = (((HOME["S1"], HOME["S2"]), 300.0),)
TEN_TONNES = vehicle("V1", "10000 kg")


def trip(name: str, load: str, depart: str = "08:00", arrive_by: str = "12:00", **fields: Any) -> Fact:
    """A plan of the vehicle's, all of it on day 1 unless said."""
    goods = fields.pop("goods", "EXP")
    days = [at_ if at_.startswith("day") else f"day 1 {at_}" for at_ in (depart, arrive_by)]
    return plan(name, (goods, load), depart=days[0], arrive_by=days[1], told="day 1 06:00", carrier="U9",
                routes=ROUTE, standing=True, id=f"plan-{name}", **fields)  # fmt: skip


def over(name: str, when: str, how: str = "arrive") -> Fact:
    """That a trip is over."""
    return stage(how, name, when=f"day 1 {when}", standing=True)


def of(*facts: Fact, now: str = "day 2 12:00", reference: Any = (TEN_TONNES,), **parameters: int) -> History:
    return History("D8", "vehicle:V1", facts, at(now), reference, parameters=parameters)


def found(*facts: Fact, **told: Any) -> list[Finding]:
    return watch(of(*facts, **told))


def history() -> History:
    """Seven tonnes leave at eight, five more at nine: two too many until ten."""
    return of(trip("C1", "7000 kg"), trip("C2", "5000 kg", "09:00", "13:00"), over("C1", "10:00"))


def test_trips_that_are_under_way_at_one_time_add_up() -> None:
    """From the second departure until the first has arrived; the county of departure handles."""
    (finding,) = watch(history())
    claim, n = finding.claim, finding.claim.numbers
    assert (claim.anchor, claim.since, claim.until) == ("C2", at("day 1 09:00"), at("day 1 10:00"))
    assert (n["load"], n["rated"], n["over"]) == (12_000 * 10**6, 10_000 * 10**6, 2_000 * 10**6)
    assert (n["consignment"], n["vehicle"], claim.ref_count) == ("C1,C2", "V1", 2)
    assert (claim.area, claim.informed_areas, claim.unit) == ("350102", ("350111",), "U9")
    assert claim.speaks_at == at("day 2 00:30"), "an arrival may be told of until then"


@pytest.mark.parametrize(("load", "speaks"), [("10000 kg", None), ("10000.000001 kg", "day 1 08:00")])
def test_a_single_load_over_the_rated_one_is_said_at_departure(load: str, speaks: str | None) -> None:
    """To the milligram, and not before: until it departs the plan may be changed."""
    told = of(trip("C1", load))
    assert [finding.claim.speaks_at for finding in watch(told)] == ([at(speaks)] if speaks else [])
    assert not watch(replace(told, now=at("day 1 07:59")))


def test_what_has_arrived_or_was_called_off_is_not_aboard() -> None:
    """One trip after another; cancelled before it began; its arrival told of in the evening."""
    assert not found(trip("C1", "7000 kg"), over("C1", "08:50"), trip("C2", "5000 kg", "09:00", "13:00"))
    assert not found(trip("C1", "7000 kg", arrive_by="08:30"), trip("C2", "5000 kg", "09:00", "13:00"))
    assert not found(trip("C1", "70000 kg"), over("C1", "07:30", "cancel"))
    bench = Bench(of())
    for fact in (trip("C1", "7000 kg"), trip("C2", "5000 kg", "09:00", "13:00")):
        bench.put(fact)
    bench.look(at("day 1 18:00"))
    bench.put(over("C1", "08:50"))
    bench.look(at("day 2 12:00"))
    assert bench.told == []


def test_trips_that_depart_together_are_one_departure() -> None:
    """A round of deliveries: three waybills, one lorry, one warning."""
    (finding,) = found(*(trip(f"C{n}", "4000 kg", arrive_by=f"1{n}:00") for n in (1, 2, 3)))
    assert finding.claim.numbers["consignment"] == "C1,C2,C3"
    assert finding.claim.until == at("day 1 11:00"), "eight tonnes are left"


def test_what_cannot_be_weighed_and_what_is_not_registered_accuses_nobody() -> None:
    """Items and litres have no mass here; a net explosive quantity has."""
    assert not found(trip("C1", "900000 item", goods="DET"), trip("C2", "90000 L", goods="ACE"))
    assert found(trip("C1", "10001 kg_neq", goods="SHELL"))
    assert not found(trip("C1", "70000 kg"), reference=())
    assert not found(trip("C1", "70000 kg"), reference=(vehicle("V1", "5000 L"),))


def test_the_rated_load_in_force_at_departure_counts() -> None:
    """Rated down from day 2 on; a later entry judges again."""
    smaller = vehicle("V1", "5000 kg", valid_from="day 2 00:00")
    assert not found(trip("C1", "7000 kg"), reference=(TEN_TONNES, smaller))
    assert found(trip("C1", "7000 kg", "day 2 08:00", "day 2 11:00"), reference=(TEN_TONNES, smaller))
    bench = Bench(of(reference=()))
    bench.put(trip("C1", "12000 kg"))
    bench.look(at("day 1 18:00"))
    bench.enter(TEN_TONNES)
    bench.look(at("day 1 18:05"))
    assert [finding.status for finding in bench.told] == [Status.CLOSED]


def test_a_corrected_plan_withdraws_it() -> None:
    """A zero too many."""
    bench = Bench(of())
    bench.put(trip("C1", "70000 kg"))
    bench.look(at("day 1 09:00"))
    bench.put(replace(trip("C1", "7000 kg"), version=2))
    bench.look(at("day 1 10:00"))
    assert [finding.status for finding in bench.told] == [Status.OPEN, Status.WITHDRAWN]


def test_what_was_said_stays_said_once_its_plans_are_forgotten() -> None:
    """Three weeks later nothing of it is held any more, and nothing was taken back."""
    bench = Bench(history())
    for fact in history().facts:
        bench.put(fact)
    for day in range(2, 25):
        bench.look(at(f"day {day} 12:00"))
    assert [finding.status for finding in bench.told] == [Status.CLOSED]
    assert not bench.subject.facts
    assert not bench.subject.said


def test_a_trip_is_remembered_as_long_as_one_that_it_overlapped() -> None:
    """The seven tonnes of day 1 count for the long trip's warning until that is over."""
    bench = Bench(of())
    for fact in (trip("C1", "7000 kg"), trip("C2", "5000 kg", "09:00", "day 20 13:00")):
        bench.put(fact)
    for day in range(2, 40):
        bench.look(at(f"day {day} 12:00"))
        bench.subject.unfold()
    assert {finding.status for finding in bench.told} == {Status.CLOSED}
    assert not bench.subject.facts


def test_it_is_over_once_exactly_the_rated_load_is_left() -> None:
    """Four tonnes of fourteen have arrived: ten are allowed, to the milligram; a tolerance counts here too."""
    for last, until in (("6000 kg", "11:00"), ("6000.000001 kg", "12:00")):
        trips = (trip("C1", "4000 kg", arrive_by="11:00"), trip("C2", last, arrive_by="12:00"),
                 trip("C3", "4000 kg", arrive_by="13:00"))  # fmt: skip
        (finding,) = found(*trips)
        assert finding.claim.until == at(f"day 1 {until}"), last
    heavy = trip("C1", "10500 kg")
    assert not found(heavy, tolerance_permille=50)
    assert found(trip("C1", "10500.000001 kg"), tolerance_permille=50)


def test_the_sentence_says_whether_it_is_still_under_way() -> None:
    """And how much was too much."""
    rule = detector_of("D8", "vehicle")
    (ended,), (goes_on,) = watch(history()), found(trip("C1", "12000 kg"), now="day 1 09:00")
    assert "2000 kg too much. It lasted until" in rule.explain(ended, "en")
    assert "2000 kg too much. It is still under way." in rule.explain(goes_on, "en")
    assert "超载 2000 kg；至" in rule.explain(ended, "zh")
    assert "超载 2000 kg；尚在途中" in rule.explain(goes_on, "zh")
