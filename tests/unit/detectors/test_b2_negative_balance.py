"""B2: a book below nothing is one episode, from the movement that takes it there to the one that brings it back."""

from __future__ import annotations

from msgspec.structs import replace

from detectors.claim import Status
from tests.detector_kit import History, at, count, movement, watch


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
    """It opens with the first movement below zero, keeps the lowest balance and closes when it is made good."""
    (finding,) = watch(history())
    claim = finding.claim
    assert finding.status is Status.CLOSED
    assert (claim.since, claim.until) == (at("day 1 10:00"), at("day 3 10:00"))
    assert (claim.numbers["lowest"], claim.ref_count) == (-3, 3)


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
