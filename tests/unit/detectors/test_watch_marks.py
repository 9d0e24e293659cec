"""Marks: what was folded once is resumed from, not folded again; the answer is that of folding everything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from detectors.b2_negative_balance import NegativeBalance
from detectors.claim import Claim
from detectors.detector import Detector, Step, View
from detectors.subject import MOST_MARKS, Subject
from detectors.watch import Watch
from ledger.fact import Fact
from ledger.reference import Reference
from tests.detector_kit import LATENESS, at, movement, world

KEY = "book:S2/DET"


class Counting(NegativeBalance):
    """B2, which counts what it sees."""

    seen = 0

    def see(self, state: Any, step: Step, view: View) -> tuple[Any, Sequence[Claim]]:
        """One more."""
        self.seen += 1
        return super().see(state, step, view)


class Watched:
    """A book under B2, looked at after each fact."""

    def __init__(self) -> None:
        self.detector = Counting()
        self.watch = Watch([cast(Detector, self.detector)], LATENESS)
        self.subject = Subject(KEY)
        self.view = View(KEY, Reference(), world())

    def take(self, *facts: Fact, when: str) -> int:
        """Facts come, one look each; how many were folded for them."""
        before = self.detector.seen
        for fact in facts:
            self.subject.put(fact)
            self.watch.look(self.subject, at(when), self.view)
        return self.detector.seen - before


def receipt(when: str) -> Fact:
    """Ten detonators come in."""
    return movement("receive", "10 item", site="S2", goods="DET", when=when)


def days(first: int, last: int) -> list[Fact]:
    """Twelve receipts a day."""
    return [receipt(f"day {day} {hour:02d}:00") for day in range(first, last + 1) for hour in range(8, 20)]


def test_facts_in_order_are_folded_once() -> None:
    """As many folds as facts, whatever was marked on the way."""
    assert Watched().take(*days(1, 5), when="day 5 20:00") == 60


def test_what_is_late_by_days_is_folded_from_the_day_before_on() -> None:
    """A fact of day 4 that comes on day 5 folds days 4 and 5 again, not 1 to 3."""
    book = Watched()
    book.take(*days(1, 5), when="day 5 20:00")
    assert book.take(receipt("day 4 07:30"), when="day 5 20:00") == 25


def test_the_end_of_a_day_is_marked_however_little_came() -> None:
    """Two reports a day: one of day 3 that comes late folds day 3 again, not what came before."""
    for at_once in (False, True):
        book = Watched()
        few = [receipt(f"day {day} {hour}:00") for day in (1, 2, 3) for hour in (10, 14)]
        if at_once:
            for fact in few[:-1]:
                book.subject.put(fact)
            few = few[-1:]
        book.take(*few, when="day 3 20:00")
        assert book.take(receipt("day 3 08:00"), when="day 3 20:00") == 3


def test_what_is_late_by_an_hour_is_folded_from_the_last_mark_on() -> None:
    """Marks stand every few facts within the latest day."""
    book = Watched()
    book.take(*days(1, 5), when="day 5 20:00")
    assert book.take(receipt("day 5 18:30"), when="day 5 20:00") <= 6


def test_closing_a_day_folds_nothing_again() -> None:
    """The base takes the mark at the day's end over; what comes late afterwards resumes from later marks."""
    book = Watched()
    book.take(*days(1, 9), when="day 9 20:00")
    before = book.detector.seen
    book.watch.look(book.subject, at("day 10 02:00"), book.view)
    assert book.detector.seen == before
    assert book.subject.base.account == account_of(1, 2)
    assert book.take(receipt("day 9 18:30"), when="day 10 02:00") <= 6


def test_marks_are_bounded_by_the_days_that_are_held() -> None:
    """One mark a day that is held singly, and a few in the latest."""
    book = Watched()
    for day in range(1, 40):
        book.take(*days(day, day), when=f"day {day} 20:00")
        assert len(book.subject.marks) <= 9 + MOST_MARKS


def account_of(first: int, last: int) -> object:
    """The account of these days alone."""
    book = Watched()
    book.take(*days(first, last), when=f"day {last} 20:00")
    assert book.subject.tail is not None
    return book.subject.tail.account
