"""E3: all of a set of precursors within weeks, at a unit that no licence explains."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from detectors.claim import Finding, Severity, Status
from events.registry import Category, GoodsEntry, UnitEntry
from ledger.fact import Fact
from ledger.reference import Registered
from tests.checks.folding import fold, steps, view_of
from tests.detector_kit import GOODS, Bench, History, at, detector_of, licences, movement, register, watch
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


def test_the_evidence_and_the_sentence_name_the_set_its_goods_and_the_window() -> None:
    """Whole, in both languages; the claim bears the purchase that completed the set."""
    (finding,) = watch(history())
    facts, claim, rule = history().facts, finding.claim, detector_of("E3", "unit")
    assert claim.numbers == {
        "set": "peroxide_ketone", "goods_count": 2, "named": "ACE, H2O2", "first_bought_at": at("day 9 10:00"),
        "window_days": 60,
    }  # fmt: skip
    assert claim.anchor == f"{facts[1].id}/peroxide_ketone"
    assert ([ref.id for ref in claim.refs], claim.goods, claim.unit) == ([facts[1].id, facts[2].id], "ACE", "U1")
    assert rule.explain(finding, "en") == (
        "Within 60 days unit U1 bought all 2 goods of the set peroxide_ketone: ACE, H2O2; it was complete at "
        "2026-05-12T10:00:00+08:00. No licence of it is for making or selling them, or lists each. What they are "
        "for must be checked."
    )
    assert rule.explain(finding, "zh") == (
        "单位 U1 在 60 日内购齐组合“peroxide_ketone”的 2 种品种：ACE, H2O2，于 2026-05-12T10:00:00+08:00 凑齐；"
        "其许可既非生产经营，也未逐一列明。须核实用途。"
    )


def test_its_place_is_where_the_unit_is_registered_else_where_it_bought() -> None:
    """Whoever told of the purchase."""
    entry = register(UnitEntry(name="U1", area="350302"), unit="U1")
    assert watch(of(*history().facts, held=(USER, entry)))[0].claim.area == "350302"
    assert watch(history())[0].claim.area == "350102"


def test_a_set_is_complete_until_its_first_goods_was_bought_too_long_ago_and_a_purchase_then_begins_anew() -> None:
    """The microsecond at which it expires ends it; bought again then, the missing goods completes it afresh."""
    facts = (buys("H2O2", "day 1 10:00"), buys("ACE", "day 9 10:00"))
    for now, until in ((at("day 61 10:00") - 1, None), (at("day 61 10:00"), at("day 61 10:00"))):
        (finding,) = watch(replace(of(*facts), now=now))
        assert finding.claim.until == until
    for again, number in (("day 61 09:59", 1), ("day 61 10:00", 2)):
        told = watch(of(*facts, buys("H2O2", again)))
        assert len(told) == number, again
    first, second = watch(of(*facts, buys("H2O2", "day 61 10:00")))
    assert (first.claim.until, second.claim.since) == (at("day 61 10:00"), at("day 61 10:00"))
    assert second.claim.until == at("day 69 10:00")


def test_a_licence_that_comes_into_force_ends_it_with_the_next_purchase() -> None:
    """In force at that purchase; what it does not explain goes on."""
    makes = licences(Category.CHEMICALS, "produce", valid_from="day 15 00:00")
    (finding,) = found(*history().facts, held=(makes,))
    assert (finding.claim.until, finding.claim.ref_count) == (at("day 20 10:00"), 1)
    later = licences(Category.CHEMICALS, "produce", valid_from="day 20 10:01")
    assert found(*history().facts, held=(later,))[0].claim.until == at("day 69 10:00")


def test_a_licence_that_lists_them_covers_only_where_policy_says_so_and_the_latest_licence_speaks() -> None:
    """One of the same number that took its place and lists one of them explains nothing any more."""
    listed = licences(Category.CHEMICALS, "purchase", "use", goods=("ACE", "H2O2"))
    assert len(found(*history().facts, held=(listed,), listed_covers=False)) == 1
    fewer = licences(Category.CHEMICALS, "purchase", "use", goods=("ACE",), valid_from="day 5 00:00")
    assert len(found(*history().facts, held=(listed, fewer))) == 1
    assert not found(*history().facts, held=(listed, replace(fewer, unit="U2")))


def test_of_several_goods_that_meet_a_place_the_one_bought_last_does() -> None:
    """So the set lasts as long as can be; where two places want the same goods another one steps back."""
    other = register(replace(PEROXIDE, goods="KNO3", cas="7757-79-1"))
    sets = {"mix": ["explosive_precursor", "67-64-1"]}
    told = of(buys("KNO3", "day 1 10:00"), buys("H2O2", "day 5 10:00"), buys("ACE", "day 9 10:00"), sets=sets)
    (finding,) = watch(replace(told, world=(*WORLD, other)))
    assert (finding.claim.numbers["named"], finding.claim.until) == ("ACE, H2O2", at("day 65 10:00"))
    both = {"mix": ["explosive_precursor", "7722-84-1"]}
    told = of(buys("KNO3", "day 1 10:00"), buys("H2O2", "day 5 10:00"), sets=both)
    (finding,) = watch(replace(told, world=(*WORLD, other)))
    assert finding.claim.numbers["named"] == "H2O2, KNO3"


def test_at_most_four_sets_are_open_at_a_unit_and_one_that_is_open_goes_on() -> None:
    """Of five complete at once the first four as policy lists them; each bears its own end."""
    sets = {name: ["67-64-1", "7722-84-1"] for name in ("e", "d", "c", "b", "a")}
    told = found(*history().facts, sets=sets)
    assert sorted(str(one.claim.numbers["set"]) for one in told) == ["b", "c", "d", "e"]
    assert {one.claim.ref_count for one in told} == {2}


def test_of_more_goods_than_are_kept_the_one_bought_longest_ago_is_forgotten() -> None:
    """Forty that are in some set: the forty-first pushes the first out."""
    names = [f"K{number:02}" for number in range(41)]
    more = tuple(register(replace(PEROXIDE, goods=name, cas=f"{name}-0")) for name in names)
    sets = {"all": ["explosive_precursor", "nowhere"]}
    facts = tuple(buys(name, f"day 1 10:{nth:02}") for nth, name in enumerate(names))
    told = replace(of(*facts, sets=sets), world=(*WORLD, *more))
    *_, done = fold(detector_of("E3", "unit"), list(steps(told)), view_of(told))
    assert [goods for goods, _ in done.after.last] == names[1:]
