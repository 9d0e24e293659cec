"""C2: sales and purchases that nobody filed with the authority in time."""

from __future__ import annotations

from msgspec import msgpack
from msgspec.structs import replace

from detectors.c2_late_filing import Deals
from detectors.claim import Status
from events.registry import TradeFilingEntry
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
