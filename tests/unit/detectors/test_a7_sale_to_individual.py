"""A7: highly toxic goods and explosive precursors are not for natural persons."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from detectors.claim import Severity, Status
from events.quantity import Measure
from events.registry import Category, Flag, GoodsEntry
from events.time import DAY
from ledger.fact import Fact
from ledger.reference import Registered
from tests.detector_kit import Bench, History, at, detector_of, movement, register, watch


def flagged(*flags: Flag, **dates: str) -> Registered:
    """Acetone, with these flags."""
    entry = GoodsEntry(
        goods="ACE",
        name="丙酮",
        name_en="acetone",
        category=Category.CHEMICALS,
        measure=Measure.VOLUME,
        flags=flags,
    )
    return register(entry, **{"valid_from": "day -30 00:00", **dates})  # type: ignore[arg-type]  # dates by name


def sale(when: str, goods: str = "NACN", **more: object) -> Fact:
    """Something sold to a person at a counter."""
    amount = "1 L" if goods == "ACE" else "1 kg"
    return movement("issue", amount, goods=goods, when=when, **{"natural_person": True, **more})  # type: ignore[arg-type]  # fields by name


def history() -> History:
    """Cyanide sold to persons on two days, to a unit in between, and nothing like it later."""
    return History(
        rule="A7",
        key="site:S1",
        facts=(
            sale("day 1 09:00"),
            sale("day 1 12:00", natural_person=False, counterparty_unit="U2"),
            sale("day 2 09:00"),
            sale("day 12 09:00", natural_person=False, counterparty_unit="U2"),
        ),
        now=at("day 13 00:00"),
    )


def test_sales_of_a_week_are_one_red_episode_said_at_once() -> None:
    """No later report can excuse it: nobody waits for the end of the day."""
    (finding,) = watch(history())
    claim = finding.claim
    assert (claim.since, claim.until) == (at("day 1 09:00"), at("day 2 09:00") + 7 * DAY)
    assert claim.speaks_at == at("day 1 09:00")
    assert (claim.numbers["movements"], claim.numbers["flags"], claim.ref_count) == (2, "highly_toxic", 2)
    assert (finding.severity, finding.status) == (Severity.RED, Status.CLOSED)


@pytest.mark.parametrize(
    ("flags", "barred"),
    [
        (("highly_toxic",), True),
        (("explosive_precursor",), True),
        (("highly_toxic", "pesticide"), False),
        (("explosive_precursor", "pesticide"), True),
        (("highly_toxic", "pesticide", "explosive_precursor"), True),
        (("drug_precursor",), False),
        ((), False),
    ],
)
def test_the_goods_flags_decide(flags: tuple[Flag, ...], barred: bool) -> None:
    """Of the highly toxic pesticides are excepted, of the precursors nothing is."""
    told = replace(history(), facts=(sale("day 1 09:00", "ACE"),), world=(flagged(*flags),))
    assert bool(watch(told)) is barred


def test_the_flags_in_force_at_the_sale_decide() -> None:
    """Goods that are listed from day 3 on may be sold to persons until then."""
    listed = flagged("explosive_precursor", valid_from="day 3 00:00")
    before, after = sale("day 2 23:59:59", "ACE"), sale("day 3 00:00", "ACE")
    assert not watch(replace(history(), facts=(before,), world=(listed,)))
    assert len(watch(replace(history(), facts=(after,), world=(listed,)))) == 1


@pytest.mark.parametrize(
    "fact",
    [
        sale("day 1 09:00", natural_person=False, counterparty_unit="U2"),
        sale("day 1 09:00", natural_person=False, outside="个体工商户"),
        sale("day 1 09:00", natural_person=False),
        movement("return", "1 kg", goods="NACN", when="day 1 09:00", natural_person=True),
        movement("issue", "5 item", goods="DET", when="day 1 09:00", natural_person=True),
    ],
    ids=["a unit", "a shop outside", "nothing said", "brought back", "goods without a flag"],
)
def test_what_is_no_sale_of_such_goods_to_a_person_is_let_be(fact: Fact) -> None:
    """Look-alikes."""
    assert not watch(replace(history(), facts=(fact,)))


def test_a_correction_withdraws_it() -> None:
    """The buyer was a unit after all."""
    bench = Bench(history())
    bench.put(sale("day 1 09:00"))
    bench.look(at("day 1 10:00"))
    assert [finding.status for finding in bench.told] == [Status.OPEN]
    bench.put(sale("day 1 09:00", natural_person=False, counterparty_unit="U2", version=2))
    bench.look(at("day 1 11:00"))
    assert bench.told[-1].status is Status.WITHDRAWN


def test_a_week_without_another_ends_it_to_the_second() -> None:
    """One just within the week goes on with it; one at its end begins another."""
    for when, episodes in (("day 8 08:59:59", 1), ("day 8 09:00", 2)):
        told = replace(history(), facts=(sale("day 1 09:00"), sale(when)), now=at("day 20 00:00"))
        assert len(watch(told)) == episodes, when


def test_the_sentence_lists_goods_and_why_they_are_barred_in_its_own_words() -> None:
    """Each goods and each reason once, as the language lists things."""
    rule = detector_of("A7", "site")
    told = replace(
        history(),
        facts=(sale("day 1 09:00"), sale("day 1 10:00", "ACE"), sale("day 1 11:00")),
        world=(flagged("explosive_precursor"),),
    )
    (finding,) = watch(told)
    assert "sold NACN, ACE (highly toxic and explosive precursor) to natural persons in 3" in rule.explain(
        finding, "en"
    )
    assert "销售 NACN、ACE(剧毒化学品、易制爆化学品)3 笔" in rule.explain(finding, "zh")
