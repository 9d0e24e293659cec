"""E3: all of a set of precursors within weeks, at a unit that no licence explains."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from detectors.claim import Finding, Severity, Status
from events.registry import Category, GoodsEntry
from ledger.fact import Fact
from ledger.reference import Registered
from tests.detector_kit import GOODS, Bench, History, at, licences, movement, register, watch
from tests.detector_words import mended

PEROXIDE = GoodsEntry(goods="H2O2", name="过氧化氢溶液", name_en="hydrogen peroxide", category=Category.CHEMICALS,
                      measure=GOODS["ACE"].measure, flags=("explosive_precursor",), cas="7722-84-1")  # fmt: skip
ACETONE = replace(GOODS["ACE"], cas="67-64-1")
WORLD = (register(PEROXIDE), register(ACETONE))
USER = licences(Category.CHEMICALS, "purchase", "store", "use")


def buys(goods: str, when: str) -> Fact:
    """Ten litres from a dealer."""
    name = f"{goods}-{when[4:].replace(':', '').replace(' ', '-')}"
    return mended(movement("receive", "10 L", goods="ACE", when=when, outside="化工经营部", id=name), goods=goods)


def of(
    *facts: Fact, held: tuple[Registered, ...] = (USER,), now: str = "day 200 00:00", **parameters: object
) -> History:
    return History("E3", "unit:U1", facts, at(now), reference=held, world=WORLD, parameters=dict(parameters))


def history() -> History:
    """Peroxide, eight days later acetone, and more peroxide; a user's licence for the category."""
    return of(buys("H2O2", "day 1 10:00"), buys("ACE", "day 9 10:00"), buys("H2O2", "day 20 10:00"))


def found(*facts: Fact, held: tuple[Registered, ...] = (USER,), **parameters: object) -> list[Finding]:
    return watch(of(*facts, held=held, now="day 200 00:00", **parameters))


def test_the_purchase_that_completes_a_set_opens_it_until_its_window_has_passed() -> None:
    """By the day's end; more of it prolongs it: the acetone of day 9 counts until day 69."""
    (finding,) = watch(history())
    claim = finding.claim
    assert (claim.since, claim.until, claim.speaks_at) == (
        at("day 9 10:00"),
        at("day 69 10:00"),
        at("day 10 00:30"),
    )
    assert (claim.numbers["set"], claim.numbers["named"]) == ("peroxide_ketone", "ACE, H2O2")
    assert (finding.severity, finding.status, claim.ref_count) == (Severity.ORANGE, Status.CLOSED, 2)


def test_neither_alone_nor_both_too_far_apart_are_a_set() -> None:
    """Sixty days: the sixtieth still counts."""
    assert not found(buys("H2O2", "day 1 10:00"), buys("H2O2", "day 9 10:00"))
    assert not found(buys("H2O2", "day 1 10:00"), buys("ACE", "day 61 10:00"))
    assert found(buys("H2O2", "day 1 10:01"), buys("ACE", "day 61 10:00"))


@pytest.mark.parametrize(
    "held",
    [
        licences(Category.CHEMICALS, "purchase", "use", "produce"),
        licences(Category.CHEMICALS, "purchase", "sell"),
        licences(Category.CHEMICALS, "purchase", "use", goods=("ACE", "H2O2", "NACN")),
    ],
    ids=["plant", "dealer", "school laboratory"],
)
def test_a_licence_that_explains_the_set_lets_it_be(held: Registered) -> None:
    """The look-alikes: who makes or sells, and the laboratory whose licence lists each of them."""
    assert not found(*history().facts, held=(held,))


@pytest.mark.parametrize(
    "held",
    [
        (),
        (licences(Category.CHEMICALS, "purchase", "use", goods=("ACE",)),),
        (licences(Category.EXPLOSIVES, "produce"),),
        (licences(Category.CHEMICALS, "produce", valid_to="day 9 00:00"),),
    ],
    ids=["none", "lists one of them", "another category", "ran out"],
)
def test_a_licence_that_does_not_explain_it_does_not(held: tuple[Registered, ...]) -> None:
    """In force at the purchase, for the category, for all of it."""
    assert len(found(*history().facts, held=held)) == 1


def test_what_sellers_report_counts_as_what_the_unit_reports() -> None:
    """A buyer that is silent is known from the other side."""
    sold = movement("issue", "10 L", goods="ACE", site="S2", when="day 9 10:00", counterparty_unit="U1")
    (finding,) = found(buys("H2O2", "day 1 10:00"), sold)
    assert (finding.claim.unit, finding.claim.since) == ("U1", at("day 9 10:00"))


def test_each_place_of_a_set_takes_a_goods_of_its_own() -> None:
    """Three explosive precursors are three goods, not one bought three times."""
    sets = {"two": ["explosive_precursor", "explosive_precursor"]}
    assert not found(buys("H2O2", "day 1 10:00"), buys("H2O2", "day 2 10:00"), sets=sets)
    other = register(replace(PEROXIDE, goods="KNO3", cas="7757-79-1"))
    told = of(buys("H2O2", "day 1 10:00"), buys("KNO3", "day 2 10:00"), sets=sets)
    (finding,) = watch(replace(told, world=(*WORLD, other)))
    assert finding.claim.numbers["goods_count"] == 2


def test_a_correction_takes_it_back() -> None:
    """It was methanol, not acetone."""
    told = of(buys("H2O2", "day 1 10:00"), acetone := buys("ACE", "day 9 10:00"))
    bench = Bench(told)
    for fact in told.facts:
        bench.put(fact)
    bench.look(at("day 10 00:30"))
    assert len(bench.standing()) == 1
    bench.put(mended(acetone, goods="METHANOL"))
    bench.look(at("day 10 01:00"))
    assert not bench.standing()


def test_a_licence_entered_late_that_was_in_force_then_takes_it_back() -> None:
    """Judged by what was in force, whenever it was heard of."""
    bench = Bench(of(*history().facts))
    for fact in history().facts[:2]:
        bench.put(fact)
    bench.look(at("day 10 00:30"))
    assert len(bench.standing()) == 1
    bench.enter(licences(Category.CHEMICALS, "produce", valid_from="day -10 00:00"))
    bench.look(at("day 10 01:00"))
    assert not bench.standing()


def test_what_a_unit_sells_is_no_purchase_of_its_own() -> None:
    """Nor what another unit buys from it."""
    sold = movement("issue", "10 L", goods="ACE", when="day 9 10:00", counterparty_unit="U2")
    given = movement("issue", "10 L", goods="ACE", when="day 9 10:00", outside="化工厂")
    assert not found(buys("H2O2", "day 1 10:00"), sold)
    assert not found(buys("H2O2", "day 1 10:00"), given)


def test_of_two_sets_that_a_purchase_is_in_each_is_judged_by_itself() -> None:
    """One that wants for something hides none that is complete; two that are complete are two matters."""
    sets = {"a": ["67-64-1", "NACN"], "b": ["7722-84-1", "67-64-1"], "c": ["explosive_precursor", "ACE"]}
    told = found(*history().facts[:2], sets=sets)
    assert sorted(str(one.claim.numbers["set"]) for one in told) == ["b", "c"]
