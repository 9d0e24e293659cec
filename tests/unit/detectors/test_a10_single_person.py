"""A10: highly toxic goods are taken in and given out by two people."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from detectors.claim import Severity, Status
from events.time import DAY, MINUTE
from ledger.fact import Fact, Movement
from tests.detector_kit import GOODS, Bench, History, at, detector_of, movement, register, watch


def taken(when: str, *people: str, **more: object) -> Fact:
    """A kilogram of cyanide given out by these people."""
    return movement("issue", "1 kg", goods="NACN", when=when, custodians=people, **more)  # type: ignore[arg-type]  # fields by name


def history() -> History:
    """One person alone on two days, two people otherwise."""
    return History(
        rule="A10",
        key="site:S1",
        facts=(
            taken("day 1 09:00", "K1"),
            taken("day 1 12:00", "K1", "K2"),
            taken("day 2 09:00", "K2", "K2"),
            taken("day 12 09:00", "K1", "K2"),
        ),
        now=at("day 13 00:00"),
    )


def test_one_person_alone_is_one_episode() -> None:
    """The same person twice is one person; two people in between do not end it, a week without it does."""
    (finding,) = watch(history())
    claim = finding.claim
    assert (claim.since, claim.until) == (at("day 1 09:00"), at("day 2 09:00") + 7 * DAY)
    assert claim.speaks_at == at("day 2 00:00") + 30 * MINUTE
    assert (claim.numbers["movements"], claim.numbers["people"], claim.ref_count) == (2, 1, 2)
    assert (finding.severity, finding.status) == (Severity.ORANGE, Status.CLOSED)


def test_two_people_are_enough_and_three_where_the_policy_says() -> None:
    """The boundary is a parameter."""
    told = replace(history(), facts=(taken("day 1 09:00", "K1", "K2"),))
    assert not watch(told)
    assert len(watch(replace(told, parameters={"least_people": 3}))) == 1


def test_nobody_named_is_a_gap_in_the_register() -> None:
    """Left out counts, for a fault could hide behind it; but yellow, and not where the policy lets it pass."""
    told = replace(history(), facts=(taken("day 1 09:00"), taken("day 1 10:00")))
    (finding,) = watch(told)
    assert (finding.severity, finding.claim.numbers["unnamed_movements"]) == (Severity.YELLOW, 2)
    assert not watch(replace(told, parameters={"left_out_counts": False}))
    alone = replace(told, facts=(*told.facts, taken("day 1 11:00", "K1")))
    assert [finding.severity for finding in watch(alone)] == [Severity.ORANGE]


@pytest.mark.parametrize(
    "fact",
    [
        movement("issue", "1 L", goods="ACE", when="day 1 09:00", custodians=("K1",)),
        movement("issue", "5 item", goods="DET", when="day 1 09:00", custodians=("K1",)),
        movement("adjust", "1 kg", goods="NACN", when="day 1 09:00", custodians=("K1",), direction="out"),
        movement("open", "1 kg", goods="NACN", when="day 1 09:00", custodians=("K1",)),
        movement("declare_loss", "1 kg", goods="NACN", when="day 1 09:00"),
    ],
    ids=["other chemicals", "explosives", "a book mended", "an opening", "a loss declared"],
)
def test_what_takes_no_two_people_is_let_be(fact: Fact) -> None:
    """Look-alikes: goods without the flag, and operations by which nothing is handed over."""
    assert not watch(replace(history(), facts=(fact,)))


@pytest.mark.parametrize("operation", ["receive", "issue", "return", "consume", "destroy"])
def test_every_handing_over_takes_two(operation: str) -> None:
    """In and out alike."""
    fact = movement(operation, "1 kg", goods="NACN", when="day 1 09:00", custodians=("K1",))
    assert len(watch(replace(history(), facts=(fact,)))) == 1


def test_a_correction_of_the_same_day_keeps_it_unsaid_and_a_later_one_withdraws_it() -> None:
    """The second signature had not been keyed in."""
    bench = Bench(history())
    bench.put(taken("day 1 09:00", "K1"))
    bench.look(at("day 1 20:00"))
    assert not bench.told
    bench.look(at("day 2 08:00"))
    assert [finding.status for finding in bench.told] == [Status.OPEN]
    bench.put(taken("day 1 09:00", "K1", "K2", version=2))
    bench.look(at("day 2 09:00"))
    assert bench.told[-1].status is Status.WITHDRAWN


def test_an_episode_is_over_a_week_after_its_last_movement_to_the_second() -> None:
    """One more just within the week goes on with it; one at its end begins another."""
    for when, episodes in (("day 8 08:59:59", 1), ("day 8 09:00", 2)):
        told = replace(history(), facts=(taken("day 1 09:00", "K1"), taken(when, "K1")), now=at("day 20 00:00"))
        assert len(watch(told)) == episodes, when


def test_the_most_people_of_the_episode_are_said_and_how_many_movements_name_nobody() -> None:
    """Two unnamed movements have no people; one by K1 makes it one person, and only its own number is unnamed."""
    rule = detector_of("A10", "site")
    nobody = replace(history(), facts=(taken("day 1 09:00"), taken("day 1 10:00")))
    some = replace(nobody, facts=(*nobody.facts, taken("day 1 11:00", "K1"), taken("day 1 12:00", site="S1")))
    (none,), (one,), (named,) = watch(nobody), watch(some), watch(history())
    assert (none.claim.numbers["people"], one.claim.numbers["people"]) == (0, 1)
    assert "(3 of them name nobody)" in rule.explain(one, "en")
    assert "其中 3 笔未登记人员" in rule.explain(one, "zh")
    assert "name nobody" not in rule.explain(named, "en")
    assert "未登记人员" not in rule.explain(named, "zh")


def test_several_goods_are_listed_as_each_language_lists() -> None:
    """、 in Chinese, a comma and a space in English."""
    rule, poison = detector_of("A10", "site"), GOODS["NACN"]
    other = register(replace(poison, goods="KCN", name="氰化钾", name_en="potassium cyanide"))
    facts = (taken("day 1 09:00", "K1"), taken("day 1 10:00", "K1"))
    body = facts[1].body
    assert isinstance(body, Movement)
    facts = (facts[0], replace(facts[1], body=replace(body, goods="KCN")))
    (finding,) = watch(replace(history(), facts=facts, world=(other,)))
    assert "NACN, KCN" in rule.explain(finding, "en")
    assert "NACN、KCN" in rule.explain(finding, "zh")


def test_the_evidence_and_the_sentence_are_whole() -> None:
    """How many movements of how many people, and the first of them."""
    (finding,) = watch(history())
    assert finding.claim.numbers == {
        "goods": "NACN", "operations": "issue", "movements": 2, "amount": 1_000_000, "measure": "mass",
        "unnamed_movements": 0, "people": 1, "least_people": 2,
    }  # fmt: skip
    assert [ref.id for ref in finding.claim.refs] == [history().facts[nth].id for nth in (0, 2)]
    rule = detector_of("A10", "site")
    assert rule.explain(finding, "en") == (
        "From 2026-05-04T09:00:00+08:00 S1 reported 2 movement(s) of highly toxic NACN (issue) with fewer than 2 "
        "different people, the first of 1 kg of NACN. Two people must take in and give out such goods together."
    )
    assert rule.explain(finding, "zh") == (
        "S1 自 2026-05-04T09:00:00+08:00 起有 2 笔剧毒化学品 NACN 的出库登记的不同收发人员不足 2 人，"
        "首笔为 NACN 1 kg；应当双人收发、双人签名。"
    )


def test_who_is_named_on_one_movement_makes_the_episode_weigh_what_a_lone_person_does() -> None:
    """Yellow while nobody is named at all; orange from the first that names one, whichever comes first."""
    for people, severity in (
        ((), Severity.YELLOW),
        (("K1",), Severity.ORANGE),
    ):
        for facts in ((taken("day 1 09:00"), taken("day 1 10:00", *people)),
                      (taken("day 1 09:00", *people), taken("day 1 10:00"))):  # fmt: skip
            (finding,) = watch(replace(history(), facts=facts))
            assert finding.severity is severity, facts


def test_where_policy_counts_no_unnamed_movement_one_person_still_does() -> None:
    """And with three asked for, two that were named are said."""
    facts = (taken("day 1 09:00"), taken("day 1 10:00", "K1"))
    (finding,) = watch(replace(history(), facts=facts, parameters={"left_out_counts": False}))
    assert (finding.claim.numbers["movements"], finding.claim.numbers["people"]) == (1, 1)
    facts = (taken("day 1 09:00", "K1", "K2"), taken("day 1 10:00", "K1"))
    (finding,) = watch(replace(history(), facts=facts, parameters={"least_people": 3}))
    numbers = finding.claim.numbers
    assert (numbers["movements"], numbers["people"], numbers["least_people"]) == (2, 2, 3)


def test_an_episode_ends_by_time_and_with_whatever_moves_after_it() -> None:
    """Other goods that move once it is over end it at the same instant as time alone would."""
    alone = taken("day 1 09:00", "K1")
    quiet = movement("receive", "5 L", goods="ACE", when="day 9 09:00")
    over = at("day 8 09:00")
    for facts, now, until in (
        ((alone,), over - 1, None), ((alone,), over, over), ((alone, quiet), at("day 10 00:00"), over),
    ):  # fmt: skip
        (finding,) = watch(replace(history(), facts=facts, now=now))
        assert finding.claim.until == until


def test_goods_that_the_catalogue_does_not_know_yet_are_let_be() -> None:
    """Nobody knows then whether they take two people."""
    soon = register(replace(GOODS["NACN"], goods="KCN"), valid_from="day 2 00:00")
    fact = taken("day 1 09:00", "K1")
    assert isinstance(fact.body, Movement)
    unknown = replace(fact, body=replace(fact.body, goods="KCN"))
    assert not watch(replace(history(), facts=(unknown,), world=(soon,)))
    assert len(watch(replace(history(), facts=(replace(unknown, at=at("day 2 09:00")),), world=(soon,)))) == 1


def test_goods_of_another_category_are_let_be_whatever_they_are_flagged_as() -> None:
    """The rule is that of highly toxic chemicals."""
    flagged = register(replace(GOODS["EXP"], flags=("highly_toxic",)), valid_from="day -20 00:00")
    fact = movement("issue", "1 kg", goods="EXP", when="day 1 09:00", custodians=("K1",))
    assert not watch(replace(history(), facts=(fact,), world=(flagged,)))
