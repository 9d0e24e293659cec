"""Balance periods: from one count that is no estimate to the next; each adds up by itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desk.books import Books
from desk.lines import Line
from desk.periods import Period, periods
from events.quantity import Measure
from events.time import HOUR
from tests.unit.desk.fakes import Bench
from tests.unit.desk.world import START


def line(number: int, operation: str, amount: int, delta: int = 0, *, estimated: bool = False) -> Line:
    """The ``number``-th line of a book; without a delta it is a count."""
    kind = "count" if operation == "count" else "movement"
    return Line(
        f"f{number}", START + number * HOUR, 0, START, 0, kind, operation, amount, delta, Measure.MASS, "chemicals",
        "U", "350102", None, None, None, "log", 0, number, "[]", estimated,
    )  # fmt: skip


def test_a_period_runs_from_count_to_count() -> None:
    """Before the first count there is none; a loss is an output; an adjustment moves the book, not the stock."""
    first, last = periods(
        (
            line(0, "open", 50, 50),
            line(1, "count", 100),
            line(2, "receive", 40, 40),
            line(3, "issue", 10, -10),
            line(4, "declare_loss", 3, -3),
            line(5, "declare_loss", 9, 0),
            line(6, "adjust", 5, 5),
            line(7, "count", 120),
            line(8, "consume", 20, -20),
        )
    )
    assert first == Period(
        start=START + HOUR, opening=100, opening_fact="f1", inputs=40, outputs=13, lost=3, adjusted=5,
        book_change=32, end=START + 7 * HOUR, closing=120, closing_fact="f7", muf=7,
    )  # fmt: skip
    assert (last.start, last.opening, last.outputs, last.end, last.muf) == (first.end, 120, 20, None, None)


def test_an_estimate_ends_no_period() -> None:
    """It is shown among the lines, and proves nothing."""
    (only,) = periods((line(0, "count", 10), line(1, "count", 4, estimated=True), line(2, "receive", 1, 1)))
    assert (only.opening, only.inputs, only.end) == (10, 1, None)
    assert periods((line(0, "count", 4, estimated=True),)) == ()


def test_too_much_is_a_negative_balance() -> None:
    """MUF is what is missing: what was found beyond the movements counts below nothing."""
    assert periods((line(0, "count", 10), line(1, "count", 12)))[0].muf == -2


@given(st.lists(st.tuples(st.sampled_from(("receive", "issue", "adjust", "count")), st.integers(0, 10**15))))
def test_all_periods_together_account_for_first_and_last_count(moves: list[tuple[str, int]]) -> None:
    """Σ MUF = Σ inputs − Σ outputs − (last count − first count), over any number of periods."""
    lines = [
        line(number, operation, amount, {"receive": amount, "issue": -amount, "adjust": -amount}.get(operation, 0))
        for number, (operation, amount) in enumerate(moves)
    ]
    counts = [one for one in lines if one.kind == "count"]
    *closed, last = periods(lines) or (None,)
    assert (last is None) is (not counts)
    moved = [one for one in lines if counts and counts[0].offset < one.offset < counts[-1].offset]
    flows = sum(one.delta for one in moved if one.kind == "movement" and one.operation != "adjust")
    missing = sum(one.muf for one in closed if one is not None and one.muf is not None)
    assert missing == flows - (counts[-1].amount - counts[0].amount if counts else 0)


def test_a_book_at_an_instant_has_the_periods_up_to_then(bench: Bench) -> None:
    """The period that was open then is shown open, though it has been counted since."""
    books = Books(bench.asking.projected)
    now, then = books.book("ST-101", "DET-E"), books.book("ST-101", "DET-E", START + 24 * 6 * HOUR)
    assert now is not None
    assert then is not None
    assert [(one.opening, one.closing, one.muf) for one in now.periods] == [(158, 252, 20), (252, None, None)]
    assert [(one.opening, one.inputs, one.outputs, one.muf) for one in then.periods] == [(158, 240, 126, None)]
