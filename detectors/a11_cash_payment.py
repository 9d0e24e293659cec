"""A11 现金交易: civil explosives are bought and sold through bank accounts, never for cash or in kind.

Law kept: what was reported of the payment decides, and a report that says nothing of it accuses nobody. All such
trades of a site within some days of each other are one episode.
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
from events.registry import Category
from events.time import DAY, format_instant
from ledger.fact import Body, Movement

_PAID = {"cash": ("现金", "in cash"), "other": ("非银行转账方式", "otherwise than by bank transfer")}


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """``categories`` must be paid through a bank; ``unlawful`` are the ways of paying that are claimed.

    ``quiet_d``: days without such a trade after which the episode is over.
    """

    categories: tuple[Category, ...] = (Category.EXPLOSIVES,)
    unlawful: tuple[Literal["cash", "other"], ...] = ("cash", "other")
    quiet_d: int = 7


class CashPayment(RunRule):
    """Claims buying and selling that was not paid through a bank; evidence: payment, parties, how often."""

    card: ClassVar = Card(
        id="A11",
        name="CASH_PAYMENT",
        title=("现金/非对公交易", "Not paid through a bank"),
        predicate=(
            "买卖民用爆炸物品的入库、出库或退库填报的付款方式不是银行账户转账",
            "a purchase or sale of civil explosives that was reported as paid otherwise than through a bank "
            "account",
        ),
        misses=(
            "未填付款方式的买卖；谎报为银行转账的现金交易；个人账户之间的转账",
            "trades that leave the payment out; cash reported as a bank transfer; transfers between private "
            "accounts",
        ),
        key="site",
        place="site",
    )
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {"quiet_d": "higher"}
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))
    deeds: ClassVar[frozenset[str]] = frozenset(("receive", "issue", "return"))

    def see(self, state: Runs, step: Step, view: View) -> tuple[Runs, Sequence[Claim]]:
        """Judge one trade by what is said of its payment."""
        moved, fact = step.fact.body, step.fact
        over: tuple[Claim, ...] = ()
        if state.open and (over := state.ended(fact.at)):
            state = state.still(fact.at)
        if not isinstance(moved, Movement) or moved.payment in (None, "bank") or not _is_trade(moved):
            return state, over
        terms = view.terms("A11", fact.at, category=moved.category, area=moved.area, unit=moved.unit)
        rules: Parameters = terms.parameters
        if moved.category not in rules.categories or moved.payment not in rules.unlawful:
            return state, over
        known = state.of(moved.category)
        party = moved.counterparty_unit or moved.outside or "natural_person"
        numbers = tally(known, moved, payments=moved.payment, parties=party)
        if known is None:
            claim = replace(begin(fact, moved, terms.speaks(fact.at), numbers), goods=None)
        else:
            claim = go_on(known, fact, numbers)
        return state.with_run(Run(moved.category, claim, fact.at + rules.quiet_d * DAY)), (*over, claim)

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """How many trades were paid how, and the first of them."""
        claim, numbers = finding.claim, finding.claim.numbers
        since, trades = format_instant(claim.since), numbers["movements"]
        bought = numbers["operations"] == "receive"
        ways = str(numbers["payments"]).split(",")
        if lang == "zh":
            how = "、".join(_PAID[way][0] for way in ways)
            return (
                f"{claim.site} 自 {since} 起有 {trades} 笔{'购买' if bought else '买卖'}以{how}付款,"
                f"首笔为 {first_in_chinese(claim)}，对方 {numbers['parties']}；民用爆炸物品应当通过银行账户交易。"
            )
        how = " and ".join(_PAID[way][1] for way in ways)
        deed = "purchase(s)" if bought else "purchase(s) or sale(s)"
        return (
            f"From {since} {claim.site} reported {trades} {deed} paid {how}, the first of {first_of(claim)} "
            f"with {numbers['parties']}. Civil explosives must be paid for through a bank account."
        )


def _is_trade(moved: Movement) -> bool:
    """Whether goods changed hands: with another unit, or somebody outside the platform."""
    if moved.operation not in ("receive", "issue", "return") or moved.shift is not None:
        return False
    return moved.counterparty_unit not in (None, moved.unit) or moved.outside is not None or moved.natural_person
