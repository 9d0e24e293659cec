"""How sure amounts are that instruments report: each errs alike in all that it measures, others independently."""

from __future__ import annotations

import math
from random import Random

import pytest
from msgspec.structs import replace

from detectors.detector import View
from detectors.measuring import EXACT, INSTRUMENTS, Flows, Line, deviation, stated, unstated
from detectors.sequential.balance import Measured, Period, Uncertainty
from events.registry import InstrumentEntry
from ledger.fact import Count, Movement
from ledger.reference import Reference
from tests.detector_kit import at, count, movement, register, world

SCALE, METER = Uncertainty("scale", 0.01, 0.002), Uncertainty("meter", 0.02, 0.0)


def shown(lines: tuple[Line, ...]) -> list[tuple[str, float, int, float]]:
    """Lines with their variances to nine digits."""
    return [(line.id, line.systematic, line.quantity, round(line.variance, 9)) for line in lines]


def test_what_comes_in_and_goes_out_is_added_up_by_instrument() -> None:
    """The amounts, and the variances of the random errors, each in its own direction; nothing adds nothing."""
    flows, came = Flows(), ((300, SCALE), (100, METER), (400, SCALE), (0, METER), (1, METER))
    for delta, sure in (*came, (-50, SCALE), (-1, METER)):
        flows = flows.moved(delta, sure)
    assert shown(flows.inputs) == [("scale", 0.002, 700, 25.0), ("meter", 0.0, 101, 4.0004)]
    assert shown(flows.outputs) == [("scale", 0.002, 50, 0.25), ("meter", 0.0, 1, 0.0004)]
    assert Flows().moved(0, SCALE) == Flows()


def test_an_instrument_with_another_bias_is_another_one() -> None:
    """One that was calibrated anew under its old name errs anew; one whose random error alone changed does not."""
    flows = Flows().moved(100, SCALE).moved(100, Uncertainty("scale", 0.03, 0.002))
    assert shown(flows.inputs) == [("scale", 0.002, 200, 10.0)]
    two = flows.moved(100, Uncertainty("scale", 0.01, 0.004))
    assert shown(two.inputs) == [("scale", 0.002, 200, 10.0), ("scale", 0.004, 100, 1.0)]


def test_a_balance_is_as_sure_as_if_each_movement_stood_by_itself() -> None:
    """σ of hundreds of movements of three instruments is that of the formula over every single one."""
    draw, scales = Random(5), [Uncertainty(f"s{number}", 0.001 * number, 0.0005 * number) for number in (1, 2, 3)]
    moves = [(draw.randint(-(10**6), 10**6), draw.choice(scales)) for _ in range(300)]
    flows = Flows()
    for delta, sure in moves:
        flows = flows.moved(delta, sure)
    opening, closing = Measured(10**7, Uncertainty("gauge", 0.002, 0.001)), Measured(9 * 10**6, scales[0])
    terms = [(delta * sure.random) ** 2 for delta, sure in moves]
    terms += [(10**7 * 0.002) ** 2, (9 * 10**6 * 0.001) ** 2, (10**7 * 0.001) ** 2]
    for scale in scales:
        pull = sum(delta for delta, sure in moves if sure is scale) - (9 * 10**6 if scale is scales[0] else 0)
        terms.append((pull * scale.systematic) ** 2)
    assert deviation(flows.period(opening, closing)) == pytest.approx(math.sqrt(math.fsum(terms)))
    assert flows.period(opening, closing).muf == sum(delta for delta, _ in moves) + 10**6


def test_instruments_beyond_the_bound_err_independently() -> None:
    """The ninth and all after it share a line, with both parts of their errors; the eight go on as they were."""
    flows = Flows()
    for number in range(INSTRUMENTS + 2):
        flows = flows.moved(1000, Uncertainty(f"s{number}", 0.003, 0.004)).moved(-10, SCALE)
    flows = flows.moved(500, Uncertainty("s0", 0.003, 0.004))
    own = [(f"s{number}", 0.004, 1000, 9.0) for number in range(1, INSTRUMENTS)]
    assert sorted(shown(flows.inputs)) == [("", 0.0, 2000, 50.0), ("s0", 0.004, 1500, 11.25), *own]
    assert shown(flows.outputs) == [("scale", 0.002, 100, 0.1)]


def test_a_line_is_one_measurement_whose_error_is_that_of_all() -> None:
    """Relative to what it measured in all, and never more than the whole of it."""
    assert Line("s", 0.1, 200, 400.0).measured() == Measured(200, Uncertainty("s", 0.1, 0.1))
    assert Line("s", 0.1, 10, 400.0).measured() == Measured(10, Uncertainty("s", 1.0, 0.1))
    assert Line("s", 0.1, 0, 0.0).measured() == Measured(0, Uncertainty("s", 0.0, 0.1))


def test_what_needs_no_measuring_is_exact() -> None:
    """An empty store: whatever is counted in it is there."""
    assert deviation(Period((), (), Measured(10**9, EXACT), Measured(0, EXACT))) == 0.0


@pytest.mark.parametrize(
    ("random", "systematic", "both"), [(0.03, 0.04, 0.05), (0.0, 0.02, 0.02), (0.6, 0.8, 1.0), (0.9, 0.9, 1.0)]
)
def test_an_instrument_that_nobody_registered_errs_anew_each_time(
    random: float, systematic: float, both: float
) -> None:
    """Nobody knows that it is the same one: both parts count as random, at most the whole."""
    found = unstated(random, systematic)
    assert found.random == pytest.approx(both)
    assert found.bias == ("", 0.0)


def paper(name: str, random: float, systematic: float) -> InstrumentEntry:
    """An instrument's paper."""
    return InstrumentEntry(instrument=name, site="S1", random=random, systematic=systematic)


def body(of: str, instrument: str | None) -> Movement | Count:
    """A movement or a count at S1, of unit U1, by an instrument."""
    made = movement(of, "1 kg", goods="EXP", when="day 1 08:00").body
    if of == "count":
        made = count("1 kg", goods="EXP", when="day 1 08:00").body
    assert isinstance(made, Movement | Count)
    return replace(made, instrument=instrument)


@pytest.mark.parametrize("of", ["issue", "count"])
def test_an_instrument_errs_as_its_paper_said_then(of: str) -> None:
    """Of the own unit, in force at the measurement; without a name or a paper nothing is stated."""
    papers = (
        register(paper("scale", 0.01, 0.002), unit="U1", valid_from="day 1 00:00"),
        register(paper("scale", 0.03, 0.004), unit="U1", valid_from="day 5 00:00"),
        register(paper("lent", 0.01, 0.0), unit="U2"),
    )
    view = View("book:S1/EXP", Reference(papers), world())
    days = ("day 0 23:59", "day 1 00:00", "day 4 23:59", "day 5 00:00", "day 2 00:00")
    found = [stated(body(of, "scale"), at(day), view) for day in days]
    first, then = Uncertainty("scale", 0.01, 0.002), Uncertainty("scale", 0.03, 0.004)
    assert found == [None, first, first, then, first]
    assert [stated(body(of, name), at("day 2 00:00"), view) for name in (None, "lent", "scale")] == [
        None,
        None,
        first,
    ]
