"""B14: what a unit used up in a month, against what it made of it."""

from __future__ import annotations

from msgspec.structs import replace

from detectors.b14_yield import MOST_GOODS, Month
from detectors.claim import Status
from events.registry import UnitEntry, YieldEntry
from events.time import parse_instant
from ledger.fact import Fact, Movement
from ledger.reference import Registered
from tests.checks.folding import fold, steps, view_of
from tests.detector_kit import Bench, History, at, detector_of, movement, register, watch


def registered(
    consumed: str, produced: str, low: float, high: float, *, since: str = "day -60 00:00"
) -> Registered:
    """How much of one goods U1 uses up for each base unit of another."""
    entry = YieldEntry(consumed=consumed, produced=produced, low=low, high=high)
    return register(entry, unit="U1", valid_from=since)


def used(amount: str, when: str, goods: str = "ACE") -> Fact:
    """Used up at S1."""
    return movement("consume", amount, goods=goods, when=when)


def made(amount: str, when: str, goods: str = "NACN") -> Fact:
    """Made at S1."""
    return movement("produce", amount, goods=goods, when=when)


def history() -> History:
    """For 1 t of product 1.2 to 1.3 litres a kilogram are registered: 1,200 to 1,300 L, 5 % either way."""
    return History(
        rule="B14",
        key="unit:U1",
        facts=(
            used("800 L", "day 2 10:00"),
            made("600 kg", "day 3 10:00"),
            used("565.001 L", "day 20 10:00"),
            made("400 kg", "day 28 23:59:59"),
            used("900 L", "day 29 00:00"),
            made("700 kg", "day 40 10:00"),
        ),
        now=at("day 70 00:00"),
        reference=(registered("ACE", "NACN", 1.2, 1.3),),
    )


def told(*facts: Fact, **changes: object) -> History:
    """Other facts under the same yield."""
    return replace(history(), facts=facts, **changes)


def test_a_millilitre_beyond_the_widened_band_is_claimed_once_the_month_is_over() -> None:
    """1,300 L and 5 % are 1,365 L, exactly; June (900 L for 700 kg) is in order."""
    (finding,) = watch(history())
    claim = finding.claim
    assert (claim.since, claim.until) == (at("day -2 00:00"), at("day 29 00:00"))
    assert claim.since == parse_instant("2026-05-01T00:00:00+08:00")
    assert (claim.speaks_at, finding.status) == (at("day 29 00:30"), Status.CLOSED)
    assert claim.numbers == {
        "month": "2026-05", "used_up": 1_365_001_000, "band_low": 1_140_000_000, "band_high": 1_365_000_000,
        "products": "NACN 1000 kg", "measure": "volume",
    }  # fmt: skip
    assert (claim.goods, claim.unit, claim.area, claim.ref_count) == ("ACE", "U1", "350102", 2)
    within = used("565 L", "day 20 10:00")
    assert not watch(told(*history().facts[:2], within, *history().facts[3:]))


def test_too_little_is_claimed_too() -> None:
    """1,200 L less 5 % are 1,140 L; what was made of less is not held against it."""
    facts = (used("1139.999 L", "day 2 10:00"), made("1000 kg", "day 3 10:00"))
    (finding,) = watch(told(*facts))
    assert finding.claim.numbers["used_up"] == 1_139_999_000
    assert not watch(told(used("1140 L", "day 2 10:00"), facts[1]))
    (nothing,) = watch(told(facts[1]))
    assert (nothing.claim.numbers["used_up"], nothing.claim.refs) == (0, ())
    assert not watch(told(made("99.999 kg", "day 3 10:00")))
    assert len(watch(told(made("100 kg", "day 3 10:00")))) == 1


def test_using_much_and_making_nothing_is_claimed_from_what_the_least_production_would_take() -> None:
    """A hundred kilograms may take 130 L and 5 %: 136.5 L."""
    (finding,) = watch(told(used("136.501 L", "day 2 10:00")))
    assert (finding.claim.numbers["products"], finding.claim.numbers["band_high"]) == ("", 136_500_000)
    assert not watch(told(used("136.5 L", "day 2 10:00")))


def test_time_alone_says_it_when_the_month_is_over() -> None:
    """Nothing before midnight and half an hour."""
    bench = Bench(history())
    for fact in history().facts[:4]:
        bench.put(fact)
    bench.look(at("day 29 00:29:59"))
    assert not bench.standing()
    bench.look(at("day 29 00:30"))
    assert len(bench.standing()) == 1


def test_a_production_reported_late_or_a_correction_withdraws_it() -> None:
    """What was made after all accounts for it."""
    bench = Bench(history())
    for fact in history().facts[:4]:
        bench.put(fact)
    bench.look(at("day 30 00:00"))
    assert len(bench.standing()) == 1
    bench.put(made("10 kg", "day 27 10:00"))
    bench.look(at("day 30 01:00"))
    assert not bench.standing()


def test_a_yield_registered_late_is_judged_anew_and_without_one_nothing_is_said() -> None:
    """The entry in force at the month's end counts, whenever it was entered."""
    assert not watch(replace(history(), reference=()))
    other = register(YieldEntry(consumed="ACE", produced="NACN", low=1.2, high=1.3), unit="U2")
    assert not watch(replace(history(), reference=(other,)))
    afterwards = registered("ACE", "NACN", 1.2, 1.3, since="day 29 00:00")
    assert not watch(replace(history(), reference=(afterwards,)))
    bench = Bench(history())
    for fact in history().facts[:4]:
        bench.put(fact)
    bench.look(at("day 30 00:00"))
    assert len(bench.standing()) == 1
    bench.enter(registered("ACE", "NACN", 1.2, 1.4, since="day 1 00:00"))
    bench.look(at("day 30 01:00"))
    assert not bench.standing()


def test_a_goods_that_goes_into_two_products_is_held_against_both() -> None:
    """The look-alike: 500 L more went into another product."""
    both = (registered("ACE", "NACN", 1.2, 1.3), registered("ACE", "EXP", 0.5, 0.5))
    other = made("1000 kg", "day 4 10:00", "EXP")
    more = used("500 L", "day 5 10:00")
    facts = (*history().facts[:4], other, more)
    assert not watch(told(*facts, reference=both))
    assert len(watch(told(*facts))) == 1
    (alone,) = watch(told(*facts[:4], reference=both))
    assert alone.claim.numbers["products"] == "NACN 1000 kg"


def test_decimals_of_the_registry_are_taken_as_they_are_written() -> None:
    """0.1 is a tenth: 1.05 times a hundred kilograms' ten litres is inside, a microlitre more is not."""
    tenth = (registered("ACE", "NACN", 0.1, 0.1),)
    assert not watch(told(used("10.5 L", "day 2 10:00"), made("100 kg", "day 3 10:00"), reference=tenth))
    beyond = used("10.500001 L", "day 2 10:00")
    assert len(watch(told(beyond, made("100 kg", "day 3 10:00"), reference=tenth))) == 1


def test_what_others_make_and_what_is_bought_or_sold_does_not_count() -> None:
    """Only the unit's own production and use."""
    foreign = movement("produce", "50 kg", goods="NACN", when="day 4 10:00", unit="U2", site="S2")
    bought = movement("receive", "50 kg", goods="NACN", when="day 4 11:00")
    assert len(watch(told(*history().facts[:4], foreign, bought))) == 1


def test_each_measure_has_a_least_production_and_activity_has_none() -> None:
    """Items, litres, kilograms net: below them the lower bound is let be."""
    for goods, few, enough in (("DET", "99 item", "100 item"), ("SHELL", "99 kg_neq", "100 kg_neq"),
                               ("ACE", "99 L", "100 L"), ("EXP", "99 kg", "100 kg")):  # fmt: skip
        entry = (registered("NACN", goods, 1.0, 2.0),)
        assert not watch(told(made(few, "day 3 10:00", goods), reference=entry)), goods
        assert len(watch(told(made(enough, "day 3 10:00", goods), reference=entry))) == 1, goods
    decays = (registered("NACN", "CS137", 1.0, 2.0),)
    assert not watch(
        told(made("900 MBq", "day 3 10:00", "CS137"), used("9 kg", "day 4 10:00", "NACN"), reference=decays)
    )


def test_goods_that_the_catalogue_does_not_know_are_not_judged() -> None:
    """Neither what is used up nor what is made."""
    facts = (used("900 L", "day 2 10:00"), made("900 kg", "day 2 11:00"))
    assert not watch(told(*facts, reference=(registered("GONE", "NACN", 1.0, 1.0),)))
    assert not watch(told(*facts, reference=(registered("ACE", "GONE", 0.0, 0.1),)))


def test_the_units_own_county_handles_it() -> None:
    """Where it is registered; else where it last moved goods."""
    home = register(UnitEntry(name="U1", area="350302"), unit="U1")
    (finding,) = watch(replace(history(), reference=(*history().reference, home)))
    assert finding.claim.area == "350302"


def test_december_is_over_at_new_year() -> None:
    """The last month of a year has an end too."""
    facts = (used("136.501 L", "day 220 10:00"),)
    (finding,) = watch(told(*facts, now=at("day 260 00:00")))
    assert finding.claim.until == parse_instant("2027-01-01T00:00:00+08:00")


def test_a_month_keeps_no_more_goods_than_so_many() -> None:
    """Further ones are not judged that month."""
    facts = []
    for number in range(MOST_GOODS + 3):
        fact = used("1 L", f"day 1 {number // 60:02}:{number % 60:02}")
        assert isinstance(fact.body, Movement)
        facts.append(replace(fact, body=replace(fact.body, goods=f"G{number}")))
    history = told(*facts)
    *_, last = fold(detector_of("B14", "unit"), list(steps(history)), view_of(history))
    assert isinstance(last.after, Month)
    assert len(last.after.lines) == MOST_GOODS


def test_it_says_what_was_used_and_what_that_should_have_made() -> None:
    """Too much or too little, and of what."""
    detector = detector_of("B14", "unit")
    (much,) = watch(history())
    said = detector.explain(much, "en")
    assert said == (
        "In 2026-05 U1 used up 1365.001 L of ACE, too much for what it made (NACN 1000 kg): that accounts for "
        "1140 L to 1365 L."
    )
    (little,) = watch(told(made("1000 kg", "day 3 10:00")))
    assert "too little for what it made" in detector.explain(little, "en")
    assert "过少" in detector.explain(little, "zh")
    (nothing,) = watch(told(used("900 L", "day 2 10:00")))
    assert "what it made (nothing)" in detector.explain(nothing, "en")
    assert "当月产出 无" in detector.explain(nothing, "zh")
