"""C2: sales and purchases that nobody filed with the authority in time."""

from __future__ import annotations

from msgspec import msgpack
from msgspec.structs import replace

from detectors.c2_late_filing import Deals
from detectors.claim import Status
from events.registry import CalendarEntry, TradeFilingEntry
from events.time import HOUR, MINUTE
from ledger.fact import Fact
from ledger.reference import Registered
from tests.checks.folding import fold, steps, view_of
from tests.detector_kit import Bench, History, at, detector_of, movement, register, watch


def filed(deal: Fact, when: str, *, heard: str | None = None) -> Registered:
    """That a deal was filed."""
    event = deal.id.rpartition("|")[2]
    entry = register(TradeFilingEntry(site="S1", event=event), unit="U1", valid_from=when)
    return entry if heard is None else replace(entry, heard_at=at(heard))


SOLD = movement("issue", "5 item", when="day 1 10:00", outside="采石场")
BOUGHT = movement("receive", "9 item", when="day 1 15:00", counterparty_unit="U2")
NEXT = movement("issue", "1 item", when="day 2 10:00", outside="采石场")


def history() -> History:
    """Monday's sale is filed in time, its purchase two days late, Tuesday's sale never."""
    return History(
        rule="C2",
        key="site:S1",
        facts=(SOLD, BOUGHT, NEXT),
        reference=(filed(SOLD, "day 3 10:00"), filed(BOUGHT, "day 6 10:00")),
        now=at("day 8 00:00"),
    )


def test_what_a_day_left_unfiled_is_one_warning_until_the_last_of_it_is_filed() -> None:
    """From the end of the third day on; it names which, and how many of how many."""
    monday, tuesday = watch(history())
    claim = monday.claim
    assert (claim.anchor, claim.since, claim.until) == (
        "2026-05-04/explosives",
        at("day 5 00:00"),
        at("day 6 10:00"),
    )
    assert claim.refs == (BOUGHT.ref,)
    assert {name: claim.numbers[name] for name in ("deals", "late", "not_filed", "within_days")} == {
        "deals": 2, "late": 1, "not_filed": 0, "within_days": 3,
    }  # fmt: skip
    assert (tuesday.status, tuesday.claim.numbers["not_filed"]) == (Status.OPEN, 1)


def test_the_last_minute_is_in_time_whenever_it_is_heard_of() -> None:
    """The look-alike; and an entry that comes late but is dated before takes back what was said."""
    told = replace(history(), facts=(SOLD,), reference=())
    assert not watch(replace(told, reference=(filed(SOLD, "day 4 23:59"),)))
    assert len(watch(replace(told, reference=(filed(SOLD, "day 5 00:00"),)))) == 1
    bench = Bench(told)
    bench.put(SOLD)
    bench.look(at("day 20 00:00"))
    assert [finding.status for finding in bench.told] == [Status.OPEN]
    bench.enter(filed(SOLD, "day 4 23:59", heard="day 20 00:00"))
    bench.look(at("day 20 01:00"))
    assert [finding.status for finding in bench.told] == [Status.OPEN, Status.WITHDRAWN]


def test_each_kind_of_goods_has_its_own_clock() -> None:
    """Five days for what is highly toxic, twenty for a source, thirty for a precursor; none for a crossbow."""
    deals = {"DET": "1 item", "NACN": "1 kg", "CS137": "1 MBq", "ACE": "1 L", "BOW": "1 item"}
    facts = tuple(
        movement("issue", amount, goods=goods, when="day 1 10:00", outside="某厂")
        for goods, amount in deals.items()
    )
    found = watch(replace(history(), facts=facts, reference=(), now=at("day 40 00:00")))
    due = {str(finding.claim.numbers["duty"]): finding.claim.since for finding in found}
    assert due == {
        "explosives": at("day 5 00:00"),
        "highly_toxic": at("day 9 00:00"),  # the fifth day is a Saturday: the Monday after
        "radioactive": at("day 23 00:00"),  # the twentieth day is a Sunday
        "drug_precursor": at("day 32 00:00"),
    }


def test_only_what_goes_to_others_is_a_deal() -> None:
    """The look-alikes: to a shift, between stores of the unit, used up; and a purchase of a drug precursor."""
    facts = (
        movement("issue", "1 item", when="day 1 09:00", shift="A"),
        movement("issue", "1 item", when="day 1 10:00", counterparty_unit="U1"),
        movement("consume", "1 item", when="day 1 11:00"),
        movement("receive", "5 L", goods="ACE", when="day 1 12:00", outside="某厂"),
    )
    assert not watch(replace(history(), facts=facts, reference=(), now=at("day 40 00:00")))
    source = movement("destroy", "1 MBq", goods="CS137", when="day 1 10:00")
    assert len(watch(replace(history(), facts=(source,), reference=(), now=at("day 40 00:00")))) == 1


def test_what_is_never_filed_is_let_rest_after_sixty_two_days() -> None:
    """State is bounded: the warning then ends, saying that it was not filed, and stays so."""
    later = movement("consume", "1 item", when="day 65 10:00")
    told = replace(history(), facts=(SOLD, later), reference=(), now=at("day 100 00:00"))
    (finding,) = watch(told)
    assert (finding.claim.until, finding.claim.numbers["not_filed"]) == (at("day 63 00:00"), 1)


def test_a_busy_dealer_s_open_deals_stay_bounded_and_each_is_judged() -> None:
    """Forty deals a day, filed once a month but for one: that one is found, though only a mark of it is kept."""
    base = movement("issue", "1 L", goods="ACE", when="day 1 08:00", outside="某厂")
    facts = tuple(
        replace(base, id=f"teller|S1|deal-{day:02}-{n:02}", at=base.at + (day * 24 + 0) * HOUR + n * 10 * MINUTE)
        for day in range(30)
        for n in range(40)
    )
    left_out = facts[7 * 40 + 30]
    filings = tuple(filed(deal, "day 30 18:00") for deal in facts if deal is not left_out)
    busy = replace(history(), facts=facts, reference=(), now=at("day 70 00:00"))
    states = [done.after for done in fold(detector_of("C2", "site"), list(steps(busy)), view_of(busy))]
    assert isinstance(states[-1], Deals)
    assert len(msgpack.encode(states[-1])) < 48 * 1024
    (finding,) = watch(replace(busy, reference=filings))
    assert (finding.claim.numbers["deals"], finding.claim.numbers["late"]) == (40, 1)


def test_a_deal_that_a_correction_takes_back_owes_nothing() -> None:
    """The sale did not happen: what was said of it is withdrawn."""
    bench = Bench(replace(history(), facts=(), reference=()))
    bench.put(SOLD)
    bench.look(at("day 6 00:00"))
    bench.put(replace(SOLD, version=2, body=None))
    bench.look(at("day 6 01:00"))
    assert [finding.status for finding in bench.told] == [Status.OPEN, Status.WITHDRAWN]


def test_the_evidence_and_the_sentence_say_what_was_not_filed_in_full() -> None:
    """How many of how many, by when, which was the first, what became of them; a guessed term is marked."""
    monday, tuesday = watch(history())
    assert monday.claim.numbers == {
        "duty": "explosives", "dealt_on": "2026-05-04", "within_days": 3, "due": at("day 5 00:00"), "deals": 2,
        "late": 1, "not_filed": 0, "first": "receive-S1-DET-d1t150000", "calendar": "weekends_only",
    }  # fmt: skip
    claim = monday.claim
    assert (claim.area, claim.unit, claim.site, claim.category) == ("350102", "U1", "S1", "explosives")
    rule = detector_of("C2", "site")
    assert rule.explain(monday, "en") == (
        "Of 2 deal(s) in civil explosives at S1 on 2026-05-04, 1 were not filed within 3 days, by "
        "2026-05-08T00:00:00+08:00, by weekends alone: no calendar of that year is registered (the first: "
        "receive-S1-DET-d1t150000); the last was only at 2026-05-09T10:00:00+08:00."
    )
    assert rule.explain(tuesday, "zh") == (
        "S1 2026-05-05 的民用爆炸物品 1 笔购销中有 1 笔未在 3 日内（2026-05-09T00:00:00+08:00 前"
        "（未登记当年节假日，按周末计算））备案，首笔为 issue-S1-DET-d2t100000；其中 1 笔至今未备案。"
    )
    assert rule.explain(tuesday, "en").endswith("; 1 are still not.")
    assert rule.explain(monday, "zh").endswith("；最后一笔于 2026-05-09T10:00:00+08:00 才备案。")
    year = register(CalendarEntry(year=2026, holidays=()), valid_from="day -90 00:00")
    known, _ = watch(replace(history(), world=(year,)))
    assert "calendar" not in known.claim.numbers
    assert "weekends" not in rule.explain(known, "en")
    assert "周末" not in rule.explain(known, "zh")


def test_of_several_late_ones_the_last_filing_ends_it_and_the_first_filing_of_a_deal_counts() -> None:
    """Both of Monday's late: over with the later of them; that one is filed again later changes nothing."""
    again = filed(BOUGHT, "day 7 12:00")
    papers = (filed(SOLD, "day 7 10:00"), filed(BOUGHT, "day 6 10:00"), replace(again, id="again"))
    (finding,) = watch(replace(history(), facts=(SOLD, BOUGHT), reference=papers))
    assert (finding.claim.until, finding.claim.numbers["late"]) == (at("day 7 10:00"), 2)
    assert finding.claim.refs == (SOLD.ref, BOUGHT.ref)
    (one,) = watch(replace(history(), facts=(SOLD, BOUGHT), reference=papers[:1]))
    assert (one.claim.until, one.claim.numbers["not_filed"]) == (None, 1)


def test_purchases_of_drug_precursors_count_where_policy_asks_for_them() -> None:
    """Sales always do; the term is the policy's of that kind, whether it moves off days off or not."""
    bought = movement("receive", "5 L", goods="ACE", when="day 1 12:00", outside="某厂")
    told = replace(history(), facts=(bought,), reference=(), now=at("day 40 00:00"))
    assert not watch(told)
    (finding,) = watch(replace(told, parameters={"drug_purchases": True}))
    assert finding.claim.since == at("day 32 00:00")
    (finding,) = watch(replace(told, parameters={"drug_purchases": True, "drug_precursor_days": 5}))
    assert finding.claim.since == at("day 9 00:00")
    still = {"drug_purchases": True, "drug_precursor_days": 5, "moves": False}
    assert watch(replace(told, parameters=still))[0].claim.since == at("day 7 00:00")


def test_two_kinds_of_one_day_and_one_kind_of_two_days_are_matters_of_their_own() -> None:
    """Each is due by itself, whatever else is dealt in that day."""
    poison = movement("issue", "1 kg", goods="NACN", when="day 1 11:00", outside="某厂")
    found = watch(replace(history(), facts=(SOLD, poison, NEXT), reference=(), now=at("day 40 00:00")))
    assert [(one.claim.anchor, one.claim.numbers["deals"]) for one in found] == [
        ("2026-05-04/explosives", 1), ("2026-05-05/explosives", 1), ("2026-05-04/highly_toxic", 1),
    ]  # fmt: skip


def test_what_was_filed_in_time_is_forgotten_the_next_day_and_what_was_not_is_kept() -> None:
    """State is bounded: on Wednesday nothing is left of Monday's sale, that was filed, but of its purchase."""
    later = movement("consume", "1 item", when="day 3 11:00")
    told = replace(history(), facts=(SOLD, BOUGHT, later), reference=(filed(SOLD, "day 2 10:00"),))
    *_, done = fold(detector_of("C2", "site"), list(steps(told)), view_of(told))
    assert isinstance(done.after, Deals)
    (kept,) = done.after.days
    assert (kept.named, kept.number) == ((BOUGHT.ref,), 2)
    both = replace(told, reference=(filed(SOLD, "day 2 10:00"), filed(BOUGHT, "day 2 10:00")))
    *_, done = fold(detector_of("C2", "site"), list(steps(both)), view_of(both))
    assert isinstance(done.after, Deals)
    assert done.after.days == ()


def test_what_is_let_rest_keeps_when_it_was_filed_late_and_a_filing_after_that_says_nothing_more() -> None:
    """Sixty-two days after the deal, by time alone; a filing on the last day is its end, one long after is not."""
    told = replace(history(), facts=(SOLD,), reference=(), now=at("day 100 00:00"))
    (open_,) = watch(replace(told, now=at("day 63 00:00") - 1))
    assert open_.claim.until is None
    (rests,) = watch(replace(told, now=at("day 63 00:00")))
    assert (rests.claim.until, rests.claim.numbers["not_filed"]) == (at("day 63 00:00"), 1)
    (filed_,) = watch(replace(told, reference=(filed(SOLD, "day 62 10:00"),)))
    assert (filed_.claim.until, filed_.claim.numbers["not_filed"]) == (at("day 62 10:00"), 0)
    closed = at("day 71 01:00")
    for heard, left in ((closed - 1, 0), (closed, 1)):
        late = replace(filed(SOLD, "day 60 10:00"), heard_at=heard)
        (finding,) = watch(replace(told, reference=(late,)))
        assert finding.claim.numbers["not_filed"] == left


def test_a_day_that_is_let_rest_takes_no_other_day_with_it() -> None:
    """Monday's sale rests; Tuesday's, a day younger, stands for a day more."""
    later = movement("consume", "1 item", when="day 63 10:00")
    told = replace(history(), facts=(SOLD, NEXT, later), reference=(), now=at("day 63 12:00"))
    assert [finding.claim.until for finding in watch(told)] == [at("day 63 00:00"), None]
    assert [finding.claim.until for finding in watch(replace(told, now=at("day 64 00:00")))] == [
        at("day 63 00:00"), at("day 64 00:00"),
    ]  # fmt: skip
