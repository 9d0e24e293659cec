"""What detectors call what they found, in Chinese and English: single words among a warning's numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from desk.words import Pair

FOUND: Final[Mapping[str, Pair]] = {
    "blaster": ("爆破员", "blaster"),
    "cash": ("现金", "cash"),
    "custodian": ("保管员", "custodian"),
    "driver": ("驾驶员", "driver"),
    "escort": ("押运员", "escort"),
    "expired": ("已过有效期", "expired"),
    "explosive_precursor": ("易制爆", "explosive precursor"),
    "given_up": ("未续期，按放弃处理", "given up"),
    "highly_toxic": ("剧毒", "highly toxic"),
    "licence": ("许可证", "licence"),
    "natural_person": ("自然人", "a natural person"),
    "not_yet_valid": ("尚未生效", "not yet valid"),
    "other": ("其他方式", "otherwise"),
    "other_goods": ("品种不符", "other goods"),
    "other_role": ("持其他岗位证件", "certified for another role"),
    "over": ("多于发出", "more than was sent"),
    "person": ("人员资格证", "certificate"),
    "renewed": ("已续期", "renewed"),
    "reused": ("重复使用", "used again"),
    "sale": ("销售", "sale"),
    "short": ("少于发出", "less than was sent"),
    "unknown": ("未登记", "not registered"),
}
"""What detectors call what they found."""
