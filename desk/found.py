"""What detectors call what they found, in Chinese and English: single words among a warning's numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from desk.words import Pair

FOUND: Final[Mapping[str, Pair]] = {
    "activity": ("活度不符", "of another activity"),
    "after_end": ("消耗、销毁或报失后又出现", "there again after its end"),
    "blaster": ("爆破员", "blaster"),
    "cash": ("现金", "cash"),
    "circle": ("转回原单位", "back where it came from"),
    "count": ("盘点", "count"),
    "custodian": ("保管员", "custodian"),
    "driver": ("驾驶员", "driver"),
    "drug_precursor": ("第二、三类易制毒化学品", "drug precursor II, III"),
    "drug_precursor_1": ("第一类易制毒化学品", "drug precursor I"),
    "duplicate": ("重号", "there twice"),
    "elsewhere": ("不在登记地", "elsewhere than registered"),
    "escort": ("押运员", "escort"),
    "expired": ("已过有效期", "expired"),
    "explosive_precursor": ("易制爆", "explosive precursor"),
    "explosives": ("民用爆炸物品", "civil explosives"),
    "gap": ("跳号", "left out in production"),
    "given_up": ("未续期，按放弃处理", "given up"),
    "highly_toxic": ("剧毒", "highly toxic"),
    "licence": ("许可证", "licence"),
    "listed_twice": ("一份单据内重号", "twice in one report"),
    "natural_person": ("自然人", "a natural person"),
    "never_produced": ("从未生产", "never produced"),
    "not_counted": ("盘点未见", "not there at the count"),
    "not_yet_valid": ("尚未生效", "not yet valid"),
    "opening": ("建账", "opening"),
    "other": ("其他方式", "otherwise"),
    "other_goods": ("品种不符", "other goods"),
    "other_role": ("持其他岗位证件", "certified for another role"),
    "over": ("多于发出", "more than was sent"),
    "passage": ("过手即转", "passed through"),
    "person": ("人员资格证", "certificate"),
    "radioactive": ("放射性同位素", "radioactive source"),
    "renewed": ("已续期", "renewed"),
    "reused": ("重复使用", "used again"),
    "sale": ("销售", "sale"),
    "short": ("少于发出", "less than was sent"),
    "two_places": ("一号两处", "in two places"),
    "unknown": ("未登记", "not registered"),
    "weekends_only": ("仅按周末（未登记节假日）", "weekends alone"),
}
"""What detectors call what they found."""
