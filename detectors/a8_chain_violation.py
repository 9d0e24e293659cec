"""A8 环节越级: goods go from maker to wholesaler to retailer to user, and nobody is left out or stepped over.

Law kept: the reporter's place in the chain is what it was registered for when it reported, the other side's what it
was when the goods moved; a unit whose place is not registered accuses nobody. Judged at the other side's key.
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
from events.identity import home_of
from events.registry import CATEGORY_NAMES, Category, Tier, UnitEntry
from events.time import DAY, Instant, format_instant
from ledger.fact import Body, Movement

TIER_NAMES = {
    "maker": ("生产企业", "maker"),
    "wholesaler": ("批发(配售)企业", "wholesaler"),
    "retailer": ("零售单位", "retailer"),
    "user": ("使用单位", "user"),
}


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """``allowed``: category → pairs of (who sells, who buys); a category that is not named is not judged.

    ``returns_count``: whether goods that come back are held to have been sold by whom they come back to.
    ``quiet_d``: days without another after which the episode is over.
    """

    allowed: dict[Category, tuple[tuple[Tier, Tier], ...]] = {}
    returns_count: bool = False
    quiet_d: int = 30


class ChainViolation(RunRule):
    """Claims the other side of a trade that the chain does not allow; evidence: both places, parties, how often."""

    card: ClassVar = Card(
        id="A8",
        name="CHAIN_VIOLATION",
        title=("环节越级", "Out of the chain"),
        predicate=(
            "买卖双方登记的环节(生产、批发、零售、使用)不属于该类别允许的流向",
            "goods went between two places of the chain (maker, wholesaler, retailer, user) that may not trade "
            "them",
        ),
        misses=(
            "未登记环节的单位、平台外的对手方；逆向的退货与召回按允许处理，借退货名义的回流不在此发现；"
            "登记环节与实际不符",
            "units whose place is not registered, and parties outside the platform; returns and recalls up the "
            "chain are "
            "let pass, so one in name only is not found; a place that is registered wrongly",
        ),
        key="unit",
        place="unit",
    )
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {"quiet_d": "higher"}
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))
    deeds: ClassVar[frozenset[str]] = frozenset(("receive", "issue", "return"))

    def see(self, state: Runs, step: Step, view: View) -> tuple[Runs, Sequence[Claim]]:
        """Judge this unit by what another reports of a trade with it."""
        moved, fact = step.fact.body, step.fact
        over: tuple[Claim, ...] = ()
        if state.open and (over := state.ended(fact.at)):
            state = state.still(fact.at)
        if not isinstance(moved, Movement) or moved.detail is None or moved.detail.tier is None:
            return state, over
        unit = home_of(view.key)
        if moved.unit == unit or moved.counterparty_unit != unit:
            return state, over
        mine = _self(view, fact.at, unit)
        if mine is None or mine.tier is None:
            return state, over
        terms = view.terms("A8", fact.at, category=moved.category, area=mine.area, unit=unit)
        rules: Parameters = terms.parameters
        edge = _edge(moved.operation, moved.detail.tier, mine.tier)
        if moved.operation == "return" and not rules.returns_count:
            edge = None
        allowed = rules.allowed.get(moved.category)
        if edge is None or allowed is None or edge in allowed:
            return state, over
        known = state.of(moved.category)
        numbers = tally(known, moved, edges=">".join(edge), parties=moved.unit)
        if known is None:
            claim = begin(fact, moved, terms.speaks(fact.at), numbers)
            claim = replace(claim, unit=unit, area=mine.area, site=moved.counterparty_site, goods=None)
        else:
            claim = go_on(known, fact, numbers)
        return state.with_run(Run(moved.category, claim, fact.at + rules.quiet_d * DAY)), (*over, claim)

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """Which places traded, with whom, how often, and the first time."""
        claim, numbers = finding.claim, finding.claim.numbers
        since, trades = format_instant(claim.since), numbers["movements"]
        zh, en = CATEGORY_NAMES[claim.category]
        parties = str(numbers["parties"]).replace(",", "、" if lang == "zh" else ", ")
        edges = [edge.split(">") for edge in str(numbers["edges"]).split(",")]
        if lang == "zh":
            ways = "、".join(f"{TIER_NAMES[seller][0]}售予{TIER_NAMES[buyer][0]}" for seller, buyer in edges)
            return (
                f"{claim.unit} 自 {since} 起与 {parties} 有 {trades} 笔{zh}交易属于{ways}，首笔为 "
                f"{first_in_chinese(claim)}(由对方上报)；该流向不在允许的环节之内。"
            )
        ways = ", ".join(f"{TIER_NAMES[seller][1]} to {TIER_NAMES[buyer][1]}" for seller, buyer in edges)
        return (
            f"From {since} {claim.unit} had {trades} trade(s) of {en} with {parties} that went from {ways}, the "
            f"first of "
            f"{first_of(claim)}, as the other side reported. The chain does not allow that."
        )


def _self(view: View, at: Instant, unit: str) -> UnitEntry | None:
    """What this unit was registered as."""
    return view.reference.lasting(
        UnitEntry, unit, at, lambda then: view.reference.in_force(UnitEntry, "self", then, unit)
    )


def _edge(operation: str, reporter: str, other: str) -> tuple[str, str] | None:
    """Who sold to whom, by their places; None where nothing was traded."""
    match operation:
        case "issue" | "return":
            return (reporter, other)
        case "receive":
            return (other, reporter)
        case _:
            return None
