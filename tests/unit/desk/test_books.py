"""Books as asked: a book at an instant is its lines up to then; counts never move it; a picture loses nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from msgspec.structs import replace

from desk import chart
from desk.asking import Asking
from desk.books import Book, Books, Entry, Totals
from desk.lines import Line
from events.identity import book_key
from events.quantity import Measure
from events.time import HOUR, Instant
from routing.notice import FactRef
from streams.effects import BookLine
from tests.unit.desk.fakes import Bench
from tests.unit.desk.world import PROVIDER, START, Written, movement


def test_a_book_is_the_sum_of_its_lines(bench: Bench) -> None:
    """Opening, ins and outs add up to the balance, to the last item; a count moves nothing."""
    book = Books(bench.asking.projected).book("ST-101", "DET-E")
    assert book is not None
    assert book.balance == 268 == sum(structs.asdict(book.totals).values())
    counts = [entry for entry in book.entries if entry.difference is not None]
    assert [entry.difference for entry in counts] == [0, -20]
    for before, entry in zip(book.entries, book.entries[1:], strict=False):
        assert entry.balance == before.balance + entry.line.delta


def test_a_book_at_an_instant_stops_there(bench: Bench) -> None:
    """Lines that happened later do not count; before the first the book is empty, not unknown."""
    books = Books(bench.asking.projected)
    at = START + 12 * HOUR
    book = books.book("ST-101", "DET-E", at)
    assert book is not None
    assert (len(book.entries), book.balance) == (3, 300 - 12 - 13)
    assert max(entry.line.at for entry in book.entries) <= at
    early = books.book("ST-101", "DET-E", START - 1)
    assert early is not None
    assert (early.balance, early.entries, early.totals) == (0, (), Totals())
    assert books.book("ST-101", "UNKNOWN") is None


@pytest.mark.parametrize("fits", [None, lambda _site, _goods: True])
def test_pages_of_books_hold_each_book_once(bench: Bench, fits: Callable[[str, str], bool] | None) -> None:
    """Following the cursor finds every (site, goods), whatever the page's size."""
    books = Books(bench.asking.projected)
    found, after = [], ("", "")
    while True:
        kept, more = books.page(fits, after=after, limit=1)
        found += [(one.site, one.goods, one.balance) for one in kept]
        if more is None:
            break
        after = more
    assert [one[:2] for one in found] == sorted({one[:2] for one in found})
    assert len(found) == 5
    assert ("ST-101", "DET-E", 268) in found


def test_a_fact_that_left_its_book_is_no_line(tmp_path: Path) -> None:
    """A voided or moved event leaves the book, its balance and its citations."""
    written = Written(tmp_path / "p.db")
    key = book_key("ST-101", "DET-E")
    facts = [movement("ST-101", "DET-E", 0, "open", 10), movement("ST-101", "DET-E", 1, "receive", 5)]
    written.projection.lines(BookLine(key, fact) for fact in facts)
    written.projection.lines([BookLine(key, replace(facts[1], version=2, body=None))])
    books = Books(Asking(tmp_path / "p.db").projected)
    book = books.book("ST-101", "DET-E")
    assert book is not None
    assert (book.balance, len(book.entries)) == (10, 1)
    refs = [FactRef(f"{PROVIDER}|ST-101|e{n}", "log", 0, n) for n in range(2)]
    assert set(books.cited(refs)) == {f"{PROVIDER}|ST-101|e0"}
    written.close()


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=60), st.integers(1, 200))
def test_no_balance_falls_outside_the_picture(deltas: list[int], repeat: int) -> None:
    """Every corner lies within the frame, and the highest and lowest balances are drawn, however many lines."""
    book = _book([delta for delta in deltas for _ in range(repeat)])
    picture = chart.chart(book, None)
    assert picture is not None
    heights = [float(y) for y in re.findall(r"V(-?[\d.]+)", picture.line)]
    assert all(chart.TOP <= y <= chart.HEIGHT - chart.BOTTOM for y in heights)
    balances = [entry.balance for entry in book.entries]
    low_y, high_y = picture.up[0], picture.up[-1]
    assert low_y.value <= min(0, *balances)
    assert high_y.value >= max(balances)
    assert (picture.low, picture.high) == (min(balances), max(balances))


def test_a_spike_between_pixels_is_still_drawn() -> None:
    """Ten thousand movements and one spike: the spike's height is in the path."""
    deltas = [1, -1] * 5_000
    deltas[5_001:5_001] = [900, -900]
    picture = chart.chart(_book(deltas), None)
    assert picture is not None
    heights = [float(y) for y in re.findall(r"V(-?[\d.]+)", picture.line)]
    assert min(heights) < chart.TOP + 40
    assert len(heights) < 4 * chart.WIDTH


def _book(deltas: list[int]) -> Book:
    entries, balance = [], 0
    for number, delta in enumerate(deltas):
        balance += delta
        entries.append(Entry(_line(START + number * HOUR, delta), balance, None))
    return Book("S", "G", None, "U", "350102", "explosives", Measure.COUNT, balance, Totals(), tuple(entries))


def _line(at: Instant, delta: int) -> Line:
    return Line(
        f"p|S|{at}", at, 0, at, 0, "movement", "receive", abs(delta), delta, Measure.COUNT, "explosives", "U",
        "350102", None, None, None, "log", 0, 0, "{}",
    )  # fmt: skip
