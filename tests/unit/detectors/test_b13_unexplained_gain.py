"""B13: more is there than came in, and what only gives back an earlier shortage is no gain."""

from __future__ import annotations

import pytest

from detectors.claim import Status
from detectors.sequential.threshold import page_threshold
from tests.detector_kit import History, at, count, detector_of, movement, watch
from tests.unit.detectors.stocked import days, only, told


def history() -> History:
    """Nothing unusual for ten days, then 5 kg a day that no record explains."""
    return told("B13", days([0.0] * 10 + [-5.0] * 14), false_alarm=0.05, horizon_periods=24)


def history_at_rate() -> History:
    """The same under a budget of one false alarm a week of a hundred such books."""
    return told("B13", days([0.0] * 10 + [-5.0] * 14), false_alarm=0.0, alarms_per_week=1.0, books=100)


def test_a_slow_gain_is_found_and_summed_up_since_it_began() -> None:
    """The evidence says how much is too much since the run began, and by how much the statistic exceeds h."""
    finding = only(watch(history()))
    numbers = finding.claim.numbers
    assert finding.status is Status.OPEN
    assert at("day 12 18:00") < finding.claim.since < at("day 24 00:00")
    assert float(numbers["page"]) > float(numbers["threshold"])
    assert numbers["threshold"] == round(page_threshold(24, 0.5, 0.05), 3)
    assert 40_000_000 < int(numbers["surplus"]) < 100_000_000


def test_a_delivery_that_nobody_recorded_is_found_at_the_next_count() -> None:
    """Sixty kilograms at once are far beyond any threshold."""
    finding = only(watch(told("B13", days([0.0] * 12 + [-60.0, 0.0]))))
    assert finding.claim.since == at("day 14 18:00")


def test_nothing_is_said_before_the_warm_up() -> None:
    """Three balance periods are needed first."""
    assert not watch(told("B13", days([-30.0, -60.0])))


def test_a_receipt_reported_that_evening_explains_it() -> None:
    """The look-alike: the goods came first, their record before midnight."""
    receipt = movement("receive", "60 kg", goods="EXP", when="day 14 11:00", instrument="exact")
    facts = sorted((*days([0.0] * 12 + [-60.0, 0.0]), receipt), key=lambda fact: fact.order)
    assert not watch(told("B13", tuple(facts)))


def test_what_turns_up_after_a_shortage_is_no_gain() -> None:
    """Forty kilograms were missing abruptly, and are there again: both counts were true, nothing came in."""
    assert not watch(told("B13", days([0.0] * 10 + [40.0, 0.0, -40.0, 0.0, 0.0])))


def test_a_loss_declared_late_is_no_gain() -> None:
    """A slow loss of sixty kilograms that the unit declares in the end: the record comes, the goods do not."""
    lost = movement("declare_loss", "60 kg", goods="EXP", when="day 23 12:00")
    facts = sorted((*days([0.0] * 8 + [5.0] * 12 + [0.0] * 4), lost), key=lambda fact: fact.order)
    assert not watch(told("B13", tuple(facts)))


def test_an_adjustment_mends_the_matter() -> None:
    """The unit takes the surplus into its book: the episode ends, and nothing alarms twice."""
    mend = movement("adjust", "70 kg", goods="EXP", when="day 26 08:00", direction="in", approver="A")
    finding = only(watch(told("B13", (*history().facts, mend), false_alarm=0.05, horizon_periods=24)))
    assert (finding.status, finding.claim.until) == (Status.CLOSED, at("day 26 08:00"))


def test_what_is_issued_without_a_gain_any_more_closes_it() -> None:
    """The surplus goes as it came, unrecorded: the run is over."""
    finding = only(watch(told("B13", days([0.0] * 12 + [-60.0, 0.0, 60.0, 0.0]))))
    assert finding.claim.until == at("day 16 18:00")


def test_a_slow_loss_is_no_gain() -> None:
    """The other side is B12's."""
    assert not watch(told("B13", days([0.0] * 8 + [6.0] * 14)))


@pytest.mark.parametrize("goods", ["DET", "CS137"])
def test_counted_goods_and_activity_are_not_tested(goods: str) -> None:
    """Pieces have no measurement error, and activity decays."""
    unit = "item" if goods == "DET" else "Bq"
    facts = [count(f"{1000 + 50 * day} {unit}", goods=goods, when=f"day {day} 18:00") for day in range(1, 15)]
    assert not watch(History("B13", f"book:S1/{goods}", tuple(facts), at("day 30 00:00")))


@pytest.mark.parametrize("seed", range(12))
def test_an_honest_book_has_no_gain(seed: int) -> None:
    """Fifty days of nothing but gauge errors."""
    assert not watch(told("B13", days([0.0] * 50, seed=seed)))


def test_what_was_given_back_is_given_back_once() -> None:
    """Forty kilograms turn up again and the matter is settled: sixty more that no record explains are a gain."""
    finding = only(watch(told("B13", days([0.0] * 10 + [40.0, 0.0, -40.0, 0.0, -60.0, 0.0, 0.0]))))
    assert finding.claim.since == at("day 16 18:00")
    assert not watch(told("B13", days([0.0] * 10 + [40.0, 0.0, -20.0, 0.0, -20.0, 0.0, 0.0])))


def test_small_losses_before_it_excuse_no_gain() -> None:
    """Two kilograms a day that no count shows are nobody's debt: forty that no record explains are told of."""
    finding = only(watch(told("B13", days([0.0] * 12 + [2.0] * 12 + [-40.0, 0.0]))))
    assert int(finding.claim.numbers["surplus"]) > 20_000_000


def test_the_sentence_says_when_the_matter_ended_and_only_then() -> None:
    """What is too much, in how many periods; the end where there is one."""
    rule = detector_of("B13", "book")
    mend = movement("adjust", "70 kg", goods="EXP", when="day 26 08:00", direction="in", approver="A")
    ended = only(watch(told("B13", (*history().facts, mend), false_alarm=0.05, horizon_periods=24)))
    stands = only(watch(history()))
    assert "The matter ended at" in rule.explain(ended, "en")
    assert "了结" in rule.explain(ended, "zh")
    assert "ended" not in rule.explain(stands, "en")
    assert "了结" not in rule.explain(stands, "zh")
