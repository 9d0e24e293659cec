"""A4: what a unit makes, buys and sells in a calendar year stays within its quota."""

from __future__ import annotations

from typing import Literal

import pytest
from msgspec.structs import replace

from detectors.claim import Severity, Status
from events.registry import QuotaEntry
from events.time import MINUTE, parse_instant
from ledger.fact import Fact
from ledger.reference import Registered
from simulator.stories import quantity
from tests.detector_kit import Bench, History, at, movement, register, watch

NEW_YEAR = parse_instant("2027-01-01T00:00:00+08:00")
LAST_DAY = "day 242"
"""31 December 2026, where day 1 is 4 May."""


def quota(
    amount: str, name: str = "Q1", goods: str = "DET", activity: Literal["produce", "purchase", "sell"] = "sell",
    **dates: str,
) -> Registered:  # fmt: skip
    """U1's quota of the year."""
    entry = QuotaEntry(quota=name, activity=activity, goods=goods, quantity=quantity(amount))
    return register(entry, unit="U1", **{"valid_from": "day -100 00:00", **dates})  # type: ignore[arg-type]  # dates by name


def sale(when: str, amount: str = "40 item", **more: object) -> Fact:
    """Detonators sold to U2."""
    return movement("issue", amount, when=when, **{"counterparty_unit": "U2", **more})  # type: ignore[arg-type]  # fields by name


def history() -> History:
    """Three sales of 40 under a quota of 100, then 30 of them come back."""
    return History(
        rule="A4",
        key="unit:U1",
        facts=(
            sale("day 1 09:00"),
            sale("day 2 09:00"),
            sale("day 3 09:00"),
            movement("return", "30 item", when="day 5 09:00", counterparty_unit="U2"),
        ),
        reference=(quota("100 item"),),
        now=at("day 6 00:00"),
    )


def test_the_sale_that_takes_the_year_over_its_quota_opens_an_episode() -> None:
    """Said when its day is over; what comes back ends it."""
    (finding,) = watch(history())
    claim = finding.claim
    assert (claim.since, claim.until) == (at("day 3 09:00"), at("day 5 09:00"))
    assert claim.speaks_at == at("day 4 00:00") + 30 * MINUTE
    assert (claim.numbers["permitted"], claim.numbers["used"], claim.numbers["over"]) == (100, 120, 20)
    assert (claim.numbers["movements"], claim.numbers["year"], claim.numbers["quotas"]) == (3, "2026", "Q1")
    assert (finding.severity, finding.status, claim.goods) == (Severity.ORANGE, Status.CLOSED, "DET")


def test_to_the_last_item_is_within_the_quota() -> None:
    """One more is not; tolerances are the policy's."""
    facts = (sale("day 1 09:00", "100 item"),)
    assert not watch(replace(history(), facts=facts))
    over = replace(history(), facts=(*facts, sale("day 1 10:00", "1 item")))
    assert len(watch(over)) == 1
    assert not watch(replace(over, parameters={"tolerance_counted_items": 1}))


@pytest.mark.parametrize(
    ("activity", "fact", "counts"),
    [
        ("sell", sale("day 1 09:00", "101 item"), True),
        ("sell", sale("day 1 09:00", "101 item", counterparty_unit=None, outside="省外用户"), True),
        ("sell", sale("day 1 09:00", "101 item", counterparty_unit="U1"), False),
        ("sell", sale("day 1 09:00", "101 item", counterparty_unit=None), False),
        ("sell", sale("day 1 09:00", "101 item", counterparty_unit=None, shift="W1"), False),
        ("sell", sale("day 1 09:00", "101 item", unit="U2", counterparty_unit="U1"), False),
        ("purchase", movement("receive", "101 item", when="day 1 09:00", counterparty_unit="U2"), True),
        ("purchase", movement("receive", "101 item", when="day 1 09:00", counterparty_unit="U1"), False),
        ("purchase", movement("receive", "101 item", when="day 1 09:00"), False),
        ("purchase", sale("day 1 09:00", "101 item"), False),
        ("produce", movement("produce", "101 item", when="day 1 09:00"), True),
        ("produce", movement("open", "101 item", when="day 1 09:00"), False),
    ],
)
def test_what_counts_is_what_crosses_the_units_border(
    activity: Literal["produce", "purchase", "sell"], fact: Fact, counts: bool
) -> None:
    """Between sites of one unit, to a shift, or as the other side reports it, nothing is bought or sold here."""
    told = replace(history(), facts=(fact,), reference=(quota("100 item", activity=activity),))
    assert bool(watch(told)) is counts


def test_all_sites_of_a_unit_share_its_quota() -> None:
    """60 from each of two."""
    facts = (sale("day 1 09:00", "60 item"), sale("day 1 10:00", "60 item", site="S9"))
    assert len(watch(replace(history(), facts=facts))) == 1


def test_a_quota_raised_in_mid_year_counts_from_the_day_it_is_raised() -> None:
    """The next sale within it ends the episode; one raised in time lets none begin; two papers add up."""
    raised = quota("200 item", valid_from="day 4 00:00")
    facts = (*history().facts[:3], sale("day 4 09:00"))
    (finding,) = watch(replace(history(), facts=facts, reference=(quota("100 item"), raised)))
    assert (finding.claim.since, finding.claim.until) == (at("day 3 09:00"), at("day 4 09:00"))
    in_time = quota("200 item", valid_from="day 3 00:00")
    assert not watch(replace(history(), facts=facts, reference=(quota("100 item"), in_time)))
    more = quota("60 item", "Q2", valid_from="day 3 00:00")
    assert not watch(replace(history(), facts=facts, reference=(quota("100 item"), more)))


def test_a_quota_entered_late_withdraws_it() -> None:
    """It had been raised in time; the registry hears of it two days after."""
    bench = Bench(history())
    for fact in history().facts[:3]:
        bench.put(fact)
    bench.look(at("day 4 08:00"))
    assert [finding.status for finding in bench.told] == [Status.OPEN]
    bench.enter(quota("200 item", valid_from="day 3 00:00", recorded="day 5 09:00"))
    bench.look(at("day 5 10:00"))
    assert bench.told[-1].status is Status.WITHDRAWN


def test_without_a_quota_in_force_or_in_another_measure_nothing_is_judged() -> None:
    """What was used before it comes in force counts once it is."""
    over = replace(history(), facts=(sale("day 1 09:00", "500 item"),))
    assert not watch(replace(over, reference=()))
    assert not watch(replace(over, reference=(quota("100 kg"),)))
    later = quota("100 item", valid_from="day 3 00:00", recorded="day -100 00:00")
    assert not watch(replace(over, reference=(later,)))
    then = replace(over, facts=(*over.facts, sale("day 3 00:00", "1 item")), reference=(later,))
    assert [finding.claim.numbers["used"] for finding in watch(then)] == [501]


def test_a_new_year_begins_at_shanghais_midnight() -> None:
    """What was sold a minute before counts to the old year, what is sold at midnight to the new one."""
    facts = (sale(f"{LAST_DAY} 10:00", "60 item"), sale(f"{LAST_DAY} 23:59:59", "40 item"))
    told = replace(history(), now=NEW_YEAR + 5 * 24 * 60 * MINUTE)
    assert not watch(replace(told, facts=(*facts, sale("day 243 00:00", "100 item"))))
    assert len(watch(replace(told, facts=(*facts, sale("day 243 00:00", "101 item"))))) == 1


def test_the_episode_ends_with_the_year_by_time_alone() -> None:
    """Nothing need be reported for that, and what is reported then closes it likewise."""
    facts = (sale(f"{LAST_DAY} 10:00", "101 item"),)
    told = replace(history(), facts=facts, now=NEW_YEAR - MINUTE)
    assert not watch(told)  # the day is not over
    (finding,) = watch(replace(told, now=NEW_YEAR + 30 * MINUTE))
    assert (finding.status, finding.claim.until) == (Status.CLOSED, NEW_YEAR)
    (again,) = watch(replace(told, facts=(*facts, sale("day 243 10:00", "1 item")), now=NEW_YEAR + 1440 * MINUTE))
    assert again.claim == finding.claim


def test_a_correction_that_undoes_the_breach_withdraws_it() -> None:
    """Four had been sold, not forty."""
    bench = Bench(history())
    for fact in history().facts[:3]:
        bench.put(fact)
    bench.look(at("day 4 08:00"))
    bench.put(sale("day 3 09:00", "4 item", version=2))
    bench.look(at("day 4 09:00"))
    assert [finding.status for finding in bench.told] == [Status.OPEN, Status.WITHDRAWN]


def test_what_moved_before_the_quota_was_heard_of_does_not_count() -> None:
    """A unit is held to a quota from when the registry knows one, not for what nobody had limited."""
    known = replace(quota("100 item"), heard_at=at("day 40 00:00"))
    facts = (sale("day 1 09:00", "500 item"), sale("day 41 09:00", "100 item"))
    told = replace(history(), reference=(known,), now=at("day 50 00:00"))
    assert not watch(replace(told, facts=facts))
    (over,) = watch(replace(told, facts=(*facts, sale("day 41 10:00", "1 item"))))
    assert (over.claim.numbers["used"], over.claim.numbers["movements"]) == (101, 2)


def test_bulk_goods_may_be_over_by_thousandths_of_the_quota_and_no_more() -> None:
    """1 t and 2 ‰: two kilograms more may be sold, one gram beyond them may not."""
    limit = quota("1000 kg", goods="EXP")
    for amount, found in (("1002 kg", 0), ("1002.001 kg", 1)):
        told = replace(history(), facts=(sale("day 1 09:00", amount, goods="EXP"),), reference=(limit,))
        assert len(watch(replace(told, parameters={"tolerance_bulk_permille": 2}))) == found, amount


def test_each_goods_and_each_deed_has_a_sum_of_its_own() -> None:
    """Sales of one goods do not use up the quota of another, nor what is bought the quota of what is sold."""
    limits = (quota("100 item"), quota("100 kg", "Q2", "EXP"), quota("100 item", "Q3", activity="purchase"))
    bought = movement("receive", "90 item", when="day 1 10:00", counterparty_unit="U2")
    facts = (sale("day 1 09:00", "90 item"), bought, sale("day 1 11:00", "90 kg", goods="EXP"))
    assert not watch(replace(history(), facts=facts, reference=limits))
    (over,) = watch(replace(history(), facts=(*facts, sale("day 2 09:00", "11 item")), reference=limits))
    assert (over.claim.numbers["quotas"], over.claim.numbers["used"]) == ("Q1", 101)


def test_what_comes_back_gives_no_more_than_was_sold() -> None:
    """A return of last year's sale leaves the year with nothing used, not with less."""
    back = movement("return", "30 item", when="day 1 09:00", counterparty_unit="U2")
    facts = (back, sale("day 2 09:00", "101 item"))
    (over,) = watch(replace(history(), facts=facts))
    assert over.claim.numbers["used"] == 101
