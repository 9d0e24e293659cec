"""Explanations name the feature that was tampered with, and name it the same every time."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from models.explain import Contribution, local_diffi, occlusion, strongest
from models.features import STANDARD
from models.forest import Flat, flatten, score, score_one, train

Floats = NDArray[np.float64]
WIDTH = len(STANDARD.features)
CLEAN: Floats = np.random.default_rng(1).normal(size=(2000, WIDTH))
FLAT = flatten(train(CLEAN, seed=2))
USUAL: Floats = np.median(CLEAN, axis=0)


Measure = Callable[[Flat, Floats, Floats], Floats]


def diffi(flat: Flat, row: Floats, _: Floats) -> Floats:
    return local_diffi(flat, row)


def injected(seed: int, width: int) -> tuple[int, Floats]:
    draw = np.random.default_rng(seed)
    feature = int(draw.integers(width))
    row = draw.normal(size=width)
    row[feature] = 7.0
    return feature, row


@pytest.mark.parametrize("measure", [occlusion, diffi])
@pytest.mark.parametrize(("width", "within"), [(8, 1), (WIDTH, 3)])
def test_the_injected_feature_is_named(measure: Measure, width: int, within: int) -> None:
    """One feature at seven sigma: of 8 it comes first, of 25 among the first three, in nine of ten rows."""
    flat, usual = (FLAT, USUAL) if width == WIDTH else (flatten(train(CLEAN[:, :width], seed=2)), USUAL[:width])
    found = 0
    for seed in range(100):
        feature, row = injected(seed, width)
        found += feature in np.argsort(-measure(flat, row, usual), kind="stable")[:within]
    assert found >= 90


def test_occlusion_is_the_fall_of_the_score() -> None:
    """Exactly s(x) − s(x with that feature usual)."""
    feature, row = injected(3, WIDTH)
    other = row.copy()
    other[feature] = USUAL[feature]
    assert occlusion(FLAT, row, USUAL)[feature] == score_one(FLAT, row) - score_one(FLAT, other)


def test_a_usual_row_has_nothing_to_explain() -> None:
    """Where every feature is at its usual value nothing contributes, and nothing is named."""
    contributions = occlusion(FLAT, USUAL, USUAL)
    assert not contributions.any()
    assert strongest(contributions, row=USUAL, usual=USUAL, spec=STANDARD) == ()


def test_equal_contributions_keep_the_columns_order() -> None:
    """Deterministic: no tie is left to chance; non-contributing features are not named."""
    even = np.zeros(WIDTH)
    even[[9, 4, 2]] = 0.25
    row = np.arange(WIDTH, dtype=np.float64)
    named = strongest(even, row=row, usual=USUAL, spec=STANDARD, most=5)
    assert [one.feature for one in named] == [STANDARD.names[i] for i in (2, 4, 9)]
    assert named[0] == Contribution(STANDARD.names[2], 2.0, float(USUAL[2]), 0.25)


def test_a_forest_of_equal_rows_explains_nothing() -> None:
    """Trees without a split have no path to speak of: contributions are zeros, not NaN."""
    flat = flatten(train(np.zeros((10, 3)), seed=0, trees=5))
    assert not local_diffi(flat, np.ones(3)).any()
    assert not occlusion(flat, np.ones(3), np.zeros(3)).any()
    assert np.isfinite(score(flat, np.ones((1, 3)))).all()
