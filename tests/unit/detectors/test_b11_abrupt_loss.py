"""B11: what goes at one stroke is found at the next count, at a stated rate of false alarms."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from detectors.claim import Status
from detectors.sequential.threshold import shewhart_threshold
from ledger.fact import Count, Fact
from tests.detector_kit import History, at, count, detector_of, movement, watch
from tests.unit.detectors.stocked import days, only, shown, told


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


def test_the_evidence_and_the_sentence_say_what_is_missing_in_full() -> None:
    """Forty kilograms by the gauge: figures, the two counts between which it went, both languages."""
    finding = only(watch(told("B11", shown(1000, 1000, 960))))
    assert finding.claim.numbers == {
        "missing": 40_000_000, "counted_since": "2026-05-05T18:00:00+08:00", "deviations": 11.18,
        "threshold": 3.866, "sigma": 3_576_926, "noticed": 19_800_000, "noticed_probability": 0.95,
        "noticed_days": 1.0, "measure": "mass",
    }  # fmt: skip
    facts = shown(1000, 1000, 960)
    assert [ref.id for ref in finding.claim.refs] == [facts[2].id, facts[3].id]
    rule = detector_of("B11", "book")
    assert rule.explain(finding, "en") == (
        "At S1 40 kg of EXP is missing since the count at 2026-05-05T18:00:00+08:00: 11.18 standard deviations, "
        "where 3.866 are allowed, more than measurement errors explain. This book would notice a loss of 19.8 kg "
        "at its next count (about 1.0 days) with 95%."
    )
    assert rule.explain(finding, "zh") == (
        "S1 的 EXP 自 2026-05-05T18:00:00+08:00 的盘点以来短少 40 kg，为标准差的 11.18 倍，界限 3.866 倍："
        "超出计量误差可以解释的范围。该台账一次短少 19.8 kg 即可在下次盘点（约 1.0 天）以 95% 的概率发现。"
    )


def test_it_is_over_once_half_of_what_went_abruptly_is_there_again_to_the_gram() -> None:
    """Of one theft, and of two together; what a count shows less in between is no theft and not missed."""
    for kilograms, ended in (
        ((1000, 1000, 960, 980), "day 4 18:00"),
        ((1000, 1000, 960, 979.999), None),
        ((1000, 1000, 960, 920, 960), "day 5 18:00"),
        ((1000, 1000, 960, 920, 959.999), None),
        ((1000, 1000, 960, 957, 979.999), None),
        ((1000, 1000, 960, 957, 980), "day 5 18:00"),
    ):
        finding = only(watch(told("B11", shown(*kilograms))))
        assert finding.claim.until == (None if ended is None else at(ended)), kilograms


def test_a_further_theft_is_told_with_all_that_is_missing_since_the_first() -> None:
    """Eighty kilograms in two nights: one finding since the first, with the figures of the last."""
    finding = only(watch(told("B11", shown(1000, 1000, 960, 920))))
    numbers = finding.claim.numbers
    assert (numbers["missing"], numbers["counted_since"]) == (80_000_000, "2026-05-06T18:00:00+08:00")
    assert (finding.claim.since, finding.claim.ref_count) == (at("day 3 18:00"), 3)


def test_a_theft_after_the_goods_were_found_is_another_and_counts_from_nothing() -> None:
    """So it is after an adjustment: neither brings the first one's kilograms along."""
    first, second = watch(told("B11", shown(1000, 1000, 960, 1000, 1000, 940)))
    assert (first.claim.until, second.claim.since) == (at("day 4 18:00"), at("day 6 18:00"))
    assert second.claim.numbers["missing"] == 60_000_000
    mend = movement("adjust", "40 kg", goods="EXP", when="day 3 20:00", direction="out", approver="A")
    facts = sorted((*shown(1000, 1000, 960, 960, 960, 900), mend), key=lambda fact: fact.order)
    first, second = watch(told("B11", tuple(facts)))
    assert (first.claim.until, second.claim.numbers["missing"]) == (at("day 3 20:00"), 60_000_000)
    assert not watch(told("B11", tuple(sorted((*shown(1000, 1000, 1000), mend), key=lambda fact: fact.order))))


def test_the_days_to_the_next_count_are_the_books_own_to_a_tenth() -> None:
    """Counted after a day, a day and two: about 1.3 days."""
    counts = [fact for fact in shown(1000, 1000, 1000, 1000, 960) if fact.at != at("day 4 18:00")]
    finding = only(watch(told("B11", tuple(counts))))
    assert finding.claim.numbers["noticed_days"] == 1.3
