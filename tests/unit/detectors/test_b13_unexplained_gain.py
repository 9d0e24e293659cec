"""B13: more is there than came in, and what only gives back an earlier shortage is no gain."""

from __future__ import annotations

import pytest

from detectors.claim import Status
from detectors.sequential.threshold import page_threshold
from tests.detector_kit import History, at, count, detector_of, movement, watch
from tests.unit.detectors.stocked import days, only, shown, told


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


def test_the_evidence_and_the_sentence_say_what_is_too_much_in_full() -> None:
    """Sixty kilograms by an exact count of the gauge: figures, the two counts, both languages."""
    facts = shown(1000, 1000, 1000, 1000, 1060)
    finding = only(watch(told("B13", facts)))
    assert finding.claim.numbers == {
        "surplus": 60_000_000, "page": 16.565, "threshold": 8.613, "periods": 1,
        "run_since": "2026-05-07T18:00:00+08:00", "measure": "mass",
    }  # fmt: skip
    assert [ref.id for ref in finding.claim.refs] == [facts[4].id, facts[5].id]
    rule = detector_of("B13", "book")
    assert rule.explain(finding, "en") == (
        "At S1 60 kg of EXP is there that no record explains, over 1 balance periods since "
        "2026-05-07T18:00:00+08:00: Page's sum rose to 16.565 against a threshold of 8.613, more than measurement "
        "errors explain. Look for receipts that were not recorded, or issues that did not happen."
    )
    assert rule.explain(finding, "zh") == (
        "S1 的 EXP 自 2026-05-07T18:00:00+08:00 起 1 个盘点期累计盘盈 60 kg，Page 累积和最高 16.565，阈值 8.613："
        "超出计量误差可以解释的范围，应查有无未记的入库或虚报的出库。"
    )


def test_a_gain_pays_back_what_was_abruptly_missing_first_to_the_gram() -> None:
    """Forty were missing, thirty came back: of sixty more, ten are paid back and fifty are a gain."""
    for kilograms, surplus in (
        ((1000, 1000, 1000, 1000, 960, 1000, 1060), 60_000_000),
        ((1000, 1000, 1000, 1000, 960, 990, 1050), 50_000_000),
        ((1000, 1000, 1000, 1000, 960, 920, 980, 1060), 60_000_000),
    ):
        finding = only(watch(told("B13", shown(*kilograms))))
        assert finding.claim.numbers["surplus"] == surplus, kilograms
    assert not watch(told("B13", shown(1000, 1000, 1000, 1000, 960, 920, 1000)))


def test_what_was_declared_lost_in_a_period_is_taken_off_its_gain_alone() -> None:
    """Of a hundred too many after sixty were declared lost, forty; the next period owes nothing for it."""
    lost = movement("declare_loss", "60 kg", goods="EXP", when="day 5 12:00")

    def surplus(*kilograms: float) -> list[object]:
        facts = sorted((*shown(*kilograms), lost), key=lambda fact: fact.order)
        return [finding.claim.numbers["surplus"] for finding in watch(told("B13", tuple(facts)))]

    assert surplus(1000, 1000, 1000, 1000, 1000) == []
    assert surplus(1000, 1000, 1000, 1000, 1040) == [40_000_000]
    assert surplus(1000, 1000, 1000, 1000, 940, 1000) == [60_000_000]


def test_further_gains_belong_to_the_episode_and_after_an_adjustment_all_begins_anew() -> None:
    """A hundred and twenty in two nights are one matter; what was adjusted, and owed before, is settled."""
    finding = only(watch(told("B13", shown(1000, 1000, 1000, 1000, 1060, 1120))))
    assert (finding.claim.numbers["surplus"], finding.claim.numbers["periods"]) == (120_000_000, 2)
    assert (finding.claim.since, finding.claim.ref_count) == (at("day 5 18:00"), 3)
    mend = movement("adjust", "40 kg", goods="EXP", when="day 5 20:00", direction="out", approver="A")
    facts = sorted((*shown(1000, 1000, 1000, 1000, 960, 960, 960, 1020), mend), key=lambda fact: fact.order)
    finding = only(watch(told("B13", tuple(facts))))
    assert finding.claim.numbers["surplus"] == 60_000_000


def test_it_is_over_when_what_was_too_much_is_gone_again() -> None:
    """At the next count, or when an adjustment explains it; while some of it stays it stands."""
    gone = only(watch(told("B13", shown(1000, 1000, 1000, 1000, 1060, 1000))))
    assert (gone.claim.until, gone.claim.numbers["surplus"]) == (at("day 6 18:00"), 60_000_000)
    some = only(watch(told("B13", shown(1000, 1000, 1000, 1000, 1060, 1030))))
    assert (some.claim.until, some.claim.numbers["surplus"]) == (None, 30_000_000)


def test_the_third_balance_is_the_first_that_may_say_so() -> None:
    """As policy has it; what was gained before is told of with it."""
    assert not watch(told("B13", shown(1000, 1000, 1060)))
    assert only(watch(told("B13", shown(1000, 1000, 1000, 1060)))).claim.since == at("day 4 18:00")
    early = only(watch(told("B13", shown(1000, 1000, 1060, 1060))))
    assert (early.claim.since, early.claim.numbers["surplus"]) == (at("day 4 18:00"), 60_000_000)
    assert not watch(told("B13", shown(1000, 1000, 1000, 1060), warmup_periods=4))
