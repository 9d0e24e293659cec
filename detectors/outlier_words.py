"""What E7 says of a strange day: how strange, by which features, and what the season allowed."""

from __future__ import annotations

from typing import Final, Literal

from detectors.claim import Claim, Number
from models.calibrate import Basis
from models.features import STANDARD

_LITTLE: Final = (
    "无异常样本不足以保证误报预算，阈值取其最高分。",
    " The clean scores are too few to keep the budget surely: the highest of them is the threshold.",
)
_NAMES: Final = {feature.name: (feature.zh, feature.en) for feature in STANDARD.features}


def outlier_words(claim: Claim, lang: Literal["zh", "en"]) -> str:
    """Which day, how strange, and the features that made it so."""
    n = claim.numbers
    little = _LITTLE if n["threshold_rests_on"] == Basis.TOO_FEW else ("", "")
    season = ("", "")
    if "season_factor" in n:
        of, allowed = _short(n["times_usual"]), _short(n["season_factor"])
        season = (
            f"时值年节前后，容许平日的 {allowed} 倍，当日为 {of} 倍。",
            f" Days off are near: up to {allowed} times its usual is no wonder, this was {of} times.",
        )
    because = [(str(n[f"feature_{i}"]), n[f"value_{i}"], n[f"usual_{i}"]) for i in (1, 2, 3) if f"feature_{i}" in n]
    if lang == "zh":
        why = ";".join(f"{_NAMES.get(f, (f, f))[0]} {_short(v)}(通常 {_short(u)})" for f, v, u in because)
        return (
            f"单位 {claim.unit} 在 {n['day']} 的流向与平日及同类单位不同(共 {n['days']} 日):"
            f"得分 {_short(n['score'])}，阈值 {_short(n['threshold'])}，当日 {n['events']} 笔。"
            f"主要原因：{why or '无单项突出'}。得分只表示少见，须核查。{season[0]}{little[0]}"
        )
    why = "; ".join(f"{_NAMES.get(f, (f, f))[1]} {_short(v)} (usually {_short(u)})" for f, v, u in because)
    return (
        f"What unit {claim.unit} moved on {n['day']} is unlike its other days and its peers' ({n['days']} such "
        f"days): score {_short(n['score'])}, threshold {_short(n['threshold'])}, {n['events']} entries. "
        f"Mostly by: {why or 'no single feature'}. A score says rare, not unlawful.{season[1]}{little[1]}"
    )


def _short(number: Number) -> str:
    return f"{float(number):.3g}"
