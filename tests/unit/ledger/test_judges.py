"""Judges: what an event means by what was in force when it happened, and whom what is heard concerns.

Law: an answer that is remembered is the answer that would be found anew.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from events.quantity import Measure
from events.registry import Category, GoodsEntry, LicenceEntry, SiteEntry, UnitEntry
from events.report import Event
from events.time import DAY, HOUR, Instant, instant
from ledger import judges
from ledger.judges import ConsignmentJudge, Judge, SiteJudge, UnitJudge
from ledger.reference import REACH, Reference, Registered
from ledger.speech import Report, Speech, Wait
from simulator import stories as s
from tests.laws.lanes import Lanes

START = s.at("day 1 00:00")
SPAN = 30 * DAY

_instants = st.integers(START, START + SPAN)
_entries = st.one_of(
    st.builds(SiteEntry, site=st.just("S1"), name=st.just(""), area=st.sampled_from(("350102", "350103"))),
    st.builds(UnitEntry, name=st.just(""), area=st.just("350102")),
    st.builds(
        GoodsEntry,
        goods=st.sampled_from(("DET", "EXP")),
        name=st.just(""),
        name_en=st.just(""),
        category=st.sampled_from(Category),
        measure=st.sampled_from((Measure.COUNT, Measure.MASS)),
    ),
)


@st.composite
def registered(draw: st.DrawFn) -> Registered:
    """An entry with dates of all kinds: open, short, heard of long after; sometimes one that is gone."""
    valid_from = draw(_instants)
    valid_to = draw(st.none() | st.integers(valid_from + 1, START + 2 * SPAN))
    heard_at = draw(st.just(0) | st.integers(START, START + SPAN + 2 * REACH))
    entry = draw(_entries)
    version = draw(st.integers(1, 3))
    return Registered(
        f"e{draw(st.integers(0, 5))}", version, draw(st.sampled_from(("U1", "U2"))), valid_from, valid_from,
        valid_to, entry if draw(st.integers(0, 4)) else None, heard_at,
    )  # fmt: skip


@given(st.lists(registered(), max_size=8), _instants, st.data())
def test_an_answer_lasts_as_long_as_it_says(entries: list[Registered], at: Instant, data: st.DataObject) -> None:
    """At both ends of its span, and anywhere between them, the entry in force is the same."""
    reference = Reference(tuple(entries))
    since, until = reference.span(SiteEntry, at)
    assert since <= at < until
    first, last = max(since, START - DAY), min(until, START + 3 * SPAN) - 1
    for unit in (None, "U1"):
        found = reference.registered(SiteEntry, "S1", at, unit)
        for moment in (first, last, data.draw(st.integers(first, last))):
            assert reference.registered(SiteEntry, "S1", moment, unit) == found


@given(st.lists(st.one_of(registered(), _instants), max_size=40))
def test_a_remembered_ground_is_the_one_that_would_be_found(told: list[Registered | Instant]) -> None:
    """Entries come, change and go between the reports: a judge who remembers says what a new one says."""
    own, everyone = Reference(), Reference()
    old = SiteJudge("S1", own, everyone)
    for item in told:
        if isinstance(item, Registered):
            (everyone if isinstance(item.entry, GoodsEntry) else own).put(item)
            continue
        for unit in ("U1", "U2"):
            for goods in ("DET", "EXP"):
                fresh = SiteJudge("S1", own, everyone)
                event = s.issue("1 item", site="S1", goods=goods, when="day 1 08:00", unit=unit)
                assert old(event, item) == fresh(event, item) == fresh(event, item)


def test_what_a_judge_remembers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 11: so many grounds, then all are forgotten."""
    monkeypatch.setattr(judges, "MOST_GROUNDS", 3)
    goods = [GoodsEntry(goods=f"G{n}", name="", name_en="", category=Category.CHEMICALS, measure=Measure.COUNT)
             for n in range(9)]  # fmt: skip
    own = Reference(
        (_held(SiteEntry(site="S1", name="", area="350102"), 1), _held(UnitEntry(name="", area="3"), 2))
    )
    judge = SiteJudge("S1", own, Reference(_held(entry, number) for number, entry in enumerate(goods)))
    for entry in goods:
        event = s.issue("1 item", site="S1", goods=entry.goods, when="day 1 08:00", unit="U1")
        assert isinstance(judge(event, START), Speech)
        assert len(judge._grounds) <= 3


def test_a_plan_concerns_the_stages_and_a_stage_nobody() -> None:
    """Stages lean on plans; one that comes changes nothing of the others."""
    judge = ConsignmentJudge(Reference())
    plan = s.plan("C1", {"DET": "1 item"}, depart="day 1 08:00", arrive_by="day 1 12:00", vehicle="V7")
    stage = s.stage("C1", "depart", when="day 1 08:00")
    assert not judge.hear("stage", stage, START)
    assert not judge.hear("void", None, START)
    assert judge.hear("plan", plan, START + HOUR)
    said = judge(stage, START)
    assert isinstance(said, Speech)
    assert (said.keys, said.received_at) == (("consignment:C1", "vehicle:V7"), START + HOUR)


def test_a_new_plan_is_told_to_the_vehicles_of_earlier_ones() -> None:
    """Those that it takes the trip off hear of it; those named later hear nothing of what was before them."""
    goods = GoodsEntry(goods="DET", name="", name_en="", category=Category.EXPLOSIVES, measure=Measure.COUNT)
    everyone = Reference((Registered("first", 1, "*", 0, 0, None, goods),))
    judge = ConsignmentJudge(everyone)
    plans = [
        s.plan("C1", {"DET": "1 item"}, depart="day 1 09:00", arrive_by="day 1 12:00", vehicle=vehicle, filed=filed)
        for vehicle, filed in (("V1", "day 1 07:00"), ("V2", "day 1 08:00"))
    ]
    for number, plan in enumerate(plans):
        judge.hear(f"p{number}", plan, 0)
    keys = []
    for plan in plans:
        speech = judge(plan, instant(plan.occurred_at))
        assert isinstance(speech, Speech)
        keys.append([key for key in speech.keys if key.startswith("vehicle:")])
    assert keys == [["vehicle:V1"], ["vehicle:V2", "vehicle:V1"]]


@pytest.mark.parametrize(
    ("people", "employer"),
    [({}, []), ({"driver": "P1"}, ["unit:U1"]), ({"escort": "P2"}, ["unit:U1"]),
     ({"driver": "P1", "carrier": "U9"}, ["unit:U9"])],
)  # fmt: skip
def test_a_plan_that_names_people_is_told_to_whoever_employs_them(
    people: dict[str, str], employer: list[str]
) -> None:
    """The carrier, else the shipper: there it is known whether they are certified."""
    goods = GoodsEntry(goods="DET", name="", name_en="", category=Category.EXPLOSIVES, measure=Measure.COUNT)
    judge = ConsignmentJudge(Reference((Registered("first", 1, "*", 0, 0, None, goods),)))
    event = s.plan("C1", {"DET": "1 item"}, depart="day 1 09:00", arrive_by="day 1 12:00")
    assert event.plan is not None
    bare = replace(event.plan, driver=None, escort=None, carrier=None)
    said = judge(replace(event, plan=replace(bare, **people)), instant(event.occurred_at))
    assert isinstance(said, Speech)
    assert [key for key in said.keys if key.startswith("unit:")] == employer


def test_a_plan_is_heard_of_no_earlier_than_its_goods() -> None:
    """Law 3: one that waited for its goods speaks of no day that had closed by then, wherever it is judged; a later
    entry about them does not put it off.
    """
    goods = GoodsEntry(goods="DET", name="", name_en="", category=Category.EXPLOSIVES, measure=Measure.COUNT)
    plan = s.plan("C1", {"DET": "1 item"}, depart="day 1 08:00", arrive_by="day 1 12:00", vehicle="V7")
    everyone = Reference()
    judge = ConsignmentJudge(everyone)
    assert isinstance(judge(plan, START), Wait)
    for id_, heard_at in (("first", START + 4 * DAY), ("second", START + 5 * DAY)):
        everyone.put(Registered(id_, 1, "*", START - DAY, START - DAY, None, goods, heard_at))
        speech = judge(plan, START)
        assert isinstance(speech, Speech)
        assert speech.received_at == START + 4 * DAY


def test_a_site_that_joins_concerns_what_is_for_all_sites_alone() -> None:
    """A unit and its licences; not its permits, and not once the site is known."""
    judge = UnitJudge()
    world = {entry.entry.__struct_config__.tag: entry for entry in s.world() if entry.unit == "U2"}
    heard = [(tag, judge.hear(str(tag), entry, START)) for tag, entry in world.items()]
    assert [tag for tag, changes in heard if changes] == ["site"]
    assert not judge.hear("again", world["site"], START)
    assert {str(tag) for tag in world if judge.leans(str(tag))} == {"unit", "licence"}


@dataclass
class Counting:
    """A judge that counts what it is asked."""

    judge: Judge
    asked: int = 0

    @property
    def edition(self) -> tuple[int, int]:
        """As the judge's."""
        return self.judge.edition

    def __call__(self, event: Report, at: Instant) -> Speech | Wait:
        """Ask, and count."""
        self.asked += 1
        return self.judge(event, at)

    def hear(self, identity: str, event: Report | None, received_at: Instant) -> bool:
        """As the judge."""
        return self.judge.hear(identity, event, received_at)

    def leans(self, identity: str) -> bool:
        """As the judge."""
        return self.judge.leans(identity)


def counted(house: Lanes, key: str) -> Counting:
    """The judge of a home, counting from now on."""
    home = house.lanes[0]._home(key)
    made = home.judge = Counting(house.lanes[0]._speaker.judge(home))
    return made


def house_with(*told: Event) -> Lanes:
    """A lane that knows the small world and some reports."""
    house = Lanes()
    house.publish()
    house.run([s.received(event) for event in (*s.world(), *told)])
    return house


def test_a_hundred_entries_of_a_unit_are_judged_once_each() -> None:
    """What is held already is not judged again by what does not concern it."""
    permit = next(entry for entry in s.world() if entry.id.startswith("permit") or "permit" in entry.id)
    house = house_with()
    judge = counted(house, f"unit:{permit.unit}")
    house.run([s.received(replace(permit, id=f"more-{number}")) for number in range(100)])
    assert judge.asked == 100


def test_a_hundred_stages_of_a_trip_are_judged_once_each() -> None:
    """Only another plan is a reason to judge them again."""
    plan = s.plan("C1", {"DET": "1 item"}, depart="day 1 08:00", arrive_by="day 1 12:00")
    house = house_with(plan)
    judge = counted(house, "consignment:C1")
    stage = s.stage("C1", "depart", when="day 1 08:00")
    house.run([s.received(replace(stage, id=f"stage-{number}")) for number in range(100)])
    assert judge.asked == 100
    house.run([s.received(replace(plan, id="another"))])
    assert judge.asked == 100 + 102


def test_reports_of_a_site_are_judged_again_only_by_what_they_are_judged_by() -> None:
    """A licence, a capacity, a policy that comes: none of them says what a report means."""
    house = house_with(*(
        s.receive("1 item", site="S2", goods="DET", when="day 1 08:00", id=f"e{number}") for number in range(20)
    ))  # fmt: skip
    lane = house.lanes[0]
    lane._speaker.say_anew(lane._home("site:S2"))
    judge = counted(house, "site:S2")
    licence = next(e for e in s.world() if isinstance(e.entry, LicenceEntry) and e.unit == "U2")
    house.run([s.received(replace(licence, id="more"))])
    house.publish()
    assert judge.asked == 0
    place = next(e for e in s.world() if isinstance(e.entry, SiteEntry) and e.entry.site == "S2")
    house.run([s.received(replace(place, id="anew"))])
    assert judge.asked == 20


def _held(entry: SiteEntry | UnitEntry | GoodsEntry, number: int) -> Registered:
    return Registered(f"r{number}", 1, "U1", 0, START, None, entry)
