"""A budget is stated in one way, and whoever reads a policy that states two, or none, is told how to mend it."""

from __future__ import annotations

import tomllib

import msgspec
import pytest

from detectors.b11_abrupt_loss import Parameters as AbruptParameters
from detectors.b12_protracted_loss import Parameters as ProtractedParameters
from detectors.b13_unexplained_gain import Parameters as GainParameters
from detectors.budget import YEAR, Budget
from detectors.policy import PolicyFault, read_policy
from detectors.sequential.threshold import (
    page_run_length,
    page_threshold,
    shewhart_alarm_probability,
    shewhart_threshold,
)
from events.time import DAY
from tests.detector_kit import policy_texts

A_WEEK = "false_alarm = 0.0\nalarms_per_week = 0.5\nbooks = 200\n"
KINDS: dict[str, type[Budget]] = {"B11": AbruptParameters, "B12": ProtractedParameters, "B13": GainParameters}


def policy(parameters: str, *overrides: str) -> str:
    """A policy of the three rules: these parameters, then each override's matcher and parameters."""
    told = []
    for rule in KINDS:
        told.append(f'[{rule}]\nseverity = "red"\ninform_unit = "never"\n[{rule}.parameters]\n{parameters}')
        for override in overrides:
            matcher, _, given_there = override.partition(": ")
            told.append(f"[[{rule}.override]]\n{matcher}\n[{rule}.override.parameters]\n{given_there}")
    return "\n".join(told)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_policy_that_stated_a_probability_reads_as_it_did(kind: type[Budget]) -> None:
    """Published before there were alarms a week: the probability and its horizon speak."""
    found = msgspec.convert({"false_alarm": 0.05, "horizon_periods": 12}, kind)
    assert round(found.page(365, 0.5), 4) == 3.3745
    assert round(found.shewhart(365), 4) == 2.6303


def test_what_a_policy_leaves_out_is_as_shipped() -> None:
    """One false alarm of fifty books in a year, of at most daily counts."""
    for rule, kind in KINDS.items():
        shipped = tomllib.loads(policy_texts()[rule])["parameters"]
        assert msgspec.convert({}, kind) == msgspec.convert(shipped, kind)
    assert (Budget().false_alarm, Budget().horizon_periods, Budget().books) == (0.02, 365, 1)
    assert YEAR == 365 * DAY


def test_the_bounds_of_a_budget_are_within_them() -> None:
    """One book, one period, every false alarm but the last."""
    found = read_policy(policy("books = 1\nhorizon_periods = 1\nfalse_alarm = 0.999"), KINDS)
    assert found.terms("B11", "fireworks", (), "U1").parameters == AbruptParameters(0.999, 1, 0.0, 1)


@pytest.mark.parametrize(
    "text",
    [
        policy("alarms_per_week = 0.5"),
        policy("false_alarm = 0.02\nalarms_per_week = 0.5"),
        policy("false_alarm = 0.0"),
        policy("false_alarm = 0.02", 'area = "350100": alarms_per_week = 0.5'),
        policy(A_WEEK, 'unit = "U7": false_alarm = 0.02'),
        policy("", 'area = "350100": ' + A_WEEK, 'unit = "U7": false_alarm = 0.02'),
    ],
    ids=["both by default", "both", "neither", "both under an override", "the other way round", "two overrides"],
)
def test_a_budget_stated_twice_or_not_at_all_is_refused(text: str) -> None:
    """Under every override, and under any two that may meet: the fault names the rule and says what to write."""
    with pytest.raises(PolicyFault, match=r"rule B1[123]: state either false_alarm .* or alarms_per_week"):
        read_policy(text, KINDS)


def test_an_override_states_the_other_way_by_naming_both() -> None:
    """A prefecture by alarms a week, one unit in it by a probability: each is what it is held to."""
    text = policy(
        "false_alarm = 0.02",
        'area = "350100": ' + A_WEEK,
        'unit = "U7": false_alarm = 0.001\nalarms_per_week = 0.0',
        'category = "chemicals": false_alarm = 0.01\nalarms_per_week = 0.0',
        'unit = "U8": horizon_periods = 52',
    )
    found = read_policy(text, KINDS)
    there, unit = (found.terms("B11", "fireworks", ("350102", "350100"), name).parameters for name in ("U1", "U7"))
    assert (there.false_alarm, there.alarms_per_week, there.books) == (0.0, 0.5, 200)
    assert (unit.false_alarm, unit.alarms_per_week) == (0.001, 0.0)


@pytest.mark.parametrize(
    "parameters",
    [
        "false_alarm = 1.0", "false_alarm = -0.1", "alarms_per_week = -1.0", "books = 0", "horizon_periods = 0",
        "power = 0.0", "power = 1.0", "k = -0.1", "k = 5.1", "warmup_periods = -1", "unstated_random = 1.1",
        "unstated_systematic = -0.1", "cumuf_share = 0.0", "cumuf_share = 1.0", "cumuf_days = 0",
        "noticed_days = -1",
    ],
)  # fmt: skip
def test_what_is_no_probability_rate_or_number_is_refused(parameters: str) -> None:
    """Named, with what it must be, before any book is judged by it."""
    with pytest.raises(PolicyFault, match=rf"rule B12: Expected .* at `\$\.{parameters.partition(' ')[0]}`"):
        read_policy(policy(parameters), {"B12": ProtractedParameters}, published=True)


def test_a_count_is_given_no_more_than_every_tenth_false_alarm() -> None:
    """Whatever is stated: a tenth of the counts is the most, of which the tests have their parts."""
    half = Budget(false_alarm=0.0, alarms_per_week=52.0 * 7 / 365, books=10)
    assert half.a_period(52) == pytest.approx(0.1)
    assert half.a_period(104) == pytest.approx(0.05)
    assert half.a_period(26) == 0.1
    assert half.a_period(26, 0.25) == pytest.approx(0.05)


def test_a_year_of_few_counts_spends_the_whole_probability_on_them() -> None:
    """And one of more counts than the horizon has the limits of the horizon."""
    budget = Budget(false_alarm=0.05, horizon_periods=52)
    for a_year, periods in ((12, 12), (51, 51), (52, 52), (53, 52), (365, 52)):
        assert budget.shewhart(a_year) == shewhart_threshold(periods, 0.05)
        assert budget.page(a_year, 0.5, 0.75) == page_threshold(periods, 0.5, 0.0375)


def test_windows_spend_their_part_in_either_way() -> None:
    """A part of the probability, or what so many a year may have of the rate: never more than every tenth."""
    assert Budget(false_alarm=0.05).windows(2, 0.25) == pytest.approx(0.0125)
    rate = Budget(false_alarm=0.0, alarms_per_week=0.7, books=365)
    assert rate.windows(2, 0.5) == pytest.approx(0.7 / 365 * 365 / 7 * 0.5)
    assert rate.windows(365, 0.5) == pytest.approx(0.05)
    assert Budget(false_alarm=0.0, alarms_per_week=7.0).windows(2, 0.5) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("a_week", "books", "a_year", "k"),
    [
        (50.0, 1, 52, 0.5), (50.0, 1, 10_000, 0.25), (1.0, 100, 384, 0.5), (0.5, 200, 52, 1.0), (0.01, 1, 12, 0.5),
        (0.01, 10_000, 384, 1.0), (7.0, 1, 1, 0.25),
    ],
)  # fmt: skip
def test_its_limits_alarm_as_often_as_stated(a_week: float, books: int, a_year: int, k: float) -> None:
    """Exactly, a book and week, by the run length of each test; no more than every tenth count is ever allowed."""
    budget = Budget(false_alarm=0.0, alarms_per_week=a_week, books=books)
    a_count = min(a_week / books * 365 / 7 / a_year, 0.1)
    assert 1.0 / page_run_length(budget.page(a_year, k), k) == pytest.approx(a_count, rel=1e-6)
    assert shewhart_alarm_probability(budget.shewhart(a_year), (0.0,)) == pytest.approx(a_count, rel=1e-6)
