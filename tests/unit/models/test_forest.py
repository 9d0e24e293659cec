"""The numpy traversal is scikit-learn's forest in every bit, and refuses what it cannot score so."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.ensemble import IsolationForest

from models.forest import CHUNK, Flat, flatten, places, score, score_one, train

Floats = NDArray[np.float64]


def clean(rows: int = 600, features: int = 7, seed: int = 0) -> Floats:
    draw = np.random.default_rng(seed)
    table = draw.normal(size=(rows, features))
    table[:, 1] = np.round(table[:, 1], 1)
    table[:, 2] = draw.integers(0, 3, rows)
    table[:, 3] = 5.0
    return table


FOREST = train(clean(), seed=3)
FLAT = flatten(FOREST)


def same_bits(forest: IsolationForest, flat: Flat, rows: Floats) -> bool:
    theirs: Floats = -forest.score_samples(rows)
    return theirs.tobytes() == score(flat, rows).tobytes()


@pytest.mark.parametrize("count", [1, 2, 3, 63, CHUNK, CHUNK + 1, 2 * CHUNK + 1])
def test_scores_are_scikit_learns_in_every_bit(count: int) -> None:
    """Whatever the number of rows: a chunk of one row must not be summed in another order."""
    assert same_bits(FOREST, FLAT, clean(count, seed=count) * 1.3)


def test_one_row_scores_as_it_does_among_many() -> None:
    """`score_one` gives the bits that `score` gives: alone or in a batch makes no difference."""
    rows = clean(50, seed=9)
    assert [score_one(FLAT, row) for row in rows] == score(FLAT, rows).tolist()


def test_ties_at_thresholds_fall_as_in_scikit_learn() -> None:
    """Rows exactly on a threshold, and one float32 step to either side of it, for every split there is."""
    rows = []
    for estimator in FOREST.estimators_[:40]:
        tree = estimator.tree_
        for feature, threshold in zip(tree.feature, tree.threshold, strict=True):
            if feature >= 0:
                near = np.float32(threshold)
                for value in (near, np.nextafter(near, np.float32(-9)), np.nextafter(near, np.float32(9))):
                    row = np.zeros(7)
                    row[feature] = value
                    rows.append(row)
    assert same_bits(FOREST, FLAT, np.array(rows))


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.tuples(st.integers(2, 90), st.integers(1, 5)),
    trees=st.integers(1, 30),
    psi=st.sampled_from([1, 2, 3, 16, 256]),
    grain=st.sampled_from([0.0, 0.5, 1e30]),
)
def test_any_forest_scores_alike(seed: int, shape: tuple[int, int], trees: int, psi: int, grain: float) -> None:
    """Few rows, many equal rows, huge values, one tree, ψ = 1 (all paths empty): still the same bits."""
    draw = np.random.default_rng(seed)
    rows = draw.normal(size=shape)
    if grain:
        rows = np.round(rows / 0.5) * grain
    forest = train(rows, seed=seed, trees=trees, psi=psi)
    assert same_bits(forest, flatten(forest), np.concatenate((rows, draw.normal(size=shape) * 2)))


def test_training_is_a_function_of_rows_and_seed() -> None:
    """The same rows and seed grow the same forest; another seed another one."""
    again, other = flatten(train(clean(), seed=3)), flatten(train(clean(), seed=4))
    assert again.lengths.tobytes() == FLAT.lengths.tobytes()
    assert all(
        a.threshold.tobytes() == b.threshold.tobytes() for a, b in zip(again.levels, FLAT.levels, strict=True)
    )
    assert other.lengths.tobytes() != FLAT.lengths.tobytes()


def test_an_outlier_scores_higher_than_the_clean_rows() -> None:
    """Higher is stranger, and all scores lie in (0, 1]."""
    scores = score(FLAT, clean())
    assert score_one(FLAT, np.full(7, 9.0)) > scores.max()
    assert 0.0 < scores.min() <= scores.max() <= 1.0


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e39])
def test_a_row_that_is_not_finite_in_float32_is_refused(bad: float) -> None:
    """NaN and infinity have no place in a tree; 1e39 is infinite in float32."""
    row = np.zeros(7)
    row[2] = bad
    for refuse in (
        lambda: score(FLAT, row[None, :]),
        lambda: score_one(FLAT, row),
        lambda: train(row[None, :], seed=0),
    ):
        with pytest.raises(ValueError):
            refuse()


def test_rows_of_another_width_are_refused() -> None:
    """A row must have the features that the forest was grown on."""
    with pytest.raises(ValueError):
        score(FLAT, np.zeros((2, 6)))
    with pytest.raises(ValueError):
        score_one(FLAT, np.zeros(6))


def test_no_rows_have_no_scores() -> None:
    """An empty table is a table."""
    assert score(FLAT, np.empty((0, 7))).shape == (0,)


def test_a_path_ends_where_the_score_is_taken() -> None:
    """The paths shown in explanations are the ones that were scored."""
    row = clean(1, seed=5)[0]
    path = places(FLAT, row.astype(np.float32))
    assert len(path) == len(FLAT.levels) + 1
    total = float(np.add.accumulate(FLAT.lengths.take(path[-1]))[-1])
    assert score_one(FLAT, row) == float(np.power(2, np.array([-total / FLAT.normaliser[0]]))[0])
