"""What if: the columns say what one unit-day after another would, whatever the terms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from numpy.typing import NDArray

from benchmarks.plain_what_if import Warned, plainly
from models.calibrate import Budget, limit
from models.episode import episodes, strangest
from models.scored import Scored, ScoredRefused, checked
from models.season import Season
from models.whatif import (
    Raised,
    chain,
    counted,
    difference,
    grouped,
    outlier_days,
    population,
    raise_under,
    week_text,
)
from tests.unit.models.columns import CATEGORIES, CHAINS, USUAL, Row, Told, columns

SCORES = [n / 20 for n in range(8, 19)]
CELLS = len(CHAINS) * len(CATEGORIES)
CLEAN = tuple(0.4 + n / 1_000 for n in range(200))
FOUND = limit(np.array(CLEAN), USUAL.budget)
assert FOUND is not None
BAR = FOUND.score
"""The limit under the usual terms."""

ROWS = st.lists(
    st.builds(
        Row,
        unit=st.integers(0, 3),
        day=st.integers(20_570, 20_600),
        cell=st.integers(0, CELLS - 1),
        score=st.sampled_from(SCORES),
        times=st.sampled_from([1.0, 2.0, 3.0, 9.0]),
        even=st.sampled_from(SCORES),
    ),
    max_size=60,
)
SEASONS = st.builds(
    Season, st.sampled_from([1.0, 2.0, 5.0]), st.integers(0, 20), st.integers(0, 9),
    st.sampled_from([1.0, 3.0]), st.integers(0, 9), st.integers(0, 9),
)  # fmt: skip
TERMS = st.builds(
    lambda alarms, bridge, enabled, waits, season: replace(
        USUAL, budget=Budget(alarms, 100.0, 0.8), bridge_days=bridge, enabled=enabled, waits=waits * 3_600_000_000,
        season=season,
    ),
    st.sampled_from([1.0, 5.0, 20.0, 60.0]), st.integers(1, 6), st.booleans(), st.integers(0, 60), SEASONS,
)  # fmt: skip
POLICIES = st.builds(
    Told,
    usual=TERMS,
    areas=st.dictionaries(st.sampled_from(["350102", "350100", "350300"]), TERMS, max_size=2),
    named=st.dictionaries(st.sampled_from(["U0", "U2"]), TERMS, max_size=2),
)
CLEANS = st.lists(st.lists(st.sampled_from(SCORES), min_size=1, max_size=40), min_size=1, max_size=2)


def told(raised: Raised) -> list[Warned]:
    """The warnings as rows."""
    return [
        Warned(first, last, is_open)
        for first, last, is_open in zip(
            raised.first.tolist(), raised.last.tolist(), raised.open.tolist(), strict=True
        )
    ]


@given(ROWS, CLEANS, POLICIES, st.integers(20_601, 20_606))
def test_columns_say_what_one_day_after_another_does(
    rows: list[Row], clean: list[list[float]], policy: Told, until: int
) -> None:
    """Law: warnings, what is scored and what is borne are the slow twin's, for any rows and any terms."""
    scored = columns(rows, clean, until)
    plain, among = plainly(scored, policy), population(scored)
    raised = raise_under(scored, policy, among)
    assert told(raised) == plain.warned
    for (week, cell), number in plain.scored.items():
        assert among.scored[week - among.week, cell] == number
        assert raised.budgeted[week - among.week, cell] == pytest.approx(plain.budgeted[week, cell])
    assert among.scored.sum() == len(scored)
    assert counted(scored, raised, among).sum() == len(plain.warned)
    assert outlier_days(scored, raised, among).sum() == sum(last - first + 1 for first, last, _ in plain.warned)


@given(ROWS, CLEANS, POLICIES, POLICIES)
def test_what_is_gained_and_lost_shares_no_day_with_the_other_side(
    rows: list[Row], clean: list[list[float]], one: Told, other: Told
) -> None:
    """Law: gained meets nothing of now, lost nothing of then; all else meets something."""
    scored = columns(rows, clean, 20_610)
    among = population(scored)
    now, then = raise_under(scored, one, among), raise_under(scored, other, among)
    gained, lost = difference(now, then)
    days = [{row for first, last, _ in told(side) for row in range(first, last + 1)} for side in (now, then)]
    for side, apart, others in ((then, gained, days[0]), (now, lost, days[1])):
        for place, (first, last, _) in enumerate(told(side)):
            assert (place in apart) is others.isdisjoint(range(first, last + 1))


@given(ROWS, CLEANS, POLICIES, st.integers(1, 9))
def test_the_strangest_come_first(rows: list[Row], clean: list[list[float]], policy: Told, most: int) -> None:
    """Law: by the highest score of each warning, equals in the order of strands and days, so many and no more."""
    scored = columns(rows, clean, 20_610)
    found = raise_under(scored, policy, population(scored))
    every = sorted(episodes(scored, found), key=lambda one: -one.score)
    assert list(strangest(scored, found, np.arange(len(found)), most)) == every[:most]


def one_unit(*days: tuple[int, float]) -> Scored:
    """One unit's days of chemicals in one county: (day, score)."""
    return columns([Row(1, day, 0, score) for day, score in days], [CLEAN], 20_620)


def raised(scored: Scored, policy: Told) -> list[tuple[int, int]]:
    """The first and last days of the warnings."""
    found = raise_under(scored, policy, population(scored))
    return [(int(scored.day[a]), int(scored.day[b])) for a, b, _ in told(found)]


def test_a_season_explains_as_many_times_the_usual_as_it_allows() -> None:
    """Five times the usual in the run-up is the trade, seven times is not; neither is five times too early."""
    days = [Row(1, day, 0, 0.9, of, 0.5) for day, of in ((20_576, 5.0), (20_583, 5.0), (20_590, 7.0))]
    scored = columns(days, [CLEAN], 20_620)
    festive = Told(replace(USUAL, season=Season(festival_factor=6.0, festival_days=10)))
    assert raised(scored, Told()) == [(20_576, 20_576), (20_583, 20_583), (20_590, 20_590)]
    assert raised(scored, festive) == [(20_576, 20_576), (20_590, 20_590)]


def test_an_ordinary_day_divides_and_idle_days_within_the_bridge_do_not() -> None:
    """Outliers on days 1, 2, 5 (idle between), 9 (too far), 10 ordinary, 11."""
    scored = one_unit((20_581, 0.9), (20_582, 0.9), (20_585, 0.7), (20_589, 0.7), (20_590, 0.5), (20_591, 0.7))
    assert raised(scored, Told()) == [(20_581, 20_585), (20_589, 20_589), (20_591, 20_591)]
    wide = Told(replace(USUAL, bridge_days=4))
    assert raised(scored, wide) == [(20_581, 20_589), (20_591, 20_591)]


def test_a_score_at_the_limit_is_no_outlier() -> None:
    """An alarm is a score above the threshold: ties stay within the budget."""
    assert raised(one_unit((20_581, BAR), (20_583, float(np.nextafter(BAR, 1)))), Told()) == [(20_583, 20_583)]


def test_a_unit_goes_by_its_own_terms_and_a_silenced_area_says_nothing() -> None:
    """Overrides: the unit over the area, the nearer area over the farther."""
    scored = columns([Row(unit, 20_581, cell, 0.9) for unit, cell in ((0, 0), (1, 1), (2, 2))], [CLEAN], 20_620)
    silent = replace(USUAL, enabled=False)

    def units(policy: Told) -> list[str]:
        found = raise_under(scored, policy, population(scored))
        return [str(scored.strand_unit[scored.strand[row]]) for row in found.first]

    assert units(Told(areas={"350100": silent})) == ["U2"]
    assert units(Told(areas={"350100": silent, "350102": USUAL})) == ["U0", "U2"]
    assert units(Told(areas={"350100": silent}, named={"U1": USUAL})) == ["U1", "U2"]


def test_counts_are_by_the_week_of_the_first_day_and_add_up_over_areas() -> None:
    """Sunday and the Monday after it are two ISO weeks; a prefecture is the sum of its counties."""
    rows = [Row(0, 20_576, 0, 0.9), Row(1, 20_577, 1, 0.9), Row(2, 20_577, 2, 0.9)]
    scored = columns(rows, [CLEAN], 20_620)
    among = population(scored)
    table = counted(scored, raise_under(scored, Told(), among), among)
    prefectures = grouped(table, [chain(scored, cell)[-2:][0] for cell in range(CELLS)])
    assert (week_text(among.week), week_text(among.week + 1)) == ("2026-W18", "2026-W19")
    assert prefectures["350100"].tolist() == [1, 1]
    assert prefectures["350300"].tolist() == [0, 1]


def test_no_row_is_nothing_raised() -> None:
    """An empty log has no weeks, no warnings and no fault."""
    scored = columns([], [CLEAN], 20_600)
    among = population(scored)
    assert len(raise_under(scored, Told(), among)) == 0
    assert among.scored.shape == (0, CELLS)


@pytest.mark.parametrize(
    ("name", "column", "says"),
    [
        ("strand", np.array([1, 0], dtype="<u4"), "out of order"),
        ("cell", np.array([0, 99], dtype="<u4"), "not there"),
        ("day", np.array([20_581, 20_581], dtype="<i4"), "out of order"),
        ("score", np.array([0.5, np.nan]), "out of order"),
        ("score", np.array([0.5]), "different lengths"),
        ("score", np.array([0.5, 0.5], dtype="<f4"), "column score"),
        ("format", np.array([99]), "format"),
        ("model_from", np.array([0, 7]), "not there"),
        ("model_effect", np.empty(0), "not there"),
        ("model_effect", np.array([1.0, 2.0, 0.5]), "not there"),
    ],
)  # fmt: skip
def test_columns_that_do_not_fit_each_other_are_refused(name: str, column: NDArray[np.generic], says: str) -> None:
    """Law: nothing is read out of its table; the refusal says what is wrong."""
    scored = one_unit((20_581, 0.5), (20_582, 0.6))
    with pytest.raises(ScoredRefused, match=says):
        checked({**scored.columns(), name: column})


def test_a_model_has_as_many_design_effects_as_it_knows() -> None:
    """One, as in columns of before, or one a depth; the threshold of a budget that reaches deep rests on them."""
    scored = one_unit((20_581, 0.5))
    assert scored.effects(0) == (1.0,)
    deep = checked({**scored.columns(), "model_effect": np.array([1.0, 1.5, 2.0, 4.0, 4.0])})
    assert deep.effects(0) == (1.0, 1.5, 2.0, 4.0, 4.0)


def test_a_missing_column_is_named() -> None:
    """Law: what is not there is said."""
    rest = {name: column for name, column in one_unit((20_581, 0.5)).columns().items() if name != "day"}
    with pytest.raises(ScoredRefused, match="day"):
        checked(rest)
