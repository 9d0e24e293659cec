"""D7: what is taken in, or arrives, where no plan goes; back to the shipper, re-planned and sent on is in order."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from detectors.claim import Status
from ledger.fact import Fact
from simulator.stories.relative import HOME, along
from tests.detector_kit import Bench, History, at, movement, plan, stage, watch

ROUTE = (((HOME["S1"], HOME["S2"]), 300.0),)
SAID = at("day 2 00:30")


def planned(to: str = "S2", *, told: str = "day 1 07:00", routes: bool = True) -> Fact:
    """The consignment's plan from S1."""
    return plan("C1", ("DET", "100 item"), depart="day 1 08:00", arrive_by="day 1 12:00", ends=("S1", to),
                told=told, carrier="U9", id=f"plan to {to} at {told}", routes=ROUTE if routes else ())  # fmt: skip


def sent(amount: str = "100 item", *, site: str = "S1", when: str = "day 1 08:00") -> Fact:
    """An issue on the consignment."""
    return movement("issue", amount, site=site, when=when, consignment="C1")


def taken(amount: str = "100 item", *, site: str = "S3", when: str = "day 1 11:00", how: str = "receive") -> Fact:
    """A receipt, or a return, on the consignment."""
    return movement(how, amount, site=site, when=when, consignment="C1")


def of(*facts: Fact, **parameters: float) -> History:
    """A consignment with these facts."""
    return History("D7", "consignment:C1", facts, at("day 4 00:00"), parameters=parameters)


def history() -> History:
    """Planned for S2, arrived three kilometres beside it, taken in at S3, and a day later sent on to S2."""
    return of(
        planned(),
        sent(),
        stage("arrive", "C1", when="day 1 10:50", place=along(1.0, aside_m=3000)),
        taken(),
        sent(site="S3", when="day 2 09:00"),
        stage("arrive", "C1", when="day 2 10:00", place=along(1.0)),
        taken(site="S2", when="day 2 10:10"),
    )


def test_what_is_taken_in_elsewhere_is_the_matter_of_the_county_where_it_is() -> None:
    """It stands from the false arrival until the goods have gone on and the vehicle has arrived."""
    (finding,) = watch(history())
    claim = finding.claim
    assert (finding.status, claim.anchor) == (Status.CLOSED, "C1/destination")
    assert (claim.since, claim.until, claim.speaks_at) == (at("day 1 10:50"), at("day 2 10:00"), SAID)
    (open_,) = watch(of(*history().facts[:4]))
    assert open_.claim.numbers["sites"] == "S3"
    assert open_.claim.numbers["astray_goods"] == "DET"
    assert open_.claim.numbers["off_m"] == pytest.approx(2990, abs=20)
    assert (open_.claim.area, open_.claim.informed_areas, open_.claim.unit) == ("350302", ("350102",), "U2")
    assert (open_.claim.site, open_.claim.goods) == ("S3", "DET")


def test_the_planned_site_and_the_shippers_are_in_order() -> None:
    """Delivered, refused and returned, or taken back into the store that sent it."""
    assert not watch(of(planned(), sent(), taken(site="S2")))
    assert not watch(of(planned(), sent(), taken(site="S1", how="return", when="day 1 15:00")))
    assert not watch(of(planned(), sent(), taken(site="S1", when="day 1 15:00")))


def test_another_site_of_the_same_unit_is_another_site() -> None:
    """Licensed or not: the plan named S2."""
    (finding,) = watch(of(planned(), sent(), taken("40 item", site="S2"), taken("60 item", when="day 1 11:30")))
    assert (finding.claim.since, finding.claim.numbers["amount"]) == (at("day 1 11:30"), 60)


def test_between_two_stores_of_one_unit_a_third_place_is_not_the_shippers() -> None:
    """From S2 to S3 planned, taken in at a third store of U2."""
    inner = plan("C1", ("DET", "10 item"), depart="day 1 08:00", arrive_by="day 1 12:00", ends=("S2", "S3"))
    third = movement("receive", "10 item", site="S4", unit="U2", when="day 1 11:00", consignment="C1")
    (finding,) = watch(of(inner, sent("10 item", site="S2"), third))
    assert finding.claim.numbers["sites"] == "S4"


def test_a_new_plan_made_in_time_leads_elsewhere() -> None:
    """Re-planned on the way; uploaded that evening it withdraws nothing, for nothing was said."""
    assert not watch(of(planned(), sent(), planned("S3", told="day 1 10:00"), taken()))
    bench = Bench(of())
    for fact in (planned(), sent(), taken()):
        bench.put(fact)
    bench.look(at("day 1 18:00"))
    bench.put(planned("S3", told="day 1 10:00"))
    bench.look(at("day 3 00:00"))
    assert bench.told == []


def test_a_plan_made_after_the_goods_came_ends_it_and_excuses_nothing() -> None:
    """Next morning somebody writes a plan that fits: until then the goods were astray."""
    (finding,) = watch(of(planned(), sent(), taken(), planned("S3", told="day 2 09:00", routes=False)))
    assert (finding.status, finding.claim.until) == (Status.CLOSED, at("day 2 09:00"))


@pytest.mark.parametrize(("when", "found"), [("day 1 11:59", 0), ("day 1 12:00", 1)])
def test_the_former_destination_counts_for_two_hours(when: str, found: int) -> None:
    """A split delivery: unloading at S2 was under way when the rest was re-planned to S3."""
    facts = (planned(), sent(), planned("S3", told="day 1 10:00"), taken("40 item", site="S2", when=when))
    assert len(watch(of(*facts))) == found


@pytest.mark.parametrize(("aside", "found"), [(1000, 0), (1010, 1)])
def test_an_arrival_counts_within_a_kilometre_of_a_routes_end(aside: int, found: int) -> None:
    """The nearest end of all permitted routes; the county where it was handles, the carrier answers."""
    north = ((HOME["S1"], along(1.0, aside_m=9000)), 300.0)
    both = replace(planned(), body=replace(planned().body, routes=(*ROUTE, north)))  # type: ignore[type-var]
    where = along(1.0, aside_m=aside)
    findings = watch(of(both, sent(), stage("arrive", "C1", when="day 1 10:50", place=where)))
    assert len(findings) == found
    for finding in findings:
        assert (finding.claim.area, finding.claim.unit, finding.claim.site) == ("350111", "U9", None)
    assert not watch(of(both, sent(), stage("arrive", "C1", when="day 1 10:50", place=along(1.0, aside_m=9000))))


def test_an_arrival_without_a_place_or_a_plan_without_routes_accuses_nobody() -> None:
    """What is not said cannot be held against anybody."""
    assert not watch(of(planned(), sent(), stage("arrive", "C1", when="day 1 10:50")))
    far = stage("arrive", "C1", when="day 1 10:50", place=along(0.5))
    assert not watch(of(planned(routes=False), sent(), far))
    assert not watch(of(sent(), far, taken()))


@pytest.mark.parametrize("back", ["day 1 10:40", "day 1 11:30"])
def test_refused_goods_that_came_home_have_arrived_there(back: str) -> None:
    """The arrival is where the route begins, and the store that sent them took them back, before or after it."""
    home = stage("arrive", "C1", when="day 1 10:50", place=along(0.0))
    assert watch(of(planned(), sent(), home))
    facts = sorted((planned(), sent(), home, taken(site="S1", how="return", when=back)), key=lambda f: f.order)
    assert not watch(of(*facts))


def test_a_corrected_receipt_withdraws_it() -> None:
    """It had been booked at the wrong site of the unit."""
    wrong = taken()
    bench = Bench(of())
    for fact in (planned(), sent(), wrong):
        bench.put(fact)
    bench.look(at("day 2 01:00"))
    bench.put(replace(wrong, version=2, body=None))
    bench.look(at("day 2 02:00"))
    assert [finding.status for finding in bench.told] == [Status.OPEN, Status.WITHDRAWN]


@pytest.mark.parametrize("place", [{"place": along(1.0)}, {}], ids=["at the gate", "nobody says where"])
def test_the_last_arrival_counts(place: dict[str, tuple[float, float]]) -> None:
    """Three kilometres off at first: whatever is reported after that, the matter is over then."""
    off = stage("arrive", "C1", when="day 1 10:50", place=along(1.0, aside_m=3000))
    again = stage("arrive", "C1", when="day 2 10:00", **place)  # type: ignore[arg-type]  # a place by name, or none
    (finding,) = watch(of(planned(), sent(), off, again))
    assert (finding.claim.since, finding.claim.until) == (at("day 1 10:50"), at("day 2 10:00"))


def test_all_that_goods_astray_say() -> None:
    """What was taken in where, and where the vehicle arrived; plan, receipt and arrival are cited."""
    (finding,) = watch(of(*history().facts[:4]))
    claim = finding.claim
    assert claim.numbers == {
        "consignment": "C1", "to": "S2", "sites": "S3", "astray_goods": "DET", "amount": 100, "measure": "count",
        "arrived_at": "2026-05-04T10:50:00+08:00", "off_m": 2989, "lon": 119.5, "lat": 26.10698,
    }  # fmt: skip
    assert {ref.id for ref in claim.refs} == {history().facts[nth].id for nth in (0, 2, 3)}


def test_sent_on_in_parts_it_is_astray_until_the_last_of_it_has_gone() -> None:
    """Of two goods and two sites each by itself; the first of them says where, and how much is left of it."""
    fourth = movement("receive", "40 item", site="S4", unit="U2", when="day 1 12:00", consignment="C1")
    facts = (planned(), sent(), taken("60 item"), fourth, sent("20 item", site="S3", when="day 2 09:00"))
    (finding,) = watch(of(*facts))
    numbers = finding.claim.numbers
    assert (numbers["sites"], numbers["astray_goods"], numbers["amount"]) == ("S3,S4", "DET", 40)
    (finding,) = watch(of(*facts, sent("40 item", site="S3", when="day 2 10:00")))
    assert (finding.claim.numbers["sites"], finding.claim.numbers["amount"]) == ("S4", 40)
    assert (finding.status, finding.claim.since) == (Status.OPEN, at("day 1 11:00"))
    again = (sent("40 item", site="S3", when="day 2 10:00"), sent("40 item", site="S4", when="day 2 11:00"))
    (finding,) = watch(of(*facts, *again))
    assert (finding.status, finding.claim.until) == (Status.CLOSED, at("day 2 11:00"))
    (more,) = watch(of(planned(), sent(), taken("60 item"), taken("40 item", when="day 1 12:00")))
    assert (more.claim.numbers["amount"], more.claim.since) == (100, at("day 1 11:00"))
