"""Whom each kind of entry and each stage of a trip concerns, and what a plan says there.

Law: what needs reference data waits for it with its own reason; an answer that is remembered goes with its entry.
"""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from events.quantity import Measure
from events.registry import (
    CapacityEntry,
    Category,
    Entry,
    HazardFilingEntry,
    InstrumentEntry,
    LicenceEntry,
    PermitEntry,
    PermitReturnEntry,
    PersonEntry,
    QuotaEntry,
    ShiftEntry,
    SiteEntry,
    SourceEntry,
    TradeFilingEntry,
    UnitEntry,
    VehicleEntry,
)
from events.rejection import Reason
from events.report import Consignment, Flow, Stop
from events.serials import BLOCK
from events.time import Instant, instant, moment
from ledger.fact import Leg
from ledger.judges import ConsignmentJudge, Ground, SiteJudge, UnitJudge
from ledger.reference import Reference, Registered
from ledger.speech import Entered, Seen, Speech, Wait
from simulator import stories as s
from tests.detector_kit import GOODS, register

PLACE = SiteEntry(site="S1", name="S1", area="350102")
OWNER = UnitEntry(name="U1", area="350102", tier="maker")
SOURCE = SourceEntry(
    maker="M1", model="T1", serial=2 * BLOCK, goods="CS137", site="S1", activity=s.quantity("1 GBq"),
    measured_at=moment(0),
)  # fmt: skip
MANY = PermitEntry(permit="P1", purpose="purchase", goods=())
OWN, SITES = "unit:U1", ("site:S1", "site:S3")


@pytest.mark.parametrize(
    ("entry", "keys"),
    [
        (PLACE, (OWN, "site:S1")),
        (InstrumentEntry(instrument="I", site="S3", random=0.0, systematic=0.0), (OWN, "site:S3")),
        (CapacityEntry(site="S3", goods="DET", quantity=s.quantity("1 item")), (OWN, "site:S3")),
        (ShiftEntry(shift="A", site="S3"), (OWN, "site:S3")),
        (HazardFilingEntry(site="S3"), (OWN, "site:S3")),
        (TradeFilingEntry(site="S3", event="e1"), ("site:S3",)),
        (OWNER, (OWN, *SITES)),
        (LicenceEntry(licence="L", category=Category.CHEMICALS, activities=()), (OWN, *SITES)),
        (SOURCE, (OWN, "serial:M1/T1/2", *SITES)),
        (replace(SOURCE, serial=2 * BLOCK - 1), (OWN, "serial:M1/T1/1", *SITES)),
        (MANY, (OWN, "permit:P1")),
        (replace(MANY, one_time=True), ("permit:P1",)),
        (PermitReturnEntry(permit="P1"), ("permit:P1",)),
        (VehicleEntry(vehicle="V1", rated=s.quantity("1 t"), categories=()), (OWN, "vehicle:V1")),
        (PersonEntry(person="X", role="driver"), (OWN,)),
        (QuotaEntry(quota="Q", activity="sell", goods="DET", quantity=s.quantity("1 item")), (OWN,)),
    ],
    ids=lambda one: type(one).__name__ if not isinstance(one, tuple) else "-".join(one),
)
def test_an_entry_goes_to_the_keys_that_are_judged_by_it(entry: Entry, keys: tuple[str, ...]) -> None:
    """Its unit, site, permit, vehicle or block; what is for all sites to each that joined, by name."""
    judge = UnitJudge()
    for number, site in enumerate(("S3", "S1")):
        joined = s.registry(replace(PLACE, site=site), unit="U1")
        assert judge.hear(f"site{number}", joined, 0)
    told = s.registry(entry, unit="U1", valid_from="day 1 00:00", valid_to="day 9 00:00")
    speech = judge(told, 7)
    assert isinstance(speech, Speech)
    assert speech.keys == keys
    assert speech.body == Entered("U1", 7, s.at("day 1 00:00"), s.at("day 9 00:00"), entry)


def test_an_entry_for_everyone_goes_to_everyone_alone_and_an_open_one_has_no_end() -> None:
    """Whatever it is about; what is no entry does not live at a unit."""
    judge = UnitJudge()
    speech = judge(s.registry(GOODS["DET"], valid_from="day 1 00:00"), 7)
    assert isinstance(speech, Speech)
    assert speech.keys == ("*",)
    assert speech.body == Entered("*", 7, s.at("day 1 00:00"), None, GOODS["DET"])
    stray = s.opening("1 item", site="S1", goods="DET", when="day 1 08:00")
    assert judge(stray, 0) == Wait(Reason.INVALID_VALUE, "kind", "only registry entries live at a unit")
    assert not judge.hear("stray", stray, 0)
    assert not judge.hear("gone", None, 0)


def test_what_leans_on_the_sites_is_what_is_for_all_of_them() -> None:
    """A unit, its licences and its sources; a site that is told again brings nothing new."""
    judge = UnitJudge()
    for name, entry in (("unit", OWNER), ("source", SOURCE), ("permit", MANY), ("site", PLACE)):
        assert judge.hear(name, s.registry(entry, unit="U1"), 0) is (name == "site")
    assert [name for name in ("unit", "source", "permit", "site") if judge.leans(name)] == ["unit", "source"]
    assert not judge.hear("again", s.registry(PLACE, unit="U1"), 0)
    assert judge.hear("another", s.registry(replace(PLACE, site="S3"), unit="U1"), 0)


def planned(**fields: object) -> Consignment:
    """A trip of two goods with everything said of it, or with these fields of its plan otherwise."""
    event = s.plan(
        "C1", {"DET": "5 item", "EXP": "2 kg"}, depart="day 1 08:00", arrive_by="day 1 12:00", filed="day 1 06:00",
        vehicle="V1",
    )  # fmt: skip
    assert event.plan is not None
    said = replace(
        event.plan, permit="P2", carrier="U9", driver="D", escort="E", hours=(360, 1200), speed_limit_kmh=60.0,
        routes=(s.straight(),), stops=(Stop(at=(119.25, 26.05), radius_m=150.0),), areas=("A1",),
    )  # fmt: skip
    return replace(event, plan=replace(said, **fields))


def judged() -> ConsignmentJudge:
    """By the small world's goods, heard of one after the other."""
    held = (replace(register(GOODS[goods]), heard_at=heard) for goods, heard in (("DET", 5), ("EXP", 4)))
    return ConsignmentJudge(Reference(tuple(held)))


def test_a_plan_says_all_that_was_planned_and_is_heard_of_with_the_last_of_its_goods() -> None:
    """Whole: ends, loads in base units, times, people, roads and stops, and the category of its first goods."""
    event = planned()
    speech = judged()(event, instant(event.occurred_at))
    assert isinstance(speech, Speech)
    assert speech.received_at == 5
    assert speech.keys == ("consignment:C1", "vehicle:V1", "permit:P2", "unit:U9")
    road = s.straight()
    assert speech.body == Leg(
        "plan", "C1", "V1", "U1", "S1", "U2", "S2",
        (("DET", 5, Measure.COUNT), ("EXP", 2_000_000, Measure.MASS)), s.at("day 1 08:00"), s.at("day 1 12:00"),
        "P2", "U9", "D", "E", ((road.line, road.half_width_m),), ((119.25, 26.05, 150.0),),
        Category.EXPLOSIVES, (360, 1200), 60.0, ("A1",),
    )  # fmt: skip


def test_a_plan_waits_for_the_goods_that_are_not_known() -> None:
    """The first that is missing is named; what is no consignment event does not live here."""
    event = planned()
    bare = ConsignmentJudge(Reference((register(GOODS["DET"]),)))
    assert bare(event, instant(event.occurred_at)) == Wait(Reason.UNKNOWN_GOODS, "plan.loads", "EXP")
    stray = s.registry(PLACE, unit="U1")
    told = Wait(Reason.INVALID_VALUE, "kind", "only consignment events live at a consignment")
    assert bare(stray, 0) == told


def test_each_stage_goes_to_whom_the_plans_name() -> None:
    """Every vehicle; an arrival to the permits too, a call-off to employers; without a plan to the trip alone."""
    judge = judged()
    stages = {name: s.stage("C1", name, when="day 1 09:00") for name in ("depart", "arrive", "cancel")}
    for name, event in stages.items():
        assert judge(event, 0) == Speech(("consignment:C1",), Leg(name, "C1"))
    judge.hear("p1", planned(), 11)
    judge.hear("p2", planned(vehicle="V0", carrier=None, permit=None), 9)
    vehicles = ("vehicle:V0", "vehicle:V1")
    expected = {"depart": (), "arrive": ("permit:P2",), "cancel": ("unit:U1", "unit:U9")}
    for name, event in stages.items():
        assert judge(event, 0) == Speech(("consignment:C1", *vehicles, *expected[name]), Leg(name, "C1"), 11)


def test_a_plan_is_told_to_the_vehicles_named_before_it_was_made_and_to_no_later_ones() -> None:
    """To the microsecond; that a vehicle is named again later does not make it a later one."""
    judge, event = judged(), planned()
    made = instant(event.occurred_at)
    later = replace(event, occurred_at=moment(made + 1))
    judge.hear("p0", replace(event, occurred_at=moment(made), plan=planned(vehicle="V0").plan), 0)
    judge.hear("p1", later, 0)
    for at, former in ((made, ()), (made + 1, ("vehicle:V0",))):
        speech = judge(event, at)
        assert isinstance(speech, Speech)
        assert speech.keys[1:-2] == ("vehicle:V1", *former)
    judge.hear("p2", replace(later, plan=planned(vehicle="V0").plan), 0)
    speech = judge(event, made + 1)
    assert isinstance(speech, Speech)
    assert "vehicle:V0" in speech.keys


SALE = s.issue("1 item", site="S1", goods="DET", when="day 1 08:00", unit="U1")


def held(entry: Entry, id_: str, *, unit: str = "U1", **dates: str) -> Registered:
    """An entry under an id."""
    return register(entry, unit=unit, id=id_, **dates)  # type: ignore[arg-type]  # drawn words


def test_a_ground_holds_from_the_last_entry_that_began_to_the_first_that_ends() -> None:
    """Of the site's, the unit's and the goods' entries; it is remembered for just so long."""
    own = Reference((held(PLACE, "p", valid_from="day 2 00:00"), held(OWNER, "u", valid_to="day 9 00:00")))
    everyone = Reference((held(GOODS["DET"], "g", unit="*", valid_from="day 1 00:00"),))
    judge = SiteJudge("S1", own, everyone)
    ground = judge.ground("U1", "DET", s.at("day 5 00:00"))
    assert ground == Ground(
        Seen("350102", Category.EXPLOSIVES, "maker"), Measure.COUNT, s.at("day 2 00:00"), s.at("day 9 00:00"),
        ("site:S1", "book:S1/DET", "unit:U1"),
    )  # fmt: skip
    assert judge.ground("U1", "DET", s.at("day 2 00:00")) is ground
    assert judge.ground("U1", "DET", s.at("day 9 00:00") - 1) is ground
    for at, missing in ((s.at("day 2 00:00") - 1, Reason.UNKNOWN_SITE), (s.at("day 9 00:00"), Reason.UNKNOWN_UNIT)):
        found = judge.ground("U1", "DET", at)
        assert isinstance(found, Wait)
        assert found.reason is missing


def test_a_ground_goes_with_any_entry_that_it_rests_on() -> None:
    """However many entries either side has: the site's own, then the catalogue's, one by one."""
    own, everyone = Reference((held(PLACE, "p"), held(OWNER, "u"))), Reference((held(GOODS["DET"], "g", unit="*"),))
    judge = SiteJudge("S1", own, everyone)
    at: Instant = s.at("day 1 08:00")
    for number in range(4):
        area = f"3501{number:02}"
        own.put(held(replace(PLACE, area=area), f"p{number}", recorded=f"day -{9 - number} 00:00"))
        ground = judge.ground("U1", "DET", at)
        assert isinstance(ground, Ground)
        assert ground.seen.area == area
    for number, category in enumerate((Category.CHEMICALS, Category.FIREWORKS, Category.FIREARMS)):
        goods = replace(GOODS["DET"], category=category)
        everyone.put(held(goods, f"g{number}", unit="*", recorded=f"day -{9 - number} 00:00"))
        ground = judge.ground("U1", "DET", at)
        assert isinstance(ground, Ground)
        assert ground.seen.category is category
    assert judge.edition == (own.edition, everyone.edition) == (6, 4)


def test_the_first_thing_that_a_report_lacks_is_what_it_waits_for() -> None:
    """The site, that it is this unit's, the unit, the goods, and then that these are reported as measured."""
    own, everyone = Reference(), Reference()
    judge = SiteJudge("S1", own, everyone)
    at: Instant = s.at("day 1 08:00")
    for put, wait in (
        ((), Wait(Reason.UNKNOWN_SITE, "site", "S1")),
        ((held(PLACE, "other", unit="U2"),), Wait(Reason.NOT_UNITS_SITE, "unit", "S1 is not a site of U1")),
        ((held(PLACE, "p"), held(OWNER, "foreign", unit="U2")), Wait(Reason.UNKNOWN_UNIT, "unit", "U1")),
        ((held(OWNER, "u"),), Wait(Reason.UNKNOWN_GOODS, "goods", "DET")),
    ):
        for entry in put:
            own.put(entry)
        assert judge(SALE, at) == wait
    everyone.put(held(replace(GOODS["DET"], measure=Measure.MASS), "g", unit="*"))
    wrong = Wait(Reason.WRONG_MEASURE, "quantity.unit", "DET is reported as mass, not count")
    assert judge(SALE, at) == wrong
    assert judge.leans("any")
    assert not judge.hear("any", SALE, 0)
    told = Wait(Reason.INVALID_VALUE, "kind", "only flow and inventory live at a site")
    assert judge(planned(), at) == told
    assert isinstance(SALE, Flow)
