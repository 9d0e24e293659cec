"""One unit-day judged by a model: its score, how rare that is, and what made it so.

Law: None while the unit is warming up or idle; the same day, baseline and model give the same bits.
"""

from __future__ import annotations

import msgspec

from models.artefact import Model
from models.baseline import Trailing
from models.calibrate import conformal_p
from models.explain import Contribution, occlusion, strongest
from models.features import Baseline, times, vector
from models.forest import score_one
from models.unit_day import UnitDay


class Judgement(msgspec.Struct, frozen=True):
    """`score` in (0, 1], higher is stranger; `p` is its conformal p-value; `because` the strongest features."""

    score: float
    p: float
    because: tuple[Contribution, ...]
    model: str


def score_day(model: Model, day: UnitDay, *, trailing: Trailing, segment: str) -> float | None:
    """Only the score, for the many days that raise nothing (tens of microseconds)."""
    row = vector(day, Baseline(trailing, model.card.peers.of(segment)), model.card.spec)
    return None if row is None else score_one(model.flat, row)


def score_in_season(model: Model, day: UnitDay, *, trailing: Trailing, segment: str) -> tuple[float, float]:
    """Of a day that was scored: how many times its usual it is, and its score once that is taken off."""
    off = times(day, trailing)
    row = vector(day, Baseline(trailing, model.card.peers.of(segment)), model.card.spec, off)
    assert row is not None, "only a day that was scored is asked about"
    return off.most, score_one(model.flat, row)


def judge(model: Model, day: UnitDay, *, trailing: Trailing, segment: str, most: int = 3) -> Judgement | None:
    """The score with its p-value and the features that added most to it."""
    row = vector(day, Baseline(trailing, model.card.peers.of(segment)), model.card.spec)
    if row is None:
        return None
    score = score_one(model.flat, row)
    because = strongest(
        occlusion(model.flat, row, model.usual), row=row, usual=model.usual, spec=model.card.spec, most=most
    )
    return Judgement(
        score=score,
        p=conformal_p(model.strata.get(segment, model.clean), score),
        because=because,
        model=model.digest,
    )
