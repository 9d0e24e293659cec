"""What an officer reads of a strange day: which one, how strange, by what, and what the figures rest on."""

from __future__ import annotations

from detectors.claim import Claim, Number
from detectors.outlier_words import outlier_words
from events.registry import Category
from events.time import DAY

NUMBERS: dict[str, Number] = {
    "day": "2026-05-12", "days": 2, "events": 12, "score": 0.71234, "threshold": 0.6499,
    "threshold_rests_on": "tolerance",
}  # fmt: skip
BECAUSE: dict[str, Number] = {
    "feature_1": "first_time", "value_1": 12, "usual_1": 2.0,
    "feature_2": "own_median", "value_2": 36_000.0, "usual_2": 49.51,
    "feature_3": "no_longer_known", "value_3": 0.125, "usual_3": 0,
}  # fmt: skip
"""Three features; the last one of a model that another version made."""
SEASON: dict[str, Number] = {"times_usual": 11.96, "season_factor": 9.0}


def claim(**numbers: Number) -> Claim:
    """A strange day with this evidence beside the day's own."""
    return Claim("U1/x", 0, DAY, (), NUMBERS | numbers, "350102", "U1", Category.EXPLOSIVES)


def test_in_chinese() -> None:
    """Day, score and threshold to three digits, how many entries, each feature with its value and the usual one."""
    assert outlier_words(claim(**BECAUSE), "zh") == (
        "单位 U1 在 2026-05-12 的流向与平日及同类单位不同(共 2 日):得分 0.712，阈值 0.65，当日 12 笔。"
        "主要原因：首次往来单位数 12(通常 2);"
        "与本单位近期中位数之比 3.6e+04(通常 49.5);no_longer_known 0.125(通常 0)。"
        "得分只表示少见，须核查。"
    )


def test_in_english() -> None:
    """The same."""
    assert outlier_words(claim(**BECAUSE), "en") == (
        "What unit U1 moved on 2026-05-12 is unlike its other days and its peers' (2 such days): score 0.712, "
        "threshold 0.65, 12 entries. Mostly by: first-time counterparties 12 (usually 2); "
        "against the unit's own median 3.6e+04 (usually 49.5); "
        "no_longer_known 0.125 (usually 0). A score says rare, not unlawful."
    )


def test_no_feature_may_stand_out_by_itself() -> None:
    """Then that is said."""
    assert "主要原因：无单项突出。" in outlier_words(claim(), "zh")
    assert "Mostly by: no single feature. " in outlier_words(claim(), "en")


def test_what_the_season_allowed_and_what_the_threshold_rests_on_is_said_where_it_matters() -> None:
    """Near days off, and where the clean scores were too few: in this order, in either language."""
    season_zh = "时值年节前后，容许平日的 9 倍，当日为 12 倍。"
    season_en = " Days off are near: up to 9 times its usual is no wonder, this was 12 times."
    little_zh = "无异常样本不足以保证误报预算，阈值取其最高分。"
    little_en = " The clean scores are too few to keep the budget surely: the highest of them is the threshold."
    plain_zh, plain_en = outlier_words(claim(), "zh"), outlier_words(claim(), "en")
    assert plain_zh.endswith("得分只表示少见，须核查。")
    assert plain_en.endswith("A score says rare, not unlawful.")
    few: dict[str, Number] = {"threshold_rests_on": "too_few"}
    assert outlier_words(claim(**SEASON), "zh") == plain_zh + season_zh
    assert outlier_words(claim(**SEASON), "en") == plain_en + season_en
    assert outlier_words(claim(**few), "zh") == plain_zh + little_zh
    assert outlier_words(claim(**few), "en") == plain_en + little_en
    assert outlier_words(claim(**SEASON, **few), "zh") == plain_zh + season_zh + little_zh
    assert outlier_words(claim(**SEASON, **few), "en") == plain_en + season_en + little_en
