"""A4 超年度限额/核定产量: a unit makes, buys or sells more of a goods in a calendar year than it was allotted.

Law kept: exact integers over all of a unit's sites, from Shanghai's New Year midnight to the next, against the
quota in force at the movement that is judged. Goods that go between sites of the unit are no trade.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number, measure_of
from detectors.detector import Card, Step, View
from detectors.episode import begin, end, go_on
from detectors.licence import deed_of
from events.identity import home_of
from events.quantity import Amount, Measure, parse_quantity, show_quantity
from events.registry import QuotaEntry
from events.time import Instant, format_instant, moment, parse_instant
from ledger.fact import Body, Movement
from ledger.reference import Reference

ACTIVITIES: Final = {
    "produce": ("生产", "produced"),
    "purchase": ("购买", "bought"),
    "sell": ("销售", "sold"),
}


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """How far over is let pass: whole items of counted goods, per mille of the quota for bulk goods."""

    tolerance_counted_items: int = 0
    tolerance_bulk_permille: int = 0


class Used(Struct, frozen=True, array_like=True, gc=False):
    """What a unit did of one goods this year: in which way, how much, and the claim while over the quota."""

    activity: str
    goods: str
    amount: int = 0
    movements: int = 0
    open: Claim | None = None


class Year(Struct, frozen=True, array_like=True, gc=False):
    """One calendar year: where it ends, and what was done in it of goods that have a quota."""

    ends: Instant = 0
    used: tuple[Used, ...] = ()

    def of(self, activity: str, goods: str) -> Used:
        """What was done of one goods."""
        mine = (used for used in self.used if used.activity == activity and used.goods == goods)
        return next(mine, Used(activity, goods))

    def with_used(self, one: Used) -> Year:
        """With one goods as it is now."""
        others = [used for used in self.used if (used.activity, used.goods) != (one.activity, one.goods)]
        return Year(self.ends, tuple(sorted((*others, one), key=lambda used: (used.activity, used.goods))))

    def over(self) -> tuple[Claim, ...]:
        """The claims that stood when the year ended, closed there: the next one begins with nothing used."""
        return tuple(replace(used.open, until=self.ends) for used in self.used if used.open is not None)


class OverQuota:
    """Claims while Σ of the year > quota + tolerance, per goods; evidence: quota, used, over by how much."""

    card: ClassVar = Card(
        id="A4",
        name="OVER_QUOTA",
        title=("超年度限额/核定产量", "Over the year's quota"),
        predicate=(
            "本公历年内(上海时间)该单位生产、购买或销售某品种的累计数量超过当时有效的年度限额",
            "what a unit made, bought or sold of a goods in the calendar year (Shanghai) adds up to more than the "
            "quota "
            "in force",
        ),
        misses=(
            "未登记限额的品种；限额登记之前已发生的数量；未填对手方的入库与出库；计量方式与限额不同的品种；"
            "限额调整到下一次出入库才判断",
            "goods without a registered quota; what moved before the quota was heard of; receipts and issues that "
            "name "
            "no other side; goods booked in another measure than their quota; a changed quota counts from the next "
            "movement on",
        ),
        key="unit",
        place="site",
    )
    State: ClassVar = Year
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {
        "tolerance_counted_items": "lower",
        "tolerance_bulk_permille": "lower",
    }
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))
    deeds: ClassVar[frozenset[str]] = frozenset(("produce", "receive", "issue", "return"))

    def start(self) -> Year:
        """Before any year."""
        return Year()

    def see(self, state: Year, step: Step, view: View) -> tuple[Year, Sequence[Claim]]:
        """Add one of the unit's own movements to its year, and hold that against the quota."""
        fact, moved = step.fact, step.fact.body
        over: tuple[Claim, ...] = ()
        if state.used and fact.at >= state.ends:
            over, state = state.over(), Year()
        if not isinstance(moved, Movement) or (done := _done(moved)) is None or moved.unit != home_of(view.key):
            return state, over
        activity, sign = done
        quota = _quota(view.reference, fact.at, moved, activity)
        if quota is None:
            return state, over
        if not state.ends:
            state = Year(_year_after(fact.at))
        was = state.of(activity, moved.goods)
        used = replace(was, amount=max(was.amount + sign * moved.amount, 0), movements=was.movements + 1)
        terms = view.terms("A4", fact.at, category=moved.category, area=moved.area, unit=moved.unit)
        if quota.allowed is None or used.amount <= quota.allowed + _tolerance(
            terms.parameters, quota.allowed, moved
        ):
            if was.open is None:
                return state.with_used(used), over
            return state.with_used(replace(used, open=None)), (*over, end(was.open, fact))
        numbers: dict[str, Number] = {
            "quotas": quota.names,
            "activity": activity,
            "permitted": quota.allowed,
            "used": used.amount,
            "over": used.amount - quota.allowed,
            "movements": used.movements,
            "year": str(moment(fact.at).year),
            "measure": moved.measure.value,
        }
        if was.open is None:
            claim = begin(fact, moved, terms.speaks(fact.at), numbers)
        else:
            claim = go_on(was.open, fact, numbers)
        return state.with_used(replace(used, open=claim)), (*over, claim)

    def at(self, state: Year, now: Instant, view: View) -> Sequence[Claim]:
        """With the year ends what stood in it."""
        return state.over() if state.used and now >= state.ends else ()

    def wakes(self, state: Year, view: View) -> Sequence[Instant]:
        """The end of the year, where something stands."""
        return (state.ends,) if any(used.open is not None for used in state.used) else ()

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """Quota, used, over by how much, and since which movement."""
        claim, numbers = finding.claim, finding.claim.numbers
        measure = measure_of(claim)
        permitted, used, over = (
            show_quantity(int(numbers[name]), measure) for name in ("permitted", "used", "over")
        )
        since, (zh, en) = format_instant(claim.since), ACTIVITIES[str(numbers["activity"])]
        if lang == "zh":
            return (
                f"{claim.unit} {numbers['year']} 年{zh} {claim.goods} 的限额({numbers['quotas']})为 {permitted}，"
                f"本年 "
                f"{numbers['movements']} 笔累计 {used}，超出 {over}；{since} 在 {claim.site} 的一笔起超限。"
            )
        return (
            f"The quota of {claim.unit} ({numbers['quotas']}) for {numbers['year']} is {permitted} of "
            f"{claim.goods}; "
            f"{used} were {en} in {numbers['movements']} movement(s), {over} too much. It went over with the "
            f"movement "
            f"of {since} at {claim.site}."
        )


class _Quota(Struct, frozen=True, gc=False):
    """What is allowed: by which papers, and how much; None while those that are known are not in force."""

    names: str
    allowed: int | None


def _done(moved: Movement) -> tuple[str, int] | None:
    """What a movement is for a quota, and whether it adds to it or gives back; None where it is no such deed."""
    match moved.operation:
        case "produce":
            return ("produce", 1)
        case "receive" if _has_other_side(moved):
            return ("purchase", 1)
        case "issue" if deed_of(moved) == "issue_to_others":
            return ("sell", 1)
        case "return" if moved.shift is None and _has_other_side(moved):
            return ("sell", -1)
        case _:
            return None


def _has_other_side(moved: Movement) -> bool:
    return moved.counterparty_unit not in (None, moved.unit) or moved.outside is not None or moved.natural_person


def _quota(reference: Reference, at: Instant, moved: Movement, activity: str) -> _Quota | None:
    """The quota of a goods at an instant, several papers added up; None where none had been heard of by then."""
    goods, measure = moved.goods, moved.measure
    return reference.lasting(
        QuotaEntry, (activity, goods, measure), at, lambda then: _found(reference, then, (activity, goods), measure)
    )


def _found(reference: Reference, at: Instant, about: tuple[str, str], measure: Measure) -> _Quota | None:
    heard, names, total = False, [], 0
    for registered in sorted(reference.of_kind(QuotaEntry), key=lambda one: one.id):
        entry = registered.entry
        if (
            not isinstance(entry, QuotaEntry)
            or (entry.activity, entry.goods) != about
            or not registered.heard_of(at)
        ):
            continue
        amount = parse_quantity(entry.quantity.value, entry.quantity.unit)
        if not isinstance(amount, Amount) or amount.measure is not measure:
            continue
        heard = True
        if reference.in_force(QuotaEntry, entry.quota, at) is entry:
            names.append(entry.quota)
            total += amount.base
    if not heard:
        return None
    return _Quota(", ".join(dict.fromkeys(names)), total if names else None)


def _tolerance(parameters: Parameters, allowed: int, moved: Movement) -> int:
    if moved.measure is Measure.COUNT:
        return parameters.tolerance_counted_items
    return allowed * parameters.tolerance_bulk_permille // 1000


def _year_after(at: Instant) -> Instant:
    """Shanghai's next New Year midnight."""
    return parse_instant(f"{moment(at).year + 1}-01-01T00:00:00+08:00")
