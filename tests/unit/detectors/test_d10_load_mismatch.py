"""D10: goods beyond a vehicle's scope; goods loaded that the plan does not list, or more than it declares."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from detectors.claim import Status
from events.quantity import Measure
from events.registry import Category
from ledger.account import apply, empty_account
from ledger.fact import Fact, Movement
from simulator.stories.relative import HOME
from tests.checks.folding import view_of
from tests.detector_kit import Bench, History, at, detector_of, movement, plan, stage, vehicle, watch

ROUTE = (((HOME["S1"], HOME["S2"]), 300.0),)
FOR_CHEMICALS = vehicle("V1", "10000 kg", Category.CHEMICALS)


def carried(*loads: tuple[str, str], depart: str = "day 1 08:00") -> Fact:
    """A trip of the vehicle's, as its key holds it."""
    return plan("C1", *loads, depart=depart, arrive_by="day 1 12:00", told="day 1 06:00", carrier="U9",
                routes=ROUTE, standing=True)  # fmt: skip


def on_vehicle(*facts: Fact, reference: Any = (FOR_CHEMICALS,)) -> History:
    return History("D10", "vehicle:V1", facts, at("day 2 12:00"), reference)


def history_on_vehicle() -> History:
    """Detonators on a lorry that is registered for chemicals."""
    return on_vehicle(carried(("DET", "100 item")), stage("arrive", "C1", when="day 1 11:00", standing=True))


def test_goods_of_another_category_than_the_vehicles_are_a_mismatch() -> None:
    """From departure to arrival; what it may carry stands in the evidence."""
    (finding,) = watch(history_on_vehicle())
    claim = finding.claim
    assert (finding.status, claim.anchor) == (Status.CLOSED, "C1")
    assert (claim.since, claim.until) == (at("day 1 08:00"), at("day 1 11:00"))
    assert (claim.speaks_at, claim.area, claim.unit) == (at("day 2 00:30"), "350102", "U9")
    assert (claim.numbers["goods"], claim.numbers["scope"]) == ("DET", "危险化学品/hazardous chemicals")


def test_what_is_registered_is_in_order_and_what_is_not_registered_accuses_nobody() -> None:
    """In its categories, or among its goods where these are listed."""
    only = vehicle("V1", "10000 kg", Category.CHEMICALS, goods=("ACE",))
    assert not watch(on_vehicle(carried(("ACE", "900 L"))))
    assert not watch(on_vehicle(carried(("ACE", "900 L")), reference=(only,)))
    assert watch(on_vehicle(carried(("NACN", "90 kg")), reference=(only,)))
    assert not watch(on_vehicle(carried(("DET", "100 item")), reference=()))


def test_one_of_several_goods_is_enough() -> None:
    """The goods in order are not named."""
    (finding,) = watch(on_vehicle(carried(("ACE", "900 L"), ("GUN", "2 item"))))
    assert (finding.claim.numbers["goods"], finding.claim.category) == ("GUN", "firearms")


def test_the_scope_in_force_at_departure_counts() -> None:
    """Registered for explosives from day 1 on."""
    wider = vehicle("V1", "10000 kg", Category.EXPLOSIVES, valid_from="day 1 07:00")
    assert not watch(replace(history_on_vehicle(), reference=(FOR_CHEMICALS, wider)))


PLANNED = plan("C1", ("DET", "100 item"), ("EXP", "1000 kg"), depart="day 1 08:00", arrive_by="day 1 12:00")


def issued(amount: str, goods: str = "DET", *, when: str = "day 1 07:50", **fields: Any) -> Fact:
    """An issue on the consignment."""
    return movement(
        "issue", amount, site=fields.pop("site", "S1"), goods=goods, when=when, consignment="C1", **fields
    )


def back(amount: str, goods: str = "DET", *, when: str = "day 1 15:00", how: str = "return") -> Fact:
    """What came back to the shipper's store."""
    return movement(how, amount, site="S1", goods=goods, when=when, consignment="C1")


def loaded(*facts: Fact, **parameters: int) -> History:
    return History(
        "D10",
        "consignment:C1",
        tuple(sorted(facts, key=lambda f: f.order)),
        at("day 3 00:00"),
        parameters=parameters,
    )


def history() -> History:
    """A hundred declared, a hundred and twenty loaded; a day later twenty come back."""
    return loaded(PLANNED, issued("120 item"), back("20 item", when="day 2 09:00"))


def test_more_loaded_than_declared_is_a_mismatch_at_the_shipper() -> None:
    """It ends when what is too much has come back."""
    (finding,) = watch(history())
    claim = finding.claim
    assert (finding.status, claim.anchor) == (Status.CLOSED, "C1/DET")
    assert (claim.since, claim.until) == (at("day 1 08:00"), at("day 2 09:00"))
    assert (claim.site, claim.area, claim.unit) == ("S1", "350102", "U1")
    (open_,) = watch(loaded(PLANNED, issued("120 item")))
    assert (open_.claim.numbers["loaded"], open_.claim.numbers["declared"]) == (120, 100)


def test_goods_that_the_plan_does_not_list_are_one() -> None:
    """Rifles among the detonators."""
    (finding,) = watch(loaded(PLANNED, issued("100 item"), issued("2 item", "GUN")))
    assert (finding.claim.anchor, finding.claim.numbers["declared"]) == ("C1/GUN", 0)


@pytest.mark.parametrize(("kilograms", "found"), [("900", 0), ("1005", 0), ("1005.001", 1)])
def test_bulk_goods_may_differ_by_what_two_weighings_do(kilograms: str, found: int) -> None:
    """Half a per cent; less than declared is no matter of this rule."""
    assert len(watch(loaded(PLANNED, issued(f"{kilograms} kg", "EXP")))) == found


def test_deliveries_in_parts_and_goods_that_come_and_go_again_are_in_order() -> None:
    """Loaded in two parts; refused, returned and sent again; sent on by who received it."""
    assert not watch(loaded(PLANNED, issued("60 item"), issued("40 item", when="day 1 09:00")))
    again = issued("100 item", when="day 1 16:00")
    assert not watch(loaded(PLANNED, issued("100 item"), back("100 item"), again))
    assert not watch(loaded(PLANNED, issued("100 item"), back("100 item", how="receive"), again))
    on = issued("100 item", site="S2", unit="U2", when="day 1 16:00")
    assert not watch(loaded(PLANNED, issued("100 item"), on))


def test_a_plan_that_says_more_by_midnight_explains_it() -> None:
    """Put right, or made anew, before anybody was told."""
    more = plan(
        "C1", ("DET", "120 item"), depart="day 1 08:00", arrive_by="day 1 12:00", told="day 1 18:00", id="more"
    )
    assert not watch(loaded(PLANNED, issued("120 item"), more))
    bench = Bench(loaded())
    for fact in (PLANNED, issued("120 item")):
        bench.put(fact)
    bench.look(at("day 2 01:00"))
    right = replace(more, id=PLANNED.id, at=PLANNED.at, version=2)
    bench.put(right)
    bench.look(at("day 2 02:00"))
    assert [finding.status for finding in bench.told] == [Status.OPEN, Status.WITHDRAWN]


def test_without_a_plan_or_in_another_measure_nobody_is_accused() -> None:
    """B4 and D1 speak of what has no plan."""
    assert not watch(loaded(issued("120 item")))
    litres = plan("C1", ("ACE", "100 L"), depart="day 1 08:00", arrive_by="day 1 12:00")
    weighed = issued("100 L", "ACE")
    assert isinstance(weighed.body, Movement)
    other = replace(weighed, body=replace(weighed.body, measure=Measure.MASS))
    assert not watch(loaded(litres, other))


def test_what_comes_back_counts_at_its_store_and_returned_at_any_of_the_unit() -> None:
    """A receipt in another store of the unit is a delivery, a return there is goods that came back."""
    too_much = issued("120 item")
    for how, site, stands in (
        ("receive", "S1", False), ("return", "S1", False), ("return", "S9", False), ("receive", "S9", True),
    ):  # fmt: skip
        came = movement(how, "20 item", site=site, unit="U1", when="day 1 15:00", consignment="C1")
        assert bool(watch(loaded(PLANNED, too_much, came))) is stands, (how, site)
    theirs = movement("return", "20 item", site="S2", when="day 1 15:00", consignment="C1")
    assert watch(loaded(PLANNED, too_much, theirs))


def test_the_sentence_says_what_the_plan_declares_and_whether_it_was_put_right() -> None:
    """Goods that it does not list are called that; a vehicle's scope is said in both languages."""
    rule = detector_of("D10", "consignment")
    (more,) = watch(loaded(PLANNED, issued("120 item")))
    (strange,) = watch(loaded(PLANNED, issued("100 item"), issued("2 item", "GUN")))
    (closed,) = watch(history())
    assert "declares 100 item" in rule.explain(more, "en")
    assert "运单只列 100" in rule.explain(more, "zh")
    assert "does not list these goods" in rule.explain(strange, "en")
    assert "运单未列该品种" in rule.explain(strange, "zh")
    assert "It was put right at" in rule.explain(closed, "en")
    assert "put right" not in rule.explain(more, "en")


def test_all_goods_in_excess_of_the_scope_are_named_in_the_plans_order_and_unknown_ones_are_not() -> None:
    """What the catalogue does not know accuses nobody, and hides nothing that stands behind it."""
    told = on_vehicle(carried(("GUN", "2 item"), ("NOBODY-KNOWS", "3 item"), ("DET", "100 item")))
    (finding,) = watch(told)
    assert (finding.claim.numbers["goods"], finding.claim.goods) == ("GUN,DET", "GUN")
    assert finding.claim.category is Category.FIREARMS


def test_the_first_issue_and_the_latest_are_cited() -> None:
    """However many there were between: where the loading began, and what made it too much."""
    clocks = ("07:20", "07:30", "07:40")
    (finding,) = watch(loaded(PLANNED, *(issued("50 item", when=f"day 1 {clock}", id=clock) for clock in clocks)))
    cited = [ref.id.rpartition("|")[2] for ref in finding.claim.refs]
    assert "07:20" in cited
    assert "07:40" in cited
    assert "07:30" not in cited


def test_all_that_is_said_of_a_load_and_of_a_vehicle() -> None:
    """What was loaded and what declared, by whom; what was carried and what may be, for whom to know on the way."""
    (load,) = watch(history())
    assert load.claim.numbers == {"consignment": "C1", "loaded": 120, "declared": 100, "measure": "count"}
    assert {ref.id for ref in load.claim.refs} == {fact.id for fact in history().facts}
    (lorry,) = watch(history_on_vehicle())
    assert lorry.claim.numbers == {
        "vehicle": "V1", "consignment": "C1", "goods": "DET", "scope": "危险化学品/hazardous chemicals",
    }  # fmt: skip
    assert (lorry.claim.informed_areas, lorry.claim.category) == (("350111",), Category.EXPLOSIVES)
    assert [ref.id for ref in lorry.claim.refs] == [carried(("DET", "100 item")).id]


def test_a_vehicles_mismatch_is_told_of_for_a_week_after_its_trip() -> None:
    """Looked at when the trip is over and when the week is; behind it nothing is said any more."""
    rule, told = detector_of("D10", "vehicle"), history_on_vehicle()
    view, driving = view_of(told), empty_account("vehicle")
    for fact in told.facts:
        driving = apply(driving, fact)
    ends, week = at("day 1 11:00"), at("day 8 11:00")
    assert rule.wakes(driving, view) == [ends, week]
    for now, said in ((ends - 1, [None]), (ends, [ends]), (week - 1, [ends]), (week, [])):
        assert [claim.until for claim in rule.at(driving, now, view)] == said
