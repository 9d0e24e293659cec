"""C3: a transport permit that is not handed back within three days after the goods arrived."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from detectors.claim import Status
from events.registry import CalendarEntry, PermitReturnEntry
from events.time import moment
from ledger.reference import Registered
from simulator.stories.relative import straight
from tests.detector_kit import Bench, History, at, detector_of, movement, permit, plan, register, stage, watch

PAPER = permit(
    "T1", ("DET", "100 item"), purpose="transport", one_time=True, valid_from="day 1 00:00", valid_to="day 4 00:00"
)
PLAN = plan(
    "C1", ("DET", "100 item"), depart="day 1 08:00", arrive_by="day 1 12:00", permit="T1",
    routes=((straight().line, 300.0),),
)  # fmt: skip
ARRIVED = stage("arrive", "C1", when="day 1 11:00")


def moment_of(when: str) -> date:
    """The civil day of an instant."""
    return moment(at(when)).date()


def returned(when: str) -> Registered:
    """That it was handed back."""
    return register(PermitReturnEntry(permit="T1"), unit="U1", valid_from=when)


def history() -> History:
    """Arrived on Monday at eleven; handed back the Friday after."""
    return History(
        rule="C3",
        key="permit:T1",
        facts=(PLAN, ARRIVED),
        reference=(PAPER, returned("day 5 09:00")),
        now=at("day 7 00:00"),
    )


def test_it_stands_from_the_end_of_the_third_day_until_it_is_back() -> None:
    """The day of arrival does not count; the place is the county where the road ends, the unit its consignee."""
    (finding,) = watch(history())
    claim = finding.claim
    assert (claim.anchor, claim.since, claim.until) == ("T1", at("day 5 00:00"), at("day 5 09:00"))
    assert (claim.area, claim.unit, claim.site) == ("350111", "U2", "S2")
    assert [ref.id for ref in claim.refs] == [PLAN.id, ARRIVED.id]
    assert (claim.numbers["arrived_at"], claim.numbers["within_days"]) == (at("day 1 11:00"), 3)


def test_handed_back_on_the_last_day_is_in_time() -> None:
    """The look-alike: an entry of the last minute, though it came days later, withdraws what was said."""
    bench = Bench(replace(history(), reference=(PAPER,)))
    for fact in history().facts:
        bench.put(fact)
    bench.look(at("day 6 00:00"))
    assert [finding.status for finding in bench.told] == [Status.OPEN]
    bench.enter(returned("day 4 23:59"))
    bench.look(at("day 6 01:00"))
    assert [finding.status for finding in bench.told] == [Status.OPEN, Status.WITHDRAWN]
    assert not watch(replace(history(), reference=(PAPER, returned("day 4 23:59"))))


def test_a_term_that_ends_on_a_day_off_ends_on_the_next_working_day() -> None:
    """Thursday's arrival is due on Sunday, so on Monday; a calendar that works that Sunday says otherwise."""
    facts = (PLAN, stage("arrive", "C1", when="day 4 11:00"))
    told = replace(history(), facts=facts, reference=(PAPER,), now=at("day 12 00:00"))
    (finding,) = watch(told)
    assert (finding.claim.since, finding.claim.numbers["calendar"]) == (at("day 9 00:00"), "weekends_only")
    worked = moment_of("day 7 00:00")
    calendar = register(CalendarEntry(year=2026, holidays=(), workdays=(worked,)), valid_from="day -90 00:00")
    (finding,) = watch(replace(told, world=(calendar,)))
    assert finding.claim.since == at("day 8 00:00")
    assert "calendar" not in finding.claim.numbers


def test_a_holiday_moves_it_on_and_working_days_can_be_asked_for() -> None:
    """Wednesday to Friday off: Monday's arrival is due the Monday after; three working days end a day sooner."""
    off = tuple(moment_of(f"day {day} 00:00") for day in (3, 4, 5))
    calendar = register(CalendarEntry(year=2026, holidays=off), valid_from="day -90 00:00")
    told = replace(history(), reference=(PAPER,), world=(calendar,), now=at("day 14 00:00"))
    assert watch(told)[0].claim.since == at("day 9 00:00")
    assert watch(replace(told, parameters={"working_days": True}))[0].claim.since == at("day 10 00:00")


def test_a_receipt_that_names_the_permit_is_an_arrival_too() -> None:
    """Without any trip reported; the receiver's own county handles it."""
    taken = movement("receive", "100 item", site="S2", when="day 1 12:00", permit="T1")
    (finding,) = watch(replace(history(), facts=(taken,)))
    assert (finding.claim.area, finding.claim.numbers["arrived_at"]) == ("350111", at("day 1 12:00"))


def test_what_need_not_come_back_is_let_be() -> None:
    """Permits for many trips, to buy, of other categories; a trip that only departed, or another's arrival."""
    many = permit("T1", ("DET", "100 item"), purpose="transport")
    buy = permit("T1", ("DET", "100 item"), purpose="purchase", one_time=True)
    for paper in (many, buy):
        assert not watch(replace(history(), reference=(paper,)))
    acid = replace(PLAN, body=plan("C1", ("ACE", "9 L"), depart="day 1 08:00", arrive_by="day 1 12:00").body)
    assert not watch(replace(history(), facts=(acid, ARRIVED)))
    assert not watch(replace(history(), facts=(PLAN, stage("arrive", "C2", when="day 1 11:00"))))


def test_a_permit_that_ran_out_on_the_way_must_still_come_back() -> None:
    """It was valid until the evening, and the lorry arrived the next day."""
    short = permit("T1", ("DET", "100 item"), purpose="transport", one_time=True, valid_to="day 1 10:00")
    assert len(watch(replace(history(), reference=(short,)))) == 1


def test_the_permit_speaks_as_it_was_when_the_goods_arrived() -> None:
    """A later entry under its number, for other ends, changes nothing; an earlier one gives way to the next."""
    later = permit("T1", ("DET", "5 item"), valid_from="day 20 00:00", id="later")
    before = permit("T1", ("DET", "5 item"), valid_from="day -9 00:00", valid_to="day 1 00:00", id="before")
    assert len(watch(replace(history(), reference=(*history().reference, later, before)))) == 1
    bought = permit("T1", ("DET", "5 item"), valid_from="day 1 08:00", id="bought")
    assert not watch(replace(history(), reference=(*history().reference, bought)))


def test_the_sentence_says_whether_it_is_back_and_whether_the_term_is_guessed() -> None:
    """A term reckoned without that year's calendar is marked as such."""
    rule = detector_of("C3", "permit")
    calendar = register(CalendarEntry(year=2026, holidays=()), valid_from="day -90 00:00")
    (back,) = watch(replace(history(), world=(calendar,)))
    (out,) = watch(replace(history(), reference=(PAPER,)))
    assert "it came back only at" in rule.explain(back, "en")
    assert "才核销" in rule.explain(back, "zh")
    assert "it is not back yet" in rule.explain(out, "en")
    assert "至今未核销" in rule.explain(out, "zh")
    assert "by weekends alone" in rule.explain(out, "en")
    assert "按周末计算" in rule.explain(out, "zh")
    assert "weekends" not in rule.explain(back, "en")
    assert "周末" not in rule.explain(back, "zh")


def test_the_evidence_and_the_sentence_are_whole() -> None:
    """The trip, when it arrived, by when it was due, and when it came back."""
    (finding,) = watch(history())
    assert finding.claim.numbers == {
        "permit": "T1", "consignment": "C1", "arrived_at": at("day 1 11:00"), "within_days": 3,
        "due": at("day 5 00:00"), "calendar": "weekends_only", "returned_at": at("day 5 09:00"),
    }  # fmt: skip
    assert (finding.claim.category, finding.claim.goods, finding.claim.ref_count) == ("explosives", None, 2)
    rule = detector_of("C3", "permit")
    assert rule.explain(finding, "en") == (
        "The goods under transport permit T1 arrived at 2026-05-04T11:00:00+08:00; it was to be handed back within "
        "3 days (by 2026-05-08T00:00:00+08:00, by weekends alone: no calendar of that year is registered): it came "
        "back only at 2026-05-08T09:00:00+08:00."
    )
    assert rule.explain(finding, "zh") == (
        "运输许可证 T1 的货物于 2026-05-04T11:00:00+08:00 运达，应在 3 日内（2026-05-08T00:00:00+08:00 前"
        "（未登记当年节假日，按周末计算））交回核销，直到 2026-05-08T09:00:00+08:00 才核销。"
    )


def test_it_is_said_by_time_alone_at_the_deadline_and_not_before() -> None:
    """Handed back at the very deadline it is late; a return that was told otherwise is none."""
    told = replace(history(), reference=(PAPER,))
    assert not watch(replace(told, now=at("day 5 00:00") - 1))
    assert len(watch(replace(told, now=at("day 5 00:00")))) == 1
    (late,) = watch(replace(told, reference=(PAPER, returned("day 5 00:00"))))
    assert late.claim.until == at("day 5 00:00")
    unsaid = replace(returned("day 2 00:00"), unsaid_at=at("day 2 00:00") + 1)
    assert watch(replace(told, reference=(PAPER, unsaid)))[0].claim.until is None
    other = register(PermitReturnEntry(permit="T2"), unit="U1", valid_from="day 2 00:00")
    assert watch(replace(told, reference=(PAPER, other)))[0].claim.until is None


def test_of_several_returns_the_first_counts() -> None:
    """In whatever order they are registered."""
    again = replace(returned("day 6 09:00"), id="again")
    for papers in ((returned("day 5 09:00"), again), (again, returned("day 5 09:00"))):
        (finding,) = watch(replace(history(), reference=(PAPER, *papers)))
        assert finding.claim.until == at("day 5 09:00")


def test_the_first_arrival_starts_the_clock_and_no_other_moves_it() -> None:
    """Of two trips on one permit the one that arrived first; what arrives, or is planned, after that is let be."""
    other = plan("C2", ("DET", "5 item"), depart="day 1 08:00", arrive_by="day 1 12:00", permit="T1", id="other")
    facts = (PLAN, other, stage("arrive", "C2", when="day 1 10:00"), ARRIVED)
    (finding,) = watch(replace(history(), facts=facts, reference=(PAPER,)))
    claim = finding.claim
    assert (claim.numbers["consignment"], claim.numbers["arrived_at"]) == ("C2", at("day 1 10:00"))
    assert [ref.id for ref in claim.refs] == [other.id, facts[2].id]


def test_a_plan_that_is_made_anew_says_who_is_to_receive() -> None:
    """The later plan of the trip; without a road its place is the province's, never another trip's."""
    anew = plan("C1", ("DET", "100 item"), depart="day 1 09:00", arrive_by="day 1 12:00", ends=("S1", "S3"),
                permit="T1", id="anew")  # fmt: skip
    (finding,) = watch(replace(history(), facts=(PLAN, anew, ARRIVED), reference=(PAPER,)))
    assert (finding.claim.site, finding.claim.area) == ("S3", "350000")
    assert [ref.id for ref in finding.claim.refs] == [anew.id, ARRIVED.id]


def test_of_nine_planned_trips_the_first_is_forgotten() -> None:
    """Eight are remembered until one has arrived: state is bounded."""
    plans = tuple(
        plan(f"C{nth}", ("DET", "5 item"), depart=f"day 1 08:0{nth}", arrive_by="day 1 12:00", permit="T1")
        for nth in range(9)
    )
    for arrived, found in (("C0", 0), ("C1", 1), ("C8", 1)):
        facts = (*plans, stage("arrive", arrived, when="day 1 11:00"))
        assert len(watch(replace(history(), facts=facts, reference=(PAPER,)))) == found, arrived


def test_a_receipt_is_cited_once_and_names_its_trip() -> None:
    """It says itself who received what, where."""
    taken = movement("receive", "100 item", site="S2", when="day 1 12:00", permit="T1", consignment="C7")
    (finding,) = watch(replace(history(), facts=(taken,), reference=(PAPER,)))
    claim = finding.claim
    assert (claim.refs, claim.ref_count) == ((taken.ref,), 1)
    assert (claim.numbers["consignment"], claim.site, claim.unit) == ("C7", "S2", "U2")
    sent = movement("issue", "100 item", when="day 1 08:00", permit="T1")
    assert not watch(replace(history(), facts=(sent,), reference=(PAPER,)))


def test_of_two_entries_that_both_speak_the_one_that_began_last_says_whether_it_must_come_back() -> None:
    """Of the same beginning the later by name; one that begins after the arrival only where there is no other."""
    bought = permit("T1", ("DET", "5 item"), valid_from="day 1 00:00", id="a")
    assert len(watch(replace(history(), reference=(replace(PAPER, id="b"), bought)))) == 1
    assert not watch(replace(history(), reference=(replace(PAPER, id="b"), replace(bought, id="c"))))
    ahead = permit("T1", ("DET", "5 item"), purpose="transport", one_time=True, valid_from="day 3 00:00", id="z")
    assert len(watch(replace(history(), reference=(ahead,)))) == 1
    for since, found in (("day 1 11:00", 0), ("day 1 11:01", 1)):
        began = permit("T1", ("DET", "5 item"), valid_from=since, id="began")
        assert len(watch(replace(history(), reference=(PAPER, began)))) == found, since
