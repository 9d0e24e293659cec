"""In transit as asked: both ends of a consignment add up, at any instant, and show no more than they share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import json
from msgspec.structs import replace

from desk.asking import Asking
from desk.books import Books
from desk.transit import Consigned, Passage, State, Transit
from events.identity import book_key, consignment_key
from events.time import HOUR
from ledger.fact import Fact
from streams.effects import BookLine
from tests.unit.desk.fakes import Bench
from tests.unit.desk.world import START, Written, movement, notice

A, B = "ST-101", "ST-583"


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Written]:
    """An empty projection."""
    made = Written(tmp_path / "p.db")
    yield made
    made.close()


def put(written: Written, *facts: Fact) -> None:
    """Facts of DET-E into the books of their sites."""
    written.projection.lines(BookLine(book_key(fact.id.split("|")[1], "DET-E"), fact) for fact in facts)


def transit(written: Written, site: str, hours: int | None = None) -> Transit:
    """What is under way of a site's DET-E, so many hours after the start."""
    at = None if hours is None else START + hours * HOUR
    book = Books(Asking(written.path).projected).book(site, "DET-E", at)
    assert book is not None
    return book.transit


def by_trip(found: Transit) -> dict[str, Consigned]:
    """Consignment → how it stands."""
    return {one.consignment: one for one in found.open}


def test_each_consignment_stands_where_its_ends_left_it(bench: Bench) -> None:
    """Overdue by the rule's own deadline, under way, never sent, and differing; the most pressing first."""
    book = Books(bench.asking.projected).book(A, "DET-E")
    assert book is not None
    told = [
        (one.consignment, one.direction, one.state, one.sent, one.received, one.in_transit)
        for one in book.transit.open
    ]
    assert told == [
        ("C-17", "out", State.OVERDUE, 12, 0, 12),
        ("C-22", "out", State.UNDER_WAY, 10, 0, 10),
        ("C-13", "into", State.UNSENT, 0, 240, -240),
        ("C-20", "out", State.DIFFERENCE, 15, 14, 1),
    ]
    assert book.transit.out == Passage(consignments=3, sent=37, received=14, in_transit=23)
    assert book.transit.into == Passage(consignments=1, received=240, in_transit=-240)
    assert book.transit.open[0].overdue_since == notice(16).since
    assert [about.finding for about in book.transit.open[0].warnings] == [notice(16).finding]


def test_what_is_overdue_now_was_under_way_before_its_deadline(bench: Bench) -> None:
    """As of an instant the deadline counts only once it has passed, and later receipts are not known."""
    books = Books(bench.asking.projected)
    before = books.book(A, "DET-E", notice(16).since - 1)
    assert before is not None
    assert [(one.consignment, one.state) for one in before.transit.open] == [
        ("C-17", State.UNDER_WAY),
        ("C-13", State.UNSENT),
    ]
    sent = books.book(A, "DET-E", START + 20 * 6 * HOUR)
    assert sent is not None
    assert by_trip(sent.transit)["C-20"].state is State.UNDER_WAY


def test_a_receiver_sees_what_is_on_its_way_to_it(written: Written) -> None:
    """From the shipper's report alone, before anything arrived: who sent, how much, since when."""
    put(written, movement(B, "DET-E", 0, "open", 1), movement(A, "DET-E", 1, "issue", 30, trip="T", to=B))
    (one,) = transit(written, B).open
    assert (one.direction, one.party, one.sent, one.since) == ("into", f"U-{A}", 30, START + 6 * HOUR)
    assert transit(written, B).into == Passage(consignments=1, sent=30, in_transit=30)
    assert transit(written, B, hours=5) == Transit()


def test_late_and_corrected_reports_revise_what_is_in_transit(written: Written) -> None:
    """A receipt, a correction of it, a declared loss: each time the consignment comes out anew."""
    sent = movement(A, "DET-E", 0, "issue", 30, trip="T", to=B)
    got = movement(B, "DET-E", 2, "receive", 20, trip="T", to=A)
    put(written, sent, got)
    assert by_trip(transit(written, A))["T"].in_transit == 10
    put(written, movement(B, "DET-E", 1, "declare_loss", 4, trip="T"))
    assert by_trip(transit(written, A))["T"].in_transit == 6
    put(written, replace(got, version=2, body=None))
    assert by_trip(transit(written, B))["T"].in_transit == 26
    put(written, replace(movement(B, "DET-E", 2, "receive", 26, trip="T"), version=3))
    for site in (A, B):
        assert transit(written, site).open == ()
    assert transit(written, A).out == Passage(consignments=1, sent=30, received=26, lost=4)


def test_an_overdue_that_later_reports_explain_is_not_overdue(written: Written) -> None:
    """A withdrawn warning says nothing, of now or of then; a closed one stands until it ended."""
    put(written, movement(A, "DET-E", 0, "issue", 30, trip="T", to=B))
    due = START + 10 * HOUR
    told = notice(2, A, subject=consignment_key("T"), goods="DET-E", since=due)
    written.notices(told)
    assert by_trip(transit(written, A))["T"].overdue_since == due
    written.notices(replace(told, revision=2, status="closed", until=due + 2 * HOUR))
    assert by_trip(transit(written, A))["T"].state is State.UNDER_WAY
    assert by_trip(transit(written, A, hours=11))["T"].state is State.OVERDUE
    assert by_trip(transit(written, A, hours=12))["T"].state is State.UNDER_WAY
    written.notices(replace(told, revision=3, status="withdrawn"))
    assert by_trip(transit(written, A, hours=11))["T"].state is State.UNDER_WAY


def test_goods_that_come_back_are_received_by_who_sent_them(written: Written) -> None:
    """A return ends the matter for both ends."""
    put(
        written,
        movement(B, "DET-E", 0, "open", 1),
        movement(A, "DET-E", 1, "issue", 30, trip="T", to=B),
        movement(A, "DET-E", 2, "return", 30, trip="T"),
    )
    assert transit(written, A).out == Passage(consignments=1, sent=30, received=30)
    assert transit(written, B).open == ()


def test_nothing_of_the_other_book_is_shown_but_the_shared_consignment(written: Written) -> None:
    """Law 9 in small: the other site's stock, its other trips and its reports' ids stay where they are."""
    put(
        written,
        movement(B, "DET-E", 0, "open", 7_777),
        movement(B, "DET-E", 3, "receive", 14, trip="T", to=A),
        movement(B, "DET-E", 4, "issue", 5_555, trip="OTHER"),
        movement(A, "DET-E", 1, "open", 100),
        movement(A, "DET-E", 2, "issue", 15, trip="T", to=B),
    )
    book = Books(Asking(written.path).projected).book(A, "DET-E")
    text = json.encode(book).decode()
    assert by_trip(transit(written, A))["T"].in_transit == 1
    for secret in ("7777", "5555", "OTHER", f"|{B}|"):
        assert secret not in text
