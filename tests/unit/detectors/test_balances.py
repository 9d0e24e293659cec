"""Balance periods as B11, B12 and B13 rest on them: what ends one, and what a book carries from one to the next."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise

import msgspec
import pytest
from msgspec import Raw
from msgspec.structs import replace

from detectors.b12_protracted_loss import Trickle
from detectors.balances import BALANCES, Balances, Closed, Mended, a_year_at
from detectors.budget import YEAR
from detectors.detector import Step
from detectors.fold import Folded, Folding
from detectors.sequential.balance import Degenerate, Sitmuf, Why
from detectors.sequential.threshold import LONGEST
from events.time import DAY
from ledger.account import empty_account
from ledger.fact import Fact
from ledger.reference import Registered
from tests.checks.folding import steps, view_of
from tests.detector_kit import History, at, count, detector_of, movement, watch
from tests.unit.detectors.stocked import PAPERS, days, instrument, told

Made = Closed | Mended


def made(facts: Iterable[Fact], papers: tuple[Registered, ...] = PAPERS) -> list[Made]:
    """What the reckoning makes of a book's facts."""
    ordered = tuple(sorted(facts, key=lambda fact: fact.order))
    history = History("B12", "book:S1/EXP", ordered, at("day 400 00:00"), papers)
    view, state, found = view_of(history), BALANCES.start(), []
    for step in steps(history):
        state, outcome = BALANCES.see(state, step, view)
        found += [] if outcome is None else [outcome]
    return found


def closed(facts: Iterable[Fact], papers: tuple[Registered, ...] = PAPERS) -> list[Closed]:
    """The periods alone."""
    return [one for one in made(facts, papers) if isinstance(one, Closed)]


def counted(kilograms: float, day: int, by: str = "gauge", *, estimated: bool = False) -> Fact:
    """A count on the evening of a day."""
    when = f"day {day} 18:00" if not estimated else f"day {day} 19:00"
    return count(f"{kilograms} kg", goods="EXP", when=when, instrument=by, estimated=estimated)


def test_a_period_runs_from_count_to_count_whatever_was_estimated_between() -> None:
    """An estimate proves nothing: the next true count closes one period over both spans, with all that moved."""
    facts = days([0.0] * 6)
    guess = counted(700.0, 4, estimated=True)
    there = [one for one in facts if one.at != at("day 4 18:00")]
    found = closed([*there, guess])
    assert len(found) == 5
    longer = next(one for one in found if one.at == at("day 5 18:00"))
    assert longer.opened.since == at("day 3 18:00")
    assert sum(flow.quantity for flow in longer.period.inputs) == 120 * 10**6
    assert abs(longer.period.muf) < 20 * 10**6


def test_a_count_that_was_missed_loses_no_balance() -> None:
    """The two balances come out as their sum, exactly, and the pace slows down."""
    every = closed(days([1.0, 2.0, 3.0, 4.0]))
    fewer = closed([one for one in days([1.0, 2.0, 3.0, 4.0]) if one.at != at("day 3 18:00")])
    assert fewer[1].period.muf == every[1].period.muf + every[2].period.muf
    assert fewer[-1].a_year < every[-1].a_year
    assert fewer[-1].days == pytest.approx(4 / 3)


def test_a_plant_that_is_emptied_begins_from_a_stock_without_error() -> None:
    """Nothing is nothing, whatever gauge says so: what the last count erred by is gone, and no balance is NaN."""
    out = movement("issue", "1000 kg", goods="EXP", when="day 3 15:00", instrument="exact")
    back = movement("receive", "1000 kg", goods="EXP", when="day 5 09:00", instrument="exact")
    facts = [counted(1000.0, 1), counted(1004.0, 2), out, counted(0.0, 3), counted(0.0, 4), back, counted(998.0, 5)]
    found = closed(facts)
    assert [one.period.muf for one in found] == [-4_000_000, 4_000_000, 0, 2_000_000]
    empty, filled = found[2].balance, found[3].balance
    assert empty == Degenerate(Why.NO_UNCERTAINTY, 0, 0.0)
    assert isinstance(filled, Sitmuf)
    assert filled.expected == 0.0
    assert filled.sigma == pytest.approx(998e6 * 0.003)


def test_a_new_gauge_brings_a_bias_of_its_own() -> None:
    """A tank whose new gauge reads 1 % higher: under its own id that is its bias, under the old one's a gain."""
    first = [counted(1000.0, day) for day in range(1, 8)]
    swapped = [counted(1010.0, day, "new") for day in range(8, 15)]
    kept = [counted(1010.0, day) for day in range(8, 15)]
    papers = (instrument("gauge", 0.001, 0.01), instrument("new", 0.001, 0.01))
    with_own_id = closed([*first, *swapped], papers)[6].balance
    under_the_old = closed([*first, *kept], papers)[6].balance
    assert isinstance(with_own_id, Sitmuf)
    assert isinstance(under_the_old, Sitmuf)
    assert abs(with_own_id.value) < 1.0
    assert under_the_old.value < -7.0
    assert not watch(History("B13", "book:S1/EXP", (*first, *swapped), at("day 60 00:00"), papers))
    assert watch(History("B13", "book:S1/EXP", (*first, *kept), at("day 60 00:00"), papers))


def test_an_instrument_whose_paper_was_late_is_judged_again() -> None:
    """Its errors are those of its paper at the time of the measurement, whenever that was registered."""
    rough = (instrument("gauge", 0.05), PAPERS[1])
    theft = days([0.0] * 8 + [40.0, 0.0])
    assert watch(told("B11", theft))
    assert not watch(replace(told("B11", theft), reference=rough))


def test_exact_instruments_give_no_statistic_and_no_claim() -> None:
    """Where nothing errs every difference is B1's; the three tests say nothing, and nothing divides by zero."""
    facts = [counted(1000.0 - 10 * day, day, "exact") for day in range(1, 12)]
    assert all(isinstance(one.balance, Degenerate) for one in closed(facts))
    for rule in ("B11", "B12", "B13"):
        assert not watch(told(rule, tuple(facts)))


def test_an_adjustment_lets_the_counts_before_it_vouch_no_longer() -> None:
    """The next balance is judged by its own two counts alone; what moved stays a part of it."""
    facts = days([0.0] * 12)
    mend = movement("adjust", "5 kg", goods="EXP", when="day 13 20:00", direction="out", approver="A")
    after = [counted(1000.0, 14), counted(1000.0, 15)]
    judged = [one for one in made([*facts, mend, *after]) if isinstance(one, Mended | Closed)]
    assert [type(one).__name__ for one in judged[-3:]] == ["Mended", "Closed", "Closed"]
    fresh = judged[-2]
    assert isinstance(fresh, Closed)
    assert isinstance(fresh.balance, Sitmuf)
    assert fresh.balance.expected == 0.0
    assert fresh.balance.sigma == pytest.approx(math.hypot(*(2 * [1000e6 * 0.003])), rel=0.01)


def test_the_pace_is_that_of_the_latest_counts() -> None:
    """A book that went from daily to weekly counts is weekly after a season; rounding errs to fewer alarms."""
    facts = [counted(1000.0, day) for day in [*range(1, 30), *range(36, 330, 7)]]
    found = closed(facts)
    assert found[20].a_year == a_year_at(DAY) == 384
    assert found[-1].a_year in (56, 64)


@pytest.mark.parametrize(
    ("interval", "number"),
    [
        (DAY // 30, LONGEST), (YEAR / LONGEST, LONGEST), (YEAR / 9_000, 9_216), (DAY, 384), (7 * DAY, 52),
        (YEAR / 15, 15), (YEAR / 16, 16), (YEAR / 17, 18), (YEAR / 32, 32), (YEAR / 33, 36), (YEAR / 365.6, 384),
        (YEAR, 1), (YEAR / 1.4, 1), (YEAR / 1.6, 2), (3 * YEAR, 1),
    ],
)  # fmt: skip
def test_a_pace_is_rounded_up_to_four_binary_digits(interval: float, number: int) -> None:
    """So that few thresholds are ever computed, each for as many counts as there are or a few more."""
    assert a_year_at(interval) == number


def test_the_pace_is_a_mean_of_which_the_latest_sixteen_intervals_make_the_most() -> None:
    """At first the plain mean; from then on each new interval counts for a sixteenth."""
    every = [1, 2, 4, 7, 8, 10, 11, 15, 16, 20, 21, 22, 30, 31, 33, 34, 40, 50, 51]
    found = closed([counted(1000.0, day) for day in every])
    mean = 0.0
    for number, (one, (before, after)) in enumerate(zip(found, pairwise(every), strict=True), start=1):
        mean += (after - before - mean) / min(number, 16)
        assert one.days == pytest.approx(mean)
        assert one.number == number


def test_a_declared_loss_is_told_with_the_period_in_which_it_was_declared() -> None:
    """It leaves the book like any movement, and the rules learn how much of what is missing was said to be."""
    lost = movement("declare_loss", "3 kg", goods="EXP", when="day 2 09:00")
    more = movement("declare_loss", "2 kg", goods="EXP", when="day 2 10:00")
    found = closed([counted(1000.0, 1), lost, more, counted(995.0, 2), counted(995.0, 3)])
    assert [(one.declared, one.period.muf) for one in found] == [(5_000_000, 0), (0, 0)]


def test_a_period_is_told_with_what_began_and_ended_it() -> None:
    """The count that opened it with its reference, the one that closed it, and what the book carries then."""
    facts = [counted(1000.0, 1), counted(990.0, 2), counted(985.0, 3)]
    first, second = closed(facts)
    assert (first.opened.since, first.opened.ref, first.at) == (facts[0].at, facts[0].ref, facts[1].at)
    assert (second.opened.since, second.opened.ref, second.count) == (facts[1].at, facts[1].ref, facts[2].body)
    assert (first.period.muf, second.period.muf) == (10_000_000, 5_000_000)
    assert (first.number, second.number, second.whitened.periods) == (1, 2, 2)
    assert second.period.opening == first.period.closing


def test_what_is_counted_by_the_piece_or_measured_before_any_count_is_no_balance() -> None:
    """Pieces do not err; what moved before the first count is in it."""
    before = movement("receive", "60 kg", goods="EXP", when="day 1 09:00", instrument="exact")
    (found,) = closed([before, counted(1000.0, 1), counted(1000.0, 2)])
    assert (found.period.inputs, found.period.muf) == ((), 0)
    assert not made([count("9 item", when=f"day {day} 18:00") for day in (1, 2, 3)])


def test_an_adjustment_alone_mends_the_book() -> None:
    """What only passes a shift's hands, or is declared as nothing, is no mending."""
    mend = movement("adjust", "5 kg", goods="EXP", when="day 2 09:00", direction="in", approver="A")
    assert made([counted(1000.0, 1), mend]) == [Mended()]
    assert made([mend, counted(1000.0, 3)]) == []


@pytest.mark.parametrize(
    ("value", "muf", "expected", "short"),
    [
        (3.1, 10, 0.0, True), (3.0, 10, 0.0, False), (-3.1, -10, 0.0, False), (3.1, -5, -50.0, False),
        (3.1, 0, -50.0, False),
        (3.1, 10, -10.0, True), (3.1, 10, -10.1, False), (3.1, 10, 5.0, True),
    ],
)  # fmt: skip
def test_a_period_is_abruptly_short_where_most_of_the_surprise_is_its_own(
    value: float, muf: int, expected: float, short: bool
) -> None:
    """Over the limit, something missing in it, and at least half of what surprises is."""
    (period,) = closed([counted(1000.0, 1), counted(990.0, 2)])
    assert replace(period, balance=Sitmuf(value, muf, expected, 1.0)).abruptly_short(3.0) is short
    assert not replace(period, balance=Degenerate(Why.FORETOLD, muf, expected)).abruptly_short(3.0)


def test_one_balance_is_worked_out_once_for_all_three_rules() -> None:
    """A fold of all three: the reckoning's state stands beside theirs, and theirs hold no balance of their own."""
    history = told("B11", days([0.0] * 10 + [40.0, 0.0]))
    rules = [detector_of(rule, "book") for rule in ("B11", "B12", "B13")]
    start = Folded(empty_account("book"), {}, {}, {})
    end = Folding("book", rules).fold(start, history.facts, view_of(history))
    assert end.states.keys() == {"balances", "B11", "B12", "B13"}
    assert isinstance(end.states["balances"], Balances)
    assert end.states["balances"].whitened.periods == 12
    assert {name for name, _ in end.claims} == {"B11", "B12"}


def test_a_reckoning_that_falls_over_takes_its_rules_with_it_and_nobody_else() -> None:
    """All three are incomplete with the reason; the state is dropped, so that a newer version begins anew."""
    history = told("B11", days([0.0] * 3))
    impossible = replace(history.facts[4], body=replace(history.facts[4].body, amount=-(10**6)))  # type: ignore[type-var]
    rules = [detector_of(rule, "book") for rule in ("B11", "B12", "B13", "B2")]
    facts = (*history.facts[:4], impossible, *history.facts[5:])
    end = Folding("book", rules).fold(Folded(empty_account("book"), {}, {}, {}), facts, view_of(history))
    assert end.failed.keys() == {"B11", "B12", "B13"}
    assert all("ValueError" in reason for reason in end.failed.values())
    assert "balances" not in end.states


def test_what_an_older_version_kept_in_b12_is_taken_over() -> None:
    """Version 2 had the balances within B12's state: both are read from it, and the fold goes on."""
    history = told("B12", days([0.0] * 10 + [5.0] * 8))
    view, state = view_of(history), BALANCES.start()
    for step in steps(history):
        state, _ = BALANCES.see(state, step, view)
    opened = None if state.opened is None else (state.opened.since, state.opened.ref, 0, 0)
    run = (at("day 11 18:00"), history.facts[30].ref, 12_000_000, 5)
    (said,) = watch(history)
    old = (state.opening, opened, state.flows, state.whitened, (4.25, 0.0, 18), run, said.claim)
    kept = BALANCES.taken_over({"B12": Raw(msgspec.msgpack.encode(old))})
    balances = msgspec.msgpack.decode(kept["balances"], type=Balances)
    trickle = msgspec.msgpack.decode(kept["B12"], type=Trickle)
    assert balances == replace(state, interval=0.0, intervals=0)
    assert trickle.drift.total == 4.25
    assert trickle.drift.run is not None
    assert (trickle.drift.run.amount, trickle.drift.run.periods) == (12_000_000, 5)
    assert (trickle.open, trickle.paged) == (said.claim, True)
    step = Step(counted(900.0, 30), empty_account("book"), empty_account("book"))
    assert isinstance(BALANCES.see(balances, step, view)[1], Closed)
    assert BALANCES.taken_over(kept) == {}
