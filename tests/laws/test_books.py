"""Books as asked against the ledger: what pages show is what accounts and postings hold, at any instant."""

from __future__ import annotations

from functools import reduce
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from desk.books import Book, Books
from desk.lines import Line
from desk.periods import periods
from desk.transit import Passage
from detectors.balances import BALANCES, Balances
from detectors.detector import Step
from detectors.measuring import EXACT
from detectors.sequential.balance import Measured
from events.log import Received
from events.time import HOUR
from ledger import account
from ledger.fact import Count, Fact, Movement
from ledger.posting import BOOK, posting, transit
from simulator import stories as s
from streams.effects import BookLine
from tests.detector_kit import Bench, History, count, movement
from tests.engines import Answering, Held
from tests.laws.histories import logs, with_ticks
from tests.laws.lanes import published
from tests.laws.test_laws import tried

Legs = dict[tuple[str, str], list[Fact]]
"""(consignment, goods) → the movements on it, in event order."""


@tried
@given(logs(), st.integers(2, 3 * 8))
def test_a_book_as_asked_is_the_ledgers(log: list[Received], step: int) -> None:
    """Law 1 as shown: at an instant of event time totals, balance, periods and transit are the accounts'."""
    house = Answering()
    house.run([published(), *with_ticks(log)])
    at = s.at("day 1 00:00") + step * 3 * HOUR
    standing = _standing(house.lines, at)
    accounts, ways = _posted(standing), _ways(standing)
    books = Books(Held(house.db))
    balances, under_way = 0, dict[tuple[str, str], int]()
    for kept in books.page(None, limit=1_000)[0]:
        book = books.book(kept.site, kept.goods, at)
        facts = [line.fact for line in standing if line.key == f"book:{kept.site}/{kept.goods}"]
        if book is None:
            assert not facts, "all that was booked there is gone"
            continue
        _check_totals(book, facts)
        _check_periods(book)
        _check_transit(book, ways, accounts)
        balances += book.balance
        under_way |= {(one.consignment, book.goods): one.in_transit for one in book.transit.open}
    uneven = {key: _way(facts, key[1]).in_transit for key, facts in ways.items()}
    assert under_way == {key: left for key, left in uneven.items() if left}
    outside = sum(n for (_, name), n in accounts.items() if not name.startswith(("book:", "transit:")))
    assert balances + sum(under_way.values()) == -outside


_moves = st.tuples(
    st.sampled_from(
        ("open", "receive", "issue", "consume", "declare_loss", "adjust", "count", "count", "estimate")
    ),
    st.integers(0, 40),
    st.booleans(),
)


@given(st.lists(_moves, max_size=25))
def test_periods_are_those_that_the_sequential_test_judges(moves: list[tuple[str, int, bool]]) -> None:
    """One definition: after each fact the page's periods are what the balance rules rest on, to the base unit."""
    facts = [_fact(number, *move) for number, move in enumerate(moves)]
    house = Answering()
    house.tell(BookLine("book:S1/EXP", fact) for fact in facts)
    book = Books(Held(house.db)).book("S1", "EXP")
    lines = [] if book is None else [entry.line for entry in book.entries]
    assert [line.fact for line in lines] == [fact.id for fact in facts]
    view = Bench(History("B12", "book:S1/EXP", (), 0)).view
    state, held = BALANCES.start(), account.empty_account("book")
    for number, fact in enumerate(facts):
        muf = _muf(state, fact)
        after = account.apply(held, fact)
        state, _ = BALANCES.see(state, Step(fact, held, after), view)
        held = after
        _check_carried(state, lines[: number + 1], muf)


def _fact(number: int, operation: str, amount: int, flag: bool) -> Fact:
    told, when = f"{amount} kg", f"day {1 + number // 12} {8 + number % 12:02d}:00"
    match operation:
        case "count" | "estimate":
            return count(told, goods="EXP", when=when, estimated=operation == "estimate")
        case "adjust":
            return movement("adjust", told, goods="EXP", when=when, direction="in" if flag else "out")
        case "issue" | "declare_loss" if flag:
            return movement(operation, told, goods="EXP", when=when, consignment="C1")
        case _:
            return movement(operation, told, goods="EXP", when=when)


def _muf(state: Balances, fact: Fact) -> int | None:
    """What is found missing where this fact closes a period."""
    if not isinstance(fact.body, Count) or fact.body.estimated or state.opening is None:
        return None
    return state.flows.period(state.opening, Measured(fact.body.amount, EXACT)).muf


def _check_carried(state: Balances, lines: list[Line], muf: int | None) -> None:
    shown = periods(lines)
    if state.opening is None or state.opened is None:
        assert shown == ()
        return
    *closed, running = shown
    assert state.whitened.periods == len(closed)
    assert (running.start, running.opening) == (state.opened.since, state.opening.quantity)
    assert running.inputs == sum(flow.quantity for flow in state.flows.inputs)
    assert running.outputs == sum(flow.quantity for flow in state.flows.outputs)
    assert muf is None or closed[-1].muf == muf


def _standing(lines: list[BookLine], at: int) -> list[BookLine]:
    """The latest version of each line up to an instant, in event order."""
    latest: dict[tuple[str, str], BookLine] = {}
    for line in lines:
        known = latest.get((line.key, line.fact.id))
        if known is None or line.fact.version > known.fact.version:
            latest[(line.key, line.fact.id)] = line
    stands = [line for line in latest.values() if line.fact.body is not None and line.fact.at <= at]
    return sorted(stands, key=lambda line: line.fact.order)


def _posted(lines: list[BookLine]) -> dict[tuple[str, str], int]:
    accounts: dict[tuple[str, str], int] = {}
    for line in lines:
        moved = line.fact.body
        if isinstance(moved, Movement):
            for name, sign in zip(posting(moved), (-1, 1), strict=True):
                key = (moved.goods, line.key if name == BOOK else name)
                accounts[key] = accounts.get(key, 0) + sign * moved.amount
    return accounts


def _ways(lines: list[BookLine]) -> Legs:
    legs: Legs = {}
    for line in lines:
        moved = line.fact.body
        if isinstance(moved, Movement) and moved.consignment is not None:
            legs.setdefault((moved.consignment, moved.goods), []).append(line.fact)
    return legs


def _way(facts: list[Fact], goods: str) -> account.Way:
    trip = reduce(account.apply, facts, account.empty_account("consignment"))
    assert isinstance(trip, account.Trip)
    way = trip.way(goods)
    assert way is not None
    return way


def _check_totals(book: Book, facts: list[Fact]) -> None:
    """opening + in − out + adjusted − lost = balance, each as the ledger's account has it."""
    held, shown = reduce(account.apply, facts, account.empty_account("book")), book.totals
    assert isinstance(held, account.Book)
    assert (book.balance, shown.opening, shown.adjusted) == (held.balance, held.opening, held.adjusted)
    assert shown.received + shown.produced + shown.returned == held.inward
    assert -(shown.issued + shown.consumed + shown.destroyed) == held.outward
    assert -shown.lost == held.lost
    assert held.opening + held.inward - held.outward + held.adjusted - held.lost == book.balance


def _check_periods(book: Book) -> None:
    """Each period adds up, starts where the one before ends, and moves the book as its lines do."""
    balances = {entry.line.fact: entry.balance for entry in book.entries}
    for period in book.periods:
        assert period.book_change == period.inputs - period.outputs + period.adjusted
        end = book.balance if period.closing_fact is None else balances[period.closing_fact]
        assert end - balances[period.opening_fact] == period.book_change
        if period.closing is not None and period.muf is not None:
            assert period.opening + period.inputs - period.outputs - period.muf == period.closing
    for before, after in pairwise(book.periods):
        assert (before.end, before.closing, before.closing_fact) == (after.start, after.opening, after.opening_fact)
    assert [period.end is None for period in book.periods] == [False] * (len(book.periods) - 1) + [True] * bool(
        book.periods
    )


def _check_transit(book: Book, ways: Legs, accounts: dict[tuple[str, str], int]) -> None:
    """Each consignment is as the trip's account and the transit account have it; the totals are their sums."""
    mine: dict[str, list[account.Way]] = {"out": [], "into": []}
    for (_, goods), facts in ways.items():
        bodies = [fact.body for fact in facts if isinstance(fact.body, Movement)]
        own = [body for body in bodies if body.site == book.site]
        sent = [body for body in bodies if body.operation == "issue"]
        if goods == book.goods and (own or any(body.counterparty_site == book.site for body in sent)):
            out = any(body.operation == "issue" for body in own)
            mine["out" if out else "into"].append(_way(facts, goods))
    assert (book.transit.out, book.transit.into) == (_passage(mine["out"]), _passage(mine["into"]))
    for one in book.transit.open:
        way = _way(ways[(one.consignment, book.goods)], book.goods)
        assert (one.sent, one.received, one.lost, one.in_transit) == (
            way.sent,
            way.received,
            way.lost,
            way.in_transit,
        )
        assert accounts[(book.goods, transit(one.consignment))] == one.in_transit != 0
        assert one.since == (way.sent_at if way.sent_at is not None else ways[(one.consignment, book.goods)][0].at)


def _passage(ways: list[account.Way]) -> Passage:
    return Passage(
        consignments=len(ways),
        sent=sum(way.sent for way in ways),
        received=sum(way.received for way in ways),
        lost=sum(way.lost for way in ways),
        in_transit=sum(way.in_transit for way in ways),
    )
