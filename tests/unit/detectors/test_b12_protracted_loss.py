"""B12: goods that trickle away are found from the counts alone, at a stated rate of false alarms."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Literal

import pytest
from msgspec.structs import replace

from detectors.claim import Finding, Status
from detectors.sequential.threshold import page_threshold
from events.registry import InstrumentEntry
from events.time import format_instant
from ledger.fact import Count, Fact
from ledger.reference import Registered
from tests.detector_kit import History, at, count, detector_of, movement, register, watch
from tests.unit.detectors import stocked

PERIODS = 24
PER_PERIOD = 60.0
SIGMA = 4.5
"""Kilograms that a balance is wrong by: a gauge of 0.3 % on some 1000 kg, twice."""


def gauge(random_error: float = 0.003, systematic: float = 0.0) -> Registered:
    """The instrument that S1 counts with."""
    entry = InstrumentEntry(instrument="gauge", site="S1", random=random_error, systematic=systematic)
    return register(entry, unit="U1")


def days(losses: list[float], *, seed: int = 7, bias: float = 0.0, estimated: bool = False) -> tuple[Fact, ...]:
    """A store of 1000 kg: each day 60 kg in and out, some lost, and a count with the gauge's error."""
    draw = random.Random(seed)
    stock = 1000.0
    exact = movement("open", "1000 kg", goods="EXP", when="day 1 08:00")
    facts = [exact, count("1000 kg", goods="EXP", when="day 1 18:00", instrument="gauge")]
    for day, loss in enumerate(losses, start=2):
        moved = f"{PER_PERIOD:.0f} kg"
        facts.append(movement("receive", moved, goods="EXP", when=f"day {day} 09:00", instrument="exact"))
        facts.append(movement("issue", moved, goods="EXP", when=f"day {day} 15:00", instrument="exact"))
        stock -= loss
        shown = f"{stock * (1 + bias + draw.gauss(0.0, 0.003)):.3f} kg"
        facts.append(count(shown, goods="EXP", when=f"day {day} 18:00", instrument="gauge", estimated=estimated))
    return tuple(facts)


def told(facts: tuple[Fact, ...], **parameters: float) -> History:
    """A book of explosive with these facts."""
    scale = InstrumentEntry(instrument="exact", site="S1", random=0.0, systematic=0.0)
    return History(
        "B12",
        "book:S1/EXP",
        facts,
        at("day 60 00:00"),
        (gauge(), register(scale, unit="U1")),
        parameters=parameters,
    )


def history() -> History:
    """Nothing is lost for ten periods, then 5 kg in each of fourteen."""
    return told(days([0.0] * 10 + [5.0] * 14), false_alarm=0.05, horizon_periods=24)


def history_at_rate() -> History:
    """The same under a budget of one false alarm a week of a hundred such books."""
    return told(days([0.0] * 10 + [5.0] * 14), false_alarm=0.0, alarms_per_week=1.0, books=100)


def rough(history: History) -> History:
    """The same with a scale for what comes and goes that errs by three kilograms a day."""
    scale = InstrumentEntry(instrument="exact", site="S1", random=0.035, systematic=0.0)
    return replace(history, reference=(gauge(), register(scale, unit="U1")))


def only(findings: list[Finding]) -> Finding:
    """The one finding."""
    (finding,) = findings
    return finding


def test_a_slow_loss_is_found_and_summed_up_since_it_began() -> None:
    """The evidence says how much is missing since the run began, and by how much the statistic exceeds h."""
    finding = only(watch(history()))
    numbers = finding.claim.numbers
    assert finding.status is Status.OPEN
    assert at("day 12 18:00") < finding.claim.since < at("day 26 00:00")
    assert float(numbers["page"]) > float(numbers["threshold"])
    assert numbers["threshold"] == round(page_threshold(24, 0.5, 0.75 * 0.05), 3)
    assert 40_000_000 < int(numbers["missing"]) < 100_000_000
    assert at("day 8 00:00") < at_text(str(numbers["run_since"])) < at("day 15 00:00")
    assert finding.claim.ref_count >= 2


def at_text(text: str) -> int:
    """The instant that the evidence names, checked to be one of the counts."""
    for day in range(1, 40):
        if format_instant(at(f"day {day} 18:00")) == text:
            return at(f"day {day} 18:00")
    raise AssertionError(f"{text} is no count")


def test_each_single_balance_of_it_looks_innocent() -> None:
    """No period alone is beyond three sigma: that is why they are added up."""
    counts = [fact.body.amount / 10**6 for fact in history().facts if isinstance(fact.body, Count)]
    assert max(before - after for before, after in pairwise(counts)) < 3 * SIGMA


def test_nothing_is_said_before_the_warm_up() -> None:
    """However much is missing: three balance periods are needed first."""
    assert not watch(told(days([100.0, 100.0])))
    (finding,) = watch(told(days([100.0, 100.0, 0.0])))
    assert finding.claim.since == at("day 4 18:00")


def test_false_alarms_keep_within_the_stated_probability() -> None:
    """Of 200 honest books of 24 periods no more alarm than 5 % and three standard errors of that."""
    honest = [watch(told(days([0.0] * PERIODS, seed=seed), horizon_periods=PERIODS)) for seed in range(200)]
    assert sum(map(bool, honest)) <= 200 * 0.05 + 3 * (200 * 0.05 * 0.95) ** 0.5


def test_an_adjustment_mends_the_matter_and_starts_the_test_again() -> None:
    """The episode ends with the adjustment; what was found does not alarm twice."""
    told_so = history()
    mend = movement("adjust", "70 kg", goods="EXP", when="day 26 08:00", direction="out", approver="A")
    finding = only(watch(replace(told_so, facts=(*told_so.facts, mend))))
    assert (finding.status, finding.claim.until) == (Status.CLOSED, at("day 26 08:00"))


def test_what_is_found_again_closes_it() -> None:
    """When the goods turn up at a count the sum is gone and the episode is over."""
    finding = only(watch(told(days([0.0] * 10 + [5.0] * 12 + [-60.0, 0.0]), horizon_periods=24)))
    assert finding.status is Status.CLOSED


def test_an_estimated_count_ends_no_period() -> None:
    """Estimates prove no loss."""
    assert not watch(told(days([0.0] * 10 + [20.0] * 10, estimated=True)))


def test_a_gauges_steady_bias_is_no_loss() -> None:
    """A gauge that reads 1 % high throughout, and says so, alarms neither at the first count nor later."""
    papers = (gauge(0.003, 0.01),)
    first, *rest = days([0.0] * PERIODS, bias=0.01)
    assert not watch(replace(told((first, *rest[1:])), reference=papers))


def test_the_book_does_not_matter() -> None:
    """Measured stocks speak: an opening of the wrong size on the book changes nothing."""
    facts = history().facts
    wrong = movement("open", "1 kg", goods="EXP", when="day 1 08:00")
    assert watch(replace(history(), facts=(wrong, *facts[1:])))[0].claim == watch(history())[0].claim


@pytest.mark.parametrize("goods", ["DET", "CS137"])
def test_counted_goods_and_activity_are_not_tested(goods: str) -> None:
    """Pieces have no measurement error, and activity decays."""
    unit = "item" if goods == "DET" else "Bq"
    facts = [count(f"{1000 - 50 * day} {unit}", goods=goods, when=f"day {day} 18:00") for day in range(1, 15)]
    assert not watch(History("B12", f"book:S1/{goods}", tuple(facts), at("day 30 00:00")))


def test_a_loss_below_what_page_looks_for_is_summed_up_over_a_window() -> None:
    """CUMUF finds at the end of its window what no run above the allowance does, and says which test spoke."""
    small = days([1.6] * 40, seed=3)
    asked = {"cumuf_days": 38, "false_alarm": 0.04, "cumuf_share": 0.999}
    finding = only(watch(rough(told(small, **asked))))
    numbers = finding.claim.numbers
    assert finding.claim.since == at("day 39 18:00")
    assert float(numbers["cumuf"]) > float(numbers["limit"])
    assert numbers["periods"] == 38
    assert "page" not in numbers
    assert not watch(rough(told(small, **{**asked, "cumuf_share": 0.0001})))


def test_a_window_with_nothing_missing_ends_what_the_one_before_found() -> None:
    """The next window's sum is within its errors: the matter is over."""
    asked = {"cumuf_days": 20, "false_alarm": 0.04, "cumuf_share": 0.999}
    finding = only(watch(rough(told(days([2.0] * 20 + [0.0] * 20, seed=3), **asked))))
    assert (finding.claim.since, finding.claim.until) == (at("day 21 18:00"), at("day 41 18:00"))


def test_one_theft_that_makes_b11_true_says_that_b11_leads() -> None:
    """Half of what is missing or more went in one period: the explanation names it and hands over."""
    finding = only(watch(told(days([0.0] * 12 + [60.0, 0.0, 0.0]))))
    assert finding.claim.numbers["most_at"] == format_instant(at("day 14 18:00"))
    assert "B11 leads" in detector_of("B12", "book").explain(finding, "en")
    assert "以 B11 为主" in detector_of("B12", "book").explain(finding, "zh")


def test_it_says_what_it_would_notice_within_a_month() -> None:
    """A loss spread over thirty days that its tests would show with 95 %."""
    numbers = only(watch(history())).claim.numbers
    assert (numbers["noticed_days"], numbers["noticed_probability"]) == (30, 0.95)
    assert 3_000_000 < int(numbers["noticed"]) < 30_000_000


def test_a_book_with_no_count_within_the_days_says_nothing_of_what_it_would_notice() -> None:
    """A day is enough for one daily count; none is silence, not a number without a look behind it."""
    for noticed_days, said in ((1, True), (0, False)):
        finding = only(watch(told(days([0.0] * 10 + [5.0] * 14), noticed_days=noticed_days)))
        assert ("noticed" in finding.claim.numbers) is said


def test_what_was_adjusted_does_not_trickle_on() -> None:
    """After the adjustment the counts agree with each other: nothing is found again."""
    facts = days([0.0] * 10 + [5.0] * 14 + [0.0] * 20)
    mend = movement("adjust", "70 kg", goods="EXP", when="day 25 20:00", direction="out", approver="A")
    finding = only(watch(told(tuple(sorted((*facts, mend), key=lambda fact: fact.order)), horizon_periods=24)))
    assert finding.claim.until == at("day 25 20:00")


def test_a_threshold_is_computed_once() -> None:
    """The exact recursion costs milliseconds once, and nothing afterwards."""
    assert page_threshold(365, 0.5, 0.05) == page_threshold(365, 0.5, 0.05)
    assert page_threshold.cache_info().hits > 0


def test_a_window_that_ends_with_the_warm_up_is_asked() -> None:
    """The third period is enough for a window of three days, the second is not."""
    asked = {"cumuf_days": 3, "false_alarm": 0.04, "cumuf_share": 0.999}
    finding = only(watch(rough(told(days([100.0, 100.0, 100.0]), **asked))))
    assert finding.claim.since == at("day 4 18:00")
    assert "cumuf" in finding.claim.numbers
    assert not watch(rough(told(days([100.0, 100.0, 100.0]), **asked, warmup_periods=4)))


def test_the_sentence_says_which_test_spoke_and_when_it_ended() -> None:
    """Page's sum where Page alarmed, CUMUF where that did; the end only where there is one."""
    rule = detector_of("B12", "book")
    asked = {"cumuf_days": 20, "false_alarm": 0.04, "cumuf_share": 0.999}
    ended = only(watch(rough(told(days([2.0] * 20 + [0.0] * 20, seed=3), **asked))))
    stands = only(watch(history()))
    words: dict[Literal["zh", "en"], tuple[str, str, str, str]] = {
        "en": ("Page's sum", "CUMUF is", "The matter ended", "B11 leads"),
        "zh": ("Page 累积和", "CUMUF 为", "了结", "以 B11 为主"),
    }
    for lang, (page, cumuf, end, lead) in words.items():
        said, over = rule.explain(stands, lang), rule.explain(ended, lang)
        assert (page in said, cumuf in said, end in said, lead in said) == (True, False, False, False)
        assert (page in over, cumuf in over, end in over) == (False, True, True)


def test_a_window_longer_than_a_year_is_one_window_of_its_year() -> None:
    """Counted every two hundred days, asked after eight hundred: all of CUMUF's share is its."""
    opened = days([])
    rare = [
        count(f"{1000 - 100 * nth} kg", goods="EXP", when=f"day {200 * nth + 1} 18:00", instrument="gauge")
        for nth in range(1, 6)
    ]
    long = replace(told((*opened, *rare), cumuf_days=800, cumuf_share=0.999), now=at("day 1002 00:00"))
    assert "cumuf" in only(watch(rough(long))).claim.numbers


TRICKLE = (1000, 1000, 1000, 1000, 994, 988, 982, 976, 970)
"""Six kilograms a day from the fifth evening on, by an exact count of the gauge."""


def seen(*kilograms: float, **parameters: float) -> Finding:
    """What is found where the gauge shows these kilograms, evening by evening."""
    return only(watch(on(stocked.shown(*kilograms), **parameters)))


def on(facts: tuple[Fact, ...], **parameters: float) -> History:
    """A book with these facts, by exact instruments for what comes and goes."""
    return stocked.told("B12", facts, until="day 60 00:00", **parameters)


def test_the_evidence_and_the_sentence_say_what_trickled_away_in_full() -> None:
    """Figures, each count that added to it, both languages; what would be noticed stays that of the first day."""
    finding, facts = seen(*TRICKLE), stocked.shown(*TRICKLE)
    assert finding.claim.numbers == {
        "missing": 30_000_000, "page": 20.504, "threshold": 8.208, "periods": 5,
        "run_since": "2026-05-07T18:00:00+08:00", "noticed": 8_050_000, "noticed_probability": 0.95,
        "noticed_days": 30, "measure": "mass",
    }  # fmt: skip
    assert finding.claim.since == at("day 7 18:00")
    assert [ref.id for ref in finding.claim.refs] == [facts[nth].id for nth in (4, 7, 8, 9)]
    rule = detector_of("B12", "book")
    assert rule.explain(finding, "en") == (
        "At S1 30 kg of EXP went missing over 5 balance periods since 2026-05-07T18:00:00+08:00: Page's sum rose "
        "to 20.504 against a threshold of 8.208, more than measurement errors explain. This book would notice 8.05 "
        "kg lost evenly within 30 days with 95%."
    )
    assert rule.explain(finding, "zh") == (
        "S1 的 EXP 自 2026-05-07T18:00:00+08:00 起 5 个盘点期累计短少 30 kg，Page 累积和最高 20.504，阈值 8.208："
        "超出计量误差可以解释的范围。该台账 30 天内均匀流失 8.05 kg 即可以 95% 的概率发现。"
    )


def test_it_is_over_at_the_count_that_shows_the_goods_again() -> None:
    """The evidence stays that of the last count at which they were missing."""
    finding = seen(*TRICKLE, 1000)
    assert (finding.claim.until, finding.claim.numbers["missing"]) == (at("day 10 18:00"), 30_000_000)
    assert seen(*TRICKLE, 970, 970).claim.numbers["periods"] == 7


def test_both_tests_are_told_of_and_the_longer_lasts() -> None:
    """A hundred kilograms at once, by Page's sum and CUMUF; found again, over when CUMUF's window of three ends."""
    asked = {"cumuf_days": 3, "cumuf_share": 0.5, "false_alarm": 0.04}
    kilograms = (1000, 1000, 1000, 1000, 900, 900, 900)
    finding = seen(*kilograms, 900, 900, **asked)
    said = detector_of("B12", "book").explain(finding, "en")
    assert "Page's sum rose to 109.71 against a threshold of 7.92; CUMUF is 24.78 standard deviations" in said
    assert "100 kg of it in the one period to 2026-05-08T18:00:00+08:00: B11 leads." in said
    numbers = finding.claim.numbers
    assert [numbers[name] for name in ("missing", "periods", "cumuf", "limit")] == [100_000_000, 5, 24.78, 3.592]
    assert seen(*kilograms, 1000, 1000, 1000, **asked).claim.until == at("day 10 18:00")


def test_half_of_it_in_one_period_is_b11s_and_a_gram_less_is_not() -> None:
    """Forty kilograms: twenty in one night and the rest in three, or the same with a gram less in that night."""
    for most, leads in ((20.0, True), (19.999, False)):
        kilograms = (1000, 1000, 1000, 1000 - most, 1000 - most - 7, 1000 - most - 14, 960)
        assert ("most" in seen(*kilograms).claim.numbers) is leads, most


def test_an_adjustment_forgets_the_window_too() -> None:
    """What CUMUF had summed up by then is settled with the rest."""
    asked = {"cumuf_days": 6, "cumuf_share": 0.999, "false_alarm": 0.04}
    mend = movement("adjust", "30 kg", goods="EXP", when="day 5 20:00", direction="out", approver="A")
    facts = stocked.shown(1000, 1000, 1000, 1000, 970, 970, 970, 970)
    assert watch(on(facts, **asked))
    assert not watch(on(tuple(sorted((*facts, mend), key=lambda fact: fact.order)), **asked))


def test_a_window_ends_with_the_count_nearest_to_its_last_day_the_earlier_of_two() -> None:
    """Counted every other day: of three days it ends after two, of four and of five after four; only those counts
    are cited.
    """
    opened, *_ = stocked.shown()
    counts = (
        count(f"{shown} kg", goods="EXP", when=f"day {1 + 2 * nth} 18:00", instrument="gauge")
        for nth, shown in enumerate((1000, 1000, 1000, 1000, 982, 982, 982))
    )
    facts = (opened, *counts)
    for days_, periods, since, until in ((3, 1, 7, 11), (4, 2, 5, 13), (5, 2, 5, 13)):
        finding = only(watch(on(facts, cumuf_days=days_, cumuf_share=0.999, false_alarm=0.04)))
        numbers = finding.claim.numbers
        assert (numbers["cumuf"], numbers["periods"]) == (4.28, periods), days_
        assert numbers["run_since"] == format_instant(at(f"day {since} 18:00")), days_
        assert (finding.claim.since, finding.claim.until) == (at("day 9 18:00"), at(f"day {until} 18:00")), days_
        assert finding.claim.ref_count == 3
