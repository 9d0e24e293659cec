"""E4 用途不明/拒证: toxic or precursor goods sold for no credible use, to a buyer not identified, or oddly paid.

Law kept: judged by what the seller's own report says of the sale. A field left out accuses nobody, unless policy
says of these goods that leaving it out is the matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number, cite, measure_of
from detectors.detector import Card, Step, View
from detectors.policy import Terms
from events.identity import home_of
from events.quantity import show_quantity
from events.registry import Flag, GoodsEntry
from events.time import DAY, Instant, format_instant
from ledger.fact import Body, Fact, Movement
from models.unit_day import fingerprint

MOST_GOODS: Final = 10
"""At how many goods of a seller an episode may be open; the one longest ago is closed for another."""
_REFS: Final = 4
_BUYERS: Final = 20
_REASONS: Final = {
    "use_missing": ("未登记用途", "no use was stated"),
    "use_not_credible": ("用途不可信", "the stated use is not a credible one"),
    "not_identified": ("购买方未出示或拒绝出示证明", "the buyer did not show, or refused to show, who they are"),
    "payment": ("付款方式异常", "the payment was unusual"),
}


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """Which sales are judged, and by what.

    Goods with one of ``flags``. Of those with one of ``use_required`` a sale without a use is the matter; a use
    that names none of ``credible_uses`` (words) is not credible; ``payments`` are unusual ones. An episode is over
    ``quiet_days`` after its last such sale, or with a sale of the goods in order to the same buyer.
    """

    quiet_days: int = 30
    flags: tuple[Flag, ...] = ()
    use_required: tuple[Flag, ...] = ()
    credible_uses: tuple[str, ...] = ()
    payments: tuple[Literal["bank", "cash", "other"], ...] = ()


class Doubtful(Struct, frozen=True, array_like=True, gc=False):
    """Doubtful sales of one goods: the claim, their buyers by fingerprint, and when the episode is over."""

    goods: str
    claim: Claim
    buyers: tuple[int, ...]
    expires: Instant


class Kept(Struct, frozen=True, array_like=True, gc=False):
    """A seller's open episodes, in the order of their goods."""

    open: tuple[Doubtful, ...] = ()


class UseUnclear:
    """Claims while a seller sells toxic or precursor goods in a doubtful way; evidence: what is doubtful of it."""

    card: ClassVar = Card(
        id="E4",
        name="USE_UNCLEAR",
        title=("用途不明/拒证", "Use unclear, or buyer not identified"),
        predicate=(
            "售出剧毒或前体品种时，购买方未提供证明，或登记的用途不在可信用途之列(办法要求登记的品种未登记用途)，"
            "或以现金等异常方式付款",
            "goods that are highly toxic or a precursor were sold to a buyer who was not identified, for a use "
            "that is not among the credible ones (or for none stated where policy requires one), or paid for in "
            "cash or such",
        ),
        misses=(
            "编造的可信用途；未上报的拒证；未标注类别的品种；民用爆炸物品的现金交易由 A11 判断",
            "a credible use that is made up; a refusal that nobody reports; goods without a flag in the "
            "catalogue; cash for civil explosives is judged by A11",
        ),
        key="unit",
        place="unit",
    )
    State: ClassVar = Kept
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {}
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))
    deeds: ClassVar[frozenset[str]] = frozenset(("issue",))

    def start(self) -> Kept:
        """Nothing doubtful."""
        return Kept()

    def see(self, state: Kept, step: Step, view: View) -> tuple[Kept, Sequence[Claim]]:
        """Judge a sale that the unit itself reports."""
        fact, moved = step.fact, step.fact.body
        if not isinstance(moved, Movement) or moved.operation != "issue" or moved.unit != home_of(view.key):
            return state, ()
        buyer = _buyer(moved)
        flags = None if buyer is None else _flags(moved, fact.at, view)
        if buyer is None or not flags:
            return state, ()
        terms: Terms[Parameters] = view.terms(
            "E4", fact.at, category=moved.category, area=moved.area, unit=moved.unit
        )
        p = terms.parameters
        if flags.isdisjoint(p.flags):
            return state, ()
        reasons = tuple(_reasons(moved, flags, p))
        known = next((one for one in state.open if one.goods == moved.goods), None)
        if not reasons and (known is None or (known.expires > fact.at and known.buyers != (fingerprint(buyer),))):
            return state, ()
        others = [one for one in state.open if one.goods != moved.goods]
        made: list[Claim] = []
        if known is not None and (known.expires <= fact.at or not reasons):
            made.append(replace(known.claim, until=min(known.expires, fact.at)))
            known = None
        if reasons:
            one = _doubtful(known, fact, moved, reasons, terms)
            made.append(one.claim)
            if len(others) >= MOST_GOODS:
                oldest = min(others, key=lambda other: (other.expires, other.goods))
                others.remove(oldest)
                made.append(replace(oldest.claim, until=min(oldest.expires, fact.at)))
            others.append(one)
        return Kept(tuple(sorted(others, key=lambda one: one.goods))), made

    def at(self, state: Kept, now: Instant, view: View) -> Sequence[Claim]:
        """An episode without another doubtful sale for long is over."""
        return [replace(one.claim, until=one.expires) for one in state.open if one.expires <= now]

    def wakes(self, state: Kept, view: View) -> Sequence[Instant]:
        """When that is."""
        return sorted({one.expires for one in state.open})

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """What was sold, to how many, and what is doubtful of it."""
        claim, n = finding.claim, finding.claim.numbers
        amount = show_quantity(int(n["amount"]), measure_of(claim))
        why = [_REASONS[name] for name in str(n["reasons"]).split(",")]
        since = format_instant(claim.since)
        use = str(n["use"]) or ("(空)" if lang == "zh" else "(none)")
        if lang == "zh":
            return (
                f"单位 {claim.unit} 自 {since} 起售出 {claim.goods} {n['sales']} 笔({n['buyers']} 个购买方)存疑："
                f"{'、'.join(zh for zh, _ in why)}；最近一笔 {amount}，登记用途：{use[:60]}。须核实购买方及用途。"
            )
        return (
            f"Since {since} unit {claim.unit} made {n['sales']} doubtful sales of {claim.goods} to {n['buyers']} "
            f"buyers: {'; '.join(en for _, en in why)}. The latest was {amount}, stated use: {use[:60]}."
        )


def _buyer(moved: Movement) -> str | None:
    """To whom goods were sold; None where they went to a shift or a site of the unit's own, or to nobody named."""
    if moved.shift is not None or moved.counterparty_unit == moved.unit:
        return None
    return moved.counterparty_unit or moved.outside or ("?" if moved.natural_person else None)


def _flags(moved: Movement, at: Instant, view: View) -> frozenset[str]:
    def find(then: Instant) -> frozenset[str]:
        entry = view.world.goods(moved.goods, then)
        return frozenset() if entry is None else frozenset(entry.flags)

    return view.world.reference.lasting(GoodsEntry, ("E4", moved.goods), at, find)


def _reasons(moved: Movement, flags: frozenset[str], p: Parameters) -> list[str]:
    """What is doubtful of a sale, by name."""
    more, found = moved.more, []
    use = (more.use or "").strip()
    if not use:
        if not flags.isdisjoint(p.use_required):
            found.append("use_missing")
    elif p.credible_uses and not any(word in use.lower() for word in p.credible_uses):
        found.append("use_not_credible")
    if more.identified is False:
        found.append("not_identified")
    if moved.payment is not None and moved.payment in p.payments:
        found.append("payment")
    return found


def _doubtful(
    known: Doubtful | None, fact: Fact, moved: Movement, reasons: tuple[str, ...], terms: Terms[Parameters]
) -> Doubtful:
    """The goods' episode, begun or gone on with by one more doubtful sale."""
    buyer, expires = fingerprint(_buyer(moved) or ""), fact.at + terms.parameters.quiet_days * DAY
    before = {} if known is None else known.claim.numbers
    buyers = tuple(sorted({buyer, *(() if known is None else known.buyers)})[:_BUYERS])
    all_reasons = {*reasons, *(str(before["reasons"]).split(",") if before else ())}
    numbers: dict[str, Number] = {
        "reasons": ",".join(name for name in _REASONS if name in all_reasons),
        "sales": int(before.get("sales", 0)) + 1,
        "buyers": len(buyers),
        "amount": moved.amount,
        "use": moved.more.use or "",
        "payment": moved.payment or "",
        "buyer": moved.counterparty_unit or moved.outside or "",
        "measure": moved.measure.value,
    }
    if known is not None:
        refs = known.claim.refs if len(known.claim.refs) >= _REFS else cite(known.claim.refs, fact.ref)
        claim = replace(known.claim, numbers=numbers, refs=refs, ref_count=known.claim.ref_count + 1)
        return Doubtful(moved.goods, claim, buyers, expires)
    claim = Claim(
        anchor=fact.id,
        since=fact.at,
        speaks_at=terms.speaks(fact.at),
        refs=(fact.ref,),
        numbers=numbers,
        area=moved.area,
        unit=moved.unit,
        category=moved.category,
        site=moved.site,
        goods=moved.goods,
        ref_count=1,
    )
    return Doubtful(moved.goods, claim, buyers, expires)
