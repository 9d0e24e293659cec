"""The root of a covariance follows what the same operation on the full matrix gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from detectors.sequential.triangle import Root, drop, insert, observe

Matrix = NDArray[np.float64]
deviations = st.sampled_from([0.0, 0.5, 1.0, 3.0, 40.0])
entries = st.floats(-5, 5, allow_subnormal=False)


@st.composite
def roots(draw: st.DrawFn, least: int = 0) -> Root:
    """Up to six variables; a deviation of 0 among them makes one certain."""
    size = draw(st.integers(least, 6))
    return tuple((*(draw(entries) for _ in range(row)), draw(deviations)) for row in range(size))


def full(root: Root) -> Matrix:
    """The covariance: root · rootᵀ."""
    lower: Matrix = np.zeros((len(root), len(root)))
    for row, values in enumerate(root):
        lower[row, : len(values)] = values
    return lower @ lower.T


def sound(root: Root) -> bool:
    """Whether each row is as long as its place says."""
    return [len(row) for row in root] == list(range(1, len(root) + 1))


@settings(max_examples=60)
@given(roots(), st.data())
def test_a_new_variable_is_independent_of_the_others(root: Root, data: st.DataObject) -> None:
    """At its place, with its variance; what the others are to each other stays."""
    place, deviation = data.draw(st.integers(0, len(root))), data.draw(deviations)
    grown = insert(root, place, deviation)
    expected = np.insert(np.insert(full(root), place, 0.0, axis=0), place, 0.0, axis=1)
    expected[place, place] = deviation**2
    assert sound(grown)
    np.testing.assert_allclose(full(grown), expected, atol=1e-12)


@settings(max_examples=60)
@given(roots(1), st.data())
def test_what_is_dropped_leaves_the_others_as_they_were(root: Root, data: st.DataObject) -> None:
    """Its row and column go, no more."""
    place = data.draw(st.integers(0, len(root) - 1))
    left = drop(root, place)
    expected = np.delete(np.delete(full(root), place, axis=0), place, axis=1)
    assert sound(left)
    np.testing.assert_allclose(full(left), expected, atol=1e-9)


@settings(max_examples=60)
@given(roots(1), st.data())
def test_an_observation_is_learnt_from_as_a_kalman_filter_does(root: Root, data: st.DataObject) -> None:
    """Deviation √(w·C·w + noise), gain C·w over it, and C less gain · gainᵀ."""
    weights = tuple(data.draw(entries) for _ in root)
    noise = data.draw(st.sampled_from([0.0, 0.25, 9.0]))
    covariance, seen = full(root), np.array(weights)
    deviation, moves, learnt = observe(root, weights, noise)
    variance = float(seen @ covariance @ seen) + noise
    assert deviation == pytest.approx(variance**0.5, rel=1e-9, abs=1e-6)
    if deviation < 1e-6:
        return
    gain = covariance @ seen / deviation
    assert sound(learnt)
    np.testing.assert_allclose(moves, gain, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(full(learnt), covariance - np.outer(gain, gain), rtol=1e-6, atol=1e-6)


def test_what_is_certain_teaches_nothing() -> None:
    """No deviation, no move, the same root; nobody divides by nothing."""
    root = ((0.0,), (0.0, 2.0))
    assert observe(root, (1.0, 0.0), 0.0) == (0.0, (0.0, 0.0), root)
    assert observe((), (), 9.0) == (3.0, (), ())
    assert drop(((0.0,), (0.0, 0.0)), 0) == ((0.0,),)


def test_one_observation_of_all_of_it_leaves_nothing_unknown() -> None:
    """Seen exactly, a variable is known; one that hangs on it halfway is known halfway."""
    root = ((3.0,), (3.0, 4.0))
    deviation, moves, learnt = observe(root, (1.0, 0.0), 0.0)
    assert (deviation, moves) == (3.0, (3.0, 3.0))
    np.testing.assert_allclose(full(learnt), [[0.0, 0.0], [0.0, 16.0]], atol=1e-12)
