"""What one score costs: the numpy traversal against scikit-learn's own call, in one run on one forest.

Mix: 100 trees, ψ = 256, 25 features, 20,000 Gaussian rows; one row and 1,024 rows; best of the repeats.
Run `python -m benchmarks forest`.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from msgspec import Struct

from benchmarks.figure import Figure
from models.explain import local_diffi, occlusion
from models.forest import flatten, score, score_one, train

FEATURES = 25
BATCH = 1024


class Costs(Struct, frozen=True):
    """Microseconds: for one row, a row of a batch, scikit-learn's one row and batch, and explanations."""

    one: float
    batched: float
    sklearn_one: float
    sklearn_batched: float
    occlusion: float
    diffi: float
    training_ms: float

    @property
    def ratio(self) -> float:
        """How many times cheaper one row is than scikit-learn's call."""
        return self.sklearn_one / self.one


def measure(repeats: int = 200) -> Costs:
    """Time everything once warm; `repeats` for the short calls, a tenth of it for the long ones."""
    rows = np.random.default_rng(20261124).normal(size=(20_000, FEATURES))
    forest = train(rows, seed=1)
    flat, usual, row, batch = flatten(forest), np.median(rows, axis=0), rows[0], rows[:BATCH]
    if not np.array_equal(score(flat, batch), -forest.score_samples(batch)):
        raise AssertionError("the traversal is not scikit-learn's forest: its speed would mean nothing")
    few = max(repeats // 10, 3)
    return Costs(
        one=best(lambda: score_one(flat, row), repeats),
        batched=best(lambda: score(flat, batch), few) / BATCH,
        sklearn_one=best(lambda: forest.score_samples(row[None, :]), few),
        sklearn_batched=best(lambda: forest.score_samples(batch), few) / BATCH,
        occlusion=best(lambda: occlusion(flat, row, usual), repeats),
        diffi=best(lambda: local_diffi(flat, row), repeats),
        training_ms=best(lambda: train(rows, seed=1), 3) / 1000,
    )


def best(call: Callable[[], object], repeats: int) -> float:
    """The fastest of some calls, in microseconds: the one that the machine disturbed least."""
    fastest = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        fastest = min(fastest, time.perf_counter() - start)
    return fastest * 1e6


def figures(*, quick: bool = False) -> list[Figure]:
    """The costs as figures."""
    costs = measure(20 if quick else 200)
    return [
        Figure("forest, one row", costs.one, "µs", f"scikit-learn's own call {costs.sklearn_one:,.0f} µs"),
        Figure("scikit-learn : forest, one row", costs.ratio, "×"),
        Figure(f"forest, a row of {BATCH:,}", costs.batched, "µs", f"scikit-learn {costs.sklearn_batched:.2f} µs"),
        Figure("forest, explain by occlusion", costs.occlusion, "µs"),
        Figure("forest, explain by local DIFFI", costs.diffi, "µs"),
        Figure("forest, train on 20,000 rows", costs.training_ms, "ms"),
    ]
