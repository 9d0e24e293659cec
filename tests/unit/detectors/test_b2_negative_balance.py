"""B2: a book below nothing is one episode, from the movement that takes it there until it is mended or rests."""

from __future__ import annotations

from msgspec.structs import replace

from detectors.claim import Status
from ledger.fact import Fact
from tests.detector_kit import History, at, count, detector_of, movement, watch


def history() -> History:
    """Ten come in, twelve and one go out, five come in again."""
    return History(
        rule="B2",
        key="book:S1/DET",
        facts=(
            movement("open", "10 item", when="day 1 08:00"),
            movement("issue", "12 item", when="day 1 10:00"),
            movement("issue", "1 item", when="day 2 10:00"),
            movement("receive", "5 item", when="day 3 10:00"),
        ),
        now=at("day 5 00:00"),
    )


def test_one_run_below_zero_is_one_episode() -> None:
    """It opens with the first movement below zero, keeps the lowest balance and has ended when it was made good."""
    (finding,) = watch(replace(history(), now=at("day 31 10:00")))
    claim = finding.claim
    assert finding.status is Status.CLOSED
    assert (claim.since, claim.until) == (at("day 1 10:00"), at("day 3 10:00"))
    assert (claim.numbers["lowest"], claim.ref_count) == (-3, 3)


def test_it_is_over_only_after_a_rest() -> None:
    """Twenty-eight days to the microsecond after the balance came back; without a rest at once."""
    told = history()
    (finding,) = watch(replace(told, now=at("day 31 10:00") - 1))
    assert (finding.status, finding.claim.until) == (Status.OPEN, None)
    (finding,) = watch(replace(told, now=at("day 31 10:00")))
    assert (finding.status, finding.claim.until) == (Status.CLOSED, at("day 3 10:00"))
    (finding,) = watch(replace(told, parameters={"rest_days": 0}))
    assert (finding.status, finding.claim.until) == (Status.CLOSED, at("day 3 10:00"))


def test_what_crosses_zero_again_and_again_is_one_finding_until_it_rests() -> None:
    """Within the rest it goes on, whatever comes and goes; after it a new matter begins."""
    told = history()
    crossing = [
        movement(way, "5 item", when=f"day {day} 10:00")
        for day, way in ((6, "issue"), (9, "receive"), (36, "issue"), (37, "receive"))
    ]
    (finding,) = watch(replace(told, facts=(*told.facts, *crossing), now=at("day 60 00:00")))
    assert finding.status is Status.OPEN
    assert (finding.claim.since, finding.claim.ref_count) == (at("day 1 10:00"), 4)
    late = movement("issue", "5 item", when="day 37 10:01")
    first, second = watch(replace(told, facts=(*told.facts, *crossing[:2], late), now=at("day 60 00:00")))
    assert (first.claim.since, first.claim.until) == (at("day 1 10:00"), at("day 9 10:00"))
    assert (second.claim.since, second.claim.until, second.status) == (late.at, None, Status.OPEN)


def test_an_adjustment_that_sets_the_book_right_ends_it_at_once() -> None:
    """Also while it rests, as of when the balance came back; one that leaves it below nothing ends nothing."""
    told = history()

    def mended(amount: str, when: str) -> Fact:
        return movement("adjust", amount, when=when, direction="in", approver="A")

    (finding,) = watch(replace(told, facts=(*told.facts[:3], mended("3 item", "day 3 09:00"))))
    assert (finding.status, finding.claim.until) == (Status.CLOSED, at("day 3 09:00"))
    (finding,) = watch(replace(told, facts=(*told.facts[:3], mended("2 item", "day 3 09:00"))))
    assert finding.status is Status.OPEN
    (finding,) = watch(replace(told, facts=(*told.facts, mended("1 item", "day 4 09:00"))))
    assert (finding.status, finding.claim.until) == (Status.CLOSED, at("day 3 10:00"))
    again = movement("issue", "9 item", when="day 4 10:00")
    facts = (*told.facts, mended("1 item", "day 4 09:00"), again)
    found = watch(replace(told, facts=facts, now=at("day 6 00:00")))
    assert [one.claim.since for one in found] == [at("day 1 10:00"), again.at]


def test_the_sentence_says_what_closes_it_and_since_when_it_is_well() -> None:
    """The rest while it is open, the day once it is over."""
    rule, told = detector_of("B2", "book"), history()
    (open_,) = watch(told)
    assert "or 28 days not below nothing" in rule.explain(open_, "en")
    assert "连续 28 日不再为负" in rule.explain(open_, "zh")
    (over,) = watch(replace(told, now=at("day 31 10:00")))
    assert "not been below nothing since 2026-05-06T10:00" in rule.explain(over, "en")
    assert "自 2026-05-06T10:00:00+08:00 起不再为负" in rule.explain(over, "zh")
    (hasty,) = watch(replace(told, facts=told.facts[:3], parameters={"rest_days": 0}))
    assert rule.explain(hasty, "en").endswith("missing.")


def test_a_late_receipt_that_was_made_in_time_withdraws_it() -> None:
    """The book was never below zero: it was only told late."""
    told = history()
    late = movement("receive", "3 item", when="day 1 09:00", received="day 4 09:00")
    facts = (*told.facts, late)
    assert not watch(replace(told, facts=facts), order=range(len(facts)))


def test_it_waits_for_the_end_of_the_reporting_day() -> None:
    """An upload due by midnight may explain it."""
    told = history()
    assert not watch(replace(told, facts=told.facts[:2], now=at("day 2 00:29")))
    (finding,) = watch(replace(told, facts=told.facts[:2], now=at("day 2 00:30")))
    assert finding.status is Status.OPEN


def test_what_comes_in_at_one_instant_is_booked_before_what_goes_out() -> None:
    """A receipt and an issue at the same instant are no negative balance."""
    receipt = movement("receive", "5 item", when="day 1 10:00")
    issue = movement("issue", "5 item", when="day 1 10:00")
    assert not watch(replace(history(), facts=(issue, receipt)))


def test_a_count_does_not_mend_a_book() -> None:
    """A count never moves a book: the episode stays open."""
    told = history()
    (finding,) = watch(replace(told, facts=(*told.facts[:2], count("0 item", when="day 1 12:00"))))
    assert finding.status is Status.OPEN
    assert finding.claim.numbers["lowest"] == -2


def test_a_tolerance_lets_that_much_pass() -> None:
    """Three below is let pass where three are tolerated, and claimed where two are."""
    assert not watch(replace(history(), parameters={"tolerance": 3}))
    (finding,) = watch(replace(history(), parameters={"tolerance": 2}))
    assert finding.claim.since == at("day 2 10:00")


def test_one_piece_below_nothing_is_enough() -> None:
    """Somebody gave away a detonator that no record says was ever there."""
    facts = (movement("open", "10 item", when="day 1 08:00"), movement("issue", "11 item", when="day 1 10:00"))
    (finding,) = watch(replace(history(), facts=facts))
    assert finding.claim.numbers["lowest"] == -1
    level = (facts[0], movement("issue", "10 item", when="day 1 10:00"))
    assert not watch(replace(history(), facts=level))
