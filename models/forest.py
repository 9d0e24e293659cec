"""Isolation forests: grown by scikit-learn, scored by a few numpy gathers, bit for bit the same.

Law: `score(flatten(forest), rows)` equals `-forest.score_samples(rows)` in every bit, ties included, for
every finite float32 row; anything else is refused. Scores are s(x) = 2^(−E[h(x)] / c(ψ)) of Liu, Ting &
Zhou (2008), in (0, 1]: higher is stranger.

How: each tree is laid out complete, level by level, so that the children of place i are 2i and 2i + 1 of
the next level and no pointer is followed; a leaf reached early goes on left (threshold +∞) to the bottom.
Thresholds are rounded *down* to float32: for x in float32, x ≤ t holds exactly when x ≤ that. Depths are
added tree by tree, in order, as scikit-learn does; a pairwise sum would differ in the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from sklearn.ensemble import IsolationForest

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Places = NDArray[np.intp]
Number = TypeVar("Number", bound=np.generic)

CHUNK = 512
"""Rows scored together: the states of 100 trees × 512 rows still fit the second-level cache."""
DEEPEST = 12
"""Deepest tree taken (ψ ≤ 4,096): a complete layout doubles with each level."""

WIDEST = 1000
"""Most features a forest may have."""


@dataclass(frozen=True, slots=True)
class Level:
    """All places of one depth, tree after tree: go right when x[feature] > threshold."""

    feature: Places
    threshold: Floats32


@dataclass(frozen=True, slots=True)
class Flat:
    """A forest as arrays: the levels from the root down, and the path length at each bottom place."""

    features: int
    trees: int
    levels: tuple[Level, ...]
    lengths: Floats
    normaliser: Floats
    """trees · c(ψ), kept as scikit-learn's array of one."""
    identity: str
    """Digest of the trees' integers and thresholds: not of anything that a processor's logarithm rounds."""


def train(rows: ArrayLike, *, seed: int, trees: int = 100, psi: int = 256) -> IsolationForest:
    """Grow a forest on clean rows (rows × features, finite); the same rows and seed grow the same forest.

    Each tree sees `psi` rows (all of them when there are fewer).
    """
    from sklearn.ensemble import IsolationForest  # a second to import, and only training needs it

    table = _checked(rows)
    if len(table) < 2 or not 1 <= psi <= 2**DEEPEST or not 1 <= trees <= 1000:
        raise ValueError(
            f"a forest needs 2 rows, psi <= {2**DEEPEST} and trees <= 1000: {len(table)}, {psi}, {trees}"
        )
    forest = IsolationForest(n_estimators=trees, max_samples=min(psi, len(table)), random_state=seed)
    return forest.fit(table)


def flatten(forest: IsolationForest) -> Flat:
    """Lay a trained forest out for `score`; takes only forests whose trees see all features.

    Raises ValueError for trees that are not trees: scikit-learn would follow a forged child or feature
    number out of its arrays, so that is checked here, where every use of a loaded forest begins.
    """
    width = int(forest.n_features_in_)
    if not 1 <= width <= WIDEST:
        raise ValueError(f"a forest over {width} features is none of ours, {WIDEST} are the most")
    if any(not np.array_equal(seen, np.arange(width)) for seen in forest.estimators_features_):
        raise ValueError("every tree must see every feature, in order (max_features=1.0)")
    trees = [_checked_tree(estimator.tree_, width) for estimator in forest.estimators_]
    depth = max(int(tree.depths.max()) for tree in trees)
    complete = [_complete(tree, depth) for tree in trees]
    levels = tuple(
        Level(_joined([tree.features[i] for tree in complete]), _joined([tree.thresholds[i] for tree in complete]))
        for i in range(depth)
    )
    lengths = _joined([tree.lengths for tree in complete])
    normaliser = len(trees) * average_path_length([int(forest.max_samples_)])
    return Flat(width, len(trees), levels, lengths, normaliser, _identity(trees, int(forest.max_samples_)))


def score(flat: Flat, rows: ArrayLike) -> Floats:
    """s(x) of each row (rows × features, finite); exactly `-score_samples(rows)`."""
    table = _checked(rows)
    if table.shape[1] != flat.features:
        raise ValueError(f"rows of {flat.features} features are needed, not {table.shape[1]}")
    depths = np.empty(len(table))
    for start in range(0, len(table), CHUNK):
        part = table[start : start + CHUNK]
        if len(part) == 1:
            depths[start] = _depth_of_one(flat, part[0])
        else:
            depths[start : start + CHUNK] = _depths(flat, part)
    return _from_depths(flat, depths)


def score_one(flat: Flat, row: Floats) -> float:
    """s(x) of one row of finite float64: the same bits as `score`, without its per-call cost."""
    if row.shape != (flat.features,):
        raise ValueError(f"a row of {flat.features} features is needed, not {row.shape}")
    with np.errstate(over="ignore"):
        narrow = row.astype(np.float32)
    if not np.isfinite(narrow).all():
        raise ValueError("a row must be finite in float32")
    return float(_from_depths(flat, np.array([_depth_of_one(flat, narrow)]))[0])


def places(flat: Flat, row: Floats32) -> list[Places]:
    """The place of one row at each level of every tree, the bottom last: its paths, for explanations."""
    state = np.arange(flat.trees)
    path = [state]
    for level in flat.levels:
        right = row.take(level.feature.take(state)) > level.threshold.take(state)
        state = state + state + right
        path.append(state)
    return path


def average_path_length(sizes: ArrayLike) -> Floats:
    """c(n) = 2·(ln(n−1) + γ) − 2(n−1)/n, the mean depth of an unsuccessful search among n rows.

    >>> average_path_length([1, 2, 256]).round(4).tolist()
    [0.0, 1.0, 10.2448]
    """
    n = np.asarray(sizes, dtype=np.float64)
    lengths = np.zeros(n.shape)
    lengths[n == 2] = 1.0
    many = n > 2
    lengths[many] = 2.0 * (np.log(n[many] - 1.0) + np.euler_gamma) - 2.0 * (n[many] - 1.0) / n[many]
    return lengths


def _depths(flat: Flat, part: Floats32) -> Floats:
    """Summed path lengths of two rows or more, state = (trees × rows), buffers reused on every level."""
    count = len(part)
    columns = np.ascontiguousarray(part.T)
    values, row = columns.ravel(), np.arange(count)
    state = np.repeat(np.arange(flat.trees)[:, None], count, axis=1)
    where, right = np.empty_like(state), np.empty(state.shape, dtype=np.bool_)
    value, threshold = np.empty(state.shape, np.float32), np.empty(state.shape, np.float32)
    for number, level in enumerate(flat.levels):
        if number == 0:
            np.greater(columns.take(level.feature, axis=0), level.threshold[:, None], out=right)
        else:
            # `clip` only spares numpy a second buffer: every place is in range.
            np.take(level.feature * count, state, out=where, mode="clip")
            where += row
            np.take(values, where, out=value, mode="clip")
            np.take(level.threshold, state, out=threshold, mode="clip")
            np.greater(value, threshold, out=right)
        state += state
        state += right
    sums: Floats = np.add.reduce(flat.lengths.take(state), axis=0)
    return sums


def _depth_of_one(flat: Flat, row: Floats32) -> float:
    state = np.arange(flat.trees)
    for level in flat.levels:
        state = state + state + (row.take(level.feature.take(state)) > level.threshold.take(state))
    # accumulate adds one by one, in order; reduce would add a single column pairwise.
    return float(np.add.accumulate(flat.lengths.take(state))[-1])


def _from_depths(flat: Flat, depths: Floats) -> Floats:
    # Trees over identical rows have no length at all; scikit-learn defines the quotient as 1 then.
    quotient = np.divide(depths, flat.normaliser, out=np.ones_like(depths), where=flat.normaliser != 0)
    scores: Floats = np.power(2, -quotient)
    return scores


def _checked(rows: ArrayLike) -> Floats32:
    with np.errstate(over="ignore"):
        table = np.ascontiguousarray(rows, dtype=np.float32)
    if table.ndim != 2 or not np.isfinite(table).all():
        raise ValueError("rows must be a table (rows × features) of numbers finite in float32")
    return table


@dataclass(frozen=True, slots=True)
class _Tree:
    """One scikit-learn tree, proven to be one; a leaf has itself for both children."""

    left: Places
    right: Places
    leaf: NDArray[np.bool_]
    feature: Places
    threshold: Floats
    sizes: Floats
    depths: Places


def _checked_tree(tree: Any, width: int) -> _Tree:
    if not 1 <= tree.node_count <= tree.capacity:
        raise ValueError(f"a tree of this forest claims {tree.node_count} nodes and holds {tree.capacity}")
    left, right = np.asarray(tree.children_left), np.asarray(tree.children_right)
    feature, threshold = np.asarray(tree.feature), np.asarray(tree.threshold)
    count, leaf, itself = len(left), left == -1, np.arange(len(left))
    inner = ~leaf
    children = np.concatenate((left[inner], right[inner]))
    parents = np.concatenate((itself[inner], itself[inner]))
    sound = (
        np.array_equal(np.sort(children), itself[1:])  # each node but the root has exactly one parent,
        and bool((children > parents).all())  # which comes before it, so there is no way round
        and bool((right[leaf] == -1).all())
        and bool(((feature[inner] >= 0) & (feature[inner] < width)).all())
        and bool(np.isfinite(threshold[inner]).all())
    )
    if not sound:
        raise ValueError("a tree of this forest is damaged: its nodes do not form a tree over the features")
    depths = np.zeros(count, dtype=np.intp)
    for node in np.flatnonzero(inner).tolist():
        depths[left[node]] = depths[right[node]] = depths[node] + 1
    if depths.max() > DEEPEST:
        raise ValueError(f"a tree is {depths.max()} levels deep, {DEEPEST} are the most")
    return _Tree(
        left=np.where(leaf, itself, left).astype(np.intp),
        right=np.where(leaf, itself, right).astype(np.intp),
        leaf=leaf,
        feature=np.where(leaf, 0, feature).astype(np.intp),
        threshold=threshold,
        sizes=np.asarray(tree.n_node_samples, dtype=np.float64),
        depths=depths,
    )


def _identity(trees: list[_Tree], sampled: int) -> str:
    digest = blake2b(sampled.to_bytes(8, "big"), digest_size=16)
    for tree in trees:
        digest.update(len(tree.left).to_bytes(8, "big"))
        for whole in (tree.left, tree.right, tree.feature):
            digest.update(whole.astype("<i8").tobytes())
        # A leaf's threshold is a filler and never compared.
        for real in (np.where(tree.leaf, 0.0, tree.threshold), tree.sizes):
            digest.update(real.astype("<f8").tobytes())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class _Complete:
    """One tree made complete: features and thresholds a level, and the lengths at the bottom."""

    features: list[Places]
    thresholds: list[Floats32]
    lengths: Floats


def _complete(tree: _Tree, depth: int) -> _Complete:
    """Lay out one tree; below a leaf all places are that leaf, and both ways lead to it."""
    threshold = np.where(tree.leaf, np.float32(np.inf), _rounded_down(tree.threshold))
    # In this order, as scikit-learn adds them: nodes on the path, what a leaf's rows would need, less one.
    lengths = (tree.depths + 1) + average_path_length(tree.sizes) - 1.0
    features: list[Places] = []
    thresholds: list[Floats32] = []
    nodes = np.zeros(1, dtype=np.intp)
    for _ in range(depth):
        features.append(tree.feature[nodes])
        thresholds.append(threshold[nodes])
        nodes = np.stack((tree.left[nodes], tree.right[nodes]), axis=1).ravel()
    return _Complete(features, thresholds, lengths[nodes])


def _rounded_down(thresholds: Floats) -> Floats32:
    """The largest float32 not above each threshold."""
    nearest = thresholds.astype(np.float32)
    below = np.nextafter(nearest, np.float32(-np.inf))
    return np.where(nearest.astype(np.float64) > thresholds, below, nearest).astype(np.float32)


def _joined(parts: list[NDArray[Number]]) -> NDArray[Number]:
    joined = np.concatenate(parts)
    joined.setflags(write=False)
    return joined
