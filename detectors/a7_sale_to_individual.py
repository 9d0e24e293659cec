"""A7 向个人销售: highly toxic goods and explosive precursors are never sold to a natural person.

Law kept: the goods' flags in force at the sale decide, pesticides excepted as the law excepts them; a report that
does not call its buyer a natural person accuses nobody. A seller's sales within some days are one episode.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding
from detectors.detector import Card, Step, View
from detectors.episode import begin, go_on
from detectors.run import Run, RunRule, Runs, first_in_chinese, first_of, tally
from events.registry import Flag, GoodsEntry
from events.time import DAY, format_instant
from ledger.fact import Body, Movement

_FLAGS = {
    "highly_toxic": ("剧毒化学品", "highly toxic"),
    "explosive_precursor": ("易制爆化学品", "explosive precursor"),
}


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """``barred``: flag of goods that are not for natural persons → flags that except them (剧毒: 农药除外).

    ``quiet_d``: days without such a sale after which the episode is over.
    """

    barred: dict[Flag, tuple[Flag, ...]] = {}
    quiet_d: int = 7


class SaleToIndividual(RunRule):
    """Claims issues to natural persons of goods so flagged; evidence: which goods, what they are, how often."""

    card: ClassVar = Card(
        id="A7",
        name="SALE_TO_INDIVIDUAL",
        title=("向个人销售", "Sold to an individual"),
        predicate=(
            "向自然人销售剧毒化学品(属于农药的除外)或易制爆化学品",
            "highly toxic goods (pesticides excepted) or explosive precursors were issued to a natural person",
        ),
        misses=(
            "未注明对方为自然人的出库；冒用单位名义的购买；品种目录未标注剧毒、易制爆的品种",
            "an issue that does not call the buyer a natural person; a person who buys in a unit's name; goods "
            "that the "
            "catalogue does not flag",
        ),
        key="site",
        place="site",
    )
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {"quiet_d": "higher"}
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))
    deeds: ClassVar[frozenset[str]] = frozenset(("issue",))

    def see(self, state: Runs, step: Step, view: View) -> tuple[Runs, Sequence[Claim]]:
        """Judge one sale to a natural person by what the goods are."""
        moved, fact = step.fact.body, step.fact
        over: tuple[Claim, ...] = ()
        if state.open and (over := state.ended(fact.at)):
            state = state.still(fact.at)
        if not isinstance(moved, Movement) or not moved.natural_person or moved.operation != "issue":
            return state, over
        terms = view.terms("A7", fact.at, category=moved.category, area=moved.area, unit=moved.unit)
        rules: Parameters = terms.parameters
        flag = _barred(view.world.goods(moved.goods, fact.at), rules)
        if flag is None:
            return state, over
        known = state.of(moved.category)
        numbers = tally(known, moved, flags=flag)
        if known is None:
            claim = replace(begin(fact, moved, terms.speaks(fact.at), numbers), goods=None)
        else:
            claim = go_on(known, fact, numbers)
        return state.with_run(Run(moved.category, claim, fact.at + rules.quiet_d * DAY)), (*over, claim)

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """How many sales of which goods, and the first of them."""
        claim, numbers = finding.claim, finding.claim.numbers
        since, sales, flags = format_instant(claim.since), numbers["movements"], str(numbers["flags"]).split(",")
        goods = str(numbers["goods"]).replace(",", "、" if lang == "zh" else ", ")
        if lang == "zh":
            what = "、".join(_FLAGS.get(flag, (flag, flag))[0] for flag in flags)
            return (
                f"{claim.site} 自 {since} 起向个人(自然人)销售 {goods}({what}){sales} 笔，首笔为 "
                f"{first_in_chinese(claim)}；此类品种不得向个人销售。"
            )
        what = " and ".join(_FLAGS.get(flag, (flag, flag))[1] for flag in flags)
        return (
            f"From {since} {claim.site} sold {goods} ({what}) to natural persons in {sales} issue(s), the first of "
            f"{first_of(claim)}. Such goods must not be sold to individuals."
        )


def _barred(goods: GoodsEntry | None, rules: Parameters) -> Flag | None:
    """The flag for which goods are not for natural persons; None where they may have them."""
    for flag in goods.flags if goods is not None else ():
        if flag in rules.barred and not set(rules.barred[flag]).intersection(goods.flags if goods else ()):
            return flag
    return None
