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
