"""Why a row scored as it did: by occlusion (the default) or by local DIFFI, through the scored paths.

Law: deterministic; of equal contributions the earlier column comes first. An explanation says what moved
the score, not who did wrong.
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.features import FeatureSpec
from models.forest import Flat, places, score

Floats = NDArray[np.float64]


class Contribution(msgspec.Struct, frozen=True):
    """One feature's part: its value, the usual value, and what it adds to the score."""

    feature: str
    value: float
    usual: float
    contribution: float


def occlusion(flat: Flat, row: Floats, usual: Floats) -> Floats:
    """By how much the score falls when one feature at a time takes its usual value (the clean median)."""
    variants = np.tile(row, (len(row) + 1, 1))
    columns = np.arange(len(row))
    variants[columns, columns] = usual
    scores = score(flat, variants)
    fallen: Floats = scores[-1] - scores[:-1]
    return fallen


def local_diffi(flat: Flat, row: Floats) -> Floats:
    """Local DIFFI (Carletti, Terzi & Susto 2023): mean of 1/depth − 1/deepest over a feature's splits.

    A feature that cuts the row off on short paths gets much, one on the longest paths nothing. Ten times
    cheaper than occlusion, but in no unit that a person could name.
    """
    importance, uses = np.zeros(flat.features), np.zeros(flat.features)
    narrow = row.astype(np.float32)
    path = places(flat, narrow)
    split = np.array(
        [np.isfinite(level.threshold.take(at)) for level, at in zip(flat.levels, path, strict=False)],
        dtype=np.bool_,
    ).reshape(len(flat.levels), flat.trees)
    depths = split.sum(axis=0)
    gains = 1.0 / np.maximum(depths, 1) - 1.0 / max(len(flat.levels), 1)
    for level, at, active in zip(flat.levels, path, split, strict=False):
        features = level.feature.take(at)[active]
        importance += np.bincount(features, weights=gains[active], minlength=flat.features)
        uses += np.bincount(features, minlength=flat.features)
    mean: Floats = np.divide(importance, uses, out=np.zeros_like(importance), where=uses > 0)
    return mean


def strongest(
    contributions: Floats, *, row: Floats, usual: Floats, spec: FeatureSpec, most: int = 3
) -> tuple[Contribution, ...]:
    """The features that add most, strongest first; only those that add anything."""
    order = np.argsort(-contributions, kind="stable")[:most].tolist()
    return tuple(
        Contribution(spec.names[i], float(row[i]), float(usual[i]), float(contributions[i]))
        for i in order
        if contributions[i] > 0.0
    )
