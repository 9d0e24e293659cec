"""B1: a count that differs from the book is one episode, whatever is counted how often."""

from __future__ import annotations

from typing import Literal

from msgspec.structs import replace

from detectors.claim import Status
from events.registry import InstrumentEntry
from ledger.fact import Fact
from ledger.reference import Registered
from tests.detector_kit import History, at, count, detector_of, movement, register, watch

KG = 10**6


def history() -> History:
    """A hundred detonators are booked; two are missing at three counts, then found."""
    return History(
        rule="B1",
        key="book:S1/DET",
        facts=(
            movement("open", "100 item", when="day 1 08:00"),
            count("98 item", when="day 1 18:00"),
            movement("issue", "10 item", when="day 2 09:00"),
            count("88 item", when="day 2 18:00"),
            count("87 item", when="day 3 18:00"),
            count("90 item", when="day 4 18:00"),
        ),
        now=at("day 6 00:00"),
    )


def weighed(*facts: Fact, reference: tuple[Registered, ...] = ()) -> History:
    """A book of explosive with these facts."""
    return History("B1", "book:S1/EXP", facts, at("day 40 00:00"), reference=reference)


def scale(name: str, random: float, systematic: float) -> Registered:
    """A registered instrument of S1."""
    entry = InstrumentEntry(instrument=name, site="S1", random=random, systematic=systematic)
    return register(entry, unit="U1")


def test_a_standing_difference_is_one_episode_however_often_it_is_counted() -> None:
    """The same two missing detonators raise nothing new at the next count; a count that agrees closes."""
    (finding,) = watch(history())
    claim = finding.claim
    assert finding.status is Status.CLOSED
    assert (claim.since, claim.until) == (at("day 1 18:00"), at("day 4 18:00"))
    assert (claim.numbers["difference"], claim.numbers["largest"], claim.ref_count) == (-3, -3, 4)


def test_it_speaks_at_the_end_of_the_day_and_a_late_issue_withdraws_it() -> None:
    """Until midnight an upload may explain the difference; one that comes later still does."""
    told = history()
    (finding,) = watch(replace(told, facts=told.facts[:2]))
    assert finding.claim.speaks_at == at("day 2 00:30")
    assert not watch(replace(told, facts=told.facts[:2], now=at("day 2 00:00")))
    late = movement("issue", "2 item", when="day 1 17:00", received="day 2 09:00")
    assert not watch(replace(told, facts=(*told.facts[:2], late)), order=(0, 1, 2))


def test_bulk_goods_may_differ_by_what_the_instruments_explain() -> None:
    """With a registered gauge of 1 % random error, 1000 kg may differ by 30 kg and not by a gram more."""
    gauge = (scale("gauge", 0.01, 0.0), scale("exact", 0.0, 0.0))
    stock = movement("open", "1030 kg", goods="EXP", when="day 1 08:00", instrument="exact")
    for kilograms, found in (("1000", 0), ("999.9", 1), ("1060", 0), ("1063", 1)):
        told = count(f"{kilograms} kg", goods="EXP", when="day 1 18:00", instrument="gauge")
        assert len(watch(weighed(stock, told, reference=gauge))) == found, kilograms


def test_a_bias_shared_by_receipts_and_counts_cancels() -> None:
    """One scale that reads all 1 % high shows no difference by it; two scales' biases both count."""
    papers = (scale("one", 0.0, 0.01), scale("two", 0.0, 0.01))
    receipt = movement("receive", "1000 kg", goods="EXP", when="day 1 08:00", instrument="one")
    same = count("999 kg", goods="EXP", when="day 1 18:00", instrument="one")
    other = count("999 kg", goods="EXP", when="day 1 18:00", instrument="two")
    (finding,) = watch(weighed(receipt, same, reference=papers))
    assert finding.claim.numbers["sigma"] == 10_000
    assert not watch(weighed(receipt, other, reference=papers))


def test_an_adjustment_restarts_the_errors_at_the_last_count() -> None:
    """After an explicit mend only what was measured since the last count may explain a difference."""
    papers = (scale("coarse", 0.1, 0.0), scale("fine", 0.001, 0.0))
    stock = movement("open", "1000 kg", goods="EXP", when="day 1 08:00", instrument="coarse")
    first = count("950 kg", goods="EXP", when="day 1 18:00", instrument="fine")
    mended = movement("adjust", "50 kg", goods="EXP", when="day 2 08:00", direction="out", approver="A")
    second = count("900 kg", goods="EXP", when="day 2 18:00", instrument="fine")
    assert not watch(weighed(stock, first, second, reference=papers))
    (finding,) = watch(weighed(stock, first, mended, second, reference=papers))
    assert finding.claim.numbers["difference"] == -50 * KG


def shaky(*counts: tuple[int, str]) -> tuple[Fact, ...]:
    """A thousand kilograms on an exact scale, and what it weighed on which day."""
    stock = movement("open", "1000 kg", goods="EXP", when="day 1 08:00", instrument="exact")
    told = (count(what, goods="EXP", when=f"day {day} 18:00", instrument="exact") for day, what in counts)
    return (stock, *told)


def weighed_exactly(*facts: Fact, until: str = "day 60 00:00") -> History:
    """A book of explosive whose scale errs by nothing."""
    return replace(weighed(*facts, reference=(scale("exact", 0.0, 0.0),)), now=at(until))


def test_bulk_goods_must_agree_for_a_rest() -> None:
    """Twenty-eight days after the first of the counts that agreed; a difference meanwhile goes on with it."""
    facts = shaky((1, "990 kg"), (3, "1000 kg"), (8, "1000 kg"))
    (finding,) = watch(weighed_exactly(*facts, until="day 31 17:59"))
    assert (finding.status, finding.claim.until) == (Status.OPEN, None)
    (finding,) = watch(weighed_exactly(*facts, until="day 31 18:00"))
    assert (finding.status, finding.claim.until) == (Status.CLOSED, at("day 3 18:00"))
    again = shaky((1, "990 kg"), (3, "1000 kg"), (30, "995 kg"), (31, "1000 kg"))
    (finding,) = watch(weighed_exactly(*again, until="day 58 00:00"))
    assert (finding.status, finding.claim.since) == (Status.OPEN, at("day 1 18:00"))
    assert (finding.claim.numbers["difference"], finding.claim.numbers["largest"]) == (-5 * KG, -10 * KG)
    first, second = watch(weighed_exactly(*shaky((1, "990 kg"), (3, "1000 kg"), (31, "995 kg"))))
    assert (first.claim.until, second.claim.since) == (at("day 3 18:00"), at("day 31 18:00"))
    rule = detector_of("B1", "book")
    assert "or 28 days." in rule.explain(second, "en")
    assert "连续 28 日相符后结案" in rule.explain(second, "zh")


def test_a_count_that_agrees_after_an_adjustment_ends_it_at_once() -> None:
    """The book was set right; an adjustment after which it differs still is none that helped."""
    facts = shaky((1, "990 kg"), (2, "990 kg"), (3, "980 kg"), (4, "980 kg"), (5, "990 kg"))
    mend = movement("adjust", "10 kg", goods="EXP", when="day 1 20:00", direction="out", approver="A")
    (finding,) = watch(weighed_exactly(*facts[:3], mend))
    assert (finding.status, finding.claim.until) == (Status.CLOSED, at("day 2 18:00"))
    other = movement("adjust", "10 kg", goods="EXP", when="day 3 20:00", direction="out", approver="A")
    first, second = watch(weighed_exactly(*facts[:4], mend, facts[4], other))
    assert (first.claim.until, second.claim.until) == (at("day 2 18:00"), at("day 4 18:00"))
    wrong = movement("adjust", "5 kg", goods="EXP", when="day 1 20:00", direction="out", approver="A")
    found = count("995 kg", goods="EXP", when="day 9 18:00", instrument="exact")
    (finding,) = watch(weighed_exactly(*facts[:3], wrong, found, until="day 37 17:00"))
    assert finding.status is Status.OPEN


def test_the_absolute_tolerance_lets_small_differences_pass() -> None:
    """Where the instruments are exact, a stated number of base units may still be let pass."""
    papers = (scale("exact", 0.0, 0.0),)
    stock = movement("open", "10 kg", goods="EXP", when="day 1 08:00", instrument="exact")
    told = count("9.9 kg", goods="EXP", when="day 1 18:00", instrument="exact")
    assert watch(weighed(stock, told, reference=papers))
    assert not watch(replace(weighed(stock, told, reference=papers), parameters={"abs_tolerance": KG // 10}))


def test_an_estimated_count_is_not_judged() -> None:
    """What was estimated proves nothing, neither a difference nor its end."""
    told = history()
    guess = count("90 item", when="day 2 19:00", estimated=True)
    (finding,) = watch(replace(told, facts=(*told.facts[:4], guess)))
    assert finding.status is Status.OPEN
    assert not watch(replace(told, facts=(told.facts[0], count("9 item", when="day 1 18:00", estimated=True))))


def test_goods_that_nothing_booked_differ_by_all_that_is_counted() -> None:
    """Where nothing was reported the book says nothing, and counted goods have no allowance."""
    told = count("98 item", when="day 1 18:00")
    (finding,) = watch(replace(history(), facts=(told,)))
    assert [finding.claim.numbers[name] for name in ("book", "difference", "sigma", "allowed")] == [0, 98, 0, 0]


def test_the_sentence_says_missing_or_too_much_and_whether_a_later_count_agreed() -> None:
    """Which way it differs, a book below nothing as such, and the end only where there was one."""
    rule, told = detector_of("B1", "book"), history()

    def said(*facts: Fact, lang: Literal["zh", "en"] = "en") -> str:
        return rule.explain(watch(replace(told, facts=facts))[0], lang)

    booked, counted = told.facts[:2]
    over = count("101 item", when="day 1 18:00")
    assert "2 item missing" in said(booked, counted)
    assert "短少 2" in said(booked, counted, lang="zh")
    assert "1 item too much" in said(booked, over)
    assert "盈余 1" in said(booked, over, lang="zh")
    assert "book says −5 item" in said(movement("issue", "5 item", when="day 1 08:00"), counted)
    assert "book says 0 item" in said(counted)
    assert "book says 1 item" in said(movement("open", "1 item", when="day 1 08:00"), counted)
    assert "Counts have agreed with the book since 2026-05-07T18:00" in said(*told.facts)
    assert "Counts have agreed" not in said(booked, counted)
    assert "自 2026-05-07T18:00:00+08:00 起盘点与账面相符" in said(*told.facts, lang="zh")
    assert "相符" not in said(booked, counted, lang="zh")


def test_a_single_missing_detonator_is_said_to_be_missing() -> None:
    """To the last piece: one too few, one too many, and a book that is one below nothing."""
    rule = detector_of("B1", "book")
    for counted, en, zh in (("9 item", "1 item missing", "短少 1"), ("11 item", "1 item too much", "盈余 1")):
        told = replace(
            history(), facts=(movement("open", "10 item", when="day 1 08:00"), count(counted, when="day 1 18:00"))
        )
        (finding,) = watch(told)
        assert en in rule.explain(finding, "en")
        assert zh in rule.explain(finding, "zh")
    below = (movement("issue", "1 item", when="day 1 08:00"), count("0 item", when="day 1 18:00"))
    (finding,) = watch(replace(history(), facts=below))
    assert "the book says −1 item" in rule.explain(finding, "en")
