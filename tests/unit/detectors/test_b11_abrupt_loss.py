"""B11: what goes at one stroke is found at the next count, at a stated rate of false alarms."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from detectors.claim import Status
from detectors.sequential.threshold import shewhart_threshold
from ledger.fact import Count, Fact
from tests.detector_kit import History, at, count, detector_of, movement, watch
from tests.unit.detectors.stocked import days, only, told


def history() -> History:
    """Nothing is lost for ten days, then 40 kg in one night, which are adjusted a week later."""
    facts = days([0.0] * 10 + [40.0] + [0.0] * 6)
    mend = movement("adjust", "40 kg", goods="EXP", when="day 18 20:00", direction="out", approver="A")
    return told("B11", (*facts, mend), horizon_periods=24)


def history_at_rate() -> History:
    """The same under a budget of one false alarm a week of a hundred such books."""
    return told("B11", days([0.0] * 10 + [14.0] + [0.0] * 6), false_alarm=0.0, alarms_per_week=1.0, books=100)


def test_a_theft_is_found_at_the_next_count_and_ends_with_the_adjustment() -> None:
    """The evidence says how much is missing since which count, and how far beyond the limit that is."""
    finding = only(watch(history()))
    numbers = finding.claim.numbers
    assert (finding.claim.since, finding.claim.until) == (at("day 12 18:00"), at("day 18 20:00"))
    assert numbers["threshold"] == round(shewhart_threshold(24, 0.02), 3)
    assert float(numbers["deviations"]) > 7
    assert 32_000_000 < int(numbers["missing"]) < 48_000_000
    assert numbers["counted_since"] == "2026-05-14T18:00:00+08:00"
    assert finding.claim.ref_count == 3


def test_it_says_what_it_would_notice() -> None:
    """The limit and 1.645 standard deviations more: 95 % of losses that large exceed the limit."""
    numbers = only(watch(history())).claim.numbers
    at_least = (float(numbers["threshold"]) + 1.6449) * float(numbers["sigma"])
    assert int(numbers["noticed"]) == pytest.approx(at_least, rel=1e-2)
    assert numbers["noticed_days"] == 1.0


def test_it_needs_no_warm_up() -> None:
    """The first balance of a book is judged like any other."""
    finding = only(watch(told("B11", days([40.0]))))
    assert finding.claim.since == at("day 2 18:00")


@pytest.mark.parametrize("loss", [0.0, 5.0])
def test_what_lies_within_the_instruments_errors_is_nothing(loss: float) -> None:
    """A day's loss of one standard deviation is B12's to find, over many days."""
    assert not watch(told("B11", days([0.0] * 10 + [loss] + [0.0] * 6)))


def test_further_thefts_belong_to_the_episode() -> None:
    """One episode, one warning: it says what is missing in all."""
    finding = only(watch(told("B11", days([0.0] * 10 + [40.0, 0.0, 40.0, 0.0]))))
    assert finding.status is Status.OPEN
    assert 70_000_000 < int(finding.claim.numbers["missing"]) < 90_000_000


def test_what_turns_up_again_closes_it() -> None:
    """When most of it is there at a count, the matter is over."""
    finding = only(watch(told("B11", days([0.0] * 10 + [40.0, 0.0, -38.0, 0.0]))))
    assert finding.claim.until == at("day 14 18:00")


def test_what_was_adjusted_is_not_missing_again_at_the_next_count() -> None:
    """The counts before the adjustment no longer vouch for those after it."""
    facts = days([0.0] * 30 + [40.0] + [0.0] * 20)
    mend = movement("adjust", "40 kg", goods="EXP", when="day 33 20:00", direction="out", approver="A")
    finding = only(watch(told("B11", tuple(sorted((*facts, mend), key=lambda fact: fact.order)))))
    assert (finding.claim.since, finding.claim.until) == (at("day 32 18:00"), at("day 33 20:00"))


def test_what_stays_missing_is_one_theft_however_often_it_is_counted() -> None:
    """Each later count surprises anew where flows are known well: the evidence stays that of the night it went."""
    finding = only(watch(told("B11", days([0.0] * 30 + [40.0] + [0.0] * 20))))
    assert finding.claim.numbers["counted_since"] == "2026-06-03T18:00:00+08:00"
    assert finding.claim.ref_count == 2


def test_a_reported_issue_is_no_loss() -> None:
    """The look-alike: forty kilograms went out, and the record of it came late that evening."""
    issue = movement("issue", "40 kg", goods="EXP", when="day 12 16:00", instrument="exact")
    facts = sorted((*days([0.0] * 10 + [40.0] + [0.0] * 6), issue), key=lambda fact: fact.order)
    assert not watch(told("B11", tuple(facts)))


def test_a_corrected_count_withdraws() -> None:
    """A count mistyped by 40 kg, corrected the next day: what stood is gone."""
    facts = days([0.0] * 16)
    wrong = [_lowered(fact, 40_000_000) if fact.at == at("day 12 18:00") else fact for fact in facts]
    right = next(fact for fact in facts if fact.at == at("day 12 18:00"))
    assert watch(told("B11", tuple(wrong)))
    assert not watch(told("B11", (*wrong, replace(right, version=2))))


def test_an_estimated_count_proves_no_loss() -> None:
    """It ends no period: the next true count does, and finds nothing missing."""
    guess = count("900 kg", goods="EXP", when="day 8 19:00", instrument="gauge", estimated=True)
    assert not watch(told("B11", tuple(sorted((*days([0.0] * 16), guess), key=lambda fact: fact.order))))


def test_a_declared_loss_of_that_day_is_accounted_for() -> None:
    """What the unit itself reports lost before the count is an output: nothing is unaccounted for."""
    lost = movement("declare_loss", "40 kg", goods="EXP", when="day 12 12:00")
    facts = sorted((*days([0.0] * 10 + [40.0] + [0.0] * 6), lost), key=lambda fact: fact.order)
    assert not watch(told("B11", tuple(facts)))


def test_a_book_that_is_counted_rarely_has_its_own_limit() -> None:
    """Twelve counts a year share the same budget among fewer: the limit is lower."""
    finding = only(watch(told("B11", days([0.0] * 10 + [40.0], every=30), until="day 400 00:00")))
    assert finding.claim.numbers["threshold"] == round(shewhart_threshold(12, 0.02), 3)
    assert finding.claim.numbers["noticed_days"] == 30.0


@pytest.mark.parametrize("goods", ["DET", "CS137"])
def test_counted_goods_and_activity_are_not_tested(goods: str) -> None:
    """Pieces have no measurement error, and activity decays."""
    unit = "item" if goods == "DET" else "Bq"
    facts = [count(f"{1000 - 300 * (day // 3)} {unit}", goods=goods, when=f"day {day} 18:00") for day in (1, 2, 3)]
    assert not watch(History("B11", f"book:S1/{goods}", tuple(facts), at("day 30 00:00")))


def _lowered(fact: Fact, by: int) -> Fact:
    assert isinstance(fact.body, Count)
    return replace(fact, body=replace(fact.body, amount=fact.body.amount - by))


def test_the_sentence_says_with_which_probability_a_loss_would_be_noticed() -> None:
    """95 of a hundred, as policy asks; and the end where there is one."""
    rule, told_so = detector_of("B11", "book"), history()
    ended = only(watch(told_so))
    stands = only(watch(replace(told_so, facts=told_so.facts[:-1])))
    assert "(about 1.0 days) with 95%" in rule.explain(stands, "en")
    assert "以 95% 的概率" in rule.explain(stands, "zh")
    assert "The matter ended at" in rule.explain(ended, "en")
    assert "The matter ended" not in rule.explain(stands, "en")
    assert "了结" in rule.explain(ended, "zh")
    assert "了结" not in rule.explain(stands, "zh")
