"""C7 丢失未即报: a loss is reported at once when it is found, a radioactive source's within two hours.

Law kept: what was found at one instant is one episode, however many goods are missing; it is over when the last of
it has been reported. The report is the declared loss, and its first receipt counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number
from detectors.detector import Card, Rule, Step, View
from detectors.episode import begin, go_on
from events.time import MINUTE, Instant, format_instant
from ledger.fact import Body, Fact, Movement

_KEPT = 8
"""How many of the latest discoveries may still get more."""


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """``within_min``: minutes from the discovery to the report's receipt.

    ``presume_found``: where a report does not say when the loss was found, it was when it happened.
    """

    within_min: Annotated[int, Meta(ge=0)] = 60
    presume_found: bool = False


class Discovery(Struct, frozen=True, array_like=True, gc=False):
    """What was found missing at one instant and reported late: the claim of all of it."""

    found_at: Instant
    claim: Claim


class Discoveries(Struct, frozen=True, array_like=True, gc=False):
    """The latest discoveries that were reported late."""

    latest: tuple[Discovery, ...] = ()


class LossReportLate(Rule):
    """Claims losses declared later than the clock after their discovery; evidence: both instants, and how many."""

    card: ClassVar = Card(
        id="C7",
        name="LOSS_REPORT_LATE",
        title=("丢失未即报", "Loss not reported at once"),
        predicate=(
            "报失记录的接收时间晚于其填报的发现时间加规定时限",
            "a declared loss was received later than its stated discovery and the time allowed",
        ),
        misses=(
            "没有填写发现时间的报失（除非办法规定按发生时间计）；虚报的发现时间；从未报失的短少由盘点发现（见 "
            "B1、B11、B12）",
            "a loss that does not say when it was found (unless the policy takes it that it was when it "
            "happened); a "
            "false time of discovery; what is never declared: counts tell of that (B1, B11, B12)",
        ),
        key="site",
        place="site",
    )
    State: ClassVar = Discoveries
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {"within_min": "lower"}
    clocks: ClassVar = ("within_min",)
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))
    deeds: ClassVar = frozenset(("declare_loss",))

    def start(self) -> Discoveries:
        """Nothing found."""
        return Discoveries()

    def see(self, state: Discoveries, step: Step, view: View) -> tuple[Discoveries, Sequence[Claim]]:
        """Hold a declared loss's receipt against its discovery."""
        fact, moved = step.fact, step.fact.body
        if not isinstance(moved, Movement) or moved.operation != "declare_loss":
            return state, ()
        terms = view.terms("C7", fact.at, category=moved.category, area=moved.area, unit=moved.unit)
        found_at = moved.more.discovered_at
        if found_at is None and terms.parameters.presume_found:
            found_at = fact.at
        if found_at is None or fact.received_at <= found_at + terms.parameters.within_min * MINUTE:
            return state, ()
        known = next((one for one in state.latest if one.found_at == found_at), None)
        if known is None:
            claim = _first(fact, moved, found_at, terms.parameters.within_min)
            claim = replace(claim, speaks_at=terms.speaks(fact.received_at))
        else:
            claim = _more(known.claim, fact, moved)
        others = [one for one in state.latest if one is not known]
        return Discoveries((*others, Discovery(found_at, claim))[-_KEPT:]), (claim,)

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """What was found missing, when, and when that was reported."""
        claim, numbers = finding.claim, finding.claim.numbers
        found, told = (format_instant(int(numbers[name])) for name in ("discovered_at", "reported_at"))
        goods, delay, within = numbers["goods"], numbers["delay_min"], numbers["within_min"]
        if lang == "zh":
            return (
                f"{claim.site} 于 {found} 发现 {goods} 丢失（共 {numbers['losses']} 笔），{told} 才上报，"
                f"晚了 {delay} 分钟；应在发现后 {within} 分钟内报告。"
            )
        return (
            f"{claim.site} found {goods} missing at {found} ({numbers['losses']} loss(es)) and reported it only at "
            f"{told}, after {delay} minutes; it must be reported within {within} minutes."
        )


def _first(fact: Fact, moved: Movement, found_at: Instant, within_min: int) -> Claim:
    numbers: dict[str, Number] = {
        "discovered_at": found_at,
        "reported_at": fact.received_at,
        "delay_min": (fact.received_at - found_at) // MINUTE,
        "within_min": within_min,
        "goods": moved.goods,
        "losses": 1,
    }
    claim = begin(fact, moved, fact.received_at, numbers)
    return replace(claim, since=found_at + within_min * MINUTE, until=fact.received_at)


def _more(claim: Claim, fact: Fact, moved: Movement) -> Claim:
    """The same discovery, of which more was reported late."""
    old, last = claim.numbers, max(int(claim.numbers["reported_at"]), fact.received_at)
    goods = sorted({*str(old["goods"]).split(", "), moved.goods})
    more: dict[str, Number] = {
        "reported_at": last,
        "delay_min": (last - int(old["discovered_at"])) // MINUTE,
        "goods": ", ".join(goods[:_KEPT]),
        "losses": int(old["losses"]) + 1,
    }
    return replace(go_on(claim, fact, old | more), goods=None, until=last)
